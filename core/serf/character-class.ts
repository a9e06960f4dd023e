import type { Test } from './automaton.ts';

/** What is wrong with an expression, in Go's words, and the part of it that is. */
export class ExpressionError extends Error {
  constructor(problem: string, part: string) {
    super(`${problem}: \`${part}\``);
  }
}

/** What reads an expression from its start to its end. */
export interface ClassReader {
  place: number;
  peek(ahead?: number): string | undefined;
  take(): string | undefined;
  skip(text: string): boolean;
  /** What was read from there on. */
  since(start: number): string;
}

const range =
  (from: string, to: string): Test =>
  (c) => {
    const code = c.codePointAt(0) ?? -1;
    return code >= (from.codePointAt(0) as number) && code <= (to.codePointAt(0) as number);
  };

const any =
  (...tests: readonly Test[]): Test =>
  (c) =>
    tests.some((test) => test(c));

const not =
  (test: Test): Test =>
  (c) =>
    !test(c);

const oneOf =
  (characters: string): Test =>
  (c) =>
    c !== '' && characters.includes(c);

const digit = range('0', '9');
const lower = range('a', 'z');
const upper = range('A', 'Z');
const letter = any(lower, upper);
const blank = oneOf('\t ');
const space = oneOf('\t\n\f\r ');
const printable = range(' ', '~');
const visible = range('!', '~');

/** Of the class `\w`. */
export const isWordCharacter: Test = any(letter, digit, oneOf('_'));

const POSIX: Readonly<Record<string, Test>> = {
  alnum: any(letter, digit),
  alpha: letter,
  ascii: range('\0', '\x7f'),
  blank,
  cntrl: any(range('\0', '\x1f'), oneOf('\x7f')),
  digit,
  graph: visible,
  lower,
  print: printable,
  punct: (c) => visible(c) && !letter(c) && !digit(c),
  space: any(space, oneOf('\v')),
  upper,
  word: isWordCharacter,
  xdigit: any(digit, range('a', 'f'), range('A', 'F')),
};

const PERL: Readonly<Record<string, Test>> = {
  d: digit,
  D: not(digit),
  s: space,
  S: not(space),
  w: isWordCharacter,
  W: not(isWordCharacter),
};

/** What a letter after a backslash stands for, if it is a class. */
export const escapedClass = (character: string | undefined): Test | undefined =>
  character !== undefined && Object.hasOwn(PERL, character) ? PERL[character] : undefined;

/** The same without regard to upper and lower case. */
export const folded =
  (test: Test): Test =>
  (c) =>
    test(c) || test(c.toLowerCase()) || test(c.toUpperCase());

/** Reads what stands in brackets, from behind the first. */
export function bracketed(reader: ClassReader, start: number): Test {
  const isNegated = reader.skip('^');
  const tests: Test[] = [];
  for (let first = true; first || reader.peek() !== ']'; first = false) {
    if (reader.peek() === undefined) throw new ExpressionError('missing closing ]', reader.since(start));
    tests.push(member(reader));
  }
  reader.place++;
  return isNegated ? not(any(...tests)) : any(...tests);
}

/** One character, range or class. */
function member(reader: ClassReader): Test {
  const start = reader.place;
  const named = posix(reader);
  if (named !== undefined) return named;
  if (reader.peek() === '\\') {
    const known = escapedClass(reader.peek(1));
    if (known !== undefined) {
      reader.place += 2;
      return known;
    }
  }
  const from = character(reader);
  if (reader.peek() !== '-' || reader.peek(1) === ']' || reader.peek(1) === undefined) return (c) => c === from;
  reader.place++;
  const to = character(reader);
  if ((to.codePointAt(0) as number) < (from.codePointAt(0) as number)) {
    throw new ExpressionError('invalid character class range', reader.since(start));
  }
  return range(from, to);
}

/** `[:alpha:]` or `[:^alpha:]`. */
function posix(reader: ClassReader): Test | undefined {
  const start = reader.place;
  if (!reader.skip('[:')) return undefined;
  const isNegated = reader.skip('^');
  const from = reader.place;
  while (/^[a-z]$/.test(reader.peek() ?? '')) reader.place++;
  const name = reader.since(from);
  if (!reader.skip(':]')) {
    reader.place = start;
    return undefined;
  }
  const test = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
  if (test === undefined) throw new ExpressionError('invalid character class range', reader.since(start));
  return isNegated ? not(test) : test;
}

function character(reader: ClassReader): string {
  const start = reader.place;
  const next = reader.take() as string;
  return next === '\\' ? literalEscape(reader, start) : next;
}

const CONTROLS: Readonly<Record<string, string>> = { a: '\x07', f: '\f', t: '\t', n: '\n', r: '\r', v: '\v' };

/** Reads what stands behind a backslash and means one character. */
export function literalEscape(reader: ClassReader, start: number): string {
  const next = reader.take();
  if (next === undefined) throw new ExpressionError('trailing backslash at end of expression', '');
  if (Object.hasOwn(CONTROLS, next)) return CONTROLS[next] as string;
  if (next === 'x') return hexadecimal(reader, start);
  // `\1` would mean what a group matched, which there is not.
  if (/^[0-7]$/.test(next) && (next === '0' || /^[0-7]$/.test(reader.peek() ?? ''))) return octal(reader, next);
  if (/^[^A-Za-z0-9]$/.test(next) && next < '\x80') return next;
  throw new ExpressionError('invalid escape sequence', reader.since(start));
}

function octal(reader: ClassReader, first: string): string {
  let digits = first;
  while (digits.length < 3 && /^[0-7]$/.test(reader.peek() ?? '')) digits += reader.take();
  return String.fromCodePoint(Number.parseInt(digits, 8));
}

function hexadecimal(reader: ClassReader, start: number): string {
  let digits = '';
  if (reader.skip('{')) {
    while (/^[\da-fA-F]$/.test(reader.peek() ?? '') && digits.length < 8) digits += reader.take();
    if (!reader.skip('}')) digits = '';
  } else {
    while (/^[\da-fA-F]$/.test(reader.peek() ?? '') && digits.length < 2) digits += reader.take();
    if (digits.length < 2) digits = '';
  }
  const code = Number.parseInt(digits, 16);
  if (!(code <= 0x10_ff_ff)) throw new ExpressionError('invalid escape sequence', reader.since(start));
  return String.fromCodePoint(code);
}
