import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { describeIntervention, type Intervention } from '../intervention/intervention.ts';
import { inputOf } from '../replay/entry.ts';
import { intervention } from '../scenario/schema/intervention.ts';
import { simplifications } from './simpler.ts';

const seconds = (n: number) => Math.round(n * 1e9) as Instant;
const room = { end: seconds(20) };

/** What an entry may become in one step, in words. */
const words = (entry: object, more: object = {}) =>
  simplifications(entry as Intervention, { ...room, ...more }).map(describeIntervention);

describe('what an intervention becomes in one step', () => {
  test('a cut is shorter from either end, and begins and ends at rounder times', () => {
    expect(words({ kind: 'link-cut', from: 'a', to: 'b', at: seconds(3.25), until: seconds(7.5) })).toEqual(
      ['3.250 s to 5.375', '5.375 s to 7.500', '3.250 s to 6.438', '4.312 s to 7.500', '3.250 s to 6.969', '3.781 s to 7.500']
        .concat(['4.000 s to 7.500', '3.300 s to 7.500', '3.250 s to 7.000'])
        .map((times) => `a → b is cut from ${times} s`),
    );
  });

  test('what lasts for ever ends with the run, or when the world is left alone', () => {
    const cut = { kind: 'link-cut', from: 'a', to: 'b', at: seconds(3) };
    expect(words(cut)).toEqual(['a → b is cut from 3.000 s to 20.000 s']);
    expect(words(cut, { quietFrom: seconds(8) })).toEqual(['a → b is cut from 3.000 s to 8.000 s']);
    expect(words({ kind: 'host-crash', host: 'a', at: seconds(3) })).toEqual([]);
  });

  test('losses are rarer, delays shorter and always the same', () => {
    const link = { from: 'a', to: 'b', at: seconds(3), until: seconds(3.01) };
    expect(words({ kind: 'link-loss', rate: 0.3, ...link })).toEqual(['a → b loses 15 % from 3.000 s to 3.010 s']);
    const delays = simplifications(
      { kind: 'link-delay', min: 10e6, max: 30e6, ...link } as unknown as Intervention,
      room,
    ) as unknown as { min: number; max: number }[];
    expect(delays.map(({ min, max }) => [min / 1e6, max / 1e6])).toEqual([
      [5, 15],
      [20, 20],
    ]);
  });

  test('a partition spares one machine, then one way', () => {
    const times = { at: seconds(1), until: seconds(1.01) };
    const partition = { kind: 'partition', groups: [['a', 'b'], ['c']], ...times };
    expect(simplifications(partition as unknown as Intervention, room)).toEqual([
      { ...partition, groups: [['b'], ['c']] },
      { ...partition, groups: [['a'], ['c']] },
    ]);
    expect(simplifications({ ...partition, groups: [['a'], ['c']] } as unknown as Intervention, room)).toEqual([
      { kind: 'link-down', between: ['a', 'c'], ...times },
    ]);
    expect(simplifications({ kind: 'link-down', between: ['a', 'c'], ...times } as unknown as Intervention, room)).toEqual([
      { kind: 'link-cut', from: 'a', to: 'c', ...times },
      { kind: 'link-cut', from: 'c', to: 'a', ...times },
    ]);
  });

  test('a blow is weaker, whoever it is aimed at', () => {
    const aimed = { kind: 'aimed', aim: 'leader', at: seconds(1), until: seconds(1.01) };
    expect(simplifications({ ...aimed, does: { kind: 'host-crash', torn: true } } as unknown as Intervention, room)).toEqual([
      { ...aimed, does: { kind: 'host-crash' } },
    ]);
  });

  test('nothing is put off until the world is to be left alone', () => {
    const crash = { kind: 'host-crash', host: 'a', at: seconds(7.25) };
    expect(words(crash, { quietFrom: seconds(7.3) })).toEqual(['7.000', '7.300', '7.200'].map((at) => `a crashes at ${at} s`));
  });
});

describe('whatever steps are taken', () => {
  const times = fc
    .tuple(fc.integer({ min: 0, max: 15e9 }), fc.integer({ min: 1, max: 15e9 }))
    .map(([at, length]) => ({ at, until: at + length }));
  const delays = fc.tuple(fc.nat(5e9), fc.nat(5e9)).map(([min, more]) => ({ min, max: min + more }));
  const rate = fc.record({ rate: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100) });
  const of = (fields: object, ...parts: fc.Arbitrary<object>[]) =>
    fc.tuple(...parts).map((each) => Object.assign({}, fields, ...each) as Intervention);
  const link = { from: 'a', to: 'b' };
  const entries = fc.oneof(
    of({ kind: 'link-loss', ...link }, times, rate),
    of({ kind: 'link-reorder', ...link }, times, rate, delays),
    of({ kind: 'link-bandwidth', ...link, queue: 65_536 }, times, fc.record({ bandwidth: fc.integer({ min: 1, max: 1e9 }) })),
    of({ kind: 'link-mtu', ...link }, times, fc.record({ mtu: fc.integer({ min: 28, max: 65_535 }) })),
    of({ kind: 'partition', groups: [['a', 'b'], ['c', 'd'], ['e']] }, times),
    of({ kind: 'partition-alone', host: 'a', hosts: ['b', 'c'] }, times),
    of({ kind: 'restart-storm', hosts: ['a', 'b'], every: 1e9 }, times),
    of({ kind: 'crash-wipe', host: 'a' }, times),
    of({ kind: 'clock-jump', host: 'a', at: 5 }, fc.record({ by: fc.integer({ min: -1e12, max: 1e12 }) })),
    of({ kind: 'clock-drift', host: 'a', at: 5 }, fc.record({ drift: fc.integer({ min: -500_000, max: 500_000 }) })),
    of({ kind: 'aimed', aim: 'leader', does: { kind: 'cpu-delay', min: 5, max: 5e9 } }, times),
  );

  test('there is an end to them, and every entry on the way can be written down', () => {
    fc.assert(
      fc.property(entries, fc.infiniteStream(fc.nat()), (entry, choices) => {
        let now = entry;
        for (let steps = 0; ; steps++) {
          expect(intervention.safeParse(inputOf(now)).success).toBe(true);
          const next = simplifications(now, room);
          if (next.length === 0) return;
          expect(steps).toBeLessThan(400);
          now = next[(choices.next().value as number) % next.length] as Intervention;
        }
      }),
      { numRuns: 60 },
    );
  });
});
