import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { embedTrace, viewerPage } from '../node/page.ts';
import { serve } from '../node/serve.ts';
import { openTraceFile } from '../node/trace-file.ts';
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
    .description('show a trace in the browser')
    .argument('<file>', 'a trace')
    .option('--out <file>', 'write one self-contained page instead of serving it')
    .option('--port <number>', 'the port of 127.0.0.1 to serve on; 0 for any free one', port, 0)
    .addHelpText(
      'after',
      `
Examples:
  partita view run.partita                    serves the viewer until you press Ctrl-C
  partita view run.partita --out run.html     one file to keep, send or attach; it needs nothing else`,
    )
    .action(async (path: string, options: Options) => {
      const { opened, close } = await openTraceFile(path);
      close();
      if (!opened.ok) throw new CommandError(Exit.badInput, `${path}: ${opened.problem}`);
      for (const problem of opened.problems) terminal.people(`${path}: ${problem}`);
      const viewer = viewerPage();
      if (options.out !== undefined) {
        writePage(options.out, embedTrace(viewer, readFileSync(path), basename(path)));
        terminal.people(`Written to ${options.out}`);
        return;
      }
      const { url, close: stop } = await serve(viewer, path, options.port).catch((error: NodeJS.ErrnoException) => {
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

/** @throws CommandError when the file cannot be written */
export function writePage(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new CommandError(Exit.inputMissing, `${path} cannot be written: ${(error as Error).message}`);
  }
}
