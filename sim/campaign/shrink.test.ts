import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../../core/time.ts';
import type { Check } from '../check/check.ts';
import type { Property } from '../check/property.ts';
import { Kind } from '../engine/journal.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Case } from '../replay/case.ts';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { faultPlans } from '../testing/faults.ts';
import { attempt } from './attempt.ts';
import { type Failure, isSame } from './failure.ts';
import { simplerCases } from './neighbours.ts';
import type { Budget, Shrunk } from './search.ts';
import { shrink, shrinkHere } from './shrink.ts';

const HOSTS = ['a', 'b', 'c'];
const { plan } = loadScenario(
  `network:
  segments:
    lan: { subnet: 10.0.1.0/24, latency: 1ms..3ms, loss: 0.02 }
hosts:
  a: { on: lan, address: 10.0.1.1 }
  b: { on: lan, address: 10.0.1.2 }
  c: { on: lan, address: 10.0.1.3 }
timeline:
  - { at: 0s, on: a, run: ping -q -i 0.25 10.0.1.2 }
  - { at: 0s, on: b, run: ping -q -i 0.25 10.0.1.3 }
  - { at: 0s, on: c, run: ping -q -i 0.25 10.0.1.1 }
until: 3s
`,
  surroundings,
);

/** Things that must all have happened for a run to fail. */
type Cause =
  | { readonly type: 'crash'; readonly host: number }
  /** So many packets from one to the next did not get there. */
  | { readonly type: 'losses'; readonly from: number; readonly times: number };

/** A bug that only these together bring about, in the order in which they are listed or in any. */
function buggy(causes: readonly Cause[]): Property {
  return {
    kind: 'always',
    says: 'Nothing of the kind happens.',
    applies: () => true,
    make: (name, { world, cells }): Check => {
      const seen = new Map<string, number>();
      const count = (key: string) => {
        seen.set(key, (seen.get(key) ?? 0) + 1);
        cells.version++;
      };
      world.journal.sinks.push({
        record: (_id, _at, kind, node, peer) => {
          if (kind === Kind.crash) count(`crash ${node}`);
          if (kind === Kind.drop) count(`losses ${node} ${peer}`);
        },
        cell: () => {},
      });
      const isThere = (cause: Cause): boolean =>
        cause.type === 'crash'
          ? seen.has(`crash ${cause.host}`)
          : [0, 1, 2].reduce((sum, to) => sum + (seen.get(`losses ${cause.from} ${to}`) ?? 0), 0) >= cause.times;
      return { kind: 'always', name, judge: () => (causes.every(isThere) ? 'it happened on a' : undefined) };
    },
  };
}

const causes = fc
  .uniqueArray(
    fc.oneof(
      fc.record({ type: fc.constant('crash' as const), host: fc.nat(2) }),
      fc.record({ type: fc.constant('losses' as const), from: fc.nat(2), times: fc.integer({ min: 1, max: 3 }) }),
    ),
    { minLength: 1, maxLength: 3, selector: (cause) => `${cause.type} ${'host' in cause ? cause.host : cause.from}` },
  )
  .map((list): readonly Cause[] => list);

const noise = faultPlans({ hosts: HOSTS, from: 0 as never, until: milliseconds(2_500) as number as never, most: 6, disks: true });

/** A run that fails, and what is needed to run it. */
interface Situation {
  readonly start: Case;
  readonly failure: Failure;
  readonly kit: typeof surroundings;
}

function failing(list: readonly Cause[], interventions: readonly Intervention[], seed: number): Situation | undefined {
  const kit = { ...surroundings, properties: new Map([['Toy', buggy(list)]]) };
  const start: Case = { seed, interventions, check: 'Toy' };
  const { failure } = attempt(plan, { case: start }, kit);
  return failure === undefined ? undefined : { start, failure, kit };
}

/** Shrinks as a pool does that answers all candidates of a batch. */
function shrinkAtOnce({ start, failure, kit }: Situation, budget: Budget): Shrunk {
  const search = shrink(plan, start, failure, budget);
  for (let step = search.next(); ; ) {
    if (step.done) return step.value;
    step = search.next(step.value.attempts.map((each) => attempt(plan, each, kit)));
  }
}

const BUDGET: Budget = { runs: 5_000 };

function forAllFailures(check: (situation: Situation, list: readonly Cause[]) => void, numRuns: number): void {
  fc.assert(
    fc.property(causes, noise, fc.nat(1_000), (list, interventions, seed) => {
      const situation = failing(list, interventions, seed);
      fc.pre(situation !== undefined);
      check(situation, list);
    }),
    { numRuns },
  );
}

