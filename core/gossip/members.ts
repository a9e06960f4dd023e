import type { NameId } from '../names.ts';
import type { Rng } from '../random.ts';
import { between, type Duration, type Instant } from '../time.ts';
import { at, type Column, put } from './column.ts';
import type { DescriptionId } from './description.ts';
import type { Incarnation } from './message.ts';
import { isLive, type StatusNumber } from './status.ts';

/**
 * What a node knows of all members, itself included: five bytes each as long as names and descriptions have ids below 65 536 and
 * incarnations are below 32, at most ten.
 *
 * The columns are indexed by NameId, which the whole world shares. `order` is memberlist's node list: the order of probing.
 */
export interface MembersState {
  order: Column;
  /** Places of `order` in use. */
  count: number;
  /** Status and incarnation in one word, see `claimOf`. */
  claims: Column;
  descriptions: Column;
  /** Since when a member is suspect, dead or left; of the living nobody asks. */
  readonly changedAt: Map<NameId, Instant>;
  /** The incarnations that are too large for a claim. */
  readonly large: Map<NameId, Incarnation>;
}

export function newMembers(): MembersState {
  return {
    order: new Uint16Array(0),
    count: 0,
    claims: new Uint8Array(0),
    descriptions: new Uint16Array(0),
    changedAt: new Map(),
    large: new Map(),
  };
}

/*
 * A claim: 0 for an unknown name; else 1 + status in the low three bits and the incarnation in the others. Incarnations
 * rise by one per refutation, so that most are small, and 29 bits are plenty unless somebody forges one.
 */
const STATUS_BITS = 3;
const STATUS_MASK = 7;
const LARGE = 0x1fff_ffff;

/** @returns undefined for a name that is not in the list */
export function statusOf(members: MembersState, name: NameId): StatusNumber | undefined {
  const claim = (members.claims[name] ?? 0) & STATUS_MASK;
  return claim === 0 ? undefined : ((claim - 1) as StatusNumber);
}

export function incarnationOf(members: MembersState, name: NameId): Incarnation {
  const incarnation = (members.claims[name] ?? 0) >>> STATUS_BITS;
  return incarnation === LARGE ? (members.large.get(name) as Incarnation) : (incarnation as Incarnation);
}

/** The description of a member, and of one that was forgotten: the last that was known. */
export const descriptionOf = (members: MembersState, name: NameId): DescriptionId =>
  at(members.descriptions, name) as DescriptionId;

/** How long ago a suspect, dead or left member became so. */
export const ageOf = (members: MembersState, name: NameId, now: Instant): Duration =>
  between(members.changedAt.get(name) ?? now, now);

export function setClaim(members: MembersState, name: NameId, status: StatusNumber, incarnation: Incarnation): void {
  if (incarnation >= LARGE) members.large.set(name, incarnation);
  else if (members.large.size > 0) members.large.delete(name);
  const claim = (Math.min(incarnation, LARGE) << STATUS_BITS) | (status + 1);
  members.claims = put(members.claims, name, claim >>> 0);
}

export function setDescription(members: MembersState, name: NameId, description: DescriptionId): void {
  members.descriptions = put(members.descriptions, name, description);
}

/** The member at a place of the probe order. */
export const memberAt = (members: MembersState, place: number): NameId => at(members.order, place) as NameId;

/**
 * Adds a name to the list at a random place: it changes places with the one that is there, so that a newcomer is probed within the
 * same bound as everybody else.
 */
export function insert(members: MembersState, name: NameId, random: Rng): void {
  const last = members.count++;
  const place = last === 0 ? 0 : random.integer(last);
  const displaced = place === last ? name : memberAt(members, place);
  members.order = put(members.order, last, displaced);
  members.order = put(members.order, place, name);
}

/**
 * Drops from the list whoever is to be forgotten and puts the others into a new random order (Fisher–Yates).
 *
 * @param forgotten called for each that was dropped
 */
export function renew(
  members: MembersState,
  isForgotten: (name: NameId) => boolean,
  random: Rng,
  forgotten: (name: NameId) => void,
): void {
  const { order, count } = members;
  let kept = 0;
  for (let place = 0; place < count; place++) {
    const name = order[place] as NameId;
    if (isForgotten(name)) forget(members, name, forgotten);
    else order[kept++] = name;
  }
  members.count = kept;
  shuffle(members, random);
  order.fill(0, kept, count);
}

/** Puts the list into a new random order (Fisher–Yates). */
export function shuffle({ order, count }: MembersState, random: Rng): void {
  for (let last = count - 1; last > 0; last--) {
    const chosen = random.integer(last + 1);
    const moved = order[last] as number;
    order[last] = order[chosen] as number;
    order[chosen] = moved;
  }
}

/** Makes these the list, in this order. */
export function setOrder(members: MembersState, names: readonly NameId[]): void {
  members.count = names.length;
  names.forEach((name, place) => {
    members.order = put(members.order, place, name);
  });
}

/** Takes over all that is known in a view in which nobody is suspect or gone. Columns are no longer than they have to be. */
export function copyOf(view: MembersState, members: MembersState): void {
  const { count, order, claims, descriptions } = view;
  const end = claims.findLastIndex((claim) => claim !== 0) + 1;
  members.count = count;
  members.order = order.slice(0, count);
  members.claims = claims.slice(0, end);
  members.descriptions = descriptions.slice(0, end);
  members.changedAt.clear();
  members.large.clear();
}

function forget(members: MembersState, name: NameId, forgotten: (name: NameId) => void): void {
  members.claims[name] = 0;
  members.changedAt.delete(name);
  members.large.delete(name);
  forgotten(name);
}

/** Whether anybody but this node is alive or suspect. */
export function hasLivePeer(members: MembersState, self: NameId): boolean {
  for (let place = 0; place < members.count; place++) {
    const name = memberAt(members, place);
    const status = statusOf(members, name);
    if (name !== self && status !== undefined && isLive(status)) return true;
  }
  return false;
}
