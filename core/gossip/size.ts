/*
 * What messages take on the wire, without encoding them: the type byte and a msgpack map whose keys are the field names of
 * memberlist. Strings and byte strings use msgpack's old raw family, and so have one form.
 */

/** Which signed integers an agent writes: memberlist before 0.3 as unsigned ones, later ones as signed from 128 on. */
export type Dialect = 'old' | 'new';

/** A string or byte string of so many bytes. */
export const rawSize = (bytes: number): number => bytes + (bytes < 32 ? 1 : bytes < 65_536 ? 3 : 5);

export const NIL_SIZE = 1;

/** An unsigned integer. */
export function unsignedSize(value: number): number {
  if (value < 128) return 1;
  if (value < 256) return 2;
  if (value < 65_536) return 3;
  return value < 4_294_967_296 ? 5 : 9;
}

/** A signed integer that is not negative. */
export function signedSize(value: number, dialect: Dialect): number {
  if (dialect === 'old') return unsignedSize(value);
  if (value < 128) return 1;
  if (value < 32_768) return 3;
  return value < 2_147_483_648 ? 5 : 9;
}

/** The header of an array or map of so many entries. */
export const countSize = (entries: number): number => (entries < 16 ? 1 : entries < 65_536 ? 3 : 5);

/** Bytes of a text in UTF-8. */
export function textBytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes.
    if (unit >= 0x80) bytes += unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
  }
  return bytes;
}

/** A text as a msgpack string. */
export const textSize = (text: string): number => rawSize(textBytes(text));

/** @param node the name that is pinged · @param self the pinging one · both as {@link textSize} */
export const pingSize = (sequence: number, node: number, addressBytes: number, port: number, self: number): number =>
  46 + unsignedSize(sequence) + node + rawSize(addressBytes) + unsignedSize(port) + self;

/** A ping without its source, as minimal clients send it. */
export const barePingSize = (sequence: number, node: number): number => 13 + unsignedSize(sequence) + node;

/** What an indirect ping says: the target, and whom to answer. Names as {@link textSize}. */
export interface IndirectPingParts {
  readonly sequence: number;
  readonly targetBytes: number;
  readonly targetPort: number;
  readonly node: number;
  readonly sourceBytes: number;
  readonly sourcePort: number;
  readonly self: number;
}

export const indirectPingSize = (p: IndirectPingParts): number =>
  64 +
  unsignedSize(p.sequence) +
  rawSize(p.targetBytes) +
  unsignedSize(p.targetPort) +
  p.node +
  rawSize(p.sourceBytes) +
  unsignedSize(p.sourcePort) +
  p.self;

/** @param payload bytes of the payload, undefined for none */
export const ackSize = (sequence: number, payload?: number): number =>
  16 + unsignedSize(sequence) + (payload === undefined ? NIL_SIZE : rawSize(payload));

export const nackSize = (sequence: number): number => 8 + unsignedSize(sequence);

/** A suspect or dead message. Names as {@link textSize}. */
export const accusationSize = (incarnation: number, node: number, from: number): number =>
  24 + unsignedSize(incarnation) + node + from;

/** @param node as {@link textSize} */
export const aliveSize = (incarnation: number, node: number, addressBytes: number, port: number, metaBytes: number): number =>
  45 + unsignedSize(incarnation) + node + rawSize(addressBytes) + unsignedSize(port) + rawSize(metaBytes);

export const pushPullHeaderSize = (nodes: number, userBytes: number, dialect: Dialect): number =>
  27 + signedSize(nodes, dialect) + signedSize(userBytes, dialect);

/** One record of a push/pull. @param node as {@link textSize} */
export const pushPullNodeSize = (
  incarnation: number,
  node: number,
  addressBytes: number,
  port: number,
  metaBytes: number,
): number => 51 + node + rawSize(addressBytes) + unsignedSize(port) + rawSize(metaBytes) + unsignedSize(incarnation);

/** What precedes an application's message on a stream. */
export const userHeaderSize = (bytes: number, dialect: Dialect): number => 13 + signedSize(bytes, dialect);

/** Why a request over a stream could not be read. @param text as {@link textSize} */
export const errorSize = (text: number): number => 8 + text;

/** A seal without padding, or one that pads to blocks of 16 bytes. */
export type SealVersion = 0 | 1;

/** What a seal adds: version, nonce and tag, and up to a block of padding. What packets leave free for it. */
export const sealOverhead = (version: SealVersion): number => (version === 1 ? 29 : 45);

/** A sealed message of so many bytes. */
export const sealedSize = (bytes: number, version: SealVersion): number =>
  version === 1 ? 29 + bytes : 29 + 16 * (Math.floor(bytes / 16) + 1);

/** Type byte and length before something sealed on a stream. */
export const FRAME_OVERHEAD = 5;

/** A label and its header. */
export const labelSize = (label: string): number => (label === '' ? 0 : 2 + textBytes(label));

/** Type byte and number of parts. */
export const COMPOUND_HEADER = 2;
/** A packet of more has no count that says so. */
export const MOST_PARTS = 255;
/** Each part's length. */
export const COMPOUND_OVERHEAD = 2;
/** Type byte of an application's message in a datagram. */
export const USER_OVERHEAD = 1;
/** Type byte and checksum around a datagram to a member that understands it (pmax of 5). */
export const CRC_OVERHEAD = 5;
