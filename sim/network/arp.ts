import { type Address, ANY } from '../../core/address.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, seconds } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { EventId, EventKind, Simulation, Slot } from '../engine/simulation.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { DELAY, type Entry, NEIGHBOUR_NAMES, Neighbour, Neighbours, type Waiting } from './neighbour.ts';
import type { Originate } from './originate.ts';
import { ARP_BYTES, type ArpMessage, INITIAL_TTL, type Packet } from './packet.ts';
import { Purpose } from './purpose.ts';
import type { NetworkState } from './state.ts';
import { instantOf, tickAt, tickFrom } from './tick.ts';
import { NO_TIMER } from './timer.ts';
import type { NeighbourView } from './view.ts';
import type { Wire } from './wire.ts';

/** Linux's base_reachable_time, retrans_time, and as many as both mcast_solicit and ucast_solicit; `DELAY` is its delay_first_probe_time. */
const REACHABLE: Duration = seconds(30);
const RETRY: Duration = seconds(1);
const TRIES = 3;
/** Linux draws a new reachable time for each interface about this often, in ticks. */
const REDRAW = tickAt(seconds(300) as number as Instant);
/** Packets that may wait for one address: 212 992 bytes of small ones on Linux. */
const WAITING = 101;
/**
 * The adversary is asked about packets that are never sent by ordinals from here on, two for each tick: so they have coordinates
 * of their own, and whether it is asked changes those of no other packet.
 */
const UNSENT = 2 ** 31;

/** The tick at which the adversary was asked about a packet that was never sent; undefined of one that was. */
export const unsentAt = (ordinal: number): number | undefined =>
  ordinal < UNSENT ? undefined : Math.floor((ordinal - UNSENT) / 2);

/** What becomes of packets whose next hop cannot be found. */
export interface Unresolved {
  unresolved(index: number, waiting: Waiting, cause: EventId): void;
}

/**
 * Address resolution (RFC 826) with the neighbour states of Linux.
 *
 * Only next hops are ever asked for. A request is a broadcast, but nobody besides the address's owner does anything with it,
 * so it is one packet to the owner. An entry that is used while stale has to be confirmed five seconds later. Where that is
 * certain (both hosts up, both ways without loss, nothing said against it by the adversary) it takes no events, no records and no
 * ordinals; if the owner's host goes down within the five seconds, or the way is cut, the entry becomes an ordinary one with its timer. Everything
 * else, and so every entry whose target is gone, goes through DELAY and PROBE to FAILED in real time with real packets.
 */
export class Arp {
  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly draws: Draws;
  private readonly layout: Layout;
  private readonly ledger: Ledger;
  private readonly state: NetworkState;
  private readonly wire: Wire;
  private readonly originate: Originate;
  private readonly unresolved: Unresolved;
  private readonly neighbours: Neighbours;
  private readonly timer: EventKind;
  private readonly request: NameId;
  private readonly reply: NameId;
  /** Derived: the endpoint of each interface's first address, −1 if not yet known. */
  private readonly endpoints: Int32Array;

  constructor(parts: {
    readonly simulation: Simulation;
    readonly names: Names;
    readonly draws: Draws;
    readonly layout: Layout;
    readonly ledger: Ledger;
    readonly state: NetworkState;
    readonly wire: Wire;
    readonly originate: Originate;
    readonly unresolved: Unresolved;
  }) {
    this.simulation = parts.simulation;
    this.names = parts.names;
    this.draws = parts.draws;
    this.layout = parts.layout;
    this.ledger = parts.ledger;
    this.state = parts.state;
    this.wire = parts.wire;
    this.originate = parts.originate;
    this.unresolved = parts.unresolved;
    this.neighbours = new Neighbours(this.layout, this.state, (index, tick) => this.reachableTime(index, tick));
    this.endpoints = new Int32Array(this.layout.interfaces).fill(-1);
    this.request = this.names.id('arp request');
    this.reply = this.names.id('arp reply');
    this.timer = this.simulation.register('neighbour timer', (index, address) => this.expired(index, (address >>> 0) as Address));
  }

