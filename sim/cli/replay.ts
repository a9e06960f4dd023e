import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Command } from 'commander';
import { isFatal } from '../campaign/breakdown.ts';
import type { Kit } from '../campaign/judge.ts';
import type { Sink } from '../engine/journal.ts';
import { registryWith } from '../host/commands/all.ts';
import { version } from '../node/package-info.ts';
import { embedTrace, viewerPage } from '../node/page.ts';
import { type ReadReplay, readReplay } from '../node/replay-file.ts';
import { checksum, compressFile, FileSink } from '../node/trace-file.ts';
import { rulesWith } from '../replay/bugs.ts';
import { planOf } from '../replay/case.ts';
import { type Repetition, repeat } from '../replay/repeat.ts';
import { tracing } from '../run/tracing.ts';
import { printScenario } from '../scenario/load.ts';
import { CommandError, Exit, type ExitCode } from './exit.ts';
import type { Outcome } from './main.ts';
import { printRepetition, repetitionJson } from './replay-report.ts';
import { printLine } from './report.ts';
import type { Terminal } from './terminal.ts';
import { writePage } from './view.ts';

interface Flags {
  readonly scenario?: string;
  readonly trace?: string;
  readonly page?: string;
  readonly json?: true;
  readonly verbose?: true;
}

/** `partita replay`: a recorded run once more. */
export function replayCommand(terminal: Terminal, outcome: Outcome): Command {
  return new Command('replay')
    .description('repeat a recorded run; say if it still fails in the same way, and where it first went another way')
    .argument('<file>', 'a replay file')
    .option('--scenario <file>', 'repeat it with another scenario than its own')
    .option('--trace <file>', 'write what happens to a trace')
    .option('--page <file>', 'write a page that shows the run, complete in one file')
    .option('--json', 'print everything as JSON')
    .option('-v, --verbose', 'print what the hosts print')
    .addHelpText(
      'after',
      `
Examples:
  partita replay failures/five-servers-ElectionSafety-0f3a9c11.yaml
  partita replay failure.yaml --page failure.html
  partita replay failure.yaml --scenario scenarios/raft-five.yaml

Exit codes: 0 it no longer fails, or holds as it did · 1 it fails · 2 it does not fail, but not all of it applied · 3 it is not the same twice`,
    )
    .action(async (path: string, flags: Flags) => {
      const read = await readReplay(path, flags.scenario);
      if (read.replay.failure !== undefined && isFatal(read.replay.failure))
        terminal.people('This run did not end by itself, or held more and more, when it was recorded. Ctrl-C stops it.');
      outcome.exit = await again(read, path, flags, terminal);
    });
}

async function again(read: ReadReplay, path: string, flags: Flags, terminal: Terminal): Promise<ExitCode> {
  const { replay, scenario } = read;
  const name = replay.scenario.name ?? basename(path).replace(/\.[^.]+$/, '');
  const viewer = flags.page === undefined ? undefined : viewerPage();
  const folder = flags.page !== undefined && flags.trace === undefined ? mkdtempSync(join(tmpdir(), 'partita-')) : undefined;
  const traceFile = flags.trace ?? (folder === undefined ? undefined : join(folder, 'run.partita'));
  try {
    const sink = traceFile === undefined ? undefined : new FileSink(traceFile);
    const plan = planOf(scenario.plan, replay.case);
    const about = {
      seed: replay.case.seed,
      name,
      text: printScenario(scenario.data),
      version,
      engine: `Node ${process.versions.node}`,
    };
    const trace =
      sink === undefined
        ? undefined
        : tracing({ ...plan, interventions: replay.case.interventions }, { sink, checksum, ...about });
    // The run may be repeated to find out more; only the first time is traced and printed.
    const isFirst = once();
    const repetition = repeat(scenario.plan, replay, kitFor(read, path), {
      listen: (world): readonly Sink[] => (isFirst() ? (trace?.listen(world) ?? []) : []),
      ...(flags.verbose ? { printed: (line) => terminal.data(`${printLine(line, plan, terminal.style)}\n`) } : {}),
    });
    if (repetition.report !== undefined) trace?.close(repetition.report);
    sink?.close();
    if (traceFile !== undefined) await compressFile(traceFile);
    if (flags.json) terminal.data(`${JSON.stringify(repetitionJson(read, repetition), null, 2)}\n`);
    else printRepetition(read, repetition, { name, path }, terminal);
    if (flags.trace !== undefined) terminal.people(`The trace is in ${flags.trace}`);
    if (flags.page !== undefined && traceFile !== undefined && viewer !== undefined) {
      writePage(flags.page, embedTrace(viewer, readFileSync(traceFile), name));
      terminal.people(`The run is in ${flags.page}: open it in a browser`);
    }
    return exitOf(repetition);
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

const once = (): (() => boolean) => {
  let times = 0;
  return () => times++ === 0;
};

/** What the run uses: with the bug that was put into its protocols, if one was. */
function kitFor({ replay, kit }: ReadReplay, path: string): Kit {
  if (replay.rules === undefined) return kit;
  const rules = rulesWith(replay.rules);
  if (rules === undefined)
    throw new CommandError(
      Exit.badInput,
      `${path}: no bug is called ${JSON.stringify(replay.rules)} that can be put into a protocol.`,
    );
  return { ...kit, registry: registryWith(rules) };
}

function exitOf({ isErratic, verdict, unapplied, strangers }: Repetition): ExitCode {
  if (isErratic) return Exit.notDeterministic;
  if (verdict === 'violated') return Exit.violated;
  return verdict === 'inconclusive' || unapplied.length + strangers.length > 0 ? Exit.inconclusive : Exit.held;
}
