import type { NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, ZERO } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import type { EventId, EventKind, Simulation } from '../engine/simulation.ts';
import { inBadTime } from './burst.ts';
import { type Distribution, numbersFor, sample } from './distribution.ts';
import type { DropReason } from './drop.ts';
import type { Endpoints } from './endpoint.ts';
import type { Layout } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { type Link, Links } from './link.ts';
import { anyLost, countLost, FRAMES_AT_ONCE } from './loss.ts';
import { ARP_BYTES, FRAME_BYTES, fragments, IP_HEADER, type Packet, TAG_BYTES } from './packet.ts';
import { Purpose } from './purpose.ts';
import { type NetworkState, Traffic } from './state.ts';
import { Switches } from './switch.ts';
import type { InterfaceSpec, SegmentSpec } from './topology.ts';
import type { Adversary, PacketFate } from './upcalls.ts';

/** From a host to itself: about half of what `ping 127.0.0.1` shows on Linux. */
const LOOPBACK_DELAY = 20_000;

/**
 * The words of an arrival: a = interface that it arrives at; b = crossings so far in the low byte, with the flags below; c = of a segment
 * train the segments that are left, otherwise the smallest MTU on the way so far.
 */
const HOPS = 0xff;
/** Damaged on the way. */
const DAMAGED = 0x100;
/** Sent to all: by its frame it is a multicast or broadcast. */
export const FLOODED = 0x200;
/** Has passed the queue of the receiver's attachment. */
const ADMITTED = 0x400;
/** Never left the host. */
const LOOPED = 0x800;

const NO_COPIES: readonly Duration[] = [];

/** Who takes what arrives. */
export interface Receiver {
  /**
   * A packet has arrived whole at an interface of a node that is up.
   *
   * @param hop crossings so far; 0 when it never left the host
   * @param flooded whether it was sent to all
   */
  arrived(index: number, packet: Packet, hop: number, parts: number, flooded: boolean): void;
}

/** A shorter way to take in or pass on what has met nothing on its way. */
export interface Shortcut {
  /**
   * @param hop crossings so far
   * @returns false when the packet has to go the long way
   */
  arrived(index: number, packet: Packet, hop: number, parts: number): boolean;
}

/** Carries frames across segments: one event per crossing, and a second one only where the receiver's bandwidth is limited. */
export class Wire {
  readonly links: Links;
  readonly switches: Switches;
  private readonly simulation: Simulation;
  private readonly names: Names;
  private readonly draws: Draws;
  private readonly layout: Layout;
  private readonly endpoints: Endpoints;
  private readonly ledger: Ledger;
  private readonly state: NetworkState;
  private readonly adversary: Adversary | undefined;
  private readonly receiver: Receiver;
  private readonly arrival: EventKind;
  private shortcut: Shortcut | undefined;

  constructor(parts: {
    readonly simulation: Simulation;
    readonly names: Names;
    readonly draws: Draws;
    readonly layout: Layout;
    readonly endpoints: Endpoints;
    readonly ledger: Ledger;
    readonly state: NetworkState;
    readonly adversary: Adversary | undefined;
    readonly receiver: Receiver;
  }) {
    this.simulation = parts.simulation;
    this.names = parts.names;
    this.draws = parts.draws;
    this.layout = parts.layout;
    this.endpoints = parts.endpoints;
    this.ledger = parts.ledger;
    this.state = parts.state;
    this.adversary = parts.adversary;
    this.receiver = parts.receiver;
    this.links = new Links(parts.layout);
    this.switches = new Switches(parts.layout.topology);
    this.arrival = this.simulation.register('packet arrives', (a, b, c, packet) => {
      if (b < DAMAGED && this.shortcut?.arrived(a, packet as Packet, b, c) === true) return;
      this.arrive(a, b, c, packet as Packet);
    });
  }

  attach(shortcut: Shortcut): void {
    this.shortcut = shortcut;
  }

