import { closest } from '../../scenario/closest.ts';
import type { Complain } from './options.ts';
import type { Argument } from './registry.ts';

/** What follows a flag: nothing, a text, or a whole number. */
export type FlagKind = 'switch' | 'text' | 'count';

/** The flags of one subcommand. */
export interface FlagTable {
  /** As it is typed: `serf agent`. */
  readonly command: string;
  readonly flags: Readonly<Record<string, FlagKind>>;
  /** Flags that are other names of some. */
  readonly same?: Readonly<Record<string, string>>;
}

/** The flags that were given, and what came after them. */
export class Flags {
  private readonly given: ReadonlyMap<string, readonly Argument[]>;
  readonly operands: readonly Argument[];

  constructor(given: ReadonlyMap<string, readonly Argument[]>, operands: readonly Argument[]) {
    this.given = given;
    this.operands = operands;
  }

  /** The words that are the values of a flag, in order; none of them when it was not given. */
  words(flag: string): readonly Argument[] {
    return this.given.get(flag) ?? [];
  }

  texts(flag: string): readonly string[] {
    return this.words(flag).map(({ text }) => text);
  }

  /** The last value of a flag. */
  text(flag: string): string | undefined {
    return this.texts(flag).at(-1);
  }

  has(flag: string): boolean {
    const text = this.text(flag);
    return text !== undefined && isYes(text);
  }

  count(flag: string): number | undefined {
    const text = this.text(flag);
    return text === undefined ? undefined : Number(text);
  }
}

const YES = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const NO = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

const isYes = (text: string): boolean => YES.includes(text);

/**
 * Reads flags as Go programs do: one dash or two, `-flag value` or `-flag=value`, a switch alone or with `=true`. The first word
 * that is no flag, or the one after `--`, begins the operands.
 */
export function readFlags(table: FlagTable, args: readonly Argument[], complain: Complain): Flags {
  const given = new Map<string, Argument[]>();
  let next = 0;
  for (;;) {
    const word = args[next];
    if (word === undefined || !word.exact || !/^-./.test(word.text)) break;
    next++;
    if (word.text === '--') break;
    const [, name = '', joined] = /^--?([^=]*)(?:=(.*))?$/s.exec(word.text) ?? [];
    const kind = Object.hasOwn(table.flags, name) ? table.flags[name] : undefined;
    if (kind === undefined) {
      complain(word, unknownFlag(table, name));
      if (joined === undefined && args[next]?.text.startsWith('-') === false) next++;
      continue;
    }
    let value: Argument | undefined;
    if (joined !== undefined) value = { ...word, text: joined };
    else if (kind === 'switch') value = { ...word, text: 'true' };
    else value = args[next++];
    if (value === undefined) complain(word, `\`${table.command} -${name}\` needs a value`);
    else if (isGood(name, kind, value, complain)) {
      const known = table.same?.[name] ?? name;
      given.set(known, [...(given.get(known) ?? []), value]);
    }
  }
  return new Flags(given, args.slice(next));
}

function isGood(name: string, kind: FlagKind, value: Argument, complain: Complain): boolean {
  if (!value.exact) return true;
  const expected = expectation(kind, value.text);
  if (expected === undefined) return true;
  complain(value, `\`-${name}\` takes ${expected}, not \`${value.text}\``);
  return false;
}

/** What should have been there instead; undefined when it is right. */
function expectation(kind: FlagKind, text: string): string | undefined {
  switch (kind) {
    case 'switch':
      return YES.includes(text) || NO.includes(text) ? undefined : 'true or false';
    case 'count':
      return /^\d{1,9}$/.test(text) ? undefined : 'a whole number';
    case 'text':
      return undefined;
  }
}

function unknownFlag({ command, flags }: FlagTable, name: string): string {
  const known = Object.keys(flags);
  const meant = closest(name, known);
  if (meant !== undefined) return `\`${command}\` has no flag -${name}; did you mean -${meant}?`;
  const all = known.length === 0 ? 'it takes none' : `known are ${known.map((flag) => `-${flag}`).join(' ')}`;
  return `\`${command}\` has no flag -${name}; ${all}`;
}
