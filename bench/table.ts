import type { Contest, Reach } from './contest.ts';
import type { Times } from './race.ts';

/** Median, least and greatest of some numbers. */
export function spread(numbers: readonly number[]): { median: number; min: number; max: number } {
  const sorted = numbers.toSorted((a, b) => a - b);
  const at = (place: number): number => sorted[Math.floor(place)] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(middle) + at(middle + 0.5)) / 2, min: at(0), max: at(sorted.length - 1) };
}

/** The ratio that a measure is about, per round, since both were measured next to each other in each. */
function ratios(reach: Reach, times: Times): number[] {
  const own = times.get(reach.contestant) ?? [];
  const other = times.get(reach.against) ?? [];
  return own.map((time, round) => (reach.atMost === undefined ? (other[round] ?? 0) / time : time / (other[round] ?? 0)));
}

function inWords(reach: Reach, times: Times): string {
  const { median } = spread(ratios(reach, times));
  if (reach.atMost !== undefined) {
    return `${median.toFixed(2)} of ${reach.against}, to be ≤ ${Number(reach.atMost.toFixed(2))}: ${median <= reach.atMost ? 'reached' : 'missed'}`;
  }
  const least = reach.timesAsFast ?? 0;
  return `${median.toFixed(2)} × as fast as ${reach.against}, to be ≥ ${least}: ${median >= least ? 'reached' : 'missed'}`;
}

const digits = (nanoseconds: number): string => nanoseconds.toFixed(nanoseconds < 100 ? 1 : 0);

/** The rows of one contest. */
export function rows(contest: Contest, times: Times): string[][] {
  return [...times].map(([name, measured], place) => {
    const { median, min, max } = spread(measured);
    const reached = contest.reach.filter(({ contestant }) => contestant === name).map((reach) => inWords(reach, times));
    return [place === 0 ? contest.name : '', name, digits(median), `${digits(min)}–${digits(max)}`, reached.join('; ')];
  });
}

/** A table in Markdown, its columns aligned; numbers to the right. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const isNumber = (cell: string) => /^[\d.–]*$/.test(cell);
  const right = head.map((_, column) => body.every((row) => isNumber(row[column] ?? '')));
  const widths = head.map((title, column) => Math.max(title.length, ...body.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `|${widths.map((width, i) => `${'-'.repeat(width + 1)}${right[i] ? ':' : '-'}`).join('|')}|`;
  return [line(head), rule, ...body.map(line)].join('\n');
}