  /**
   * Sends a packet from one interface to another of its segment.
   *
   * @param hop crossings before this one
   * @param parts see the words of an arrival, above
   * @param flags FLOODED or 0
   * @param cause the record of its sending or forwarding
   */
  cross(from: number, to: number, packet: Packet, hop: number, parts: number, flags: number, cause: EventId): void {
    const link = this.links.between(from, to);
    const quiet = this.state.cuts.size === 0 && !this.switches.exist && this.unopposed();
    const single = packet.bytes <= link.mtu && (packet.bytes <= parts || packet.header !== undefined);
    if (quiet && single && link.simple && this.links.rateOut[from] === 0) {
      const delay = link.choices === 0 ? link.least : this.delay(link.delay, packet, to, hop, Purpose.delay);
      this.count(from, Traffic.sentPackets, 1, packet.bytes);
      this.arrives((this.simulation.now + delay) as Instant, to, hop + 1 + flags, parts, packet, cause);
    } else {
      this.judge(link, from, to, packet, hop, parts, flags, cause);
    }
  }

  /** Whether no adversary has anything against any packet now. */
  unopposed(): boolean {
    return this.adversary === undefined || this.adversary.idle?.(this.simulation.now) === true;
  }

  /** Brings what was sent to all on a segment to an interface of another one, which is as far away. */
  leak(from: number, to: number, packet: Packet, parts: number, flags: number, cause: EventId): void {
    const verdict = this.ask(from, to, packet, 0, parts, false);
    if (verdict?.drop === true) return this.lose(packet, from, to, 'loss', cause);
    const segment = this.layout.topology.segments[this.layout.sends[from] as number] as SegmentSpec;
    const delay = this.delay(segment.link.delay, packet, to, 0, Purpose.delay) + (verdict?.delay ?? 0);
    this.arrives((this.simulation.now + delay) as Instant, to, 1 + flags, parts, packet, cause);
  }

  /** Hands a packet back to its own host. */
  loop(to: number, packet: Packet, parts: number, flags: number, cause: EventId): void {
    this.count(this.layout.loopback(packet.source), Traffic.sentPackets, 1, packet.bytes);
    this.arrives((this.simulation.now + LOOPBACK_DELAY) as Instant, to, LOOPED | flags, parts, packet, cause);
  }

  /** Whether nothing can happen, on the link itself, to a small packet from one interface to the other. */
  isCertain(from: number, to: number): boolean {
    return this.links.between(from, to).certain && !this.cut(from, to);
  }

  /** Whether the adversary, asked as if a small packet of one interface's host crossed to the other now, has nothing against it. */
  passes(from: number, to: number, ordinal: number, word: NameId): boolean {
    if (this.adversary === undefined) return true;
    const [source, target] = [this.layout.node[from] as number, this.layout.node[to] as number];
    const boot = this.state.boot[source] as number;
    const { now } = this.simulation;
    const small = ARP_BYTES;
    return (
      this.adversary.idle?.(now) === true ||
      this.adversary.fate(now, source, boot, ordinal, target, source, target, 0, word, small, small, false) === undefined
    );
  }

