import { Kind } from '../../sim/engine/journal.ts';
import { positionAt, type Run, textField, wordOf } from './run.ts';

/** Something that is so in a run at an instant, or is not. */
export type Claim =
  /** A cell shows a value; one of several. */
  | {
      readonly node: string;
      readonly subject: string;
      readonly field: string;
      readonly shows: string | number | readonly (string | number)[];
    }
  /** So many records of a kind, at least and at most, since an instant. */
  | {
      readonly kind: keyof typeof Kind;
      readonly node?: string;
      readonly peer?: string;
      readonly word?: string;
      /** Part of what it carries in words: a line of output, a fault. */
      readonly text?: string;
      readonly since?: number;
      readonly least?: number;
      readonly most?: number;
    };

/** Whether a claim holds at an instant of a run that is open as a whole. */
export function holdsAt(run: Run, at: number, claim: Claim): boolean {
  return 'shows' in claim ? shows(run, at, claim) : happened(run, at, claim);
}

function shows(run: Run, at: number, { node, subject, field, shows: wanted }: Extract<Claim, { shows: unknown }>): boolean {
  const place = run.topology.nodes.findIndex(({ name }) => name === node);
  const last = run.cells.findLast(
    (cell) => cell.at <= at && cell.node === place && cell.subject === subject && cell.field === field,
  );
  const values = Array.isArray(wanted) ? wanted : [wanted];
  return last !== undefined && values.includes(last.value);
}

function happened(run: Run, at: number, claim: Extract<Claim, { kind: unknown }>): boolean {
  const { records, topology } = run;
  const numberOf = (name: string | undefined): number | undefined =>
    name === undefined ? undefined : topology.nodes.findIndex((each) => each.name === name);
  const [node, peer] = [numberOf(claim.node), numberOf(claim.peer)];
  const kind = Kind[claim.kind];
  let count = 0;
  const end = positionAt(records, at);
  for (let i = positionAt(records, (claim.since ?? 0) - 1); i < end; i++) {
    if (records.kind[i] !== kind) continue;
    if (node !== undefined && records.node[i] !== node) continue;
    if (peer !== undefined && records.peer[i] !== peer) continue;
    if (claim.word !== undefined && wordOf(run, records.word[i] as number) !== claim.word) continue;
    if (claim.text !== undefined && !textOf(run, i).includes(claim.text)) continue;
    count++;
  }
  return count >= (claim.least ?? (claim.most === undefined ? 1 : 0)) && count <= (claim.most ?? Number.POSITIVE_INFINITY);
}

const TEXTS = ['text', 'line', 'does', 'says', 'check'];

const textOf = (run: Run, i: number): string => TEXTS.map((field) => textField(run.payload(i), field)).join(' ');
