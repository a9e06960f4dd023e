import type { Address } from '../address.ts';

/** A record of a multicast DNS answer (RFC 1035 §3.2, RFC 2782). All live for 120 s. */
export type DnsRecord =
  | { readonly type: 'PTR'; readonly name: string; readonly target: string }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'A'; readonly name: string; readonly address: Address }
  | { readonly type: 'TXT'; readonly name: string; readonly text: string };

/** What is asked and answered: DNS messages with one question, or with answers alone. */
export type DnsMessage =
  | { readonly type: 'mdns query'; readonly question: string }
  | { readonly type: 'mdns response'; readonly answers: readonly DnsRecord[] };

/** Bytes of the header (RFC 1035 §4.1.1), of type and class of a question, and of type, class, TTL and length of a record. */
const HEADER = 12;
const QUESTION_FIELDS = 4;
const RECORD_FIELDS = 10;
const POINTER = 2;
/** Priority, weight and port. */
const SRV_FIELDS = 6;
const ADDRESS_BYTES = 4;

/** Bytes of a question for one name, as UDP carries it. */
export const querySize = (question: string): number => HEADER + nameSize(question, new Set()) + QUESTION_FIELDS;

/**
 * Bytes of an answer. What was written of a name before is pointed at (RFC 1035 §4.1.4), except from an SRV record, whose target is
 * always written out (RFC 2782).
 */
export function responseSize(answers: readonly DnsRecord[]): number {
  const written = new Set<string>();
  let bytes = HEADER;
  for (const record of answers) bytes += nameSize(record.name, written) + RECORD_FIELDS + dataSize(record, written);
  return bytes;
}

function dataSize(record: DnsRecord, written: Set<string>): number {
  switch (record.type) {
    case 'PTR':
      return nameSize(record.target, written);
    case 'SRV': {
      // Later names may point at it.
      const size = nameSize(record.target, new Set());
      nameSize(record.target, written);
      return SRV_FIELDS + size;
    }
    case 'A':
      return ADDRESS_BYTES;
    case 'TXT':
      return 1 + utf8Size(record.text);
  }
}

/** Each label costs a byte more than its text; the end is an empty label, or a pointer to what was written before. */
function nameSize(name: string, written: Set<string>): number {
  const labels = name.split('.').filter((label) => label !== '');
  let bytes = 0;
  for (const [i, label] of labels.entries()) {
    const rest = labels.slice(i).join('.');
    if (written.has(rest)) return bytes + POINTER;
    written.add(rest);
    bytes += 1 + utf8Size(label);
  }
  return bytes + 1;
}

function utf8Size(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    bytes += point < 0x80 ? 1 : point < 0x8_00 ? 2 : point < 0x1_00_00 ? 3 : 4;
  }
  return bytes;
}

/** Anything may arrive at an open port; what is no message of this form is dropped. */
export function isDnsMessage(value: unknown): value is DnsMessage {
  if (!isRecordLike(value)) return false;
  if (value.type === 'mdns query') return typeof value.question === 'string';
  // Spread, so that a hole is seen as what it is.
  return value.type === 'mdns response' && Array.isArray(value.answers) && [...value.answers].every(isDnsRecord);
}

function isDnsRecord(value: unknown): boolean {
  if (!isRecordLike(value) || typeof value.name !== 'string') return false;
  switch (value.type) {
    case 'PTR':
      return typeof value.target === 'string';
    case 'SRV':
      return typeof value.target === 'string' && isWhole(value.port, 0xff_ff);
    case 'A':
      return isWhole(value.address, 0xff_ff_ff_ff);
    case 'TXT':
      return typeof value.text === 'string';
    default:
      return false;
  }
}

const isRecordLike = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isWhole = (value: unknown, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