  /** Everything that can happen on a link, in the order in which a frame meets it. */
  private judge(
    link: Link,
    from: number,
    to: number,
    packet: Packet,
    hop: number,
    parts: number,
    flags: number,
    cause: EventId,
  ): void {
    const train = packet.header !== undefined;
    const whole = packet.transport === 'message';
    let frames = train ? parts : whole ? 1 : fragments(packet.bytes, parts);
    if (link.mismatch) return this.lose(packet, from, to, 'vlan', cause);
    if (!whole && this.largest(packet, parts) > link.mtu) return this.lose(packet, from, to, 'mtu', cause);

    const now = this.simulation.now;
    let departure = now;
    if (this.links.rateOut[from] !== 0) {
      const cable = this.layout.cable[from] as number;
      const rate = this.links.rateOut[from] as number;
      const room = this.room(this.state.busyOut, cable, rate, this.links.queueOut[from] as number, packet, frames, from);
      if (room < frames) {
        if (!train || room === 0) return this.lose(packet, from, to, 'queue-full', cause);
        frames = this.loseSome(packet, from, to, 'queue-full', frames, frames - room, cause);
      }
      departure = this.occupy(this.state.busyOut, cable, rate, this.bytesOnWire(packet, frames, from));
    }
    this.count(from, Traffic.sentPackets, frames, this.bytesOf(packet, frames));

    if (this.cut(from, to)) return this.lose(packet, from, to, 'cut', cause);
    const strays = (whole || packet.transport === 'udp') && (flags & FLOODED) === 0;
    const verdict = this.unopposed() ? undefined : this.ask(from, to, packet, hop, parts, strays);
    if (verdict?.drop === true) return this.lose(packet, from, to, 'loss', cause);

    if (link.loss > 0) {
      const lost = this.lost(link.loss, packet, to, hop, frames, train, Purpose.loss);
      if (lost === frames) return this.lose(packet, from, to, 'loss', cause);
      if (lost > 0) frames = this.loseSome(packet, from, to, 'loss', frames, lost, cause);
    }
    if (link.burst !== undefined) {
      const sender = this.layout.interfaceKey[from] as number;
      const bad = inBadTime(link.burst, now, sender, this.layout.interfaceKey[to] as number, this.draws);
      const lost = this.lost(bad ? link.burst.lossBad : link.burst.lossGood, packet, to, hop, frames, train, Purpose.burstLoss);
      const reason = bad ? 'burst-loss' : 'loss';
      if (lost === frames) return this.lose(packet, from, to, reason, cause);
      if (lost > 0) frames = this.loseSome(packet, from, to, reason, frames, lost, cause);
    }
    let words = hop + 1 + flags;
    if (verdict?.corrupt === true) words |= DAMAGED;
    else if (link.corrupt > 0) {
      const damaged = this.lost(link.corrupt, packet, to, hop, frames, train, Purpose.corrupt);
      if (damaged === frames) words |= DAMAGED;
      else if (damaged > 0) frames = this.loseSome(packet, from, to, 'corrupt', frames, damaged, cause);
    }

    const left = train ? frames : parts;
    let copies = verdict?.copies ?? NO_COPIES;
    if (link.duplicate > 0 && this.draw(packet, to, hop, Purpose.duplicate) < link.duplicate) copies = [ZERO, ...copies];
    let delay = this.delay(link.delay, packet, to, hop, Purpose.delay) + (verdict?.delay ?? 0);
    if (link.reorder !== undefined && this.draw(packet, to, hop, Purpose.reorder) < link.reorder.probability) {
      delay += this.delay(link.reorder.by, packet, to, hop, Purpose.reorderDelay);
    }
    const stray = verdict?.instead === undefined ? undefined : this.readdressed(packet, to, verdict.instead);
    if (stray !== undefined) return this.arrives((departure + delay) as Instant, stray.index, words, left, stray.packet, cause);
    this.arrives((departure + delay) as Instant, to, words, left, packet, cause);
    if (copies.length > 0) {
      const later = departure + this.delay(link.delay, packet, to, hop, Purpose.copyDelay) + (verdict?.delay ?? 0);
      for (const more of copies) this.arrives((later + more) as Instant, to, words, left, packet, cause);
    }
  }

  /** A packet as it would be if it had been sent to another node, and the interface that it arrives at there. */
  private readdressed(packet: Packet, to: number, node: number): { readonly index: number; readonly packet: Packet } | undefined {
    const { layout } = this;
    const all = Array.from(
      { length: (layout.first[node + 1] as number) - (layout.first[node] as number) },
      (_, i) => (layout.first[node] as number) + i,
    );
    const index = all.find((each) => layout.receives[each] === layout.receives[to]) ?? all[0];
    const address = index === undefined ? undefined : layout.primary(index);
    if (index === undefined || address === undefined) return undefined;
    return { index, packet: { ...packet, to: this.names.endpoint(address, this.names.port(packet.to)) } };
  }

