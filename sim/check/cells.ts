import type { NameId } from '../../core/names.ts';
import type { Sink } from '../engine/journal.ts';

/** What every protocol of a world shows now: the last value of each cell. */
export class Cells implements Sink {
  /** Rises with every change, so that a reader can tell whether to look again. */
  version = 0;

  /** By field and node: subject to value. */
  private readonly columns = new Map<number, Map<NameId, number | string>>();
  private static readonly NODES = 0x1_00_00_00;

  record(): void {}

  cell(_id: number, _at: number, node: number, subject: NameId, field: NameId, value: number | string): void {
    const key = field * Cells.NODES + node;
    let column = this.columns.get(key);
    if (column === undefined) {
      column = new Map();
      this.columns.set(key, column);
    }
    column.set(subject, value);
    this.version++;
  }

  value(node: number, subject: NameId, field: NameId): number | string | undefined {
    return this.columns.get(field * Cells.NODES + node)?.get(subject);
  }

  /** All subjects of one field as a node shows them, in the order in which they first appeared. */
  column(node: number, field: NameId): ReadonlyMap<NameId, number | string> {
    return this.columns.get(field * Cells.NODES + node) ?? EMPTY;
  }

  /** A process ended, or starts afresh: what it showed in these fields holds no longer. */
  forget(node: number, fields: Iterable<NameId>): void {
    for (const field of fields) this.columns.delete(field * Cells.NODES + node);
    this.version++;
  }
}

const EMPTY: ReadonlyMap<NameId, number | string> = new Map();
