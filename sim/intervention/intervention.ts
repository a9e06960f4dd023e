import { type Duration, formatDuration, formatInstant, type Instant } from '../../core/time.ts';

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
 * One thing that the adversary does to a run. A run is its scenario, its seed and a list of these; with an empty list the
 * world does only what the scenario's own distributions say.
 */
export type Intervention =
  | { readonly kind: 'packet-loss'; readonly packet: Coordinate }
  | { readonly kind: 'packet-delay'; readonly packet: Coordinate; readonly by: Duration }
  | ({ readonly kind: 'link-loss'; readonly rate: number } & OnLink)
  | ({ readonly kind: 'link-delay'; readonly min: Duration; readonly max: Duration } & OnLink)
  | ({ readonly kind: 'link-cut' } & OnLink)
  | { readonly kind: 'host-crash'; readonly host: string; readonly at: Instant; readonly until?: Instant };

/** The fine entries, which a recording puts in place of the coarse ones that caused them. */
export type PacketIntervention = Extract<Intervention, { packet: Coordinate }>;

export const isFine = (intervention: Intervention): intervention is PacketIntervention => 'packet' in intervention;

const during = (at: Instant, until: Instant | undefined): string =>
  `from ${formatInstant(at, 3)} s ${until === undefined ? 'on' : `to ${formatInstant(until, 3)} s`}`;

const packetName = ({ sender, boot, ordinal, receiver, hop, message }: Coordinate): string =>
  `packet ${ordinal} of ${sender}${boot === 0 ? '' : ` (boot ${boot})`} to ${receiver}${hop === 0 ? '' : ` at hop ${hop}`} (${message})`;

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
      return `${intervention.host} crashes at ${formatInstant(intervention.at, 3)} s${intervention.until === undefined ? '' : ` and boots at ${formatInstant(intervention.until, 3)} s`}`;
  }
}
