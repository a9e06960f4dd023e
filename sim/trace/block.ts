import { assert } from '../../core/assert.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { crc32 } from './crc.ts';
import { BLOCK_MARK, Flag, FORMAT_VERSION, HEAD_BYTES, MAGIC, MAX_BODY, MAX_EXPANSION, PREFIX_BYTES } from './format.ts';

/** Raw deflate (RFC 1951) of a whole body. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

/**
 * Undoes `Deflate`. May throw or reject on damaged bytes, and must not produce much more than `expanded` bytes: with Node's zlib that
 * is `maxOutputLength`, with a DecompressionStream one stops reading.
 */
export type Inflate = (bytes: Uint8Array, expanded: number) => Promise<Uint8Array> | Uint8Array;

/** The first bytes of a block. */
export interface Head {
  readonly type: number;
  readonly deflated: boolean;
  /** Bytes of the body in the file. */
  readonly stored: number;
  /** Bytes of the body as it was written, which is what `crc` is of. */
  readonly expanded: number;
  readonly crc: number;
}

function encodeHead(out: ByteWriter, head: Head): void {
  const start = out.length;
  out.u32(BLOCK_MARK);
  out.u8(head.type);
  out.u8(head.deflated ? Flag.deflated : 0);
  out.u16(0);
  out.u32(head.stored);
  out.u32(head.expanded);
  out.u32(head.crc);
  out.u32(crc32(out.bytes.subarray(start, out.length)));
}

/** A writer for the body of a block, with room for the head before it. */
export function startBody(out: ByteWriter = new ByteWriter(4096)): ByteWriter {
  out.length = HEAD_BYTES;
  return out;
}

/** The body so far. */
export const bodyOf = (out: ByteWriter): Uint8Array => out.bytes.subarray(HEAD_BYTES, out.length);

/**
 * Makes a block of a body, compressed if that makes it smaller.
 *
 * @param out from `startBody`; what is returned lives in it
 * @param crc the CRC-32 of the body
 */
export function sealBlock(out: ByteWriter, type: number, crc: number, deflate?: Deflate): Uint8Array {
  const body = bodyOf(out);
  assert(body.length <= MAX_BODY, () => `a block of ${body.length} bytes`);
  const head = { type, deflated: false, stored: body.length, expanded: body.length, crc };
  const packed = deflate === undefined || body.length < SMALLEST_DEFLATED ? body : deflate(body);
  if (packed.length < body.length) return joinBlock({ ...head, deflated: true, stored: packed.length }, packed);
  const { length } = out;
  out.length = 0;
  encodeHead(out, head);
  out.length = length;
  return out.view();
}

/** Bodies below this are not worth it. */
const SMALLEST_DEFLATED = 64;

/** A whole block from its head and the body as it is to be stored. */
export function joinBlock(head: Head, stored: Uint8Array): Uint8Array {
  const out = new ByteWriter(HEAD_BYTES + stored.length);
  encodeHead(out, head);
  out.raw(stored);
  return out.view();
}

/** @returns undefined when the bytes are no head of a block, or of one that claims impossible sizes */
export function decodeHead(bytes: Uint8Array, at = 0): Head | undefined {
  if (at + HEAD_BYTES > bytes.length) return undefined;
  const from = new ByteReader(bytes, at);
  if (from.u32() !== BLOCK_MARK) return undefined;
  const type = from.u8();
  const flags = from.u8();
  from.u16();
  const stored = from.u32();
  const expanded = from.u32();
  const crc = from.u32();
  if (from.u32() !== crc32(bytes.subarray(at, at + HEAD_BYTES - 4))) return undefined;
  const deflated = (flags & Flag.deflated) !== 0;
  if (expanded > MAX_BODY || stored > MAX_BODY) return undefined;
  if (deflated ? expanded > stored * MAX_EXPANSION : expanded !== stored) return undefined;
  return { type, deflated, stored, expanded, crc };
}

/** The first bytes of a file of this version. */
export function encodePrefix(version: number = FORMAT_VERSION): Uint8Array {
  const out = new ByteWriter(PREFIX_BYTES);
  for (const byte of MAGIC) out.u8(byte);
  out.u16(version);
  out.u16(0);
  out.u32(crc32(out.view()));
  return out.view();
}

/** @returns the problem, if this is not the beginning of a trace that can be read here */
export function checkPrefix(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0) return 'the file is empty';
  const known = bytes.subarray(0, MAGIC.length);
  if (!known.every((byte, i) => byte === MAGIC[i])) return 'this is no Partita trace';
  if (bytes.length < PREFIX_BYTES) return 'the trace is cut off in its first bytes';
  const from = new ByteReader(bytes, MAGIC.length);
  const version = from.u16();
  from.u16();
  if (from.u32() !== crc32(bytes.subarray(0, PREFIX_BYTES - 4))) return 'the first bytes of the trace are damaged';
  if (version > FORMAT_VERSION) {
    return `the trace has format ${version}, and this version of Partita reads formats up to ${FORMAT_VERSION}; use a newer one`;
  }
  return undefined;
}
