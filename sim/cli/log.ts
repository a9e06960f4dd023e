import { Command, InvalidArgumentError, Option } from 'commander';
import { type Instant, parseDuration } from '../../core/time.ts';
import { openTraceFile } from '../node/trace-file.ts';
import { jsonLines } from '../trace/json-lines.ts';
import { KIND_NAMES, logLines } from '../trace/log.ts';
import { CommandError, Exit } from './exit.ts';
import type { Outcome } from './main.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly from?: Instant;
  readonly to?: Instant;
  readonly node?: string;
  readonly kind?: string[];
  readonly json?: true;
}

/** A point in time as people write a duration since the start. */
export function instant(text: string): Instant {
  const parsed = parseDuration(text);
  if (parsed === undefined) throw new InvalidArgumentError('Expected a time such as 1.5s or 2m.');
  return parsed as number as Instant;
}

/** `partita log`: a trace as text. */
export function logCommand(terminal: Terminal, outcome: Outcome): Command {
  const kinds = [...KIND_NAMES.keys(), 'cell'];
  return new Command('log')
    .description('print a trace as text, a line for each thing that happened')
    .argument('<file>', 'a trace')
    .option('--from <time>', 'leave out what came before', instant)
    .option('--to <time>', 'leave out what came after', instant)
    .option('--node <name>', 'only what happened at this host or router, or concerns it')
    .addOption(new Option('--kind <kind...>', 'only these kinds of things').choices(kinds))
    .option('--json', 'print a JSON object per line instead')
    .addHelpText(
      'after',
      `
Examples:
  partita log run.partita --from 120s --to 125s
  partita log run.partita --node serf-test00 --kind send drop`,
    )
    .action(async (path: string, options: Options) => {
      const { opened, close } = await openTraceFile(path);
      try {
        if (!opened.ok) throw new CommandError(Exit.badInput, `${path}: ${opened.problem}`);
        const { trace } = opened;
        const node = options.node === undefined ? undefined : trace.header.nodes.indexOf(options.node);
        if (node === -1) {
          throw new CommandError(Exit.usage, `${path} has no node ${options.node}. It has: ${trace.header.nodes.join(', ')}`);
        }
        const chosen = options.kind?.filter((kind) => kind !== 'cell').map((kind) => KIND_NAMES.get(kind) as number);
        const cells = options.kind?.includes('cell') ?? true;
        const filter = { from: options.from, to: options.to, node, kinds: chosen };
        const lines = options.json ? jsonLines(trace, filter, cells) : logLines(trace, { ...filter, cells });
        for await (const line of lines) terminal.data(`${line}\n`);
        for (const problem of trace.problems) terminal.people(`${path}: ${problem}`);
        if (trace.problems.length > 0) outcome.exit = Exit.badInput;
      } finally {
        close();
      }
    });
}
