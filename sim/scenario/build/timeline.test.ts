import { describe, expect, test } from 'vitest';
import { inSeconds } from '../../../core/time.ts';
import { Registry } from '../../host/commands/registry.ts';
import { loadScenario } from '../load.ts';

const planOf = (rest: string) =>
  loadScenario(
    `
network:
  segments: { left: { subnet: 10.0.1.0/24, vlan: 1 }, right: { subnet: 10.0.2.0/24, vlan: 2 } }
  switches: [rack1, rack2]
  trunks: [{ between: [rack1, rack2] }]
  routers: { gateway: { on: [left, right], switch: rack1 } }
hosts:
  a: { on: left, switch: rack1 }
  b: { on: right, switch: rack2 }
  n: { count: 2, on: left, switch: rack1 }
${rest}`,
    { registry: new Registry([]) },
  ).plan;

const stepsOf = (entries: string) => planOf(`timeline:\n${entries}`).timeline.map(({ at, ...action }) => [inSeconds(at), action]);

describe('what happens when', () => {
  test('one step for each host, in the order of the file where instants are equal', () => {
    expect(
      stepsOf(
        '  - { at: 2s, on: n, run: echo 1 }\n  - { at: 1s, on: [b, a], run: echo 2 }\n  - { at: 2s, on: all, signal: TERM, of: serf }',
      ),
    ).toEqual([
      [1, { type: 'run', node: 1, line: 'echo 2' }],
      [1, { type: 'run', node: 0, line: 'echo 2' }],
      [2, { type: 'run', node: 2, line: 'echo 1' }],
      [2, { type: 'run', node: 3, line: 'echo 1' }],
      ...[0, 1, 2, 3].map((node) => [2, { type: 'signal', node, signal: 'TERM', of: 'serf' }]),
    ]);
  });

  test('until undoes', () => {
    expect(
      stepsOf(
        '  - { at: 1s, crash: gateway, until: 5s }\n  - { at: 2s, pause: a, until: 4s }\n  - { at: 3s, cut: { from: a, to: [b, gateway] }, until: 6s }',
      ),
    ).toEqual([
      [1, { type: 'crash', node: 4, torn: false }],
      [2, { type: 'pause', node: 0 }],
      [
        3,
        {
          type: 'cut',
          pairs: [
            [0, 1],
            [0, 4],
          ],
        },
      ],
      [4, { type: 'resume', node: 0 }],
      [5, { type: 'boot', node: 4 }],
      [
        6,
        {
          type: 'heal',
          pairs: [
            [0, 1],
            [0, 4],
          ],
        },
      ],
    ]);
  });

  test('a partition cuts both ways between its groups, and leaves the others alone', () => {
    expect(
      stepsOf('  - { at: 1s, partition: [[a, n1], [b]] }\n  - { at: 2s, heal: { between: [a, b] } }\n  - { at: 3s, heal: all }'),
    ).toEqual([
      [
        1,
        {
          type: 'cut',
          pairs: [
            [0, 1],
            [2, 1],
            [1, 0],
            [1, 2],
          ],
        },
      ],
      [
        2,
        {
          type: 'heal',
          pairs: [
            [0, 1],
            [1, 0],
          ],
        },
      ],
      [3, { type: 'heal-all' }],
    ]);
  });

  test('a trunk is a cable', () => {
    expect(stepsOf('  - { at: 1s, cut: { trunk: [rack2, rack1] }, until: 2s }')).toEqual([
      [1, { type: 'cut-trunk', trunk: 0 }],
      [2, { type: 'heal-trunk', trunk: 0 }],
    ]);
  });

  test.each`
    rest                                                         | end
    ${'timeline: [{ at: 7s, crash: a, until: 9s }]'}             | ${19}
    ${'expect: [{ by: 42s, members: { on: a, alive: [a] } }]'}   | ${52}
    ${'until: 3s'}                                               | ${3}
    ${''}                                                        | ${10}
    ${'interventions: [{ kind: host-crash, host: a, at: 20s }]'} | ${30}
    ${'measure: { m: { from: { at: 1s }, to: { at: 61s } } }'}   | ${71}
  `('the run with $rest ends at $end s', ({ rest, end }) => {
    expect(inSeconds(planOf(rest).end)).toBe(end);
  });
});

