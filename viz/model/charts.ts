import { Kind } from '../../sim/engine/journal.ts';
import { type Detection, detectionsIn } from './detections.ts';
import type { Span } from './histogram.ts';
import { type BeliefMatrix, code, isWrong, type Truth, truthsOf } from './matrix.ts';
import type { Members } from './members.ts';
import type { Nodes } from './nodes.ts';
import type { Token } from './palette.ts';
import { quantilesOf } from './quantile.ts';
import type { RaftServers } from './raft.ts';
import { type Overview, positionAt, type Run, textField, wordOf } from './run.ts';
import { type Trip, tripsIn, tripWords } from './trips.ts';

/** A quantity over time. */
export interface Series {
  readonly name: string;
  readonly token: Token;
  /** One for each part of the span; NaN where there is none. */
  readonly values: Float64Array;
  /** With this the series is a band from here to its values. */
  readonly low?: Float64Array;
  /** Lines that are not told by colour alone have dashes of their own. */
  readonly dash: readonly number[];
}

/** Quantities over the same time. */
export interface LineChart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
}

/** Failures, each in a row of its own over the same time. */
export interface DetectionChart {
  readonly id: 'detection';
  readonly title: string;
  readonly detections: readonly Detection[];
}

export type Chart = LineChart | DetectionChart;

/** What charts are made of. */
export interface ChartSource {
  readonly run: Run;
  readonly nodes: Nodes;
  readonly members: Members;
  readonly matrix: BeliefMatrix | undefined;
  readonly raft: RaftServers | undefined;
  /** The kind of messages whose round trips are shown; the most frequent one when absent, or when there is none of it. */
  readonly trip?: string;
  /** Of a large run its outline, which what follows from lives and cells is taken from. */
  readonly whole?: ChartSource;
}

/** The charts of a part of a run. */
export interface Charts {
  readonly charts: readonly Chart[];
  /** The kinds of messages that were answered in it, the most frequent first, and the one that is shown. */
  readonly trips: readonly string[];
  readonly trip: string | undefined;
}

/** Beliefs that may be looked at for one chart. */
const MOST_BELIEFS = 2e7;
/** Round trips that the quantiles of a part are taken from, on the average; and parts at least, however few there are. */
const TRIPS_IN_PART = 8;
const FEWEST_PARTS = 12;
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3], [12, 4], [3, 6], [1, 4]];
const TOKENS: readonly Token[] = ['udp', 'stream', 'arp', 'message', 'icmp', 'left'];
const TRANSPORTS: Readonly<Record<string, { readonly name: string; readonly token: Token }>> = {
  udp: { name: 'UDP', token: 'udp' },
  stream: { name: 'TCP', token: 'stream' },
  message: { name: 'whole messages', token: 'message' },
  arp: { name: 'ARP', token: 'arp' },
  icmp: { name: 'ICMP', token: 'icmp' },
};
const dash = (i: number): readonly number[] => DASHES[i % DASHES.length] as readonly number[];
const token = (i: number): Token => TOKENS[i % TOKENS.length] as Token;

/** The charts of a part of a run, in so many equal parts. */
export function chartsOf(source: ChartSource, span: Span, parts: number): Charts {
  const { run } = source;
  const whole = source.whole ?? source;
  const { members, nodes, matrix, raft } = whole;
  const trips = tripsIn(run, span);
  const words = tripWords(run, trips);
  const trip = words.find((word) => word === source.trip) ?? words[0];
  const detections = matrix === undefined ? [] : detectionsIn(whole.run, members, nodes, span);
  const charts = [
    ...(matrix === undefined ? [] : [agreement(whole, matrix, span, parts)]),
    ...(detections.length === 0 ? [] : [{ id: 'detection', title: 'Detection of failures', detections } as const]),
    ...(trip === undefined ? [] : [latency(run, trips, trip, span, parts)]),
    packets(run, span, parts),
    bytes(run, span, parts),
    ...(raft === undefined ? [] : [commits(raft, whole.run, span, parts)]),
  ];
  return { charts, trips: words, trip };
}

