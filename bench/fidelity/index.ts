import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { arch, cpus, platform, release, setPriority, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Reality, simulate, type Wanted } from './collect.ts';
import { type Distribution, isPlausible } from './compare.ts';
import { gathered, type Kept, printKept, type Row, sorted } from './kept.ts';
import { removeAll, unable } from './namespaces.ts';
import { makeRoomForNeighbours, putLimitsBack } from './neighbours.ts';
import { killAll } from './real.ts';
import { plausibility, sideBySide } from './report.ts';
import { inSimulation } from './simulated.ts';
import { discovery } from './worlds/discovery.ts';
import { handlers, outputs } from './worlds/handlers.ts';
import { life } from './worlds/life.ts';
import { partition } from './worlds/partition.ts';
import { quiet } from './worlds/quiet.ts';

const EXPERIMENTS = [life, quiet, discovery, partition];

const USAGE = `Usage: npm run fidelity:serf -- [--short] [--samples N] [--runs N] [--only NAME,…] [--sizes N,…] [--save FILE | --from FILE]

Compares simulated Serf agents with real ones, which it starts in network namespaces. Needs root, and the Debian package serf.

  --short        a minute's worth: few samples, and an exit status of 1 when the simulator is grossly wrong
  --samples N    worlds of real agents for each experiment and size (30; 3 with --short)
  --runs N       simulations for each, of the same worlds (300; 60 with --short)
  --only NAME,…  only these experiments, of ${EXPERIMENTS.map(({ name }) => name).join(', ')}, handlers
  --sizes N,…    only clusters of these sizes, of 3, 5, 10
  --agents N     how many real agents may run at a time (110)
  --save FILE    keeps what was measured of real agents
  --from FILE    takes it from there instead of starting any`;

const flags = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    samples: { type: 'string' },
    runs: { type: 'string' },
    only: { type: 'string' },
    sizes: { type: 'string' },
    agents: { type: 'string', default: '110' },
    save: { type: 'string' },
    from: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
}).values;

const only = flags.only?.split(',');
const sizes = flags.sizes?.split(',').map(Number);
const chosen = (name: string): boolean => only?.includes(name) ?? true;

/** Samples of real worlds; a short run has few, and none of the long ones. */
function wantedOf(): Wanted[] {
  return EXPERIMENTS.filter(({ name }) => chosen(name)).flatMap((experiment) =>
    experiment.sizes
      .filter((size) => sizes?.includes(size) ?? (!flags.short || size < 10))
      .map((size) => ({ experiment, size, samples: Number(flags.samples ?? (flags.short ? 3 : 30)) }))
      .filter(() => !flags.short || experiment !== partition),
  );
}

/** Why real agents cannot be started here. */
async function obstacle(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'only root can make network namespaces';
  if (spawnSync('serf', ['version']).error !== undefined) return 'there is no serf here (Debian: apt-get install serf)';
  const reason = await unable();
  return reason === undefined ? undefined : `network namespaces cannot be made here: ${reason}`;
}

/** Between two looks at the clock, in milliseconds; what is found is that long at least. */
const RESOLUTION = 1;
const late = (nanoseconds: number): string => Math.max(0, nanoseconds / 1e6 - RESOLUTION).toFixed(1);

