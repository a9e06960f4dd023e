import { assert } from '../../core/assert.ts';
import type { NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, LAST_INSTANT } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import { unsentAt } from '../network/arp.ts';
import { inBadTime } from '../network/burst.ts';
import { instantOf, tickFrom } from '../network/tick.ts';
import type { Topology } from '../network/topology.ts';
import type { Adversary, PacketFate } from '../network/upcalls.ts';
import { directionsOf } from './directions.ts';
import { between, type Entries, holds } from './entries.ts';
import {
  type Coordinate,
  type Intervention,
  isLinkBlow,
  isOnLink,
  isOnPacket,
  type LinkIntervention,
  type PacketIntervention,
  type PartitionIntervention,
} from './intervention.ts';
import { file } from './places.ts';

/** What a draw is for; the network's own purposes are below 1 000. */
const Purpose = {
  loss: 1_000,
  delay: 1_001,
  burst: 1_002,
  reorder: 1_003,
  reorderDelay: 1_004,
  duplicate: 1_005,
  duplicateDelay: 1_006,
  corrupt: 1_007,
  misdelivery: 1_008,
} as const;

type Leak = Extract<Intervention, { readonly kind: 'multicast-leak' }>;
type OnLinks = LinkIntervention | PartitionIntervention;

interface PacketFaultsState {
  /** By place of an entry about bandwidth: the instant at which what waits for it has left. */
  readonly busy: Map<number, number>;
}

/** A packet about to cross a link. */
interface Crossing {
  readonly now: Instant;
  readonly source: number;
  readonly boot: number;
  readonly ordinal: number;
  readonly hopFrom: number;
  readonly hopTo: number;
  readonly hop: number;
  readonly word: NameId;
  readonly bytes: number;
  readonly frame: number;
  readonly strays: boolean;
}

/** What entries come to for one crossing, so far. */
interface Outcome {
  drop: boolean;
  corrupt: boolean;
  delay: number;
  copies: Duration[];
  instead: number | undefined;
}

/**
 * Applies the entries about packets, links and parts of the network, and records what they came to, packet by packet.
 *
 * What befalls a packet on a link is drawn from the packet's coordinate alone. So entries do not disturb each other, a lower rate loses a
 * part of what a higher one loses, and removing an entry leaves the fate of all other packets as it was.
 */
export class PacketFaults implements Adversary {
  readonly state: PacketFaultsState = { busy: new Map() };

  private readonly entries: Entries;
  private readonly draws: Draws;
  private readonly names: Names;
  private readonly nodes: readonly string[];
  private readonly topology: Topology | undefined;
  /** Places of the entries for one direction between two nodes. */
  private readonly onLink = new Map<number, number[]>();
  /** Places of the entries for one packet, by sender and ordinal. */
  private readonly onPacket = new Map<number, number[]>();
  private readonly leaking: number[] = [];
  /** Places of those that last. */
  private readonly lasting: number[] = [];
  /** Derived: whether none of them holds, from the last look at them up to this instant. */
  private calm = false;
  private calmUntil = -1;

  constructor(
    entries: Entries,
    world: {
      readonly draws: Draws;
      readonly names: Names;
      readonly nodes: readonly string[];
      readonly topology: Topology | undefined;
    },
  ) {
    this.entries = entries;
    this.draws = world.draws;
    this.names = world.names;
    this.nodes = world.nodes;
    this.topology = world.topology;
    for (const place of entries.places()) this.file(place);
  }

  /** Whether there is anything about packets, or may be. */
  static concerns(entry: Intervention): boolean {
    if (entry.kind === 'aimed') return entry.does.kind === 'partition-alone' || isLinkBlow(entry.does);
    return isOnPacket(entry) || isOnLinks(entry) || entry.kind === 'multicast-leak';
  }

  /** Finds the entries again: to be called after they have changed or were restored. */
  restored(): void {
    for (const index of [this.onLink, this.onPacket]) index.clear();
    this.leaking.length = 0;
    this.lasting.length = 0;
    this.calmUntil = -1;
    for (const place of this.entries.places()) this.file(place);
  }

  file(place: number): void {
    const entry = this.entries.at(place);
    this.calmUntil = -1;
    if (isOnPacket(entry)) file(this.onPacket, this.key(entry.packet.ordinal, this.entries.node(entry.packet.sender)), place);
    else if (entry.kind === 'multicast-leak') this.leaking.push(place);
    else if (isOnLinks(entry)) {
      this.lasting.push(place);
      const ways = isOnLink(entry) ? [[entry.from, entry.to] as const] : directionsOf(entry, this.nodes, this.isOn);
      for (const [from, to] of ways) file(this.onLink, this.key(this.entries.node(from), this.entries.node(to)), place);
    }
  }

