import type { CellHistory } from './cells.ts';
import type { Run } from './run.ts';

const FIELD = '.incarnation';

/** The cell that holds the incarnation in which a node knows a member; undefined when its protocol has none. */
function incarnationCell({ table }: Run, node: number, subject: string): number | undefined {
  for (let cell = 0; cell < table.count; cell++) {
    if (table.node(cell) === node && table.subject(cell) === subject && table.field(cell).endsWith(FIELD)) return cell;
  }
  return undefined;
}

/**
 * The incarnation in which one node knows another, and the one that that has by its own account: a lower one is out of date, and what is believed in it
 * will be refuted (SWIM §4.2).
 */
export function incarnations(
  run: Run,
  cells: CellHistory,
  observer: number,
  subject: string,
  position: number,
): { readonly known: number; readonly own: number } | undefined {
  const node = run.topology.nodes.findIndex(({ name }) => name === subject);
  const [there, here] = [incarnationCell(run, observer, subject), incarnationCell(run, node, subject)];
  const [known, own] = [there, here].map((cell) => (cell === undefined ? undefined : cells.value(cell, position)));
  return typeof known === 'number' && typeof own === 'number' ? { known, own } : undefined;
}