/** Where the parts of a span end. */
export const endsOf = (span: Span, parts: number): Float64Array =>
  Float64Array.from({ length: parts }, (_, i) => span.from + ((span.to - span.from) * (i + 1)) / parts);

/** The part of a span that an instant falls into. */
const partOf = (span: Span, parts: number, at: number): number =>
  Math.min(parts - 1, Math.max(0, Math.floor(((at - span.from) / Math.max(1, span.to - span.from)) * parts)));

const seconds = (span: Span, parts: number): number => (span.to - span.from) / parts / 1e9;

/** How many packets a second were sent, by transport, and how many were lost. */
function packets(run: Run, span: Span, parts: number): Chart {
  if (run.overview !== undefined && (span.to - span.from) / parts >= run.overview.width)
    return counted(run.overview, span, parts);
  const { at, kind, word } = run.records;
  const counts = new Map<string, Float64Array>();
  const lost = new Float64Array(parts);
  /** A kind of message goes by one transport. */
  const transports = new Map<number, string>();
  const each = 1 / seconds(span, parts);
  for (let i = positionAt(run.records, span.from - 1); i < positionAt(run.records, span.to); i++) {
    const part = partOf(span, parts, at[i] as number);
    if (kind[i] === Kind.drop) lost[part] = (lost[part] as number) + each;
    if (kind[i] !== Kind.send) continue;
    const name = word[i] as number;
    let transport = transports.get(name);
    if (transport === undefined) {
      transport = textField(run.payload(i), 'transport');
      transports.set(name, transport);
    }
    const values = counts.get(transport) ?? new Float64Array(parts);
    counts.set(transport, values);
    values[part] = (values[part] as number) + each;
  }
  const known = Object.keys(TRANSPORTS).filter((transport) => counts.has(transport));
  return {
    id: 'packets',
    title: 'Packets sent',
    unit: '/s',
    series: [
      ...known.map((transport, i) => ({
        name: TRANSPORTS[transport]?.name ?? transport,
        token: TRANSPORTS[transport]?.token ?? ('left' as Token),
        values: counts.get(transport) as Float64Array,
        dash: dash(i),
      })),
      { name: 'lost', token: 'failed', values: lost, dash: [2, 2] },
    ],
  };
}

/** The same from the counts of a whole large run, which know no transports. */
function counted(overview: Overview, span: Span, parts: number): Chart {
  const bounds = [span.from, ...endsOf(span, parts)].map((instant) => overview.upTo(instant));
  const each = 1 / seconds(span, parts);
  const rates = (of: 'sent' | 'drops'): Float64Array =>
    Float64Array.from({ length: parts }, (_, i) => ((bounds[i + 1]?.[of] as number) - (bounds[i]?.[of] as number)) * each);
  return {
    id: 'packets',
    title: 'Packets sent',
    unit: '/s',
    series: [
      { name: 'all', token: 'udp', values: rates('sent'), dash: [] },
      { name: 'lost', token: 'failed', values: rates('drops'), dash: [2, 2] },
    ],
  };
}

/** The median as a line, between bands in which half, and nine of ten, lie. */
function bandsOf(lists: readonly ArrayLike<number>[], token: Token): Series[] {
  const [p5, p25, p50, p75, p95] = quantilesOf(lists) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  return [
    { name: 'p5 to p95', token, values: p95, low: p5, dash: [] },
    { name: 'p25 to p75', token, values: p75, low: p25, dash: [] },
    { name: 'median', token: 'text', values: p50, dash: [] },
  ];
}

