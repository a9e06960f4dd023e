import type { Stretch } from './pattern.ts';
import type { Word } from './syntax.ts';

/** What variables stand for while a word is expanded. */
export interface Variables {
  /** The value of a name, a digit, `?`, `#` or `!`; undefined when it is not set. */
  value(name: string): string | undefined;
  /** `$1`, `$2`, … */
  readonly args: readonly string[];
  /** Separators of fields, `$IFS`. */
  readonly separators: string;
}

/** Blank, tab and line feed: what separates fields unless `IFS` says otherwise. */
export const DEFAULT_SEPARATORS = ' \t\n';

/**
 * The fields that words become: variables are replaced, and what they bring outside quotes is split (IEEE Std 1003.1, Shell Command
 * Language, 2.5.2, 2.6.2 and 2.6.5).
 */
export function expandFields(words: readonly Word[], variables: Variables): string[] {
  return words.flatMap((word) => {
    const fields = new Fields(variables.separators);
    for (const piece of word.pieces) {
      if (piece.type === 'text') {
        if (piece.quoted || piece.text !== '') fields.add(piece.text);
      } else if (piece.name !== '@' && piece.name !== '*') {
        const value = variables.value(piece.name) ?? '';
        if (piece.quoted) fields.add(value);
        else fields.split(value);
      } else if (!piece.quoted) {
        variables.args.forEach((value, i) => {
          if (i > 0) fields.end();
          fields.split(value);
        });
      } else if (piece.name === '*') {
        fields.add(variables.args.join(variables.separators.slice(0, 1)));
      } else {
        variables.args.forEach((value, i) => {
          if (i > 0) fields.end();
          fields.add(value);
        });
      }
    }
    return fields.take();
  });
}

/** The one text that a word becomes where fields are not split: in an assignment, a redirection, after `case`. */
export function expandText(word: Word, variables: Variables): string {
  return expandStretches(word, variables)
    .map(({ text }) => text)
    .join('');
}

/** A word as a pattern: what was quoted stands for itself. */
export function expandStretches(word: Word, variables: Variables): Stretch[] {
  return word.pieces.map((piece) => {
    if (piece.type === 'text') return piece;
    const all = piece.name === '@' || piece.name === '*';
    return { text: all ? variables.args.join(' ') : (variables.value(piece.name) ?? ''), quoted: piece.quoted };
  });
}

/** The fields of one word as they grow. */
class Fields {
  readonly #separators: string;
  readonly #done: string[] = [];
  /** Undefined between fields. */
  #current: string | undefined;

  constructor(separators: string) {
    this.#separators = separators;
  }

  add(text: string): void {
    this.#current = (this.#current ?? '') + text;
  }

  end(): void {
    if (this.#current !== undefined) this.#done.push(this.#current);
    this.#current = undefined;
  }

  split(text: string): void {
    for (let i = 0; i < text.length; ) {
      const length = separatorAt(text, i, this.#separators);
      if (length === 0) {
        this.add(text[i] as string);
        i++;
      } else {
        // Blanks alone make no empty fields; any other separator ends a field even if it is empty.
        if (!isBlank(text.slice(i, i + length))) this.add('');
        this.end();
        i += length;
      }
    }
  }

  take(): string[] {
    this.end();
    return this.#done;
  }
}

const isBlank = (text: string): boolean => /^[ \t\n]*$/.test(text);

/** Length of the separator at a place: blanks of `separators`, at most one other of them, and blanks again; 0 for none. */
export function separatorAt(text: string, at: number, separators: string): number {
  const blank = (i: number): boolean => i < text.length && isBlank(text[i] as string) && separators.includes(text[i] as string);
  let end = at;
  while (blank(end)) end++;
  if (end < text.length && !isBlank(text[end] as string) && separators.includes(text[end] as string)) {
    end++;
    while (blank(end)) end++;
  }
  return end - at;
}

/**
 * Shares a line out to so many names as `read` does: the last takes the rest of the line with the separators in it.
 *
 * @param raw whether a backslash stands for itself (`-r`) and does not protect the next character
 */
export function shareOut(line: string, names: number, separators: string, raw: boolean): string[] {
  // Protected characters are moved out of the way of the separators and put back at the end.
  const kept: string[] = [];
  const text = raw
    ? line
    : line.replace(/\\(.)/gsu, (_, character: string) => {
        kept.push(character);
        return String.fromCharCode(0xe000);
      });
  const back = (value: string): string => (raw ? value : value.replaceAll('\ue000', () => kept.shift() ?? ''));
  const values: string[] = [];
  let at = 0;
  while (at < text.length && isBlank(text[at] as string) && separators.includes(text[at] as string)) at++;
  while (values.length < names - 1) {
    let end = at;
    while (end < text.length && separatorAt(text, end, separators) === 0) end++;
    values.push(back(text.slice(at, end)));
    at = end + separatorAt(text, end, separators);
  }
  let end = text.length;
  while (end > at && isBlank(text[end - 1] as string) && separators.includes(text[end - 1] as string)) end--;
  // A separator that only ends the last field is no part of it.
  let first = at;
  while (first < end && separatorAt(text, first, separators) === 0) first++;
  if (first < end && first + separatorAt(text, first, separators) >= end && !isBlank(text[end - 1] as string)) end = first;
  values.push(back(text.slice(at, end)));
  return values;
}
