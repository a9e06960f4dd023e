import { type Instant, seconds } from '../core/time.ts';
import { scenario } from '../sim/scenario/load.ts';
import type { ScenarioInput } from '../sim/scenario/schema.ts';
import { surroundings } from '../sim/surroundings.ts';
import { World } from '../sim/world.ts';

/** How busy a cluster is. */
export type Mode = 'busy' | 'quiet';

/** A cluster of agents on one segment that have long been together. */
export function cluster(nodes: number, mode: Mode, until: number): ScenarioInput {
  const rumours = Array.from({ length: mode === 'busy' ? 2 * until : 0 }, (_, i) => ({
    at: `${(i + 1) * 500}ms`,
    on: `n${1 + ((i * 7) % nodes)}`,
    run: 'serf force-leave ghost',
  }));
  return {
    seed: 1,
    until: `${until + 1}s`,
    start: 'converged',
    network: { segments: { lan: { subnet: '10.0.0.0/16', latency: '100us..200us' } } },
    hosts: { n: { on: 'lan', count: nodes } },
    timeline: [{ at: '0s', on: 'all', run: 'serf agent' }, ...rumours],
  } as ScenarioInput;
}

const [, , size = '100', mode = 'busy', warm = '5', length = '20'] = process.argv;
function calibrate(): number {
  const since = process.cpuUsage();
  let x = 0;
  for (let i = 0; i < 5e7; i++) x = (Math.imul(x, 31) + i) | 0;
  const { user, system } = process.cpuUsage(since);
  if (x === 42) console.log(x);
  return ((user + system) * 1000) / 5e7;
}
calibrate();
const began = process.cpuUsage();
const { plan } = scenario(cluster(Number(size), mode as Mode, Number(warm) + Number(length)), surroundings);
const world = new World(plan, { registry: surroundings.registry });
const cpu = (since: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};
world.simulation.runUntil(0 as Instant);
console.log(`built in ${cpu(began).toFixed(1)} s, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
world.simulation.runUntil(seconds(Number(warm)) as number as Instant);
console.log(`warm after ${cpu(began).toFixed(1)} s, ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
const c1 = calibrate();
const before = process.cpuUsage();
const records = world.journal.state.count;
const hashed = world.journal.state.hashed;
world.simulation.runUntil(seconds(Number(warm) + Number(length)) as number as Instant);
const spent = cpu(before);
const c2 = calibrate();
const perNode = (world.journal.state.count - records) / Number(size) / Number(length);
console.log(
  `${size} ${mode}: ${(Number(length) / spent).toFixed(1)} s/s, ${perNode.toFixed(2)} records per node and second (${((world.journal.state.hashed - hashed) / Number(size) / Number(length)).toFixed(2)} hashed), ${((1e9 * spent) / (world.journal.state.hashed - hashed)).toFixed(0)} ns per hashed record; ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB; ${world.fingerprint()}; cal ${c1.toFixed(2)} ${c2.toFixed(2)}; normalised ${((Number(length) / spent) * (c1 + c2) / 2 / 1.3).toFixed(1)}`,
);
