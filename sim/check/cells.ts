import type { NameId, Names } from '../../core/names.ts';
import { Kind, kindsOf, type Sink } from '../engine/journal.ts';

interface CellsState {
  version: number;
  /** By node and field: subject to value. */
  readonly columns: Map<number, Map<NameId, Map<NameId, number | string>>>;
  /** By node and process: the protocols that it is made of. */
  readonly processes: Map<string, readonly string[]>;
}

/** What every protocol of a world shows now: the last value of each cell, until its process ends. */
export class Cells implements Sink {
  readonly kinds = kindsOf(Kind.start, Kind.stop, Kind.crash);
  readonly state: CellsState = { version: 0, columns: new Map(), processes: new Map() };

  private readonly names: Names;

  constructor(names: Names) {
    this.names = names;
  }

  /** Rises with every change. */
  get version(): number {
    return this.state.version;
  }

  set version(version: number) {
    this.state.version = version;
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
        this.state.processes.set(`${node}/${process}`, parts);
        return;
      }
      case Kind.stop: {
        const { process } = payload as { process: number };
        const key = `${node}/${process}`;
        const parts = this.state.processes.get(key) ?? [];
        this.state.processes.delete(key);
        // One that was refused its port ends, and the other goes on.
        const others = [...this.state.processes].flatMap(([other, own]) => (other.startsWith(`${node}/`) ? own : []));
        this.forget(
          node,
          parts.filter((part) => !others.includes(part)),
        );
        return;
      }
      case Kind.crash:
        this.state.columns.delete(node);
        for (const key of [...this.state.processes.keys()]) if (key.startsWith(`${node}/`)) this.state.processes.delete(key);
        this.version++;
    }
  }

  cell(_id: number, _at: number, node: number, subject: NameId, field: NameId, value: number | string): void {
    let fields = this.state.columns.get(node);
    if (fields === undefined) {
      fields = new Map();
      this.state.columns.set(node, fields);
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
    return this.state.columns.get(node)?.get(field)?.get(subject);
  }

  /** All subjects of one field as a node shows them, in the order in which they first appeared. */
  column(node: number, field: NameId): ReadonlyMap<NameId, number | string> {
    return this.state.columns.get(node)?.get(field) ?? EMPTY;
  }

  /** A process ended: what its protocols showed holds no longer. */
  private forget(node: number, parts: readonly string[]): void {
    const fields = this.state.columns.get(node);
    for (const field of [...(fields?.keys() ?? [])]) {
      const name = this.names.text(field);
      if (parts.some((part) => name.startsWith(`${part}.`))) fields?.delete(field);
    }
    this.version++;
  }
}

const EMPTY: ReadonlyMap<NameId, number | string> = new Map();