  /**
   * Sends a packet by an interface to a next hop, at once or when its hardware address is known.
   *
   * @param owner the interface that has the next hop's address, or a negative number
   */
  transmit(index: number, nextHop: Address, owner: number, packet: Packet, hop: number, parts: number, cause: EventId): void {
    const place = this.neighbours.place(index, nextHop, owner);
    const hardware = place >= 0 ? owner : this.neighbours.hardware(index, nextHop, place);
    if (this.use(index, nextHop, place, hardware)) return this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
    this.wait(index, nextHop, place, { packet, hop, parts, '~cause': cause });
  }

  /**
   * Uses the entry of a resident of the segment that is up, where nothing can happen to what the two send each other.
   *
   * @returns false when it cannot be used yet
   */
  renew(index: number, owner: number): boolean {
    return this.neighbours.renew(index, this.layout.place[owner] as number, this.simulation.now);
  }

  /** An ARP packet has arrived. */
  receive(index: number, packet: Packet): void {
    const message = packet.message as ArpMessage;
    const { sender, hardware, target } = message;
    const node = this.layout.node[index] as number;
    this.ledger.delivered(packet, node);
    const place = this.neighbours.place(index, sender, hardware);
    const standing = this.standing(index, sender, place);
    if (message.type === 'arp reply') {
      if (standing !== Neighbour.none) this.confirmed(index, sender, place, hardware);
      return;
    }
    if (!this.layout.owns(node, target)) return;
    if (sender !== ANY) this.learn(index, sender, place, standing, hardware);
    const reply: ArpMessage = { type: 'arp reply', sender: target, hardware: index, target: sender };
    const answer = this.packet(node, reply, packet.to, packet.from);
    const cause = this.ledger.sent(answer, this.layout.node[hardware] as number);
    this.wire.cross(index, hardware, answer, 0, ARP_BYTES, 0, cause);
  }

  /** Something from the neighbour that a stream waited for has arrived: it is there. Makes no entry. */
  confirm(index: number, address: Address, owner: number): void {
    const place = this.neighbours.place(index, address, owner);
    const standing = this.standing(index, address, place);
    if (standing === Neighbour.stale || standing === Neighbour.delay || standing === Neighbour.probe) {
      this.confirmed(index, address, place, this.neighbours.hardware(index, address, place));
    }
  }

  /** The host forgets its neighbours, and what waits in it is lost; others can no longer count on its answers. */
  down(node: number): void {
    const end = this.layout.first[node + 1] as number;
    for (let index = this.layout.first[node] as number; index < end; index++) {
      for (const { address } of this.neighbours.all(index)) {
        for (const { packet } of this.release(index, address)) this.ledger.dropped(packet, node, packet.source, 'host-down');
      }
      this.neighbours.forget(index);
      this.doubt(index);
    }
  }

  /** A way between hosts is cut: whoever counted on an answer over it has to ask for it after all. */
  parted(): void {
    for (let index = 0; index < this.layout.interfaces; index++) {
      for (const { address, place } of this.neighbours.all(index)) {
        if (this.standing(index, address, place) !== Neighbour.confirming) continue;
        const hardware = this.neighbours.hardware(index, address, place);
        if (!this.isCertain(index, hardware)) this.askAfterAll(index, address, place);
      }
    }
  }

  /** Gives every interface an entry, stale, for the first address of each other one on its segment. */
  acquaint(): void {
    for (let index = 0; index < this.layout.interfaces; index++) {
      for (const other of this.layout.members[this.layout.sends[index] as number] ?? []) {
        const address = this.layout.unique[other] as number as Address;
        if (this.layout.node[other] === this.layout.node[index] || address < 0) continue;
        const place = this.neighbours.place(index, address, other);
        if (this.standing(index, address, place) === Neighbour.none) this.know(index, address, place, other, undefined);
      }
    }
  }

  /** To be called after the state was restored. */
  restored(): void {
    this.endpoints.fill(-1);
    this.neighbours.restored();
  }

  /** To be called before anybody looks at the state. */
  enter(): void {
    this.neighbours.enter();
  }

  view(node: number): NeighbourView[] {
    const views: NeighbourView[] = [];
    const end = this.layout.first[node + 1] as number;
    for (let index = this.layout.first[node] as number; index < end; index++) {
      for (const { address, place } of this.neighbours.all(index)) {
        const standing = this.standing(index, address, place);
        const known = standing !== Neighbour.incomplete && standing !== Neighbour.failed;
        views.push({
          address,
          interface: this.layout.name(index),
          mac: known ? this.layout.mac(this.neighbours.hardware(index, address, place)) : undefined,
          state: NEIGHBOUR_NAMES[standing] as NeighbourView['state'],
        });
      }
    }
    return views.sort((a, b) => a.address - b.address);
  }

