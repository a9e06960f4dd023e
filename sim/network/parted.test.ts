import { expect, test } from 'vitest';
import { run } from '../run/run.ts';
import { scenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';

test('a neighbour that is cut off by a trunk, while it is about to be confirmed, is asked for in vain', () => {
  const { plan } = scenario(
    {
      network: {
        segments: { lan: { vlan: 1, subnet: '10.0.0.0/24' } },
        switches: ['left', 'right'],
        trunks: [{ between: ['left', 'right'] }],
      },
      hosts: { a: { on: 'lan', switch: 'left', address: '10.0.0.1' }, b: { on: 'lan', switch: 'right', address: '10.0.0.2' } },
      timeline: [
        // b learns of a by its request, and so has a stale entry, which its answer puts into delay until 5 s.
        { at: '0s', on: 'a', run: 'ping -c1 10.0.0.2' },
        { at: '3s', cut: { trunk: ['left', 'right'] } },
        { at: '4s', on: 'b', run: 'ip neigh' },
        { at: '9s', on: 'b', run: 'ip neigh' },
      ],
    },
    surroundings,
  );
  const { jobs } = run(plan, { registry: surroundings.registry });
  const states = jobs
    .filter(({ command }) => command === 'ip neigh')
    .map(({ lines }) => lines.map((line) => line.trimEnd().split(' ').at(-1)));
  expect(states).toEqual([['DELAY'], ['FAILED']]);
});