/** Bytes a second that a node sent: all nodes of a part together. */
function bytes(run: Run, span: Span, parts: number): Chart {
  const { at, kind, node, size } = run.records;
  const nodes = run.topology.nodes.length;
  const sums = new Float64Array(parts * nodes);
  const each = 1 / seconds(span, parts);
  for (let i = positionAt(run.records, span.from - 1); i < positionAt(run.records, span.to); i++) {
    if (kind[i] !== Kind.send || (node[i] as number) < 0) continue;
    const place = partOf(span, parts, at[i] as number) * nodes + (node[i] as number);
    sums[place] = (sums[place] as number) + (size[i] as number) * each;
  }
  const lists = Array.from({ length: parts }, (_, part) => sums.subarray(part * nodes, (part + 1) * nodes));
  return { id: 'bytes', title: 'Sent by a node', unit: ' B/s', series: bandsOf(lists, 'udp') };
}

/** How long the round trips took that ended in each part, in milliseconds. A part is long enough for some of them. */
function latency(run: Run, trips: readonly Trip[], wanted: string, span: Span, most: number): Chart {
  const { at } = run.records;
  const shown = trips.filter(({ word }) => wordOf(run, word) === wanted);
  const parts = Math.max(FEWEST_PARTS, Math.min(most, Math.floor(shown.length / TRIPS_IN_PART)));
  const lists = Array.from({ length: parts }, (): number[] => []);
  for (const { start, end } of shown) {
    lists[partOf(span, parts, at[end] as number)]?.push(((at[end] as number) - (at[start] as number)) / 1e6);
  }
  return { id: 'latency', title: `Round trips of ${wanted}`, unit: ' ms', series: bandsOf(lists, 'stream') };
}

/** Of the beliefs that nodes hold, how many agree with the truth; and of those that run, how many are suspected or written off. */
function agreement({ run, members, nodes }: ChartSource, matrix: BeliefMatrix, span: Span, wanted: number): Chart {
  const size = Math.max(1, matrix.rows * matrix.columns);
  const parts = Math.max(1, Math.min(wanted, Math.floor(MOST_BELIEFS / size)));
  const [agree, slander] = [new Float64Array(wanted).fill(Number.NaN), new Float64Array(wanted).fill(Number.NaN)];
  const unknown = code('unknown');
  endsOf(span, parts).forEach((end, part) => {
    const position = positionAt(run.records, end);
    matrix.seek(position);
    const truths = truthsOf(run, members, nodes, position);
    let [held, right, slandered, living] = [0, 0, 0, 0];
    for (let row = 0; row < matrix.rows; row++) {
      if (truths.observers[row] !== true) continue;
      for (let column = 0; column < matrix.columns; column++) {
        const belief = matrix.beliefs[row * matrix.columns + column] as number;
        if (belief === unknown) continue;
        const truth = truths.subjects[column] as Truth;
        const wrong = isWrong(belief, truth);
        held++;
        if (!wrong) right++;
        if (truth === 'up') {
          living++;
          if (wrong) slandered++;
        }
      }
    }
    const from = Math.floor((part * wanted) / parts);
    const to = Math.floor(((part + 1) * wanted) / parts);
    if (held > 0) agree.fill((100 * right) / held, from, to);
    if (living > 0) slander.fill((100 * slandered) / living, from, to);
  });
  return {
    id: 'agreement',
    title: 'Beliefs',
    unit: ' %',
    series: [
      { name: 'agree with the truth', token: 'alive', values: agree, dash: [] },
      { name: 'wrong about one that runs', token: 'failed', values: slander, dash: [5, 3] },
    ],
  };
}

/** How far each server knows the log to be committed. */
function commits(raft: RaftServers, run: Run, span: Span, parts: number): Chart {
  const values = raft.nodes.map(() => new Float64Array(parts));
  endsOf(span, parts).forEach((end, part) => {
    raft.at(positionAt(run.records, end)).forEach(({ commit }, row) => {
      (values[row] as Float64Array)[part] = commit;
    });
  });
  return {
    id: 'commits',
    title: 'Committed entries',
    unit: '',
    series: raft.nodes.map((node, row) => ({
      name: run.topology.nodes[node]?.name ?? '',
      token: token(row),
      values: values[row] as Float64Array,
      dash: dash(row),
    })),
  };
}
