import { describe, expect, test } from 'vitest';
import { type Instant, milliseconds, seconds } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { type Report, run } from '../run/run.ts';
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
  return neighbours(run(plan, { registry: surroundings.registry }));
}

/** In which state each `ip neigh` of a run showed neighbours. */
const neighbours = ({ jobs }: Report): string[][] =>
  jobs
    .filter(({ command }) => command === 'ip neigh')
    .map(({ lines }) => lines.map((line) => line.trimEnd().split(' ').at(-1) ?? ''));

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

describe('an intervention that stands between neighbours', () => {
  const network = { segments: { lan: { subnet: '10.0.0.0/24' } } };
  const hosts = { a: { on: 'lan', address: '10.0.0.1' }, b: { on: 'lan', address: '10.0.0.2' } };
  const timeline: Timeline = [
    { at: '0s', on: 'a', run: 'ping -c1 10.0.0.2' },
    { at: '4s', on: 'b', run: 'ip neigh' },
    { at: '9s', on: 'b', run: 'ip neigh' },
  ];
  const { plan } = scenario({ network, hosts, timeline, until: '20s' }, surroundings);
  const { registry } = surroundings;
  const under = (interventions: readonly Intervention[]) => run(plan, { registry, interventions, recording: true });
  const partition = (at: number): Intervention => {
    const [from, until] = [milliseconds(at), seconds(15)] as readonly number[] as readonly Instant[];
    return { kind: 'partition', at: from as Instant, until: until as Instant, groups: [['a'], ['b']] };
  };

  test.each([3_000, 3_200, 4_900])('lets one that is about to be confirmed be asked for in vain, from %i ms on', (at) => {
    expect(neighbours(under([]))).toEqual([['DELAY'], ['REACHABLE']]);
    expect(neighbours(under([partition(at)]))).toEqual([['DELAY'], ['FAILED']]);
  });

  test('does so in its recording too, which is the same run', () => {
    const first = under([partition(3_200)]);
    const again = under(first.recorded ?? []);
    expect(neighbours(again)).toEqual([['DELAY'], ['FAILED']]);
    expect(again.fingerprint).toBe(first.fingerprint);
  });
});
