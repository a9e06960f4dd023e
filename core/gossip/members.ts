import type { NameId } from '../names.ts';
import type { Rng } from '../random.ts';
import { between, type Duration, type Instant } from '../time.ts';
import { at, type Column, put } from './column.ts';
import type { DescriptionId } from './description.ts';
import type { Incarnation } from './message.ts';
import { isLive, type StatusNumber } from './status.ts';

/**
 * What a node knows of all members, itself included: six bytes each as long as names and descriptions have ids below 65 536 and
 * incarnations are below 8 192, at most twelve.
 *
 * Indexed by NameId, which the whole world shares. Claim and description of a member lie side by side, since they are looked at together: in a
 * large world each look at a view is one at memory that no cache holds, and one is what it takes.
 */
export interface MembersState {
  /** memberlist's node list: the order of probing. */
  order: Column;
  /** Places of `order` in use. */
  count: number;
  /** By name one word, claim and description in a half each, or two words when one of them was too large for that. */
  rows: Uint32Array;
  wide: boolean;
  /** Since when a member is suspect, dead or left; of the living nobody asks. */
  readonly changedAt: Map<NameId, Instant>;
  /** The incarnations that are too large for a claim. */
  readonly large: Map<NameId, Incarnation>;
}

export function newMembers(): MembersState {
  return {
    order: new Uint16Array(0),
    count: 0,
    rows: new Uint32Array(0),
    wide: false,
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

/** What fits half a word. */
const HALF = 0xff_ff;

const claimOf = ({ rows, wide }: MembersState, name: NameId): number =>
  (wide ? rows[2 * name] : (rows[name] as number) & HALF) ?? 0;

/** @returns undefined for a name that is not in the list */
export function statusOf(members: MembersState, name: NameId): StatusNumber | undefined {
  const claim = claimOf(members, name) & STATUS_MASK;
  return claim === 0 ? undefined : ((claim - 1) as StatusNumber);
}

export function incarnationOf(members: MembersState, name: NameId): Incarnation {
  const incarnation = claimOf(members, name) >>> STATUS_BITS;
  return incarnation === LARGE ? (members.large.get(name) as Incarnation) : (incarnation as Incarnation);
}

/** The description of a member, and of one that was forgotten: the last that was known. */
export function descriptionOf({ rows, wide }: MembersState, name: NameId): DescriptionId {
  return ((wide ? rows[2 * name + 1] : (rows[name] as number) >>> 16) ?? 0) as DescriptionId;
}

/** How long ago a suspect, dead or left member became so. */
export const ageOf = (members: MembersState, name: NameId, now: Instant): Duration =>
  between(members.changedAt.get(name) ?? now, now);

export function setClaim(members: MembersState, name: NameId, status: StatusNumber, incarnation: Incarnation): void {
  if (incarnation >= LARGE) members.large.set(name, incarnation);
  else if (members.large.size > 0) members.large.delete(name);
  setRow(members, name, ((Math.min(incarnation, LARGE) << STATUS_BITS) | (status + 1)) >>> 0, descriptionOf(members, name));
}

export function setDescription(members: MembersState, name: NameId, description: DescriptionId): void {
  setRow(members, name, claimOf(members, name), description);
}

function setRow(members: MembersState, name: NameId, claim: number, description: number): void {
  if (!members.wide && (claim > HALF || description > HALF)) widen(members);
  const words = members.wide ? 2 : 1;
  if ((name + 1) * words > members.rows.length) grow(members, name, words);
  const { rows } = members;
  if (members.wide) {
    rows[2 * name] = claim;
    rows[2 * name + 1] = description;
  } else {
    rows[name] = (description << 16) | claim;
  }
}

function widen(members: MembersState): void {
  const { rows: narrow } = members;
  const rows = new Uint32Array(2 * narrow.length);
  for (let name = 0; name < narrow.length; name++) {
    rows[2 * name] = (narrow[name] as number) & HALF;
    rows[2 * name + 1] = (narrow[name] as number) >>> 16;
  }
  members.rows = rows;
  members.wide = true;
}

/** A quarter more than before: enough that filling a view name by name copies each row a few times only. */
function grow(members: MembersState, name: NameId, words: number): void {
  const before = members.rows;
  const names = before.length / words;
  members.rows = new Uint32Array(words * Math.max(name + 1, names + (names >>> 2), 8));
  members.rows.set(before);
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
  const { count, order, rows, wide } = view;
  members.count = count;
  members.order = order.slice(0, count);
  members.rows = rows.slice(0, rows.findLastIndex((word) => word !== 0) + 1);
  members.wide = wide;
  members.changedAt.clear();
  members.large.clear();
}

function forget(members: MembersState, name: NameId, forgotten: (name: NameId) => void): void {
  setRow(members, name, 0, descriptionOf(members, name));
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
