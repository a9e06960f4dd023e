import { Kind } from '../../sim/engine/journal.ts';
import type { Cursor } from './cursor.ts';
import { fieldOf, lastUpTo, positionAt, type Run, textField, wordOf } from './run.ts';

/** One crossing of a packet, from the record that put it on the wire to the one that ended the crossing. */
export interface Leg {
  /** Places of the two records. */
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
  /** The segment it crosses; undefined when the two nodes share none, or are one. */
  readonly segment: number | undefined;
  /** It ends in a drop. */
  readonly lost: boolean;
}

/** A packet to be drawn. */
export interface Crossing extends Leg {
  /** How much of the way it has come, from 0 to 1. */
  readonly progress: number;
  readonly transport: string;
  /** Sent to a group or to all. */
  readonly many: boolean;
  readonly word: string;
}

/** So many packets on their way from one node to another. */
export interface Flow extends Pick<Leg, 'from' | 'to' | 'segment'> {
  readonly count: number;
}

/** What is on the wires at one moment. */
export interface Traffic {
  /** How many packets are on their way. */
  readonly count: number;
  /** Each of them; none when they are too many to be drawn one by one. */
  readonly flying: readonly Crossing[];
  /** Then where they are, the widest first. */
  readonly flows: readonly Flow[];
  /** What ended lately, the latest last. */
  readonly recent: readonly Crossing[];
  /** What of it was left out because there was too much. */
  readonly hidden: number;
}

/*
 * A frame has at most 5000 strokes, of what is drawn or filled: more take longer than a frame, and nobody sees them apart. A packet takes one, or two where
 * there is room for a rim; what ended lately takes up to three; a crossing of the present event, of which a multicast has many, four.
 */
const MOST_STROKES = 5000;
const MOST_FLYING = 4200;
export const MOST_RIMMED = 1000;
const MOST_FLOWS = 1000;
/** Somebody who scrubs over a long run passes thousands in each frame. */
const MOST_RECENT = 500;
const MOST_OF_EVENT = 200;
const RECENT_STROKES = 3;
const EVENT_STROKES = 4;
/** Packets of one kind of message that are looked into for their transport. */
const MOST_LOOKS = 256;

/** The crossings of a run, ordered for two questions: what is on the wires now, and what ended lately. */
export class Packets {
  private readonly run: Run;
  /** Places of the records that begin and end each crossing, in the order of their ends. */
  private readonly starts: Int32Array;
  private readonly ends: Int32Array;
  /** Crossings by their starts, and for each the latest end among it and all before it: where to stop looking. */
  private readonly byStart: Int32Array;
  private readonly latest: Int32Array;
  private readonly shared = new Map<number, number | undefined>();
  /** What is told of the packets of each crossing, found once: more are drawn in a frame than can be decoded in it. */
  private readonly looks: (Pick<Crossing, 'transport' | 'many'> | undefined)[] = [];

  constructor(run: Run) {
    this.run = run;
    const { first, count, kind, cause } = run.records;
    const ends = new Int32Array(count);
    let legs = 0;
    for (let i = 0; i < count; i++) {
      if (kind[i] !== Kind.deliver && kind[i] !== Kind.forward && kind[i] !== Kind.drop) continue;
      // One that was sent before the window is missing: when and where it began is not known here.
      const before = kind[(cause[i] as number) - first];
      if (before === Kind.send || before === Kind.forward) ends[legs++] = i;
    }
    this.ends = ends.slice(0, legs);
    this.starts = this.ends.map((end) => (cause[end] as number) - first);
    this.byStart = orderOf(this.starts, count);
    this.latest = new Int32Array(legs);
    let latest = -1;
    for (let i = 0; i < legs; i++) {
      latest = Math.max(latest, this.ends[this.byStart[i] as number] as number);
      this.latest[i] = latest;
    }
  }

  /** @param trail how long before the cursor a crossing may have ended to be shown as recent, in nanoseconds */
  at(cursor: Cursor, trail: number): Traffic {
    const legs: number[] = [];
    const recent: Crossing[] = [];
    let hidden = 0;
    for (let i = this.lastStartedBefore(cursor.position); i >= 0 && (this.latest[i] as number) >= cursor.position; i--) {
      const leg = this.byStart[i] as number;
      if ((this.ends[leg] as number) >= cursor.position) legs.push(leg);
    }
    legs.reverse();
    const single = legs.length <= MOST_FLYING;
    const flying = single ? legs.map((leg) => this.crossing(leg, cursor.instant)) : [];
    const flows = single ? [] : this.flowsOf(legs);
    if (trail > 0) {
      const taken = MOST_OF_EVENT * EVENT_STROKES + flows.length + flying.length * (flying.length <= MOST_RIMMED ? 2 : 1);
      const most = Math.min(MOST_RECENT, Math.floor((MOST_STROKES - taken) / RECENT_STROKES));
      const since = positionAt(this.run.records, cursor.instant - trail);
      const first = lastUpTo(this.ends, since - 1) + 1;
      const last = lastUpTo(this.ends, cursor.position - 1);
      hidden = Math.max(0, last - first + 1 - most);
      for (let leg = Math.max(first, last - most + 1); leg <= last; leg++) recent.push(this.crossing(leg, cursor.instant));
    }
    return { count: legs.length, flying, flows, recent, hidden };
  }

