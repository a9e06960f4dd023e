import type { Duration, Instant } from '../time.ts';
import type { RaftProblem, SessionStamp } from './interface.ts';

/** What is remembered of one client: the answers that it may ask for again, and when it was last heard of. */
export interface Session {
  acknowledged: number;
  lastActive: Instant;
  /** Sequence to answer; those below `acknowledged` are gone. */
  answers: Map<number, unknown>;
}

/** By client, in the order in which they registered. */
export type Sessions = Map<number, Session>;

/** What a call of a client comes to: executed, answered again, or refused. */
export type Recall =
  | { readonly type: 'execute' }
  | { readonly type: 'answered'; readonly answer: unknown }
  | { readonly type: 'refused'; readonly problem: RaftProblem };

const EXECUTE: Recall = { type: 'execute' };

/** Whether a call was executed before (Raft thesis §6.3). A call whose answer the client has confirmed cannot be answered any more. */
export function recall(session: Session | undefined, { sequence }: SessionStamp): Recall {
  if (session === undefined) return { type: 'refused', problem: 'session expired' };
  if (sequence < session.acknowledged) return { type: 'refused', problem: 'stale' };
  if (session.answers.has(sequence)) return { type: 'answered', answer: session.answers.get(sequence) };
  return EXECUTE;
}

/** Whether a client was not heard of for too long, by the clock in the log: so at the same entry on every server. */
export const isExpired = ({ lastActive }: Session, at: Instant, timeToLive: Duration): boolean => at - lastActive > timeToLive;

export const openSession = (at: Instant): Session => ({ acknowledged: 0, lastActive: at, answers: new Map() });

/** Keeps an answer, and forgets those that the client has. */
export function remember(session: Session, { sequence, acknowledged }: SessionStamp, answer: unknown): void {
  session.answers.set(sequence, answer);
  if (acknowledged <= session.acknowledged) return;
  session.acknowledged = acknowledged;
  for (const known of [...session.answers.keys()]) if (known < acknowledged) session.answers.delete(known);
}

/** Forgets clients whose sessions have expired; and when there are too many still, those that were silent longest. */
export function expireSessions(sessions: Sessions, at: Instant, timeToLive: Duration, most: number): void {
  for (const [client, session] of sessions) if (isExpired(session, at, timeToLive)) sessions.delete(client);
  while (sessions.size > most) sessions.delete(leastActive(sessions));
}

function leastActive(sessions: Sessions): number {
  let found = 0;
  let earliest = Number.POSITIVE_INFINITY;
  for (const [client, { lastActive }] of sessions) {
    if (lastActive < earliest) {
      earliest = lastActive;
      found = client;
    }
  }
  return found;
}
