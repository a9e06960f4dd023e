import type { NameId } from '../../names.ts';
import { type Configuration, EMPTY, includes, isJoint, isVoter, type Server } from '../configuration.ts';
import { entryAt, type LogEnd, lastIndexOf, termAt } from '../log.ts';
import type { RaftState } from '../state.ts';

/** What a server acts by, what it knows to be committed, and the one before what it acts by, when that is not. */
export interface Configurations {
  readonly active: Configuration;
  readonly committed: Configuration;
  readonly before: Configuration | undefined;
}

function configAt({ configs, log, snapshot }: RaftState, position: number): Configuration {
  const entry = position < 0 ? undefined : entryAt(log, configs[position] as number);
  return entry?.type === 'config' ? entry.config : (snapshot?.config ?? EMPTY);
}

/** What a server acts by. */
export function activeOf(state: RaftState, activation: 'append' | 'apply'): Configuration {
  const { configs, lastApplied } = state;
  let position = configs.length - 1;
  if (activation === 'apply') while (position >= 0 && (configs[position] as number) > lastApplied) position--;
  return configAt(state, position);
}

export function configsOf(state: RaftState, activation: 'append' | 'apply'): Configurations {
  const { configs, commitIndex, lastApplied } = state;
  let position = configs.length - 1;
  if (activation === 'apply') while (position >= 0 && (configs[position] as number) > lastApplied) position--;
  let safe = configs.length - 1;
  while (safe >= 0 && (configs[safe] as number) > commitIndex) safe--;
  const isOpen = position >= 0 && (configs[position] as number) > commitIndex;
  return {
    active: configAt(state, position),
    committed: configAt(state, safe),
    before: isOpen ? configAt(state, position - 1) : undefined,
  };
}

/** The configuration that was committed at an index, and all that came into the log after it. */
export function configsSince(state: RaftState, commit: number): Configuration[] {
  const { configs } = state;
  const first = configs.filter((index) => index <= commit).length - 1;
  return Array.from({ length: configs.length - first }, (_, i) => configAt(state, first + i));
}

/** The configuration before the latest in a log. */
export const configBelow = (state: RaftState): Configuration => configAt(state, state.configs.length - 2);

/** What is wrong with one configuration after another. */
export function stepProblem(before: Configuration, after: Configuration): string | undefined {
  if (after.voters.length === 0) return 'has no voter';
  const isSame = (one: readonly Server[], two: readonly Server[]): boolean =>
    one.length === two.length && one.every(({ name }) => includes(two, name));
  if (isJoint(after))
    return isSame(after.outgoing, before.voters) ? undefined : 'has other outgoing voters than there were before';
  if (isJoint(before)) return isSame(after.voters, before.voters) ? undefined : 'has other voters than the joint one before';
  const gone = before.voters.filter(({ name }) => !includes(after.voters, name)).length;
  const added = after.voters.filter(({ name }) => !includes(before.voters, name)).length;
  return gone + added <= 1 ? undefined : `differs by ${gone + added} voters from the one before`;
}

/** Those who would vote for a candidate, as their disks and its own are. */
export function granters(candidate: RaftState, config: Configuration, states: readonly RaftState[]): NameId[] {
  if (!isVoter(config, candidate.self)) return [];
  const end = durableEnd(candidate);
  return states
    .filter((state) => !state.amnesiac && (state.self === candidate.self || !isBehind(end, durableEnd(state))))
    .map(({ self }) => self);
}

/** Whether a log that ends at `one` is less up to date than one that ends at `other` (Raft §5.4.1). Said anew: what is watched is not to judge itself. */
export const isBehind = (one: LogEnd, other: LogEnd): boolean =>
  one.term < other.term || (one.term === other.term && one.index < other.index);

/** What of a log survives a crash. */
export function durableEnd({ log, storage }: RaftState): LogEnd {
  const index = Math.min(storage.durableIndex, lastIndexOf(log));
  return { index, term: termAt(log, index) ?? 0 };
}

/** Whether two candidates could win by votes of servers of which none votes for both; at most 7 servers. */
export function disjointQuorums(
  first: readonly NameId[],
  one: Configuration,
  second: readonly NameId[],
  two: Configuration,
): boolean {
  for (let set = 1; set < 1 << first.length; set++) {
    const chosen = first.filter((_, i) => (set >> i) & 1);
    if (!isQuorum(one, chosen)) continue;
    const rest = second.filter((name) => !chosen.includes(name));
    if (isQuorum(two, rest)) return true;
  }
  return false;
}

/** Whether these are a majority, in each half of a joint change. */
export const isQuorum = ({ voters, outgoing }: Configuration, names: readonly NameId[]): boolean =>
  isMajority(voters, names) && (outgoing.length === 0 || isMajority(outgoing, names));

function isMajority(servers: readonly Server[], names: readonly NameId[]): boolean {
  let among = 0;
  for (const { name } of servers) if (names.includes(name)) among++;
  return 2 * among > servers.length;
}

/** Whether two configurations have the same voters, in each half: any two majorities then have a server in common. */
export const haveSameVoters = (one: Configuration, other: Configuration): boolean =>
  isSameList(one.voters, other.voters) && isSameList(one.outgoing, other.outgoing);

const isSameList = (one: readonly Server[], other: readonly Server[]): boolean =>
  one === other || (one.length === other.length && one.every(({ name }, place) => other[place]?.name === name));