describe('what is expected, measured and done by an adversary', () => {
  test('conditions and their time', () => {
    const { expectations } = planOf(`
expect:
  - { at: 1s, members: { on: all, alive: all, failed: [] } }
  - { by: 2s, output: { on: a, of: serf agent, includes: joined } }
  - { from: 1s, until: 2s, output: { on: n, matches: '^x' } }
  - { at: 3s, output: { on: a, equals: "one\\ntwo\\n" } }
  - { at: 3s, exit: { on: a, of: serf join, code: 1 } }
  - { violates: ElectionSafety }
`);
    expect(expectations.map(({ path, line }) => [path, line])).toEqual([0, 1, 2, 3, 4, 5].map((i) => [`expect[${i}]`, 13 + i]));
    expect(expectations).toMatchObject([
      {
        condition: { type: 'members', nodes: [0, 1, 2, 3], alive: ['a', 'b', 'n1', 'n2'], failed: [] },
        window: { type: 'at', at: 1e9 },
      },
      {
        condition: { type: 'output', nodes: [0], of: 'serf agent', text: { type: 'includes', texts: ['joined'] } },
        window: { type: 'by', by: 2e9 },
      },
      {
        condition: { nodes: [2, 3], text: { type: 'matches', pattern: '^x' } },
        window: { type: 'throughout', from: 1e9, until: 2e9 },
      },
      { condition: { text: { type: 'equals', text: 'one\ntwo' } } },
      { condition: { type: 'exit', of: 'serf join', code: 1 } },
      { type: 'violates', property: 'ElectionSafety' },
    ]);
  });

  test('an agent’s own name is a member', () => {
    const { expectations } = planOf(
      'timeline: [{ at: 0s, on: a, run: echo -node=web1 }]\nexpect: [{ at: 1s, members: { on: a, alive: web1 } }]',
    );
    expect(expectations[0]).toMatchObject({ condition: { alive: ['web1'] } });
  });

  test('measures and checks', () => {
    const { measures, checks } = planOf(`
measure:
  join: { from: { command: serf join, on: b }, to: { members: { on: all, alive: all } }, unit: ms }
check: { always: [Safe], eventually: [Agreed, { name: Quiet, within: 30s }], sometimes: [Refuted] }
`);
    expect(measures).toMatchObject([
      {
        name: 'join',
        from: { type: 'command', nodes: [1], line: 'serf join' },
        to: { type: 'members', nodes: [0, 1, 2, 3] },
        unit: 'ms',
      },
    ]);
    expect(checks).toEqual({
      always: ['Safe'],
      eventually: [
        { name: 'Agreed', within: undefined },
        { name: 'Quiet', within: 30e9 },
      ],
      sometimes: ['Refuted'],
    });
  });

  test('interventions, coarse and fine', () => {
    const { interventions } = planOf(`
interventions:
  - { kind: packet-loss, packet: { sender: a, ordinal: 4711, receiver: b, message: ping } }
  - { kind: packet-delay, packet: { sender: a, boot: 1, ordinal: 2, receiver: gateway, hop: 1, message: ack }, by: 20ms }
  - { kind: link-loss, from: a, to: b, rate: 0.3, at: 3s, until: 9s }
  - { kind: link-delay, from: a, to: b, min: 1ms, max: 5ms, at: 3s }
  - { kind: link-cut, from: a, to: b, at: 3s }
  - { kind: host-crash, host: n2, at: 4.2s, until: 9s }
`);
    expect(interventions).toEqual([
      { kind: 'packet-loss', packet: { sender: 'a', boot: 0, ordinal: 4711, receiver: 'b', hop: 0, message: 'ping' } },
      {
        kind: 'packet-delay',
        packet: { sender: 'a', boot: 1, ordinal: 2, receiver: 'gateway', hop: 1, message: 'ack' },
        by: 20e6,
      },
      { kind: 'link-loss', from: 'a', to: 'b', rate: 0.3, at: 3e9, until: 9e9 },
      { kind: 'link-delay', from: 'a', to: 'b', min: 1e6, max: 5e6, at: 3e9 },
      { kind: 'link-cut', from: 'a', to: 'b', at: 3e9 },
      { kind: 'host-crash', host: 'n2', at: 4.2e9, until: 9e9 },
    ]);
  });
});
