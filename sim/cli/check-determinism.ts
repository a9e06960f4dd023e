import { describeDifference } from '../engine/difference.ts';
import { compareRun, type Unlike } from '../node/compare.ts';
import { nameOf } from './check-report.ts';
import type { Underway } from './check-scenario.ts';
import { Exit, type ExitCode } from './exit.ts';

/** `partita check --determinism`: every run of the campaign twice, on two threads where there are two. */
export async function compareRuns(underway: Underway, isOver: () => boolean): Promise<ExitCode> {
  const { pool, campaign, terminal, interrupted, flags, workers, elapsed, seed } = underway;
  const found: Unlike[] = [];
  const atWork = new Set<Promise<void>>();
  let compared = 0;
  const compare = async (index: number): Promise<void> => {
    const { unlike } = await compareRun(pool, index);
    compared++;
    if (unlike !== undefined) found.push(unlike);
  };
  while (!interrupted.aborted) {
    while (atWork.size < pool.appetite && !isOver() && found.length === 0) {
      const index = campaign.hand();
      if (index === undefined) break;
      const run = compare(index).finally(() => atWork.delete(run));
      atWork.add(run);
    }
    if (atWork.size === 0) break;
    await Promise.race(atWork);
    terminal.progress(`${compared} runs compared, ${(compared / elapsed()).toFixed(1)}/s, ${found.length} not the same twice`);
  }
  terminal.done();
  const [first] = found.toSorted((a, b) => a.index - b.index);
  if (first !== undefined) tell(first, underway);
  const threads = workers === 1 ? 'on one thread' : 'on two threads each';
  if (flags.json)
    terminal.data(`${JSON.stringify({ scenario: nameOf(underway), seed, compared, differs: first ?? null }, null, 2)}\n`);
  else if (first === undefined)
    terminal.people(`${terminal.style('green', '✓')} ${compared} runs, twice ${threads}: no difference`);
  if (first !== undefined) return Exit.notDeterministic;
  return interrupted.aborted ? Exit.interrupted : Exit.held;
}

function tell({ index, seed, difference, impure }: Unlike, { scenario, terminal, seed: campaign, path }: Underway): void {
  const { people, style } = terminal;
  const node = (number: number) => scenario.plan.topology.nodes[number]?.name ?? String(number);
  people(`${style('red', '✗')} run ${index} of seed ${campaign}, which has the seed ${seed}, is not the same twice`);
  if (impure !== undefined) people(`  ${impure.says}`);
  else if (difference === undefined) {
    people('  Both do and show the same, and end in different states: a part of a state comes from outside of the world.');
  } else for (const line of describeDifference(difference, node)) people(`  ${line}`);
  people(`  To see it again:\n    npx partita check ${path} --determinism --seed ${campaign} --runs ${index + 1}`);
}
