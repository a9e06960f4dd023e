import { isAlias, isMap, isPair, isScalar, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { formatPath, type Path, type Problem } from '../problem.ts';
import { compose } from './compose.ts';
import { DEPTH_LIMIT, VALUE_LIMIT } from './limits.ts';
import { type Located, Places } from './places.ts';
import type { ScalarStyle } from './spot.ts';

/** What stands in for a value that cannot be had, until its parent puts null there. */
const BROKEN = Symbol('broken');

/** The nodes that a composer makes, as far as they are looked at here. */
type AnyNode = Node | null | undefined;

interface Read {
  readonly value: unknown;
  readonly located: Located;
}

/** Turns one YAML text into plain data, and remembers where everything stood. */
export class Reader {
  readonly problems: Problem[] = [];
  /** Paths whose values could not be had. */
  readonly broken: Path[] = [];
  readonly places: Places;

  private readonly text: string;
  private readonly file: string | undefined;
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();
  private values = 0;
  /** How many aliases are being written out: what is wrong inside them has been said where they point to. */
  private expanding = 0;
  private exhausted = false;

  constructor(text: string, file: string | undefined) {
    this.text = text;
    this.file = file;
    this.places = new Places(text);
  }

  /** @returns undefined, with problems, when the text has no value at all */
  read(): Read | undefined {
    const root = compose(this.text, (start, end, message, hint) => this.say(start, end, [], message, hint));
    const read = root === undefined ? undefined : this.node(root, [], undefined);
    return read === undefined || read.value === BROKEN ? undefined : read;
  }

  /** Turns a node into data. An anchored node is read again for each alias, so that every alias has its own copy. */
  private node(node: AnyNode, path: Path, key: Located['key']): Read {
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

  private alias(node: { readonly source: string }, path: Path, place: Located): Read {
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

  private scalar(node: Scalar, path: Path, place: Located): Read {
    const { value } = node;
    if (typeof value === 'string') return { value, located: { ...place, style: STYLES[node.type ?? 'PLAIN'] ?? 'plain', value } };
    if (typeof value === 'number' || typeof value === 'boolean' || value === null) return { value, located: place };
    this.say(place.start, place.end, path, 'Only text, numbers, true, false, lists and mappings have a meaning here.');
    return this.breakAt(path, place);
  }

  private list(node: YAMLSeq, path: Path, place: Located): Read {
    const children = new Map<number, Located>();
    const value = node.items.map((item, index) => {
      if (isPair(item)) return null;
      const read = this.node(item as AnyNode, [...path, index], undefined);
      children.set(index, read.located);
      return read.value === BROKEN ? null : read.value;
    });
    return { value, located: { ...place, children } };
  }

  private map(node: YAMLMap, path: Path, place: Located): Read {
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
        const { line } = this.places.lineOf(earlier.start);
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
  private tooMuch(path: Path, place: Located): Read {
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

  private breakAt(path: Path, located: Located): Read {
    this.broken.push(path);
    return { value: BROKEN, located };
  }

  private say(start: number, end: number, path: Path, message: string, hint?: string): void {
    if (this.expanding > 0) return;
    this.problems.push({
      ...(this.file === undefined ? {} : { file: this.file }),
      ...this.places.range(start, end),
      path: formatPath(path),
      message,
      ...(hint === undefined ? {} : { hint }),
    });
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
