import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { applyJoin, applyLeave } from './intents.ts';
import type { LamportTime } from './lamport.ts';
import { namesOf, statusOf, timeOf } from './members.ts';
import type { SerfState } from './message.ts';
import type { Serf } from './serf.ts';
import { stateSize } from './size.ts';

/** What we tell a peer of everybody, and its size. */
export function localState(s: Serf): { readonly state: SerfState; readonly bytes: number } {
  const { members, memberTime, eventTime, queryTime } = s.state;
  const names = namesOf(members);
  const state: SerfState = {
    memberTime,
    eventTime,
    queryTime,
    names: Uint32Array.from(names),
    times: Float64Array.from(names, (name) => timeOf(members, name)),
    left: Uint32Array.from(members.left),
  };
  const bytes = stateSize({
    memberTime,
    eventTime,
    queryTime,
    members: names.map((name) => ({ name: s.names.text(name), time: timeOf(members, name) })),
    left: members.left.map((name) => s.names.text(name)),
  });
  return { state, bytes };
}

/**
 * Takes over what a peer told: its clocks, then those that left, then the others as if they had just said that they are here. Nothing of
 * it is passed on.
 */
export function merge(s: Serf, now: Instant, remote: SerfState, out: Out<never>): void {
  const { state } = s;
  const witness = (clock: LamportTime, peer: LamportTime): LamportTime => {
    const met = s.rules.witnessedInMerge(peer);
    return met === undefined ? clock : s.rules.witness(clock, met);
  };
  state.memberTime = witness(state.memberTime, remote.memberTime);
  state.eventTime = witness(state.eventTime, remote.eventTime);
  state.queryTime = witness(state.queryTime, remote.queryTime);
  const left = new Set(remote.left);
  const { names, times } = remote;
  for (let i = 0; i < names.length; i++) {
    if (!left.has(names[i] as number)) continue;
    const time = s.rules.replayedLeaveTime(times[i] as LamportTime);
    applyLeave(s, now, { type: 'leave', time, node: names[i] as NameId, prune: false }, out);
  }
  for (let i = 0; i < names.length; i++) {
    if (!left.has(names[i] as number)) mergeJoin(s, now, names[i] as NameId, times[i] as LamportTime, out);
  }
}

function mergeJoin(s: Serf, now: Instant, node: NameId, time: LamportTime, out: Out<never>): void {
  const { members, memberTime } = s.state;
  // The common case, without making a message of it: what we know too.
  const known = statusOf(members, node) !== undefined && !s.rules.isNewer(time, timeOf(members, node)) && time < memberTime;
  if (!known) applyJoin(s, now, { type: 'join', time, node }, out);
}
