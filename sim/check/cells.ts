import type { NameId, Names } from '../../core/names.ts';
import { Kind, type Sink } from '../engine/journal.ts';

/** What every protocol of a world shows now: the last value of each cell, until its process ends. */
export class Cells implements Sink {
  /** Rises with every change. */
  version = 0;

  private readonly names: Names;
  /** By node and field: subject to value. */
  private readonly columns = new Map<number, Map<NameId, Map<NameId, number | string>>>();
  /** By node and process: the protocols that it is made of. */
  private readonly processes = new Map<string, readonly string[]>();

  constructor(names: Names) {
    this.names = names;
  }

  record(
    _id: number,
    _at: number,
    kind: number,
    node: number,
    _peer: number,
    _cause: number,
    _word: number,
    _size: number,
    payload: unknown,
  ): void {
    switch (kind) {
      case Kind.start: {
        const { process, parts } = payload as { process: number; parts: readonly string[] };
        this.processes.set(`${node}/${process}`, parts);
        return;
      }
      case Kind.stop: {
        const { process } = payload as { process: number };
        const key = `${node}/${process}`;
        const parts = this.processes.get(key) ?? [];
        this.processes.delete(key);
        // One that was refused its port ends, and the other goes on.
        const others = [...this.processes].flatMap(([other, own]) => (other.startsWith(`${node}/`) ? own : []));
        this.forget(
          node,
          parts.filter((part) => !others.includes(part)),
        );
        return;
      }
      case Kind.crash:
        this.columns.delete(node);
        for (const key of [...this.processes.keys()]) if (key.startsWith(`${node}/`)) this.processes.delete(key);
        this.version++;
    }
  }

  cell(_id: number, _at: number, node: number, subject: NameId, field: NameId, value: number | string): void {
    let fields = this.columns.get(node);
    if (fields === undefined) {
      fields = new Map();
      this.columns.set(node, fields);
    }
    let column = fields.get(field);
    if (column === undefined) {
      column = new Map();
      fields.set(field, column);
    }
    column.set(subject, value);
    this.version++;
  }

  value(node: number, subject: NameId, field: NameId): number | string | undefined {
    return this.columns.get(node)?.get(field)?.get(subject);
  }

  /** All subjects of one field as a node shows them, in the order in which they first appeared. */
  column(node: number, field: NameId): ReadonlyMap<NameId, number | string> {
    return this.columns.get(node)?.get(field) ?? EMPTY;
  }

  /** A process ended: what its protocols showed holds no longer. */
  private forget(node: number, parts: readonly string[]): void {
    const fields = this.columns.get(node);
    for (const field of [...(fields?.keys() ?? [])]) {
      const name = this.names.text(field);
      if (parts.some((part) => name.startsWith(`${part}.`))) fields?.delete(field);
    }
    this.version++;
  }
}

const EMPTY: ReadonlyMap<NameId, number | string> = new Map();
