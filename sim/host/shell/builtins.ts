import type { Argument } from '../commands/registry.ts';
import { DEFAULT_SEPARATORS, shareOut } from './expand.ts';
import { type Frame, type JobState, takeLine } from './job.ts';
import { echo, formatProblem, printf } from './printf.ts';

/** What a built-in command may do: it works on the shell itself, so it is no process. */
export interface BuiltinContext {
  readonly job: JobState;
  readonly frame: Frame;
  readonly args: readonly string[];
  /** Assigned before the command, for it alone. */
  readonly assigned: ReadonlyMap<string, string>;
  write(text: string): void;
  complain(text: string): void;
  hasFile(path: string, notEmpty: boolean): boolean;
  exit(status: number): void;
}

export interface Builtin {
  /** Returns the exit status. */
  run(context: BuiltinContext): number;
  check?(args: readonly Argument[], problem: (at: Argument | undefined, says: string) => void): void;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const UNARY = new Set(['-n', '-z', '-f', '-e', '-s', '-r', '-x']);
const BINARY = new Set(['=', '!=', '-eq', '-ne', '-lt', '-le', '-gt', '-ge']);

const succeed: Builtin = { run: () => 0 };

const test: Builtin = {
  run({ args, complain, hasFile }) {
    const result = evaluate(args, hasFile);
    if (typeof result === 'boolean') return result ? 0 : 1;
    complain(`test: ${result}`);
    return 2;
  },
  check: (args, problem) => {
    const [first, second, third] = args[0]?.text === '!' ? args.slice(1) : args;
    const length = args.length - (args[0]?.text === '!' ? 1 : 0);
    if (length === 2 && first?.exact && !UNARY.has(first.text)) {
      problem(first, `\`${first.text}\` is no test that is known here; known are ${[...UNARY].join(' ')}`);
    } else if (length === 3 && second?.exact && !BINARY.has(second.text)) {
      problem(second, `\`${second.text}\` compares nothing here; known are ${[...BINARY].join(' ')}`);
    } else if (length > 3) {
      problem(third, 'a test takes one comparison; join several with && and ||');
    }
  },
};

/** The commands that are part of the shell. */
export const builtins: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  [':', succeed],
  ['true', succeed],
  ['false', { run: () => 1 }],
  // Jumps where they are inside a loop; elsewhere the check has refused them.
  ['break', succeed],
  ['continue', succeed],
  [
    'echo',
    {
      run({ args, write }) {
        write(echo(args));
        return 0;
      },
      check: ([first], problem) => {
        if (first?.text === '-e')
          problem(first, '`echo -e` would print -e, as in /bin/sh; leave it out, escapes are read anyway');
      },
    },
  ],
  [
    'printf',
    {
      run({ args: [format = '', ...args], write, complain }) {
        const wrong = formatProblem(format);
        if (wrong !== undefined) {
          complain(`printf: ${wrong}`);
          return 1;
        }
        const { text, complaints } = printf(format, args);
        write(text);
        for (const complaint of complaints) complain(complaint);
        return complaints.length === 0 ? 0 : 1;
      },
      check: ([format], problem) => {
        const wrong = format?.exact ? formatProblem(format.text) : undefined;
        if (format === undefined) problem(format, '`printf` needs a format');
        else if (wrong !== undefined) problem(format, wrong);
      },
    },
  ],
  [
    'read',
    {
      run({ job, frame, args, assigned }) {
        const raw = args[0] === '-r';
        const names = raw ? args.slice(1) : args;
        let { line, whole } = takeLine(job, frame);
        // Without -r a backslash at the end of a line joins the next one to it.
        while (!raw && whole && /(?:^|[^\\])(?:\\\\)*\\$/.test(line)) {
          const next = takeLine(job, frame);
          line = line.slice(0, -1) + next.line;
          whole = next.whole;
        }
        const separators = assigned.get('IFS') ?? frame.variables.get('IFS') ?? DEFAULT_SEPARATORS;
        const values = shareOut(line, names.length, separators, raw);
        names.forEach((name, i) => {
          frame.variables.set(name, values[i] ?? '');
        });
        return whole ? 0 : 1;
      },
      check: (args, problem) => {
        const names = args[0]?.text === '-r' ? args.slice(1) : args;
        if (names.length === 0) problem(args[0], '`read` needs a name: read -r line');
        for (const name of names) {
          if (!NAME.test(name.text)) problem(name, `\`read\` knows only -r and names of variables, not \`${name.text}\``);
        }
      },
    },
  ],
  [
    'exit',
    {
      run({ args: [status], job, exit }) {
        exit(status === undefined ? job.status : Number.parseInt(status, 10) & 0xff);
        return status === undefined ? job.status : Number.parseInt(status, 10) & 0xff;
      },
      check: ([status, more], problem) => {
        if (more !== undefined) problem(more, '`exit` takes one number');
        else if (status?.exact && !/^\d+$/.test(status.text)) problem(status, `\`exit\` takes a number, not \`${status.text}\``);
      },
    },
  ],
  [
    'export',
    {
      run({ args, frame }) {
        for (const arg of args) {
          const equals = arg.indexOf('=');
          const name = equals < 0 ? arg : arg.slice(0, equals);
          if (equals >= 0) frame.variables.set(name, arg.slice(equals + 1));
          frame.exported.add(name);
        }
        return 0;
      },
      check: (args, problem) => {
        for (const arg of args) {
          if (arg.exact && !NAME.test(arg.text.replace(/=.*/s, ''))) problem(arg, `\`${arg.text}\` is no NAME or NAME=VALUE`);
        }
      },
    },
  ],
  [
    'unset',
    {
      run({ args, frame }) {
        for (const name of args) {
          frame.variables.delete(name);
          frame.exported.delete(name);
        }
        return 0;
      },
      check: (args, problem) => {
        for (const arg of args) if (arg.exact && !NAME.test(arg.text)) problem(arg, `\`${arg.text}\` is no name of a variable`);
      },
    },
  ],
  [
    'shift',
    {
      run({ args: [count = '1'], frame, complain }) {
        if (Number(count) > frame.args.length) {
          complain("shift: can't shift that many");
          return 2;
        }
        frame.args = frame.args.slice(Number(count));
        return 0;
      },
      check: ([count], problem) => {
        if (count?.exact && !/^\d+$/.test(count.text)) problem(count, `\`shift\` takes a number, not \`${count.text}\``);
      },
    },
  ],
  ['test', test],
  [
    '[',
    {
      run: (context) => test.run({ ...context, args: context.args.slice(0, -1) }),
      check: (args, problem) => {
        const last = args.at(-1);
        if (last?.text !== ']') problem(last, 'a test that begins with [ ends with a word of its own: ]');
        else test.check?.(args.slice(0, -1), problem);
      },
    },
  ],
]);

