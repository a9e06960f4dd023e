import { MatchProgram, type Step, type Test } from './automaton.ts';
import {
  bracketed,
  type ClassReader,
  ExpressionError,
  escapedClass,
  folded,
  isWordCharacter,
  literalEscape,
} from './character-class.ts';

/*
 * Regular expressions as Go has them (RE2), as far as names and tags need them: all but Unicode classes such as `\pL`. They are matched
 * without backtracking, so that no expression can hold a member up, whoever sent it.
 */

/** A regular expression that can be looked for in texts. */
export interface Expression {
  /** Whether it matches anywhere in a text. */
  found(text: string): boolean;
}

/** @returns the expression, or what Go says of one that it does not accept */
export function parseExpression(text: string): Expression | string {
  try {
    return new Parser(text).parse();
  } catch (error) {
    if (error instanceof ExpressionError) return `error parsing regexp: ${error.message}`;
    throw error;
  }
}

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

/** A piece of the expression: the steps that match it, placed so that the last falls through to what follows. */
type Piece = readonly Step[];

/** More steps than that make an expression too large. */
const MOST_STEPS = 20_000;
const MOST_REPEATS = 1000;
/** Groups within groups. */
const DEEPEST = 200;

class Parser implements ClassReader {
  readonly characters: readonly string[];
  place = 0;
  private flags: Flags = { i: false, m: false, s: false };
  private depth = 0;

  constructor(text: string) {
    this.characters = [...text];
  }

  parse(): Expression {
    const piece = this.alternatives();
    if (this.place < this.characters.length) throw new ExpressionError('unexpected )', this.characters.join(''));
    return new MatchProgram([...piece, { op: 'match' }]);
  }

  peek(ahead = 0): string | undefined {
    return this.characters[this.place + ahead];
  }

  take(): string | undefined {
    return this.characters[this.place++];
  }

  /** Takes these characters if they come next. */
  skip(text: string): boolean {
    const next = this.characters.slice(this.place, this.place + text.length).join('');
    if (next !== text) return false;
    this.place += text.length;
    return true;
  }

  since(start: number): string {
    return this.characters.slice(start, this.place).join('');
  }

  private alternatives(): Piece {
    let piece = this.sequence();
    while (this.skip('|')) {
      const other = this.sequence();
      piece = this.sized([{ op: 'split', to: [1, piece.length + 2] }, ...piece, { op: 'jump', to: other.length + 1 }, ...other]);
    }
    return piece;
  }

