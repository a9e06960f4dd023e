import { Kind } from '../../sim/engine/journal.ts';
import { CellHistory } from './cells.ts';
import type { Span } from './histogram.ts';
import type { Members } from './members.ts';
import type { Nodes } from './nodes.ts';
import { nameOf, positionAt, type Run } from './run.ts';

/** When a node first came to believe something. */
export interface Notice {
  readonly node: number;
  readonly at: number;
  /** The place of the record that the change follows from. */
  readonly place: number;
}

/** A member that was there and then was not, and when the others came to know. */
export interface Detection {
  readonly node: number;
  readonly name: string;
  /** When it fell, and the place of that record. */
  readonly from: number;
  readonly place: number;
  /** When it was there again; the end of the run if it never was. */
  readonly to: number;
  /** Nodes that took it for alive when it fell, and ran. */
  readonly watchers: number;
  /** By the instants: who suspected it first, and who held it for dead. */
  readonly suspected: readonly Notice[];
  readonly dead: readonly Notice[];
}

type Stage = 'alive' | 'suspect' | 'dead' | 'gone' | undefined;

const STAGES: Readonly<Record<string, Stage>> = {
  alive: 'alive',
  suspect: 'suspect',
  dead: 'dead',
  failed: 'dead',
  left: 'gone',
  leaving: 'gone',
};

/**
 * The failures in a part of a run and how they were noticed, in order. Whoever left before it stopped is not among them, nor is one that nobody
 * watched.
 */
export function detectionsIn(run: Run, members: Members, nodes: Nodes, span: Span, cells = new CellHistory(run)): Detection[] {
  const { kind, node, at } = run.records;
  const { subjects } = members;
  const found: Detection[] = [];
  const isThere = (position: number, who: number): boolean => {
    const { condition } = nodes.at(position, who);
    return condition === 'running' || condition === 'paused';
  };
  for (let i = positionAt(run.records, span.from - 1); i < positionAt(run.records, span.to); i++) {
    if (kind[i] !== Kind.crash && kind[i] !== Kind.stop) continue;
    const who = node[i] as number;
    const name = nameOf(run, who);
    const column = subjects.indexOf(name);
    if (column < 0 || !isThere(i, who) || isThere(i + 1, who)) continue;
    const back = returnOf(run, who, i, isThere);
    const own = { node: who, name, from: at[i] as number, place: i, to: back < 0 ? run.end : (at[back] as number) };
    const heard = watch(run, members, cells, {
      column,
      subject: who,
      from: i + 1,
      to: back < 0 ? run.records.count : back,
      isThere,
    });
    if (heard.watchers > 0) found.push({ ...own, ...heard });
  }
  return found;
}

/** The place of the record by which a node was there again; −1 if it never was. */
function returnOf(run: Run, who: number, from: number, isThere: (position: number, who: number) => boolean): number {
  const { kind, node, count } = run.records;
  for (let i = from + 1; i < count; i++)
    if (node[i] === who && (kind[i] === Kind.start || kind[i] === Kind.resume) && isThere(i + 1, who)) return i;
  return -1;
}

interface Watched {
  readonly column: number;
  readonly subject: number;
  /** Records of the window that had happened when it fell, and when it came back. */
  readonly from: number;
  readonly to: number;
  readonly isThere: (position: number, who: number) => boolean;
}

function watch(
  run: Run,
  members: Members,
  cells: CellHistory,
  { column, subject, from, to, isThere }: Watched,
): Pick<Detection, 'watchers' | 'suspected' | 'dead'> {
  const { status, state } = members.beliefs;
  const [suspected, dead]: [Notice[], Notice[]] = [[], []];
  let watchers = 0;
  members.observers.forEach((observer, row) => {
    const place = row * members.subjects.length + column;
    const layers = [status[place] as number, state[place] as number].filter((cell) => cell >= 0);
    const before = layers.map((cell) => STAGES[String(cells.value(cell, from) ?? '')]);
    if (observer === subject || !isThere(from, observer) || !before.includes('alive') || before.includes('gone')) return;
    watchers++;
    const changes = layers.flatMap((cell) => {
      const { positions, values } = cells.series(cell);
      return positions.map((position, i) => ({ position, stage: STAGES[String(values[i])] }));
    });
    const first = (stage: Stage): Notice | undefined => {
      const here = changes.filter((each) => each.stage === stage && each.position > from && each.position <= to);
      if (here.length === 0) return undefined;
      const earliest = Math.min(...here.map(({ position }) => position)) - 1;
      return { node: observer, at: run.records.at[earliest] as number, place: earliest };
    };
    const [doubt, certainty] = [first('suspect'), first('dead')];
    if (doubt !== undefined) suspected.push(doubt);
    if (certainty !== undefined) dead.push(certainty);
  });
  const inOrder = (list: Notice[]): Notice[] => list.toSorted((a, b) => a.place - b.place || a.node - b.node);
  return { watchers, suspected: inOrder(suspected), dead: inOrder(dead) };
}
