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

/** Lines of the log that begin alike. Every rumour comes a dozen times to everybody, so the latest line is kept. */
class Lines {
  private readonly beginning: string;
  private text = '';
  private line: string;

  constructor(beginning: string) {
    this.beginning = beginning;
    this.line = beginning;
  }

  of(text: string): string {
    if (text !== this.text) {
      this.text = text;
      this.line = this.beginning + text;
    }
    return this.line;
  }
}

const JOIN_LINES = new Lines('[DEBUG] serf: messageJoinType: ');
const LEAVE_LINES = new Lines('[DEBUG] serf: messageLeaveType: ');
const EVENT_LINES = new Lines('[DEBUG] serf: messageUserEventType: ');
const QUERY_LINES = new Lines('[DEBUG] serf: messageQueryType: ');

/** A message came, by gossip or straight. What is news is passed on. */
export function receive(s: Serf, now: Instant, message: SerfMessage, out: Out<never>): void {
  switch (message.type) {
    case 'join':
      out.log(JOIN_LINES.of(s.names.text(message.node)));
      if (applyJoin(s, now, message, out)) spreadIntent(s, now, message, out);
      return;
    case 'leave':
      out.log(LEAVE_LINES.of(s.names.text(message.node)));
      return receiveLeave(s, now, message, out);
    case 'user event':
      out.log(EVENT_LINES.of(message.name));
      if (applyEvent(s, now, message, out)) spreadEvent(s, now, message, out);
      return;
    case 'query':
      out.log(QUERY_LINES.of(message.name));
      if (applyQuery(s, now, message, out)) spreadQuery(s, now, message, out);
      return;
    case 'query response':
      out.log(`[DEBUG] serf: messageQueryResponseType: ${s.names.text(message.from)}`);
      return heard(s, now, message, out);
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
