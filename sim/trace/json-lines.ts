import { Kind } from '../engine/journal.ts';
import type { CellChange, Filter, Trace, TraceRecord } from './reader.ts';

const NAMES = Object.keys(Kind);

/**
 * A trace as JSON, an object per line: records with the fields of `TraceRecord`, changes of cells with those of `CellChange`.
 *
 * Nodes and kinds go by their names, instants in nanoseconds. Maps become objects, typed arrays and sets arrays.
 *
 * @param cells whether changes of cells have lines of their own
 */
export async function* jsonLines(trace: Trace, filter: Filter = {}, cells = true): AsyncGenerator<string> {
  for await (const entry of trace.entries(filter, cells)) yield JSON.stringify(entryJson(entry, trace));
}

/** One of those objects, as JSON would have it. */
export function entryJson(entry: TraceRecord | CellChange, trace: Trace): object {
  const nodeName = (node: number): string | undefined => trace.header.nodes[node];
  const named =
    'id' in entry
      ? { ...entry, kind: NAMES[entry.kind], node: nodeName(entry.node), peer: nodeName(entry.peer) }
      : { kind: 'cell', ...entry, node: nodeName(entry.node) };
  return JSON.parse(JSON.stringify(named, plain));
}

/** What JSON has no form for in the form that is nearest. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  return typeof value === 'bigint' ? String(value) : value;
}
