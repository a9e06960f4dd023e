import type { Argument } from './registry.ts';

/** What a command takes after its name, as getopt reads it. */
export interface OptionSpec {
  /** Letters that stand alone: `-q`. */
  readonly flags: string;
  /** Letters that take a value, joined or as the next word: `-c3`, `-c 3`. */
  readonly values: string;
}

export interface Options {
  /** The values given, the last one of each letter; a flag has its own word. */
  readonly given: ReadonlyMap<string, Argument>;
  readonly operands: readonly Argument[];
}

/** Says what is wrong with a word. */
export type Complain = (at: Argument, says: string) => void;

/**
 * Reads options and operands in any order, as GNU's getopt does (POSIX Utility Syntax Guidelines, XBD 12.2). A word that is not known
 * before the run counts as an operand or as the value it stands for.
 *
 * @param command its name, for what is said about an unknown option
 */
export function readOptions(command: string, args: readonly Argument[], spec: OptionSpec, complain: Complain): Options {
  const given = new Map<string, Argument>();
  const operands: Argument[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as Argument;
    if (!arg.exact || !arg.text.startsWith('-') || arg.text === '-') {
      operands.push(arg);
      continue;
    }
    if (arg.text === '--') {
      operands.push(...args.slice(i + 1));
      break;
    }
    const letters = arg.text.slice(1);
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at] as string;
      if (spec.values.includes(letter)) {
        const joined = letters.slice(at + 1);
        const value = joined === '' ? args[++i] : { ...arg, text: joined };
        if (value === undefined) complain(arg, `\`${command} -${letter}\` needs a value`);
        else given.set(letter, value);
        break;
      }
      if (spec.flags.includes(letter)) given.set(letter, arg);
      else complain(arg, unknownOption(command, letter, spec));
    }
  }
  return { given, operands };
}

function unknownOption(command: string, letter: string, { flags, values }: OptionSpec): string {
  const known = [...`${flags}${values}`].sort().map((other) => `-${other}`);
  return `\`${command}\` has no option -${letter} here; ${known.length === 0 ? 'it takes none' : `known are ${known.join(' ')}`}`;
}

/** The words of a command that runs: nothing in them is open any more. */
export const exactly = (words: readonly string[]): Argument[] => words.map((text) => ({ text, exact: true, line: 1, column: 1 }));

/** Reads a number of a value; undefined when the value is absent or open. Complains when it is no number from `least` to `most`. */
export function numberOf(
  value: Argument | undefined,
  { least, most, whole }: { readonly least: number; readonly most: number; readonly whole: boolean },
  complain: Complain,
): number | undefined {
  if (value === undefined || !value.exact) return undefined;
  const pattern = whole ? /^\d+$/ : /^(\d+(\.\d*)?|\.\d+)$/;
  const number = pattern.test(value.text) ? Number(value.text) : Number.NaN;
  if (number >= least && number <= most) return number;
  complain(value, `expected a ${whole ? 'whole ' : ''}number from ${least} to ${most}, got \`${value.text}\``);
  return undefined;
}
