import { assert } from '../../core/assert.ts';
import type { NameId, Names } from '../../core/names.ts';
import { type Duration, type Instant, LAST_INSTANT } from '../../core/time.ts';
import type { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { Adversary, PacketFate } from '../network/network.ts';
import { HostFaults } from './host-faults.ts';
import {
  type Coordinate,
  type Intervention,
  isOnOperation,
  isOnPacket,
  type OperationIntervention,
  type PacketIntervention,
} from './intervention.ts';
import { file } from './places.ts';

/** What a draw of the adversary is for; the network's own purposes are below 1 000. */
const Purpose = { linkLoss: 1_000, linkDelay: 1_001 } as const;

type OnLink = Extract<Intervention, { kind: 'link-loss' | 'link-delay' | 'link-cut' }>;

export interface InterventionsState {
  /** For each entry, how often it changed what happened to something. */
  readonly applied: number[];
  /** For each fine entry that met its coordinate but not its message or operation, what was there instead. */
  readonly mismatched: Map<number, string>;
  /** The fine entries that have the same effects as what was applied to packets and to disks so far; empty unless recording. */
  recorded: (PacketIntervention | OperationIntervention)[];
  /** For each of these the places of the entries that caused it. */
  causes: (readonly number[])[];
  /** The entries that changed what is being decided; empty unless recording. */
  touched: number[];
}

/** Counts that an entry changed something. */
export function touch({ applied, touched }: InterventionsState, index: number, recording: boolean): void {
  (applied[index] as number)++;
  if (recording) touched.push(index);
}

/** Keeps the fine entry that does what was just decided, with those that caused it. */
export function keep(state: InterventionsState, ...entries: InterventionsState['recorded']): void {
  for (const entry of entries) {
    state.recorded.push(entry);
    state.causes.push([...new Set(state.touched)]);
  }
}

/** An entry that changed nothing, and why. */
export interface Unapplied {
  readonly index: number;
  readonly intervention: Intervention;
  readonly reason: string;
}

/**
 * The adversary of a run: applies a list of interventions to packets and to hosts, and records what that came to.
 *
 * Losses on a link are drawn from the packet's coordinate alone. So entries do not disturb each other, a lower rate loses a part of
 * what a higher one loses, and removing an entry leaves the fate of all other packets as it was.
 */
export class Interventions implements Adversary {
  readonly state: InterventionsState;
  /** Those about hosts and their disks. */
  readonly hosts: HostFaults;

  private readonly list: readonly Intervention[];
  private readonly draws: Draws;
  private readonly names: Names;
  private readonly nodes: readonly string[];
  private readonly recording: boolean;
  /** Places in the list of the entries for one direction between two nodes. */
  private readonly onLink = new Map<number, number[]>();
  /** Places in the list of the entries for one packet, by sender and ordinal. */
  private readonly onPacket = new Map<number, number[]>();

  constructor(world: {
    readonly interventions: readonly Intervention[];
    readonly draws: Draws;
    readonly names: Names;
    /** The names of all nodes, in the order of their numbers. */
    readonly nodes: readonly string[];
    /** Whether to keep, for each packet that an entry changed, the fine entry that does the same. */
    readonly recording: boolean;
  }) {
    this.list = world.interventions;
    this.draws = world.draws;
    this.names = world.names;
    this.nodes = world.nodes;
    this.recording = world.recording;
    this.state = { applied: this.list.map(() => 0), mismatched: new Map(), recorded: [], causes: [], touched: [] };
    for (const index of this.list.keys()) this.file(index);
    this.hosts = new HostFaults({ ...world, state: this.state });
  }

  /** Tells that an entry was put at the end of the list. */
  added(index: number): void {
    this.state.applied.push(0);
    this.file(index);
    this.hosts.added(index);
  }

  private file(index: number): void {
    const entry = this.list[index] as Intervention;
    if (isOnPacket(entry)) file(this.onPacket, entry.packet.ordinal * this.nodes.length + this.node(entry.packet.sender), index);
    else if ('from' in entry) file(this.onLink, this.node(entry.from) * this.nodes.length + this.node(entry.to), index);
  }

  /** Tells that an entry about an instant was carried out. */
  carriedOut(index: number): void {
    (this.state.applied[index] as number)++;
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
  ): PacketFate | undefined {
    const fine = this.onPacket.get(ordinal * this.nodes.length + source);
    const link = this.onLink.get(hopFrom * this.nodes.length + hopTo);
    // Between hosts that are no neighbours an entry means all their traffic this way; it is judged once, at the first link.
    const path =
      hop === 0 && destination !== hopTo && destination !== NOBODY
        ? this.onLink.get(source * this.nodes.length + destination)
        : undefined;
    if (fine === undefined && link === undefined && path === undefined) return undefined;

    if (this.recording) this.state.touched = [];
    let drop = false;
    let delay = 0;
    for (const index of fine ?? []) {
      const { kind, packet, ...entry } = this.list[index] as PacketIntervention & { readonly by?: Duration };
      if (packet.boot !== boot || packet.hop !== hop || packet.receiver !== this.nodes[hopTo]) continue;
      const message = this.names.text(word);
      if (packet.message !== message) {
        this.state.mismatched.set(index, `packet carried ${message}`);
        continue;
      }
      touch(this.state, index, this.recording);
      if (kind === 'packet-loss') drop = true;
      else delay += entry.by as Duration;
    }
    for (const index of [...(link ?? []), ...(path ?? [])]) {
      const entry = this.list[index] as OnLink;
      if (now < entry.at || now >= (entry.until ?? LAST_INSTANT)) continue;
      if (entry.kind === 'link-delay') {
        const more =
          entry.min +
          Math.floor(this.draws.fraction(source, boot, ordinal, hopTo, hop, Purpose.linkDelay) * (entry.max - entry.min + 1));
        if (more > 0) touch(this.state, index, this.recording);
        delay += more;
      } else if (
        entry.kind === 'link-cut' ||
        this.draws.fraction(source, boot, ordinal, hopTo, hop, Purpose.linkLoss) < entry.rate
      ) {
        touch(this.state, index, this.recording);
        drop = true;
      }
    }
    if (!drop && delay === 0) return undefined;
    if (this.recording) {
      const packet: Coordinate = {
        sender: this.nodes[source] as string,
        boot,
        ordinal,
        receiver: this.nodes[hopTo] as string,
        hop,
        message: this.names.text(word),
      };
      keep(this.state, drop ? { kind: 'packet-loss', packet } : { kind: 'packet-delay', packet, by: delay as Duration });
    }
    return drop ? { drop: true } : { delay: delay as Duration };
  }

  /** The list that repeats this run with every entry on a link or a disk replaced by what it did to single packets and operations. */
  recorded(): Intervention[] {
    assert(this.recording, 'this run was not recorded');
    const kept = this.list.flatMap((entry): Intervention[] => {
      if (isOnPacket(entry) || 'from' in entry) return [];
      if (entry.kind !== 'host-crash') return HostFaults.records(entry) ? [] : [entry];
      const { torn: _, ...crash } = entry;
      return [crash];
    });
    return [...kept, ...this.state.recorded];
  }

  /** For each entry, by its place, the fine ones that do the same; undefined for those that a recording keeps as they are. */
  refined(): (readonly Intervention[] | undefined)[] {
    const { recorded, causes } = this.state;
    return this.list.map((entry, index) =>
      isOnPacket(entry) || !('from' in entry || HostFaults.records(entry))
        ? undefined
        : recorded.filter((_, place) => causes[place]?.includes(index)),
    );
  }

  /** Which entries changed nothing, and why. */
  unapplied(): Unapplied[] {
    return this.list.flatMap((intervention, index) => {
      if ((this.state.applied[index] as number) > 0) return [];
      const other = this.state.mismatched.get(index);
      return [{ index, intervention, reason: other === undefined ? reasonFor(intervention) : `this ${other}` }];
    });
  }

  private node(name: string): number {
    const index = this.nodes.indexOf(name);
    assert(index >= 0, () => `an intervention names ${name}, which is no node`);
    return index;
  }
}

function reasonFor(entry: Intervention): string {
  if (isOnPacket(entry)) return 'this packet was never sent';
  if (entry.kind === 'torn-write') return 'no crash found this append unsynced';
  if (isOnOperation(entry)) return 'the disk was never asked for this';
  if ('from' in entry) return 'nothing crossed this link in that time';
  if (HostFaults.records(entry)) return 'the disk was asked for nothing that this changes in that time';
  if (entry.kind === 'cpu-delay') return 'nothing came for its processes in that time';
  if (entry.kind === 'corrupt-record') return 'there was no such record';
  return 'the host was down, or the run ended before';
}
