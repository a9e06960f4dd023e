import type { Signal } from '../program.ts';
import { parseSignal, SIGNALS } from '../signals.ts';
import { type Complain, exactly, readOptions } from './options.ts';
import { type Argument, type Command, ended } from './registry.ts';

interface Order {
  readonly signal: Signal;
  readonly operands: readonly Argument[];
}

/** `-TERM`, `-SIGTERM`, `-15`, `-s TERM`, then whom. */
function read(args: readonly Argument[], complain: Complain): Order {
  let rest = args;
  let named: Argument | undefined;
  const [first, second] = args;
  if (first?.exact && first.text === '-s') {
    named = second;
    rest = args.slice(2);
    if (second === undefined) complain(first, 'the name of a signal follows -s');
  } else if (first?.exact && /^-./.test(first.text) && first.text !== '--') {
    named = { ...first, text: first.text.slice(1) };
    rest = args.slice(1);
  }
  if (rest[0]?.text === '--') rest = rest.slice(1);
  const signal = named === undefined ? 'TERM' : parseSignal(named.text);
  if (named?.exact && signal === undefined) {
    complain(named, `\`${named.text}\` is no signal that is known here; known are ${Object.keys(SIGNALS).join(' ')}`);
  }
  return { signal: signal ?? 'TERM', operands: rest };
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

/** `kill` of procps: a signal for processes by their numbers. */
export const kill: Command = {
  name: 'kill',

  check(args, { problem }) {
    const { operands } = read(args, problem);
    if (operands.length === 0) problem(args.at(-1) ?? NOWHERE, '`kill` needs the number of a process: kill -TERM $!');
    for (const operand of operands) {
      if (operand.exact && !/^\d+$/.test(operand.text)) {
        problem(operand, `\`kill\` takes numbers of processes, not \`${operand.text}\`; to signal by name use pkill`);
      }
    }
  },

  start(words, tool) {
    const problems: string[] = [];
    const { signal, operands } = read(exactly(words), (_, says) => problems.push(says));
    for (const problem of problems) tool.complain(`kill: ${problem}`);
    let status = problems.length > 0 ? 1 : 0;
    for (const { text } of operands) {
      if (problems.length > 0) break;
      if (/^\d+$/.test(text) && tool.kill(Number(text), signal)) continue;
      tool.complain(/^\d+$/.test(text) ? `kill: (${text}): No such process` : `kill: failed to parse argument: '${text}'`);
      status = 1;
    }
    return ended(status);
  },
};

const NAME = /^[A-Za-z0-9_.-]+$/;

/** `pkill` of procps: a signal for all processes with the text in their name, or with `-x` of exactly that name. */
export const pkill: Command = {
  name: 'pkill',

  check(args, { problem }) {
    const { exact, operands } = readPkill(args, problem);
    const [name, extra] = operands;
    if (name === undefined) problem(args.at(-1) ?? NOWHERE, '`pkill` needs a name: pkill -TERM serf');
    if (name?.exact && !NAME.test(name.text)) {
      problem(name, `\`pkill\` takes a plain name here, not the pattern \`${name.text}\`${exact ? '' : '; -x matches it whole'}`);
    }
    if (extra !== undefined) problem(extra, '`pkill` takes one name');
  },

  start(words, tool) {
    const problems: string[] = [];
    const { signal, exact, operands } = readPkill(exactly(words), (_, says) => problems.push(says));
    const name = operands[0]?.text;
    if (problems.length > 0 || name === undefined) {
      tool.complain(`pkill: ${problems[0] ?? 'no matching criteria specified'}`);
      return ended(2);
    }
    const matching = tool.processes().filter((one) => (exact ? one.name === name : one.name.includes(name)));
    const others = matching.filter(({ pid }) => pid !== tool.pid);
    for (const { pid } of others) tool.kill(pid, signal);
    return ended(others.length > 0 ? 0 : 1);
  },
};

function readPkill(args: readonly Argument[], complain: Complain): Order & { readonly exact: boolean } {
  const others = args.filter(({ text, exact }) => !exact || text !== '-x');
  return { ...read(others, complain), exact: others.length < args.length };
}

/** `pidof`: the numbers of the processes of a name, the latest first. */
export const pidof: Command = {
  name: 'pidof',

  check(args, { problem }) {
    const { operands } = readOptions('pidof', args, { flags: 's', values: '' }, problem);
    if (operands.length === 0) problem(args.at(-1) ?? NOWHERE, '`pidof` needs the name of a program: pidof serf');
  },

  start(words, tool) {
    const { given, operands } = readOptions('pidof', exactly(words), { flags: 's', values: '' }, () => undefined);
    const names = operands.map(({ text }) => text);
    const found = tool.processes().filter(({ name, pid }) => names.includes(name) && pid !== tool.pid);
    const pids = found.map(({ pid }) => pid).reverse();
    if (pids.length === 0) return ended(1);
    tool.print((given.has('s') ? pids.slice(0, 1) : pids).join(' '));
    return ended(0);
  },
};