  /** How many packets go from whom to whom, the widest flows first. */
  private flowsOf(legs: readonly number[]): Flow[] {
    const { length } = this.run.topology.nodes;
    const counts = new Map<number, number>();
    for (const leg of legs) {
      const { from, to } = this.sidesOf(leg);
      const key = from * length + to;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    const widest = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_FLOWS);
    return widest.map(([key, count]) => {
      const [from, to] = [Math.floor(key / length), key % length];
      return { from, to, segment: this.segmentBetween(from, to), count };
    });
  }

  /** The crossings that a record begins, or the one that it ends. */
  of(record: number): readonly Crossing[] {
    const { kind, at } = this.run.records;
    const instant = at[record] as number;
    if (kind[record] !== Kind.send) {
      const leg = lastUpTo(this.ends, record);
      return this.ends[leg] === record ? [this.crossing(leg, instant)] : [];
    }
    const crossings: Crossing[] = [];
    for (let i = this.lastStartedBefore(record + 1); i >= 0 && this.starts[this.byStart[i] as number] === record; i--) {
      if (crossings.length < MOST_OF_EVENT) crossings.push(this.crossing(this.byStart[i] as number, instant));
    }
    return crossings.reverse();
  }

  /** The transports that packets use, of each kind of message as seen in the first ones. */
  transports(): ReadonlySet<string> {
    const { kind, word, count } = this.run.records;
    const found = new Set<string>();
    const looked = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      if (kind[i] !== Kind.send) continue;
      const times = looked.get(word[i] as number) ?? 0;
      if (times === MOST_LOOKS) continue;
      looked.set(word[i] as number, times + 1);
      found.add(textField(this.run.payload(i), 'transport'));
    }
    return found;
  }

  private lastStartedBefore(position: number): number {
    let low = 0;
    let high = this.byStart.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.starts[this.byStart[middle] as number] as number) < position) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private crossing(leg: number, instant: number): Crossing {
    const { at } = this.run.records;
    const start = this.starts[leg] as number;
    const end = this.ends[leg] as number;
    const { from, to, lost } = this.sidesOf(leg);
    const span = (at[end] as number) - (at[start] as number);
    const progress = span === 0 ? 1 : Math.min(1, Math.max(0, (instant - (at[start] as number)) / span));
    return {
      start,
      end,
      from,
      to,
      segment: this.segmentBetween(from, to),
      lost,
      progress,
      ...this.lookOf(leg),
      word: wordOf(this.run, this.run.records.word[start] as number),
    };
  }

  private sidesOf(leg: number): Pick<Leg, 'from' | 'to' | 'lost'> {
    const { kind, node, peer } = this.run.records;
    const end = this.ends[leg] as number;
    const from = node[this.starts[leg] as number] as number;
    const lost = kind[end] === Kind.drop;
    // What a link loses is dropped at the sender, with the one that it was for as peer.
    const to = lost && node[end] === from && (peer[end] as number) >= 0 ? (peer[end] as number) : (node[end] as number);
    return { from, to, lost };
  }

  private lookOf(leg: number): Pick<Crossing, 'transport' | 'many'> {
    let look = this.looks[leg];
    if (look === undefined) {
      const packet = this.run.payload(this.starts[leg] as number);
      look = { transport: textField(packet, 'transport'), many: isForMany(this.run, fieldOf(packet, 'to')) };
      this.looks[leg] = look;
    }
    return look;
  }

  private segmentBetween(from: number, to: number): number | undefined {
    const { nodes } = this.run.topology;
    const key = from * nodes.length + to;
    if (!this.shared.has(key)) {
      const theirs = new Set((nodes[to]?.interfaces ?? []).map(({ segment }) => segment));
      const common = (nodes[from]?.interfaces ?? []).find(({ segment }) => theirs.has(segment));
      this.shared.set(key, from === to ? undefined : common?.segment);
    }
    return this.shared.get(key);
  }
}

/** The places of keys below `limit` in the order of the keys, equal ones in the order of their places: by counting, as there are many. */
function orderOf(keys: Int32Array, limit: number): Int32Array {
  const next = new Int32Array(limit + 1);
  for (const key of keys) next[key + 1] = (next[key + 1] as number) + 1;
  for (let key = 0; key < limit; key++) next[key + 1] = (next[key + 1] as number) + (next[key] as number);
  const order = new Int32Array(keys.length);
  keys.forEach((key, place) => {
    order[next[key] as number] = place;
    next[key] = (next[key] as number) + 1;
  });
  return order;
}

/** Whether an endpoint is a multicast group (224.0.0.0/4), the broadcast address of all or that of one of the run's subnets. */
export function isForMany(run: Run, endpoint: unknown): boolean {
  const address = typeof endpoint === 'number' ? run.words.endpoint(endpoint)?.address : undefined;
  if (address === undefined) return false;
  if (address >= 0xe0_00_00_00) return true;
  return run.topology.segments.some(({ subnets }) =>
    subnets.some(({ base, length }) => length < 31 && address === base + 2 ** (32 - length) - 1),
  );
}
