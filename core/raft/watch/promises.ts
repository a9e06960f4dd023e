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
  const { storage, log, role, lastHeard } = state;
  const { durableTerm, durableVote, durableIndex } = storage;
  const { term } = message;
  switch (message.type) {
    case 'append-response': {
      if (!message.ok) return undefined;
      const durable = Math.max(durableIndex, Math.min(state.snapshot?.index ?? 0, message.index));
      return promised(
        'AckDurable',
        message.index <= durable && durableTerm === term,
        () => `confirms ${message.index} in term ${term}, and has ${durable} in term ${durableTerm} on disk`,
      );
    }
    case 'vote-response':
      if (!message.granted) return undefined;
      return promised(
        'VoteDurable',
        durableTerm === term && durableVote === message.to,
        () => `votes in term ${term} before its disk knows`,
      );
    case 'vote':
      return promised(
        'RequestVoteDurable',
        durableTerm >= term,
        () => `asks for a vote in term ${term}, and has ${durableTerm} on disk`,
      );
    case 'pre-vote-response': {
      if (!message.granted || loyalFor === undefined) return undefined;
      if (role.role === 'leader') return { invariant: 'StickyRespected', broken: 'leads, and would vote for another' };
      const hears = now !== undefined && lastHeard !== undefined && now - lastHeard < loyalFor;
      return promised('StickyRespected', !hears, () => 'hears a leader, and would vote for another');
    }
    case 'append':
      return promised(
        'NextAboveMatch',
        log.cut <= message.prevIndex + message.entries.length,
        () => `sends an append after ${message.prevIndex}, which it has compacted`,
      );
    default:
      return undefined;
  }
}
