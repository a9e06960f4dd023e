/** How a text value was written in YAML. */
export type ScalarStyle = 'plain' | 'single' | 'double' | 'block';

/** A place inside a text value: line and column from 1. */
export interface Spot {
  readonly line: number;
  readonly column: number;
}

/**
 * Finds a place of a text value in the YAML that it was written in, through quotes, escapes, folding and indentation.
 *
 * What YAML changes is white space and escapes, so the n-th visible character of the value is the n-th visible one of the
 * source. White space is found at the visible character that follows it.
 *
 * @param source the YAML text from the scalar's first character (a quote, `|`, `>`) to its end
 * @returns the offset in `source`
 */
export function findSpot(source: string, style: ScalarStyle, value: string, spot: Spot): number {
  let visible = 0;
  const until = offsetOf(value, spot);
  for (let i = 0; i < until; i++) if (!isBlank(value.charCodeAt(i))) visible++;
  let last = 0;
  for (const unit of units(source, style)) {
    if (unit.visible === 0) continue;
    last = unit.start;
    if (visible < unit.visible) return unit.start;
    visible -= unit.visible;
  }
  return last;
}

const isBlank = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);

function offsetOf(value: string, { line, column }: Spot): number {
  let start = 0;
  for (let i = 1; i < line; i++) {
    const end = value.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return Math.min(value.length, start + column - 1);
}

interface Unit {
  readonly start: number;
  /** How many visible UTF-16 units of the value it stands for. */
  readonly visible: number;
}

function* units(source: string, style: ScalarStyle): Generator<Unit> {
  let at = style === 'block' ? source.indexOf('\n') + 1 : style === 'plain' ? 0 : 1;
  while (at < source.length) {
    const start = at;
    const char = source[at] as string;
    if (style === 'single' && char === "'") {
      if (source[at + 1] !== "'") return;
      at += 2;
      yield { start, visible: 1 };
    } else if (style === 'double' && char === '"') {
      return;
    } else if (style === 'double' && char === '\\') {
      const kind = source[at + 1] ?? '';
      const digits = { x: 2, u: 4, U: 8 }[kind] ?? 0;
      at += 2 + digits;
      yield { start, visible: escaped(kind, source.slice(start + 2, at)) };
    } else {
      at++;
      yield { start, visible: isBlank(char.charCodeAt(0)) ? 0 : 1 };
    }
  }
}

/** Visible UTF-16 units that an escape of a double-quoted scalar stands for (YAML 1.2.2 §5.7). */
function escaped(kind: string, digits: string): number {
  if (digits === '') return /[\s\\tnvfr]/.test(kind) && kind !== '\\' ? 0 : 1;
  const code = Number.parseInt(digits, 16);
  return isBlank(code) ? 0 : code > 0xffff ? 2 : 1;
}
