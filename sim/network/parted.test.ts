import { expect, test } from 'vitest';
import { run } from '../run/run.ts';
import { scenario } from '../scenario/load.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { surroundings } from '../surroundings.ts';

type Timeline = NonNullable<ScenarioInput['timeline']>;

/** What b holds of a after a cut at 3 s, at the two instants that are asked for. */
function afterCut(network: ScenarioInput['network'], [a, b]: readonly object[], cut: Timeline[number]): string[][] {
  const timeline: Timeline = [
    // b learns of a by its request, and so has a stale entry, which its answer puts into delay until 5 s.
    { at: '0s', on: 'a', run: 'ping -c1 10.0.0.2' },
    cut,
    { at: '4s', on: 'b', run: 'ip neigh' },
    { at: '9s', on: 'b', run: 'ip neigh' },
  ];
  const hosts = { a: { on: 'lan', address: '10.0.0.1', ...a }, b: { on: 'lan', address: '10.0.0.2', ...b } };
  const { plan } = scenario({ network, hosts, timeline }, surroundings);
  return run(plan, { registry: surroundings.registry })
    .jobs.filter(({ command }) => command === 'ip neigh')
    .map(({ lines }) => lines.map((line) => line.trimEnd().split(' ').at(-1) ?? ''));
}

test('a neighbour that is cut off by a trunk, while it is about to be confirmed, is asked for in vain', () => {
  const network = {
    segments: { lan: { vlan: 1, subnet: '10.0.0.0/24' } },
    switches: ['left', 'right'],
    trunks: [{ between: ['left', 'right'] as [string, string] }],
  };
  const cut = { at: '3s', cut: { trunk: ['left', 'right'] as [string, string] } };
  expect(afterCut(network, [{ switch: 'left' }, { switch: 'right' }], cut)).toEqual([['DELAY'], ['FAILED']]);
});

test('so is one that a cut between two hosts stands before', () => {
  const network = { segments: { lan: { subnet: '10.0.0.0/24' } } };
  expect(afterCut(network, [{}, {}], { at: '3s', cut: { from: 'a', to: 'b' } })).toEqual([['DELAY'], ['FAILED']]);
});
