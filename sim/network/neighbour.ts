import type { Address } from '../../core/address.ts';
import type { Instant } from '../../core/time.ts';
import type { EventId, Slot } from '../engine/simulation.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Packet } from './packet.ts';
import type { NeighbourStateName } from './view.ts';

/** States of an entry, as the small numbers that it keeps. */
export const Neighbour = {
  /** There is no entry. */
  none: 0,
  /** Asked for by broadcast, packets wait. */
  incomplete: 1,
  /** Known to be right until a tick; stale after that, which nobody writes down until it is used. */
  reachable: 2,
  stale: 3,
  /** Used while stale: to be confirmed at a tick, and sure to be, unless its host goes down before. */
  confirming: 4,
  /** Used while stale: it is going to be asked. */
  delay: 5,
  /** Being asked directly. */
  probe: 6,
  failed: 7,
} as const;

/** What the world calls them: `confirming` is a delay whose end is known. */
export const NEIGHBOUR_NAMES: readonly (NeighbourStateName | undefined)[] = [
  undefined,
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

export interface NeighboursState {
  /** By interface: its neighbours' entries by their places, 0 where there is none. Empty until the first is made. */
  readonly rows: Int32Array[];
  /** By segment, the first for interfaces that reach none: places beyond those of `Layout.place`, and the addresses that have them. */
  readonly strangers: { readonly places: Map<Address, number>; readonly addresses: Address[] }[];
  /** By interface × 2³² + address: the interface that a stranger's entry points to. */
  readonly hardware: Map<number, number>;
  /** Entries in incomplete, delay and probe name one of these; free ones are used again. */
  readonly resolutions: (Resolution | undefined)[];
  readonly free: number[];
}

export const initialNeighbours = (layout: Layout): NeighboursState => ({
  rows: Array.from({ length: layout.interfaces }, () => new Int32Array(0)),
  strangers: Array.from({ length: layout.members.length + 1 }, () => ({ places: new Map(), addresses: [] })),
  hardware: new Map(),
  resolutions: [],
  free: [],
});

/** Instants in entries are rounded up to ticks of this many nanoseconds, so that 29 bits last longer than virtual time. */
export const TICK = 20_000_000;

/** An entry: its state, and the tick until which that lasts, or the number of its resolution. */
export const entryOf = (state: number, value: number): number => (value << 3) | state;
export const stateOf = (entry: number): number => entry & 7;
export const numberOf = (entry: number): number => entry >>> 3;

/** The last tick that is not after an instant, and the first that is not before it. */
export const tickAt = (at: Instant): number => Math.floor(at / TICK);
export const tickFrom = (at: Instant): number => Math.ceil(at / TICK);

/**
 * The ARP tables of all interfaces.
 *
 * A thousand hosts that all talk to each other have a million entries, and one of them is looked at for each packet. So an entry is
 * one word: hash tables of four words an entry missed the processor's caches so often that a packet took a fifth longer, and one
 * array for all rows was no faster. An entry's place in the row of its interface is the neighbour's place on the segment. That is
 * known beforehand for each interface's first address (a resident); all other addresses, also those that nobody has, are strangers
 * and get their places when they are first asked for.
 */
export class Neighbours {
  private readonly layout: Layout;
  private readonly state: { readonly neighbours: NeighboursState };

  constructor(layout: Layout, state: { readonly neighbours: NeighboursState }) {
    this.layout = layout;
    this.state = state;
  }

  /**
   * The place of an address among the neighbours of an interface.
   *
   * @param owner the interface that has the address, as far as the caller knows; or a negative number
   */
  place(index: number, address: Address, owner: number): number {
    return this.knows(index, address, owner) ? (this.layout.place[owner] as number) : this.stranger(index, address);
  }

  /** Whether the owner is a resident of the interface's segment, so that an entry for the address can only point to it. */
  knows(index: number, address: Address, owner: number): boolean {
    const { layout } = this;
    return owner >= 0 && layout.unique[owner] === address && layout.receives[owner] === layout.sends[index];
  }

  /** The entry at a place, 0 if there is none. */
  get(index: number, place: number): number {
    const row = this.state.neighbours.rows[index] as Int32Array;
    return place < row.length ? (row[place] as number) : 0;
  }

  set(index: number, place: number, entry: number): void {
    let row = this.state.neighbours.rows[index] as Int32Array;
    if (place >= row.length) {
      const known = this.residents(index);
      const grown = new Int32Array(place < known ? known : Math.max(known + 4, place * 2));
      grown.set(row);
      this.state.neighbours.rows[index] = grown;
      row = grown;
    }
    row[place] = entry;
  }

  address(index: number, place: number): Address {
    const known = this.residents(index);
    if (place >= known) return this.strangers(index).addresses[place - known] as Address;
    return this.layout.unique[this.resident(index, place)] as Address;
  }

  /** Whether the place belongs to an interface's first address, and so the entry can only ever point to that interface. */
  isResident(index: number, place: number): boolean {
    return place < this.residents(index);
  }

  /** The interface that an entry points to, or NOWHERE while it is not known. */
  hardware(index: number, place: number): number {
    if (this.isResident(index, place)) return this.resident(index, place);
    return this.state.neighbours.hardware.get(hardwareKey(index, this.address(index, place))) ?? NOWHERE;
  }

  /** An entry is known to belong to an interface: a resident's is that anyway. */
  learn(index: number, place: number, hardware: number): void {
    if (place >= this.residents(index))
      this.state.neighbours.hardware.set(hardwareKey(index, this.address(index, place)), hardware);
  }

  /** Forgets all entries of an interface. */
  forget(index: number): void {
    for (const address of this.strangers(index).addresses) this.state.neighbours.hardware.delete(hardwareKey(index, address));
    this.state.neighbours.rows[index] = new Int32Array(0);
  }

  /** Places of an interface's entries. */
  places(index: number): number[] {
    const found: number[] = [];
    const row = this.state.neighbours.rows[index] as Int32Array;
    for (let place = 0; place < row.length; place++) if (row[place] !== 0) found.push(place);
    return found;
  }

  /** How many places of the interface's segment are known beforehand. */
  private residents(index: number): number {
    return this.layout.members[this.layout.sends[index] as number]?.length ?? 0;
  }

  private resident(index: number, place: number): number {
    return (this.layout.members[this.layout.sends[index] as number] as readonly number[])[place] as number;
  }

  private strangers(index: number): NeighboursState['strangers'][number] {
    return this.state.neighbours.strangers[(this.layout.sends[index] as number) + 1] as NeighboursState['strangers'][number];
  }

  private stranger(index: number, address: Address): number {
    const { places, addresses } = this.strangers(index);
    const known = places.get(address);
    if (known !== undefined) return known;
    const place = this.residents(index) + addresses.length;
    addresses.push(address);
    places.set(address, place);
    return place;
  }
}

const hardwareKey = (index: number, address: Address): number => index * 0x1_0000_0000 + address;
