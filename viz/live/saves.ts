import type { Instant } from '../../core/time.ts';
import type { Intervention } from '../../sim/intervention/intervention.ts';
import type { SavedRun } from '../../sim/run/run.ts';
import type { SavedTrace } from '../../sim/trace/writer.ts';

/** A run at an instant, with all that is needed to go on from there in another way. */
export interface Save {
  readonly at: Instant;
  readonly run: SavedRun;
  readonly trace: SavedTrace;
  /** What had been written of the trace. */
  readonly written: Blob;
  readonly list: readonly Intervention[];
  /** By node: whether its disk had done all that it was asked for. */
  readonly idle: readonly boolean[];
}

/** Bytes that saves may take together, about. */
const MOST_BYTES = 192 * 1024 * 1024;
/** More are never kept: from the nearest one it is a 16th of the run at most, where they are equally far apart. */
const MOST_SAVES = 16;

/**
 * What is kept of a run to go back to: the start needs no save, and from there on they are about equally far apart. When there are too many, the
 * one goes that leaves the smallest gap.
 */
export class Saves {
  private readonly saves: { readonly save: Save; readonly bytes: number }[] = [];
  private readonly most: { readonly saves: number; readonly bytes: number };

  constructor(most = { saves: MOST_SAVES, bytes: MOST_BYTES }) {
    this.most = most;
  }

  get instants(): readonly Instant[] {
    return this.saves.map(({ save }) => save.at);
  }

  /** Keeps one that is later than all others. */
  add(save: Save): void {
    this.saves.push({ save, bytes: bytesOf(save.run) + save.trace.codes.byteLength });
    const total = (): number => this.saves.reduce((sum, { bytes }) => sum + bytes, 0);
    while (this.saves.length > this.most.saves || (total() > this.most.bytes && this.saves.length > 1)) this.thin();
  }

  /** The last one at an instant or before that suits. */
  nearest(at: number, suits: (save: Save) => boolean = () => true): Save | undefined {
    return this.saves.findLast(({ save }) => save.at <= at && suits(save))?.save;
  }

  /** Those that are not after an instant: what comes then is going to be different. */
  upTo(at: number): Saves {
    const kept = new Saves(this.most);
    kept.saves.push(...this.saves.filter(({ save }) => save.at <= at));
    return kept;
  }

  private thin(): void {
    const at = (place: number): number => this.saves[place]?.save.at ?? 0;
    let least = 0;
    let smallest = Number.POSITIVE_INFINITY;
    // The last one is what people go back to most.
    for (let place = 0; place < this.saves.length - 1; place++) {
      const gap = at(place + 1) - at(place - 1);
      if (gap < smallest) [least, smallest] = [place, gap];
    }
    this.saves.splice(least, 1);
  }
}

/** About how much memory plain data takes, in bytes. */
export function bytesOf(value: unknown): number {
  if (typeof value === 'string') return 16 + value.length;
  if (typeof value !== 'object' || value === null) return 8;
  if (ArrayBuffer.isView(value)) return 64 + value.byteLength;
  let bytes = 32;
  if (value instanceof Map) for (const item of value.values()) bytes += 24 + bytesOf(item);
  else if (value instanceof Set) bytes += 24 * value.size;
  else if (Array.isArray(value)) for (const item of value) bytes += bytesOf(item);
  else for (const key in value) bytes += 8 + bytesOf((value as Record<string, unknown>)[key]);
  return bytes;
}
