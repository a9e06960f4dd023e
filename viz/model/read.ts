import type { Instant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import type { Topology } from '../../sim/network/topology.ts';
import { Cells } from '../../sim/trace/cells.ts';
import { openTrace, type Trace } from '../../sim/trace/reader.ts';
import type { ByteSource } from '../../sim/trace/sink.ts';
import { inflate } from './inflate.ts';
import { type CellChange, type CellTable, fieldOf, type Outcome, type Run, textField, type Verdict } from './run.ts';

/** A run that was read, or why it could not be. */
export type ReadRun = { readonly run: Run } | { readonly problem: string };

/**
 * Reads a trace file into memory. What cannot be read of a damaged or cut-off one is named in the run's `gaps`.
 *
 * @param progress told the part that has been read, from 0 to 1
 */
export async function readRun(source: ByteSource, progress: (part: number) => void = () => undefined): Promise<ReadRun> {
  const opened = await openTrace(source, { inflate });
  if (!opened.ok) return { problem: `This is no trace that can be read: ${opened.problem}.` };
  const { trace } = opened;
  const loader = new Loader(trace);
  for (let place = 0; place < trace.chunks.length; place++) {
    await loader.load(place);
    progress((place + 1) / trace.chunks.length);
  }
  return { run: loader.run() };
}

/** Takes a trace in chunk by chunk. */
class Loader {
  private readonly trace: Trace;
  private count = 0;
  private readonly at: Float64Array;
  private readonly kind: Uint8Array;
  private readonly node: Int32Array;
  private readonly peer: Int32Array;
  private readonly cause: Int32Array;
  private readonly word: Int32Array;
  private readonly size: Float64Array;
  private readonly payloads: unknown[] = [];
  private readonly changes: CellChange[] = [];
  private readonly verdicts: Verdict[] = [];
  private cells: Cells | undefined;
  /** First record and place of each chunk that was read: in a damaged file some are missing. */
  private readonly extents: { readonly first: number; readonly place: number; readonly count: number }[] = [];

  constructor(trace: Trace) {
    this.trace = trace;
    const { count } = trace;
    this.at = new Float64Array(count);
    this.kind = new Uint8Array(count);
    this.node = new Int32Array(count);
    this.peer = new Int32Array(count);
    this.cause = new Int32Array(count);
    this.word = new Int32Array(count);
    this.size = new Float64Array(count);
  }

  async load(chunkPlace: number): Promise<void> {
    const chunk = await this.trace.chunk(chunkPlace);
    if (chunk === undefined) return;
    const { records, changes } = chunk;
    const start = this.count;
    this.extents.push({ first: chunk.info.first, place: start, count: records.count });
    this.at.set(records.at, start);
    const known = new Map<number, unknown>();
    for (let i = 0; i < records.count; i++) {
      const place = start + i;
      this.kind[place] = records.kind[i] as number;
      this.node[place] = records.node(i);
      this.peer[place] = records.peer(i);
      this.cause[place] = this.placeOf(records.cause(i)) + 1;
      this.word[place] = records.word[i] as number;
      this.size[place] = records.size[i] as number;
      // The records of a packet share their payload; so it is decoded once.
      const reference = records.payload[i] as number;
      if (reference !== 0 && !known.has(reference)) known.set(reference, await this.trace.payload(chunk, i));
      this.payloads[place] = known.get(reference);
      if (this.kind[place] === Kind.verdict)
        this.verdicts.push(verdictOf(this.at[place] as Instant, place + 1, this.payloads[place]));
    }
    this.count = start + records.count;
    if (changes.count === 0) return;
    const cells = await this.cellTable();
    for (let i = 0; i < changes.count; i++) {
      const cell = changes.cell[i] as number;
      if (cell >= cells.count) continue;
      cells.change(changes, i);
      const { node, subject, field } = this.trace.tables.describe(cell);
      const position = start + (changes.after[i] as number);
      this.changes.push({ at: changes.at[i] as Instant, position, cell, node, subject, field, value: cells.value(cell) ?? '' });
    }
  }

  /** The file's table of cells is read with the first cells that are asked for. */
  private async cellTable(): Promise<Cells> {
    if (this.cells === undefined) {
      await this.trace.cellsAt(0 as Instant);
      this.cells = new Cells(this.trace.tables);
    }
    return this.cells;
  }

  run(): Run {
    const { trace, count } = this;
    const { header, tables } = trace;
    const topology = topologyOf(header.topology) ?? bareTopology(header.nodes);
    const gaps = trace.problems.map((problem) => `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`);
    if (topologyOf(header.topology) === undefined) gaps.push('The plan of the network is missing.');
    return {
      scenario: header.scenario.name,
      seed: String(header.seed),
      version: header.version,
      end: trace.end,
      topology,
      total: count,
      table: tableOf(trace),
      before: () => undefined,
      past: [],
      overview: undefined,
      records: {
        first: 1,
        count,
        at: this.at.subarray(0, count),
        kind: this.kind.subarray(0, count),
        node: this.node.subarray(0, count),
        peer: this.peer.subarray(0, count),
        cause: this.cause.subarray(0, count),
        word: this.word.subarray(0, count),
        size: this.size.subarray(0, count),
      },
      cells: this.changes,
      verdicts: this.verdicts,
      gaps,
      words: {
        meanings: header.meanings,
        name: (id) => tables.names[id],
        node: (node) => topology.nodes[node]?.name,
        endpoint: (id) => tables.endpoints[id],
      },
      payload: (i) => this.payloads[i],
    };
  }

  /** −1 for no record, and for one that was not read. */
  private placeOf(id: number): number {
    const extent = this.extents.findLast(({ first }) => first <= id);
    return id === 0 || extent === undefined || id >= extent.first + extent.count ? -1 : extent.place + id - extent.first;
  }
}

function tableOf({ tables }: Trace): CellTable {
  return {
    get count() {
      return tables.cellCount;
    },
    node: (cell) => tables.describe(cell).node,
    subject: (cell) => tables.describe(cell).subject,
    field: (cell) => tables.describe(cell).field,
  };
}

const OUTCOMES: readonly unknown[] = ['held', 'violated', 'inconclusive'] satisfies Outcome[];

function verdictOf(at: Instant, record: number, payload: unknown): Verdict {
  const outcome = fieldOf(payload, 'verdict');
  return {
    at,
    record,
    check: textField(payload, 'check'),
    outcome: OUTCOMES.includes(outcome) ? (outcome as Outcome) : 'inconclusive',
    says: textField(payload, 'says'),
  };
}

/** The plan of a network, if the data has the form of one as far as it is drawn. */
function topologyOf(value: unknown): Topology | undefined {
  const segments = fieldOf(value, 'segments');
  const nodes = fieldOf(value, 'nodes');
  if (!Array.isArray(segments) || !Array.isArray(nodes)) return undefined;
  const isSegment = (each: unknown): boolean =>
    typeof fieldOf(each, 'name') === 'string' && Array.isArray(fieldOf(each, 'subnets'));
  const isInterface = (each: unknown): boolean =>
    Array.isArray(fieldOf(each, 'addresses')) && segments[fieldOf(each, 'segment') as number] !== undefined;
  const isNode = (each: unknown): boolean => {
    const interfaces = fieldOf(each, 'interfaces');
    return typeof fieldOf(each, 'name') === 'string' && Array.isArray(interfaces) && interfaces.every(isInterface);
  };
  return segments.every(isSegment) && nodes.every(isNode) ? (value as Topology) : undefined;
}

const bareTopology = (names: readonly string[]): Topology => ({
  segments: [],
  nodes: names.map((name) => ({ name, forwarding: false, interfaces: [], routes: [] })),
});