/** The result of a test, or what is wrong with it (POSIX test, by the number of arguments). */
function evaluate(args: readonly string[], hasFile: (path: string, notEmpty: boolean) => boolean): boolean | string {
  const [first = '', second = '', third = ''] = args;
  if (args.length === 0) return false;
  if (args.length === 1) return first !== '';
  if (args.length === 3 && BINARY.has(second)) return compare(first, second, third);
  if (first === '!') {
    const result = evaluate(args.slice(1), hasFile);
    return typeof result === 'boolean' ? !result : result;
  }
  if (args.length !== 2) return `${args.length > 3 ? 'too many arguments' : `${second}: unexpected operator`}`;
  switch (first) {
    case '-n':
      return second !== '';
    case '-z':
      return second === '';
    case '-s':
      return hasFile(second, true);
    case '-e':
    case '-f':
    case '-r':
    case '-x':
      return hasFile(second, false);
    default:
      return `${first}: unexpected operator`;
  }
}

function compare(left: string, operator: string, right: string): boolean | string {
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  const illegal = [left, right].find((text) => !/^\s*[-+]?\d+\s*$/.test(text));
  if (illegal !== undefined) return `Illegal number: ${illegal}`;
  const difference = Number(left) - Number(right);
  switch (operator) {
    case '-eq':
      return difference === 0;
    case '-ne':
      return difference !== 0;
    case '-lt':
      return difference < 0;
    case '-le':
      return difference <= 0;
    case '-gt':
      return difference > 0;
    default:
      return difference >= 0;
  }
}
