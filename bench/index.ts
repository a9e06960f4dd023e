import { arch, cpus, platform, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Bench } from './contest.ts';
import { serve } from './contestant.ts';
import { gossip, serveCourse } from './gossip.ts';
import { hosts } from './hosts.ts';
import { live } from './live.ts';
import { network } from './network.ts';
import { serveAgents } from './ns3/agents.ts';
import { ns3 } from './ns3/ns3.ts';
import { queue } from './queue.ts';
import { race } from './race.ts';
import { raft } from './raft.ts';
import { raftDay } from './raft-day.ts';
import { raftWorld } from './raft-world.ts';
import { rows, table } from './table.ts';
import { timers } from './timers.ts';
import { trace } from './trace.ts';
import { verify } from './verify.ts';
import { viewer } from './viewer.ts';

const benches: Readonly<Record<string, Bench>> = {
  queue,
  timers,
  network,
  trace,
  hosts,
  raft,
  'raft-world': raftWorld,
  verify,
};

const program = fileURLToPath(import.meta.url);

function findContest(bench: string, contest: string) {
  const found = benches[bench]?.contests.find(({ name }) => name === contest);
  if (found === undefined) throw new Error(`no contest ${contest} in ${bench}`);
  return found;
}

async function run(name: string, bench: Bench): Promise<void> {
  console.log(`\n## ${name}\n${bench.description}\n`);
  const body: string[][] = [];
  for (const contest of bench.contests) {
    if (process.stderr.isTTY) process.stderr.write(`${name}: ${contest.name} …\u001b[K\r`);
    body.push(...rows(contest, await race(name, contest, program)));
  }
  if (process.stderr.isTTY) process.stderr.write('\u001b[K');
  console.log(table(['', 'who', `ns of CPU per ${bench.operations}, median`, 'least–most', 'reach'], body));
}

async function main(args: readonly string[]): Promise<number> {
  const known = [...Object.keys(benches), 'gossip', 'ns3', 'viewer', 'live', 'raft-day'];
  const unknown = args.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no bench ${unknown.join(', ')}. There are: ${known.join(', ')}.`);
    return 64;
  }
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const day = new Date().toISOString().slice(0, 10);
  console.log(`Node ${process.versions.node} (V8 ${process.versions.v8}) on ${platform()} ${arch()}, ${machine}; ${day}`);
  for (const [name, bench] of Object.entries(benches)) {
    if (args.length === 0 || args.includes(name)) await run(name, bench);
  }
  if (args.length === 0 || args.includes('gossip')) await gossip(program);
  if (args.length === 0 || args.includes('ns3')) ns3(program);
  if (args.length === 0 || args.includes('viewer')) await viewer();
  if (args.length === 0 || args.includes('live')) await live();
  // For minutes: only when it is asked for.
  return args.includes('raft-day') ? raftDay() : 0;
}

const [flag, bench, contest, contestant] = process.argv.slice(2);
if (flag === '--contestant') serve(findContest(bench ?? '', contest ?? ''), contestant ?? '');
else if (flag === '--course') serveCourse(bench ?? '');
else if (flag === '--agents') serveAgents(bench ?? '');
else process.exitCode = await main(process.argv.slice(2));
