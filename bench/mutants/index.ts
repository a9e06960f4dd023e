import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { describeIntervention } from '../../sim/intervention/intervention.ts';
import { printScenario } from '../../sim/scenario/load.ts';
import { Crew, inTurn } from './crew.ts';
import { type Found, type Hunted, NO_SWAP, type Reduced, runOf } from './hunt.ts';
import { BUGS, type Bug, QUICK } from './kit.ts';
import { isKilled, type Row, rowOf, summaryOf, tableOf } from './rows.ts';
import { WORLDS, type WorldKind } from './worlds/worlds.ts';

const HELP = `Proves that the checks bite: old bugs are put back one at a time, and the generic suite has to notice each.

npm run mutants -- [options]

  --only NAME       only this bug, by its number (R1) or name; may be repeated
  --quick           a few that are noticed soon
  --as-is           no bug: the suite on the working tree as it stands; exit 1 when it notices anything
  --clean RUNS      no bug: so many runs, and how many were false alarms
  --again WORLD/RUN the failing run of that world, made small again: serf/17 (with --only, of that bug)
  --seconds N       CPU seconds for each bug, or for each kind of world with --as-is; 60, and 8 with --quick
  --seed TEXT       other worlds and faults; 1
  --workers N       processes at a time; as many as there are CPUs
  --no-shrink       do not make smaller what was found
  --json            the rows as JSON, on standard output
  --out FILE        also writes the table there`;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    'as-is': { type: 'boolean' },
    clean: { type: 'string' },
    again: { type: 'string' },
    seconds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    'no-shrink': { type: 'boolean' },
    json: { type: 'boolean' },
    out: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const { seed } = values;
const budget = Number(values.seconds ?? (values.quick === true ? 8 : 60));
const workers = Number(values.workers);
const reducing = values['no-shrink'] === true ? 0 : Math.min(30, budget / 2);
const KINDS = Object.keys(WORLDS) as WorldKind[];
/** No end to the time. Processes are told in JSON, which has no infinity. */
const NO_LIMIT = Number.MAX_VALUE;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

process.exitCode = await main();

function main(): number | Promise<number> {
  if (values.help === true) return print(HELP, 0);
  if (!(budget > 0) || !(workers >= 1)) return print(HELP, 64);
  if (values.again !== undefined) return again(values.again);
  if (values['as-is'] === true) return asIs();
  if (values.clean !== undefined) return clean(Number(values.clean));
  return kill();
}

function print(text: string, status: number): number {
  process.stdout.write(`${text}\n`);
  return status;
}

function chosen(): readonly Bug[] {
  const wanted = values.only ?? (values.quick === true ? QUICK : undefined);
  if (wanted === undefined) return BUGS;
  return BUGS.filter(({ id, name }) => wanted.includes(id) || wanted.includes(name));
}

/** Every bug, each in a process of its own. */
async function kill(): Promise<number> {
  const bugs = chosen();
  if (bugs.length === 0) return print(`no such bug; known are\n${BUGS.map(({ id, name }) => `${id}\t${name}`).join('\n')}`, 64);
  const crew = new Crew();
  const rows = new Map<Bug, Row>();
  await inTurn(bugs, workers, async (bug) => {
    const done = await crew.run({ bug: bug.name, worlds: bug.worlds, seed, budget, reducing });
    const none: Hunted = { found: undefined, runs: 0, events: 0, cpuSeconds: budget };
    const row = 'lost' in done ? rowOf(bug, none, undefined, done.lost) : rowOf(bug, done.hunted, done.reduced);
    rows.set(bug, row);
    const took = `${row.runs} runs, ${row.cpuSeconds.toFixed(1)} CPU s`;
    say(`${bug.id.padEnd(5)} ${bug.name}: ${row.property ?? row.lost ?? 'survives'} (${took})`);
  });
  const all = bugs.map((bug) => rows.get(bug) as Row);
  if (values.out !== undefined) writeFileSync(values.out, `${tableOf(all)}\n`);
  process.stdout.write(`${values.json === true ? JSON.stringify(all, null, 2) : tableOf(all)}\n`);
  say(summaryOf(all));
  return all.every(isKilled) ? 0 : 1;
}

