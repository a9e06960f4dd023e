import type { Address } from '../../core/address.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { Signal } from '../host/program.ts';

export { describeIntervention } from './words.ts';

/**
 * Names one crossing of one packet, whatever else happens in the run: adding a host, a fault or a probe elsewhere does
 * not change it.
 */
export interface Coordinate {
  readonly sender: string;
  /** How often the sender had booted before: 0 in its first life. */
  readonly boot: number;
  /** The packet's place among all packets that the sender originated since that boot, from 0. */
  readonly ordinal: number;
  readonly receiver: string;
  /** How many links it had crossed before this one. */
  readonly hop: number;
  /** The kind of message it carried when it was recorded: a guard against a run that has changed since. */
  readonly message: string;
}

/** A time. */
interface During {
  readonly at: Instant;
  /** The first instant at which it no longer holds; absent for the rest of the run. */
  readonly until?: Instant;
}

/** One direction of a link during a time. Between hosts that are not neighbours it means all their traffic this way. */
interface OnLink extends During {
  readonly from: string;
  readonly to: string;
}

/** Both directions between two machines during a time. */
interface Between extends During {
  readonly between: readonly [string, string];
}

/** Hosts in an order during a time. */
interface Among extends During {
  readonly hosts: readonly string[];
}

/** How much later, drawn for each. */
interface Later {
  readonly min: Duration;
  readonly max: Duration;
}

/**
 * Names one operation of one disk, whatever else happens in the run.
 */
export interface OperationCoordinate {
  readonly host: string;
  /** How often the host had booted before: 0 in its first life. */
  readonly boot: number;
  /** The operation's place among all that the disk was asked for since that boot, from 0. */
  readonly ordinal: number;
  /** What it was when it was recorded, `sync /var/lib/store/log`: a guard against a run that has changed since. */
  readonly does: string;
}

/** A host during a time. */
interface OnHost extends During {
  readonly host: string;
}

/** A host at one instant. */
interface AtHost {
  readonly host: string;
  readonly at: Instant;
}

/** The fine entries about packets, which a recording puts in place of the coarse ones that caused them. */
export type PacketIntervention =
  | { readonly kind: 'packet-loss'; readonly packet: Coordinate }
  | { readonly kind: 'packet-delay'; readonly packet: Coordinate; readonly by: Duration }
  /** A copy arrives, so much later than the link itself would bring it. */
  | { readonly kind: 'packet-duplicate'; readonly packet: Coordinate; readonly by: Duration }
  /** It arrives damaged, and its checksum gives it away. */
  | { readonly kind: 'packet-corrupt'; readonly packet: Coordinate }
  /** A datagram or message arrives at another machine, as if it had been sent there. */
  | { readonly kind: 'packet-misdelivery'; readonly packet: Coordinate; readonly to: string };

/** What happens to one direction of a link during a time. */
export type LinkIntervention =
  | ({ readonly kind: 'link-loss'; readonly rate: number } & OnLink)
  /** Losses that come together: as a segment's `burst`. */
  | ({ readonly kind: 'link-burst'; readonly enter: number; readonly leave: number; readonly rate: number } & OnLink)
  | ({ readonly kind: 'link-delay' } & Later & OnLink)
  /** A share of packets is held up, so that later ones overtake them. */
  | ({ readonly kind: 'link-reorder'; readonly rate: number } & Later & OnLink)
  /** Of a share of packets a copy comes later. */
  | ({ readonly kind: 'link-duplicate'; readonly rate: number } & Later & OnLink)
  | ({ readonly kind: 'link-corrupt'; readonly rate: number } & OnLink)
  /** A share of datagrams and messages arrives at another machine, as if it had been sent there. */
  | ({ readonly kind: 'link-misdelivery'; readonly rate: number; readonly instead: string } & OnLink)
  /** The bandwidth collapses to so many bits per second; what would have to wait behind more bytes than the queue takes is lost. */
  | ({ readonly kind: 'link-bandwidth'; readonly bandwidth: number; readonly queue: number } & OnLink)
  /** Larger frames vanish without a word, and so do larger whole messages. */
  | ({ readonly kind: 'link-mtu'; readonly mtu: number } & OnLink)
  | ({ readonly kind: 'link-cut' } & OnLink);