  /** @param words see the words of an arrival, above */
  arrives(at: Instant, to: number, words: number, parts: number, packet: Packet, cause: EventId): void {
    this.simulation.schedule(at, this.arrival, cause, to, words, parts, packet);
  }

  private arrive(to: number, words: number, parts: number, packet: Packet): void {
    const node = this.layout.node[to] as number;
    const looped = (words & LOOPED) !== 0;
    if (!looped && (words & ADMITTED) === 0 && this.links.rateIn[to] !== 0) {
      return this.admit(to, words, parts, packet);
    }
    if (this.state.up[node] === 0) {
      this.ledger.dropped(packet, node, packet.source, 'host-down');
    } else if ((words & DAMAGED) !== 0) {
      this.ledger.dropped(packet, node, packet.source, 'corrupt');
    } else {
      const at = looped ? this.layout.loopback(node) : to;
      const frames = packet.header !== undefined ? parts : packet.bytes <= parts ? 1 : fragments(packet.bytes, parts);
      this.count(at, Traffic.receivedPackets, frames, this.bytesOf(packet, frames));
      this.receiver.arrived(to, packet, words & HOPS, parts, (words & FLOODED) !== 0);
    }
  }

  /** Lets a packet wait for the bandwidth of the attachment that it arrives by, in the order of arrival. */
  private admit(to: number, words: number, parts: number, packet: Packet): void {
    const train = packet.header !== undefined;
    let frames = train ? parts : packet.transport === 'message' ? 1 : fragments(packet.bytes, parts);
    const cable = this.layout.cable[to] as number;
    const rate = this.links.rateIn[to] as number;
    const room = this.room(this.state.busyIn, cable, rate, this.links.queueIn[to] as number, packet, frames, to);
    const { cause } = this.simulation;
    if (room < frames) {
      const node = this.layout.node[to] as number;
      if (!train || room === 0) {
        this.ledger.dropped(packet, node, packet.source, 'queue-full');
        return;
      }
      this.ledger.dropped(packet, node, packet.source, 'queue-full', cause, this.bytesOf(packet, frames - room));
      frames = room;
    }
    const done = this.occupy(this.state.busyIn, cable, rate, this.bytesOnWire(packet, frames, to));
    this.arrives(done, to, words | ADMITTED, train ? frames : parts, packet, cause);
  }

  /** How many of the frames a queue takes: all or none of a datagram. An idle one takes at least one frame. */
  private room(
    busy: Float64Array,
    cable: number,
    rate: number,
    queue: number,
    packet: Packet,
    frames: number,
    index: number,
  ): number {
    const waiting = (((busy[cable] as number) - this.simulation.now) * rate) / 8_000_000_000;
    const bytes = this.bytesOnWire(packet, frames, index);
    if (waiting + bytes <= queue) return frames;
    if (packet.header === undefined) return waiting <= 0 ? frames : 0;
    const fit = Math.floor((queue - Math.max(0, waiting)) / (bytes / frames));
    return Math.max(waiting <= 0 ? 1 : 0, Math.min(frames, fit));
  }

  /** @returns when the last bit has left */
  private occupy(busy: Float64Array, cable: number, rate: number, bytes: number): Instant {
    const start = Math.max(busy[cable] as number, this.simulation.now);
    const end = start + Math.ceil((bytes * 8_000_000_000) / rate);
    busy[cable] = end;
    return end as Instant;
  }

  private cut(from: number, to: number): boolean {
    const { cuts, trunks } = this.state;
    if (cuts.size > 0 && cuts.has(linkKey(this.layout.node[from] as number, this.layout.node[to] as number))) return true;
    if (!this.switches.exist) return false;
    const [a, b] = [this.layout.specs[from] as InterfaceSpec, this.layout.specs[to] as InterfaceSpec];
    return !this.switches.connected(this.layout.sends[from] as number, a.switch ?? 0, b.switch ?? 0, trunks);
  }

