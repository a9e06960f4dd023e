import type { JoinResult } from '../gossip/gossip.ts';
import type { Endpoint } from '../names.ts';
import type { Out } from '../protocol.ts';
import { shuffle } from '../random.ts';
import type { Instant } from '../time.ts';
import { announceJoin } from './intents.ts';
import type { JoinCommand, JoinReply } from './interface.ts';
import { next } from './lamport.ts';
import { namesOf } from './members.ts';
import { waitForReconnect } from './reap.ts';
import type { Serf } from './serf.ts';
import { openSnapshot, recordMember } from './snapshot.ts';
import type { Known } from './state.ts';

/** Joins one after another. */
export function join(
  s: Serf,
  now: Instant,
  command: number,
  { addresses, ignoreOld = false }: JoinCommand,
  out: Out<never>,
): void {
  const { state } = s;
  if (state.life !== 'alive') {
    const refused: JoinReply = { contacted: 0, problems: [], error: "Serf can't Join after Leave or Shutdown" };
    return out.reply(command, refused);
  }
  state.joins.push({ id: state.nextJoin++, command, addresses, ignoreOld });
  if (state.joins.length === 1) nextJoin(s, now, out);
}

function nextJoin(s: Serf, now: Instant, out: Out<never>): void {
  const [first] = s.state.joins;
  if (first !== undefined) s.gossip.join(now, first.id, first.addresses, false, out.of(s.parts.gossip));
}

/** memberlist has tried all addresses of a join: one that was asked for, an attempt to dial a failed member, or one to come back. */
export function contacted(s: Serf, now: Instant, id: number, result: JoinResult, out: Out<never>): void {
  const { state } = s;
  if (id === state.reconnect) return waitForReconnect(s, out);
  if (id === state.rejoin?.id) return rejoined(s, now, result.contacted > 0, out);
  const done = state.joins.shift();
  if (done === undefined) return;
  if (result.contacted > 0) announceJoin(s, now, out);
  out.reply(done.command, result);
  nextJoin(s, now, out);
}

/** Takes in the snapshot, and dials whom it knew in random order until one is there. Whoever was to leave has left. */
export function restore(s: Serf, now: Instant, records: readonly unknown[], out: Out<never>): void {
  const { state, rules } = s;
  const snapshot = openSnapshot(s, records, out);
  const known = Array.from(snapshot.alive, ([name, address]): Known => ({ name, address }));
  state.memberTime = rules.witness(state.memberTime, snapshot.memberTime);
  state.eventTime = rules.witness(state.eventTime, snapshot.eventTime);
  state.queryTime = rules.witness(state.queryTime, snapshot.queryTime);
  state.eventMinTime = next(snapshot.eventTime);
  state.queryMinTime = next(snapshot.queryTime);
  // memberlist has told of this node before the file was open.
  for (const node of namesOf(state.members)) recordMember(s, now, node, 'member-join', out);
  if (known.length === 0) return;
  shuffle(known, s.random);
  const own = s.names.text(state.self);
  state.rejoin = { id: 0, left: known.filter(({ name }) => name !== own) };
  rejoinNext(s, now, out);
}

function rejoinNext(s: Serf, now: Instant, out: Out<never>): void {
  const { state } = s;
  const known = state.rejoin?.left[0];
  if (state.rejoin === undefined || known === undefined) {
    state.rejoin = undefined;
    return out.log('[WARN] serf: Failed to re-join any previously known node');
  }
  out.log(`[INFO] serf: Attempting re-join to previously known node: ${labelOf(s, known)}`);
  const addresses: readonly Endpoint[] = [known.address];
  state.rejoin.id = state.nextJoin++;
  s.gossip.join(now, state.rejoin.id, addresses, true, out.of(s.parts.gossip));
}

function rejoined(s: Serf, now: Instant, contacted: boolean, out: Out<never>): void {
  const { state } = s;
  const known = state.rejoin?.left.shift();
  if (!contacted) return rejoinNext(s, now, out);
  state.rejoin = undefined;
  if (known !== undefined) out.log(`[INFO] serf: Re-joined to previously known node: ${labelOf(s, known)}`);
}

const labelOf = (s: Serf, { name, address }: Known): string => `${name}: ${s.gossip.where(address)}`;