/** What carries nothing during a time: each is a set of cut directions, see `directionsOf`. */
export type PartitionIntervention =
  | ({ readonly kind: 'link-down' } & Between)
  /** Carries for a while, and then nothing for a while, both ways. */
  | ({ readonly kind: 'link-flap'; readonly up: Duration; readonly down: Duration } & Between)
  /** Groups that do not hear each other; who is in none of them keeps all links. */
  | ({ readonly kind: 'partition'; readonly groups: readonly (readonly string[])[] } & During)
  /** The first half of the hosts, the larger one, from the others. */
  | ({ readonly kind: 'partition-halves' } & Among)
  /** The last hosts, the most that are fewer than half, from the others. */
  | ({ readonly kind: 'partition-minority' } & Among)
  /** Each hears just a majority, its neighbours in a ring, and no two the same one. */
  | ({ readonly kind: 'partition-ring' } & Among)
  /** Two halves that both hear the host in the middle, and nobody else of the other half. */
  | ({ readonly kind: 'partition-bridge' } & Among)
  /** One from some others; `only` one way: what it sends (`out`), or what it is sent (`in`). */
  | ({ readonly kind: 'partition-alone'; readonly host: string; readonly only?: 'in' | 'out' } & Among)
  /** The machines on a segment, a VLAN, from those that are not on it. */
  | ({ readonly kind: 'partition-segment'; readonly segment: string } & During);

/** What happens to the network's own machinery during a time. */
export type FabricIntervention =
  /** The cable between two switches is cut. */
  | ({ readonly kind: 'trunk-cut'; readonly trunk: readonly [string, string] } & During)
  | ({ readonly kind: 'router-down'; readonly router: string } & During)
  /** Multicast and broadcast of one segment reach those of another, too. */
  | ({ readonly kind: 'multicast-leak'; readonly segments: readonly [from: string, to: string] } & During);

/** What happens to the disk of a host during a time. */
export type DiskIntervention =
  /** Nothing comes back: what is under way goes on when it is over. */
  | ({ readonly kind: 'disk-stall' } & OnHost)
  | ({ readonly kind: 'disk-delay' } & Later & OnHost)
  | ({ readonly kind: 'disk-full' } & OnHost)
  /** Operations fail with an error, and do nothing. */
  | ({ readonly kind: 'disk-error'; readonly rate: number } & OnHost)
  /** Syncs come back well and make nothing durable; a later honest one does. */
  | ({ readonly kind: 'disk-lie'; readonly rate: number } & OnHost);

/** What happens to one operation of a disk. */
export type OperationIntervention =
  | { readonly kind: 'write-delay'; readonly operation: OperationCoordinate; readonly by: Duration }
  | { readonly kind: 'write-failure'; readonly operation: OperationCoordinate; readonly outcome: 'full' | 'error' }
  | { readonly kind: 'sync-lie'; readonly operation: OperationCoordinate }
  /** An append that was not synced when the host crashed is on the disk, damaged, with all that was appended before it. */
  | { readonly kind: 'torn-write'; readonly operation: OperationCoordinate }
  /** The host loses power when the operation is about to come back: before it had any lasting effect, or `done`. */
  | {
      readonly kind: 'write-crash';
      readonly operation: OperationCoordinate;
      readonly done: boolean;
      /** How long until it boots again; absent for never. */
      readonly for?: Duration;
    };

