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

/** All pending resolutions of a network; entries know theirs by its place, and places are used again. */
export interface Resolutions {
  readonly all: (Resolution | undefined)[];
  readonly free: number[];
}

/**
 * The neighbours of one interface: an open hash table over addresses in one typed array, since a thousand hosts that all talk to each
 * other have a million entries, and looking them up is what sending to many peers costs most.
 */
export interface NeighbourTable {
  count: number;
  /** Four words an entry: address (0: empty), (hardware + 1) × 8 + state, until in jiffies, place of its resolution + 1. */
  words: Int32Array;
}

const WORD_BITS = 2;
const SMALLEST = 32;

/** The clock of neighbour entries ticks every 4 ms, as on Linux; in 32 bits it lasts longer than virtual time. */
const JIFFY = 4_000_000;

export const emptyTable = (): NeighbourTable => ({ count: 0, words: new Int32Array(0) });

/** Place of an address's entry, or −1. */
export function find(table: NeighbourTable, address: Address): number {
  const { words } = table;
  if (words.length === 0) return -1;
  const sought = address | 0;
  const mask = words.length - 1;
  for (let place = startOf(sought, mask); ; place = (place + (1 << WORD_BITS)) & mask) {
    const held = words[place];
    if (held === sought) return place;
    if (held === 0) return -1;
  }
}

/** Place of an address's entry, made if need be. */
export function insert(table: NeighbourTable, address: Address): number {
  assert(address !== 0, 'nobody has the address 0.0.0.0');
  const known = find(table, address);
  if (known >= 0) return known;
  // At most half full, so that a miss ends soon.
  if ((table.count + 1) << (WORD_BITS + 1) > table.words.length) grow(table);
  table.count++;
  return put(table.words, address | 0);
}

export const stateAt = (table: NeighbourTable, place: number): number => (table.words[place + 1] as number) & 7;
/** The interface that the entry points to; of an incomplete or failed one the last known, or −1. */
export const hardwareAt = (table: NeighbourTable, place: number): number => ((table.words[place + 1] as number) >> 3) - 1;
export const addressAt = (table: NeighbourTable, place: number): Address => ((table.words[place] as number) >>> 0) as Address;
/** When a reachable or confirming entry stops being that. */
export const untilAt = (table: NeighbourTable, place: number): Instant =>
  (((table.words[place + 2] as number) >>> 0) * JIFFY) as Instant;
/** Place of the entry's resolution, or −1. */
export const pendingAt = (table: NeighbourTable, place: number): number => (table.words[place + 3] as number) - 1;

export function write(table: NeighbourTable, place: number, state: number, hardware: number): void {
  table.words[place + 1] = (hardware + 1) * 8 + state;
}

/** Writes a state that lasts until the first tick at or after an instant. */
export function writeUntil(table: NeighbourTable, place: number, state: number, hardware: number, until: Instant): void {
  table.words[place + 1] = (hardware + 1) * 8 + state;
  table.words[place + 2] = Math.ceil(until / JIFFY);
}

export function writePending(table: NeighbourTable, place: number, pending: number): void {
  table.words[place + 3] = pending + 1;
}

/** Places of all entries, by address. */
export function places(table: NeighbourTable): number[] {
  const found: number[] = [];
  for (let place = 0; place < table.words.length; place += 1 << WORD_BITS) if (table.words[place] !== 0) found.push(place);
  return found.sort((a, b) => addressAt(table, a) - addressAt(table, b));
}

function grow(table: NeighbourTable): void {
  const old = table.words;
  const words = new Int32Array(Math.max(SMALLEST << WORD_BITS, old.length * 2));
  for (let from = 0; from < old.length; from += 1 << WORD_BITS) {
    const address = old[from] as number;
    if (address === 0) continue;
    const to = put(words, address);
    for (let i = 1; i < 1 << WORD_BITS; i++) words[to + i] = old[from + i] as number;
  }
  table.words = words;
}

/** Puts an address that is not there yet into the first free place. */
function put(words: Int32Array, address: number): number {
  const mask = words.length - 1;
  let place = startOf(address, mask);
  while (words[place] !== 0) place = (place + (1 << WORD_BITS)) & mask;
  words[place] = address;
  return place;
}

function startOf(address: number, mask: number): number {
  const mixed = Math.imul(address, 0x9e37_79b1);
  return ((mixed ^ (mixed >>> 15)) << WORD_BITS) & mask;
}
