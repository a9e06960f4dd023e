import type { Address } from '../../core/address.ts';
import { type Instant, START } from '../../core/time.ts';
import type { EventId, Slot } from '../engine/simulation.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Packet } from './packet.ts';
import { instantOf, tickAt } from './tick.ts';
import type { NeighbourStateName } from './view.ts';

/** States of an entry, as the small numbers that it keeps. */
export const Neighbour = {
  /** There is no entry. */
  none: 0,
  /** Asked for by broadcast, packets wait. */
  incomplete: 1,
  /** Used while stale: it is going to be asked. */
  delay: 2,
  /** Being asked directly. */
  probe: 3,
  failed: 4,
  /** Used while stale: to be confirmed at a tick, and sure to be, unless its host goes down before. */
  confirming: 5,
  /** Known to be right since a tick, and for the reachable time of its interface. */
  reachable: 6,
  stale: 7,
} as const;

/** What the world calls them: `confirming` is a delay whose end is known. */
export const NEIGHBOUR_NAMES: readonly (NeighbourStateName | undefined)[] = [
  undefined,
  'incomplete',
  'delay',
  'probe',
  'failed',
  'delay',
  'reachable',
  'stale',
];

/** A packet that waits for its next hop's hardware address. */
export interface Waiting {
  readonly packet: Packet;
  readonly hop: number;
  readonly parts: number;
  readonly '~cause': EventId;
}

/** An entry that a byte has no room for. */
export interface Entry {
  /** One of `Neighbour`; `stale` for all that follow from `confirmed`. */
  readonly state: number;
  /** The interface that it points to, or NOWHERE while that is not known. */
  readonly hardware: number;
  /** The tick of its last confirmation, which may be ahead. */
  readonly confirmed: number;
  /** Requests so far, and the timer of the next. */
  tries: number;
  timer: Slot;
  readonly waiting: Waiting[];
}

export interface NeighboursState {
  /** By segment: a byte for each pair of its members, a row for each that knows others. Empty until the first entry. */
  readonly tables: Uint8Array[];
  /** By interface: the tick that `FIRST` stands for in its row. */
  readonly base: Int32Array;
  /** By interface × 2³² + address: the entries whose byte is `ELSEWHERE`, and those of addresses that have no byte. */
  readonly entries: Map<number, Entry>;
}

export const initialNeighbours = (layout: Layout): NeighboursState => ({
  tables: layout.members.map(() => new Uint8Array(0)),
  base: new Int32Array(layout.interfaces).fill(-LONGEST - 1),
  entries: new Map(),
});

/** Ticks for which an entry that is used has to be confirmed after that, and for which it is reachable then at most. */
export const DELAY = 10;
const LONGEST = 90;

/** For how many ticks an interface's entries are reachable, at a tick and from then on until another one. */
type ReachableTime = (index: number, tick: number) => { readonly ticks: number; readonly until: number };

/** What a byte says: no entry, or look in `entries`, or stale for long, or confirmed at a tick. */
const NONE = 0;
const ELSEWHERE = 1;
const STALE = 2;
const FIRST = 3;
const LAST = 255;

/**
 * Words of an interface: until which tick these are right; what has to be added to a tick for the least byte that is reachable at it, and for
 * that of an entry which is confirmed `DELAY` after it; its segment, and where in the table its row begins.
 */
const TURN = 0;
const LEAST = 1;
const NEXT = 2;
const SEGMENT = 3;
const START_OF_ROW = 4;
/** How many residents have no entry that can be used; negative when that has to be counted. */
const UNKNOWN = 5;
const ROW_WORDS = 8;

/** Uses that are entered together: as many misses as the processor waits for at the same time, and some more. */
const NOTES = 64;

/**
 * The ARP tables of all interfaces.
 *
 * A thousand hosts that all talk to each other have a million entries, and each packet uses one of them. With four bytes an entry the
 * misses of the processor's caches took a third of a packet's time; so an entry is one byte: when it was confirmed, in ticks since
 * an instant that is moved from time to time, which tells for the rest of time how it stands. An entry's place is that of the
 * neighbour on the segment, which is known beforehand for each interface's first address (a resident). Whatever else an entry has to
 * say while it is being resolved, and what belongs to any other address, is in a map.
 *
 * Where all entries of an interface can be used, nothing depends on when a use is written into the table. So uses are noted, and
 * entered when there are many, or before anybody looks: one miss after the other would cost more than the rest of a packet.
 */
