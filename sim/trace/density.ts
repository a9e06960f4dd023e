import { type ByteReader, type ByteWriter, Malformed } from './bytes.ts';
import { DENSITY_BINS, DENSITY_SHIFT } from './format.ts';

/** 2^−shift, exactly. */
function scaleOf(shift: number): number {
  let scale = 1;
  for (let i = 0; i < shift; i++) scale /= 2;
  return scale;
}

/** Kinds for which there is room at first; the simulator has fewer. */
const KINDS = 32;

/**
 * How many records of each kind fell into each stretch of time: what a time line draws before anything else is read.
 *
 * All stretches are equally long, a power of two of nanoseconds. When the run outgrows the bins, neighbours are joined. Coarser
 * levels are sums of this one.
 */
export class Density {
  /** Log₂ of the bins' width in nanoseconds. */
  shift = DENSITY_SHIFT;
  /** The bins of kind 0, then those of kind 1, … */
  private counts = new Float64Array(KINDS * DENSITY_BINS);
  private scale = scaleOf(DENSITY_SHIFT);
  /** The bin of the last record, and the instant where the next bin begins. */
  private bin = 0;
  private edge = 1 / scaleOf(DENSITY_SHIFT);

  /** The bins' width in nanoseconds. */
  get width(): number {
    return 1 / this.scale;
  }

  /** The counts of a kind, bin by bin. */
  of(kind: number): Float64Array {
    return this.counts.subarray(kind * DENSITY_BINS, (kind + 1) * DENSITY_BINS);
  }

  /** Takes in a record; the next one is not earlier. */
  add(at: number, kind: number): void {
    if (at >= this.edge) this.move(at);
    const place = kind * DENSITY_BINS + this.bin;
    if (place >= this.counts.length) this.grow(kind + 1);
    this.counts[place] = (this.counts[place] as number) + 1;
  }

  private move(at: number): void {
    while (at * this.scale >= DENSITY_BINS) this.coarsen();
    this.bin = Math.floor(at * this.scale);
    this.edge = (this.bin + 1) / this.scale;
  }

  private grow(kinds: number): void {
    const grown = new Float64Array(kinds * DENSITY_BINS);
    grown.set(this.counts);
    this.counts = grown;
  }

  private coarsen(): void {
    this.shift++;
    this.scale /= 2;
    for (let start = 0; start < this.counts.length; start += DENSITY_BINS) {
      const bins = this.counts.subarray(start, start + DENSITY_BINS);
      for (let i = 0; i < bins.length; i++) {
        bins[i] = 2 * i < bins.length ? (bins[2 * i] as number) + (bins[2 * i + 1] as number) : 0;
      }
    }
  }

  /** For each kind: the number of bins that are not empty, then for each the distance from the one before and its count. */
  encode(out: ByteWriter): void {
    out.u8(this.shift);
    const kinds = this.counts.length / DENSITY_BINS;
    out.varint(kinds);
    for (let kind = 0; kind < kinds; kind++) {
      const bins = this.of(kind);
      let filled = 0;
      for (const count of bins) if (count > 0) filled++;
      out.varint(filled);
      let last = 0;
      for (let bin = 0; bin < bins.length; bin++) {
        const count = bins[bin] as number;
        if (count === 0) continue;
        out.varint(bin - last);
        out.varint(count);
        last = bin;
      }
    }
  }

  /** @throws Malformed when it is nothing that `encode` wrote */
  static decode(from: ByteReader): Density {
    const density = new Density();
    density.shift = from.u8();
    if (density.shift > 53) throw new Malformed('bins that are too wide');
    density.scale = scaleOf(density.shift);
    density.edge = 0;
    const kinds = from.varint();
    if (kinds > 256) throw new Malformed('too many kinds');
    if (kinds > KINDS) density.grow(kinds);
    for (let kind = 0; kind < kinds; kind++) {
      const bins = density.of(kind);
      let bin = 0;
      for (let left = from.count(2); left > 0; left--) {
        bin += from.varint();
        if (bin >= DENSITY_BINS) throw new Malformed('a bin that does not exist');
        bins[bin] = from.varint();
      }
    }
    return density;
  }
}
