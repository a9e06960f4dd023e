import { Kind } from '../../sim/engine/journal.ts';
import type { Axis } from './axis.ts';
import type { Lanes } from './lanes.ts';
import type { Condition } from './nodes.ts';
import type { Packets } from './packets.ts';
import type { Run } from './run.ts';

/** A message from one lane to another, or a bundle of them. Along the lanes 0 is the beginning of the lens and 1 its end. */
export interface Line {
  /** Places of the records that begin and end it; of a bundle those of its first message. */
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  readonly x1: number;
  readonly x2: number;
  readonly lost: boolean;
  /** How many messages it stands for. */
  readonly count: number;
}

/** Something that happened on a lane. */
export interface Mark {
  readonly place: number;
  readonly lane: number;
  readonly x: number;
}

/** A stretch of a lane on which its node was not running as usual. */
export interface Gap {
  readonly lane: number;
  readonly x1: number;
  readonly x2: number;
  readonly condition: Condition;
}

/** Everything that is drawn of a part of a run. */
export interface Scene {
  /** How near it is looked at: each message; messages that run alike as one line; or only how much happens where. */
  readonly detail: 'messages' | 'bundles' | 'density';
  readonly lines: readonly Line[];
  readonly marks: readonly Mark[];
  /** How much happens: by lane, then by column; empty while everything is drawn one by one. */
  readonly density: readonly Uint32Array[];
  /** Messages and events in sight. */
  readonly messages: number;
  readonly events: number;
}

/** Together they stay below 5 000 strokes, with room for what is highlighted. */
export const MOST_LINES = 1500;
export const MOST_MARKS = 1500;
const MOST_BUNDLES = 2400;
/** Records after the lens in which the ends of messages are looked for that began in it. */
const AHEAD = 4000;
/** Messages that may begin before the lens and are looked for. */
const MOST_FLYING = 200;
/** Pixels in which the ends of messages of one bundle lie; doubled until the bundles are few enough. */
const BUNDLE = 5;
const WIDEST_BUNDLE = 80;

const isEnd = (kind: number): boolean => kind === Kind.deliver || kind === Kind.forward || kind === Kind.drop;
/** What a message's line shows already. */
const isPassage = (kind: number): boolean => kind === Kind.send || isEnd(kind);

interface Ends {
  readonly starts: number[];
  readonly ends: number[];
}

/** @param columns pixels that the lens is wide */
export function sceneOf(run: Run, packets: Packets, axis: Axis, { laneOf, nodes }: Lanes, columns: number): Scene {
  const { kind, node } = run.records;
  const { begin, end } = axis;
  const messages = messagesIn(run, packets, axis, laneOf);
  const lineOf = (i: number): Line => {
    const [start, finish] = [messages.starts[i] as number, messages.ends[i] as number];
    return {
      start,
      end: finish,
      from: laneOf[node[start] as number] as number,
      to: laneOf[receiverOf(run, start, finish)] as number,
      x1: axis.place(start),
      x2: axis.place(finish),
      lost: kind[finish] === Kind.drop,
      count: 1,
    };
  };
  const places: number[] = [];
  for (let i = begin; i < end && places.length <= MOST_MARKS; i++) {
    if (!isPassage(kind[i] as number) && laneOf[node[i] as number] !== undefined && (laneOf[node[i] as number] as number) >= 0)
      places.push(i);
  }
  const marks =
    places.length > MOST_MARKS
      ? []
      : places.map((place) => ({ place, lane: laneOf[node[place] as number] as number, x: axis.place(place) }));
  const counts = { messages: messages.starts.length, events: end - begin };
  if (messages.starts.length <= MOST_LINES) {
    const lines = messages.starts.map((_, i) => lineOf(i));
    return {
      detail: 'messages',
      lines,
      marks,
      density: marks.length < places.length ? densityOf(run, axis, laneOf, nodes.length, columns) : [],
      ...counts,
    };
  }
  const density = densityOf(run, axis, laneOf, nodes.length, columns);
  const lines = messages.starts.map((_, i) => lineOf(i));
  for (let width = BUNDLE; width <= WIDEST_BUNDLE; width *= 2) {
    const bundles = bundle(lines, nodes.length, width / columns);
    if (bundles !== undefined) return { detail: 'bundles', lines: bundles, marks, density, ...counts };
  }
  return { detail: 'density', lines: [], marks, density, ...counts };
}

