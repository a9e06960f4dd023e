import type { Path, Place } from '../problem.ts';
import { findSpot, type ScalarStyle, type Spot } from './spot.ts';

/** Which part of an entry a problem is about; `value` unless said otherwise. */
export type Part = 'key' | 'value' | Spot;

/** Where a value, its key and its children stand, as offsets into the text. */
export interface Located {
  readonly start: number;
  readonly end: number;
  readonly key?: { readonly start: number; readonly end: number };
  readonly children?: ReadonlyMap<string | number, Located>;
  /** Of a text value: how it is written, and what it says. */
  readonly style?: ScalarStyle;
  readonly value?: string;
}

/** Lines and columns of a text. */
export class Places {
  private readonly text: string;
  private readonly lineStarts: number[] = [0];

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  /** Where an entry stands; of a path that does not exist, where its nearest ancestor does. */
  find(root: Located, path: Path, part: Part = 'value'): Place {
    let at = root;
    let found = 0;
    while (found < path.length) {
      const child = at.children?.get(path[found] as string | number);
      if (child === undefined) break;
      at = child;
      found++;
    }
    const whole = found === path.length;
    if (whole && typeof part === 'object' && at.style !== undefined && at.value !== undefined) {
      const start = at.start + findSpot(this.text.slice(at.start, at.end), at.style, at.value, part);
      const word = /^[^\s'"|;,\]}]*/.exec(this.text.slice(start, at.end))?.[0].length ?? 1;
      return this.range(start, start + Math.max(1, word));
    }
    const useKey = at.key !== undefined && (part === 'key' || !whole || at.children !== undefined || at.start === at.end);
    return useKey && at.key !== undefined
      ? this.range(at.key.start, at.key.end)
      : this.range(at.start, at.children === undefined ? at.end : at.start + 1);
  }

  /** The line of an offset, from 1, and the offset of its first character. */
  lineOf(offset: number): { line: number; start: number } {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.lineStarts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, start: this.lineStarts[low] as number };
  }

  /** @param end on another line: as far as the first line goes */
  range(start: number, end: number): Place {
    const { line, start: lineStart } = this.lineOf(start);
    const lineEnd = (this.lineStarts[line] ?? this.text.length + 1) - 1;
    return { line, column: start - lineStart + 1, length: Math.max(1, Math.min(end, lineEnd) - start) };
  }
}