describe('what a failure shrinks to', () => {
  test('fails in the same way, with no more than its causes take, of which nothing can be taken away or made simpler by a step', () => {
    forAllFailures(({ start, failure, kit }, list) => {
      const shrunk = shrinkHere(plan, start, failure, { kit, budget: BUDGET });
      expect(shrunk.ended).toBe('minimal');
      const fails = (of: Case): boolean => isSame(attempt(plan, { case: of }, kit).failure, failure);
      expect(fails(shrunk.case)).toBe(true);
      const { interventions } = shrunk.case;
      expect(interventions.length).toBeLessThanOrEqual(
        list.reduce((sum, cause) => sum + (cause.type === 'crash' ? 1 : cause.times), 0),
      );
      for (const place of interventions.keys())
        expect(fails({ ...shrunk.case, interventions: interventions.filter((_, each) => each !== place) })).toBe(false);
      const last = attempt(plan, { case: shrunk.case }, kit);
      const situation = { smallest: shrunk.case, failure: shrunk.failure, last };
      for (
        let site = 0, cases = simplerCases(plan, situation, 0);
        cases !== undefined;
        cases = simplerCases(plan, situation, ++site)
      )
        for (const each of cases) expect([each, fails(each)]).toEqual([each, false]);
    }, 10);
  });

  test('is the same whether candidates are run one after another or all at once', () => {
    forAllFailures((situation) => {
      const { start, failure, kit } = situation;
      expect(shrinkAtOnce(situation, BUDGET)).toEqual(shrinkHere(plan, start, failure, { kit, budget: BUDGET }));
    }, 4);
  });

  test('is the smallest so far when the budget is used up, and that still fails', () => {
    forAllFailures(({ start, failure, kit }) => {
      const whole = shrinkHere(plan, start, failure, { kit, budget: BUDGET });
      const half = shrinkHere(plan, start, failure, { kit, budget: { runs: Math.floor(whole.runs / 2) } });
      expect(half.runs).toBeLessThanOrEqual(Math.floor(whole.runs / 2));
      expect(half.ended).toBe(half.runs === whole.runs ? 'minimal' : 'budget');
      if (half.runs > 0) expect(isSame(attempt(plan, { case: half.case }, kit).failure, failure)).toBe(true);
    }, 4);
  });
});

describe('a failure', () => {
  const crash = { kind: 'host-crash', host: 'b', at: milliseconds(1_357) as number as never } as const;

  test('that needs one crash comes to that crash, at a round time, in a world that does nothing else', () => {
    const cut = { kind: 'link-cut', from: 'a', to: 'c', at: seconds(1), until: seconds(2) } as unknown as Intervention;
    const situation = failing([{ type: 'crash', host: 1 }], [cut, crash, cut], 1) as Situation;
    const shrunk = shrinkHere(plan, situation.start, situation.failure, { kit: situation.kit, budget: BUDGET });
    expect(shrunk.case).toMatchObject({
      interventions: [{ kind: 'host-crash', host: 'b', at: seconds(2) }],
      nominal: ['loss', 'delay'],
      without: [{ was: '0.000 s a: ping -q -i 0.25 10.0.1.2' }, { step: 1 }, { step: 2 }],
      until: seconds(2),
    });
  });

  test('that needs one lost packet comes to that packet', () => {
    const loss = {
      kind: 'link-loss',
      from: 'a',
      to: 'b',
      rate: 0.5,
      at: seconds(1),
      until: seconds(5),
    } as unknown as Intervention;
    const situation = failing([{ type: 'losses', from: 0, times: 2 }], [crash, loss], 1) as Situation;
    const shrunk = shrinkHere(plan, situation.start, situation.failure, { kit: situation.kit, budget: BUDGET });
    expect(shrunk.case.interventions.map(({ kind }) => kind)).toEqual(['packet-loss', 'packet-loss']);
  });

  test('that came when the run had gone on beyond its end is found again', () => {
    const { failure, kit } = failing([{ type: 'crash', host: 1 }], [crash], 1) as Situation;
    const start: Case = { seed: 1, interventions: [crash], until: seconds(1) as number as never };
    const shrunk = shrinkHere(plan, start, failure, { kit, budget: BUDGET });
    expect(shrunk).toMatchObject({ ended: 'minimal', case: { interventions: [{ host: 'b' }] } });
  });

  test('to get somewhere in time is due sooner, and keeps what it takes to get there', () => {
    const up: Property = {
      kind: 'eventually',
      says: 'b is up.',
      applies: () => true,
      make: (name, { world, quiet }) => ({
        kind: 'eventually',
        name,
        from: quiet?.from ?? (0 as never),
        by: ((quiet?.from ?? 0) + seconds(1)) as never,
        missing: () => (world.hosts.isUp(1) ? undefined : 'b'),
      }),
    };
    const kit = { ...surroundings, properties: new Map([['Up', up]]) };
    const other = { kind: 'host-crash', host: 'c', at: milliseconds(700), until: milliseconds(900) } as unknown as Intervention;
    const start: Case = {
      seed: 1,
      interventions: [other, crash],
      quiet: { from: milliseconds(2_500) as never, hosts: HOSTS },
      check: 'Up',
    };
    const { failure } = attempt(plan, { case: { ...start, until: milliseconds(3_500) as never } }, kit);
    const shrunk = shrinkHere(plan, start, failure as Failure, { kit, budget: BUDGET });
    expect(shrunk).toMatchObject({
      ended: 'minimal',
      failure: { at: seconds(3), says: 'still missing: b' },
      case: { interventions: [{ host: 'b', at: seconds(2) }], quiet: { from: seconds(2) }, until: seconds(3) },
    });
    expect(shrunk.case.without).toBeUndefined();
    expect(attempt(plan, { case: shrunk.case }, kit)).toMatchObject({ failure: shrunk.failure, fingerprint: shrunk.fingerprint });
  });

  test('that does not come again is said not to', () => {
    const situation = failing([{ type: 'crash', host: 1 }], [crash], 1) as Situation;
    const other = { ...situation.failure, sort: 'another' };
    const shrunk = shrinkHere(plan, situation.start, other, { kit: situation.kit, budget: BUDGET });
    expect(shrunk).toMatchObject({ ended: 'unrepeatable', case: { interventions: [crash] }, runs: 1 });
  });
});
