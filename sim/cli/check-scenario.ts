import { isOurs } from '../campaign/breakdown.ts';
import { Campaign, type CampaignSummary, describeGaps, gapsOf } from '../campaign/campaign.ts';
import { type Exploration, explorationOf } from '../campaign/exploration.ts';
import type { Batch } from '../campaign/search.ts';
import { suiteOf } from '../campaign/suite.ts';
import { explore } from '../node/explore.ts';
import { isErratic, type Kept, keep } from '../node/keep.ts';
import { Pool, UnlikePlans } from '../node/pool.ts';
import { type ReadScenario, writable } from '../node/scenario-file.ts';
import type { CheckFlags } from './check.ts';
import { CampaignRows } from './check-csv.ts';
import { compareRuns } from './check-determinism.ts';
import { junitReport } from './check-junit.ts';
import { campaignJson, printCampaign, printFailure, progressLine } from './check-report.ts';
import { Exit, type ExitCode } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What `partita check` was asked for. */
export interface Checking {
  readonly scenario: ReadScenario;
  readonly path: string;
  readonly flags: CheckFlags;
  readonly workers: number;
}

/** The same, on its way. */
export interface Underway extends Checking {
  /** Of the campaign. */
  readonly seed: number | string;
  readonly exploration: Exploration;
  readonly pool: Pool;
  readonly campaign: Campaign;
  readonly terminal: Terminal;
  readonly interrupted: AbortSignal;
  /** Seconds of real time since it began. */
  readonly elapsed: () => number;
}

/** A campaign from its first run to its exit code. */
export async function checkScenario(checking: Checking, terminal: Terminal): Promise<ExitCode> {
  const { scenario, path, flags, workers } = checking;
  const { plan, kit } = scenario;
  const seed = flags.seed ?? plan.seed;
  const exploration = explorationOf(plan);
  const { always, eventually, sometimes } = suiteOf(plan, kit.properties);
  const checks = [...always, ...eventually.map(({ name }) => name), ...sometimes];
  const limits = { runs: flags.runs, failures: flags.failures ?? 1 };
  const campaign = new Campaign(limits, { checks, faults: exploration.kinds });
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  // A second Ctrl-C ends it as it always does.
  process.once('SIGINT', interrupt);
  const report = writable(flags.junit);
  const rows = new CampaignRows(flags.csv);
  const pool = new Pool({ path, plan, seed, workers, patience: flags.patience / 1e6, memory: flags.memory });
  const began = performance.now();
  const elapsed = () => (performance.now() - began) / 1e3;
  const interrupted = interruption.signal;
  const underway = { ...checking, seed, exploration, pool, campaign, terminal, interrupted, elapsed };
  const showing = setInterval(() => terminal.progress(progressLine(campaign.summary(), elapsed())), 250);
  try {
    const isOver = () => flags.time !== undefined && elapsed() * 1e9 > flags.time;
    if (flags.determinism) {
      clearInterval(showing);
      return await compareRuns(underway, isOver);
    }
    await explore({ ...underway, crew: pool, plan, counted: (outcomes) => rows.add(outcomes), isOver });
    clearInterval(showing);
    const took = elapsed();
    const summary = campaign.summary();
    const kept: Kept[] = [];
    const keeping = {
      ...{ scenario, path, kit, exploration, seed, crew: pool, budget: flags.budget, folder: flags.out, interrupted },
      seconds: flags.shrinkTime === undefined ? undefined : flags.shrinkTime / 1e9,
      told: ({ runs, smallest }: Batch, before: number) =>
        terminal.progress(
          `shrinking: ${smallest.interventions.length} of ${before} interventions left, ${runs} of at most ${flags.budget} runs`,
        ),
    };
    for (const group of summary.failures) {
      const one = await keep(keeping, group);
      terminal.done();
      printFailure(one, underway);
      kept.push(one);
    }
    terminal.done();
    const gaps = [
      ...(checks.length === 0 ? ['no property applies to what runs on the hosts'] : []),
      ...describeGaps(gapsOf(summary)),
    ];
    printCampaign(summary, gaps, { underway, took, wasInterrupted: interrupted.aborted });
    if (flags.json) terminal.data(`${JSON.stringify(campaignJson(summary, kept, gaps, underway), null, 2)}\n`);
    report?.(junitReport(summary, kept, { underway, took }));
    return interrupted.aborted ? Exit.interrupted : exitOf(summary, kept, gaps.length > 0 && flags.allowUnexercised !== true);
  } catch (error) {
    if (!(error instanceof UnlikePlans)) throw error;
    terminal.done();
    terminal.people(
      `${path}: the scenario is not the same each time it is read. What it is made of must not come from clocks or chance.`,
    );
    return Exit.notDeterministic;
  } finally {
    clearInterval(showing);
    process.removeListener('SIGINT', interrupt);
    terminal.done();
    rows.close();
    await pool.close();
  }
}

function exitOf({ failures }: CampaignSummary, kept: readonly Kept[], lacks: boolean): ExitCode {
  if (kept.some(isErratic)) return Exit.notDeterministic;
  if (failures.some(({ failure }) => isOurs(failure))) return Exit.ourBug;
  if (failures.length > 0) return Exit.violated;
  return lacks ? Exit.inconclusive : Exit.held;
}
