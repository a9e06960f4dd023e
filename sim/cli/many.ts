import type { ReadScenario } from '../node/scenario-file.ts';
import { quantile } from '../run/quantile.ts';
import type { Report, RunOptions } from '../run/run.ts';
import { overall } from '../run/verdict.ts';
import type { Scenario } from '../scenario/load.ts';
import type { Measure } from '../scenario/plan.ts';
import { Exit, type ExitCode } from './exit.ts';
import { inUnit, shown } from './report.ts';
import type { RunFlags } from './run.ts';
import type { Terminal } from './terminal.ts';

const QUANTILES = [0.5, 0.9, 0.99] as const;

type Attended = (plan: Scenario['plan'], options: RunOptions, told: (share: number) => void) => Promise<Report>;

/** The seed of run number `index`: numbers count up from the first, texts get a number behind. */
export const seedOfRun = (first: number | string, index: number): number | string =>
  typeof first === 'number' ? first + index : index === 0 ? first : `${first}/${index}`;

/** Runs a scenario with many seeds and prints what its measures came to, as a table, as JSON or as rows of CSV. */
export async function printManyRuns(
  {
    scenario,
    path,
    flags,
    runs,
  }: { readonly scenario: ReadScenario; readonly path: string; readonly flags: RunFlags; readonly runs: number },
  terminal: Terminal,
  attended: Attended,
): Promise<ExitCode> {
  const { plan } = scenario;
  const first = flags.seed ?? plan.seed;
  const values = plan.measures.map((): number[] => []);
  const failing: { readonly seed: number | string; readonly verdict: string; readonly says: readonly string[] }[] = [];
  if (flags.csv)
    terminal.data(
      `${['seed', 'verdict', ...plan.measures.map(({ name, unit }) => `${name} (${unit})`)].map(csvField).join(',')}\n`,
    );
  let done = 0;
  let interrupted = false;
  for (; done < runs && !interrupted; done++) {
    const seed = seedOfRun(first, done);
    const report = await attended(plan, { ...scenario.kit, seed }, (share) =>
      terminal.progress(`run ${done + 1} of ${runs}, ${Math.floor(share * 100)} %, ${failing.length} failing`),
    );
    interrupted = report.interrupted;
    if (interrupted) break;
    terminal.progress(`run ${done + 1} of ${runs}, ${failing.length} failing`);
    const verdict = overall(report.findings, flags.allowUnexercised === true);
    if (verdict !== 'held') {
      const says = report.findings.filter((each) => each.verdict === verdict).map(({ check, says }) => `${check}: ${says}`);
      failing.push({ seed, verdict, says });
    }
    const row = report.measures.map(({ duration, unit }) => (duration === undefined ? undefined : inUnit(duration, unit)));
    for (const [index, value] of row.entries()) if (value !== undefined) values[index]?.push(value);
    if (flags.csv) terminal.data(`${[seed, verdict, ...row].map((field) => csvField(field ?? '')).join(',')}\n`);
  }
  terminal.done();
  const summary = plan.measures.map((measure, index) =>
    summarise(
      measure,
      (values[index] ?? []).toSorted((a, b) => a - b),
      done,
    ),
  );
  if (flags.json) {
    const measures = summary.map(({ name, unit, reached, min, max, quantiles }) => ({
      name,
      unit,
      reached,
      min,
      max,
      quantiles,
    }));
    terminal.data(`${JSON.stringify({ scenario: plan.name ?? path, seed: first, runs: done, failing, measures }, null, 2)}\n`);
  } else if (!flags.csv) {
    for (const line of table(summary)) terminal.data(`${line}\n`);
  }
  terminal.people(`${done} runs, seeds from ${first}; ${failing.length} did not hold.${interrupted ? ' Interrupted.' : ''}`);
  for (const { seed, verdict, says } of failing.slice(0, 3)) terminal.people(`  seed ${seed} ${verdict}: ${says[0] ?? ''}`);
  const [worst] = failing;
  if (worst !== undefined) terminal.people(`To see one again:\n  npx partita run ${path} --seed ${worst.seed}`);
  if (interrupted) return Exit.interrupted;
  if (failing.some(({ verdict }) => verdict === 'violated')) return Exit.violated;
  return failing.length > 0 ? Exit.inconclusive : Exit.held;
}

interface Summary {
  readonly name: string;
  readonly unit: Measure['unit'];
  /** In how many runs it was reached, of how many. */
  readonly reached: number;
  readonly runs: number;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly quantiles: readonly {
    readonly p: number;
    readonly value: number;
    readonly low: number | undefined;
    readonly high: number | undefined;
  }[];
}

function summarise({ name, unit }: Measure, sorted: readonly number[], runs: number): Summary {
  const quantiles = sorted.length === 0 ? [] : QUANTILES.map((p) => ({ p, ...quantile(sorted, p) }));
  return { name, unit, reached: sorted.length, runs, min: sorted[0], max: sorted.at(-1), quantiles };
}

/** Name, how often reached, the extremes, and each quantile with its 95 % confidence interval. */
function table(summaries: readonly Summary[]): string[] {
  const head = ['measure', 'reached', 'min', ...QUANTILES.map((p) => `p${p * 100} (95 % interval)`), 'max'];
  const rows = summaries.map(({ name, unit, reached, runs, min, max, quantiles }) => {
    const at = (value: number | undefined) => (value === undefined ? '–' : shown(value, unit));
    const cells = QUANTILES.map((_, index) => {
      const estimate = quantiles[index];
      return estimate === undefined ? '–' : `${at(estimate.value)} (${at(estimate.low)} … ${at(estimate.high)})`;
    });
    return [name, `${reached}/${runs}`, at(min), ...cells, at(max)];
  });
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A field of CSV (RFC 4180). */
export function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