  private sequence(): Piece {
    const pieces: Step[] = [];
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')'; next = this.peek()) {
      for (const step of this.repeated()) pieces.push(step);
      this.sized(pieces);
    }
    return pieces;
  }

  private repeated(): Piece {
    let piece = this.single();
    if (piece === undefined) return [];
    const first = this.place;
    for (let range = this.repetition(); range !== undefined; range = this.repetition()) {
      if (range.at > first) throw new ExpressionError('invalid nested repetition operator', this.since(first));
      piece = this.sized(times(piece, range.least, range.most));
    }
    return piece;
  }

  /** How often the piece before may come; undefined when nothing is said. A lazy one matches the same texts. */
  private repetition(): { readonly at: number; readonly least: number; readonly most: number } | undefined {
    const at = this.place;
    const range = this.skip('*') ? [0, Infinity] : this.skip('+') ? [1, Infinity] : this.skip('?') ? [0, 1] : this.counted();
    if (range === undefined) return undefined;
    this.skip('?');
    return { at, least: range[0] as number, most: range[1] as number };
  }

  /** `{2}`, `{2,}` or `{2,5}`; anything else in braces is text. */
  private counted(): readonly [number, number] | undefined {
    const rest = /^\{(\d{1,9})(,(\d{0,9}))?\}/.exec(this.characters.slice(this.place, this.place + 24).join(''));
    if (rest === null) return undefined;
    const least = Number(rest[1]);
    const most = rest[2] === undefined ? least : rest[3] === '' ? Infinity : Number(rest[3]);
    this.place += rest[0].length;
    if (least > MOST_REPEATS || (most !== Infinity && (most > MOST_REPEATS || most < least))) {
      throw new ExpressionError('invalid repeat count', rest[0]);
    }
    return [least, most];
  }

  /** One thing that can be repeated; undefined for a mere setting of flags. */
  private single(): Piece | undefined {
    const start = this.place;
    const next = this.take() as string;
    switch (next) {
      case '(':
        return this.group(start);
      case '[':
        return this.characterStep(bracketed(this, start));
      case '.':
        return this.test(this.flags.s ? () => true : (c) => c !== '\n');
      case '^':
        return [{ op: 'assert', holds: this.flags.m ? startOfLine : startOfText }];
      case '$':
        return [{ op: 'assert', holds: this.flags.m ? endOfLine : endOfText }];
      case '\\':
        return this.escape(start);
      case '*':
      case '+':
      case '?':
        throw new ExpressionError('missing argument to repetition operator', next);
      default:
        return this.literal(next);
    }
  }

  private group(start: number): Piece | undefined {
    const outer = this.flags;
    if (this.skip('?') && !this.named(start) && this.settings(start)) return undefined;
    if (++this.depth > DEEPEST) throw new ExpressionError('expression nests too deeply', this.characters.join(''));
    const piece = this.alternatives();
    if (!this.skip(')')) throw new ExpressionError('missing closing )', this.characters.join(''));
    this.depth--;
    this.flags = outer;
    return piece.length === 0 ? [{ op: 'jump', to: 1 }] : piece;
  }

  private named(start: number): boolean {
    if (!this.skip('P<') && !this.skip('<')) return false;
    while (/^\w$/.test(this.peek() ?? '')) this.place++;
    if (!this.skip('>')) {
      this.place++;
      throw new ExpressionError('invalid named capture', this.since(start));
    }
    return true;
  }

  /** `(?i)`, which counts to the end of the group around it, or `(?i:`. @returns whether it is the former */
  private settings(start: number): boolean {
    let on = true;
    for (let next = this.take(); next !== ':' && next !== ')'; next = this.take()) {
      if (next === '-' && on) on = false;
      else if (next === 'i' || next === 'm' || next === 's') this.flags = { ...this.flags, [next]: on };
      else if (next !== 'U') throw new ExpressionError('invalid or unsupported Perl syntax', this.since(start));
    }
    return this.peek(-1) === ')';
  }

  private escape(start: number): Piece {
    const next = this.peek();
    switch (next) {
      case undefined:
        throw new ExpressionError('trailing backslash at end of expression', '');
      case 'A':
      case 'z':
      case 'b':
      case 'B':
        this.place++;
        return [{ op: 'assert', holds: { A: startOfText, z: endOfText, b: wordEdge, B: noWordEdge }[next] }];
      case 'Q':
        this.place++;
        return this.quoted();
      case 'C':
        throw new ExpressionError('invalid escape sequence', '\\C');
    }
    const known = escapedClass(next);
    if (known === undefined) return this.literal(literalEscape(this, start));
    this.place++;
    return this.characterStep(known);
  }

  private quoted(): Piece {
    const pieces: Step[] = [];
    while (this.peek() !== undefined && !this.skip('\\E')) pieces.push(...this.literal(this.take() as string));
    return pieces.length === 0 ? [{ op: 'jump', to: 1 }] : pieces;
  }

  private literal(character: string): Piece {
    return this.characterStep((c) => c === character);
  }

  private characterStep(test: Test): Piece {
    return this.test(this.flags.i ? folded(test) : test);
  }

  private test(test: Test): Piece {
    return [{ op: 'character', test }];
  }

  private sized(piece: Piece): Piece {
    if (piece.length > MOST_STEPS) throw new ExpressionError('expression too large', '');
    return piece;
  }
}

/** A piece so many times. */
function times(piece: Piece, least: number, most: number): Piece {
  const steps: Step[] = [];
  if (piece.length * (most === Infinity ? least + 1 : most) > MOST_STEPS) throw new ExpressionError('invalid repeat count', '');
  for (let i = 0; i < least; i++) steps.push(...piece);
  if (most === Infinity)
    return [...steps, { op: 'split', to: [1, piece.length + 2] }, ...piece, { op: 'jump', to: -piece.length - 1 }];
  for (let i = least; i < most; i++) steps.push({ op: 'split', to: [1, piece.length + 1] }, ...piece);
  return steps;
}

const startOfText = (before: string | undefined): boolean => before === undefined;
const endOfText = (_: string | undefined, after: string | undefined): boolean => after === undefined;
const startOfLine = (before: string | undefined): boolean => before === undefined || before === '\n';
const endOfLine = (_: string | undefined, after: string | undefined): boolean => after === undefined || after === '\n';
const wordEdge = (before: string | undefined, after: string | undefined): boolean =>
  isWordCharacter(before ?? '') !== isWordCharacter(after ?? '');
const noWordEdge = (before: string | undefined, after: string | undefined): boolean => !wordEdge(before, after);