/** The node at which a message's line ends: what a link loses is dropped at the sender, with the one that it was for as peer. */
export function receiverOf({ records: { kind, node, peer } }: Run, start: number, end: number): number {
  const lost = kind[end] === Kind.drop && node[end] === node[start] && (peer[end] as number) >= 0;
  return (lost ? peer[end] : node[end]) as number;
}

/** Messages that begin, end or are on their way in the lens, between two lanes that are shown. */
function messagesIn(run: Run, packets: Packets, axis: Axis, laneOf: Int32Array): Ends {
  const { kind, cause, first, count, node } = run.records;
  const { begin, end } = axis;
  const found: Ends = { starts: [], ends: [] };
  const add = (start: number, finish: number): void => {
    const to = receiverOf(run, start, finish);
    if ((laneOf[node[start] as number] ?? -1) < 0 || (laneOf[to] ?? -1) < 0 || node[start] === to) return;
    found.starts.push(start);
    found.ends.push(finish);
  };
  for (const { start, end: finish } of packets
    .at({ instant: axis.lens.from as never, position: begin }, 0)
    .flying.slice(0, MOST_FLYING)) {
    if (finish >= end) add(start, finish);
  }
  const last = Math.min(count, end + AHEAD);
  for (let i = begin; i < last; i++) {
    if (!isEnd(kind[i] as number)) continue;
    const start = (cause[i] as number) - first;
    if (start < 0 || (i >= end && (start < begin || start >= end))) continue;
    if (kind[start] === Kind.send || kind[start] === Kind.forward) add(start, i);
  }
  return found;
}

/** @returns undefined when they would be too many */
function bundle(lines: readonly Line[], lanes: number, width: number): Line[] | undefined {
  /** What lies before and after the lens has columns, too. */
  const columns = Math.ceil(1 / width) + 4;
  const column = (x: number): number => Math.min(columns - 1, Math.max(0, Math.floor(x / width) + 2));
  const bundles = new Map<number, { line: Line; count: number }>();
  for (const line of lines) {
    const ends = (line.from * lanes + line.to) * 2 + (line.lost ? 1 : 0);
    const key = (ends * columns + column(line.x1)) * columns + column(line.x2);
    const there = bundles.get(key);
    if (there !== undefined) there.count++;
    else if (bundles.size === MOST_BUNDLES) return undefined;
    else bundles.set(key, { line, count: 1 });
  }
  return [...bundles.values()].map(({ line, count }) => ({ ...line, count }));
}

function densityOf(run: Run, axis: Axis, laneOf: Int32Array, lanes: number, columns: number): Uint32Array[] {
  const density = Array.from({ length: lanes }, () => new Uint32Array(columns));
  for (let i = axis.begin; i < axis.end; i++) {
    const row = density[laneOf[run.records.node[i] as number] ?? -1];
    if (row === undefined) continue;
    const column = Math.min(columns - 1, Math.max(0, Math.floor(axis.place(i) * columns)));
    row[column] = (row[column] as number) + 1;
  }
  return density;
}

/** When nodes were down or paused within the lens. `conditionAt` tells what a node was like after a number of records. */
export function gapsOf(run: Run, axis: Axis, lanes: Lanes, conditionAt: (position: number, node: number) => Condition): Gap[] {
  const { kind, node } = run.records;
  const changes = new Map<number, number[]>();
  for (let i = axis.begin; i < axis.end; i++) {
    if ((kind[i] as number) > Kind.resume) continue;
    const list = changes.get(node[i] as number);
    if (list === undefined) changes.set(node[i] as number, [i]);
    else list.push(i);
  }
  return lanes.nodes.flatMap((each, lane) => {
    const gaps: Gap[] = [];
    const places = [-1, ...(changes.get(each) ?? [])];
    places.forEach((place, i) => {
      const condition = conditionAt(place < 0 ? axis.begin : place + 1, each);
      if (condition !== 'down' && condition !== 'paused') return;
      const next = places[i + 1];
      const x1 = place < 0 ? 0 : axis.place(place);
      const x2 = next === undefined ? 1 : axis.place(next);
      if (x2 > x1) gaps.push({ lane, x1, x2, condition });
    });
    return gaps;
  });
}