  private standing(index: number, address: Address, place: number): number {
    return this.neighbours.standing(index, address, place, this.simulation.now);
  }

  private know(index: number, address: Address, place: number, hardware: number, confirmed: number | undefined): void {
    this.neighbours.know(index, address, place, hardware, confirmed, this.simulation.now);
  }

  /** An entry is about to be used. @returns whether it can be */
  private use(index: number, address: Address, place: number, hardware: number): boolean {
    if (place >= 0) this.neighbours.adjust(index, this.simulation.now);
    const standing = this.standing(index, address, place);
    if (standing === Neighbour.none || standing === Neighbour.incomplete || standing === Neighbour.failed) return false;
    if (standing === Neighbour.stale) {
      const { now } = this.simulation;
      if (this.isCertain(index, hardware)) this.know(index, address, place, hardware, tickFrom(now) + DELAY);
      else this.delay(index, address, place, hardware, (now + instantOf(DELAY)) as Instant);
    }
    return true;
  }

  /** Whether the neighbour would answer if it were asked now. */
  private isCertain(index: number, hardware: number): boolean {
    const other = this.layout.node[hardware] as number;
    if (this.state.up[other] === 0 || !this.wire.isCertain(index, hardware) || !this.wire.isCertain(hardware, index))
      return false;
    const ordinal = UNSENT + 2 * tickAt(this.simulation.now);
    const there = this.wire.passes(index, hardware, ordinal, this.request);
    return this.wire.passes(hardware, index, ordinal + 1, this.reply) && there;
  }

  private wait(index: number, address: Address, place: number, waiting: Waiting): void {
    const entry = this.neighbours.entry(index, address);
    if (entry?.state !== Neighbour.incomplete) {
      const pending = this.pend(index, address, place, Neighbour.incomplete, this.neighbours.hardware(index, address, place));
      pending.waiting.push(waiting);
      return this.ask(index, address, place, pending, waiting['~cause']);
    }
    entry.waiting.push(waiting);
    if (entry.waiting.length > WAITING) {
      const oldest = entry.waiting.shift() as Waiting;
      this.ledger.dropped(oldest.packet, this.layout.node[index] as number, oldest.packet.source, 'queue-full', oldest['~cause']);
    }
  }

  /** Sends the next request, by broadcast or, to probe an entry, directly, and sets the timer for the one after it. */
  private ask(index: number, address: Address, place: number, pending: Entry, cause: EventId): void {
    const node = this.layout.node[index] as number;
    const segment = this.layout.sends[index] as number;
    pending.tries++;
    pending.timer = this.after((this.simulation.now + RETRY) as Instant, index, address);
    const certain = pending.state === Neighbour.probe || place >= 0;
    const asked = certain ? pending.hardware : this.layout.answers(segment, address, this.state.up);
    const sender = this.layout.primary(index) ?? ANY;
    const message: ArpMessage = { type: 'arp request', sender, hardware: index, target: address };
    const request = this.packet(node, message, this.endpoint(sender, index), this.endpoint(address, asked));
    const before = this.simulation.cause;
    this.simulation.cause = cause;
    const sent = this.ledger.sent(request, asked === NOWHERE ? NOBODY : (this.layout.node[asked] as number));
    this.simulation.cause = before;
    if (segment === NOWHERE) this.ledger.dropped(request, node, NOBODY, 'vlan', sent);
    else if (asked === NOWHERE) this.ledger.dropped(request, node, NOBODY, 'no-owner', sent);
    else this.wire.cross(index, asked, request, 0, ARP_BYTES, 0, sent);
  }

  private expired(index: number, address: Address): void {
    const entry = this.neighbours.entry(index, address) as Entry;
    const place = this.neighbours.place(index, address, this.layout.holders.get(address)?.[0] ?? NOWHERE);
    entry.timer = NO_TIMER;
    if (entry.state === Neighbour.delay) {
      const probing = this.pend(index, address, place, Neighbour.probe, entry.hardware);
      return this.ask(index, address, place, probing, this.simulation.cause);
    }
    if (entry.tries < TRIES) return this.ask(index, address, place, entry, this.simulation.cause);
    this.pend(index, address, place, Neighbour.failed, NOWHERE);
    for (const each of entry.waiting) {
      const { packet, '~cause': cause } = each;
      const dropped = this.ledger.dropped(packet, this.layout.node[index] as number, packet.source, 'arp-failed', cause);
      this.unresolved.unresolved(index, each, dropped);
    }
  }

