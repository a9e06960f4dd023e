import { formatAddress } from '../../core/address.ts';
import { type Duration, formatDuration, formatInstant, type Instant } from '../../core/time.ts';
import type { AimedIntervention, Blow, Coordinate, Intervention, Moment, OperationCoordinate } from './intervention.ts';

/** An intervention in words, as reports and the list of faults show it. */
export function describeIntervention(intervention: Intervention): string {
  switch (intervention.kind) {
    case 'packet-loss':
      return `${packetName(intervention.packet)} is lost`;
    case 'packet-delay':
      return `${packetName(intervention.packet)} is ${formatDuration(intervention.by)} late`;
    case 'packet-duplicate':
      return `${packetName(intervention.packet)} comes again ${formatDuration(intervention.by)} later`;
    case 'packet-corrupt':
      return `${packetName(intervention.packet)} is damaged`;
    case 'packet-misdelivery':
      return `${packetName(intervention.packet)} comes to ${intervention.to} instead`;
    case 'link-loss':
      return `${link(intervention)} loses ${percent(intervention.rate)} ${during(intervention)}`;
    case 'link-burst':
      return `${link(intervention)} loses ${percent(intervention.rate)} in bad times ${during(intervention)}`;
    case 'link-delay':
      return `${link(intervention)} is ${range(intervention)} slower ${during(intervention)}`;
    case 'link-reorder':
      return `${link(intervention)} holds up ${percent(intervention.rate)} by ${range(intervention)} ${during(intervention)}`;
    case 'link-duplicate':
      return `${link(intervention)} brings ${percent(intervention.rate)} again ${range(intervention)} later ${during(intervention)}`;
    case 'link-corrupt':
      return `${link(intervention)} damages ${percent(intervention.rate)} ${during(intervention)}`;
    case 'link-misdelivery':
      return `${link(intervention)} brings ${percent(intervention.rate)} to ${intervention.instead} instead ${during(intervention)}`;
    case 'link-bandwidth':
      return `${link(intervention)} carries ${intervention.bandwidth} bits per second ${during(intervention)}`;
    case 'link-mtu':
      return `${link(intervention)} swallows what is larger than ${intervention.mtu} bytes ${during(intervention)}`;
    case 'link-cut':
      return `${link(intervention)} is cut ${during(intervention)}`;
    case 'link-down':
      return `${intervention.between.join(' ↔ ')} is cut ${during(intervention)}`;
    case 'link-flap':
      return `${intervention.between.join(' ↔ ')} carries for ${formatDuration(intervention.up)} and not for ${formatDuration(intervention.down)} ${during(intervention)}`;
    case 'partition':
      return `${intervention.groups.map((group) => group.join(' ')).join(' | ')} are parted ${during(intervention)}`;
    case 'partition-halves':
      return `${intervention.hosts.join(' ')} are parted in halves ${during(intervention)}`;
    case 'partition-minority':
      return `the last of ${intervention.hosts.join(' ')}, a minority, are parted from the others ${during(intervention)}`;
    case 'partition-ring':
      return `each of ${intervention.hosts.join(' ')} hears just a majority of them ${during(intervention)}`;
    case 'partition-bridge':
      return `${intervention.hosts.join(' ')} are parted in halves that both hear the one in the middle ${during(intervention)}`;
    case 'partition-alone':
      return `${intervention.host} ${aloneness(intervention.only)} ${intervention.hosts.join(' ')} ${during(intervention)}`;
    case 'partition-segment':
      return `segment ${intervention.segment} is parted from the others ${during(intervention)}`;
    case 'trunk-cut':
      return `the trunk ${intervention.trunk.join(' – ')} is cut ${during(intervention)}`;
    case 'router-down':
      return `router ${intervention.router} is down ${during(intervention)}`;
    case 'multicast-leak':
      return `multicast leaks from segment ${intervention.segments.join(' to ')} ${during(intervention)}`;
    case 'write-delay':
      return `${operationName(intervention.operation)} is ${formatDuration(intervention.by)} late`;
    case 'write-failure':
      return `${operationName(intervention.operation)} ends as ${intervention.outcome}`;
    case 'sync-lie':
      return `${operationName(intervention.operation)} makes nothing durable`;
    case 'torn-write':
      return `${operationName(intervention.operation)} is torn by the next crash`;
    case 'write-crash':
      return `${intervention.operation.host} crashes ${intervention.done ? 'after' : 'at'} ${operationName(intervention.operation)}${booting(intervention.for)}`;
    case 'restart-storm':
      return `${intervention.of ?? 'every program'} on ${intervention.hosts.join(', ')} is started again one after another, every ${formatDuration(intervention.every)} ${during(intervention)}`;
    case 'process-restart':
      return `${intervention.of ?? 'every program'} on ${intervention.host} is started again ${at(intervention.at)}`;
    case 'revive':
      return `what runs no longer on ${intervention.host} is started again ${at(intervention.at)}`;
    case 'command':
      return `somebody types ${intervention.run} on ${intervention.host} ${at(intervention.at)}`;
    case 'clock-jump':
      return `the wall clock of ${intervention.host} is set ${formatDuration(Math.abs(intervention.by) as Duration)} ${intervention.by < 0 ? 'back' : 'forward'} ${at(intervention.at)}`;
    case 'clock-drift':
      return `the clock of ${intervention.host} drifts by ${intervention.drift} ppm from ${formatInstant(intervention.at, 3)} s on`;
    case 'disk-wipe':
      return `${intervention.host} gets an empty disk ${at(intervention.at)}`;
    case 'corrupt-record':
      return `record ${intervention.record} of ${intervention.file} on ${intervention.host} is damaged ${at(intervention.at)}`;
    case 'aimed':
      return aimed(intervention);
    case 'host-crash':
      return `${intervention.host} crashes${intervention.torn === true ? ' in the middle of its writes' : ''} ${at(intervention.at)}${boots(intervention.until)}`;
    case 'crash-wipe':
      return `${intervention.host} crashes and loses its disk ${at(intervention.at)}${boots(intervention.until)}`;
    case 'crash-at-write':
      return `${intervention.host} crashes ${intervention.done ? 'after' : 'at'} ${(intervention.after ?? 0) === 0 ? 'the first' : `number ${(intervention.after as number) + 1}`} of the operations${intervention.does === undefined ? '' : ` ${intervention.does}`} of its disk ${during(intervention)}${booting(intervention.for)}`;
    case 'new-address':
      return `${intervention.host} crashes ${at(intervention.at)}${intervention.until === undefined ? '' : ` and boots ${at(intervention.until)} as ${formatAddress(intervention.address)}`}`;
    case 'signal':
      return `${intervention.of ?? 'everything'} on ${intervention.host} gets SIG${intervention.signal} ${at(intervention.at)}${intervention.until === undefined ? '' : ` and is started again ${at(intervention.until)}`}`;
    case 'host-pause':
      return `processes of ${intervention.host} stand still ${during(intervention)}`;
    case 'cpu-delay':
      return `processes of ${intervention.host} ${intervention.only === 'network' ? 'read' : 'are'} ${range(intervention)} late ${during(intervention)}`;
    case 'disk-stall':
      return `the disk of ${intervention.host} stands still ${during(intervention)}`;
    case 'disk-delay':
      return `the disk of ${intervention.host} is ${range(intervention)} slower ${during(intervention)}`;
    case 'disk-full':
      return `the disk of ${intervention.host} is full ${during(intervention)}`;
    case 'disk-error':
      return `the disk of ${intervention.host} fails ${percent(intervention.rate)} of its operations ${during(intervention)}`;
    case 'disk-lie':
      return `the disk of ${intervention.host} only says to have synced, ${percent(intervention.rate)} of times, ${during(intervention)}`;
  }
}