  idle(now: Instant): boolean {
    if (now < this.calmUntil) return this.calm;
    let next: number = LAST_INSTANT + 1;
    this.calm = this.onPacket.size === 0;
    for (const place of this.lasting) {
      const { at, until = LAST_INSTANT + 1 } = this.entries.at(place) as OnLinks;
      if (now >= at && now < until) this.calm = false;
      for (const edge of [at, until]) if (edge > now && edge < next) next = edge;
    }
    this.calmUntil = next;
    return this.calm;
  }

  leaks(now: Instant, segment: number): readonly number[] {
    return this.leaksOf(now, segment).map(([to]) => to);
  }

  leaked(now: Instant, segment: number, other: number): void {
    for (const [to, place] of this.leaksOf(now, segment)) if (to === other) this.entries.applied(place);
  }

  fate(
    now: Instant,
    source: number,
    boot: number,
    ordinal: number,
    destination: number,
    hopFrom: number,
    hopTo: number,
    hop: number,
    word: NameId,
    bytes: number,
    frame: number,
    strays: boolean,
  ): PacketFate | undefined {
    const fine = this.onPacket.get(this.key(ordinal, source));
    const link = this.onLink.get(this.key(hopFrom, hopTo));
    // Between hosts that are no neighbours an entry means all their traffic this way; it is judged once, at the first link.
    const path =
      hop === 0 && destination !== hopTo && destination !== NOBODY ? this.onLink.get(this.key(source, destination)) : undefined;
    if (fine === undefined && link === undefined && path === undefined) return undefined;

    const crossing: Crossing = { now, source, boot, ordinal, hopFrom, hopTo, hop, word, bytes, frame, strays };
    this.entries.decide();
    const outcome: Outcome = { drop: false, corrupt: false, delay: 0, copies: [], instead: undefined };
    for (const place of fine ?? []) this.one(place, crossing, outcome);
    for (const place of link ?? []) this.each(place, crossing, outcome);
    for (const place of path ?? []) this.each(place, crossing, outcome);
    const { drop, corrupt, delay, copies, instead } = outcome;
    if (!drop && !corrupt && delay === 0 && copies.length === 0 && instead === undefined) return undefined;
    if (this.entries.recording) this.record(crossing, outcome);
    if (drop) return { drop };
    return {
      ...(corrupt ? { corrupt } : {}),
      ...(delay > 0 ? { delay: delay as Duration } : {}),
      ...(copies.length > 0 ? { copies } : {}),
      ...(instead === undefined ? {} : { instead }),
    };
  }

  /** What an entry about one packet comes to. */
  private one(place: number, { boot, hop, hopTo, word, strays, source }: Crossing, outcome: Outcome): void {
    const entry = this.entries.at(place) as PacketIntervention;
    const { packet } = entry;
    if (packet.boot !== boot || packet.hop !== hop || packet.receiver !== this.nodes[hopTo]) return;
    const message = this.names.text(word);
    if (packet.message !== message) {
      this.entries.state.mismatched.set(place, `packet carried ${message}`);
      return;
    }
    switch (entry.kind) {
      case 'packet-loss':
        outcome.drop = true;
        break;
      case 'packet-delay':
        outcome.delay += entry.by;
        break;
      case 'packet-duplicate':
        outcome.copies.push(entry.by);
        break;
      case 'packet-corrupt':
        outcome.corrupt = true;
        break;
      case 'packet-misdelivery': {
        const instead = this.entries.node(entry.to);
        if (!strays || instead === source || instead === hopTo) return;
        outcome.instead = instead;
      }
    }
    this.entries.applied(place);
  }