/** The suite on the working tree. Kinds of worlds have their time one beside another, each on as many processes as there are. */
async function asIs(): Promise<number> {
  let runs = 0;
  let events = 0;
  for (const world of KINDS) {
    const all = await together({ world, budget: budget / workers });
    runs += all.reduce((sum, each) => sum + each.runs, 0);
    events += all.reduce((sum, each) => sum + each.events, 0);
    const [first] = all.flatMap(({ found }) => found ?? []).sort((a, b) => a.index - b.index);
    say(
      `${world}: ${all.reduce((sum, each) => sum + each.runs, 0)} runs, ${first === undefined ? 'nothing noticed' : 'noticed'}`,
    );
    if (first !== undefined) return tell(first, undefined);
  }
  return print(`Nothing was noticed in ${runs} runs with ${events} events.`, 0);
}

async function clean(most: number): Promise<number> {
  let alarms = 0;
  for (const world of KINDS) {
    const share = Math.ceil(most / KINDS.length);
    let runs = 0;
    let first = 0;
    while (runs < share) {
      const all = await together({ world, budget: NO_LIMIT, most: Math.ceil((share - runs) / workers), first });
      runs += all.reduce((sum, each) => sum + each.runs, 0);
      const found = all.flatMap((each) => each.found ?? []);
      if (found.length === 0 && runs < share) throw new Error(`${world}: only ${runs} of ${share} runs were made`);
      if (found.length === 0) break;
      alarms += found.length;
      for (const { index, failure } of found) say(`${world}/${index} ${failure.check}: ${failure.says}`);
      first = Math.max(...found.map(({ index }) => index)) + 1;
    }
    say(`${world}: ${runs} runs`);
  }
  return print(`${alarms} false alarms.`, alarms === 0 ? 0 : 1);
}

/** One kind of worlds, on all processes at once. */
async function together(hunt: {
  readonly world: WorldKind;
  readonly budget: number;
  readonly most?: number;
  readonly first?: number;
}): Promise<Hunted[]> {
  const crew = new Crew();
  const { world, first = 0, ...limits } = hunt;
  const all: Hunted[] = [];
  const shares = Array.from({ length: workers }, (_, i) => first + i);
  await inTurn(shares, workers, async (share) => {
    const job = { bug: undefined, worlds: [world], seed, reducing: 0, first: share, step: workers, ...limits };
    const done = await crew.run(job);
    if ('lost' in done) throw new Error(`${world}: ${done.lost}`);
    all.push(done.hunted);
  });
  return all;
}

/** A failing run, made small and told to people. */
async function tell(found: Found, bug: Bug | undefined): Promise<number> {
  const { world, index, failure } = found;
  const lines = [
    `${failure.check} is violated: ${failure.says}`,
    `at ${(failure.at / 1e9).toFixed(3)} s of run ${index} of ${world}, seed ${seed}`,
  ];
  const done =
    reducing === 0 ? undefined : await new Crew().run({ bug: bug?.name, worlds: [world], seed, budget: 0, reducing, found });
  if (done !== undefined && !('lost' in done) && done.reduced !== undefined) lines.push(...inWords(done.reduced));
  const only = bug === undefined ? '' : ` --only ${bug.id}`;
  lines.push(`Again: npm run mutants -- --again ${world}/${index} --seed ${seed}${only}`);
  return print(lines.join('\n'), 1);
}

function inWords({ interventions, steps, before, ended, necessary }: Reduced): string[] {
  return [
    `made smaller from ${before} faults to ${interventions.length}, with ${steps} steps of the timeline (${ended}):`,
    ...interventions.map((each) => `  ${'at' in each ? `${(each.at / 1e9).toFixed(3)} s ` : ''}${describeIntervention(each)}`),
    `kinds of faults without which nothing is noticed in that run: ${necessary.join(', ') || 'none'}`,
  ];
}

async function again(place: string): Promise<number> {
  const [world = '', run = ''] = place.split('/');
  if (!KINDS.includes(world as WorldKind) || !/^\d+$/.test(run)) return print(HELP, 64);
  const [bug] = values.only === undefined ? [] : chosen();
  const job = { bug: bug?.name, worlds: [world as WorldKind], seed, budget: NO_LIMIT, reducing: 0 };
  const done = await new Crew().run({ ...job, first: Number(run), most: 1 });
  if ('lost' in done) return print(done.lost, 1);
  const { found } = done.hunted;
  say(printScenario(WORLDS[world as WorldKind](`${seed}/${world}/${run}`)));
  for (const each of runOf(world as WorldKind, seed, Number(run), NO_SWAP).trial.interventions)
    say(`# ${describeIntervention(each)}`);
  return found === undefined ? print('Nothing is noticed in that run.', 0) : tell(found, bug);
}
