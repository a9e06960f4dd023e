import { unreachable } from '../assert.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { applyQuery, relay } from './answering.ts';
import { heard } from './asking.ts';
import { applyJoin, applyLeave } from './intents.ts';
import type { LeaveIntent, SerfMessage } from './message.ts';
import { postpone } from './postponed.ts';
import { spreadEvent, spreadIntent, spreadQuery } from './queues.ts';
import type { Serf } from './serf.ts';
import { applyEvent } from './user-events.ts';

/** A message came, by gossip or straight. What is news is passed on. */
export function receive(s: Serf, now: Instant, message: SerfMessage, out: Out<never>): void {
  switch (message.type) {
    case 'join':
      out.log(`[DEBUG] serf: messageJoinType: ${s.names.text(message.node)}`);
      if (applyJoin(s, now, message, out)) spreadIntent(s, now, message, out);
      return;
    case 'leave':
      out.log(`[DEBUG] serf: messageLeaveType: ${s.names.text(message.node)}`);
      return receiveLeave(s, now, message, out);
    case 'user event':
      out.log(`[DEBUG] serf: messageUserEventType: ${message.name}`);
      if (applyEvent(s, now, message, out)) spreadEvent(s, now, message, out);
      return;
    case 'query':
      out.log(`[DEBUG] serf: messageQueryType: ${message.name}`);
      if (applyQuery(s, now, message, out)) spreadQuery(s, now, message, out);
      return;
    case 'query response':
      out.log(`[DEBUG] serf: messageQueryResponseType: ${s.names.text(message.from)}`);
      return heard(s, message, out);
    case 'relay':
      return relay(s, message, out);
    default:
      return unreachable(message);
  }
}

function receiveLeave(s: Serf, now: Instant, intent: LeaveIntent, out: Out<never>): void {
  if (!applyLeave(s, now, intent, out)) return;
  if (!postpone(s, { type: 'spread', intent })) spreadIntent(s, now, intent, out);
}
