import { at, type Column, type Company, put } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import { between, type Duration, type Instant } from '../time.ts';
import type { LamportTime } from './lamport.ts';

/** What Serf makes of memberlist's word and of the intents. A suspect is still alive here. */
export type MemberStatus = 'alive' | 'leaving' | 'left' | 'failed';

/** In the column of statuses; 0 is no member. */
const STATUSES = [undefined, 'alive', 'leaving', 'left', 'failed'] as const;
const ALIVE = 1;

/**
 * The members as Serf knows them, which it does for long after memberlist forgot them. Columns are indexed by NameId; where a member is and
 * what it says of itself is in memberlist's table.
 */
export interface MembersState {
  count: number;
  statuses: Column;
  /** When a member's status was last claimed by an intent, and how many such times do not fit the column. */
  times: Column;
  readonly lateTimes: Map<NameId, LamportTime>;
  /** Since when a member is failed or left. */
  readonly goneSince: Map<NameId, Instant>;
  /** In the order in which they became so. */
  readonly failed: NameId[];
  readonly left: NameId[];
  /** How often a member came back soon after it had failed. */
  flaps: number;
}

export function newMembers(): MembersState {
  return {
    count: 0,
    statuses: new Uint8Array(0),
    times: new Uint8Array(0),
    lateTimes: new Map(),
    goneSince: new Map(),
    failed: [],
    left: [],
    flaps: 0,
  };
}

/** @returns undefined for a name that is no member */
export const statusOf = (members: MembersState, name: NameId): MemberStatus | undefined => STATUSES[at(members.statuses, name)];

/** 0 as long as no intent about the member was accepted. */
export function timeOf({ times, lateTimes }: MembersState, name: NameId): LamportTime {
  const late = lateTimes.size === 0 ? undefined : lateTimes.get(name);
  return late ?? (at(times, name) as LamportTime);
}

/** How long ago a failed or left member became so. */
export const goneFor = (members: MembersState, name: NameId, now: Instant): Duration =>
  between(members.goneSince.get(name) ?? now, now);

export function setTime(members: MembersState, name: NameId, time: LamportTime): void {
  if (time > 0xff_ff_ff_ff) members.lateTimes.set(name, time);
  else {
    members.lateTimes.delete(name);
    members.times = put(members.times, name, time);
  }
}

/** Adds a member or gives it another status, and puts it into the list of those that are gone in that way. */
export function setStatus(members: MembersState, name: NameId, status: MemberStatus): void {
  const before = statusOf(members, name);
  if (before === undefined) members.count++;
  else unlist(members, name, before);
  members.statuses = put(members.statuses, name, STATUSES.indexOf(status));
  if (status === 'failed') members.failed.push(name);
  if (status === 'left') members.left.push(name);
}

/** Makes everybody whom memberlist knows an alive member of whom no intent was heard. */
export function know(members: MembersState, { order, count }: Company['view']): void {
  const alive = STATUSES.indexOf('alive');
  members.count = count;
  let last = -1;
  for (let place = 0; place < count; place++) last = Math.max(last, order[place] as number);
  const statuses = new Uint8Array(last + 1);
  for (let place = 0; place < count; place++) statuses[order[place] as number] = alive;
  members.statuses = statuses;
}

export function erase(members: MembersState, name: NameId): void {
  const status = statusOf(members, name);
  if (status === undefined) return;
  unlist(members, name, status);
  members.statuses = put(members.statuses, name, 0);
  setTime(members, name, 0 as LamportTime);
  members.goneSince.delete(name);
  members.count--;
}

function unlist(members: MembersState, name: NameId, status: MemberStatus): void {
  const list = status === 'failed' ? members.failed : status === 'left' ? members.left : [];
  const place = list.indexOf(name);
  if (place >= 0) list.splice(place, 1);
}

/** All members, by their NameIds. */
export function namesOf(members: MembersState): NameId[] {
  const names: NameId[] = [];
  for (let name = 0; name < members.statuses.length; name++) {
    if (members.statuses[name] !== 0) names.push(name as NameId);
  }
  return names;
}

/** Whether anybody else is alive. */
export function hasAlive(members: MembersState, self: NameId): boolean {
  for (let name = 0; name < members.statuses.length; name++) {
    if (name !== self && members.statuses[name] === ALIVE) return true;
  }
  return false;
}
