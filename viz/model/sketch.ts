import { type Address, type Prefix, parseAddress, parsePrefix } from '../../core/address.ts';
import { type Instant, milliseconds } from '../../core/time.ts';
import { Kind, NOBODY } from '../../sim/engine/journal.ts';
import type { InterfaceSpec, LinkSpec, NodeSpec, Topology } from '../../sim/network/topology.ts';
import type { CellChange, Run, Verdict } from './run.ts';

/** A record of a run written by hand, for tests of the model. */
export interface SketchRecord {
  /** Milliseconds. */
  readonly at: number;
  readonly kind: keyof typeof Kind;
  readonly node?: number;
  readonly peer?: number;
  readonly cause?: number;
  readonly word?: string;
  readonly size?: number;
  readonly payload?: unknown;
}

/** A change of a cell; cells are numbered in the order in which they are first written. */
export type SketchCell = Omit<CellChange, 'cell'>;

export interface Sketch {
  readonly topology?: Topology;
  readonly records: readonly SketchRecord[];
  /** Milliseconds; the last record's instant when absent. */
  readonly end?: number;
  readonly cells?: readonly SketchCell[];
  readonly verdicts?: readonly Verdict[];
  /** Written `10.0.0.1:7946`; an endpoint's number is its place. */
  readonly endpoints?: readonly string[];
}

/** Makes a run of what a test wrote down. */
export function sketchRun(sketch: Sketch): Run {
  const { records } = sketch;
  const names = [...new Set(records.map(({ word }) => word ?? ''))];
  const numbers = (of: (record: SketchRecord) => number): Int32Array => Int32Array.from(records, of);
  const endpoints = (sketch.endpoints ?? []).map((text) => {
    const [address, port] = text.split(':') as [string, string];
    return { address: parseAddress(address) as Address, port: Number(port) };
  });
  const topology = sketch.topology ?? twoSegments();
  return {
    scenario: 'sketch',
    seed: '7',
    version: '0.0.0',
    end: milliseconds(sketch.end ?? records.at(-1)?.at ?? 0) as number as Instant,
    topology,
    ...numbered(sketch.cells ?? []),
    total: records.length,
    before: () => undefined,
    past: [],
    overview: undefined,
    verdicts: sketch.verdicts ?? [],
    gaps: [],
    records: {
      first: 1,
      count: records.length,
      at: Float64Array.from(records, ({ at }) => milliseconds(at)),
      kind: Uint8Array.from(records, ({ kind }) => Kind[kind]),
      node: numbers(({ node }) => node ?? NOBODY),
      peer: numbers(({ peer }) => peer ?? NOBODY),
      cause: numbers(({ cause }) => cause ?? 0),
      word: numbers(({ word }) => names.indexOf(word ?? '')),
      size: Float64Array.from(records, ({ size }) => size ?? 0),
    },
    words: {
      meanings: { from: 'endpoint', to: 'endpoint' },
      name: (id) => names[id],
      node: (node) => topology.nodes[node]?.name,
      endpoint: (id) => endpoints[id],
    },
    payload: (i) => records[i]?.payload,
  };
}

function numbered(changes: readonly SketchCell[]): Pick<Run, 'cells' | 'table'> {
  const keys = new Map<string, number>();
  const owners: SketchCell[] = [];
  const cells = changes.map((change) => {
    const key = `${change.node} ${change.field} ${change.subject}`;
    const cell = keys.get(key) ?? owners.push(change) - 1;
    keys.set(key, cell);
    return { ...change, cell };
  });
  const owner = (cell: number): SketchCell => owners[cell] as SketchCell;
  return {
    cells,
    table: {
      count: owners.length,
      node: (cell) => owner(cell).node,
      subject: (cell) => owner(cell).subject,
      field: (cell) => owner(cell).field,
    },
  };
}

const LINK: LinkSpec = { delay: { type: 'constant', value: milliseconds(1) }, loss: 0, duplicate: 0, corrupt: 0, mtu: 1500 };

/** An interface on a segment, with an address of a /24. */
export const on = (segment: number, address: string, name = 'eth0'): InterfaceSpec => ({
  name,
  segment,
  port: { mode: 'access' },
  addresses: [{ address: parseAddress(address) as Address, length: 24 }],
});

export const host = (name: string, ...interfaces: readonly InterfaceSpec[]): NodeSpec => ({
  name,
  forwarding: false,
  interfaces,
  routes: [],
});

export const router = (name: string, ...interfaces: readonly InterfaceSpec[]): NodeSpec => ({
  ...host(name, ...interfaces),
  forwarding: true,
});

export const segment = (name: string, subnet: string): Topology['segments'][number] => ({
  name,
  subnets: [parsePrefix(subnet) as Prefix],
  link: LINK,
  multicast: 'flood',
  broadcast: 'flood',
});

/** a and b on the left, c on the right, r between. */
export const twoSegments = (): Topology => ({
  segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
  nodes: [
    host('a', on(0, '10.0.1.10')),
    host('b', on(0, '10.0.1.11')),
    host('c', on(1, '10.0.2.10')),
    router('r', on(0, '10.0.1.1'), on(1, '10.0.2.1', 'eth1')),
  ],
});