  private ask(from: number, to: number, packet: Packet, hop: number, parts: number, strays: boolean): PacketFate | undefined {
    const destination = this.endpoints.node(packet.to, packet.source);
    const { source, boot, ordinal, word, bytes } = packet;
    const [hopFrom, hopTo] = [this.layout.node[from] as number, this.layout.node[to] as number];
    const { now } = this.simulation;
    const frame = this.largest(packet, parts);
    return this.adversary?.fate(now, source, boot, ordinal, destination, hopFrom, hopTo, hop, word, bytes, frame, strays);
  }

  private lose(packet: Packet, from: number, to: number, reason: DropReason, cause: EventId): void {
    this.ledger.dropped(packet, this.layout.node[from] as number, this.layout.node[to] as number, reason, cause);
  }

  /** @returns the segments that are left */
  private loseSome(
    packet: Packet,
    from: number,
    to: number,
    reason: DropReason,
    frames: number,
    lost: number,
    cause: EventId,
  ): number {
    const node = this.layout.node[from] as number;
    this.ledger.dropped(packet, node, this.layout.node[to] as number, reason, cause, this.bytesOf(packet, lost));
    return frames - lost;
  }

  /** How many frames are lost; of a fragmented datagram all or none, since one lost fragment is a lost datagram. */
  private lost(loss: number, packet: Packet, to: number, hop: number, frames: number, train: boolean, purpose: number): number {
    if (loss === 0) return 0;
    if (frames === 1 || !train) {
      const any = frames === 1 ? loss : anyLost(loss, frames);
      return this.draw(packet, to, hop, purpose) < any ? frames : 0;
    }
    let lost = 0;
    for (let done = 0, round = 0; done < frames; done += FRAMES_AT_ONCE, round++) {
      lost += countLost(loss, Math.min(FRAMES_AT_ONCE, frames - done), this.draw(packet, to, hop + round * (HOPS + 1), purpose));
    }
    return lost;
  }

  private draw(packet: Packet, to: number, hop: number, purpose: number): number {
    const sender = this.layout.nodeKey[packet.source] as number;
    const receiver = this.layout.interfaceKey[to] as number;
    return this.draws.fraction(sender, packet.boot, packet.ordinal, receiver, hop, purpose);
  }

  delay(distribution: Distribution, packet: Packet, to: number, hop: number, purpose: number): Duration {
    const numbers = numbersFor(distribution);
    const first = numbers > 0 ? this.draw(packet, to, hop, purpose) : 0;
    const second = numbers > 1 ? this.draw(packet, to, hop, purpose + 1) : 0;
    return sample(distribution, first, second);
  }

  /** Size of the largest piece. */
  private largest(packet: Packet, parts: number): number {
    if (packet.header !== undefined) return Math.ceil(packet.bytes / packet.header.segments);
    return Math.min(packet.bytes, parts);
  }

  /** IP bytes of some of a train's segments, or of all fragments of a datagram. */
  private bytesOf(packet: Packet, frames: number): number {
    if (packet.header !== undefined) return Math.ceil((packet.bytes * frames) / packet.header.segments);
    return packet.bytes + (frames - 1) * IP_HEADER;
  }

  private bytesOnWire(packet: Packet, frames: number, index: number): number {
    const tag = (this.layout.specs[index] as InterfaceSpec).tag === undefined ? 0 : TAG_BYTES;
    return this.bytesOf(packet, frames) + frames * (FRAME_BYTES + tag);
  }

  /** @param column that of the packets, which that of the bytes follows */
  private count(index: number, column: number, frames: number, size: number): void {
    const { traffic } = this.state;
    const place = index * Traffic.columns + column;
    traffic[place] = (traffic[place] as number) + frames;
    traffic[place + 1] = (traffic[place + 1] as number) + size;
  }
}

/** A direction between two nodes as one number. */
export const linkKey = (from: number, to: number): number => from * 0x20_0000 + to;
