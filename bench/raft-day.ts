import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { add, hours, type Instant, START } from '../core/time.ts';
import { RAFT_PROPERTIES } from '../sim/check/raft-properties.ts';
import { begin } from '../sim/run/run.ts';
import { scenario } from '../sim/scenario/load.ts';
import type { EntryInput, ScenarioInput } from '../sim/scenario/schema.ts';
import { surroundings } from '../sim/surroundings.ts';
import { table } from './table.ts';

const HOURS = 24;
const SECOND = 1;
const HOUR = 3600 * SECOND;

/** By then snapshots, sessions and what the invariants remember have the size that they keep. */
const SETTLED = 6;

/** More than this, of the middle of the day, is growth. */
const MOST = 1.05;

/** Three servers with two clients who ask once a second each, some loss, and a crash every hour, of one server after another. */
function input(): ScenarioInput {
  const peers = 'n1=10.0.1.11,n2=10.0.1.12,n3=10.0.1.13';
  const servers = '10.0.1.11,10.0.1.12,10.0.1.13';
  const timeline: EntryInput[] = [
    { at: '0s', on: 'n', run: `kvd -peers=${peers}` },
    { at: '5s', on: 'client', run: `kv load -servers=${servers} -clients=2 -operations=1000000 -think=1s` },
  ];
  for (let hour = 1; hour < HOURS; hour++) {
    const at = hour * HOUR - 60;
    timeline.push({ at: `${at}s`, crash: `n${1 + (hour % 3)}`, until: `${at + 30}s` });
  }
  return {
    seed: 24,
    until: `${HOURS * HOUR}s`,
    network: { segments: { lan: { subnet: '10.0.1.0/24', latency: '500us..2ms', loss: 0.001 } } },
    hosts: {
      n: { on: 'lan', count: 3, address: '10.0.1.11', disk: { sync: '1ms' } },
      client: { on: 'lan', address: '10.0.1.20' },
    },
    timeline,
    check: { always: Object.keys(RAFT_PROPERTIES) },
  };
}

function heapAfterCollection(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[values.length >>> 1] as number;

/**
 * A day of three servers of Raft, held to all invariants: what it costs, and what it holds after each simulated hour when garbage was collected.
 *
 * @returns 1 when it holds more in the evening than in the middle of the day, or an invariant was broken
 */
export function raftDay(): number {
  console.log(
    `\n## raft-day\n24 simulated hours of three servers of Raft with two clients, some loss and a crash every hour, the fingerprint and all invariants on.\n`,
  );
  const { plan } = scenario(input(), surroundings);
  const heap: number[] = [];
  const costs: number[] = [];
  let next: Instant = add(START, hours(1));
  const before = process.cpuUsage();
  const running = begin(plan, { registry: surroundings.registry, upTo: () => next });
  let step = running.next();
  for (; !step.done; step = running.next()) {
    if (step.value < next) continue;
    next = add(next, hours(1));
    const { user, system } = process.cpuUsage(before);
    costs.push((user + system) / 1e6);
    heap.push(heapAfterCollection());
  }
  const { records, findings } = step.value;
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  const rows = heap.map((each, i) => [String(i + 1), each.toFixed(1), ((costs[i] as number) - (costs[i - 1] ?? 0)).toFixed(1)]);
  console.log(table(['after hour', 'MiB in use', 's of CPU for it'], rows));
  console.log(`\n${seconds.toFixed(0)} s of CPU, ${records} records, ${Math.round(records / seconds)} a second.`);
  const broken = findings.filter(({ verdict }) => verdict === 'violated');
  for (const { check, says } of broken) console.log(`${check}: ${says}`);
  const middle = median(heap.slice(SETTLED, HOURS / 2));
  const evening = median(heap.slice(HOURS / 2));
  const grows = evening > middle * MOST;
  console.log(
    `${grows ? 'It grows' : 'It does not grow'}: ${middle.toFixed(1)} MiB from hour ${SETTLED + 1} to ${HOURS / 2}, ${evening.toFixed(1)} MiB after.`,
  );
  return grows || broken.length > 0 ? 1 : 0;
}
