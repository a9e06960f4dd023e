import { assert } from '../../core/assert.ts';
import type { Names } from '../../core/names.ts';
import type { Draws } from '../draws.ts';
import type { Topology } from '../network/topology.ts';
import { Entries } from './entries.ts';
import { HostFaults } from './host-faults.ts';
import { type Intervention, isOnPacket } from './intervention.ts';
import { comesToPackets, PacketFaults } from './packet-faults.ts';

/** An entry that changed nothing, and why. */
export interface Unapplied {
  readonly index: number;
  readonly intervention: Intervention;
  readonly reason: string;
}

/**
 * The adversary of a run: a list of interventions, who applies them to packets and to hosts, and what that came to.
 */
export class Interventions {
  readonly entries: Entries;
  readonly packets: PacketFaults;
  /** Those about hosts and their disks. */
  readonly hosts: HostFaults;

  private readonly list: readonly Intervention[];

  constructor(world: {
    readonly interventions: readonly Intervention[];
    readonly draws: Draws;
    readonly names: Names;
    /** The names of all nodes, in the order of their numbers. */
    readonly nodes: readonly string[];
    /** Whether to keep, for each packet that an entry changed, the fine entry that does the same. */
    readonly recording: boolean;
    /** Needed where an entry is about segments. */
    readonly topology?: Topology;
  }) {
    const { interventions, draws, names, nodes, recording, topology } = world;
    this.list = interventions;
    this.entries = new Entries(interventions, nodes, recording);
    this.packets = new PacketFaults(this.entries, { draws, names, nodes, topology });
    this.hosts = new HostFaults(this.entries, { draws, nodes });
  }

  /** To be called when an entry was replaced by another one. */
  replaced(): void {
    this.packets.restored();
    this.hosts.restored();
  }

  /** Tells that an entry was put at the end of the list. */
  added(index: number): void {
    this.entries.added();
    this.file(index);
  }

  /** Puts what an entry of the list came to among the others, as if it had been there from the start. @returns its place */
  resolve(entry: Intervention, of: number): number {
    const { entries } = this;
    const place = entries.resolve(entry, of);
    this.file(place);
    entries.decide();
    if (entries.recording) entries.state.touched.push(of);
    if (isKept(entry)) entries.record(entry);
    return place;
  }

  private file(place: number): void {
    this.packets.file(place);
    this.hosts.file(place);
  }

  /** The list that repeats this run with every entry on a link or a disk replaced by what it did to single packets and operations. */
  recorded(): Intervention[] {
    assert(this.entries.recording, 'this run was not recorded');
    return [...this.list.filter(isKept), ...this.entries.state.recorded];
  }

  /**
   * For each entry, by its place, the finer ones that do the same: of a strategy the blows that it came to, of others single packets and
   * operations; undefined for those that a recording has as they are.
   */
  refined(): (readonly Intervention[] | undefined)[] {
    const { recorded, causes, resolved } = this.entries.state;
    return this.list.map((entry, index) => {
      if (entry.kind === 'aimed') return resolved.filter(({ of }) => of === index).map((each) => each.entry);
      return isCoarse(entry) ? recorded.filter((_, place) => causes[place]?.includes(index)) : undefined;
    });
  }

  /** How often each entry of the list changed what happened to something. */
  applied(): readonly number[] {
    return this.entries.state.applied;
  }

  /** Which entries changed nothing, and why. */
  unapplied(): Unapplied[] {
    const { applied, mismatched } = this.entries.state;
    return this.list.flatMap((intervention, index) => {
      if ((applied[index] as number) > 0) return [];
      const other = mismatched.get(index);
      return [{ index, intervention, reason: other === undefined ? reasonFor(intervention) : `this ${other}` }];
    });
  }
}

/** Whether a recording has such an entry as it is: there is nothing finer that it comes to. */
const isKept = ({ kind }: Intervention): boolean => kind === 'cpu-delay' || kind === 'multicast-leak';

/** Whether there are finer ones that such an entry comes to. */
function isCoarse(entry: Intervention): boolean {
  if (isOnPacket(entry)) return false;
  if (comesToPackets(entry)) return true;
  const { kind } = entry;
  return kind.startsWith('disk-')
    ? kind !== 'disk-wipe'
    : kind === 'aimed' || kind === 'restart-storm' || kind === 'crash-at-write';
}

function reasonFor(entry: Intervention): string {
  switch (entry.kind) {
    case 'torn-write':
      return 'no crash found this append unsynced';
    case 'write-delay':
    case 'write-failure':
    case 'sync-lie':
    case 'write-crash':
      return 'the disk was never asked for this';
    case 'disk-stall':
    case 'disk-delay':
    case 'disk-full':
    case 'disk-error':
    case 'disk-lie':
    case 'crash-at-write':
      return 'the disk was asked for nothing that this changes in that time';
    case 'cpu-delay':
      return 'nothing came for its processes in that time';
    case 'corrupt-record':
      return 'there was no such record';
    case 'process-restart':
    case 'restart-storm':
    case 'signal':
      return 'no such program ran then';
    case 'multicast-leak':
      return 'nobody else would have heard what was sent to all on that segment in that time';
    case 'clock-drift':
      return 'its clock ran at this speed already, or the run ended before';
    case 'trunk-cut':
    case 'clock-jump':
    case 'disk-wipe':
      return 'the run ended before';
    case 'aimed':
      return entry.upon === undefined
        ? 'there was nobody to aim at'
        : 'that did not happen in that time, or there was nobody to aim at';
    default:
      if (isOnPacket(entry)) return 'this packet was never sent';
      if (comesToPackets(entry)) return 'nothing crossed these links in that time that this befell';
      return 'the host was down, or the run ended before';
  }
}
