import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, type Instant, milliseconds, seconds } from '../core/time.ts';
import { Kind } from './engine/journal.ts';
import { run } from './run/run.ts';
import { loadScenario } from './scenario/load.ts';
import type { Plan } from './scenario/plan.ts';
import { surroundings } from './surroundings.ts';
import { faultPlans, faultSpaceOf } from './testing/faults.ts';
import { World } from './world.ts';

const shipped = (name: string): Plan =>
  loadScenario(readFileSync(new URL(`../scenarios/${name}`, import.meta.url)), surroundings, name).plan;

const { registry } = surroundings;
const plans = [
  ['softlayer-vlans.yaml', shipped('softlayer-vlans.yaml')],
  ['docker-cluster.yaml', shipped('docker-cluster.yaml')],
] as const;

describe.each(plans)('a world of %s', (_name, plan) => {
  const end = plan.end;
  const whole = new World(plan, { registry });
  whole.simulation.runUntil(end);
  const fingerprint = whole.fingerprint();

  test('is the same whether or not somebody watches, judges and measures it', () => {
    expect(run(plan, { registry }).fingerprint).toBe(fingerprint);
    const checks = { always: ['NoSelfDoubt'], eventually: [{ name: 'Agreement', within: undefined }], sometimes: ['Failure'] };
    expect(run({ ...plan, expectations: [], checks }, { registry }).fingerprint).toBe(fingerprint);
  });

  test('goes on in the same way when it was saved between any two events and restored into another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end }), fc.integer({ min: 0, max: 40 }), (instant, events) => {
        const first = new World(plan, { registry });
        first.simulation.runUntil(instant as Instant);
        let left = events;
        first.simulation.runWhile(() => left-- > 0, end);
        const saved = first.save();
        const second = new World(plan, { registry });
        second.restore(saved);
        second.simulation.runUntil(end);
        expect(second.fingerprint()).toBe(fingerprint);
      }),
      { numRuns: 12 },
    );
  });

  test('goes back to where it was saved, however far it has gone since', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end }), (instant) => {
        const world = new World(plan, { registry });
        world.simulation.runUntil(instant as Instant);
        const saved = world.save();
        world.simulation.runUntil(end);
        world.restore(saved);
        expect(world.save()).toEqual(saved);
        world.simulation.runUntil(end);
        expect(world.fingerprint()).toBe(fingerprint);
      }),
      { numRuns: 8 },
    );
  });

  describe('under generated faults', () => {
    const faults = faultPlans(faultSpaceOf(plan));

    test('is repeated packet by packet by what was recorded', () => {
      fc.assert(
        fc.property(faults, (interventions) => {
          const first = run(plan, { registry, interventions, recording: true });
          const again = run(plan, { registry, interventions: first.recorded ?? [] });
          expect(again.fingerprint).toBe(first.fingerprint);
          expect(again.unapplied.filter(({ intervention }) => 'packet' in intervention)).toEqual([]);
        }),
        { numRuns: 12 },
      );
    });

    test('keeps to what must always hold', () => {
      const checks = {
        always: ['IncarnationMonotone', 'NoResurrection', 'NoSelfDoubt', 'HealthRange'],
        eventually: [],
        sometimes: [],
      };
      // Where a fault keeps everybody from meeting, there may be nothing to judge.
      const held = new Set<string>();
      fc.assert(
        fc.property(faults, (interventions) => {
          const { findings } = run({ ...plan, expectations: [], measures: [], checks }, { registry, interventions });
          expect(findings.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
          for (const { check, verdict } of findings) if (verdict === 'held') held.add(check);
        }),
        { numRuns: 25 },
      );
      expect(held).toEqual(new Set(checks.always));
    });

    test('agrees in the end, within the time that its timers need', () => {
      const checks = { always: [], eventually: [{ name: 'Agreement', within: undefined }], sometimes: [] };
      const longer = { ...plan, expectations: [], measures: [], checks, end: add(end, seconds(1_200)) };
      fc.assert(
        fc.property(faults, (interventions) => {
          const { findings } = run(longer, { registry, interventions });
          expect(findings.map(({ verdict, says }) => `${verdict} ${says}`)).toEqual(['held ']);
        }),
        { numRuns: 6 },
      );
    });
  });
});

test('a fault moves no packet that it does not concern', () => {
  const [, plan] = plans[0];
  const crossing = (interventions: Parameters<typeof run>[1]['interventions'] & object) => {
    const arrivals: string[] = [];
    const world = new World(plan, {
      registry,
      interventions,
      listen: ({ names }) => [
        {
          record: (_id, at, kind, node, peer, _cause, word) => {
            if (kind === Kind.deliver) arrivals.push(`${at} ${node} ${peer} ${names.text(word)}`);
          },
          cell: () => {},
        },
      ],
    });
    world.simulation.runUntil(milliseconds(3_000) as number as Instant);
    return arrivals;
  };
  // serf-test03 does not speak before 110 s, so a cut of what it sends changes nothing in the first seconds.
  const idle = { kind: 'link-cut', from: 'serf-test03', to: 'serf-test01', at: 0 as Instant } as const;
  expect(crossing([idle])).toEqual(crossing([]));
});
