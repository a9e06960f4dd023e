import { basename } from 'node:path';
import { formatInstant, type Instant } from '../../core/time.ts';
import { isFatal } from '../campaign/breakdown.ts';
import type { CampaignSummary } from '../campaign/campaign.ts';
import { describeIntervention } from '../intervention/intervention.ts';
import { type Kept, shrinkingInWords } from '../node/keep.ts';
import type { Checking, Underway } from './check-scenario.ts';

/** What the scenario is called. */
export const nameOf = ({ scenario, path }: Pick<Checking, 'scenario' | 'path'>): string =>
  scenario.plan.name ?? basename(path).replace(/\.[^.]+$/, '');

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;
const seconds = (nanoseconds: number): string => formatInstant(nanoseconds as Instant, 3);
const fired = ({ faults }: CampaignSummary): number => Object.values(faults).reduce((sum, each) => sum + each.fired, 0);

/** `1240 runs, 103.2/s, 37200 s simulated, 0 failures, 5120 faults fired` */
export function progressLine(summary: CampaignSummary, elapsed: number): string {
  const { runs, simulated, failures } = summary;
  const rate = elapsed > 0 ? (runs / elapsed).toFixed(1) : '0';
  return `${count(runs, 'run')}, ${rate}/s, ${Math.round(simulated / 1e9)} s simulated, ${count(failures.length, 'failure')}, ${count(fired(summary), 'fault')} fired`;
}

/** The command that repeats a failure: on a thread that can be stopped, where that is needed. */
export const commandFor = ({ files, failure, group }: Kept, { path, seed }: Underway): string =>
  isFatal(failure)
    ? `npx partita check ${path} --seed ${seed} --runs ${group.index + 1} --workers 1`
    : `npx partita replay ${files.replay}`;

/** What failed, when, with which seed and interventions, and the one command that repeats it. */
export function printFailure(one: Kept, underway: Underway): void {
  const { terminal, seed } = underway;
  const { group, failure, case: of, shrunk, files } = one;
  const { people, style } = terminal;
  people(`${style('red', '✗')} ${style('bold', failure.check)} violated at ${seconds(failure.at)} s: ${failure.says}`);
  const others = group.runs === 1 ? '' : `; ${group.runs} runs failed in this way`;
  people(`  run ${group.index} of seed ${seed}, which has the seed ${of.seed}${others}`);
  if (shrunk?.ended === 'unrepeatable') {
    people('  It does not fail in this way when it is run again: something in it depends on what is outside of the world.');
    people('  To find out what, add --determinism.');
    return;
  }
  people(`  ${shrinkingInWords(one)}`);
  for (const each of of.interventions) people(`    ${describeIntervention(each)}`);
  if (files.trace !== undefined) people(`  The trace is in ${files.trace}`);
  people(`  To see it again:\n    ${commandFor(one, underway)}`);
}

/** Names are listed as long as they can be read. */
const MOST_NAMES = 8;

/** `40 in all 200 runs, Refutation 12` */
function exercisedInWords({ checks, runs: all }: CampaignSummary): string {
  const counts = Object.entries(checks).filter(([, { runs }]) => runs > 0);
  const always = counts.filter(([, { runs }]) => runs === all);
  const isShort = always.length <= MOST_NAMES;
  const others = isShort ? counts : counts.filter(([, { runs }]) => runs < all);
  return [
    ...(isShort ? [] : [`${always.length} in all ${count(all, 'run')}`]),
    ...others.map(([name, { runs }]) => `${name} ${runs}`),
  ].join(', ');
}

/** What the campaign came to as a whole. */
export function printCampaign(
  summary: CampaignSummary,
  gaps: readonly string[],
  { underway, took, wasInterrupted }: { readonly underway: Underway; readonly took: number; readonly wasInterrupted: boolean },
): void {
  const { terminal, seed, workers, flags } = underway;
  const { people, style } = terminal;
  people(`${style('bold', nameOf(underway))}, seed ${seed}: ${progressLine(summary, took)}; ${count(workers, 'thread')}`);
  const exercised = exercisedInWords(summary);
  if (exercised !== '') people(`  checks, by the runs that exercised them: ${exercised}`);
  const faults = Object.entries(summary.faults).flatMap(([kind, each]) => (each.fired === 0 ? [] : [`${kind} ${each.fired}`]));
  if (faults.length > 0) people(`  faults, by how many changed a run: ${faults.join(', ')}`);
  if (summary.unapplied > 0) people(`  did not apply: ${summary.unapplied} of ${summary.interventions} interventions`);
  for (const [name, runs] of Object.entries(summary.known))
    people(`  ${style('yellow', 'known')} of this profile: ${name}, in ${count(runs, 'run')}`);
  if (summary.failures.length === 0) for (const gap of gaps) people(`  ${style('yellow', '?')} ${gap}`);
  if (wasInterrupted) people('  Interrupted; this is what was found until then.');
  else if (summary.failures.length > 0) people(`  ${style('red', '✗')} ${count(summary.failures.length, 'distinct failure')}`);
  else if (gaps.length === 0 || flags.allowUnexercised === true) people(`  ${style('green', '✓')} everything held`);
  else
    people(
      '  Nothing failed, and not everything was tried: more runs may do, or --allow-unexercised if that is as it should be.',
    );
}

/** The campaign as data. Without real time: equal campaigns have equal JSON. */
export function campaignJson(
  summary: CampaignSummary,
  kept: readonly Kept[],
  gaps: readonly string[],
  underway: Underway,
): object {
  return {
    scenario: nameOf(underway),
    seed: underway.seed,
    ...summary,
    simulated: summary.simulated / 1e9,
    failures: kept.map(({ group, failure, case: of, before, shrunk, files }) => ({
      check: failure.check,
      fingerprint: group.fingerprint,
      at: failure.at / 1e9,
      says: failure.says,
      run: group.index,
      seed: of.seed,
      runs: group.runs,
      found: before,
      shrunk: shrunk === undefined ? null : { runs: shrunk.runs, ended: shrunk.ended },
      interventions: of.interventions,
      ...files,
    })),
    lacks: gaps,
  };
}
