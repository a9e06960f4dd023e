import type { Address } from '../../core/address.ts';
import type { NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { EventId, EventKind, Simulation } from '../engine/simulation.ts';
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
  places,
  type Resolution,
  stateAt,
  untilAt,
  type Waiting,
  write,
} from './neighbour.ts';
import type { Originate } from './originate.ts';
import { ARP_BYTES, type ArpMessage, INITIAL_TTL, type Packet } from './packet.ts';
import { Purpose } from './purpose.ts';
import { keyOf, type NetworkState } from './state.ts';
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
    this.request = this.names.id('arp request');
    this.reply = this.names.id('arp reply');
    this.timer = this.simulation.register('neighbour timer', (index, address) => this.expired(index, (address >>> 0) as Address));
  }

  /** Sends a packet by an interface to a next hop, at once or when its hardware address is known. */
  transmit(index: number, nextHop: Address, packet: Packet, hop: number, parts: number, cause: EventId): void {
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, nextHop);
    if (place >= 0 && stateAt(table, place) === Neighbour.reachable && this.simulation.now < untilAt(table, place)) {
      return this.wire.cross(index, hardwareAt(table, place), packet, hop, parts, 0, cause);
    }
    const hardware = place < 0 ? NOWHERE : this.use(index, table, place, nextHop);
    if (hardware !== NOWHERE) return this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
    this.wait(index, nextHop, { packet, hop, parts, cause });
  }

  /** An ARP packet has arrived. */
  receive(index: number, packet: Packet): void {
    const message = packet.message as ArpMessage;
    const node = this.layout.node[index] as number;
    this.ledger.delivered(packet, node);
    if (message.type === 'arp reply') {
      const table = this.state.neighbours[index] as NeighbourTable;
      if (find(table, message.sender) >= 0) this.confirmed(index, message.sender, message.hardware);
      return;
    }
    if (!this.layout.owns(node, message.target)) return;
    this.learn(index, message.sender, message.hardware);
    const reply: ArpMessage = { type: 'arp reply', sender: message.target, hardware: index, target: message.sender };
    const answer = this.packet(node, reply);
    const cause = this.ledger.sent(answer, this.layout.node[message.hardware] as number);
    this.wire.cross(index, message.hardware, answer, 0, ARP_BYTES, 0, cause);
  }

  /** Something from the neighbour that a stream waited for has arrived: it is there. Makes no entry. */
  confirm(index: number, address: Address): void {
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, address);
    if (place < 0) return;
    const state = stateAt(table, place);
    const old =
      state === Neighbour.stale ||
      state === Neighbour.delay ||
      state === Neighbour.probe ||
      (state === Neighbour.reachable && this.simulation.now >= untilAt(table, place));
    if (old) this.confirmed(index, address, hardwareAt(table, place));
  }

  /** The host forgets its neighbours, and what waits in it is lost; others can no longer count on its answers. */
  down(node: number): void {
    const end = this.layout.first[node + 1] as number;
    for (let index = this.layout.first[node] as number; index < end; index++) {
      const table = this.state.neighbours[index] as NeighbourTable;
      for (const place of places(table)) {
        const key = keyOf(index, addressAt(table, place));
        const pending = this.state.resolutions.get(key);
        if (pending === undefined) continue;
        if (pending.timer !== NO_TIMER) this.simulation.cancel(pending.timer);
        this.state.resolutions.delete(key);
        for (const { packet } of pending.waiting) this.ledger.dropped(packet, node, packet.source, 'host-down');
      }
      this.state.neighbours[index] = emptyTable();
      this.doubt(index);
    }
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
        write(table, place, Neighbour.confirming, until, hardware);
      } else {
        write(table, place, Neighbour.delay, until, hardware);
        this.pend(index, address, until);
      }
    }
    return hardware;
  }

  /** Writes down what has become of an entry by the mere passing of time. */
  private settle(index: number, table: NeighbourTable, place: number): void {
    const { now } = this.simulation;
    let state = stateAt(table, place);
    let until = untilAt(table, place);
    const hardware = hardwareAt(table, place);
    if (state === Neighbour.confirming && now >= until) {
      state = Neighbour.reachable;
      until = (until + this.reachableTime(index, until)) as Instant;
      write(table, place, state, until, hardware);
    }
    if (state === Neighbour.reachable && now >= until) write(table, place, Neighbour.stale, until, hardware);
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

  private wait(index: number, address: Address, waiting: Waiting): void {
    const key = keyOf(index, address);
    let pending = this.state.resolutions.get(key);
    if (pending === undefined) {
      pending = { tries: 0, timer: NO_TIMER, waiting: [] };
      this.state.resolutions.set(key, pending);
      const table = this.state.neighbours[index] as NeighbourTable;
      const known = find(table, address);
      const hardware = known < 0 ? NOWHERE : hardwareAt(table, known);
      write(table, insert(table, address), Neighbour.incomplete, this.simulation.now, hardware);
      pending.waiting.push(waiting);
      return this.ask(index, address, pending, waiting.cause);
    }
    pending.waiting.push(waiting);
    if (pending.waiting.length > WAITING) {
      const oldest = pending.waiting.shift() as Waiting;
      this.ledger.dropped(oldest.packet, this.layout.node[index] as number, oldest.packet.source, 'queue-full', oldest.cause);
    }
  }

  /** Sends the next request, by broadcast or, to probe an entry, directly, and sets the timer for the one after it. */
  private ask(index: number, address: Address, pending: Resolution, cause: EventId): void {
    const node = this.layout.node[index] as number;
    pending.tries++;
    pending.timer = this.after(RETRY, index, address);
    const own = this.layout.primary(index);
    const segment = this.layout.sends[index] as number;
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, address);
    const asked =
      stateAt(table, place) === Neighbour.probe
        ? hardwareAt(table, place)
        : segment === NOWHERE
          ? NOWHERE
          : this.layout.answers(segment, address, this.state.up);
    const request = this.packet(node, { type: 'arp request', sender: own ?? (0 as Address), hardware: index, target: address });
    const before = this.simulation.cause;
    this.simulation.cause = cause;
    const sent = this.ledger.sent(request, asked === NOWHERE ? NOBODY : (this.layout.node[asked] as number));
    this.simulation.cause = before;
    if (segment === NOWHERE) this.ledger.dropped(request, node, NOBODY, 'vlan', sent);
    else if (asked === NOWHERE) this.ledger.dropped(request, node, NOBODY, 'no-owner', sent);
    else this.wire.cross(index, asked, request, 0, ARP_BYTES, 0, sent);
  }

  private expired(index: number, address: Address): void {
    const key = keyOf(index, address);
    const pending = this.state.resolutions.get(key) as Resolution;
    pending.timer = NO_TIMER;
    const table = this.state.neighbours[index] as NeighbourTable;
    const place = find(table, address);
    const { cause } = this.simulation;
    const hardware = hardwareAt(table, place);
    if (stateAt(table, place) === Neighbour.delay) write(table, place, Neighbour.probe, this.simulation.now, hardware);
    if (pending.tries < TRIES) return this.ask(index, address, pending, cause);
    write(table, place, Neighbour.failed, this.simulation.now, hardware);
    this.state.resolutions.delete(key);
    for (const waiting of pending.waiting) {
      const { packet } = waiting;
      const dropped = this.ledger.dropped(packet, this.layout.node[index] as number, packet.source, 'arp-failed', waiting.cause);
      this.unresolved.unresolved(index, waiting, dropped);
    }
  }

  /** The owner of an address asked for one of ours: it is known from now on, though not proven to hear us. */
  private learn(index: number, address: Address, hardware: number): void {
    if (address === 0) return;
    const table = this.state.neighbours[index] as NeighbourTable;
    const known = find(table, address);
    const state = known < 0 ? Neighbour.failed : stateAt(table, known);
    if (known >= 0 && state !== Neighbour.incomplete && state !== Neighbour.failed && hardwareAt(table, known) === hardware) {
      return;
    }
    write(table, insert(table, address), Neighbour.stale, this.simulation.now, hardware);
    this.release(index, address, table);
  }

  private confirmed(index: number, address: Address, hardware: number): void {
    const { now } = this.simulation;
    const table = this.state.neighbours[index] as NeighbourTable;
    write(table, insert(table, address), Neighbour.reachable, (now + this.reachableTime(index, now)) as Instant, hardware);
    this.release(index, address, table);
  }

  /** Nothing is pending for the entry any more: what waited goes out. */
  private release(index: number, address: Address, table: NeighbourTable): void {
    const key = keyOf(index, address);
    const pending = this.state.resolutions.get(key);
    if (pending === undefined) return;
    if (pending.timer !== NO_TIMER) this.simulation.cancel(pending.timer);
    this.state.resolutions.delete(key);
    if (pending.waiting.length === 0) return;
    const hardware = this.use(index, table, find(table, address), address);
    for (const { packet, hop, parts, cause } of pending.waiting) this.wire.cross(index, hardware, packet, hop, parts, 0, cause);
  }

  /** Whoever counted on the answer of this interface's host has to ask for it after all. */
  private doubt(index: number): void {
    const segment = this.layout.receives[index] as number;
    if (segment === NOWHERE) return;
    for (const other of this.layout.members[segment] as readonly number[]) {
      const table = this.state.neighbours[other] as NeighbourTable;
      if (table.count === 0 || other === index) continue;
      for (const address of this.layout.addresses(this.layout.node[index] as number)) {
        const place = find(table, address);
        if (place < 0 || stateAt(table, place) !== Neighbour.confirming) continue;
        this.settle(other, table, place);
        if (stateAt(table, place) !== Neighbour.confirming) continue;
        const until = untilAt(table, place);
        write(table, place, Neighbour.delay, until, hardwareAt(table, place));
        this.pend(other, address, until);
      }
    }
  }

  private pend(index: number, address: Address, until: Instant): void {
    const timer = this.simulation.schedule(until, this.timer, this.simulation.cause, index, address | 0, 0);
    this.state.resolutions.set(keyOf(index, address), { tries: 0, timer, waiting: [] });
  }

  private after(delay: Duration, index: number, address: Address) {
    const at = (this.simulation.now + delay) as Instant;
    return this.simulation.schedule(at, this.timer, this.simulation.cause, index, address | 0, 0);
  }

  /** 30 s times a factor from 0.5 to 1.5 that an interface keeps for five minutes. */
  private reachableTime(index: number, at: Instant): Duration {
    const key = this.layout.interfaceKey[index] as number;
    const fraction = this.draws.fraction(key, 0, Math.floor(at / REDRAW), key, 0, Purpose.reachable);
    return milliseconds(Math.floor((REACHABLE / 1_000_000) * (0.5 + fraction)));
  }

  private packet(node: number, message: ArpMessage): Packet {
    const from = this.names.endpoint(message.sender, 0);
    const to = this.names.endpoint(message.target, 0);
    return this.originate.packet(node, from, to, 'arp', message, ARP_BYTES, INITIAL_TTL);
  }
}
