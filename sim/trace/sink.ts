/** Where a trace is written to: a file, an array. */
export interface ByteSink {
  /** Takes the next bytes, a whole block in each call. They are valid only during the call. */
  write(bytes: Uint8Array): void;
}

/** Where a trace is read from: a file, a part of one, an HTTP server that answers range requests. */
export interface ByteSource {
  readonly size: number;
  /** Bytes from `offset`, as many as asked for; may reject. Never asked for what lies beyond `size`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A trace in memory, to write and to read. */
export class Memory implements ByteSink, ByteSource {
  private bytes: Uint8Array;
  private length: number;

  constructor(bytes: Uint8Array = new Uint8Array(0)) {
    this.bytes = bytes;
    this.length = bytes.length;
  }

  get size(): number {
    return this.length;
  }

  write(bytes: Uint8Array): void {
    if (this.length + bytes.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.bytes.length, this.length + bytes.length));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.bytes.subarray(offset, Math.min(offset + length, this.length));
  }

  /** Everything that was written. */
  content(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
