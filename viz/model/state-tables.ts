import type { CellHistory } from './cells.ts';
import type { CellTable, Run } from './run.ts';

/** One value of a table of state. */
export interface StateValue {
  readonly text: string;
  /** After how many records it came; undefined when that was before the window, or it was never written. */
  readonly since: number | undefined;
}

/** What protocols show of themselves, as tables that need to know nothing of them. */
export interface StateTable {
  /** The protocol, as its cells name it. */
  readonly part: string;
  /** Whose view it is; undefined for a table in which each row is what a node says of itself. */
  readonly observer: number | undefined;
  readonly fields: readonly string[];
  readonly rows: readonly { readonly name: string; readonly values: readonly StateValue[] }[];
  /** Rows that were left out. */
  readonly more: number;
}

const MOST_ROWS = 250;

interface Part {
  readonly own: Map<number, Map<string, number>>;
  readonly ownFields: Set<string>;
  /** By observer, then by subject, then by field. */
  readonly others: Map<number, Map<string, Map<string, number>>>;
  readonly otherFields: Set<string>;
}

interface Index {
  readonly count: number;
  readonly parts: ReadonlyMap<string, Part>;
}

const indexes = new WeakMap<CellTable, Index>();

/** The protocols of a run that show any state. */
export const partsOf = (run: Run): readonly string[] => [...indexOf(run).parts.keys()];

/**
 * The state of one protocol at one moment: what each node says of itself, and what one of them says of others.
 *
 * @param observer the node whose view of others is asked for
 */
export function stateTables(run: Run, cells: CellHistory, part: string, observer: number, position: number): StateTable[] {
  const found = indexOf(run).parts.get(part);
  if (found === undefined) return [];
  const valuesOf = (fields: readonly string[], numbers: ReadonlyMap<string, number>): StateValue[] =>
    fields.map((field) => {
      const cell = numbers.get(field);
      const value = cell === undefined ? undefined : cells.value(cell, position);
      return {
        text: value === undefined ? '' : String(value),
        since: cell === undefined ? undefined : cells.since(cell, position),
      };
    });
  const tables: StateTable[] = [];
  if (found.own.size > 0) {
    const fields = [...found.ownFields];
    const rows = [...found.own].toSorted(([a], [b]) => a - b);
    tables.push({
      part,
      observer: undefined,
      fields,
      rows: rows
        .slice(0, MOST_ROWS)
        .map(([node, numbers]) => ({ name: run.topology.nodes[node]?.name ?? String(node), values: valuesOf(fields, numbers) })),
      more: Math.max(0, rows.length - MOST_ROWS),
    });
  }
  const others = found.others.get(observer);
  if (others !== undefined) {
    const fields = [...found.otherFields];
    // A subject of which nothing has been written yet is not known yet.
    const rows = [...others]
      .map(([name, numbers]) => ({ name, values: valuesOf(fields, numbers) }))
      .filter(({ values }) => values.some(({ text }) => text !== ''));
    tables.push({ part, observer, fields, rows: rows.slice(0, MOST_ROWS), more: Math.max(0, rows.length - MOST_ROWS) });
  }
  return tables;
}

function indexOf({ table, topology }: Run): Index {
  const known = indexes.get(table);
  if (known?.count === table.count) return known;
  const parts = new Map<string, Part>();
  for (let cell = 0; cell < table.count; cell++) {
    const [node, subject, name] = [table.node(cell), table.subject(cell), table.field(cell)];
    const dot = name.lastIndexOf('.');
    const [part, field] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
    const there = parts.get(part) ?? { own: new Map(), ownFields: new Set(), others: new Map(), otherFields: new Set() };
    parts.set(part, there);
    if (subject === topology.nodes[node]?.name) {
      there.ownFields.add(field);
      const own = there.own.get(node) ?? new Map<string, number>();
      there.own.set(node, own.set(field, cell));
    } else {
      there.otherFields.add(field);
      const views = there.others.get(node) ?? new Map<string, Map<string, number>>();
      const view = views.get(subject) ?? new Map<string, number>();
      there.others.set(node, views.set(subject, view.set(field, cell)));
    }
  }
  const index = { count: table.count, parts };
  indexes.set(table, index);
  return index;
}
