/** A value of JSON, and where it begins in the text. */
export interface JsonNode {
  readonly at: number;
  readonly value: JsonValue;
}

export type JsonValue = null | boolean | number | string | readonly JsonNode[] | JsonObject;

/** By key, in the order of the text; of equal keys the last value counts. */
export type JsonObject = ReadonlyMap<string, { readonly at: number; readonly node: JsonNode }>;

export type JsonResult =
  | { readonly ok: true; readonly node: JsonNode }
  | { readonly ok: false; readonly at: number; readonly error: string };

/** What Go allows. */
const DEPTH = 10_000;

/**
 * Reads JSON as Go's `encoding/json` does, so that what is said about mistakes is what Go programs say.
 *
 * @param how `first` takes the first value and ignores what follows, as a `Decoder` does; `whole` is `Unmarshal`
 */
export function readJson(text: string, how: 'first' | 'whole'): JsonResult {
  const reader = new Reader(text, how);
  try {
    return { ok: true, node: reader.read() };
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, at: error.at, error: error.message };
    throw error;
  }
}

class Mistake extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

class Reader {
  private readonly text: string;
  private readonly how: 'first' | 'whole';
  private at = 0;
  private depth = 0;

  constructor(text: string, how: 'first' | 'whole') {
    this.text = text;
    this.how = how;
  }

  read(): JsonNode {
    this.blanks();
    if (this.how === 'first' && this.at === this.text.length) throw new Mistake(this.at, 'EOF');
    const node = this.node();
    this.blanks();
    if (this.how === 'whole' && this.at < this.text.length) throw this.unexpected('after top-level value');
    return node;
  }

  private node(): JsonNode {
    this.blanks();
    const { at } = this;
    const character = this.text.charAt(at);
    switch (character) {
      case '{':
        return { at, value: this.object() };
      case '[':
        return { at, value: this.list() };
      case '"':
        return { at, value: this.string() };
      case 't':
        return { at, value: this.literal('true', true) };
      case 'f':
        return { at, value: this.literal('false', false) };
      case 'n':
        return { at, value: this.literal('null', null) };
      default:
        if (/[-\d]/.test(character)) return { at, value: this.number() };
        throw this.unexpected('looking for beginning of value');
    }
  }

  private object(): JsonObject {
    const entries = new Map<string, { at: number; node: JsonNode }>();
    this.enter();
    let more = this.next() !== '}';
    while (more) {
      const at = this.at;
      if (this.next() !== '"') throw this.unexpected('looking for beginning of object key string');
      const key = this.string();
      if (this.next() !== ':') throw this.unexpected('after object key');
      this.at++;
      entries.set(key, { at, node: this.node() });
      more = this.next() === ',';
      if (more) {
        this.at++;
        this.blanks();
      } else if (this.next() !== '}') throw this.unexpected('after object key:value pair');
    }
    this.leave();
    return entries;
  }

  private list(): readonly JsonNode[] {
    const items: JsonNode[] = [];
    this.enter();
    let more = this.next() !== ']';
    while (more) {
      items.push(this.node());
      more = this.next() === ',';
      if (more) this.at++;
      else if (this.next() !== ']') throw this.unexpected('after array element');
    }
    this.leave();
    return items;
  }

  private string(): string {
    const { text } = this;
    const from = this.at++;
    for (;;) {
      const character = text.charAt(this.at);
      if (character === '"') break;
      if (character < ' ') throw this.unexpected('in string literal');
      this.at++;
      if (character === '\\') this.escape();
    }
    this.at++;
    return JSON.parse(text.slice(from, this.at)) as string;
  }

  private escape(): void {
    const character = this.text.charAt(this.at);
    if (!/["\\/bfnrtu]/.test(character)) throw this.unexpected('in string escape code');
    this.at++;
    for (let digit = 0; character === 'u' && digit < 4; digit++) {
      if (!/[\da-fA-F]/.test(this.text.charAt(this.at))) throw this.unexpected('in \\u hexadecimal character escape');
      this.at++;
    }
  }

  private literal<T>(word: string, value: T): T {
    for (const character of word) {
      if (this.text.charAt(this.at) !== character) throw this.unexpected(`in literal ${word} (expecting '${character}')`);
      this.at++;
    }
    return value;
  }

  private number(): number {
    const from = this.at;
    if (this.text.charAt(this.at) === '-') this.at++;
    if (this.text.charAt(this.at) === '0') this.at++;
    else this.digits('in numeric literal');
    if (this.text.charAt(this.at) === '.') {
      this.at++;
      this.digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.text.charAt(this.at))) {
      this.at++;
      if (/[-+]/.test(this.text.charAt(this.at))) this.at++;
      this.digits('in exponent of numeric literal');
    }
    const written = this.text.slice(from, this.at);
    const number = Number(written);
    if (Number.isFinite(number)) return number;
    throw new Mistake(from, `json: cannot unmarshal number ${written} into Go value of type float64`);
  }

  private digits(where: string): void {
    if (!/\d/.test(this.text.charAt(this.at))) throw this.unexpected(where);
    while (/\d/.test(this.text.charAt(this.at))) this.at++;
  }

  private enter(): void {
    this.at++;
    this.depth++;
    if (this.depth > DEPTH) throw new Mistake(this.at, 'exceeded max depth');
    this.blanks();
  }

  private leave(): void {
    this.at++;
    this.depth--;
  }

  /** The next character that is no blank; nothing at the end. */
  private next(): string {
    this.blanks();
    return this.text.charAt(this.at);
  }

  private blanks(): void {
    while (/[ \t\r\n]/.test(this.text.charAt(this.at))) this.at++;
  }

  private unexpected(where: string): Mistake {
    if (this.at < this.text.length) return new Mistake(this.at, `invalid character ${this.quoted()} ${where}`);
    return new Mistake(this.at, this.how === 'first' ? 'unexpected EOF' : 'unexpected end of JSON input');
  }

  /** The character as Go quotes it, which sees the first byte of its UTF-8 only. */
  private quoted(): string {
    const character = this.text.charAt(this.at);
    if (character === "'") return "'\\''";
    if (character === '"') return "'\"'";
    if (character < '\x80') return `'${JSON.stringify(character).slice(1, -1)}'`;
    const first = new TextEncoder().encode(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0))[0] ?? 0;
    return `'${String.fromCharCode(first)}'`;
  }
}
