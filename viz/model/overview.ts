import { Kind } from '../../sim/engine/journal.ts';
import { DENSITY_BINS } from '../../sim/trace/format.ts';
import type { Trace } from '../../sim/trace/reader.ts';
import { isElection, MarkerMaker } from './markers.ts';
import type { Overview, Verdict } from './run.ts';

const KINDS = 256;

/**
 * What a trace's index tells of the whole run, before any of its chunks was read.
 *
 * @param numberOf the number of a record by its number in the file
 */
export function overviewOf(trace: Trace, verdicts: readonly Verdict[], numberOf: (id: number) => number): Overview {
  const maker = new MarkerMaker(new Map(verdicts.map(({ record, outcome }) => [record, outcome])));
  for (const marker of trace.markers) {
    if (!('cell' in marker)) maker.add(marker.at, numberOf(marker.id), marker.kind, marker.node);
    else if (isElection(trace.tables.name(trace.tables.cell(marker.cell)?.field ?? -1), marker.value))
      maker.markers.push({ at: marker.at, number: numberOf(marker.id), type: 'leader' });
  }
  const { density } = trace;
  const all = new Float64Array(DENSITY_BINS);
  for (let kind = 0; kind < KINDS; kind++) {
    density.of(kind).forEach((count, bin) => {
      all[bin] = (all[bin] as number) + count;
    });
  }
  const records = sumsOf(all);
  const sent = sumsOf(density.of(Kind.send));
  const drops = sumsOf(density.of(Kind.drop));
  const { width } = density;
  return {
    markers: maker.markers,
    width,
    upTo: (instant) => {
      // The last bin ends after the run does.
      const bin = instant >= trace.end ? DENSITY_BINS : instant / width;
      return { records: between(records, bin), sent: between(sent, bin), drops: between(drops, bin) };
    },
  };
}

/** What comes before each bin, and at the end before none: all of it. */
function sumsOf(bins: Float64Array): Float64Array {
  const sums = new Float64Array(bins.length + 1);
  bins.forEach((count, bin) => {
    sums[bin + 1] = (sums[bin] as number) + count;
  });
  return sums;
}

function between(sums: Float64Array, bin: number): number {
  const within = Math.max(0, Math.min(sums.length - 1, bin));
  const low = Math.floor(within);
  const [before, after] = [sums[low] as number, sums[Math.min(sums.length - 1, low + 1)] as number];
  return before + (within - low) * (after - before);
}
