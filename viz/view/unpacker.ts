import { crc32 } from '../../sim/trace/crc.ts';
import { inflate } from '../model/inflate.ts';
import { type ReadBlob, readBlob, type TracePlace } from '../model/source.ts';
import UnpackWorker from './unpack.worker.ts?worker&inline';

/** What a worker is asked. Requests are numbered from 1. */
export type Ask =
  /** For a part of a file, which is named where it is another one than before. */
  | {
      readonly type: 'read';
      readonly number: number;
      readonly blob: Blob | undefined;
      readonly offset: number;
      readonly length: number;
    }
  /** For a block's body, given as it is stored and how large it becomes. */
  | {
      readonly type: 'expand';
      readonly number: number;
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly expanded: number;
    };

/** What it answers; bytes that were expanded have their CRC-32. */
export type Told =
  | { readonly number: number; readonly body: Uint8Array; readonly crc: number | undefined }
  | { readonly number: number; readonly problem: string };

/** Records and payloads of a chunk are expanded at the same time. */
const WORKERS = 2;
/** What is smaller is expanded here: the way to a worker and back takes longer. */
const LEAST_BYTES = 16_384;

/** A trace below this is read at once. */
const LEAST_TRACE = 1024 * 1024;

/** A worker that has nothing to do for so long is let go. */
const IDLE_MS = 5000;

interface Waiting {
  readonly done: (body: Uint8Array) => void;
  readonly failed: (error: Error) => void;
}

/** A worker, and who waits for it. */
class Helper {
  readonly waiting = new Map<number, Waiting>();
  ready = false;
  private worker: Worker | undefined;
  private idling: ReturnType<typeof setTimeout> | undefined;
  private readonly checksums: WeakMap<Uint8Array, number>;
  private blob: Blob | undefined;
  private last = 0;

  constructor(checksums: WeakMap<Uint8Array, number>) {
    this.checksums = checksums;
  }

  /** Has its worker made, which takes a while. */
  wake(): void {
    if (this.worker !== undefined) return;
    this.worker = new UnpackWorker();
    this.worker.addEventListener('message', ({ data }: MessageEvent<Told>) => this.hear(data));
  }

  /** Frees what its worker holds: memory that it was given once it keeps. */
  private rest(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.blob = undefined;
    this.ready = false;
  }

  expand(bytes: Uint8Array, expanded: number): Promise<Uint8Array> {
    // A copy, as what is given away is gone, and other blocks lie in the same bytes.
    const copy = bytes.slice();
    return this.ask((number) => ({ type: 'expand', number, bytes: copy, expanded }), [copy.buffer]);
  }

  read(blob: Blob, offset: number, length: number): Promise<Uint8Array> {
    const known = this.blob === blob;
    this.blob = blob;
    return this.ask((number) => ({ type: 'read', number, blob: known ? undefined : blob, offset, length }), []);
  }

  private ask(make: (number: number) => Ask, transfer: Transferable[]): Promise<Uint8Array> {
    const number = ++this.last;
    return new Promise((done, failed) => {
      this.waiting.set(number, { done, failed });
      clearTimeout(this.idling);
      this.worker?.postMessage(make(number), { transfer });
    });
  }

  private hear(data: Told): void {
    this.ready = true;
    const waiting = this.waiting.get(data.number);
    this.waiting.delete(data.number);
    clearTimeout(this.idling);
    if (this.waiting.size === 0) this.idling = setTimeout(() => this.rest(), IDLE_MS);
    if ('problem' in data) {
      waiting?.failed(new Error(data.problem));
      return;
    }
    if (data.crc !== undefined) this.checksums.set(data.body, data.crc);
    waiting?.done(data.body);
  }
}

/** Reads and expands beside the page. Until its workers are there, as while the first page is read, it does so here. */
class Unpacker {
  private readonly checksums = new WeakMap<Uint8Array, number>();
  private readonly helpers = Array.from({ length: WORKERS }, () => new Helper(this.checksums));

  readonly inflate = (bytes: Uint8Array, expanded: number): Promise<Uint8Array> =>
    bytes.length < LEAST_BYTES ? inflate(bytes, expanded) : (this.idle?.expand(bytes, expanded) ?? inflate(bytes, expanded));

  readonly read: ReadBlob = (blob, offset, length) => this.idle?.read(blob, offset, length) ?? readBlob(blob, offset, length);

  readonly checksum = (bytes: Uint8Array): number => this.checksums.get(bytes) ?? crc32(bytes);

  /** The one with the least to do. */
  private get idle(): Helper | undefined {
    for (const helper of this.helpers) helper.wake();
    return this.helpers.filter(({ ready }) => ready).toSorted((a, b) => a.waiting.size - b.waiting.size)[0];
  }
}

let unpacker: Unpacker | undefined;

/** How the page reads a large trace: what takes long is done by workers, which all runs share. Undefined for one that needs none. */
export function unpackerFor(place: TracePlace): Pick<Unpacker, 'inflate' | 'checksum' | 'read'> | undefined {
  const size = 'blob' in place ? place.blob.size : place.size;
  if (size < LEAST_TRACE) return undefined;
  unpacker ??= new Unpacker();
  return unpacker;
}
