import type { Address } from '../../core/address.ts';
import { assert } from '../../core/assert.ts';
import type { Instant } from '../../core/time.ts';
import type { EventId, Slot } from '../engine/simulation.ts';
import type { Packet } from './packet.ts';
import type { NeighbourStateName } from './view.ts';

/** States of an entry, as the small numbers that a table keeps. */
export const Neighbour = {
  /** Asked for by broadcast, packets wait. */
  incomplete: 0,
  /** Known to be right until `until`; stale after that, which nobody writes down until it is used. */
  reachable: 1,
  stale: 2,
  /** Used while stale: to be confirmed at `until`, and sure to be, unless its host goes down before. */
  confirming: 3,
  /** Used while stale: at `until` it is asked. */
  delay: 4,
  /** Being asked directly. */
  probe: 5,
  failed: 6,
} as const;

/** Only `confirming` has no name of its own in the world: it is a delay whose end is known. */
export const NEIGHBOUR_NAMES: readonly NeighbourStateName[] = [
  'incomplete',
  'reachable',
  'stale',
  'delay',
  'delay',
  'probe',
  'failed',
];

/** A packet that waits for its next hop's hardware address. */
export interface Waiting {
  readonly packet: Packet;
  readonly hop: number;
  readonly parts: number;
  readonly cause: EventId;
}

/** What is pending for an entry: the next request, and the packets that wait while it is incomplete. */
export interface Resolution {
  tries: number;
  timer: Slot;
  readonly waiting: Waiting[];
}

/**
 * The neighbours of one interface: an open hash table over addresses in one typed array, since a thousand hosts that all talk to each
 * other have a million entries.
 */
export interface NeighbourTable {
  count: number;
  /** Three words an entry: address (0: empty), until, hardware × 8 + state. */
  words: Float64Array;
}

const WORDS = 3;
const SMALLEST = 4;

export const emptyTable = (): NeighbourTable => ({ count: 0, words: new Float64Array(0) });

/** Place of an address's entry, or −1. */
export function find(table: NeighbourTable, address: Address): number {
  const { words } = table;
  if (words.length === 0) return -1;
  const mask = words.length / WORDS - 1;
  for (let slot = hash(address) & mask; ; slot = (slot + 1) & mask) {
    const held = words[slot * WORDS];
    if (held === address) return slot * WORDS;
    if (held === 0) return -1;
  }
}

/** Place of an address's entry, made if need be. */
export function insert(table: NeighbourTable, address: Address): number {
  assert(address !== 0, 'nobody has the address 0.0.0.0');
  const known = find(table, address);
  if (known >= 0) return known;
  // At most half full, so that a miss ends soon.
  if ((table.count + 1) * 2 * WORDS > table.words.length) grow(table);
  table.count++;
  return place(table.words, address);
}

export const stateAt = (table: NeighbourTable, place: number): number => (table.words[place + 2] as number) & 7;
export const untilAt = (table: NeighbourTable, place: number): Instant => table.words[place + 1] as Instant;
/** The interface that the entry points to; of an incomplete or failed one the last known, or −1. */
export const hardwareAt = (table: NeighbourTable, place: number): number => ((table.words[place + 2] as number) >> 3) - 1;
export const addressAt = (table: NeighbourTable, place: number): Address => table.words[place] as Address;

export function write(table: NeighbourTable, place: number, state: number, until: Instant, hardware: number): void {
  table.words[place + 1] = until;
  table.words[place + 2] = (hardware + 1) * 8 + state;
}

/** Places of all entries, by address. */
export function places(table: NeighbourTable): number[] {
  const found: number[] = [];
  for (let place = 0; place < table.words.length; place += WORDS) if (table.words[place] !== 0) found.push(place);
  return found.sort((a, b) => (table.words[a] as number) - (table.words[b] as number));
}

function grow(table: NeighbourTable): void {
  const old = table.words;
  table.words = new Float64Array(Math.max(SMALLEST * WORDS, old.length * 2));
  for (let from = 0; from < old.length; from += WORDS) {
    const address = old[from] as Address;
    if (address === 0) continue;
    const to = place(table.words, address);
    table.words[to + 1] = old[from + 1] as number;
    table.words[to + 2] = old[from + 2] as number;
  }
}

/** Puts an address that is not there yet into the first free place. */
function place(words: Float64Array, address: Address): number {
  const mask = words.length / WORDS - 1;
  let slot = hash(address) & mask;
  while (words[slot * WORDS] !== 0) slot = (slot + 1) & mask;
  words[slot * WORDS] = address;
  return slot * WORDS;
}

function hash(address: number): number {
  const mixed = Math.imul(address, 0x9e37_79b1);
  return mixed ^ (mixed >>> 15);
}
