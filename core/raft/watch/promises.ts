import type { Duration, Instant } from '../../time.ts';
import type { RaftInvariant } from '../invariants.ts';
import type { RaftMessage } from '../message.ts';
import type { RaftState } from '../state.ts';

/** What a message promises, and what is wrong with that. */
export interface Promised {
  readonly invariant: RaftInvariant;
  readonly broken: string | undefined;
}

const promised = (invariant: RaftInvariant, holds: boolean, says: () => string): Promised => ({
  invariant,
  broken: holds ? undefined : says(),
});

/**
 * What a server promises by a message: that its disk knows what it says, and that it helps nobody to depose a leader that it hears.
 *
 * @param loyalFor how long a voter stays loyal to a leader; undefined where it does not
 * @param now the server's own clock, where that is known
 * @returns undefined for a message that promises nothing
 */
export function brokenPromise(
  state: RaftState,
  message: RaftMessage,
  loyalFor: Duration | undefined,
  now: Instant | undefined,
): Promised | undefined {
  switch (message.type) {
    case 'append-response':
      return message.ok ? confirms(state, message) : undefined;
    case 'vote-response':
      return message.granted ? votes(state, message) : undefined;
    case 'vote':
      return asks(state, message);
    case 'pre-vote-response':
      return message.granted && loyalFor !== undefined ? encourages(state, loyalFor, now) : undefined;
    case 'append':
      return appends(state, message);
    default:
      return undefined;
  }
}

type Of<T extends RaftMessage['type']> = Extract<RaftMessage, { readonly type: T }>;

function confirms({ storage, snapshot }: RaftState, { index, term }: Of<'append-response'>): Promised {
  const { durableIndex, durableTerm } = storage;
  const durable = Math.max(durableIndex, Math.min(snapshot?.index ?? 0, index));
  return promised(
    'AckDurable',
    index <= durable && durableTerm === term,
    () => `confirms ${index} in term ${term}, and has ${durable} in term ${durableTerm} on disk`,
  );
}

const votes = ({ storage: { durableTerm, durableVote } }: RaftState, { term, to }: Of<'vote-response'>): Promised =>
  promised('VoteDurable', durableTerm === term && durableVote === to, () => `votes in term ${term} before its disk knows`);

const asks = ({ storage: { durableTerm } }: RaftState, { term }: Of<'vote'>): Promised =>
  promised('RequestVoteDurable', durableTerm >= term, () => `asks for a vote in term ${term}, and has ${durableTerm} on disk`);

function encourages({ role, lastHeard }: RaftState, loyalFor: Duration, now: Instant | undefined): Promised {
  if (role.role === 'leader') return { invariant: 'StickyRespected', broken: 'leads, and would vote for another' };
  const hears = now !== undefined && lastHeard !== undefined && now - lastHeard < loyalFor;
  return promised('StickyRespected', !hears, () => 'hears a leader, and would vote for another');
}

const appends = ({ log }: RaftState, { prevIndex, entries }: Of<'append'>): Promised =>
  promised(
    'NextAboveMatch',
    log.cut <= prevIndex + entries.length,
    () => `sends an append after ${prevIndex}, which it has compacted`,
  );
