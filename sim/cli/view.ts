import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { embedTrace, viewerPage } from '../node/page.ts';
import { readReplay } from '../node/replay-file.ts';
import { readInput, readScenario } from '../node/scenario-file.ts';
import { serve } from '../node/serve.ts';
import { openTraceFile } from '../node/trace-file.ts';
import { writeReplay } from '../replay/write.ts';
import { printScenario } from '../scenario/load.ts';
import { readSource } from '../scenario/source.ts';
import { CommandError, Exit } from './exit.ts';
import type { Outcome } from './main.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly out?: string;
  readonly port: number;
}

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new InvalidArgumentError('Expected a port from 0 to 65535.');
  return Number(text);
}

/** `partita view`: a trace in the browser. */
export function viewCommand(terminal: Terminal, outcome: Outcome): Command {
  return new Command('view')
    .description('show a trace, a replay file or a scenario in the browser')
    .argument('<file>', 'a trace; or a replay file or a scenario, which the page runs itself')
    .option('--out <file>', 'write one self-contained page instead of serving it')
    .option('--port <number>', 'the port of 127.0.0.1 to serve on; 0 for any free one', port, 0)
    .addHelpText(
      'after',
      `
Examples:
  partita view run.partita                    serves the viewer until you press Ctrl-C
  partita view run.partita --out run.html     one file to keep, send or attach; it needs nothing else
  partita view failure.yaml                   runs a replay file in the page, to change and to run again`,
    )
    .action(async (path: string, options: Options) => {
      const text = await runnable(path);
      if (text === undefined) await lookAtTrace(path, terminal);
      const viewer = viewerPage();
      if (options.out !== undefined) {
        writePage(options.out, embedTrace(viewer, text ?? readFileSync(path), basename(path)));
        terminal.people(`Written to ${options.out}`);
        return;
      }
      const { url, close: stop } = await serve(viewer, text ?? path, options.port).catch((error: NodeJS.ErrnoException) => {
        throw new CommandError(
          Exit.usage,
          `port ${options.port} cannot be used: ${error.code === 'EADDRINUSE' ? 'another program has it' : error.message}`,
        );
      });
      terminal.people(`Open ${url}\nPress Ctrl-C to stop.`);
      await new Promise((resolve) => process.once('SIGINT', resolve));
      await stop();
      outcome.exit = Exit.interrupted;
    });
}

/**
 * A replay file or a scenario in a form that stands for itself; undefined when the file is something else.
 *
 * @throws ScenarioError with all mistakes
 */
async function runnable(path: string): Promise<Uint8Array | undefined> {
  if (!/\.(?:ya?ml|json)$/.test(path)) return undefined;
  const { value } = readSource(readInput(path), path);
  const isReplay = typeof value === 'object' && value !== null && 'replay' in value;
  if (!isReplay) return Buffer.from(printScenario((await readScenario(path)).data));
  const { replay, scenario } = await readReplay(path);
  return Buffer.from(writeReplay({ ...replay, scenario: { ...replay.scenario, text: printScenario(scenario.data) } }));
}

/** @throws CommandError when it is no trace */
async function lookAtTrace(path: string, terminal: Terminal): Promise<void> {
  const { opened, close } = await openTraceFile(path);
  close();
  if (!opened.ok) throw new CommandError(Exit.badInput, `${path}: ${opened.problem}`);
  for (const problem of opened.problems) terminal.people(`${path}: ${problem}`);
}

/** @throws CommandError when the file cannot be written */
export function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new CommandError(Exit.inputMissing, `${path} cannot be written: ${(error as Error).message}`);
  }
}
