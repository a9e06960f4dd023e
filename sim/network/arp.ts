import { type Address, ANY } from '../../core/address.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { EventId, EventKind, Simulation, Slot } from '../engine/simulation.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import {
  entryOf,
  NEIGHBOUR_NAMES,
  Neighbour,
  Neighbours,
  numberOf,
  type Resolution,
  stateOf,
  TICK,
  tickAt,
  tickFrom,
  type Waiting,
} from './neighbour.ts';
import type { Originate } from './originate.ts';
import { ARP_BYTES, type ArpMessage, INITIAL_TTL, type Packet } from './packet.ts';
import { Purpose } from './purpose.ts';
import type { NetworkState } from './state.ts';
import { NO_TIMER } from './timer.ts';
import type { NeighbourView } from './view.ts';
import type { Wire } from './wire.ts';

/** Linux's base_reachable_time, retrans_time, delay_first_probe_time, mcast_solicit and ucast_solicit. */
const REACHABLE: Duration = seconds(30);
const RETRY: Duration = seconds(1);
const DELAY: Duration = seconds(5);
const TRIES = 3;
/** Linux draws a new reachable time for each interface about this often, in ticks. */
const REDRAW = seconds(300) / TICK;
/** Packets that may wait for one address: 212 992 bytes of small ones on Linux. */
const WAITING = 101;

/** What becomes of packets whose next hop cannot be found. */
export interface Unresolved {
  unresolved(index: number, waiting: Waiting, cause: EventId): void;
}