  /** What an entry about a link comes to for one packet. */
  private each(place: number, crossing: Crossing, outcome: Outcome): void {
    const entry = this.entries.at(place) as OnLinks;
    const { now, source, boot, ordinal, hopFrom, hopTo, hop } = crossing;
    if (!holds(entry, now)) return;
    const drawn = (purpose: number) => this.draws.fraction(source, boot, ordinal, hopTo, hop, purpose);
    switch (entry.kind) {
      case 'link-loss':
        if (drawn(Purpose.loss) >= entry.rate) return;
        outcome.drop = true;
        break;
      case 'link-burst': {
        const { enter, leave, rate } = entry;
        // Of its own: another chain than that of the segment between the same two.
        const bad = inBadTime({ enter, leave, lossGood: 0, lossBad: rate }, now, ~hopFrom, ~hopTo, this.draws);
        if (!bad || drawn(Purpose.burst) >= rate) return;
        outcome.drop = true;
        break;
      }
      case 'link-delay': {
        const more = between(entry, drawn(Purpose.delay));
        if (more === 0) return;
        outcome.delay += more;
        break;
      }
      case 'link-reorder':
        if (drawn(Purpose.reorder) >= entry.rate) return;
        outcome.delay += between(entry, drawn(Purpose.reorderDelay));
        break;
      case 'link-duplicate':
        if (drawn(Purpose.duplicate) >= entry.rate) return;
        outcome.copies.push(between(entry, drawn(Purpose.duplicateDelay)) as Duration);
        break;
      case 'link-corrupt':
        if (drawn(Purpose.corrupt) >= entry.rate) return;
        outcome.corrupt = true;
        break;
      case 'link-misdelivery': {
        const instead = this.entries.node(entry.instead);
        if (!crossing.strays || instead === source || instead === hopTo || drawn(Purpose.misdelivery) >= entry.rate) return;
        outcome.instead = instead;
        break;
      }
      case 'link-bandwidth': {
        const { busy } = this.state;
        const start = Math.max(now, busy.get(place) ?? 0);
        const waiting = ((start - now) * entry.bandwidth) / 8e9;
        if (waiting > 0 && waiting + crossing.bytes > entry.queue) {
          outcome.drop = true;
          break;
        }
        const end = start + Math.ceil((crossing.bytes * 8e9) / entry.bandwidth);
        busy.set(place, end);
        outcome.delay += end - now;
        break;
      }
      case 'link-mtu':
        if (crossing.frame <= entry.mtu) return;
        outcome.drop = true;
        break;
      case 'link-flap':
        if ((now - entry.at) % (entry.up + entry.down) < entry.up) return;
        outcome.drop = true;
        break;
      default:
        outcome.drop = true; // a cut, or one of many
    }
    this.entries.applied(place);
  }

  private record({ source, boot, ordinal, hopTo, hop, word }: Crossing, outcome: Outcome): void {
    const packet: Coordinate = {
      sender: this.nodes[source] as string,
      boot,
      ordinal,
      receiver: this.nodes[hopTo] as string,
      hop,
      message: this.names.text(word),
    };
    const { entries } = this;
    if (outcome.drop) return entries.record({ kind: 'packet-loss', packet });
    if (outcome.delay > 0) entries.record({ kind: 'packet-delay', packet, by: outcome.delay as Duration });
    for (const by of outcome.copies) entries.record({ kind: 'packet-duplicate', packet, by });
    if (outcome.corrupt) entries.record({ kind: 'packet-corrupt', packet });
    if (outcome.instead !== undefined)
      entries.record({ kind: 'packet-misdelivery', packet, to: this.nodes[outcome.instead] as string });
  }

  private leaksOf(now: Instant, segment: number): [to: number, place: number][] {
    const segments = this.topology?.segments ?? [];
    return this.leaking.flatMap((place): [number, number][] => {
      const entry = this.entries.at(place) as Leak;
      const [from, to] = entry.segments.map((name) => segments.findIndex((each) => each.name === name));
      return from === segment && to !== undefined && to >= 0 && holds(entry, now) ? [[to, place]] : [];
    });
  }

  private readonly isOn = (name: string, segment: string): boolean => {
    const { topology } = this;
    assert(topology !== undefined, 'an intervention about a segment needs a topology');
    const node = topology.nodes[this.entries.node(name)];
    return node?.interfaces.some((port) => topology.segments[port.segment]?.name === segment) ?? false;
  };

  private key(a: number, b: number): number {
    return a * this.nodes.length + b;
  }
}

const isOnLinks = (entry: Intervention): entry is OnLinks =>
  isOnLink(entry) || entry.kind === 'link-down' || entry.kind === 'link-flap' || entry.kind.startsWith('partition');

/**
 * The first tick of address resolution at which such an entry may stand between two neighbours that are about to be taken for confirmed:
 * of one about links the first after its beginning; of one about a packet that was never sent the one at which it was asked for.
 */
export function partsAt(entry: Intervention): Instant | undefined {
  if (isOnLinks(entry)) return instantOf(tickFrom(entry.at));
  const tick = isOnPacket(entry) ? unsentAt(entry.packet.ordinal) : undefined;
  return tick === undefined ? undefined : instantOf(tick);
}

/** Whether a recording has the effects of such an entry on single packets, and not the entry. */
export const comesToPackets = (entry: Intervention): boolean => isOnPacket(entry) || isOnLinks(entry);
