import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Reduced } from './arenas/arena.ts';
import { ARENAS, type ArenaName } from './arenas/arenas.ts';
import { Crew, inTurn } from './crew.ts';
import type { Found, Hunted, Progress } from './hunt.ts';
import { BUGS, type Bug, QUICK } from './kit.ts';
import { isKilled, type Row, rowOf, summaryOf, tableOf } from './rows.ts';

const KINDS = Object.keys(ARENAS) as ArenaName[];

const HELP = `Proves that the checks bite: old bugs are put back one at a time, and the generic suite has to notice each.

npm run mutants -- [options]

  --only NAME       only this bug, by its number (R1) or name; may be repeated
  --quick           a few that are noticed soon
  --as-is           no bug: the suite on the working tree as it stands; exit 1 when it notices anything
  --clean RUNS      no bug: so many runs in each arena, and how many were false alarms
  --again ARENA/RUN the failing run of that arena, made small again: serf/17 (with --only, of that bug)
  --in ARENA        only in this arena; may be repeated: ${KINDS.join(', ')}
  --first N         with --clean: from this run on, to go on where another was ended; 0
  --seconds N       CPU seconds for each bug, or for each arena with --as-is; 60, and 8 with --quick
  --seed TEXT       other runs; 1
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
    in: { type: 'string', multiple: true },
    first: { type: 'string', default: '0' },
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
/** After so many false alarms a process looks for no more. */
const ENOUGH = 20;
/** No end to the time. Processes are told in JSON, which has no infinity. */
const NO_LIMIT = Number.MAX_VALUE;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

process.exitCode = await main();

function main(): number | Promise<number> {
  if (values.help === true) return print(HELP, 0);
  const numbers = [budget, workers, Number(values.clean ?? 1), Number(values.first) + 1];
  if (!numbers.every((number) => number > 0) || !places().every((place) => KINDS.includes(place))) return print(HELP, 64);
  if (values.again !== undefined) return again(values.again);
  if (values['as-is'] === true) return asIs();
  if (values.clean !== undefined) return clean(Number(values.clean), Number(values.first));
  return kill();
}

function print(text: string, status: number): number {
  process.stdout.write(`${text}\n`);
  return status;
}

/** Where to look, of all arenas there are. */
function places(all: readonly ArenaName[] = KINDS): readonly ArenaName[] {
  return values.in === undefined ? all : (values.in as ArenaName[]);
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
    const done = await crew.run({ bug: bug.name, arenas: places(bug.arenas), seed, budget, reducing });
    const none: Hunted = { found: [], falseAlarms: [], runs: 0, events: 0, cpuSeconds: budget };
    const row = 'lost' in done ? rowOf(bug, none, undefined, done.lost) : rowOf(bug, done.hunted, done.reduced);
    rows.set(bug, row);
    const took = `${row.runs} runs, ${row.cpuSeconds.toFixed(1)} CPU s`;
    say(`${bug.id.padEnd(5)} ${bug.name}: ${row.property ?? row.lost ?? 'survives'} (${took})`);
    for (const { arena, index, noticed } of row.falseAlarms)
      say(`      not counted, as something is noticed there without it, too: ${arena}/${index} ${noticed.check}`);
  });
  const all = bugs.map((bug) => rows.get(bug) as Row);
  if (values.out !== undefined) writeFileSync(values.out, `${tableOf(all)}\n`);
  process.stdout.write(`${values.json === true ? JSON.stringify(all, null, 2) : tableOf(all)}\n`);
  say(summaryOf(all));
  return all.every(isKilled) ? 0 : 1;
}

/** The suite on the working tree: all processes look everywhere, and end with the first that notices something. */
async function asIs(): Promise<number> {
  const arenas = places();
  const all: Hunted[] = [];
  let first: Found | undefined;
  let lost: string | undefined;
  const crew = new Crew();
  await inTurn(shares(), workers, async (share) => {
    if (first !== undefined) return;
    const hunted = { arenas, seed, first: share, step: workers, budget: (budget * arenas.length) / workers };
    const done = await crew.run({ bug: undefined, reducing: 0, ...hunted });
    if (first !== undefined) return;
    if ('lost' in done) lost = done.lost;
    else all.push(done.hunted);
    first = 'lost' in done ? undefined : done.hunted.found[0];
    if (first !== undefined || lost !== undefined) crew.stop();
  });
  const sum = (what: 'runs' | 'events'): number => all.reduce((total, each) => total + each[what], 0);
  if (first !== undefined) return tell(first, undefined);
  if (lost !== undefined) return print(`Nothing is said of a run: ${lost}.`, 1);
  return print(`Nothing was noticed in ${sum('runs')} runs with ${sum('events')} events, in ${arenas.join(', ')}.`, 0);
}

function shares(): number[] {
  return Array.from({ length: workers }, (_, i) => i);
}

async function clean(most: number, first: number): Promise<number> {
  let alarms = 0;
  for (const arena of places()) {
    let runs = 0;
    const heard = ({ runs: more, found }: Progress): void => {
      runs += more;
      alarms += found.length;
      for (const { index, noticed } of found) say(`\n${arena}/${index} ${noticed.check}: ${noticed.says}`);
      if (process.stderr.isTTY) process.stderr.write(`\r${arena}: ${runs} of ${most} runs `);
    };
    const crew = new Crew();
    await inTurn(shares(), workers, async (share) => {
      const own = Math.ceil((most - share) / workers);
      const limits = { budget: NO_LIMIT, most: own, enough: ENOUGH };
      const job = { bug: undefined, arenas: [arena], seed, reducing: 0, first: first + share, step: workers, ...limits };
      let told: Progress = { runs: 0, found: [] };
      const done = await crew.run(job, (news) => {
        told = { runs: told.runs + news.runs, found: [...told.found, ...news.found] };
        heard(news);
      });
      if ('lost' in done) throw new Error(`${arena}: ${done.lost}`);
      heard({ runs: done.hunted.runs - told.runs, found: done.hunted.found.slice(told.found.length) });
    });
    say(`\r${arena}: runs ${first} to ${first + most - 1}, of which ${runs} were made`);
  }
  return print(`${alarms} false alarms.`, alarms === 0 ? 0 : 1);
}

/** A failing run, made small and told to people. */
async function tell(found: Found, bug: Bug | undefined): Promise<number> {
  const { arena, index, noticed } = found;
  const when = noticed.at === undefined ? 'in' : `at ${(noticed.at / 1e9).toFixed(3)} s of`;
  const lines = [`${noticed.check} is violated: ${noticed.says}`, `${when} run ${index} of ${arena}, seed ${seed}`];
  const done =
    reducing === 0 ? undefined : await new Crew().run({ bug: bug?.name, arenas: [arena], seed, budget: 0, reducing, found });
  if (done !== undefined && !('lost' in done) && done.reduced !== undefined) lines.push(...inWords(done.reduced));
  const only = bug === undefined ? '' : ` --only ${bug.id}`;
  lines.push(`Again: npm run mutants -- --again ${arena}/${index} --seed ${seed}${only}`);
  return print(lines.join('\n'), 1);
}

function inWords({ faults, steps, before, ended, necessary }: Reduced): string[] {
  const timeline = steps > 0 ? `, with ${steps} steps of the timeline` : '';
  return [
    `made smaller from ${before} faults to ${faults.length}${timeline} (${ended}):`,
    ...faults.map((each) => `  ${each}`),
    `kinds of faults without which nothing is noticed in that run: ${necessary.join(', ') || 'none'}`,
  ];
}

async function again(place: string): Promise<number> {
  const [arena = '', run = ''] = place.split('/');
  if (!KINDS.includes(arena as ArenaName) || !/^\d+$/.test(run)) return print(HELP, 64);
  const [bug] = values.only === undefined ? [] : chosen();
  const job = { bug: bug?.name, arenas: [arena as ArenaName], seed, budget: NO_LIMIT, reducing: 0 };
  const done = await new Crew().run({ ...job, first: Number(run), most: 1 });
  if ('lost' in done) return print(done.lost, 1);
  const [found] = done.hunted.found;
  for (const line of ARENAS[arena as ArenaName].tell(seed, Number(run))) say(line);
  return found === undefined ? print('Nothing is noticed in that run.', 0) : tell(found, bug);
}