  /** The owner of an address asked for one of ours: it is known from now on, though not proven to hear us. */
  private learn(index: number, address: Address, place: number, standing: number, hardware: number): void {
    const known = standing !== Neighbour.none && standing !== Neighbour.incomplete && standing !== Neighbour.failed;
    if (known && this.neighbours.hardware(index, address, place) === hardware) return;
    this.resolved(index, address, place, hardware, undefined);
  }

  private confirmed(index: number, address: Address, place: number, hardware: number): void {
    this.resolved(index, address, place, hardware, tickAt(this.simulation.now));
  }

  /** An entry becomes known: nothing is pending for it any more, and what waited goes out. */
  private resolved(index: number, address: Address, place: number, hardware: number, confirmed: number | undefined): void {
    const waiting = this.release(index, address);
    this.know(index, address, place, hardware, confirmed);
    if (waiting.length > 0) this.use(index, address, place, hardware);
    for (const { packet, hop, parts, '~cause': cause } of waiting) this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
  }

  /** Whoever counted on the answer of this interface's host has to ask for it after all. */
  private doubt(index: number): void {
    const segment = this.layout.receives[index] as number;
    if (segment === NOWHERE) return;
    const addresses = this.layout.addresses(this.layout.node[index] as number);
    for (const other of this.layout.members[segment] as readonly number[]) {
      if (other === index || this.layout.sends[other] !== segment) continue;
      for (const address of addresses) {
        const place = this.neighbours.place(other, address, index);
        if (this.standing(other, address, place) === Neighbour.confirming) this.askAfterAll(other, address, place);
      }
    }
  }

  private askAfterAll(index: number, address: Address, place: number): void {
    const hardware = this.neighbours.hardware(index, address, place);
    this.delay(index, address, place, hardware, instantOf(this.neighbours.confirmed(index, address, place)));
  }

  /** Lets an entry be asked for at an instant. */
  private delay(index: number, address: Address, place: number, hardware: number, until: Instant): void {
    this.pend(index, address, place, Neighbour.delay, hardware).timer = this.after(until, index, address);
  }

  private pend(index: number, address: Address, place: number, state: number, hardware: number): Entry {
    const entry: Entry = { state, hardware, confirmed: 0, tries: 0, timer: NO_TIMER, waiting: [] };
    this.neighbours.keep(index, address, place, entry);
    return entry;
  }

  /** Nothing is pending for an entry any more. @returns what waited for it */
  private release(index: number, address: Address): readonly Waiting[] {
    const entry = this.neighbours.entry(index, address);
    if (entry !== undefined && entry.timer !== NO_TIMER) this.simulation.cancel(entry.timer);
    return entry?.waiting ?? [];
  }

  private after(at: Instant, index: number, address: Address): Slot {
    return this.simulation.schedule(at, this.timer, this.simulation.cause, index, address | 0, 0);
  }

  /** 30 s times a factor from 0.5 to 1.5 that an interface keeps for five minutes. */
  private reachableTime(index: number, tick: number): { ticks: number; until: number } {
    const epoch = Math.floor(tick / REDRAW);
    const key = this.layout.interfaceKey[index] as number;
    const fraction = this.draws.fraction(key, 0, epoch, key, 0, Purpose.reachable);
    const time = (REACHABLE * (0.5 + fraction)) as number as Instant;
    return { ticks: tickFrom(time), until: (epoch + 1) * REDRAW };
  }

  private packet(node: number, message: ArpMessage, from: Endpoint, to: Endpoint): Packet {
    const word = message.type === 'arp request' ? this.request : this.reply;
    return this.originate.packet(node, from, to, 'arp', message, ARP_BYTES, INITIAL_TTL, word);
  }

  /** The endpoint of an address; that of an interface's first address is kept. */
  private endpoint(address: Address, index: number): Endpoint {
    if (index === NOWHERE || this.layout.primary(index) !== address) return this.names.endpoint(address, 0);
    const known = this.endpoints[index] as number;
    if (known >= 0) return known as Endpoint;
    const endpoint = this.names.endpoint(address, 0);
    this.endpoints[index] = endpoint;
    return endpoint;
  }
}
