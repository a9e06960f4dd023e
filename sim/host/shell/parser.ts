import { Lexer, ShellError, type Token } from './lexer.ts';
import type { Assignment, Node, Parsed, Piece, Place, Redirect, Word } from './syntax.ts';
import { exactText } from './syntax.ts';

/** Words that begin or continue a compound command where a command may stand. */
const RESERVED = new Set([
  'if',
  'then',
  'elif',
  'else',
  'fi',
  'while',
  'until',
  'do',
  'done',
  'for',
  'in',
  'case',
  'esac',
  '{',
  '}',
  '!',
]);
/** Built into real shells, and not into this one. */
const UNSUPPORTED = new Set(['function', 'select', 'time', '[[', 'eval', 'exec', 'source', '.', 'trap', 'set', 'alias', 'local']);
const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)=/;
const REDIRECTS = new Set(['<', '>', '>>', '>&', '<&', '<<', '<>', '>|']);
/** Deeper nesting than anybody writes would exhaust the stack. */
const DEEPEST = 100;

/** Reads a script or a command line. The first thing that is wrong with it ends the reading. */
export function parse(text: string): Parsed {
  try {
    const parser = new Parser(text);
    return { ok: true, node: parser.script() };
  } catch (error) {
    if (!(error instanceof ShellError)) throw error;
    return { ok: false, problem: { ...error.place, says: error.message } };
  }
}

class Parser {
  readonly #lexer: Lexer;
  #depth = 0;

  constructor(text: string) {
    this.#lexer = new Lexer(text);
  }

  script(): Node {
    const node = this.#list([]);
    const token = this.#lexer.peek();
    if (token.type !== 'end') throw unexpected(token);
    return node;
  }

  /** Commands up to one of the closing words, or to the end, a `)` or a `;;`. */
  #list(closing: readonly string[]): Node {
    const items: { node: Node; background: boolean }[] = [];
    for (;;) {
      while (this.#lexer.peek().type === 'newline') this.#lexer.next();
      const token = this.#lexer.peek();
      if (token.type === 'end' || (token.type === 'word' && closing.includes(token.keyword ?? ''))) break;
      if (isOperator(token, ')') || isOperator(token, ';;')) break;
      const node = this.#andOr();
      const end = this.#lexer.peek();
      const background = isOperator(end, '&');
      items.push({ node, background });
      if (background || isOperator(end, ';') || end.type === 'newline') this.#lexer.next();
      else if (end.type !== 'end' && !isOperator(end, ')') && !isOperator(end, ';;')) throw unexpected(end);
    }
    return { type: 'list', items };
  }

