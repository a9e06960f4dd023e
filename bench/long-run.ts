import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Hash } from '../core/hash.ts';
import type { Sink } from '../sim/engine/journal.ts';
import { checksum, compressFile, FileSink } from '../sim/node/trace-file.ts';
import { begin } from '../sim/run/run.ts';
import { TRACE_CHUNK, tracing } from '../sim/run/tracing.ts';
import { scenario } from '../sim/scenario/load.ts';
import type { EntryInput, ScenarioInput } from '../sim/scenario/schema.ts';
import { surroundings } from '../sim/surroundings.ts';
import { FORMAT_VERSION } from '../sim/trace/format.ts';

const NODES = 60;
/** Seconds between two crashes, and for how long a crashed host is away. */
const BETWEEN = 40;
const AWAY = 20;
/** So many records are made in a virtual second, at least. */
const LEAST_RATE = 750;

/** Serf agents in two VLANs, of which one dies and comes back now and then, and two who talk. */
function input(events: number): ScenarioInput {
  const seconds = Math.ceil(events / LEAST_RATE);
  const timeline: EntryInput[] = [{ at: '0s', on: 'all', run: 'serf agent' }];
  for (let at = BETWEEN; at + AWAY < seconds; at += BETWEEN) {
    const host = `${(at / BETWEEN) % 2 === 0 ? 'a' : 'b'}${1 + ((at / BETWEEN) % (NODES / 2))}`;
    timeline.push({ at: `${at}s`, crash: host, until: `${at + AWAY}s` });
    timeline.push({ at: `${at + AWAY + 1}s`, on: host, run: 'serf agent -join 10.0.1.1' });
    timeline.push({ at: `${at + 5}s`, on: 'a1', run: 'serf members' });
  }
  return {
    seed: 6,
    until: `${seconds}s`,
    start: 'converged',
    network: {
      segments: {
        left: { subnet: '10.0.1.0/24', latency: '100us..2ms', loss: 0.01, vlan: 101 },
        right: { subnet: '10.0.2.0/24', latency: '100us..2ms', loss: 0.01, vlan: 102 },
      },
      routers: { gateway: { on: ['left', 'right'] } },
    },
    hosts: { a: { on: 'left', count: NODES / 2 }, b: { on: 'right', count: NODES / 2 } },
    timeline,
  };
}

/**
 * A trace of at least so many events, compressed as `partita run` leaves it. It is made once and kept in the machine's folder for temporary files.
 *
 * @returns its path
 */
export async function longRun(events: number): Promise<string> {
  const written = input(events);
  const hash = new Hash();
  hash.text(JSON.stringify(written));
  const folder = join(tmpdir(), 'partita-bench-traces');
  const path = join(folder, `${events}-${FORMAT_VERSION}-${TRACE_CHUNK}-${hash.hex()}.partita`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const { plan } = scenario(written, surroundings);
  const part = `${path}.part`;
  const sink = new FileSink(part);
  const about = { sink, seed: plan.seed, name: `${events} events`, text: '', version: 'bench', engine: 'Node', checksum };
  const trace = tracing(plan, about);
  let records = 0;
  const counter: Sink = {
    record: () => {
      records++;
    },
    cell: () => undefined,
  };
  const running = begin(plan, { registry: surroundings.registry, listen: (world) => [...trace.listen(world), counter] });
  let step = running.next();
  while (!step.done) step = running.next(records >= events ? 'stop' : undefined);
  trace.close(step.value);
  sink.close();
  const problem = await compressFile(part);
  if (problem !== undefined) throw new Error(problem);
  renameSync(part, path);
  return path;
}