export class Neighbours {
  private readonly layout: Layout;
  private readonly state: { readonly neighbours: NeighboursState };
  private readonly reachableTime: ReachableTime;
  /** Derived: for how many ticks an interface's entries are reachable, and the tick at which that has to be asked for again. */
  private readonly ticks: Int32Array;
  private readonly end: Int32Array;
  /** Derived, by interface: the words below, for `renew`. */
  private readonly rows: Int32Array;
  /** Derived: the tick that is now, the instant at which it began, and the one at which it ends. */
  private tick = 0;
  private began: Instant = START;
  private ends: Instant = START;
  /** Uses that have yet to be entered: two words for each, its place in the table and the bytes to compare with and to replace it by. */
  private readonly notes = new Int32Array(2 * NOTES);
  private noted = 0;
  /** The segment whose table they are for. */
  private notedFor = NOWHERE;

  constructor(layout: Layout, state: { readonly neighbours: NeighboursState }, reachableTime: ReachableTime) {
    this.layout = layout;
    this.state = state;
    this.reachableTime = reachableTime;
    this.ticks = new Int32Array(layout.interfaces);
    this.end = new Int32Array(layout.interfaces);
    this.rows = new Int32Array(layout.interfaces * ROW_WORDS);
    this.restored();
  }

  /** To be called after the state was restored. */
  restored(): void {
    this.end.fill(0);
    this.rows.fill(0);
    for (let row = 0; row < this.rows.length; row += ROW_WORDS) this.rows[row + UNKNOWN] = -1;
    this.ends = START;
    this.noted = 0;
  }

  /** Writes what was noted into the tables; to be called before anybody looks at the state. */
  enter(): void {
    const { notes, noted } = this;
    if (noted === 0) return;
    const table = this.state.neighbours.tables[this.notedFor] as Uint8Array;
    let read = 0;
    // None of these waits for another one.
    for (let i = 0; i < noted; i += 2) read |= table[notes[i] as number] as number;
    for (let i = 0; i < noted && read > 0; i += 2) {
      const at = notes[i] as number;
      const bytes = notes[i + 1] as number;
      const entry = table[at] as number;
      table[at] = entry ^ ((entry ^ (bytes & 0xff)) & ((entry - (bytes >> 8)) >> 31));
    }
    this.noted = 0;
  }

  /** The neighbour's place if the interface that has the address is a resident of the segment; else a negative number. */
  place(index: number, address: Address, owner: number): number {
    const { layout } = this;
    const known = owner >= 0 && layout.unique[owner] === address && layout.receives[owner] === layout.sends[index];
    return known && layout.receives[index] === layout.sends[index] ? (layout.place[owner] as number) : NOWHERE;
  }

  /**
   * Uses the entry at a place, where the neighbour is sure to answer if it has to be asked: then it only has to be known.
   *
   * @returns false when it is not known, or being asked for
   */
  renew(index: number, place: number, now: Instant): boolean {
    if (now >= this.ends) this.go(now);
    const { tick, rows } = this;
    const row = index * ROW_WORDS;
    if (tick >= (rows[row + TURN] as number)) this.adjust(index, now);
    const segment = rows[row + SEGMENT] as number;
    const at = (rows[row + START_OF_ROW] as number) + place;
    const next = tick + (rows[row + NEXT] as number) + (now === this.began ? 0 : 1);
    const least = tick + (rows[row + LEAST] as number);
    if (rows[row + UNKNOWN] !== 0) {
      this.enter();
      const table = this.state.neighbours.tables[segment] as Uint8Array;
      const entry = table[at] as number;
      if (!(entry >= STALE)) return false;
      if (entry < least) table[at] = next;
      return true;
    }
    if (this.noted === 2 * NOTES || this.notedFor !== segment) {
      this.enter();
      this.notedFor = segment;
    }
    const { notes, noted } = this;
    notes[noted] = at;
    notes[noted + 1] = (least << 8) | next;
    this.noted = noted + 2;
    return true;
  }

