import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { version } from '../node/package-info.ts';
import { embedTrace, viewerPage } from '../node/page.ts';
import { type ReadScenario, readScenario } from '../node/scenario-file.ts';
import { checksum, compressFile, FileSink } from '../node/trace-file.ts';
import { begin, type Report, type RunOptions } from '../run/run.ts';
import { tracing } from '../run/tracing.ts';
import { overall } from '../run/verdict.ts';
import { printScenario, type Scenario } from '../scenario/load.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import type { Outcome } from './main.ts';
import { printManyRuns } from './many.ts';
import { printLine, printReport, reportJson } from './report.ts';
import type { Terminal } from './terminal.ts';
import { writePage } from './view.ts';
import { tellWarnings } from './warnings.ts';

export interface RunFlags {
  readonly seed?: number | string;
  readonly runs?: number;
  readonly json?: true;
  readonly csv?: true;
  readonly trace?: string;
  readonly page?: string;
  readonly allowUnexercised?: true;
  readonly quiet?: true;
}

/** A whole number is the number, anything else the text: the same seeds that scenarios take. */
export const seedOf = (text: string): number | string => (/^(0|[1-9]\d{0,14})$/.test(text) ? Number(text) : text);

function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Expected a number of runs, 1 or more.');
  return Number(text);
}

/** `partita run`: a scenario, once or over many seeds. */
export function runCommand(terminal: Terminal, outcome: Outcome): Command {
  return new Command('run')
    .description('run a scenario; print what its hosts print and whether it shows what it should')
    .argument('<scenario>', 'a scenario in YAML, JSON or TypeScript')
    .option('--seed <seed>', "instead of the scenario's own", seedOf)
    .option('--runs <number>', 'repeat with so many seeds and print quantiles of what the scenario measures', count)
    .option('--json', 'print everything as JSON')
    .option('--csv', 'with --runs: print a row of measures for each run')
    .option('--trace <file>', 'write what happens to a trace')
    .option('--page <file>', 'write a page that shows the run, complete in one file')
    .option('--allow-unexercised', 'a check that had nothing to judge is no reason to fail')
    .option('-q, --quiet', 'do not print what the hosts print')
    .addHelpText(
      'after',
      `
Examples:
  partita run scenarios/softlayer-vlans.yaml
  partita run scenarios/softlayer-vlans.yaml --seed 7 --trace run.partita
  partita run scenarios/softlayer-vlans.yaml --page run.html
  partita run scenarios/docker-cluster.yaml --runs 100 --json`,
    )
    .action(async (path: string, flags: RunFlags) => {
      if (flags.csv && flags.runs === undefined)
        throw new CommandError(Exit.usage, '--csv prints a row for each run. Add --runs N.');
      if (flags.csv && flags.json) throw new CommandError(Exit.usage, '--csv and --json exclude each other.');
      if (flags.runs !== undefined && (flags.trace ?? flags.page) !== undefined) {
        throw new CommandError(Exit.usage, '--trace and --page show one run. Take --runs away and give the --seed to look at.');
      }
      const scenario = await readScenario(path);
      tellWarnings(scenario, terminal);
      outcome.exit =
        flags.runs === undefined
          ? await once(scenario, path, flags, terminal)
          : await printManyRuns({ scenario, path, flags, runs: flags.runs }, terminal, attended);
    });
}

async function once({ kit, ...scenario }: ReadScenario, path: string, flags: RunFlags, terminal: Terminal): Promise<ExitCode> {
  const { plan } = scenario;
  const name = plan.name ?? basename(path).replace(/\.[^.]+$/, '');
  const viewer = flags.page === undefined ? undefined : viewerPage();
  const folder = flags.page !== undefined && flags.trace === undefined ? mkdtempSync(join(tmpdir(), 'partita-')) : undefined;
  const traceFile = flags.trace ?? (folder === undefined ? undefined : join(folder, 'run.partita'));
  try {
    const sink = traceFile === undefined ? undefined : new FileSink(traceFile);
    const seed = flags.seed ?? plan.seed;
    const trace =
      sink === undefined
        ? undefined
        : tracing(plan, {
            sink,
            seed,
            name,
            text: printScenario(scenario.data),
            version,
            engine: `Node ${process.versions.node}`,
            checksum,
          });
    const silent = flags.json === true || flags.quiet === true;
    const report = await attended(
      plan,
      {
        ...kit,
        seed,
        ...(silent ? {} : { printed: (line) => terminal.data(`${printLine(line, plan, terminal.style)}\n`) }),
        ...(trace === undefined ? {} : { listen: trace.listen }),
      },
      (share) => {
        if (silent) terminal.progress(`${name}: ${Math.floor(share * 100)} %`);
      },
    );
    terminal.done();
    trace?.close(report);
    sink?.close();
    if (traceFile !== undefined) await compressFile(traceFile);
    if (flags.json) terminal.data(`${JSON.stringify(reportJson(report, scenario, { name, version }), null, 2)}\n`);
    else printReport(report, { name, path, plan, flags }, terminal);
    if (flags.trace !== undefined) terminal.people(`The trace is in ${flags.trace}`);
    if (flags.page !== undefined && traceFile !== undefined && viewer !== undefined) {
      writePage(flags.page, embedTrace(viewer, readFileSync(traceFile), name));
      terminal.people(`The run is in ${flags.page}: open it in a browser`);
    }
    return exitOf(report, flags);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

export function exitOf(report: Report, flags: RunFlags): ExitCode {
  if (report.interrupted) return Exit.interrupted;
  switch (overall(report.findings, flags.allowUnexercised === true)) {
    case 'held':
      return Exit.held;
    case 'violated':
      return Exit.violated;
    case 'inconclusive':
      return Exit.inconclusive;
  }
}

/**
 * Runs in stretches and, in between, tells how far it is and hears a Ctrl-C, which ends the run with what it has.
 *
 * @param told how far it is, from 0 to 1
 */
export async function attended(plan: Scenario['plan'], options: RunOptions, told: (share: number) => void): Promise<Report> {
  let stop = false;
  const interrupt = () => {
    stop = true;
  };
  process.once('SIGINT', interrupt);
  try {
    const running = begin(plan, options);
    for (let step = running.next(); ; step = running.next(stop ? 'stop' : undefined)) {
      if (step.done) return step.value;
      told(step.value / plan.end);
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}
