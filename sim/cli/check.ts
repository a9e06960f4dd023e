import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Duration, parseDuration, seconds } from '../../core/time.ts';
import { readScenario } from '../node/scenario-file.ts';
import { checkScenario } from './check-scenario.ts';
import { CommandError, Exit } from './exit.ts';
import type { Outcome } from './main.ts';
import { seedOf } from './run.ts';
import type { Terminal } from './terminal.ts';
import { tellWarnings } from './warnings.ts';

export interface CheckFlags {
  readonly seed?: number | string;
  readonly runs?: number;
  readonly time?: Duration;
  readonly failures?: number;
  readonly workers?: number;
  readonly determinism?: true;
  readonly allowUnexercised?: true;
  readonly json?: true;
  readonly csv?: string;
  readonly junit?: string;
  readonly out: string;
  readonly budget: number;
  readonly shrinkTime?: Duration;
  readonly patience: Duration;
  readonly memory: number;
}

/** Runs where neither their number nor a time is given. */
const RUNS = 1_000;

const numberOf =
  (what: string) =>
  (text: string): number => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError(`Expected a number of ${what}, 1 or more.`);
    return Number(text);
  };

function timeOf(text: string): Duration {
  const time = parseDuration(text);
  if (time === undefined || time === 0) throw new InvalidArgumentError('Expected a time such as 30s or 10m.');
  return time;
}

/** `partita check`: a scenario under generated faults, over many seeds and on all CPUs. */
export function checkCommand(terminal: Terminal, outcome: Outcome): Command {
  return new Command('check')
    .description('try a scenario with generated faults over many seeds; shrink what fails to something small that repeats')
    .argument('<scenario>', 'a scenario in YAML, JSON or TypeScript')
    .option('--seed <seed>', "of the campaign, instead of the scenario's own", seedOf)
    .option('--runs <number>', `so many runs; ${RUNS} where no --time is given`, numberOf('runs'))
    .option('--time <time>', 'begin no run after this time, such as 10m', timeOf)
    .option('--failures <number>', 'go on until there are so many distinct failures, instead of one', numberOf('failures'))
    .option('--workers <number>', 'threads; as many as there are CPUs when absent', numberOf('threads'))
    .option('--determinism', 'run everything twice, and look for differences instead')
    .option('--allow-unexercised', 'what was never exercised is no reason to fail')
    .option('--json', 'print what it came to as JSON')
    .option('--csv <file>', 'write a row for each run')
    .option('--junit <file>', 'write a report for CI, a test case for each check')
    .option('--out <folder>', 'where replay files and traces of failures go', 'failures')
    .option('--budget <runs>', 'how many runs to make a failure smaller with; 0 leaves it as it is', budgetOf, 2_000)
    .option('--shrink-time <time>', 'how long to make a failure smaller; what it comes to then depends on the machine', timeOf)
    .addOption(
      new Option('--patience <time>', 'real time after which a run that does not get on is stopped')
        .argParser(timeOf)
        .default(seconds(10), '10s'),
    )
    .option('--memory <MB>', 'what a thread may hold in memory', numberOf('megabytes'), 1_024)
    .addHelpText(
      'after',
      `
Examples:
  partita check scenarios/raft-five.yaml --runs 200
  partita check scenarios/raft-five.yaml --time 10m --failures 5 --junit report.xml
  partita check scenarios/two-segments.yaml --runs 50 --determinism

The same seed gives the same failures, whatever the number of threads. Each is made smaller and written to a replay file; --seed with another
number tries other faults. Exit codes: 0 all held · 1 something was violated · 2 it held, but something was never exercised · 3 a run was not
the same twice · 130 interrupted; what was found until then is kept.`,
    )
    .action(async (path: string, flags: CheckFlags) => {
      if (flags.determinism && flags.failures !== undefined)
        throw new CommandError(
          Exit.usage,
          '--failures and --determinism exclude each other: the latter looks for differences only.',
        );
      const scenario = await readScenario(path);
      tellWarnings(scenario, terminal);
      const limits = flags.runs === undefined && flags.time === undefined ? { ...flags, runs: RUNS } : flags;
      const workers = flags.workers ?? Math.max(availableParallelism(), flags.determinism ? 2 : 1);
      outcome.exit = await checkScenario({ scenario, path, flags: limits, workers }, terminal);
    });
}

function budgetOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('Expected a number of runs.');
  return Number(text);
}
