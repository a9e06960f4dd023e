import { Command } from 'commander';
import { openTraceFile } from '../node/trace-file.ts';
import { type Entry, firstDifference } from '../trace/diff.ts';
import { entryJson } from '../trace/json-lines.ts';
import { linePrinter } from '../trace/log.ts';
import type { Trace } from '../trace/reader.ts';
import { CommandError, Exit } from './exit.ts';
import type { Outcome } from './main.ts';
import type { Terminal } from './terminal.ts';

/** `partita diff`: where two traces part. */
export function diffCommand(terminal: Terminal, outcome: Outcome): Command {
  return new Command('diff')
    .description('print the first event in which two traces differ')
    .argument('<a>', 'a trace')
    .argument('<b>', 'another one')
    .option('--json', 'print an object: what is common before, and what each of them has then')
    .addHelpText(
      'after',
      `
Lines that begin with < are of the first trace, those with > of the second; lines before them are in both.
Ends with 0 when the traces hold the same, with 1 when they differ.

Examples:
  partita diff before.partita after.partita`,
    )
    .action(async (first: string, second: string, { json }: { readonly json?: true }) => {
      const files = [await openTraceFile(first), await openTraceFile(second)] as const;
      try {
        const [a, b] = [traceOf(files[0], first), traceOf(files[1], second)];
        const difference = await firstDifference(a, b);
        for (const [path, { problems }] of [[first, a] as const, [second, b] as const]) {
          for (const problem of problems) terminal.people(`${path}: ${problem}`);
        }
        outcome.exit = difference === undefined ? Exit.held : Exit.violated;
        if (a.problems.length + b.problems.length > 0) outcome.exit = Exit.badInput;
        const { common, a: one, b: other } = difference ?? { common: [], a: undefined, b: undefined };
        if (json) {
          const same = difference === undefined;
          const lists = {
            common: common.map((entry) => entryJson(entry, a)),
            a: one && entryJson(one, a),
            b: other && entryJson(other, b),
          };
          terminal.data(`${JSON.stringify({ same, ...lists }, null, 2)}\n`);
          return;
        }
        if (difference === undefined) {
          terminal.people(`The two traces hold the same ${a.count} events.`);
          return;
        }
        terminal.people(headline(difference.a, difference.b));
        for (const entry of common) terminal.data(`  ${lineOf(entry, a)}\n`);
        terminal.data(`< ${one === undefined ? 'nothing more' : lineOf(one, a)}\n`);
        terminal.data(`> ${other === undefined ? 'nothing more' : lineOf(other, b)}\n`);
      } finally {
        for (const { close } of files) close();
      }
    });
}

function traceOf({ opened }: Awaited<ReturnType<typeof openTraceFile>>, path: string): Trace {
  if (!opened.ok) throw new CommandError(Exit.badInput, `${path}: ${opened.problem}`);
  return opened.trace;
}

function lineOf(entry: Entry, trace: Trace): string {
  const printer = linePrinter(trace);
  return 'id' in entry ? printer.record(entry) : printer.change(entry);
}

/** Events are numbered from 1; a change of a cell comes after some of them. */
function headline(a: Entry | undefined, b: Entry | undefined): string {
  const numbers = [a, b].filter((entry) => entry !== undefined).map((entry) => ('id' in entry ? entry.id - 1 : entry.next - 1));
  return `The traces are the same up to event ${Math.min(...numbers)}, and then they part:`;
}