  #body(closing: readonly string[], what: string): Node {
    const place = this.#lexer.peek();
    const list = this.#list(closing);
    if (list.type === 'list' && list.items.length === 0) throw new ShellError(place, `${what} without a command in it`);
    return list;
  }

  #andOr(): Node {
    const first = this.#pipeline();
    const rest: { when: 'and' | 'or'; node: Node }[] = [];
    for (;;) {
      const token = this.#lexer.peek();
      if (!isOperator(token, '&&') && !isOperator(token, '||')) break;
      this.#lexer.next();
      this.#newlines();
      rest.push({ when: isOperator(token, '&&') ? 'and' : 'or', node: this.#pipeline() });
    }
    return rest.length === 0 ? first : { type: 'and-or', first, rest };
  }

  #pipeline(): Node {
    const bang = this.#lexer.peek();
    const negated = bang.type === 'word' && bang.keyword === '!';
    if (negated) this.#lexer.next();
    const stages = [this.#command()];
    while (isOperator(this.#lexer.peek(), '|')) {
      this.#lexer.next();
      this.#newlines();
      stages.push(this.#command());
    }
    const [only] = stages;
    return stages.length === 1 && !negated && only !== undefined ? only : { type: 'pipeline', stages, negated };
  }

  #command(): Node {
    const token = this.#lexer.peek();
    if (++this.#depth > DEEPEST) throw new ShellError(token, `more than ${DEEPEST} commands inside each other`);
    const compound = token.type === 'word' ? this.#compound(token.keyword) : undefined;
    this.#depth--;
    if (compound === undefined) return this.#simple();
    const redirects = this.#redirects();
    const next = this.#lexer.peek();
    if (next.type === 'word' && !RESERVED.has(next.keyword ?? '')) throw unexpected(next);
    return redirects.length === 0 ? compound : { type: 'redirected', node: compound, redirects };
  }

  #compound(keyword: string | undefined): Node | undefined {
    switch (keyword) {
      case 'if':
        return this.#if();
      case 'while':
      case 'until':
        return this.#while(keyword);
      case 'for':
        return this.#for();
      case 'case':
        return this.#case();
      case '{': {
        this.#lexer.next();
        const body = this.#body(['}'], '{ … }');
        this.#expect('}');
        return body;
      }
      default:
        return undefined;
    }
  }

  #if(): Node {
    const branches: { condition: Node; body: Node }[] = [];
    let otherwise: Node | undefined;
    this.#lexer.next();
    for (;;) {
      const condition = this.#body(['then'], '`if`');
      this.#expect('then');
      branches.push({ condition, body: this.#body(['elif', 'else', 'fi'], '`then`') });
      const next = this.#expect('elif', 'else', 'fi');
      if (next === 'elif') continue;
      if (next === 'else') {
        otherwise = this.#body(['fi'], '`else`');
        this.#expect('fi');
      }
      return { type: 'if', branches, otherwise };
    }
  }

  #while(keyword: 'while' | 'until'): Node {
    this.#lexer.next();
    const condition = this.#body(['do'], `\`${keyword}\``);
    return { type: 'while', until: keyword === 'until', condition, body: this.#doBody() };
  }

  #doBody(): Node {
    this.#expect('do');
    const body = this.#body(['done'], '`do`');
    this.#expect('done');
    return body;
  }

  #for(): Node {
    this.#lexer.next();
    const variable = this.#lexer.next();
    const name = variable.type === 'word' ? variable.keyword : undefined;
    if (name === undefined || !ASSIGNMENT.test(`${name}=`))
      throw new ShellError(variable, '`for` needs a name: for NAME in WORDS; do …');
    this.#newlines();
    const words: Word[] = [];
    const token = this.#lexer.peek();
    if (token.type === 'word' && token.keyword === 'in') {
      this.#lexer.next();
      for (;;) {
        const next = this.#lexer.peek();
        if (next.type !== 'word') break;
        words.push(this.#plainWord(next.word));
        this.#lexer.next();
      }
      const separator = this.#lexer.next();
      if (separator.type !== 'newline' && !isOperator(separator, ';')) throw unexpected(separator);
    } else {
      words.push({ pieces: [{ type: 'variable', name: '@', quoted: true }], line: variable.line, column: variable.column });
      if (isOperator(token, ';')) this.#lexer.next();
    }
    this.#newlines();
    return { type: 'for', name, words, body: this.#doBody() };
  }

  #case(): Node {
    this.#lexer.next();
    const subject = this.#lexer.next();
    if (subject.type !== 'word') throw new ShellError(subject, '`case` needs a word: case WORD in PATTERN) … ;; esac');
    this.#newlines();
    this.#expect('in');
    const arms: { patterns: Word[]; body: Node }[] = [];
    for (;;) {
      this.#newlines();
      let token = this.#lexer.next();
      if (token.type === 'word' && token.keyword === 'esac') break;
      if (isOperator(token, '(')) token = this.#lexer.next();
      const patterns: Word[] = [];
      for (;;) {
        if (token.type !== 'word') throw unexpected(token);
        patterns.push(token.word);
        const separator = this.#lexer.next();
        if (isOperator(separator, ')')) break;
        if (!isOperator(separator, '|')) throw unexpected(separator);
        token = this.#lexer.next();
      }
      arms.push({ patterns, body: this.#list(['esac']) });
      const end = this.#lexer.peek();
      if (isOperator(end, ';;')) this.#lexer.next();
      else if (!(end.type === 'word' && end.keyword === 'esac')) throw unexpected(end);
    }
    return { type: 'case', word: subject.word, arms };
  }

  #simple(): Node {
    const start = this.#lexer.peek();
    const assignments: Assignment[] = [];
    const words: Word[] = [];
    const redirects: Redirect[] = [];
    for (;;) {
      const token = this.#lexer.peek();
      if (token.type === 'descriptor' || (token.type === 'operator' && REDIRECTS.has(token.text))) {
        redirects.push(this.#redirect());
        continue;
      }
      if (token.type !== 'word') break;
      if (words.length === 0) {
        if (token.keyword !== undefined && RESERVED.has(token.keyword)) throw unexpected(token);
        if (token.keyword !== undefined && UNSUPPORTED.has(token.keyword)) {
          throw new ShellError(token, `\`${token.keyword}\` is not supported here`);
        }
        const assignment = this.#assignment(token.word);
        if (assignment !== undefined) {
          assignments.push(assignment);
          this.#lexer.next();
          continue;
        }
      }
      words.push(this.#plainWord(token.word));
      this.#lexer.next();
    }
    const next = this.#lexer.peek();
    if (isOperator(next, '(')) {
      throw new ShellError(
        next,
        words.length === 0 ? 'subshells are not supported here; write { …; }' : 'functions are not supported here',
      );
    }
    if (words.length + assignments.length + redirects.length === 0) throw unexpected(start);
    return { type: 'simple', assignments, words, redirects, line: start.line, column: start.column };
  }

  #assignment(word: Word): Assignment | undefined {
    const [first, ...rest] = word.pieces;
    const name = first?.type === 'text' && !first.quoted ? ASSIGNMENT.exec(first.text)?.[1] : undefined;
    if (first?.type !== 'text' || name === undefined) return undefined;
    const text = first.text.slice(name.length + 1);
    const pieces: Piece[] = text === '' ? rest : [{ ...first, text }, ...rest];
    return { name, value: tilde({ ...word, pieces }) };
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      const token = this.#lexer.peek();
      if (token.type !== 'descriptor' && !(token.type === 'operator' && REDIRECTS.has(token.text))) return redirects;
      redirects.push(this.#redirect());
    }
  }

  #redirect(): Redirect {
    const first = this.#lexer.next();
    const place: Place = { line: first.line, column: first.column };
    const operator = first.type === 'descriptor' ? this.#lexer.next() : first;
    if (operator.type !== 'operator') throw unexpected(operator);
    const given = first.type === 'descriptor' ? first.text : operator.text.startsWith('<') ? '0' : '1';
    const target = this.#lexer.next();
    if (target.type !== 'word') throw unexpected(target);
    const file = this.#plainWord(target.word);
    if (operator.text === '<' && given === '0') return { type: 'read', descriptor: 0, file, ...place };
    if ((given === '1' || given === '2') && (operator.text === '>' || operator.text === '>>')) {
      return { type: operator.text === '>' ? 'write' : 'append', descriptor: given === '1' ? 1 : 2, file, ...place };
    }
    const of = exactText(file);
    if ((given === '1' || given === '2') && operator.text === '>&' && (of === '1' || of === '2')) {
      return { type: 'duplicate', descriptor: given === '1' ? 1 : 2, of: of === '1' ? 1 : 2, ...place };
    }
    const says =
      operator.text === '<<' ? 'here-documents are not supported here' : `only <, >, >>, 2>, 2>> and 2>&1 are supported here`;
    throw new ShellError(place, says);
  }

  /** A word that real shells would not match against file names. */
  #plainWord(word: Word): Word {
    for (const piece of word.pieces) {
      const pattern = piece.type === 'text' && !piece.quoted ? /[*?]|\[.*\]/.exec(piece.text)?.[0] : undefined;
      if (pattern !== undefined)
        throw new ShellError(word, `\`${pattern}\` would be a pattern of file names; quote the word: '…'`);
    }
    return tilde(word);
  }

  #newlines(): void {
    while (this.#lexer.peek().type === 'newline') this.#lexer.next();
  }

  #expect(...keywords: readonly string[]): string {
    const token = this.#lexer.next();
    if (token.type === 'word' && token.keyword !== undefined && keywords.includes(token.keyword)) return token.keyword;
    const expected = keywords.map((keyword) => `\`${keyword}\``).join(' or ');
    throw new ShellError(token, `expected ${expected}, got ${describe(token)}`);
  }
}

/** `~` and `~/…` stand for the home directory (2.6.1); a user's, `~name`, stays as it is. */
function tilde(word: Word): Word {
  const [first, ...rest] = word.pieces;
  if (first?.type !== 'text' || first.quoted || !/^~(\/|$)/.test(first.text) || (first.text === '~' && rest.length > 0))
    return word;
  const home: Piece = { type: 'variable', name: 'HOME', quoted: true };
  return { ...word, pieces: [home, { ...first, text: first.text.slice(1) }, ...rest] };
}

const isOperator = (token: Token, text: string): boolean => token.type === 'operator' && token.text === text;

const unexpected = (token: Token): ShellError => new ShellError(token, `unexpected ${describe(token)}`);

function describe(token: Token): string {
  switch (token.type) {
    case 'word':
      return `\`${token.word.pieces.map((piece) => (piece.type === 'text' ? piece.text : `$${piece.name}`)).join('')}\``;
    case 'newline':
      return 'end of line';
    case 'end':
      return 'end of text';
    default:
      return `\`${token.text}\``;
  }
}
