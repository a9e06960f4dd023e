import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Instant, seconds } from '../../core/time.ts';
import { faultPlans } from './faults.ts';

const space = { hosts: ['a', 'b', 'c'], from: seconds(5) as number as Instant, until: seconds(60) as number as Instant };

test('every generated fault names two different hosts, or one, and is over in time', () => {
  fc.assert(
    fc.property(fc.oneof(faultPlans(space), faultPlans({ ...space, disks: true })), (plan) => {
      for (const fault of plan) {
        if (!('until' in fault)) throw new Error('only coarse faults are generated, and they end');
        expect(fault.at).toBeGreaterThanOrEqual(space.from);
        expect(fault.until).toBeGreaterThan(fault.at);
        expect(fault.until).toBeLessThanOrEqual(space.until);
        if ('from' in fault) expect(fault.from).not.toBe(fault.to);
      }
    }),
  );
});

test('all kinds of faults come up', () => {
  const kinds = new Set(fc.sample(faultPlans(space), { numRuns: 100, seed: 1 }).flatMap((plan) => plan.map(({ kind }) => kind)));
  expect([...kinds].toSorted()).toEqual(['host-crash', 'link-cut', 'link-delay', 'link-loss']);
  const more = fc
    .sample(faultPlans({ ...space, disks: true }), { numRuns: 100, seed: 1 })
    .flatMap((plan) => plan.map(({ kind }) => kind));
  expect([...new Set(more)].toSorted()).toEqual([
    'cpu-delay',
    'disk-delay',
    'disk-error',
    'disk-stall',
    'host-crash',
    'host-pause',
    'link-cut',
    'link-delay',
    'link-loss',
  ]);
});