  private go(now: Instant): void {
    this.tick = tickAt(now);
    this.began = instantOf(this.tick);
    this.ends = instantOf(this.tick + 1);
  }

  /** How an entry stands: one of `Neighbour`. */
  standing(index: number, address: Address, place: number, now: Instant): number {
    const byte = this.byte(index, place);
    if (byte === NONE) return Neighbour.none;
    if (byte >= STALE) return this.lasting(index, this.since(index, byte), now);
    const entry = this.entry(index, address);
    if (entry === undefined || entry.state !== Neighbour.stale) return entry?.state ?? Neighbour.none;
    return this.lasting(index, entry.confirmed, now);
  }

  /** The tick at which an entry is or will have been confirmed, of one that is known. */
  confirmed(index: number, address: Address, place: number): number {
    const byte = this.byte(index, place);
    return byte >= STALE ? this.since(index, byte) : (this.entry(index, address)?.confirmed ?? 0);
  }

  /** The interface that an entry points to, or NOWHERE while it is not known. */
  hardware(index: number, address: Address, place: number): number {
    return place >= 0 ? this.resident(index, place) : (this.entry(index, address)?.hardware ?? NOWHERE);
  }

  /** The entry of a neighbour that is being asked for, or has not answered. */
  entry(index: number, address: Address): Entry | undefined {
    return this.state.neighbours.entries.get(keyOf(index, address));
  }

  /** A neighbour is known, and confirmed at a tick; or stale, if that is undefined. */
  know(index: number, address: Address, place: number, hardware: number, confirmed: number | undefined, now: Instant): void {
    const { entries, base } = this.state.neighbours;
    if (place < 0) {
      const since = confirmed ?? tickAt(now) - LONGEST;
      const known = { state: Neighbour.stale, hardware, confirmed: since, tries: 0, timer: NO_SLOT, waiting: [] };
      entries.set(keyOf(index, address), known);
      return;
    }
    if (this.byte(index, place) === ELSEWHERE) entries.delete(keyOf(index, address));
    this.adjust(index, now);
    this.write(index, place, confirmed === undefined ? STALE : confirmed - (base[index] as number) + FIRST);
  }

  /** An entry begins to be asked for, or has failed. */
  keep(index: number, address: Address, place: number, entry: Entry): void {
    this.state.neighbours.entries.set(keyOf(index, address), entry);
    if (place >= 0) this.write(index, place, ELSEWHERE);
  }

  /** Forgets all entries of an interface. */
  forget(index: number): void {
    const { tables, entries } = this.state.neighbours;
    this.enter();
    for (const { key } of this.strewn(index)) entries.delete(key);
    this.rows[index * ROW_WORDS + UNKNOWN] = -1;
    this.rows[index * ROW_WORDS + TURN] = 0;
    const segment = this.layout.sends[index] as number;
    if (segment === NOWHERE || this.layout.receives[index] !== segment) return;
    const row = this.layout.row[index] as number;
    (tables[segment] as Uint8Array).fill(NONE, row, row + this.residents(index).length);
  }

  /** Addresses of an interface's entries, with their places. */
  all(index: number): { readonly address: Address; readonly place: number }[] {
    const found: { address: Address; place: number }[] = [];
    this.residents(index).forEach((resident, place) => {
      const address = this.layout.unique[resident] as Address;
      if (this.byte(index, place) !== NONE) found.push({ address, place });
    });
    for (const { address } of this.strewn(index)) {
      if (!found.some((each) => each.address === address)) found.push({ address, place: NOWHERE });
    }
    return found;
  }

  /** What an entry that was confirmed at a tick is by now: the mere passing of time decides, and nobody writes it down. */
  private lasting(index: number, confirmed: number, now: Instant): number {
    const tick = tickAt(now);
    if (tick < confirmed) return Neighbour.confirming;
    return tick < confirmed + this.reachable(index, tick) ? Neighbour.reachable : Neighbour.stale;
  }

