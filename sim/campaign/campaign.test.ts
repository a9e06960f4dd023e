import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Duration, Instant } from '../../core/time.ts';
import { Campaign, type CampaignLimits, type CampaignSummary, describeGaps, gapsOf } from './campaign.ts';
import type { Outcome } from './outcome.ts';

/** A run that failed in the way that is given, if one is. */
const outcome = (index: number, way?: string): Outcome => ({
  index,
  seed: `s/${index}`,
  failure: way === undefined ? undefined : { check: 'Safety', sort: way, at: index as Instant, says: way },
  exercised: { Safety: 1, Liveness: index % 3 === 0 ? 2 : 0 },
  undecided: [],
  known: index % 5 === 4 ? ['an old bug'] : [],
  fired: index % 2 === 0 ? { 'link-cut': 1 } : { 'host-crash': 0 },
  interventions: 2,
  unapplied: 1,
  records: 10,
  simulated: 1_000 as Duration,
  fingerprint: `f${index}`,
});

const expected = { checks: ['Safety', 'Liveness'], faults: ['link-cut', 'host-crash'] };

/** A campaign whose runs are made by several at once, who are done in the order that `turns` says. */
function campaign(limits: CampaignLimits, ways: readonly (string | undefined)[], workers = 1, turns: readonly number[] = []) {
  const all = new Campaign(limits, expected);
  const atWork: number[] = [];
  const order: number[] = [];
  let made = 0;
  for (let turn = 0; !all.isOver; turn++) {
    for (let index = all.hand(); index !== undefined; index = atWork.length < workers ? all.hand() : undefined) {
      atWork.push(index);
      if (atWork.length === workers) break;
    }
    const [done] = atWork.splice((turns[turn] ?? 0) % atWork.length, 1);
    made++;
    order.push(...all.take(outcome(done as number, ways[done as number])).map(({ index }) => index));
  }
  return { summary: all.summary(), order, made };
}

describe('a campaign', () => {
  const ways = [undefined, undefined, 'a', 'a', undefined, 'b', 'a', 'c'];

  test('ends with the run of the lowest index that fails', () => {
    const { summary, order } = campaign({ runs: 8, failures: 1 }, ways);
    expect(summary.failures).toEqual([expect.objectContaining({ index: 2, seed: 's/2', runs: 1 })]);
    expect([summary.runs, order]).toEqual([3, [0, 1, 2]]);
  });

  test('collects distinct failures, each with its first run and how many there were', () => {
    const { summary } = campaign({ runs: 8, failures: 2 }, ways);
    expect(summary.failures).toMatchObject([
      { index: 2, runs: 2 },
      { index: 5, runs: 1 },
    ]);
    expect(summary.runs).toBe(6);
    expect(campaign({ runs: 8, failures: 9 }, ways).summary).toMatchObject({ runs: 8, failures: [{ runs: 3 }, {}, {}] });
  });

  test('comes to the same whoever makes its runs, in whatever order they are done', () => {
    const way = fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined, freq: 4 });
    fc.assert(
      fc.property(
        fc.array(way, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 6 }),
        fc.infiniteStream(fc.nat()),
        (list, failures, workers, turns) => {
          const limits = { runs: list.length, failures };
          const alone = campaign(limits, list);
          const together = campaign(limits, list, workers, [...turns.take(200)]);
          expect(together.summary).toEqual(alone.summary);
          expect(together.order).toEqual(alone.order);
        },
      ),
    );
  });

  test('that is broken off counts what has come back, and no more', () => {
    const all = new Campaign({ failures: 1 }, expected);
    for (let run = 0; run < 6; run++) all.hand();
    for (const index of [3, 1, 5]) expect(all.take(outcome(index, index === 3 ? 'a' : undefined))).toEqual([]);
    expect(all.breakOff().map(({ index }) => index)).toEqual([1, 3]);
    expect(all.summary()).toMatchObject({ runs: 2, failures: [{ index: 3, runs: 1 }] });
  });

  test('hands out nothing behind a run that ends it', () => {
    const { made } = campaign({ runs: 1_000, failures: 1 }, ['a'], 4);
    expect(made).toBeLessThanOrEqual(4);
  });
});

describe('what a campaign lacks', () => {
  const gaps = (summary: Partial<CampaignSummary>) =>
    describeGaps(gapsOf({ ...campaign({ runs: 3, failures: 1 }, []).summary, ...summary }));

  test('is a fault that changed nothing, said with how many runs had it', () => {
    expect(gaps({})).toEqual(['faults that never changed a run: host-crash (in 1)']);
    const faults = { 'link-cut': { enabled: 0, fired: 0 }, 'host-pause': { enabled: 3, fired: 1 } };
    expect(gaps({ faults })).toEqual(['faults that never changed a run: link-cut (in no run)']);
  });

  test('is a check that had nothing to judge, or was never decided', () => {
    const checks = { A: { runs: 0, undecided: 0 }, B: { runs: 2, undecided: 2 }, C: { runs: 2, undecided: 1 } };
    expect(gaps({ checks, faults: {} })).toEqual(['never exercised: A', 'not decided in any run: B']);
  });
});
