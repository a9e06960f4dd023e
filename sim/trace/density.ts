import type { ByteReader, ByteWriter } from './bytes.ts';
import { Malformed } from './bytes.ts';
import { DENSITY_BINS, DENSITY_SHIFT } from './format.ts';

/** 2^−shift, exactly. */
function scaleOf(shift: number): number {
  let scale = 1;
  for (let i = 0; i < shift; i++) scale /= 2;
  return scale;
}

/**
 * How many records of each kind fell into each stretch of time: what a time line draws before anything else is read.
 *
 * All stretches are equally long, a power of two of nanoseconds. When the run outgrows the bins, neighbours are joined. Coarser
 * levels are sums of this one.
 */
export class Density {
  /** Log₂ of the bins' width in nanoseconds. */
  shift = DENSITY_SHIFT;
  /** For each kind the counts of the bins; a kind that never occurred has none. */
  readonly kinds: Float64Array[] = [];
  private scale = scaleOf(DENSITY_SHIFT);

  /** The bins' width in nanoseconds. */
  get width(): number {
    return 1 / this.scale;
  }

  /** Takes in records in the order of time. */
  add(at: Float64Array, kinds: Uint8Array, count: number): void {
    if (count === 0) return;
    while ((at[count - 1] as number) * this.scale >= DENSITY_BINS) this.coarsen();
    const { scale } = this;
    for (let i = 0; i < count; i++) {
      const bins = this.bins(kinds[i] as number);
      const bin = Math.floor((at[i] as number) * scale);
      bins[bin] = (bins[bin] as number) + 1;
    }
  }

  private bins(kind: number): Float64Array {
    const bins = this.kinds[kind];
    if (bins !== undefined && bins.length > 0) return bins;
    while (this.kinds.length < kind) this.kinds.push(new Float64Array(0));
    const made = new Float64Array(DENSITY_BINS);
    this.kinds[kind] = made;
    return made;
  }

  private coarsen(): void {
    this.shift++;
    this.scale /= 2;
    for (const bins of this.kinds) {
      for (let i = 0; i < bins.length; i++) {
        const joined = 2 * i < bins.length ? (bins[2 * i] as number) + (bins[2 * i + 1] as number) : 0;
        bins[i] = joined;
      }
    }
  }

  /** For each kind: the number of bins that are not empty, then for each the distance from the one before and its count. */
  encode(out: ByteWriter): void {
    out.u8(this.shift);
    out.varint(this.kinds.length);
    for (const bins of this.kinds) {
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

  static decode(from: ByteReader): Density {
    const density = new Density();
    density.shift = from.u8();
    if (density.shift > 53) throw new Malformed('bins that are too wide');
    density.scale = scaleOf(density.shift);
    const kinds = from.varint();
    if (kinds > 256) throw new Malformed('too many kinds');
    for (let kind = 0; kind < kinds; kind++) {
      const filled = from.count(2);
      const bins = new Float64Array(filled === 0 ? 0 : DENSITY_BINS);
      let bin = 0;
      for (let i = 0; i < filled; i++) {
        bin += from.varint();
        if (bin >= DENSITY_BINS) throw new Malformed('a bin that does not exist');
        bins[bin] = from.varint();
      }
      density.kinds.push(bins);
    }
    return density;
  }
}
