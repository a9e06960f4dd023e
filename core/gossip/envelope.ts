import type { Endpoint } from '../names.ts';
import type { Out, StreamId } from '../protocol.ts';
import type { Gossip } from './gossip.ts';
import type { Compound, GossipMessage, Plain, Sealed, Single } from './message.ts';
import { FRAME_OVERHEAD, labelSize, type SealVersion, sealedSize, sealOverhead } from './size.ts';

/*
 * What goes around messages: the seal of a key, and outermost the label that keeps clusters apart. A plain cluster without a label has
 * neither, and pays nothing for them.
 */

type GossipOut = Out<GossipMessage>;

/** The version of the seal: the first one, with padding, is only for those who speak protocol 1. */
const sealVersion = (g: Gossip): SealVersion => (g.self.versions[2] === 1 ? 0 : 1);

/** Whether packets from this node are sealed. */
const seals = (g: Gossip): boolean => g.state.keys !== undefined && g.config.gossipVerifyOutgoing;

/** Bytes of a packet that gossip leaves free for its envelope: also for a seal that it will not have while `gossipVerifyOutgoing` is off. */
export const gossipEnvelope = (g: Gossip): number =>
  labelSize(g.config.label) + (g.state.keys !== undefined ? sealOverhead(sealVersion(g)) : 0);

/** The same for what goes along with failure detection, which looks at what will really be done. */
export const alongEnvelope = (g: Gossip): number => labelSize(g.config.label) + (seals(g) ? sealOverhead(sealVersion(g)) : 0);

/**
 * Sends a datagram in its envelope: the one way out.
 *
 * @param bytes without the envelope
 * @returns false when the own host refused
 */
export function post(g: Gossip, to: Endpoint, message: Single | Compound, bytes: number, out: GossipOut): boolean {
  const { label } = g.config;
  if (label === '' && g.state.keys === undefined) return out.send(g.udp, to, message, bytes);
  const isSealed = seals(g);
  const content = isSealed ? seal(g, message) : message;
  const size = isSealed ? sealedSize(bytes, sealVersion(g)) : bytes;
  return out.send(g.udp, to, labelled(label, content), size + labelSize(label));
}

/** Transmits what one side of a stream says. Only the side that opened it says the label. */
export function postStream(g: Gossip, stream: StreamId, message: Plain, bytes: number, opener: boolean, out: GossipOut): void {
  const label = opener ? g.config.label : '';
  const isSealed = seals(g);
  const content = isSealed ? seal(g, message) : message;
  const size = isSealed ? FRAME_OVERHEAD + sealedSize(bytes, sealVersion(g)) : bytes;
  out.transmit(stream, labelled(label, content), size + labelSize(label));
}

const seal = (g: Gossip, message: Plain): Sealed => ({
  type: 'sealed',
  key: g.state.keys?.[0] as string,
  label: g.config.label,
  message,
});

const labelled = (label: string, message: Plain | Sealed): GossipMessage =>
  label === '' ? message : { type: 'labelled', label, message };

/** What was in an envelope, or why it was not opened. */
export type Opened = { readonly content: unknown; readonly problem?: undefined } | Refused;

export interface Refused {
  readonly problem: string;
  /** Whether the one who opened the stream is told. */
  readonly answered: boolean;
}

/** Whether a datagram may be anything else than a bare message to a node that expects bare ones. */
export function needsOpening({ state, config }: Gossip, message: GossipMessage): boolean {
  if (state.keys !== undefined || config.label !== '' || typeof message !== 'object' || message === null) return true;
  return message.type === 'sealed' || message.type === 'labelled';
}

/** Looks into the envelope of a datagram. @returns undefined when it was not to be opened, which the log is told */
export function openDatagram(g: Gossip, from: Endpoint, message: unknown, out: GossipOut): unknown {
  const { label, content } = unlabelled(message);
  const wrong = labelProblem(g, label, 'packet');
  if (wrong !== undefined) return refuse(g, wrong, from, out);
  if (g.state.keys === undefined) {
    if (!isSealed(content)) return content;
    // What the version of a seal is as the type of a message.
    return refuse(g, 'Failed to decode indirect ping request:', from, out);
  }
  if (opens(g, content)) return content.message;
  if (!g.config.gossipVerifyIncoming) return content;
  return refuse(g, `Decrypt packet failed: ${undeciphered(content)}`, from, out);
}

/** Looks into what came over a stream. @param opener whether the other side opened it, and so had to say the label */
export function openStreamed(g: Gossip, message: unknown, opener: boolean): Opened {
  const { label, content } = unlabelled(message);
  const wrong = opener ? labelProblem(g, label, 'stream') : undefined;
  if (wrong !== undefined) return { problem: wrong, answered: false };
  if (isSealed(content)) {
    if (g.state.keys === undefined) {
      return { problem: 'Remote state is encrypted and encryption is not configured', answered: true };
    }
    return opens(g, content) ? { content: content.message } : { problem: UNKNOWN_KEY, answered: true };
  }
  if (g.state.keys !== undefined && g.config.gossipVerifyIncoming) {
    return { problem: 'Encryption is configured but remote state is not encrypted', answered: true };
  }
  return { content };
}

const UNKNOWN_KEY = 'No installed keys could decrypt the message';

/** The type bytes that come first in a plain packet, where a sealed one has the version of its seal. */
const FIRST_BYTES: Readonly<Record<string, number>> = { ack: 2, suspect: 3, alive: 4, dead: 5, compound: 7, user: 8, nack: 11 };

function undeciphered(content: unknown): string {
  const { type } = (content ?? {}) as { readonly type?: unknown };
  const first = typeof type === 'string' && Object.hasOwn(FIRST_BYTES, type) ? FIRST_BYTES[type] : undefined;
  return first === undefined ? UNKNOWN_KEY : `Unsupported encryption version ${first}`;
}

/** Whether one of our keys is the one, and the label that was authenticated with it is ours. */
const opens = (g: Gossip, content: unknown): content is Sealed =>
  isSealed(content) && g.state.keys?.includes(content.key) === true && content.label === g.config.label;

function labelProblem(g: Gossip, label: string, what: 'packet' | 'stream'): string | undefined {
  if (g.config.skipInboundLabelCheck) return label === '' ? undefined : `unexpected double ${what} label header:`;
  return label === g.config.label ? undefined : `discarding ${what} with unacceptable label "${label}":`;
}

function refuse(g: Gossip, problem: string, from: Endpoint, out: GossipOut): undefined {
  out.log(`[ERR] memberlist: ${problem} from=${g.where(from)}`);
}

function unlabelled(message: unknown): { readonly label: string; readonly content: unknown } {
  if (typeof message !== 'object' || message === null) return { label: '', content: message };
  const { type, label, message: content } = message as Record<string, unknown>;
  return type === 'labelled' && typeof label === 'string' ? { label, content } : { label: '', content: message };
}

function isSealed(content: unknown): content is Sealed {
  if (typeof content !== 'object' || content === null) return false;
  const { type, key, label } = content as Record<string, unknown>;
  return type === 'sealed' && typeof key === 'string' && typeof label === 'string';
}
