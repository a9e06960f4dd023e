/** What was read is no such thing as it should be. Thrown inside the reader and turned into a value at its edge. */
export class Malformed extends Error {
  override name = 'Malformed';
}

const SCRATCH = new DataView(new ArrayBuffer(8));
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Turns numbers of `width` bytes between this machine's byte order and the file's, in place. */
export function fileOrder(bytes: Uint8Array, width: number, little: boolean = LITTLE_ENDIAN): Uint8Array {
  if (little || width === 1) return bytes;
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
  return bytes;
}

/**
 * Bytes that grow at their end. Numbers are little-endian.
 *
 * `varint` is LEB128: seven bits a byte, the lowest first, the top bit set on all but the last.
 */
export class ByteWriter {
  length = 0;
  bytes: Uint8Array;

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** What was written, without a copy: valid until the next write. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  u8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  u16(value: number): void {
    this.reserve(2);
    this.bytes[this.length++] = value;
    this.bytes[this.length++] = value >>> 8;
  }

  u32(value: number): void {
    this.reserve(4);
    this.bytes[this.length++] = value;
    this.bytes[this.length++] = value >>> 8;
    this.bytes[this.length++] = value >>> 16;
    this.bytes[this.length++] = value >>> 24;
  }

  f64(value: number): void {
    SCRATCH.setFloat64(0, value, true);
    this.reserve(8);
    for (let i = 0; i < 8; i++) this.bytes[this.length++] = SCRATCH.getUint8(i);
  }

  /** @param value a whole number from 0 to 2⁵³ − 1 */
  varint(value: number): void {
    this.reserve(8);
    let rest = value;
    while (rest > 0x7fff_ffff) {
      this.bytes[this.length++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.length++] = rest;
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** The length in bytes as a varint, then UTF-8. A lone surrogate takes three bytes as if it were a character (WTF-8). */
  text(text: string): void {
    const size = textSize(text);
    this.varint(size);
    this.reserve(size);
    const { bytes } = this;
    let at = this.length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) {
        bytes[at++] = unit;
      } else if (unit < 0x800) {
        bytes[at++] = 0xc0 | (unit >>> 6);
        bytes[at++] = 0x80 | (unit & 0x3f);
      } else if (isPair(unit, text, i)) {
        const point = 0x10000 + ((unit - 0xd800) << 10) + (text.charCodeAt(++i) - 0xdc00);
        bytes[at++] = 0xf0 | (point >>> 18);
        bytes[at++] = 0x80 | ((point >>> 12) & 0x3f);
        bytes[at++] = 0x80 | ((point >>> 6) & 0x3f);
        bytes[at++] = 0x80 | (point & 0x3f);
      } else {
        bytes[at++] = 0xe0 | (unit >>> 12);
        bytes[at++] = 0x80 | ((unit >>> 6) & 0x3f);
        bytes[at++] = 0x80 | (unit & 0x3f);
      }
    }
    this.length = at;
  }
}

function isPair(unit: number, text: string, i: number): boolean {
  if (unit < 0xd800 || unit > 0xdbff || i + 1 >= text.length) return false;
  const next = text.charCodeAt(i + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

function textSize(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) size += 1;
    else if (isPair(unit, text, i)) {
      size += 2; // two units become four bytes
      i++;
    } else size += 2;
  }
  return size;
}

/**
 * Reads what a `ByteWriter` wrote, and never beyond its end.
 *
 * Each method throws `Malformed` when the bytes end too soon or are no such value; whoever makes a reader catches that.
 */
export class ByteReader {
  position: number;
  readonly end: number;
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    // A subclass, such as Node's Buffer, may share memory where an array copies.
    this.bytes = bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.position = start;
    this.end = Math.min(end, bytes.length);
  }

  get remaining(): number {
    return this.end - this.position;
  }

  /** Declares that `count` bytes are about to be read; call it before allocating for them. */
  need(count: number): void {
    if (!(count <= this.end - this.position)) throw new Malformed(`${count} bytes expected, ${this.remaining} left`);
  }

  u8(): number {
    this.need(1);
    return this.bytes[this.position++] as number;
  }

  u16(): number {
    return this.u8() | (this.u8() << 8);
  }

  u32(): number {
    return (this.u16() | (this.u16() << 16)) >>> 0;
  }

  f64(): number {
    this.need(8);
    for (let i = 0; i < 8; i++) SCRATCH.setUint8(i, this.bytes[this.position++] as number);
    return SCRATCH.getFloat64(0, true);
  }

  /** A float that must be a whole number from 0 to 2⁵³ − 1. */
  whole(): number {
    const value = this.f64();
    if (!(Number.isSafeInteger(value) && value >= 0)) throw new Malformed(`${value} is no count`);
    return value;
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 128;
    }
    throw new Malformed('a number beyond 2⁵³');
  }

  /** A varint that announces so many things of at least `each` bytes: refused when they cannot follow. */
  count(each: number): number {
    const count = this.varint();
    this.need(count * each);
    return count;
  }

  /** The next bytes, without a copy. */
  raw(length: number): Uint8Array {
    this.need(length);
    this.position += length;
    return this.bytes.subarray(this.position - length, this.position);
  }

  text(): string {
    const size = this.count(1);
    const end = this.position + size;
    let text = '';
    while (this.position < end) {
      const units: number[] = [];
      // In pieces, because a call takes only so many arguments.
      while (this.position < end && units.length < 4096) this.character(units, end);
      text += String.fromCharCode(...units);
    }
    return text;
  }

  private character(units: number[], end: number): void {
    const { bytes } = this;
    const first = bytes[this.position++] as number;
    const more = first < 0x80 ? 0 : first < 0xc0 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf8 ? 3 : -1;
    if (more < 0 || this.position + more > end) throw new Malformed('text that is no UTF-8');
    let point = more === 0 ? first : first & (0x3f >>> more);
    for (let i = 0; i < more; i++) {
      const next = bytes[this.position++] as number;
      if (next >>> 6 !== 2) throw new Malformed('text that is no UTF-8');
      point = (point << 6) | (next & 0x3f);
    }
    if (point < 0x10000) units.push(point);
    else if (point < 0x110000) units.push(0xd800 + ((point - 0x10000) >>> 10), 0xdc00 + ((point - 0x10000) & 0x3ff));
    else throw new Malformed('text that is no UTF-8');
  }
}
