import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, seconds } from '../../core/time.ts';
import { run } from '../run/run.ts';
import { scenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { faultPlans } from '../testing/faults.ts';

const hosts = ['a', 'b', 'c', 'd'];
const { plan } = scenario(
  {
    network: {
      segments: { left: { subnet: '10.0.1.0/24' }, right: { subnet: '10.0.2.0/24' } },
      routers: { gateway: { on: ['left', 'right'] } },
    },
    hosts: { a: { on: 'left', address: '10.0.1.10' }, b: { on: 'left' }, c: { on: 'right' }, d: { on: 'right' } },
    timeline: [
      { at: '0s', on: 'all', run: 'serf agent -iface=eth0 -discover=blue -retry-join=10.0.1.10 -retry-interval=1s' },
      { at: '20s', on: 'b', run: 'serf event deploy' },
      { at: '40s', on: 'c', run: 'serf force-leave b' },
      { at: '60s', on: 'd', signal: 'INT', of: 'serf agent' },
    ],
    check: {
      always: [
        'IncarnationMonotone',
        'NoResurrection',
        'NoSelfDoubt',
        'OnlyOwnerRaises',
        'StatusChanges',
        'MulticastStays',
        'HealthRange',
      ],
      eventually: ['Agreement'],
    },
    until: '900s',
  },
  surroundings,
);

test('agents in a world of segments, hosts and wires keep every property under generated faults', () => {
  const faults = faultPlans({ hosts, from: seconds(5) as number as Instant, until: seconds(120) as number as Instant });
  fc.assert(
    fc.property(faults, fc.integer(), (interventions, seed) => {
      const { findings } = run(plan, { registry: surroundings.registry, interventions, seed });
      expect(findings.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    }),
    { numRuns: 8 },
  );
});
