import type { NameId, Names } from '../names.ts';
import { textSize } from './size.ts';

/**
 * What names take on the wire, each counted once: an exchange of states in a large cluster asks for ten thousand.
 *
 * Derived from the name table alone, so it is no state; after a restore that has another list of texts.
 */
export class Lengths {
  private readonly names: Names;
  private texts: readonly string[] = [];
  private sizes: number[] = [];

  constructor(names: Names) {
    this.names = names;
  }

  /** A name as a msgpack string. */
  of(name: NameId): number {
    if (this.texts !== this.names.state.texts) {
      this.texts = this.names.state.texts;
      this.sizes = [];
    }
    while (this.sizes.length <= name) this.sizes.push(textSize(this.names.text(this.sizes.length as NameId)));
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
