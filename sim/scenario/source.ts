import { Composer, isAlias, isMap, isPair, isScalar, type Node, Parser, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { formatPath, type Path, type Place, type Problem } from './problem.ts';
import { findSpot, type ScalarStyle, type Spot } from './spot.ts';
import { firstMalformed } from './utf8.ts';

/** The largest file that is read at all. */
export const SIZE_LIMIT = 4 * 1024 * 1024;
const DEPTH_LIMIT = 64;
/** Values after aliases are written out. */
const VALUE_LIMIT = 500_000;

/** Which part of an entry a problem is about; `value` unless said otherwise. */
export type Part = 'key' | 'value' | Spot;

/** A file read into plain data, with the way back from a path to its line. */
export interface Source {
  readonly file: string | undefined;
  /** Empty when the bytes were no text. */
  readonly text: string;
  /** Undefined when the file is too broken to have one. */
  readonly value: unknown;
  readonly problems: readonly Problem[];
  /** Paths whose values are missing in `value`, because something is wrong with them. */
  readonly broken: readonly Path[];
  /** Where an entry stands; of a path that does not exist, where its nearest ancestor does. */
  place(path: Path, part?: Part): Place | undefined;
}

/** Says that a file is too large to be a scenario; for a caller that knows its size before it has read it. */
export function tooLarge(bytes: number, file?: string): Problem {
  return {
    ...(file === undefined ? {} : { file }),
    path: '',
    message: `The file has ${megabytes(bytes)} MB, and a scenario at most ${megabytes(SIZE_LIMIT)} MB.`,
    hint: 'If it is a trace, open it with `partita view` or `partita log`.',
  };
}

/** In tenths, rounded up: just above the limit must not read as the limit. */
const megabytes = (bytes: number): number => Math.ceil((bytes / (1024 * 1024)) * 10) / 10;

/**
 * Reads YAML 1.2 or JSON into plain data. Aliases are written out and merge keys (`<<`) carried out.
 *
 * Nothing is thrown: whatever is wrong with the file is in `problems`.
 */
export function readSource(input: Uint8Array | string, file?: string): Source {
  const failed = (problem: Problem, text = ''): Source => ({
    file,
    text,
    value: undefined,
    problems: [file === undefined ? problem : { ...problem, file }],
    broken: [],
    place: () => undefined,
  });
  if (input.length > SIZE_LIMIT) return failed(tooLarge(input.length));
  if (typeof input === 'string') return new Reader(input.replace(/^\ufeff/, ''), file).read();
  const malformed = firstMalformed(input);
  if (malformed === undefined) return new Reader(new TextDecoder('utf-8').decode(input), file).read();
  return failed(notText(input, malformed));
}

function notText(bytes: Uint8Array, at: number): Problem {
  const before = new TextDecoder('utf-8').decode(bytes.subarray(0, at));
  const lineStart = before.lastIndexOf('\n') + 1;
  const byte = (bytes[at] as number).toString(16).toUpperCase().padStart(2, '0');
  const utf16 = at === 0 && (bytes[0] === 0xff || bytes[0] === 0xfe);
  return {
    line: before.split('\n').length,
    column: before.length - lineStart + 1,
    length: 1,
    path: '',
    message: `The file is not UTF-8 text: byte 0x${byte} cannot be there.`,
    hint: utf16 ? 'It looks like UTF-16. Save it as UTF-8.' : 'Save it as UTF-8.',
  };
}

/** Where a value, its key and its children stand, as offsets into the text. */
interface Located {
  readonly start: number;
  readonly end: number;
  readonly key?: { readonly start: number; readonly end: number };
  readonly children?: ReadonlyMap<string | number, Located>;
  readonly style?: ScalarStyle;
  readonly value?: string;
}

const BROKEN = Symbol('broken');

/** The nodes that a composer makes, as far as they are looked at here. */
type AnyNode = Node | null | undefined;

class Reader {
  private readonly text: string;
  private readonly file: string | undefined;
  private readonly problems: Problem[] = [];
  private readonly broken: Path[] = [];
  private readonly lineStarts: number[] = [0];
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  private values = 0;
  /** How many aliases are being written out: what is wrong inside them has been said where they point to. */
  private expanding = 0;
  private exhausted = false;

  constructor(text: string, file: string | undefined) {
    this.text = text;
    this.file = file;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lineStarts.push(at + 1);
  }

  read(): Source {
    const root = this.compose();
    const read = root === undefined ? undefined : this.node(root, [], undefined);
    return {
      file: this.file,
      text: this.text,
      value: this.problems.length > 0 && read === undefined ? undefined : read?.value === BROKEN ? undefined : read?.value,
      problems: this.problems,
      broken: this.broken,
      place: (path, part) => (read === undefined ? undefined : this.place(read.located, path, part)),
    };
  }

  /** The file's one document; undefined after anything that leaves its structure in doubt. */
  private compose(): Node | undefined {
    const tokens = [...new Parser().parse(this.text)];
    const deep = tooDeep(tokens);
    if (deep !== undefined) {
      this.say(
        deep,
        deep + 1,
        [],
        `The file nests deeper than ${DEPTH_LIMIT} levels.`,
        'No scenario needs that; look for a bracket that is never closed.',
      );
      return undefined;
    }
    const options = { version: '1.2', schema: 'core', uniqueKeys: false, strict: true } as const;
    const [document, ...others] = new Composer(options).compose(tokens, true, this.text.length);
    if (document === undefined) return undefined;
    for (const { code, message, pos } of document.errors) {
      const [says, hint] = SYNTAX[code] ?? [`${message.replace(/\.$/, '')}.`, undefined];
      this.say(pos[0], pos[1], [], says, hint);
    }
    const second = others[0];
    if (second !== undefined) {
      this.say(
        second.range[0],
        second.range[0] + 3,
        [],
        'A second document begins here, and a scenario is one.',
        'Put it into a file of its own.',
      );
    }
    const { explicit, version } = document.directives?.yaml ?? { explicit: false, version: '1.2' };
    if (explicit === true && version !== '1.2')
      this.say(0, 1, [], `Scenarios are YAML 1.2, and the file says %YAML ${version}.`, 'Take the directive away.');
    if (this.problems.length > 0) return undefined;
    const root = document.contents as AnyNode;
    if (root === null || root === undefined || (isScalar(root) && root.value === null)) {
      this.say(0, 1, [], 'The file is empty.', 'A scenario has at least `network` and `hosts`.');
      return undefined;
    }
    return root;
  }

  /** Turns a node into data. An anchored node is read again for each alias, so that every alias has its own copy. */
  private node(node: AnyNode, path: Path, key: Located['key']): { value: unknown; located: Located } {
    const range = node?.range ?? [key?.end ?? 0, key?.end ?? 0];
    const place = { start: range[0], end: range[1], ...(key === undefined ? {} : { key }) };
    if (node === null || node === undefined) return { value: null, located: place };
    if (++this.values > VALUE_LIMIT || path.length > DEPTH_LIMIT) return this.tooMuch(path, place);
    if (isAlias(node)) return this.alias(node, path, place);
    const { anchor, tag } = node as Scalar;
    if (anchor !== undefined && this.expanding === 0) this.anchors.set(anchor, node);
    if (tag !== undefined && !PLAIN_TAGS.has(tag)) {
      this.say(place.start, place.end, path, `The tag ${tag} has no meaning in a scenario.`, 'Take it away.');
      return this.breakAt(path, place);
    }
    if (isScalar(node)) return this.scalar(node, path, place);
    this.open.add(node);
    const read = isMap(node) ? this.map(node, path, place) : this.list(node as YAMLSeq, path, place);
    this.open.delete(node);
    return read;
  }

  private alias(node: { readonly source: string }, path: Path, place: Located): { value: unknown; located: Located } {
    const target = this.anchors.get(node.source);
    if (target === undefined) {
      this.say(
        place.start,
        place.end,
        path,
        `No anchor &${node.source} stands above this alias.`,
        'Anchors come before their aliases.',
      );
      return this.breakAt(path, place);
    }
    if (this.open.has(target)) {
      this.say(
        place.start,
        place.end,
        path,
        `The alias *${node.source} stands inside the value that it repeats, without end.`,
        'Write out what is meant here.',
      );
      return this.breakAt(path, place);
    }
    this.expanding++;
    const { value, located } = this.node(target, path, place.key);
    this.expanding--;
    return { value, located: place.key === undefined ? located : { ...located, key: place.key } };
  }

  private scalar(node: Scalar, path: Path, place: Located): { value: unknown; located: Located } {
    const { value } = node;
    if (typeof value === 'string') return { value, located: { ...place, style: STYLES[node.type ?? 'PLAIN'] ?? 'plain', value } };
    if (typeof value === 'number' || typeof value === 'boolean' || value === null) return { value, located: place };
    this.say(place.start, place.end, path, 'Only text, numbers, true, false, lists and mappings have a meaning here.');
    return this.breakAt(path, place);
  }

  private list(node: YAMLSeq, path: Path, place: Located): { value: unknown; located: Located } {
    const children = new Map<number, Located>();
    const value = node.items.map((item, index) => {
      if (isPair(item)) return null;
      const read = this.node(item as AnyNode, [...path, index], undefined);
      children.set(index, read.located);
      return read.value === BROKEN ? null : read.value;
    });
    return { value, located: { ...place, children } };
  }

  private map(node: YAMLMap, path: Path, place: Located): { value: unknown; located: Located } {
    const children = new Map<string, Located>();
    const value: Record<string, unknown> = {};
    const merged: AnyNode[] = [];
    for (const pair of node.items) {
      const keyNode = pair.key as AnyNode;
      const [start, end] = keyNode?.range ?? [place.start, place.start + 1];
      if (!isScalar(keyNode)) {
        this.say(
          start,
          end,
          path,
          'A key must be plain text.',
          isAlias(keyNode) ? 'Write out what the alias stands for.' : undefined,
        );
        continue;
      }
      const name = keyNode.type === 'PLAIN' ? (keyNode.source ?? String(keyNode.value)) : String(keyNode.value);
      if (name === '<<' && keyNode.type === 'PLAIN') {
        merged.push(pair.value as AnyNode);
        continue;
      }
      const earlier = children.get(name)?.key;
      if (earlier !== undefined) {
        const { line } = this.lineOf(earlier.start);
        this.say(start, end, [...path, name], `The key ${name} is given twice, first on line ${line}.`, 'Keep one of them.');
        continue;
      }
      if (name === '__proto__') {
        this.say(start, end, path, 'The key __proto__ cannot be used.', 'Choose another name.');
        continue;
      }
      const read = this.node(pair.value as AnyNode, [...path, name], { start, end });
      children.set(name, read.located);
      value[name] = read.value === BROKEN ? null : read.value;
    }
    for (const each of merged) this.merge(each, path, value, children);
    return { value, located: { ...place, children } };
  }

  /** Carries out `<<: *defaults` or `<<: [*a, *b]`: keys that are given on the spot win, then earlier mappings. */
  private merge(node: AnyNode, path: Path, value: Record<string, unknown>, children: Map<string, Located>): void {
    const read = this.node(node, path, undefined);
    if (read.value === BROKEN) return;
    const sources = Array.isArray(read.value)
      ? read.value.map((each, index) => ({ each, located: read.located.children?.get(index) }))
      : [{ each: read.value, located: read.located }];
    for (const { each, located } of sources) {
      if (typeof each !== 'object' || each === null || Array.isArray(each)) {
        const [start, end] = node?.range ?? [0, 1];
        this.say(start, end, path, 'The merge key << takes a mapping or a list of mappings.', 'Write `<<: *anchor`.');
        return;
      }
      for (const [name, child] of Object.entries(each)) {
        if (Object.hasOwn(value, name)) continue;
        value[name] = child;
        const where = located?.children?.get(name);
        if (where !== undefined) children.set(name, where);
      }
    }
  }

  /** Only aliases get here: they can hold more, and more deeply, than the file itself. Said once. */
  private tooMuch(path: Path, place: Located): { value: unknown; located: Located } {
    if (!this.exhausted) {
      this.exhausted = true;
      const expanding = this.expanding;
      this.expanding = 0;
      const what = path.length > DEPTH_LIMIT ? `nests deeper than ${DEPTH_LIMIT} levels` : `has more than ${VALUE_LIMIT} values`;
      this.say(place.start, place.end, path, `With its aliases written out the file ${what}.`, 'Take aliases of aliases away.');
      this.expanding = expanding;
    }
    return this.breakAt(path, place);
  }

  private breakAt(path: Path, located: Located): { value: unknown; located: Located } {
    this.broken.push(path);
    return { value: BROKEN, located };
  }

  private say(start: number, end: number, path: Path, message: string, hint?: string): void {
    if (this.expanding > 0) return;
    this.problems.push({
      ...(this.file === undefined ? {} : { file: this.file }),
      ...this.range(start, end),
      path: formatPath(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  private place(root: Located, path: Path, part: Part = 'value'): Place {
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

  private lineOf(offset: number): { line: number; start: number } {
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
  private range(start: number, end: number): Place {
    const { line, start: lineStart } = this.lineOf(start);
    const lineEnd = (this.lineStarts[line] ?? this.text.length + 1) - 1;
    return { line, column: start - lineStart + 1, length: Math.max(1, Math.min(end, lineEnd) - start) };
  }
}

const STYLES: Readonly<Record<string, ScalarStyle>> = {
  PLAIN: 'plain',
  QUOTE_SINGLE: 'single',
  QUOTE_DOUBLE: 'double',
  BLOCK_LITERAL: 'block',
  BLOCK_FOLDED: 'block',
};

const PLAIN_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** What the parser's complaints mean to people: the problem and the way out. */
const SYNTAX: Readonly<Record<string, readonly [string, string]>> = {
  TAB_AS_INDENT: ['A tab cannot indent YAML.', 'Use spaces.'],
  MULTILINE_IMPLICIT_KEY: ['This looks like a key, but no colon follows it on its line.', 'Write `key: value`.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A second `key:` begins on this line.',
    'Put it on a line of its own, or the value in quotes if the colon belongs to it.',
  ],
  BAD_SCALAR_START: ['A plain value cannot begin with this character.', 'Put the value in quotes.'],
  BAD_ALIAS: [
    'An asterisk at the beginning of a value makes it an alias, and this one has no name.',
    'Put the value in quotes if the asterisk belongs to it.',
  ],
};

/**
 * The offset at which a file nests too deeply, found without recursion: composing it would overflow the stack, and the stack is not
 * all that breaks then.
 */
function tooDeep(tokens: Iterable<unknown>): number | undefined {
  const pending: { readonly token: Token; readonly depth: number; readonly offset: number }[] = [];
  const visit = (token: unknown, depth: number, above: number) => {
    if (typeof token === 'object' && token !== null) pending.push({ token, depth, offset: (token as Token).offset ?? above });
  };
  for (const token of tokens) visit(token, 0, 0);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth, offset } = next;
    if (depth > DEPTH_LIMIT) return offset;
    visit(token.key, depth, offset);
    visit(token.value, depth, offset);
    if (Array.isArray(token.items)) for (const item of token.items) visit(item, depth + 1, offset);
  }
  return undefined;
}

interface Token {
  readonly offset?: number;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly items?: unknown;
}