async function real(wanted: readonly Wanted[]): Promise<Kept> {
  try {
    // Timers of agents and our reading of their lines come before whatever else this machine does.
    setPriority(-10);
  } catch {
    console.log('(The priority could not be raised.)');
  }
  const cramped = makeRoomForNeighbours();
  if (cramped !== undefined) console.log(`(The kernel's ARP table could not be made larger: ${cramped}.)`);
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION });
  delay.enable();
  const reality = new Reality(Number(flags.agents), !flags.short);
  const printed: [string, string][][] = [];
  const begun = performance.now();
  const scripted = chosen('handlers')
    ? [0, 1].map(async () => {
        await reality.room(handlers.machines.length);
        const seen = await reality.one({ world: handlers, measures: [] });
        if (seen !== undefined) printed.push([...outputs(seen)]);
      })
    : [];
  await reality.run(wanted, (done, of) => {
    const line = `${done} of ${of} worlds of real agents, after ${Math.round((performance.now() - begun) / 1000)} s`;
    if (process.stderr.isTTY) process.stderr.write(`${line}\u001b[K\r`);
    else if (done % 20 === 0) console.error(line);
  });
  await Promise.all(scripted);
  delay.disable();
  for (const problem of new Set(reality.problems)) console.log(`A world of real agents could not be made: ${problem}`);
  const packages = spawnSync('dpkg-query', ['-W', 'serf'], { encoding: 'utf8' }).stdout.trim().replace('\t', ' ');
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  return {
    where: [
      `${packages} on ${platform()} ${release()} ${arch()}, ${machine}; ${new Date().toISOString().slice(0, 10)}`,
      `Real time: ${Math.round((performance.now() - begun) / 1000)} s. Agents waited ${(reality.waited / reality.times).toFixed(3)} ms for a processor ` +
        `each time on average; their lines were read ${late(delay.mean)} ms late on average, 99 % of them less than ${late(delay.percentile(99))} ms.`,
    ],
    rows: gathered(reality.measured),
    outputs: printed,
  };
}

/** Simulates what real agents were measured in, and puts the two side by side. */
function distributions(wanted: readonly Wanted[], rows: readonly Row[]): Distribution[] {
  const runs = Number(flags.runs ?? (flags.short ? 60 : 300));
  return wanted.flatMap(({ experiment, size }) => {
    const { measures } = experiment.sample(size, () => 0);
    const real = measures.map(({ name }) => sorted(rows, experiment.name, size, name));
    const samples = Math.max(...real.map(({ length }) => length));
    if (samples === 0) return [];
    const simulated = gathered(simulate({ experiment, size, samples }, runs));
    return measures.map(({ name, unit = 'ms', differs = false }, index) => ({
      size,
      name,
      unit,
      differs,
      real: real[index] ?? [],
      simulated: sorted(simulated, experiment.name, size, name),
    }));
  });
}

/** @returns in how many runs all that was printed was the same to the byte */
function sameOutputs(runs: Kept['outputs']): number {
  const simulated = outputs(inSimulation(handlers, 'handlers'));
  let same = 0;
  for (const run of runs) {
    const different = run.filter(([command, text]) => simulated.get(command) !== text);
    if (different.length === 0) same++;
    for (const [command, text] of different) {
      console.log(`\`${command}\` printed\n${text}and in the simulation\n${simulated.get(command)}`);
    }
  }
  return same;
}

async function main(): Promise<number> {
  if (flags.help) {
    console.log(USAGE);
    return 0;
  }
  const wanted = wantedOf();
  const why = flags.from === undefined ? await obstacle() : undefined;
  if (why !== undefined) {
    console.log(`Not compared with real agents: ${why}.`);
    return flags.short ? 0 : 66;
  }
  const kept = flags.from === undefined ? await real(wanted) : (JSON.parse(readFileSync(flags.from, 'utf8')) as Kept);
  if (flags.save !== undefined) writeFileSync(flags.save, printKept(kept));
  for (const line of kept.where) console.log(line);
  const compared = distributions(wanted, kept.rows).filter(({ real }) => real.length > 0);
  console.log(`\n${flags.short ? plausibility(compared) : sideBySide(compared)}\n`);
  const same = sameOutputs(kept.outputs);
  if (kept.outputs.length > 0) {
    console.log(`What commands and an event handler printed was the same to the byte in ${same} of ${kept.outputs.length} runs.`);
  }
  const printedWrong = kept.outputs.length > 0 && same === 0;
  return printedWrong || (flags.short && !compared.every(isPlausible)) ? 1 : 0;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));
process.on('exit', () => {
  killAll();
  removeAll();
  putLimitsBack();
});
process.exitCode = await main();
