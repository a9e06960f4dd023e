import type { Address } from '../../../core/address.ts';
import { type NameId, Names } from '../../../core/names.ts';
import { Kind, NOBODY } from '../../engine/journal.ts';
import type { Packet } from '../../network/packet.ts';
import type { TraceHeader } from '../header.ts';
import type { Given } from '../synthetic.ts';

/*
 * What the traces in this folder hold. They were written once, when their format was made, and every later version must still read
 * exactly this from them. So nothing here is ever changed; a new format gets a new run and new files.
 */

export const GOLDEN_HEADER: TraceHeader = {
  version: '0.1.0',
  engine: 'v20.20.2',
  random: 'alea (seedrandom 3.0.5)',
  seed: 2603,
  scenario: { name: 'golden', text: 'seed: 2603\n# Zürich 😀\n', hash: '0123456789abcdef' },
  nodes: ['a', 'b', 'gateway'],
  topology: { segments: [{ name: 'left', subnets: [{ base: 167772416, length: 24 }] }], nodes: [] },
  interventions: [{ type: 'cut', at: 1_500_000_000 }],
  meanings: { node: 'name', 'echo request.sentAt': 'instant' },
};

export const GOLDEN_SUMMARY = {
  fingerprint: 'f00dfeedcafe0123',
  verdict: 'violated',
  measures: new Map([['join', [0.25, -1, 1e300]]]),
};

export const GOLDEN_STATE = {
  clock: { now: 7_000_000_000, columns: [new Float64Array([0.5, -0]), new Uint8Array([1, 2, 255]), new BigInt64Array([-1n])] },
  names: new Map<unknown, unknown>([
    ['a', 1],
    [2, new Set(['x', 'y'])],
  ]),
  empty: [{}, [], '', null, undefined, true, false],
};

export const goldenNames = (): Names => {
  const names = new Names();
  names.endpoint(0x0a_00_01_01 as Address, 7946);
  names.endpoint(0xff_ff_ff_ff as Address, 65_535);
  return names;
};

const ping: Packet = {
  from: 0 as never,
  to: 1 as never,
  transport: 'udp',
  message: {
    type: 'ping',
    sequence: 70_000,
    node: 3,
    members: [{ type: 'alive', incarnation: 300 }],
    packed: new Uint16Array([1, 65_535]),
  },
  word: 0 as NameId,
  bytes: 58,
  source: 0,
  boot: 0,
  ordinal: 4711,
  ttl: 64,
  header: undefined,
};

const train: Packet = {
  ...ping,
  transport: 'stream',
  message: undefined,
  ttl: 61,
  header: {
    flag: 'syn',
    connection: 12,
    train: 0,
    segments: 1,
    payload: 0,
    last: true,
    acknowledges: 0,
    arrived: 0,
    missing: 0,
    mss: 1460,
  },
};

export const GOLDEN_RUN: readonly Given[] = [
  { type: 'record', id: 1, at: 0, kind: Kind.boot, node: 0, peer: NOBODY, cause: 0, word: 'boot', size: 0, payload: undefined },
  { type: 'cell', id: 1, at: 0, node: 0, subject: 'a', field: 'status', value: 'alive' },
  { type: 'cell', id: 1, at: 0, node: 0, subject: 'a', field: 'health', value: -0.25 },
  { type: 'record', id: 2, at: 200_000_001, kind: Kind.send, node: 0, peer: 1, cause: 1, word: 'ping', size: 58, payload: ping },
  {
    type: 'record',
    id: 3,
    at: 200_000_101,
    kind: Kind.forward,
    node: 2,
    peer: 1,
    cause: 2,
    word: 'ping',
    size: 58,
    payload: ping,
  },
  {
    type: 'record',
    id: 4,
    at: 200_000_301,
    kind: Kind.deliver,
    node: 1,
    peer: 0,
    cause: 3,
    word: 'ping',
    size: 58,
    payload: ping,
  },
  { type: 'cell', id: 4, at: 200_000_301, node: 1, subject: 'a', field: 'incarnation', value: 4_294_967_296 },
  { type: 'cell', id: 4, at: 200_000_301, node: 1, subject: 'a', field: 'status', value: 'suspect' },
  // More than a word of nanoseconds later.
  {
    type: 'record',
    id: 5,
    at: 6_000_000_000,
    kind: Kind.drop,
    node: 0,
    peer: 1,
    cause: 0,
    word: 'loss',
    size: 40,
    payload: train,
  },
  {
    type: 'record',
    id: 6,
    at: 6_000_000_000,
    kind: Kind.output,
    node: 1,
    peer: NOBODY,
    cause: 4,
    word: 'serf',
    size: 0.5,
    payload: { job: 1, text: 'a line of more than sixty-four characters, which is written out where it is: Zürich 😀' },
  },
  { type: 'cell', id: 6, at: 6_000_000_000, node: 1, subject: 'a', field: 'incarnation', value: 7 },
  {
    type: 'record',
    id: 7,
    at: 7_000_000_000,
    kind: Kind.crash,
    node: 1,
    peer: NOBODY,
    cause: 0,
    word: '',
    size: -1,
    payload: 'plain text',
  },
  { type: 'cell', id: 7, at: 7_000_000_000, node: 1, subject: 'role', field: 'role', value: 'leader' },
  {
    type: 'record',
    id: 8,
    at: 9_007_199_254_740_000,
    kind: Kind.verdict,
    node: NOBODY,
    peer: NOBODY,
    cause: 7,
    word: 'sanity',
    size: 0,
    payload: {
      check: 'sanity',
      verdict: 'violated',
      says: 'b was seen dead and alive',
      numbers: [-1, 0, -0, 0.1, 1e300, 2 ** 40, 123n],
    },
  },
];