/**
 * Address resolution (RFC 826) with the neighbour states of Linux.
 *
 * Only next hops are ever asked for. A request is a broadcast, but nobody besides the address's owner does anything with it,
 * so it is one packet to the owner. An entry that is used while stale has to be confirmed five seconds later. Where that is
 * certain (both hosts up, both ways without loss, nothing said against it by the adversary) it takes its two ordinals but no events and no
 * records; if the owner's host goes down within the five seconds, the entry becomes an ordinary one with its timer. Everything
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
  /** Derived: how long entries of each interface stay reachable, and in which five minutes. */
  private readonly reachable: Float64Array;
  private readonly epoch: Int32Array;

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
    this.neighbours = new Neighbours(this.layout, this.state);
    this.endpoints = new Int32Array(this.layout.interfaces).fill(-1);
    this.reachable = new Float64Array(this.layout.interfaces);
    this.epoch = new Int32Array(this.layout.interfaces).fill(-1);
    this.request = this.names.id('arp request');
    this.reply = this.names.id('arp reply');
    this.timer = this.simulation.register('neighbour timer', (index, place) => this.expired(index, place));
  }

  /**
   * Sends a packet by an interface to a next hop, at once or when its hardware address is known.
   *
   * @param owner the interface that has the next hop's address, or a negative number
   */
  transmit(index: number, nextHop: Address, owner: number, packet: Packet, hop: number, parts: number, cause: EventId): void {
    const resident = this.neighbours.knows(index, nextHop, owner);
    const place = resident ? (this.layout.place[owner] as number) : this.neighbours.place(index, nextHop, NOWHERE);
    const entry = this.neighbours.get(index, place);
    const hardware = resident ? owner : this.neighbours.hardware(index, place);
    if (this.use(index, place, entry, hardware)) return this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
    this.wait(index, place, { packet, hop, parts, cause });
  }

  /** An ARP packet has arrived. */
  receive(index: number, packet: Packet): void {
    const message = packet.message as ArpMessage;
    const { sender, hardware, target } = message;
    const node = this.layout.node[index] as number;
    this.ledger.delivered(packet, node);
    const place = this.neighbours.place(index, sender, hardware);
    const entry = this.neighbours.get(index, place);
    if (message.type === 'arp reply') {
      if (entry !== 0) this.confirmed(index, place, entry, hardware);
      return;
    }
    if (!this.layout.owns(node, target)) return;
    if (sender !== ANY) this.learn(index, place, entry, hardware);
    const reply: ArpMessage = { type: 'arp reply', sender: target, hardware: index, target: sender };
    const answer = this.packet(node, reply, packet.to, packet.from);
    const cause = this.ledger.sent(answer, this.layout.node[hardware] as number);
    this.wire.cross(index, hardware, answer, 0, ARP_BYTES, 0, cause);
  }

  /** Something from the neighbour that a stream waited for has arrived: it is there. Makes no entry. */
  confirm(index: number, address: Address, owner: number): void {
    const place = this.neighbours.place(index, address, owner);
    const entry = this.settled(index, this.neighbours.get(index, place));
    const state = stateOf(entry);
    if (state === Neighbour.stale || state === Neighbour.delay || state === Neighbour.probe) {
      this.confirmed(index, place, entry, this.neighbours.hardware(index, place));
    }
  }

  /** The host forgets its neighbours, and what waits in it is lost; others can no longer count on its answers. */
  down(node: number): void {
    const end = this.layout.first[node + 1] as number;
    for (let index = this.layout.first[node] as number; index < end; index++) {
      for (const place of this.neighbours.places(index)) {
        const waiting = this.unpend(this.neighbours.get(index, place));
        for (const { packet } of waiting) this.ledger.dropped(packet, node, packet.source, 'host-down');
      }
      this.neighbours.forget(index);
      this.doubt(index);
    }
  }

  /** Gives every interface an entry, stale, for the first address of each other one on its segment. */
  acquaint(): void {
    for (let index = 0; index < this.layout.interfaces; index++) {
      for (const other of this.layout.members[this.layout.sends[index] as number] ?? []) {
        const address = this.layout.unique[other] as number as Address;
        if (this.layout.node[other] === this.layout.node[index] || address < 0) continue;
        const place = this.neighbours.place(index, address, other);
        if (this.neighbours.get(index, place) === 0) this.neighbours.set(index, place, entryOf(Neighbour.stale, 0));
      }
    }
  }

  /** To be called after the state was restored. */
  restored(): void {
    this.endpoints.fill(-1);
  }

  view(node: number): NeighbourView[] {
    const views: NeighbourView[] = [];
    const end = this.layout.first[node + 1] as number;
    for (let index = this.layout.first[node] as number; index < end; index++) {
      for (const place of this.neighbours.places(index)) {
        const state = stateOf(this.settled(index, this.neighbours.get(index, place)));
        const known = state !== Neighbour.incomplete && state !== Neighbour.failed;
        views.push({
          address: this.neighbours.address(index, place),
          interface: this.layout.name(index),
          mac: known ? this.layout.mac(this.neighbours.hardware(index, place)) : undefined,
          state: NEIGHBOUR_NAMES[state] as NeighbourView['state'],
        });
      }
    }
    return views.sort((a, b) => a.address - b.address);
  }

  /** An entry is about to be used. @returns whether it can be */
  private use(index: number, place: number, entry: number, hardware: number): boolean {
    const settled = this.settled(index, entry);
    const state = stateOf(settled);
    if (state === Neighbour.none || state === Neighbour.incomplete || state === Neighbour.failed) return false;
    if (state === Neighbour.stale) {
      const until = (this.simulation.now + DELAY) as Instant;
      if (this.isCertain(index, hardware)) this.neighbours.set(index, place, entryOf(Neighbour.confirming, tickFrom(until)));
      else this.delay(index, place, until);
    } else if (settled !== entry) {
      this.neighbours.set(index, place, settled);
    }
    return true;
  }

  /** What has become of an entry by the mere passing of time. */
  private settled(index: number, entry: number): number {
    const state = stateOf(entry);
    if (state !== Neighbour.confirming && state !== Neighbour.reachable) return entry;
    const tick = tickAt(this.simulation.now);
    const until = numberOf(entry);
    if (tick < until) return entry;
    if (state === Neighbour.confirming) {
      const end = until + Math.ceil(this.reachableTime(index, until) / TICK);
      if (tick < end) return entryOf(Neighbour.reachable, end);
    }
    return entryOf(Neighbour.stale, 0);
  }

  /** Whether the neighbour would answer if it were asked now. The question and the answer take their ordinals. */
  private isCertain(index: number, hardware: number): boolean {
    const node = this.layout.node[index] as number;
    const other = this.layout.node[hardware] as number;
    if (this.state.up[other] === 0 || !this.wire.isCertain(index, hardware) || !this.wire.isCertain(hardware, index))
      return false;
    const request = this.originate.ordinal(node);
    const reply = this.originate.ordinal(other);
    const there = this.wire.passes(index, hardware, request, this.request);
    return this.wire.passes(hardware, index, reply, this.reply) && there;
  }

  private wait(index: number, place: number, waiting: Waiting): void {
    const entry = this.neighbours.get(index, place);
    if (stateOf(entry) !== Neighbour.incomplete) {
      const pending: Resolution = { tries: 0, timer: NO_TIMER, waiting: [waiting] };
      this.pend(index, place, Neighbour.incomplete, pending);
      return this.ask(index, place, pending, waiting.cause);
    }
    const { waiting: all } = this.resolution(entry);
    all.push(waiting);
    if (all.length > WAITING) {
      const oldest = all.shift() as Waiting;
      this.ledger.dropped(oldest.packet, this.layout.node[index] as number, oldest.packet.source, 'queue-full', oldest.cause);
    }
  }

  /** Sends the next request, by broadcast or, to probe an entry, directly, and sets the timer for the one after it. */
  private ask(index: number, place: number, pending: Resolution, cause: EventId): void {
    const node = this.layout.node[index] as number;
    const segment = this.layout.sends[index] as number;
    const address = this.neighbours.address(index, place);
    pending.tries++;
    pending.timer = this.after((this.simulation.now + RETRY) as Instant, index, place);
    const probe = stateOf(this.neighbours.get(index, place)) === Neighbour.probe;
    const certain = probe || this.neighbours.isResident(index, place);
    const asked = certain ? this.neighbours.hardware(index, place) : this.layout.answers(segment, address, this.state.up);
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

  private expired(index: number, place: number): void {
    const entry = this.neighbours.get(index, place);
    const pending = this.resolution(entry);
    pending.timer = NO_TIMER;
    if (stateOf(entry) === Neighbour.delay) this.neighbours.set(index, place, entryOf(Neighbour.probe, numberOf(entry)));
    if (pending.tries < TRIES) return this.ask(index, place, pending, this.simulation.cause);
    const waiting = this.unpend(entry);
    this.neighbours.set(index, place, entryOf(Neighbour.failed, 0));
    for (const each of waiting) {
      const { packet, cause } = each;
      const dropped = this.ledger.dropped(packet, this.layout.node[index] as number, packet.source, 'arp-failed', cause);
      this.unresolved.unresolved(index, each, dropped);
    }
  }

  /** The owner of an address asked for one of ours: it is known from now on, though not proven to hear us. */
  private learn(index: number, place: number, entry: number, hardware: number): void {
    const state = stateOf(entry);
    const known = state !== Neighbour.none && state !== Neighbour.incomplete && state !== Neighbour.failed;
    if (known && this.neighbours.hardware(index, place) === hardware) return;
    this.release(index, place, entry, hardware, entryOf(Neighbour.stale, 0));
  }

  private confirmed(index: number, place: number, entry: number, hardware: number): void {
    const { now } = this.simulation;
    const until = (now + this.reachableTime(index, tickAt(now))) as Instant;
    this.release(index, place, entry, hardware, entryOf(Neighbour.reachable, tickFrom(until)));
  }

  /** An entry becomes known: nothing is pending for it any more, and what waited goes out. */
  private release(index: number, place: number, entry: number, hardware: number, known: number): void {
    const waiting = this.unpend(entry);
    this.neighbours.learn(index, place, hardware);
    this.neighbours.set(index, place, known);
    if (waiting.length > 0) this.use(index, place, known, hardware);
    for (const { packet, hop, parts, cause } of waiting) this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
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
        const entry = this.settled(other, this.neighbours.get(other, place));
        if (stateOf(entry) === Neighbour.confirming) this.delay(other, place, (numberOf(entry) * TICK) as Instant);
      }
    }
  }

  /** Lets an entry be asked for at an instant. */
  private delay(index: number, place: number, until: Instant): void {
    this.pend(index, place, Neighbour.delay, { tries: 0, timer: this.after(until, index, place), waiting: [] });
  }

  private resolution(entry: number): Resolution {
    return this.state.neighbours.resolutions[numberOf(entry)] as Resolution;
  }

  private pend(index: number, place: number, state: number, pending: Resolution): void {
    const { resolutions, free } = this.state.neighbours;
    const number = free.pop() ?? resolutions.length;
    resolutions[number] = pending;
    this.neighbours.set(index, place, entryOf(state, number));
  }

  /** Takes the resolution of an entry away, with its timer. @returns what waited for it */
  private unpend(entry: number): readonly Waiting[] {
    const state = stateOf(entry);
    if (state !== Neighbour.incomplete && state !== Neighbour.delay && state !== Neighbour.probe) return NOTHING;
    const { timer, waiting } = this.resolution(entry);
    if (timer !== NO_TIMER) this.simulation.cancel(timer);
    this.state.neighbours.resolutions[numberOf(entry)] = undefined;
    this.state.neighbours.free.push(numberOf(entry));
    return waiting;
  }

  private after(at: Instant, index: number, place: number): Slot {
    return this.simulation.schedule(at, this.timer, this.simulation.cause, index, place, 0);
  }

  /** 30 s times a factor from 0.5 to 1.5 that an interface keeps for five minutes. */
  private reachableTime(index: number, tick: number): Duration {
    const epoch = Math.floor(tick / REDRAW);
    if (this.epoch[index] !== epoch) {
      const key = this.layout.interfaceKey[index] as number;
      const fraction = this.draws.fraction(key, 0, epoch, key, 0, Purpose.reachable);
      this.reachable[index] = milliseconds(Math.floor((REACHABLE / 1_000_000) * (0.5 + fraction)));
      this.epoch[index] = epoch;
    }
    return this.reachable[index] as Duration;
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

const NOTHING: readonly Waiting[] = [];
