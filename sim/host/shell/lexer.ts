import type { Piece, Place, Word } from './syntax.ts';

/** A text that is no shell language, or more of it than hosts understand. Never leaves the parser. */
export class ShellError extends Error {
  readonly place: Place;

  constructor(place: Place, says: string) {
    super(says);
    this.place = place;
  }
}

export type Token = Place &
  (
    | { readonly type: 'word'; readonly word: Word; readonly keyword: string | undefined }
    | { readonly type: 'operator'; readonly text: string }
    /** A number directly before `<` or `>`. */
    | { readonly type: 'descriptor'; readonly text: string }
    | { readonly type: 'newline' }
    | { readonly type: 'end' }
  );

const OPERATORS = ['&&', '||', ';;', '<<', '>>', '<&', '>&', '<>', '>|', ';', '&', '|', '<', '>', '(', ')'];
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const BLANK = /[ \t]/;
const ENDS_WORD = /[ \t\n;&|<>()]/;
const SPECIAL = '0123456789?#@*!';

/** Cuts a text into tokens (IEEE Std 1003.1, Shell Command Language, 2.3). */
export class Lexer {
  readonly #text: string;
  #at = 0;
  #line = 1;
  #lineStart = 0;
  #peeked: Token | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    this.#peeked ??= this.#read();
    return this.#peeked;
  }

  next(): Token {
    const token = this.peek();
    this.#peeked = undefined;
    return token;
  }

  #here(): Place {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  #read(): Token {
    const text = this.#text;
    for (;;) {
      const character = text[this.#at];
      if (character === undefined) return { type: 'end', ...this.#here() };
      if (BLANK.test(character)) this.#at++;
      else if (character === '\\' && text[this.#at + 1] === '\n') this.#newline(2);
      else if (character === '#') this.#comment();
      else break;
    }
    const place = this.#here();
    if (text[this.#at] === '\n') {
      this.#newline(1);
      return { type: 'newline', ...place };
    }
    if (text[this.#at] === '\r') throw new ShellError(place, 'a carriage return; end lines with a line feed alone');
    const digits = /\d+(?=[<>])/y;
    digits.lastIndex = this.#at;
    const descriptor = digits.exec(text)?.[0];
    if (descriptor !== undefined) {
      this.#at += descriptor.length;
      return { type: 'descriptor', text: descriptor, ...place };
    }
    const operator = OPERATORS.find((candidate) => text.startsWith(candidate, this.#at));
    if (operator !== undefined) {
      this.#at += operator.length;
      return { type: 'operator', text: operator, ...place };
    }
    const word = this.#word(place);
    const [only] = word.pieces;
    const keyword = word.pieces.length === 1 && only?.type === 'text' && !only.quoted ? only.text : undefined;
    return { type: 'word', word, keyword, ...place };
  }

  #comment(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end < 0 ? this.#text.length : end;
  }

  #newline(length: number): void {
    this.#at += length;
    this.#line++;
    this.#lineStart = this.#at;
  }

  #word(place: Place): Word {
    const pieces: Piece[] = [];
    const add = (text: string, quoted: boolean): void => {
      const last = pieces.at(-1);
      if (last?.type === 'text' && last.quoted === quoted)
        pieces[pieces.length - 1] = { type: 'text', text: last.text + text, quoted };
      else pieces.push({ type: 'text', text, quoted });
    };
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined || ENDS_WORD.test(character)) break;
      if (character === "'") add(this.#single(), true);
      else if (character === '"') this.#double(pieces, add);
      else if (character === '\\') {
        const escaped = this.#text[this.#at + 1];
        if (escaped === '\n') this.#newline(2);
        else if (escaped === undefined)
          throw new ShellError(this.#here(), 'a backslash at the end of the text; it quotes nothing');
        else {
          add(escaped, true);
          this.#at += 2;
        }
      } else if (character === '$' || character === '`') {
        const variable = this.#variable(false);
        if (typeof variable === 'string') add(variable, false);
        else pieces.push(variable);
      } else {
        add(character, false);
        this.#at++;
      }
    }
    return { pieces, ...place };
  }

  #single(): string {
    const place = this.#here();
    const end = this.#text.indexOf("'", this.#at + 1);
    if (end < 0) throw new ShellError(place, "a quote that is never closed; add the missing '");
    const quoted = this.#text.slice(this.#at + 1, end);
    this.#skip(quoted.length + 2);
    return quoted;
  }

  #double(pieces: Piece[], add: (text: string, quoted: boolean) => void): void {
    const place = this.#here();
    const start = ++this.#at;
    for (;;) {
      const character = this.#text[this.#at];
      if (character === undefined) throw new ShellError(place, 'a quote that is never closed; add the missing "');
      if (character === '"') break;
      const escaped = this.#text[this.#at + 1];
      if (character === '\\' && escaped === '\n') this.#newline(2);
      else if (character === '\\' && escaped !== undefined && '$`"\\'.includes(escaped)) {
        add(escaped, true);
        this.#at += 2;
      } else if (character === '$' || character === '`') {
        const variable = this.#variable(true);
        if (typeof variable === 'string') add(variable, true);
        else pieces.push(variable);
      } else {
        add(character, true);
        this.#skip(1);
      }
    }
    // An empty word is a word; but `"$@"` is none when there are no arguments.
    if (this.#at === start) add('', true);
    this.#at++;
  }

  /** Passes over text that may hold line feeds. */
  #skip(length: number): void {
    const end = this.#at + length;
    for (;;) {
      const feed = this.#text.indexOf('\n', this.#at);
      if (feed < 0 || feed >= end) break;
      this.#newline(feed + 1 - this.#at);
    }
    this.#at = end;
  }

  /** After `$`: a variable, or the dollar sign itself where no name follows. */
  #variable(quoted: boolean): Piece | string {
    const place = this.#here();
    const text = this.#text;
    if (text[this.#at] === '`' || text.startsWith('$(', this.#at)) {
      throw new ShellError(
        place,
        text.startsWith('$((', this.#at)
          ? 'arithmetic is not supported here'
          : 'command substitution is not supported here; pipe the output into `while read`',
      );
    }
    this.#at++;
    if (text[this.#at] === '{') {
      const end = text.indexOf('}', this.#at);
      const inside = end < 0 ? '' : text.slice(this.#at + 1, end);
      NAME.lastIndex = 0;
      const whole = NAME.exec(inside)?.[0] === inside && inside !== '';
      if (!whole && !(inside.length === 1 && SPECIAL.includes(inside))) {
        throw new ShellError(place, 'only the name of a variable is supported between braces');
      }
      this.#at = end + 1;
      return { type: 'variable', name: inside, quoted };
    }
    NAME.lastIndex = this.#at;
    const name = NAME.exec(text)?.[0] ?? (SPECIAL.includes(text[this.#at] ?? ' ') ? (text[this.#at] as string) : '');
    if (name === '' && /[$!-]/.test(text[this.#at] ?? '')) {
      throw new ShellError(place, `$${text[this.#at]} is not supported here`);
    }
    this.#at += name.length;
    return name === '' ? '$' : { type: 'variable', name, quoted };
  }
}
