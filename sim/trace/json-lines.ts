import { Kind } from '../engine/journal.ts';
import type { Filter, Trace } from './reader.ts';

const NAMES = Object.keys(Kind);

/**
 * A trace as JSON, an object per line: records with the fields of `TraceRecord`, changes of cells with those of `CellChange`.
 *
 * Nodes and kinds go by their names, instants in nanoseconds. Maps become objects, typed arrays and sets arrays.
 *
 * @param cells whether changes of cells have lines of their own
 */
export async function* jsonLines(trace: Trace, filter: Filter = {}, cells = true): AsyncGenerator<string> {
  const nodeName = (node: number): string | undefined => trace.header.nodes[node];
  for await (const entry of trace.entries(filter, cells)) {
    if ('id' in entry) {
      yield JSON.stringify({ ...entry, kind: NAMES[entry.kind], node: nodeName(entry.node), peer: nodeName(entry.peer) }, plain);
    } else {
      yield JSON.stringify({ kind: 'cell', ...entry, node: nodeName(entry.node) }, plain);
    }
  }
}

/** What JSON has no form for in the form that is nearest. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries(value);
  if (value instanceof Set) return [...value];
  if (ArrayBuffer.isView(value)) return Array.from(value as Uint8Array);
  return typeof value === 'bigint' ? String(value) : value;
}
