import { describe, expect, test } from 'vitest';
import { type Instant, seconds } from '../core/time.ts';
import { Kind } from './engine/journal.ts';
import { run } from './run/run.ts';
import { scenario } from './scenario/load.ts';
import { formatProblem, ScenarioError } from './scenario/problem.ts';
import type { EntryInput, ScenarioInput } from './scenario/schema.ts';
import { surroundings } from './surroundings.ts';
import { World } from './world.ts';

const { registry } = surroundings;
const AGENTS = { at: '0s', on: 'all', run: 'serf agent' };

const input = (timeline: readonly object[], rest: Partial<ScenarioInput> = {}): ScenarioInput => ({
  seed: 1,
  until: '60s',
  start: 'converged',
  network: { segments: { lan: { subnet: '10.0.0.0/24' } } },
  hosts: { n: { on: 'lan', count: 5 } },
  timeline: timeline as EntryInput[],
  ...rest,
});

const problemsOf = (data: ScenarioInput): string[] => {
  try {
    scenario(data, surroundings);
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems.map(formatProblem);
    throw error;
  }
};

const everybody = ['n1', 'n2', 'n3', 'n4', 'n5'];

describe('a world that starts converged', () => {
  test('shows at once that all know each other, and nobody joins anybody', () => {
    const expect_ = [{ from: '0s', until: '60s', members: { on: 'all', alive: everybody } }];
    const { plan } = scenario(input([AGENTS], { expect: expect_ as never }), surroundings);
    const logged: string[] = [];
    const sent = new Set<string>();
    const report = run(plan, {
      registry,
      listen: ({ names }) => [
        {
          record: (_id, _at, kind, _node, _peer, _cause, word, _size, payload) => {
            if (kind === Kind.log) logged.push((payload as { line: string }).line);
            if (kind === Kind.send) sent.add(names.text(word));
          },
          cell: () => undefined,
        },
      ],
    });
    expect(report.findings.map(({ verdict }) => verdict)).toEqual(['held']);
    // Each agent has heard of itself only, before it knew the others.
    expect(logged.filter((line) => line.includes('EventMember'))).toHaveLength(5);
    expect(sent.has('alive') || sent.has('compound')).toBe(false);
  });

  test('finds one that starts later as always', () => {
    const { plan } = scenario(
      input(
        [
          { at: '0s', on: ['n1', 'n2', 'n3', 'n4'], run: 'serf agent' },
          { at: '10s', on: 'n5', run: 'serf agent' },
          { at: '11s', on: 'n5', run: 'serf join 10.0.0.1' },
        ],
        {
          expect: [
            { at: '10s', members: { on: 'n1', alive: everybody.slice(0, 4) } },
            { by: '15s', members: { on: 'all', alive: everybody } },
          ] as never,
        },
      ),
      surroundings,
    );
    expect(run(plan, { registry }).findings.map(({ verdict }) => verdict)).toEqual(['held', 'held']);
  });

  test('goes on in the same way when it was saved and restored into another', () => {
    const { plan } = scenario(input([AGENTS, { at: '10s', crash: 'n3' }]), surroundings);
    const whole = new World(plan, { registry });
    whole.simulation.runUntil(plan.end);
    const first = new World(plan, { registry });
    first.simulation.runUntil(seconds(12) as number as Instant);
    const second = new World(plan, { registry });
    second.restore(first.save());
    second.simulation.runUntil(plan.end);
    expect(second.fingerprint()).toBe(whole.fingerprint());
  });

  test.each([
    [
      [],
      'start: No agent starts at 0 s, so there is nobody to know each other. Start agents at 0s: - { at: 0s, on: all, run: serf agent }',
    ],
    [
      [{ at: '1s', on: 'all', run: 'serf agent' }],
      'start: No agent starts at 0 s, so there is nobody to know each other. Start agents at 0s: - { at: 0s, on: all, run: serf agent }',
    ],
    [
      [{ at: '0s', on: 'n1', run: 'serf agent' }],
      'start: Only one agent starts at 0 s, so there is nobody to know each other. Start agents at 0s: - { at: 0s, on: all, run: serf agent }',
    ],
    [
      [{ at: '0s', on: 'all', run: 'serf agent -node=me' }],
      'start: Two agents that start at 0 s are called me. Members that know each other have a name each: serf agent -node=NAME.',
    ],
  ])('makes no sense with %j', (timeline, problem) => {
    expect(problemsOf(input(timeline))).toEqual([problem]);
  });
});

test('a start is one of two', () => {
  expect(problemsOf(input([AGENTS], { start: 'warm' as never }))[0]).toMatch(/^start: /);
});
