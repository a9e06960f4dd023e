import { type Address, ANY } from '../../core/address.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { EventId, EventKind, Simulation, Slot } from '../engine/simulation.ts';
import { type Layout, NOWHERE } from './layout.ts';
import type { Ledger } from './ledger.ts';
import {
  addressAt,
  emptyTable,
  find,
  hardwareAt,
  insert,
  NEIGHBOUR_NAMES,
  Neighbour,
  type NeighbourTable,
  pendingAt,
  places,
  type Resolution,
  stateAt,
  untilAt,
  type Waiting,
  write,
  writePending,
  writeUntil,
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
/** Linux draws a new reachable time for each interface about this often. */
const REDRAW: Duration = seconds(300);
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
    this.endpoints = new Int32Array(this.layout.interfaces).fill(-1);
    this.request = this.names.id('arp request');
    this.reply = this.names.id('arp reply');
    this.timer = this.simulation.register('neighbour timer', (index, address) => this.expired(index, (address >>> 0) as Address));
  }

  /** Sends a packet by an interface to a next hop, at once or when its hardware address is known. */
  transmit(index: number, nextHop: Address, packet: Packet, hop: number, parts: number, cause: EventId): void {
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, nextHop);
    if (place >= 0) {
      const fresh = stateAt(table, place) === Neighbour.reachable && this.simulation.now < untilAt(table, place);
      const hardware = fresh ? hardwareAt(table, place) : this.use(index, table, place, nextHop);
      if (hardware !== NOWHERE) return this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
    }
    this.wait(index, table, nextHop, { packet, hop, parts, cause });
  }

  /** An ARP packet has arrived. */
  receive(index: number, packet: Packet): void {
    const message = packet.message as ArpMessage;
    const node = this.layout.node[index] as number;
    this.ledger.delivered(packet, node);
    if (message.type === 'arp reply') {
      const table = this.state.neighbours[index] as NeighbourTable;
      const place = find(table, message.sender);
      if (place >= 0) this.confirmed(index, table, place, message.hardware);
      return;
    }
    if (!this.layout.owns(node, message.target)) return;
    this.learn(index, message.sender, message.hardware);
    const reply: ArpMessage = { type: 'arp reply', sender: message.target, hardware: index, target: message.sender };
    const answer = this.packet(node, reply, packet.to, packet.from);
    const cause = this.ledger.sent(answer, this.layout.node[message.hardware] as number);
    this.wire.cross(index, message.hardware, answer, 0, ARP_BYTES, 0, cause);
  }

  /** Something from the neighbour that a stream waited for has arrived: it is there. Makes no entry. */
  confirm(index: number, address: Address): void {
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, address);
    if (place < 0) return;
    this.settle(index, table, place);
    const state = stateAt(table, place);
    if (state === Neighbour.stale || state === Neighbour.delay || state === Neighbour.probe) {
      this.confirmed(index, table, place, hardwareAt(table, place));
    }
  }

  /** The host forgets its neighbours, and what waits in it is lost; others can no longer count on its answers. */
  down(node: number): void {
    const end = this.layout.first[node + 1] as number;
    for (let index = this.layout.first[node] as number; index < end; index++) {
      const table = this.state.neighbours[index] as NeighbourTable;
      for (const place of places(table)) {
        for (const { packet } of this.unpend(table, place)) this.ledger.dropped(packet, node, packet.source, 'host-down');
      }
      this.state.neighbours[index] = emptyTable();
      this.doubt(index);
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
      const table = this.state.neighbours[index] as NeighbourTable;
      for (const place of places(table)) {
        this.settle(index, table, place);
        const state = stateAt(table, place);
        const known = state !== Neighbour.incomplete && state !== Neighbour.failed;
        views.push({
          address: addressAt(table, place),
          interface: this.layout.name(index),
          mac: known ? this.layout.mac(hardwareAt(table, place)) : undefined,
          state: NEIGHBOUR_NAMES[state] as NeighbourView['state'],
        });
      }
    }
    return views.sort((a, b) => a.address - b.address);
  }

  /** An entry is about to be used and is not plainly reachable. @returns the hardware to send to, or NOWHERE if it has to be asked for */
  private use(index: number, table: NeighbourTable, place: number, address: Address): number {
    this.settle(index, table, place);
    const state = stateAt(table, place);
    if (state === Neighbour.incomplete || state === Neighbour.failed) return NOWHERE;
    const hardware = hardwareAt(table, place);
    if (state === Neighbour.stale) {
      const until = (this.simulation.now + DELAY) as Instant;
      if (this.isCertain(index, hardware, address)) {
        writeUntil(table, place, Neighbour.confirming, hardware, until);
      } else {
        this.delay(index, table, place, until);
      }
    }
    return hardware;
  }

  /** Writes down what has become of an entry by the mere passing of time. */
  private settle(index: number, table: NeighbourTable, place: number): void {
    const { now } = this.simulation;
    if (now < untilAt(table, place)) return;
    const hardware = hardwareAt(table, place);
    if (stateAt(table, place) === Neighbour.confirming) {
      const since = untilAt(table, place);
      const until = (since + this.reachableTime(index, since)) as Instant;
      writeUntil(table, place, Neighbour.reachable, hardware, until);
      if (now < until) return;
    }
    if (stateAt(table, place) === Neighbour.reachable) write(table, place, Neighbour.stale, hardware);
  }

  /** Whether the neighbour would answer if it were asked now. The question and the answer take their ordinals. */
  private isCertain(index: number, hardware: number, address: Address): boolean {
    const node = this.layout.node[index] as number;
    const other = this.layout.node[hardware] as number;
    if (this.state.up[other] === 0 || !this.layout.owns(other, address)) return false;
    if (!this.wire.links.between(index, hardware).certain || !this.wire.links.between(hardware, index).certain) return false;
    const request = this.originate.ordinal(node);
    const reply = this.originate.ordinal(other);
    const there = this.wire.passes(index, hardware, request, this.request);
    return this.wire.passes(hardware, index, reply, this.reply) && there;
  }

  private wait(index: number, table: NeighbourTable, address: Address, waiting: Waiting): void {
    const place = insert(table, address);
    const known = pendingAt(table, place);
    if (known < 0) {
      // A new entry has no hardware yet, a failed one keeps its last.
      write(table, place, Neighbour.incomplete, hardwareAt(table, place));
      const pending: Resolution = { tries: 0, timer: NO_TIMER, waiting: [waiting] };
      this.pend(table, place, pending);
      return this.ask(index, table, place, pending, waiting.cause);
    }
    const { waiting: all } = this.state.resolutions.all[known] as Resolution;
    all.push(waiting);
    if (all.length > WAITING) {
      const oldest = all.shift() as Waiting;
      this.ledger.dropped(oldest.packet, this.layout.node[index] as number, oldest.packet.source, 'queue-full', oldest.cause);
    }
  }

  /** Sends the next request, by broadcast or, to probe an entry, directly, and sets the timer for the one after it. */
  private ask(index: number, table: NeighbourTable, place: number, pending: Resolution, cause: EventId): void {
    const node = this.layout.node[index] as number;
    const address = addressAt(table, place);
    const segment = this.layout.sends[index] as number;
    const probe = stateAt(table, place) === Neighbour.probe;
    pending.tries++;
    pending.timer = this.after((this.simulation.now + RETRY) as Instant, index, address);
    const asked = probe ? hardwareAt(table, place) : this.layout.answers(segment, address, this.state.up);
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
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, address);
    const pending = this.state.resolutions.all[pendingAt(table, place)] as Resolution;
    pending.timer = NO_TIMER;
    const { cause } = this.simulation;
    const hardware = hardwareAt(table, place);
    if (stateAt(table, place) === Neighbour.delay) write(table, place, Neighbour.probe, hardware);
    if (pending.tries < TRIES) return this.ask(index, table, place, pending, cause);
    write(table, place, Neighbour.failed, hardware);
    for (const waiting of this.unpend(table, place)) {
      const { packet } = waiting;
      const dropped = this.ledger.dropped(packet, this.layout.node[index] as number, packet.source, 'arp-failed', waiting.cause);
      this.unresolved.unresolved(index, waiting, dropped);
    }
  }

  /** The owner of an address asked for one of ours: it is known from now on, though not proven to hear us. */
  private learn(index: number, address: Address, hardware: number): void {
    if (address === 0) return;
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = insert(table, address);
    const state = stateAt(table, place);
    const known = state !== Neighbour.incomplete && state !== Neighbour.failed;
    if (known && hardwareAt(table, place) === hardware) return;
    write(table, place, Neighbour.stale, hardware);
    this.release(index, table, place);
  }

  private confirmed(index: number, table: NeighbourTable, place: number, hardware: number): void {
    const { now } = this.simulation;
    writeUntil(table, place, Neighbour.reachable, hardware, (now + this.reachableTime(index, now)) as Instant);
    this.release(index, table, place);
  }

  /** The entry is known: nothing is pending for it any more, and what waited goes out. */
  private release(index: number, table: NeighbourTable, place: number): void {
    const waiting = this.unpend(table, place);
    if (waiting.length === 0) return;
    const hardware = this.use(index, table, place, addressAt(table, place));
    for (const { packet, hop, parts, cause } of waiting) this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
  }

  /** Whoever counted on the answer of this interface's host has to ask for it after all. */
  private doubt(index: number): void {
    const segment = this.layout.receives[index] as number;
    if (segment === NOWHERE) return;
    const addresses = this.layout.addresses(this.layout.node[index] as number);
    for (const other of this.layout.members[segment] as readonly number[]) {
      const table = this.state.neighbours[other] as NeighbourTable;
      if (table.count === 0 || other === index) continue;
      for (const address of addresses) {
        const place = find(table, address);
        if (place < 0) continue;
        this.settle(other, table, place);
        if (stateAt(table, place) === Neighbour.confirming) this.delay(other, table, place, untilAt(table, place));
      }
    }
  }

  /** Lets an entry be asked for at an instant. */
  private delay(index: number, table: NeighbourTable, place: number, until: Instant): void {
    write(table, place, Neighbour.delay, hardwareAt(table, place));
    this.pend(table, place, { tries: 0, timer: this.after(until, index, addressAt(table, place)), waiting: [] });
  }

  private pend(table: NeighbourTable, place: number, pending: Resolution): void {
    const { all, free } = this.state.resolutions;
    const number = free.pop() ?? all.length;
    all[number] = pending;
    writePending(table, place, number);
  }

  /** Takes an entry's resolution away, with its timer. @returns what waited for it */
  private unpend(table: NeighbourTable, place: number): readonly Waiting[] {
    const number = pendingAt(table, place);
    if (number < 0) return NOTHING;
    const { all, free } = this.state.resolutions;
    const { timer, waiting } = all[number] as Resolution;
    if (timer !== NO_TIMER) this.simulation.cancel(timer);
    all[number] = undefined;
    free.push(number);
    writePending(table, place, -1);
    return waiting;
  }

  private after(at: Instant, index: number, address: Address): Slot {
    return this.simulation.schedule(at, this.timer, this.simulation.cause, index, address | 0, 0);
  }

  /** 30 s times a factor from 0.5 to 1.5 that an interface keeps for five minutes. */
  private reachableTime(index: number, at: Instant): Duration {
    const key = this.layout.interfaceKey[index] as number;
    const fraction = this.draws.fraction(key, 0, Math.floor(at / REDRAW), key, 0, Purpose.reachable);
    return milliseconds(Math.floor((REACHABLE / 1_000_000) * (0.5 + fraction)));
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
