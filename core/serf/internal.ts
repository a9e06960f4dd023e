import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { respond } from './answering.ts';
import { knownBy } from './conflict.ts';
import { changeKeys, isKeyQuery } from './keys.ts';
import type { Payload } from './message.ts';
import type { Serf } from './serf.ts';

/** What the names of queries begin with that agents ask each other. */
export const PREFIX = '_serf_';

export const isInternal = (name: string): boolean => name.startsWith(PREFIX);

/** Answers a query of another agent, of which the application hears nothing. */
export function answerInternal(s: Serf, now: Instant, handle: number, name: string, payload: Payload, out: Out<never>): void {
  const kind = name.slice(PREFIX.length);
  // The ack is the answer.
  if (kind === 'ping') return;
  if (kind === 'conflict') {
    const known = knownBy(s, payload, out);
    const problem = known === undefined ? undefined : respond(s, now, handle, known, out);
    if (problem !== undefined) out.log(`[ERR] serf: Failed to respond to conflict query: ${problem}`);
  } else if (isKeyQuery(kind)) changeKeys(s, now, handle, kind, payload, out);
  else out.log(`[WARN] serf: Unhandled internal query '${kind}'`);
}
