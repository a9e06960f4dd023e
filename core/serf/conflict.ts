import { textSize } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { type Instant, ZERO } from '../time.ts';
import { ask } from './asking.ts';
import { shutDown } from './departure.ts';
import type { ShutdownNotice } from './events.ts';
import { PREFIX } from './internal.ts';
import { statusOf } from './members.ts';
import type { ConflictResponse, Payload } from './message.ts';
import type { Serf } from './serf.ts';
import { memberRecordSize, NO_MEMBER_SIZE } from './size.ts';
import { readTags } from './tags.ts';

/*
 * Two nodes claim one name: each asks the others whom they know by it, and the one whom fewer than half know stops. A newcomer is
 * known to nobody.
 */

/** What became of such a question so far. */
export interface Vote {
  readonly for: 'conflict';
  responses: number;
  /** How many know this node by its name. */
  matching: number;
}

/** Somebody else claims our name. */
export function startVote(s: Serf, now: Instant, out: Out<never>): void {
  const question = {
    name: `${PREFIX}conflict`,
    payload: s.names.text(s.state.self),
    filters: [],
    ack: false,
    relay: 0,
    timeout: ZERO,
  };
  const { error } = ask(s, now, question, { for: 'conflict', responses: 0, matching: 0 }, out);
  if (error !== undefined) out.log(`[ERR] serf: Failed to start name resolution query: ${error}`);
}

/** Whom we know by this name; undefined when that is for others to say. */
export function knownBy(s: Serf, payload: Payload, out: Out<never>): ConflictResponse | undefined {
  if (typeof payload !== 'string' || payload === s.names.text(s.state.self)) return undefined;
  out.log(`[DEBUG] serf: Got conflict resolution query for '${payload}'`);
  const node = s.names.state.ids.get(payload);
  return node !== undefined && statusOf(s.state.members, node) !== undefined
    ? record(s, node)
    : { type: 'conflict response', bytes: NO_MEMBER_SIZE };
}

function record(s: Serf, node: NameId): ConflictResponse {
  const { address, addressBytes, meta } = s.gossip.describe(node);
  const bytes = memberRecordSize(textSize(s.names.text(node)), addressBytes, s.names.port(address), readTags(meta));
  return { type: 'conflict response', address, bytes };
}

export function conflictAnswered(s: Serf, vote: Vote, payload: Payload, out: Out<never>): void {
  if (typeof payload === 'string' || payload.type !== 'conflict response') {
    const shown = typeof payload === 'string' ? payload : payload.type;
    return out.log(`[ERR] serf: Invalid conflict query response type: ${shown}`);
  }
  vote.responses++;
  if (payload.address === s.gossip.self.address) vote.matching++;
}

export function conflictClosed(s: Serf, now: Instant, { matching, responses }: Vote, out: Out<never>): void {
  if (s.rules.winsVote(matching, responses)) {
    return out.log(`[INFO] serf: majority in name conflict resolution [${matching} / ${responses}]`);
  }
  out.log(`[WARN] serf: minority in name conflict resolution, quiting [${matching} / ${responses}]`);
  if (s.state.life === 'shutdown') return;
  shutDown(s, now, out);
  const notice: ShutdownNotice = { type: 'serf-shutdown' };
  out.announce(notice);
}