  /** Sees to it that what is derived holds, and that a byte can say what is confirmed soon. To be called when any entry is used. */
  adjust(index: number, now: Instant): void {
    const tick = tickAt(now);
    const { rows } = this;
    const row = index * ROW_WORDS;
    if (tick < (rows[row + TURN] as number)) return;
    const room = LAST - FIRST - DELAY - 1;
    if (tick - (this.state.neighbours.base[index] as number) > room) this.move(index, tick - LONGEST - 1);
    const first = FIRST - (this.state.neighbours.base[index] as number);
    rows[row + LEAST] = first - this.reachable(index, tick) + 1;
    rows[row + NEXT] = first + DELAY;
    rows[row + TURN] = Math.min(this.end[index] as number, room + 1 + FIRST - first);
    rows[row + SEGMENT] = this.layout.sends[index] as number;
    rows[row + START_OF_ROW] = this.layout.row[index] as number;
    if ((rows[row + UNKNOWN] as number) < 0) rows[row + UNKNOWN] = this.unknown(index);
  }

  /** How many other residents of its segment an interface has no usable entry for. */
  private unknown(index: number): number {
    let count = 0;
    const residents = this.residents(index);
    for (let place = 0; place < residents.length; place++) {
      const other = residents[place] as number;
      if (other !== index && (this.layout.unique[other] as number) >= 0 && this.byte(index, place) < STALE) count++;
    }
    return count;
  }

  private reachable(index: number, tick: number): number {
    if (tick >= (this.end[index] as number)) {
      const { ticks, until } = this.reachableTime(index, tick);
      this.ticks[index] = ticks;
      this.end[index] = until;
    }
    return this.ticks[index] as number;
  }

  /** Moves the base of a row. What was confirmed before it is stale. */
  private move(index: number, to: number): void {
    this.enter();
    const { base } = this.state.neighbours;
    const by = to - (base[index] as number);
    base[index] = to;
    const table = this.table(index);
    const start = this.layout.row[index] as number;
    const end = Math.min(start + this.residents(index).length, table.length);
    for (let at = start; at < end; at++) {
      const byte = table[at] as number;
      if (byte >= FIRST) table[at] = byte - by >= FIRST ? byte - by : STALE;
    }
  }

  private since(index: number, byte: number): number {
    const base = this.state.neighbours.base[index] as number;
    return byte === STALE ? base - LONGEST : base + byte - FIRST;
  }

  private byte(index: number, place: number): number {
    if (place < 0) return ELSEWHERE;
    this.enter();
    return this.table(index)[(this.layout.row[index] as number) + place] ?? NONE;
  }

  private write(index: number, place: number, byte: number): void {
    const segment = this.layout.sends[index] as number;
    const { tables } = this.state.neighbours;
    const unknown = index * ROW_WORDS + UNKNOWN;
    if ((this.rows[unknown] as number) >= 0) {
      const more = Number(byte < STALE) - Number(this.byte(index, place) < STALE);
      this.rows[unknown] = (this.rows[unknown] as number) + more;
    }
    const { length } = this.residents(index);
    if ((tables[segment] as Uint8Array).length === 0) tables[segment] = new Uint8Array(length * length);
    (tables[segment] as Uint8Array)[(this.layout.row[index] as number) + place] = byte;
  }

  private table(index: number): Uint8Array {
    return this.state.neighbours.tables[this.layout.sends[index] as number] ?? NO_TABLE;
  }

  private residents(index: number): readonly number[] {
    const segment = this.layout.sends[index] as number;
    return this.layout.receives[index] === segment ? (this.layout.members[segment] ?? []) : [];
  }

  private resident(index: number, place: number): number {
    return (this.layout.members[this.layout.sends[index] as number] as readonly number[])[place] as number;
  }

  /** An interface's entries in the map. */
  private strewn(index: number): { readonly key: number; readonly address: Address }[] {
    const found: { key: number; address: Address }[] = [];
    for (const key of this.state.neighbours.entries.keys()) {
      if (Math.floor(key / 0x1_0000_0000) === index) found.push({ key, address: (key % 0x1_0000_0000) as Address });
    }
    return found;
  }
}

const NO_TABLE = new Uint8Array(0);
const NO_SLOT = -1 as Slot;

const keyOf = (index: number, address: Address): number => index * 0x1_0000_0000 + address;
