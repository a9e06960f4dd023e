import { describe, expect, test } from 'vitest';
import { surroundings } from '../../surroundings.ts';
import { loadScenario } from '../load.ts';
import { formatProblem } from '../problem.ts';

const warningsOf = (...timeline: string[]): string[] =>
  loadScenario(
    `network: { segments: { lan: { subnet: 10.0.0.0/24 } } }
hosts:
  a: { on: lan, files: { x.json: '{"node_name":"x"}' } }
  b: { on: lan }
  n: { on: lan, count: 2 }
timeline:
${timeline.map((entry) => `  - { ${entry} }`).join('\n')}
`,
    surroundings,
    'w.yaml',
  ).warnings.map(formatProblem);

describe('agents should have names of their own', () => {
  test.each([
    ['at: 0s, on: all, run: serf agent'],
    ['at: 0s, on: a, run: serf agent -node x', 'at: 5s, on: a, run: serf agent -node x'],
    ['at: 0s, on: all, run: serf agent -node "$HOSTNAME"'],
  ])('%s', (...timeline) => {
    expect(warningsOf(...timeline)).toEqual([]);
  });

  const already = (name: string, owner: string) =>
    `${name} is the name of an agent on ${owner} already; where two of a name meet, at least one of them stops.`;

  test.each([
    [['at: 0s, on: [a, b], run: serf agent -node x'], `w.yaml:7:49: timeline[0].run: ${already('x', 'a')}`],
    [['at: 0s, on: n, run: serf agent -node x'], `w.yaml:7:44: timeline[0].run: ${already('x', 'n1')}`],
    [
      ['at: 0s, on: all, run: serf agent', 'at: 0s, on: a, run: serf agent -node b -bind :8000'],
      `w.yaml:8:44: timeline[1].run: ${already('b', 'b')}`,
    ],
    [
      ['at: 0s, on: a, run: serf agent -config-file x.json', 'at: 0s, on: b, run: serf agent -node=x'],
      `w.yaml:8:38: timeline[1].run: ${already('x', 'a')}`,
    ],
  ])('%j is warned of', (timeline, warning) => {
    expect(warningsOf(...timeline)).toEqual([warning]);
  });
});

describe('members that commands speak of should be there', () => {
  test.each`
    run                             | warning
    ${'serf force-leave c'}         | ${'w.yaml:8:44: timeline[1].run: No agent is called c. Known names: a, b, n1, n2.'}
    ${'serf query -node n3 load'}   | ${'w.yaml:8:44: timeline[1].run: No agent is called n3. Did you mean n1?'}
    ${'serf rtt a zz'}              | ${'w.yaml:8:38: timeline[1].run: No agent is called zz. Known names: a, b, n1, n2.'}
    ${'serf force-leave "$WHO"'}    | ${undefined}
    ${'serf force-leave -prune n2'} | ${undefined}
  `('$run: $warning', ({ run, warning }) => {
    const expected = warning === undefined ? [] : [warning];
    expect(warningsOf('at: 0s, on: all, run: serf agent', `at: 5s, on: a, run: ${run}`)).toEqual(expected);
  });

  test('nothing is said where names are not known before the run', () => {
    expect(warningsOf('at: 0s, on: a, run: serf agent -node "$X"', 'at: 5s, on: a, run: serf force-leave c')).toEqual([]);
  });
});

test('expectations may name members as files name them', () => {
  const yaml = `network: { segments: { lan: { subnet: 10.0.0.0/24 } } }
hosts: { a: { on: lan, files: { x.json: '{"node_name":"web1"}' } } }
timeline: [{ at: 0s, on: a, run: serf agent -config-file x.json }]
expect: [{ at: 1s, members: { on: a, alive: [web1] } }]
`;
  expect(() => loadScenario(yaml, surroundings)).not.toThrow();
  expect(() => loadScenario(yaml.replace('[web1]', '[web2]'), surroundings)).toThrow('web2');
});
