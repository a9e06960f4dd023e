import { describe, expect, test } from 'vitest';
import { seconds } from '../../core/time.ts';
import type { Case } from '../replay/case.ts';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { simplerCases, stepsOf } from './neighbours.ts';

const at = (n: number) => seconds(n) as number as never;
const { plan } = loadScenario(
  `network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts: { n: { count: 3, on: lan }, client: { on: lan } }
timeline:
  - { at: 0s, on: n1, run: "kvd -peers=n1=10.0.1.1" }
  - { at: 2s, on: client, run: "kv load -servers=10.0.1.1 -clients=5 -operations 100" }
  - { at: 3s, crash: n2 }
  - { at: 4s, slow: n3, by: 5ms }
  - { at: 9s, boot: n2 }
until: 20s
`,
  surroundings,
);
const failure = { check: 'X', sort: '', at: at(6), says: '' };
const last = { failure, end: at(6), fingerprint: '', unapplied: [] };
const smallest: Case = { seed: 1, interventions: [], nominal: ['loss', 'delay'], until: at(6) };
const always = { smallest, failure, last: { ...last, kind: 'always' as const } };
const eventually = { smallest, failure, last: { ...last, kind: 'eventually' as const } };

describe('what may be left out of a run', () => {
  test('are the steps up to its end, and what befalls hosts for a time', () => {
    expect(stepsOf(plan, always)).toEqual([0, 1, 2, 4]);
    expect(stepsOf(plan, { ...always, smallest: { ...smallest, without: [{ step: 1, was: '' }] } })).toEqual([0, 2, 4]);
  });

  test('are only the steps that do harm where something was to come true', () => {
    expect(stepsOf(plan, eventually)).toEqual([2, 4]);
  });
});

describe('a step of a client', () => {
  const sites = Array.from({ length: 10 }, (_, site) => simplerCases(plan, always, site)).filter((cases) => cases !== undefined);
  const was = '2.000 s client: kv load -servers=10.0.1.1 -clients=5 -operations 100';

  test('is left out, or has half of the clients or half of the work', () => {
    expect(sites.at(-3)).toEqual([
      { ...smallest, without: [{ step: 1, was }] },
      { ...smallest, instead: [{ step: 1, was, run: 'kv load -servers=10.0.1.1 -clients=2 -operations 100' }] },
      { ...smallest, instead: [{ step: 1, was, run: 'kv load -servers=10.0.1.1 -clients=5 -operations 50' }] },
    ]);
  });

  test('goes on from what it was made to, and is left out altogether', () => {
    const instead = [{ step: 1, was, run: 'kv load -servers=10.0.1.1 -clients=1 -operations 3' }];
    const [gone, less, ...more] = simplerCases(plan, { ...always, smallest: { ...smallest, instead } }, sites.length - 3) ?? [];
    expect(gone).toEqual({ ...smallest, without: [{ step: 1, was }] });
    expect(less?.instead).toEqual([{ step: 1, was, run: 'kv load -servers=10.0.1.1 -clients=1 -operations 1' }]);
    expect(more).toEqual([]);
  });
});

test('what must come true is due sooner when the last thing was done sooner', () => {
  const quiet = { from: at(15), hosts: ['n1'] };
  const of: Case = { ...smallest, quiet, interventions: [{ kind: 'host-pause', host: 'n1', at: at(3), until: at(12) }] };
  const sites = Array.from({ length: 10 }, (_, site) => simplerCases(plan, { ...eventually, smallest: of }, site) ?? []);
  expect(sites.flat().flatMap((each) => (each.quiet?.from === quiet.from ? [] : [each.quiet?.from]))).toEqual([at(12)]);
});

test('since when the world is left alone does not matter to what must always hold', () => {
  const of: Case = { ...smallest, quiet: { from: at(15), hosts: ['n1'] } };
  expect(simplerCases(plan, { ...always, smallest: of }, 2)).toEqual([smallest]);
});
