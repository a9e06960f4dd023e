import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scenario } from '../scenario/load.ts';
import { formatReport, ScenarioError } from '../scenario/problem.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { surroundings } from '../surroundings.ts';
import { raftClusters, serfClusters, workloads } from './clusters.ts';
import { sites } from './sites.ts';

/** What is wrong with a scenario, in words. */
function mistakes(data: ScenarioInput): string {
  try {
    scenario(data, surroundings);
    return '';
  } catch (error) {
    if (error instanceof ScenarioError) return formatReport(error);
    throw error;
  }
}

describe('what is generated is a scenario without mistakes', () => {
  test.each([
    ['a network with hosts on it', sites().map(({ network, hosts }): ScenarioInput => ({ network, hosts }))],
    ['a cluster of Serf', serfClusters()],
    ['a cluster of Raft', raftClusters()],
    [
      'a cluster on which people are at work',
      fc
        .tuple(
          serfClusters({ hosts: { least: 3, most: 3 } }),
          workloads({
            hosts: ['n1', 'n2', 'n3'],
            lines: fc.constantFrom('serf members', 'serf leave'),
            from: 5_000,
            until: 9_000,
          }),
        )
        .map(([cluster, work]): ScenarioInput => ({ ...cluster, timeline: [...(cluster.timeline ?? []), ...work] })),
    ],
  ])('%s', (_what, generated) => {
    fc.assert(
      fc.property(generated, (data) => {
        expect(mistakes(data)).toBe('');
      }),
      { numRuns: 50 },
    );
  });
});

test('a network shrinks to two hosts on one segment without losses', () => {
  const found = fc.check(
    fc.property(sites(), () => false),
    { seed: 7, endOnFailure: false },
  );
  const [{ network, hosts }] = found.counterexample as [ScenarioInput];
  expect(Object.keys(hosts)).toEqual(['n1', 'n2']);
  expect(network.segments).toEqual({ lan1: { subnet: '10.0.1.0/24', latency: '100us..101us' } });
});
