import { crc32 } from '../../sim/trace/crc.ts';
import type { ReadOptions } from '../../sim/trace/file.ts';
import { inflate } from '../model/inflate.ts';
import UnpackWorker from './unpack.worker.ts?worker&inline';

/** A block's body as it is stored, and how large it becomes. Requests are numbered from 1. */
export interface Packed {
  readonly number: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly expanded: number;
}

export type Unpacked =
  | { readonly number: number; readonly body: Uint8Array; readonly crc: number }
  | { readonly number: number; readonly problem: string };

/** Records and payloads of a chunk are expanded at the same time. */
const WORKERS = 2;
/** What is smaller is expanded here: the way to a worker and back takes longer. */
const LEAST_BYTES = 16_384;

interface Waiting {
  readonly done: (body: Uint8Array) => void;
  readonly failed: (error: Error) => void;
}

/** A worker, and who waits for it. */
class Helper {
  readonly waiting = new Map<number, Waiting>();
  ready = false;
  private readonly worker = new UnpackWorker();
  private readonly checksums: WeakMap<Uint8Array, number>;

  constructor(checksums: WeakMap<Uint8Array, number>) {
    this.checksums = checksums;
    this.worker.addEventListener('message', ({ data }: MessageEvent<Unpacked>) => this.hear(data));
  }

  unpack(number: number, bytes: Uint8Array, expanded: number): Promise<Uint8Array> {
    // A copy, as what is given away is gone, and other blocks lie in the same bytes.
    const packed: Packed = { number, bytes: bytes.slice(), expanded };
    return new Promise((done, failed) => {
      this.waiting.set(number, { done, failed });
      this.worker.postMessage(packed, { transfer: [packed.bytes.buffer] });
    });
  }

  private hear(data: Unpacked): void {
    this.ready = true;
    const waiting = this.waiting.get(data.number);
    this.waiting.delete(data.number);
    if ('problem' in data) {
      waiting?.failed(new Error(data.problem));
      return;
    }
    this.checksums.set(data.body, data.crc);
    waiting?.done(data.body);
  }
}

/** Expands blocks beside the page. Until its workers are there, as while the first page is read, it does so here. */
class Unpacker {
  private readonly checksums = new WeakMap<Uint8Array, number>();
  private readonly helpers = Array.from({ length: WORKERS }, () => new Helper(this.checksums));
  private last = 0;

  readonly inflate = (bytes: Uint8Array, expanded: number): Promise<Uint8Array> => {
    const [helper] = this.helpers.filter(({ ready }) => ready).toSorted((a, b) => a.waiting.size - b.waiting.size);
    return helper === undefined || bytes.length < LEAST_BYTES
      ? inflate(bytes, expanded)
      : helper.unpack(++this.last, bytes, expanded);
  };

  readonly checksum = (bytes: Uint8Array): number => this.checksums.get(bytes) ?? crc32(bytes);
}

let unpacker: Unpacker | undefined;

/** How the page reads traces: what is large is expanded and checked by workers, which all runs share. */
export function unpacking(): Pick<ReadOptions, 'inflate' | 'checksum'> {
  unpacker ??= new Unpacker();
  return unpacker;
}
