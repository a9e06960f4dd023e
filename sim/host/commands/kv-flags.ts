import { type Address, parseAddress } from '../../../core/address.ts';
import { type Duration, parseDuration } from '../../../core/time.ts';
import type { Complain } from './options.ts';
import type { Flags } from './serf-flags.ts';

/** Where servers are reached by each other, and by their clients. */
export const RAFT_PORT = 8300;
export const KV_PORT = 8301;

/** The value of a flag that is a time; undefined when it was not given, or is not known before the run. */
export function durationOf(flags: Flags, flag: string, complain: Complain): Duration | undefined {
  const word = flags.words(flag).at(-1);
  if (word === undefined || !word.exact) return undefined;
  const duration = parseDuration(word.text);
  if (duration === undefined || duration === 0) complain(word, `\`-${flag}\` takes a time such as 300ms, not \`${word.text}\``);
  return duration;
}

/** The value of a flag that is one of a few words. */
export function choiceOf<T extends string>(flags: Flags, flag: string, choices: readonly T[], complain: Complain): T | undefined {
  const word = flags.words(flag).at(-1);
  if (word === undefined || !word.exact) return undefined;
  const choice = choices.find((each) => each === word.text);
  if (choice === undefined) complain(word, `\`-${flag}\` takes ${choices.join(', ')}, not \`${word.text}\``);
  return choice;
}

/** A server of a list: its name, which may be left out, and its address. */
export interface Peer {
  readonly name: string;
  readonly address: Address;
}

/** Reads `n1=10.0.1.11`; undefined when it is no such text. */
export function readPeer(text: string): Peer | undefined {
  const [name = '', address = '', ...more] = text.split('=');
  const parsed = parseAddress(address);
  return more.length > 0 || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) || parsed === undefined
    ? undefined
    : { name, address: parsed };
}
