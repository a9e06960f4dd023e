import type { NameId, Names } from '../names.ts';
import { textSize } from './size.ts';

/**
 * What names take on the wire, each counted once: an exchange of states in a large cluster asks for ten thousand.
 *
 * Derived from the name table alone and checked against it on each use, so it is no state.
 */
export class Lengths {
  private readonly names: Names;
  private readonly texts: string[] = [];
  private readonly sizes: number[] = [];

  constructor(names: Names) {
    this.names = names;
  }

  /** A name as a msgpack string. */
  of(name: NameId): number {
    // After a restore an id may have got another text.
    return this.texts[name] === this.names.state.texts[name] ? (this.sizes[name] as number) : this.count(name);
  }

  private count(name: NameId): number {
    const text = this.names.text(name);
    while (this.texts.length <= name) {
      this.texts.push('');
      this.sizes.push(1);
    }
    this.texts[name] = text;
    this.sizes[name] = textSize(text);
    return this.sizes[name] as number;
  }
}

const TABLES = new WeakMap<Names, Lengths>();

/** The lengths of a world's names; all its members share one table. */
export function lengthsOf(names: Names): Lengths {
  let table = TABLES.get(names);
  if (table === undefined) {
    table = new Lengths(names);
    TABLES.set(names, table);
  }
  return table;
}
