import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { judge } from './judge.ts';
import { suiteOf } from './suite.ts';
import type { Trial } from './trial.ts';

const folder = new URL('../../scenarios/', import.meta.url);
const load = (name: string) => loadScenario(readFileSync(new URL(name, folder)), surroundings, `scenarios/${name}`).plan;
const at = (seconds: number) => (seconds * 1e9) as Instant;

/** The left half of two segments, without a reason to fail: `b` crashes for ten seconds, and a cut of nothing that is sent. */
const plan = load('two-segments.yaml');
const trial: Trial = {
  index: 3,
  seed: '7/3',
  interventions: [
    { kind: 'host-crash', host: 'b', at: at(20), until: at(30) },
    { kind: 'link-cut', from: 'a', to: 'b', at: at(1), until: at(2) },
  ],
  enabled: ['host-crash', 'link-cut'],
  quiet: { from: at(40), hosts: ['a', 'b'] },
  heals: 'all',
  end: at(1_000),
};

describe('a run of a campaign', () => {
  const outcome = judge(plan, trial, surroundings);

  test('is plain data, and the same again', () => {
    expect(structuredClone(outcome)).toEqual(outcome);
    expect(judge(plan, trial, surroundings)).toEqual(outcome);
  });

  test('counts for each kind of fault what changed the run, and for each check what it had to judge', () => {
    expect(outcome).toMatchObject({
      fired: { 'host-crash': 1, 'link-cut': 0 },
      interventions: 2,
      unapplied: 1,
      failure: undefined,
    });
    expect(outcome.exercised).toMatchObject({ Agreement: expect.any(Number), IncarnationMonotone: expect.any(Number) });
  });

  test('goes on until what must come true has, and no longer', () => {
    expect(outcome.simulated).toBe(at(90));
    expect(outcome.exercised.Agreement).toBeGreaterThan(0);
  });
});

describe('what a campaign holds a plan to', () => {
  const { properties } = surroundings;

  test('is what applies to what runs on its hosts', () => {
    expect(suiteOf(plan, properties).always).toContain('NoResurrection');
    expect(suiteOf(plan, properties).always).not.toContain('ElectionSafety');
    expect(suiteOf(load('raft-five.yaml'), properties).always).toEqual(
      expect.arrayContaining(['Linearizable', 'ElectionSafety']),
    );
    expect(suiteOf(load('raft-five.yaml'), properties).always).not.toContain('NoResurrection');
  });

  test('leaves out what only holds where nobody interferes, also where the scenario names it', () => {
    const slow = load('slow-node.yaml');
    expect(slow.checks.always).toContain('NoSlander');
    expect(suiteOf(slow, properties).always).not.toContain('NoSlander');
  });

  test('names nothing twice, and keeps the deadlines that a scenario gives', () => {
    const checks = { always: ['HealthRange'], eventually: [{ name: 'Agreement', within: 5 as never }], sometimes: ['Failure'] };
    const { always, eventually, sometimes } = suiteOf({ ...plan, checks }, properties);
    for (const names of [always, eventually.map(({ name }) => name), sometimes]) expect(new Set(names).size).toBe(names.length);
    expect(eventually).toContainEqual({ name: 'Agreement', within: 5 });
  });
});
