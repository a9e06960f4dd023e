import type { Duration, Instant } from '../time.ts';
import type { RaftViolation } from './invariants.ts';
import type { RaftMessage } from './message.ts';
import type { RaftState } from './state.ts';

/**
 * What is wrong with a message that a server sends: it says what its disk does not know, or helps to depose a leader that it hears.
 *
 * @param loyalFor how long a voter stays loyal to a leader; undefined where it does not
 * @param now the server's own clock, where that is known
 */
export function brokenPromise(
  state: RaftState,
  message: RaftMessage,
  loyalFor: Duration | undefined,
  now: Instant | undefined,
): RaftViolation | undefined {
  const { storage, log, role, lastHeard } = state;
  const { durableTerm, durableVote, durableIndex } = storage;
  const { term } = message;
  switch (message.type) {
    case 'append-response': {
      if (!message.ok) return undefined;
      const durable = Math.max(durableIndex, Math.min(state.snapshot?.index ?? 0, message.index));
      if (message.index <= durable && durableTerm === term) return undefined;
      const says = `confirms ${message.index} in term ${term}, and has ${durable} in term ${durableTerm} on disk`;
      return { invariant: 'AckDurable', says };
    }
    case 'vote-response':
      if (!message.granted || (durableTerm === term && durableVote === message.to)) return undefined;
      return { invariant: 'VoteDurable', says: `votes in term ${term} before its disk knows` };
    case 'vote':
      if (durableTerm >= term) return undefined;
      return { invariant: 'RequestVoteDurable', says: `asks for a vote in term ${term}, and has ${durableTerm} on disk` };
    case 'pre-vote-response': {
      if (!message.granted || loyalFor === undefined) return undefined;
      if (role.role === 'leader') return { invariant: 'StickyRespected', says: 'leads, and would vote for another' };
      const hears = now !== undefined && lastHeard !== undefined && now - lastHeard < loyalFor;
      return hears ? { invariant: 'StickyRespected', says: 'hears a leader, and would vote for another' } : undefined;
    }
    case 'append':
      if (log.cut <= message.prevIndex + message.entries.length) return undefined;
      return { invariant: 'NextAboveMatch', says: `sends an append after ${message.prevIndex}, which it has compacted` };
    default:
      return undefined;
  }
}
