import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { type Duration, microseconds, milliseconds, seconds } from '../core/time.ts';
import type { ByteSink } from '../sim/trace/sink.ts';
import { SYNTHETIC_HEADER } from '../sim/trace/synthetic.ts';
import { type TraceOptions, TraceWriter } from '../sim/trace/writer.ts';
import type { Bench, Contest, Contestant } from './contest.ts';
import { partita } from './network.ts';

interface Load {
  readonly nodes: number;
  readonly seconds: number;
  readonly delay: { readonly min: Duration; readonly max: Duration };
}

/** The network with a trace of all that happens. */
function traced(load: Load, options: Pick<TraceOptions, 'sink' | 'deflate'>): Contestant {
  const checksum = (bytes: Uint8Array) => crc32(bytes);
  return partita(load, {
    fingerprint: false,
    listen: (names) => new TraceWriter({ header: SYNTHETIC_HEADER, names, checksum, ...options }),
  });
}

/** As it is while the simulator runs: what it writes is handed over and forgotten. */
const inTheLoop = (load: Load): Contestant => traced(load, { sink: { write: () => undefined } });

/** All of it: compressed block by block and written to a file, as if no other thread could do that. */
function asAWhole(load: Load): Contestant {
  const folder = mkdtempSync(join(tmpdir(), 'partita-bench-'));
  const file = openSync(join(folder, 'run.partita'), 'w');
  const sink: ByteSink = { write: (bytes) => void writeSync(file, bytes) };
  const { round, finish } = traced(load, { sink, deflate: (bytes) => deflateRawSync(bytes, { level: 6 }) });
  return {
    round,
    finish: () => {
      const sum = finish();
      closeSync(file);
      rmSync(folder, { recursive: true });
      return sum;
    },
  };
}

const contest = (name: string, load: Load): Contest => ({
  name,
  contestants: {
    plain: () => partita(load, { fingerprint: false }),
    fingerprint: () => partita(load, { fingerprint: true }),
    trace: () => inTheLoop(load),
    'trace, compressed to a file': () => asAWhole(load),
  },
  rounds: 9,
  warmUp: 5,
  reach: [
    { contestant: 'fingerprint', against: 'plain', atMost: 1 / 0.85 },
    { contestant: 'trace', against: 'plain', atMost: 1 / 0.75 },
  ],
});

/** What it costs to remember. */
export const trace: Bench = {
  description:
    'The same datagrams through Partita’s network, with nothing else, with a fingerprint, and with a trace of every packet.',
  operations: 'packet',
  contests: [
    contest('100 nodes, delay up to 1 s', { nodes: 100, seconds: 100, delay: { min: microseconds(100), max: seconds(1) } }),
    contest('1 000 nodes, delay up to 1 s', { nodes: 1_000, seconds: 10, delay: { min: microseconds(100), max: seconds(1) } }),
    contest('1 000 nodes, delay up to 10 ms', {
      nodes: 1_000,
      seconds: 10,
      delay: { min: microseconds(100), max: milliseconds(10) },
    }),
  ],
};