const during = ({ at, until }: { readonly at: Instant; readonly until?: Instant }): string =>
  `from ${formatInstant(at, 3)} s ${until === undefined ? 'on' : `to ${formatInstant(until, 3)} s`}`;

const at = (instant: Instant): string => `at ${formatInstant(instant, 3)} s`;

const boots = (until: Instant | undefined): string => (until === undefined ? '' : ` and boots ${at(until)}`);
const booting = (after: Duration | undefined): string => (after === undefined ? '' : ` and boots ${formatDuration(after)} later`);

const packetName = ({ sender, boot, ordinal, receiver, hop, message }: Coordinate): string =>
  `packet ${ordinal} of ${sender}${boot === 0 ? '' : ` (boot ${boot})`} to ${receiver}${hop === 0 ? '' : ` at hop ${hop}`} (${message})`;

const operationName = ({ host, boot, ordinal, does }: OperationCoordinate): string =>
  `operation ${ordinal} of the disk of ${host}${boot === 0 ? '' : ` (boot ${boot})`} (${does})`;

const link = ({ from, to }: { readonly from: string; readonly to: string }): string => `${from} → ${to}`;

const range = ({ min, max }: { readonly min: Duration; readonly max: Duration }): string =>
  min === max ? formatDuration(min) : `${formatDuration(min)} to ${formatDuration(max)}`;

const percent = (rate: number): string => `${Number((rate * 100).toPrecision(6))} %`;

const aloneness = (only: 'in' | 'out' | undefined): string =>
  only === undefined ? 'is parted from' : only === 'in' ? 'hears nothing from' : 'is not heard by';

/** What waits, for people. */
const UPON: Readonly<Record<Moment, string>> = {
  election: 'a leader is elected',
  campaign: 'somebody campaigns',
  vote: 'somebody votes',
  commit: 'a leader commits',
  snapshot: 'somebody makes a snapshot',
  change: 'voters change',
  suspicion: 'somebody is suspected',
  start: 'a program starts',
};

function aimed({ aim, does, upon, after, ...times }: AimedIntervention): string {
  const whom = aim === 'subject' ? 'whoever that is' : aim === 'newest' ? 'the newest member' : `the ${aim}`;
  const when =
    upon === undefined ? '' : `, when ${UPON[upon]}${after === undefined ? '' : ` and ${formatDuration(after)} later`}`;
  return `${blow(does)} at ${whom}${when}, ${during(times)}`;
}

/** A blow by its kind and what it says besides: `link-delay (min 5, max 9)`. */
function blow({ kind, ...rest }: Blow): string {
  const more = Object.entries(rest).map(([key, value]) => `${key} ${inWords(key, value)}`);
  return more.length === 0 ? kind : `${kind} (${more.join(', ')})`;
}

function inWords(key: string, value: unknown): string {
  if (Array.isArray(value)) return value.join(' ');
  return TIMES.includes(key) && typeof value === 'number' ? formatDuration(value as Duration) : String(value);
}

/** Keys of a blow that are times. */
const TIMES: readonly string[] = ['min', 'max', 'for'];