/** What happens to a host at an instant, from then on, or for a time. */
export type HostIntervention =
  /** `torn`: of what was appended and not synced a part is on the disk, the last record of it damaged. */
  | ({ readonly kind: 'host-crash'; readonly torn?: boolean } & OnHost)
  /** It loses power, and boots with an empty disk. */
  | ({ readonly kind: 'crash-wipe' } & OnHost)
  /** It loses power when an operation of its disk is about to come back: the first of that time whose words begin with `does`, after some others. */
  | ({
      readonly kind: 'crash-at-write';
      readonly does?: string;
      /** How many such operations come back before. */
      readonly after?: number;
      /** Whether the operation has had its effect. */
      readonly done: boolean;
      /** How long until it boots again; absent for never. */
      readonly for?: Duration;
    } & OnHost)
  /** It loses power, and boots with another address in place of the first one that it has. */
  | ({ readonly kind: 'new-address'; readonly address: Address } & OnHost)
  | ({ readonly kind: 'host-pause' } & OnHost)
  /**
   * What comes for the processes of a host is taken later, in order: a busy CPU. With `only` that is what the network brings, and their
   * timers are on time, as when those parts of a program that read are starved.
   */
  | ({ readonly kind: 'cpu-delay'; readonly only?: 'network' } & Later & OnHost)
  | ({ readonly kind: 'process-restart'; readonly of?: string } & AtHost)
  /**
   * To all processes of the host, or those started by a command line that begins with `of`. With `until` the programs among them that have
   * ended by then are started again.
   */
  | ({ readonly kind: 'signal'; readonly signal: Signal; readonly of?: string } & OnHost)
  /** Programs of some hosts are killed and started again, again and again: one host after another, at equal distances. */
  | ({ readonly kind: 'restart-storm'; readonly every: Duration; readonly of?: string } & Among)
  /** Programs that have been started on a host and do not run any more are started again, and so is the host itself. */
  | ({ readonly kind: 'revive' } & AtHost)
  /** Somebody types a command line. */
  | ({ readonly kind: 'command'; readonly run: string } & AtHost)
  /** The wall clock is set. */
  | ({ readonly kind: 'clock-jump'; readonly by: number } & AtHost)
  /** The clock runs at another speed, in parts per million more than virtual time. */
  | ({ readonly kind: 'clock-drift'; readonly drift: number } & AtHost)
  | ({ readonly kind: 'disk-wipe' } & AtHost)
  /** A record of a file is damaged; counted from 0, or from the end when negative. */
  | ({ readonly kind: 'corrupt-record'; readonly file: string; readonly record: number } & AtHost);

/** Whom a blow is aimed at: found out at its instant. */
export const AIMS = ['leader', 'follower', 'newest', 'probed', 'suspected', 'subject'] as const;
export type Aim = (typeof AIMS)[number];

/** What a blow may wait for; whom it happens to is its `subject`. */
export const MOMENTS = ['election', 'campaign', 'vote', 'commit', 'snapshot', 'change', 'suspicion', 'start'] as const;
export type Moment = (typeof MOMENTS)[number];

/** What can be done to whoever is aimed at: an entry about a host, without the host and the times, or about its links. */
export type Blow =
  | {
      [K in HostIntervention['kind'] | DiskIntervention['kind'] | 'partition-alone']: Omit<
        Extract<HostIntervention | DiskIntervention | PartitionIntervention, { readonly kind: K }>,
        'host' | 'at' | 'until'
      >;
    }[Exclude<HostIntervention['kind'] | DiskIntervention['kind'] | 'partition-alone', 'restart-storm' | 'new-address'>]
  | LinkBlow;

/** All that a host sends to some others (`out`), or all that it is sent by them (`in`). */
export type LinkBlow = {
  [K in (typeof LINK_BLOWS)[number]]: Omit<Extract<LinkIntervention, { readonly kind: K }>, 'from' | 'to' | 'at' | 'until'> & {
    readonly hosts: readonly string[];
    readonly only: 'in' | 'out';
  };
}[(typeof LINK_BLOWS)[number]];

/** What befalls links and may be aimed. */
export const LINK_BLOWS = ['link-loss', 'link-delay', 'link-reorder', 'link-duplicate', 'link-corrupt'] as const;

export const isLinkBlow = (blow: Blow): blow is LinkBlow => blow.kind.startsWith('link-');

/** A strategy: a blow at a host that has a part in what goes on. A recording has what it came to instead. */
export interface AimedIntervention extends During {
  readonly kind: 'aimed';
  readonly aim: Aim;
  readonly does: Blow;
  /** Instead of at once: when this next happens, and so much later. */
  readonly upon?: Moment;
  readonly after?: Duration;
}

/**
 * One thing that the adversary does to a run. A run is its scenario, its seed and a list of these; with an empty list the
 * world does only what the scenario's own distributions say.
 */
export type Intervention =
  | PacketIntervention
  | LinkIntervention
  | PartitionIntervention
  | FabricIntervention
  | DiskIntervention
  | OperationIntervention
  | HostIntervention
  | AimedIntervention;

export const isOnPacket = (intervention: Intervention): intervention is PacketIntervention => 'packet' in intervention;
export const isOnOperation = (intervention: Intervention): intervention is OperationIntervention => 'operation' in intervention;
export const isOnLink = (intervention: Intervention): intervention is LinkIntervention => 'from' in intervention;
