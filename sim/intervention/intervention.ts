import { type Duration, formatDuration, formatInstant, type Instant } from '../../core/time.ts';
import type { Signal } from '../host/program.ts';

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

/** One direction of a link during a time. Between hosts that are not neighbours it means all their traffic this way. */
interface OnLink {
  readonly from: string;
  readonly to: string;
  readonly at: Instant;
  /** The first instant at which it no longer holds; absent for the rest of the run. */
  readonly until?: Instant;
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
interface OnHost {
  readonly host: string;
  readonly at: Instant;
  /** The first instant at which it no longer holds; absent for the rest of the run. */
  readonly until?: Instant;
}

/** A host at one instant. */
interface AtHost {
  readonly host: string;
  readonly at: Instant;
}

/** What happens to the disk of a host during a time. */
export type DiskIntervention =
  /** Nothing comes back: what is under way goes on when it is over. */
  | ({ readonly kind: 'disk-stall' } & OnHost)
  | ({ readonly kind: 'disk-delay'; readonly min: Duration; readonly max: Duration } & OnHost)
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

/** What happens to a host at an instant, or from then on. */
export type HostIntervention =
  | ({ readonly kind: 'host-pause' } & OnHost)
  | ({ readonly kind: 'process-restart'; readonly of?: string } & AtHost)
  /** The wall clock is set. */
  | ({ readonly kind: 'clock-jump'; readonly by: number } & AtHost)
  /** The clock runs at another speed, in parts per million more than virtual time. */
  | ({ readonly kind: 'clock-drift'; readonly drift: number } & AtHost)
  | ({ readonly kind: 'disk-wipe' } & AtHost)
  /** Somebody types a command line. */
  | ({ readonly kind: 'command'; readonly run: string } & AtHost)
  /** To all processes of the host, or those started by a command line that begins with `of`. */
  | ({ readonly kind: 'signal'; readonly signal: Signal; readonly of?: string } & AtHost)
  /** A record of a file is damaged; counted from 0, or from the end when negative. */
  | ({ readonly kind: 'corrupt-record'; readonly file: string; readonly record: number } & AtHost);

/**
 * One thing that the adversary does to a run. A run is its scenario, its seed and a list of these; with an empty list the
 * world does only what the scenario's own distributions say.
 */
export type Intervention =
  | { readonly kind: 'packet-loss'; readonly packet: Coordinate }
  | { readonly kind: 'packet-delay'; readonly packet: Coordinate; readonly by: Duration }
  | ({ readonly kind: 'link-loss'; readonly rate: number } & OnLink)
  | ({ readonly kind: 'link-delay'; readonly min: Duration; readonly max: Duration } & OnLink)
  | ({ readonly kind: 'link-cut' } & OnLink)
  /** `torn`: of what was appended and not synced a part is on the disk, the last record of it damaged. */
  | ({ readonly kind: 'host-crash'; readonly torn?: boolean } & OnHost)
  /**
   * What comes for the processes of a host is taken later, in order: a busy CPU. With `only` that is what the network brings, and their
   * timers are on time, as when those parts of a program that read are starved.
   */
  | ({ readonly kind: 'cpu-delay'; readonly min: Duration; readonly max: Duration; readonly only?: 'network' } & OnHost)
  | DiskIntervention
  | OperationIntervention
  | HostIntervention;

/** The fine entries about packets, which a recording puts in place of the coarse ones that caused them. */
export type PacketIntervention = Extract<Intervention, { packet: Coordinate }>;

export const isOnPacket = (intervention: Intervention): intervention is PacketIntervention => 'packet' in intervention;
export const isOnOperation = (intervention: Intervention): intervention is OperationIntervention => 'operation' in intervention;

const during = (at: Instant, until: Instant | undefined): string =>
  `from ${formatInstant(at, 3)} s ${until === undefined ? 'on' : `to ${formatInstant(until, 3)} s`}`;

const at = (instant: Instant): string => `at ${formatInstant(instant, 3)} s`;

const packetName = ({ sender, boot, ordinal, receiver, hop, message }: Coordinate): string =>
  `packet ${ordinal} of ${sender}${boot === 0 ? '' : ` (boot ${boot})`} to ${receiver}${hop === 0 ? '' : ` at hop ${hop}`} (${message})`;

const operationName = ({ host, boot, ordinal, does }: OperationCoordinate): string =>
  `operation ${ordinal} of the disk of ${host}${boot === 0 ? '' : ` (boot ${boot})`} (${does})`;

const percent = (rate: number): string => `${rate * 100} %`;

/** An intervention in words, as reports and the list of faults show it. */
export function describeIntervention(intervention: Intervention): string {
  switch (intervention.kind) {
    case 'packet-loss':
      return `${packetName(intervention.packet)} is lost`;
    case 'packet-delay':
      return `${packetName(intervention.packet)} is ${formatDuration(intervention.by)} late`;
    case 'link-loss':
      return `${intervention.from} → ${intervention.to} loses ${intervention.rate * 100} % ${during(intervention.at, intervention.until)}`;
    case 'link-delay':
      return `${intervention.from} → ${intervention.to} is ${formatDuration(intervention.min)} to ${formatDuration(intervention.max)} slower ${during(intervention.at, intervention.until)}`;
    case 'link-cut':
      return `${intervention.from} → ${intervention.to} is cut ${during(intervention.at, intervention.until)}`;
    case 'host-crash':
      return `${intervention.host} crashes${intervention.torn === true ? ' in the middle of its writes' : ''} ${at(intervention.at)}${intervention.until === undefined ? '' : ` and boots ${at(intervention.until)}`}`;
    case 'cpu-delay':
      return `processes of ${intervention.host} ${intervention.only === 'network' ? 'read' : 'are'} ${formatDuration(intervention.min)} to ${formatDuration(intervention.max)} late ${during(intervention.at, intervention.until)}`;
    case 'disk-stall':
      return `the disk of ${intervention.host} stands still ${during(intervention.at, intervention.until)}`;
    case 'disk-delay':
      return `the disk of ${intervention.host} is ${formatDuration(intervention.min)} to ${formatDuration(intervention.max)} slower ${during(intervention.at, intervention.until)}`;
    case 'disk-full':
      return `the disk of ${intervention.host} is full ${during(intervention.at, intervention.until)}`;
    case 'disk-error':
      return `the disk of ${intervention.host} fails ${percent(intervention.rate)} of its operations ${during(intervention.at, intervention.until)}`;
    case 'disk-lie':
      return `the disk of ${intervention.host} only says to have synced, ${percent(intervention.rate)} of times, ${during(intervention.at, intervention.until)}`;
    case 'write-delay':
      return `${operationName(intervention.operation)} is ${formatDuration(intervention.by)} late`;
    case 'write-failure':
      return `${operationName(intervention.operation)} ends as ${intervention.outcome}`;
    case 'sync-lie':
      return `${operationName(intervention.operation)} makes nothing durable`;
    case 'torn-write':
      return `${operationName(intervention.operation)} is torn by the next crash`;
    case 'write-crash':
      return `${intervention.operation.host} crashes ${intervention.done ? 'after' : 'at'} ${operationName(intervention.operation)}${intervention.for === undefined ? '' : ` and boots ${formatDuration(intervention.for)} later`}`;
    case 'host-pause':
      return `processes of ${intervention.host} stand still ${during(intervention.at, intervention.until)}`;
    case 'process-restart':
      return `${intervention.of ?? 'every program'} on ${intervention.host} is started again ${at(intervention.at)}`;
    case 'clock-jump':
      return `the wall clock of ${intervention.host} is set ${formatDuration(Math.abs(intervention.by) as Duration)} ${intervention.by < 0 ? 'back' : 'forward'} ${at(intervention.at)}`;
    case 'clock-drift':
      return `the clock of ${intervention.host} drifts by ${intervention.drift} ppm from ${formatInstant(intervention.at, 3)} s on`;
    case 'command':
      return `somebody types ${intervention.run} on ${intervention.host} ${at(intervention.at)}`;
    case 'signal':
      return `${intervention.of ?? 'everything'} on ${intervention.host} gets SIG${intervention.signal} ${at(intervention.at)}`;
    case 'disk-wipe':
      return `${intervention.host} gets an empty disk ${at(intervention.at)}`;
    case 'corrupt-record':
      return `record ${intervention.record} of ${intervention.file} on ${intervention.host} is damaged ${at(intervention.at)}`;
  }
}
