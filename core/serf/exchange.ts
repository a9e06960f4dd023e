import { textSize, unsignedSize } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { applyJoin, applyLeave } from './intents.ts';
import type { LamportTime } from './lamport.ts';
import { namesOf, statusOf, timeOf } from './members.ts';
import type { SerfState } from './message.ts';
import type { Serf } from './serf.ts';
import { stateSize } from './size.ts';
import { mergeEvents, rememberedEvents } from './user-events.ts';

/** What we tell a peer of everybody, and its size. */
export function localState(s: Serf): { readonly state: SerfState; readonly bytes: number } {
  const { members, memberTime, eventTime, queryTime } = s.state;
  const names = Uint32Array.from(namesOf(members));
  const times = new Float64Array(names.length);
  let membersBytes = 0;
  for (let i = 0; i < names.length; i++) {
    const time = timeOf(members, names[i] as NameId);
    times[i] = time;
    membersBytes += s.gossip.nameSize(names[i] as NameId) + unsignedSize(time);
  }
  const leftBytes = members.left.reduce((sum, name) => sum + textSize(s.names.text(name)), 0);
  const events = rememberedEvents(s);
  const state: SerfState = {
    memberTime,
    eventTime,
    queryTime,
    names,
    times,
    left: Uint32Array.from(members.left),
    events,
  };
  const bytes = stateSize({
    memberTime,
    eventTime,
    queryTime,
    members: names.length,
    membersBytes,
    left: members.left.length,
    leftBytes,
    events,
    slots: s.config.eventBuffer,
    flags: !s.quirks.mergeDropsCoalesceFlag,
  });
  return { state, bytes };
}

/**
 * Takes over what a peer told: its clocks, then those that left, then the others as if they had just said that they are here, then
 * the user events that it remembers. Nothing of it is passed on.
 *
 * @param join whether one of the two is joining
 */
export function merge(s: Serf, now: Instant, remote: SerfState, join: boolean, out: Out<never>): void {
  const { state } = s;
  const witness = (clock: LamportTime, peer: LamportTime): LamportTime => {
    const met = s.rules.witnessedInMerge(peer);
    return met === undefined ? clock : s.rules.witness(clock, met);
  };
  state.memberTime = witness(state.memberTime, remote.memberTime);
  state.eventTime = witness(state.eventTime, remote.eventTime);
  state.queryTime = witness(state.queryTime, remote.queryTime);
  const { names, times } = remote;
  const left = remote.left.length === 0 ? undefined : new Set(remote.left);
  for (let i = 0; i < names.length && left !== undefined; i++) {
    if (left.has(names[i] as number)) mergeLeave(s, now, names[i] as NameId, times[i] as LamportTime, out);
  }
  for (let i = 0; i < names.length; i++) {
    if (left?.has(names[i] as number) !== true) mergeJoin(s, now, names[i] as NameId, times[i] as LamportTime, out);
  }
  // While this node joins and wants nothing from before, it hears nothing from before from whoever joins.
  const ignores = join && state.joins[0]?.ignoreOld === true;
  if (ignores && remote.eventTime > state.eventMinTime) state.eventMinTime = remote.eventTime;
  mergeEvents(s, now, remote.events, out);
}

function mergeLeave(s: Serf, now: Instant, node: NameId, claimed: LamportTime, out: Out<never>): void {
  // The peer's time is that of the departure already, unless it is that of a join; which of the two it does not say.
  const isKnown = !s.quirks.leftTimesGrow && statusOf(s.state.members, node) === 'left';
  const time = isKnown ? claimed : s.rules.replayedLeaveTime(claimed);
  applyLeave(s, now, { type: 'leave', time, node, prune: false }, out);
}

function mergeJoin(s: Serf, now: Instant, node: NameId, time: LamportTime, out: Out<never>): void {
  const { members, memberTime } = s.state;
  // The common case, without making a message of it: what we know too.
  const known = statusOf(members, node) !== undefined && !s.rules.isNewer(time, timeOf(members, node)) && time < memberTime;
  if (!known) applyJoin(s, now, { type: 'join', time, node }, out);
}
