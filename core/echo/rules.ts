import { between, type Duration, type Instant } from '../time.ts';

/** A ping that was sent and not answered yet. */
export interface OpenPing {
  readonly sequence: number;
  readonly sentAt: Instant;
}

/**
 * Whether a pong answers the ping that is open.
 *
 * Only the latest ping counts, and only once: the network may duplicate an answer, or bring a late one.
 */
export function isAnswer(open: OpenPing | undefined, sequence: number): boolean {
  return open?.sequence === sequence;
}

/** Whether a peer that owes an answer has owed it for too long. */
export function isSilent(open: OpenPing | undefined, now: Instant, patience: Duration): boolean {
  return open !== undefined && between(open.sentAt, now) >= patience;
}

/** The decisions of the protocol, each a pure function. The class calls them through this table, so that a test can swap one. */
export const echoRules = { isAnswer, isSilent };

export type EchoRules = typeof echoRules;
