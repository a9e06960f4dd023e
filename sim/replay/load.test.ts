import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Intervention } from '../intervention/intervention.ts';
import { loadScenario, printScenario } from '../scenario/load.ts';
import { formatProblem, type Problem, ScenarioError } from '../scenario/problem.ts';
import { intervention } from '../scenario/schema/intervention.ts';
import { surroundings } from '../surroundings.ts';
import { loadReplay } from './load.ts';
import { type Replay, scenarioHash } from './replay.ts';
import { writeReplay } from './write.ts';

const WORLD = `network:
  segments:
    lan: { vlan: 1, subnet: 10.0.1.0/24 }
    far: { vlan: 2, subnet: 10.0.2.0/24 }
  switches: [left, right]
  trunks:
    - { between: [left, right] }
  routers:
    gateway: { on: [lan, far], switch: left }
hosts:
  a: { on: lan, switch: left }
  b: { on: lan, switch: right }
  c: { on: lan, switch: left }
timeline:
  - { at: 0s, on: a, run: serf agent }
`;
const { data } = loadScenario(WORLD, surroundings);

const replay = (interventions: readonly Intervention[] = [], more: Partial<Replay> = {}): Replay => ({
  partita: '0.1.0',
  scenario: { name: 'two hosts', hash: scenarioHash(data), text: printScenario(data) },
  case: { seed: 7, interventions },
  verdict: 'held',
  fingerprint: '0123456789abcdef',
  checkpoints: { every: 1_000_000 as never, marks: ['000000', '000000', 'ffffff'] },
  ...more,
});

function problemsOf(text: string): readonly Problem[] {
  try {
    loadReplay(text, surroundings, 'r.yaml');
    return [];
  } catch (error) {
    if (error instanceof ScenarioError) return error.problems;
    throw error;
  }
}

/** A list of interventions that has each kind at least once, as scenarios write them. */
const EVERYTHING = `
  - { kind: packet-loss, packet: { sender: a, boot: 1, ordinal: 12, receiver: b, hop: 1, message: ping } }
  - { kind: packet-delay, packet: { sender: a, ordinal: 0, receiver: b, message: append request }, by: 1.000000001s }
  - { kind: packet-duplicate, packet: { sender: a, ordinal: 7, receiver: b, message: ping }, by: 0s }
  - { kind: packet-corrupt, packet: { sender: a, ordinal: 7, receiver: b, message: ping } }
  - { kind: packet-misdelivery, packet: { sender: a, ordinal: 7, receiver: b, message: ping }, to: c }
  - { kind: link-loss, from: a, to: b, at: 0s, rate: 0.05 }
  - { kind: link-burst, from: a, to: b, at: 1h, until: 61m, enter: 0.1, leave: 0.2, rate: 1 }
  - { kind: link-delay, from: a, to: gateway, at: 1s, until: 2s, min: 0s, max: 1.5ms }
  - { kind: link-reorder, from: a, to: b, at: 1s, rate: 0.5, min: 1ms, max: 2ms }
  - { kind: link-duplicate, from: a, to: b, at: 1s, rate: 0.5, min: 1ms, max: 2ms }
  - { kind: link-corrupt, from: a, to: b, at: 1s, rate: 0 }
  - { kind: link-misdelivery, from: a, to: b, at: 1s, rate: 0.5, instead: c }
  - { kind: link-bandwidth, from: a, to: b, at: 1s, bandwidth: 9600bit, queue: 1000 }
  - { kind: link-bandwidth, from: a, to: b, at: 1s, bandwidth: 10Mbit }
  - { kind: link-mtu, from: a, to: b, at: 1s, mtu: 576 }
  - { kind: link-cut, from: b, to: a, at: 1s, until: 1.5s }
  - { kind: link-down, between: [a, b], at: 1s }
  - { kind: link-flap, between: [a, b], at: 1s, up: 100ms, down: 1.5s }
  - { kind: partition, groups: [[a], [b, c]], at: 1s, until: 2s }
  - { kind: partition-halves, hosts: [a, b, c], at: 1s }
  - { kind: partition-minority, hosts: [a, b, c], at: 1s }
  - { kind: partition-ring, hosts: [a, b, c], at: 1s }
  - { kind: partition-bridge, hosts: [a, b, c], at: 1s }
  - { kind: partition-alone, host: a, hosts: [b, c], only: in, at: 1s }
  - { kind: partition-segment, segment: lan, at: 1s }
  - { kind: trunk-cut, trunk: [left, right], at: 1s }
  - { kind: router-down, router: gateway, at: 1s, until: 2s }
  - { kind: multicast-leak, segments: [lan, far], at: 1s }
  - { kind: host-crash, host: a, at: 1s, until: 2s, torn: true }
  - { kind: crash-wipe, host: a, at: 1s }
  - { kind: crash-at-write, host: a, at: 1s, does: sync, after: 3, done: false, for: 1s }
  - { kind: new-address, host: a, address: 10.0.1.77, at: 1s, until: 2s }
  - { kind: host-pause, host: a, at: 1s, until: 2s }
  - { kind: cpu-delay, host: a, at: 1s, min: 1ms, max: 2ms, only: network }
  - { kind: process-restart, host: a, at: 1s, of: serf agent }
  - { kind: signal, host: a, at: 1s, until: 2s, signal: KILL, of: serf }
  - { kind: restart-storm, hosts: [a, b], at: 1s, every: 500ms }
  - { kind: revive, host: a, at: 1s }
  - { kind: command, host: a, at: 1s, run: serf members }
  - { kind: clock-jump, host: a, at: 1s, by: -1.5s }
  - { kind: clock-drift, host: a, at: 1s, drift: -50ppm }
  - { kind: disk-stall, host: a, at: 1s }
  - { kind: disk-delay, host: a, at: 1s, min: 1ms, max: 2ms }
  - { kind: disk-full, host: a, at: 1s }
  - { kind: disk-error, host: a, at: 1s, rate: 0.25 }
  - { kind: disk-lie, host: a, at: 1s, rate: 1 }
  - { kind: disk-wipe, host: a, at: 1s }
  - { kind: corrupt-record, host: a, at: 1s, file: /x, record: -1 }
  - { kind: write-delay, operation: { host: a, ordinal: 3, does: sync /x }, by: 1s }
  - { kind: write-failure, operation: { host: a, boot: 2, ordinal: 3, does: sync /x }, outcome: full }
  - { kind: sync-lie, operation: { host: a, ordinal: 3, does: sync /x } }
  - { kind: torn-write, operation: { host: a, ordinal: 3, does: append /x } }
  - { kind: write-crash, operation: { host: a, ordinal: 3, does: sync /x }, done: true, for: 2s }
  - { kind: aimed, aim: leader, does: { kind: host-crash, torn: true }, at: 1s, until: 2s, upon: election, after: 20ms }
  - { kind: aimed, aim: newest, does: { kind: cpu-delay, min: 1ms, max: 2ms }, at: 1s }
  - { kind: aimed, aim: probed, does: { kind: clock-jump, by: -2s }, at: 1s }
  - { kind: aimed, aim: subject, does: { kind: crash-at-write, after: 2, done: true }, at: 1s, upon: vote }
`;
const { interventions: all } = loadScenario(`${WORLD}interventions:${EVERYTHING}`, surroundings).plan;

test('there is an example of every kind of intervention', () => {
  const kinds = intervention.options.map(({ shape }) => shape.kind.value);
  expect(kinds.filter((kind) => !all.some((each) => each.kind === kind))).toEqual([]);
});

describe('a replay file', () => {
  test('says after it was read what was written', () => {
    const seconds = fc.integer({ min: 0, max: 1e12 });
    const more = fc.record(
      {
        seed: fc.oneof(fc.nat(), fc.string()),
        check: fc.constantFrom('ElectionSafety', 'NoException'),
        until: fc.integer({ min: 1, max: 1e12 }),
        quiet: fc.record({ from: seconds, hosts: fc.subarray(['a', 'b']) }),
        nominal: fc.subarray(['loss', 'delay'], { minLength: 1 }),
        instead: fc.constant([{ step: 0, was: '0.000 s a: serf agent', run: 'serf agent -tag x=y' }]),
        without: fc.array(fc.record({ step: fc.nat(9), was: fc.constantFrom('1.000 s a: kv get "x"', '# y: 1') }), {
          minLength: 1,
        }),
      },
      { requiredKeys: ['seed'] },
    );
    const failure = fc.record({
      check: fc.constantFrom('A', 'B'),
      sort: fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
      at: seconds,
      says: fc.constantFrom('one\n    two  <- # three', "it's: no"),
    });
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...all], { maxLength: 6 }),
        more,
        fc.option(failure, { nil: undefined }),
        (list, rest, failed) => {
          const written = {
            ...replay(list, { verdict: 'violated', rules: 'a bug', cause: 'It was so: truly.' }),
            ...(failed === undefined ? {} : { failure: failed }),
            case: { ...rest, interventions: list },
          } as unknown as Replay;
          const text = writeReplay(written);
          expect(loadReplay(text, surroundings).replay).toEqual(written);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('is one line for each intervention, between what it is a run of and how it went', () => {
    const list: Intervention[] = [
      { kind: 'link-cut', from: 'a', to: 'b', at: 5e9 as never, until: 6.5e9 as never },
      { kind: 'host-crash', host: 'a', at: 7e9 as never },
    ];
    const failure = { check: 'Agreement', sort: 'still missing', at: 9e9 as never, says: 'still missing: everything' };
    const text = writeReplay(replay(list, { failure, verdict: 'violated' }));
    expect(text).toBe(`# Agreement: still missing: everything
#   a → b is cut from 5.000 s to 6.500 s
#   a crashes at 7.000 s

replay: 1
partita: 0.1.0
scenario:
  name: two hosts
  hash: ${scenarioHash(data)}
  text: |
${printScenario(data).replace(/^(?=.)/gm, '    ')}seed: 7
interventions:
  - { kind: link-cut, from: a, to: b, at: 5s, until: 6.5s }
  - { kind: host-crash, host: a, at: 7s }
verdict: violated
failure:
  check: Agreement
  sort: still missing
  at: 9s
  says: "still missing: everything"
fingerprint: 0123456789abcdef
checkpoints:
  every: 1ms
  marks: 000000 = ffffff
`);
  });

  test('that was cut off anywhere is refused with line and column', () => {
    const whole = writeReplay(replay([{ kind: 'host-crash', host: 'a', at: 7e9 as never }]));
    const complete = whole.lastIndexOf('marks:') + 'marks:'.length;
    for (let length = whole.indexOf('replay:'); length < complete; length += 11) {
      const problems = problemsOf(whole.slice(0, length));
      expect(problems.length, whole.slice(0, length)).toBeGreaterThan(0);
      for (const { line, column } of problems) expect([line, column]).toEqual([expect.any(Number), expect.any(Number)]);
    }
  });
});

describe('what is wrong with a replay file', () => {
  const good = writeReplay(
    replay([
      { kind: 'host-crash', host: 'a', at: 7e9 as never },
      { kind: 'link-cut', from: 'a', to: 'b', at: 5e9 as never, until: 6.5e9 as never },
    ]),
  );
  const lineOf = (needle: string) => good.slice(0, good.indexOf(needle)).split('\n').length;

  test.each`
    what                        | from                               | to                            | says
    ${'another version'}        | ${'replay: 1'}                     | ${'replay: 2'}                | ${'replay: This is a replay file of version 2, and this Partita reads version 1. It was written by Partita 0.1.0.'}
    ${'a scenario'}             | ${'replay: 1'}                     | ${'seed: 3'}                  | ${'This is no replay file: it does not begin with replay: 1.'}
    ${'an unknown kind'}        | ${'kind: host-crash'}              | ${'kind: host-crush'}         | ${'interventions[0].kind: Expected one of 53 words, got "host-crush". Did you mean host-crash?'}
    ${'an unknown host'}        | ${'host-crash, host: a'}           | ${'host-crash, host: d'}      | ${'interventions[0].host: No host or router is called d.'}
    ${'a time without unit'}    | ${'at: 5s'}                        | ${'at: 5'}                    | ${'interventions[1].at: Expected a time with its unit, got 5. Write 5s for seconds or 5ms for milliseconds.'}
    ${'an end too early'}       | ${'until: 6.5s'}                   | ${'until: 4s'}                | ${'interventions[1].until: It ends at 4.000 s, and begins at 5.000 s. The end comes after the beginning.'}
    ${'an unknown check'}       | ${'seed: 7'}                       | ${'check: Agrement\nseed: 7'} | ${'check: There is no property and no expectation Agrement. Did you mean Agreement?'}
    ${'an unknown key'}         | ${'verdict: held'}                 | ${'verdikt: held'}            | ${'verdikt: Unknown key verdikt. Did you mean verdict?'}
    ${'no fingerprint'}         | ${'fingerprint: 0123456789abcdef'} | ${''}                         | ${'The key fingerprint is missing.'}
    ${'a mistake in its world'} | ${'subnet: 10.0.1.0/24'}           | ${'subnet: 10.0.1.0/33'}      | ${'scenario.text: network.segments.lan.subnet: '}
  `('$what: $says', ({ from, to, says }) => {
    const problems = problemsOf(good.replace(from, to));
    const line = /^This is no|is missing/.test(says) ? problems[0]?.line : lineOf(from);
    expect(problems.map(formatProblem).filter((text) => text.startsWith(`r.yaml:${line}:`) && text.includes(says))).toHaveLength(
      1,
    );
  });

  test('is all said at once', () => {
    const text = good.replace('host-crash, host: a', 'host-crash, host: d').replace('at: 5s', 'at: 5').replace('held', 'won');
    expect(problemsOf(text).map(({ path }) => path)).toEqual(['interventions[0].host', 'interventions[1].at', 'verdict']);
  });

  test('is not that its scenario is another one: that is said of it', () => {
    expect(loadReplay(good, surroundings).isOther).toBe(false);
    expect(loadReplay(good.replace('run: serf agent', 'run: serf agent -tag x=y'), surroundings).isOther).toBe(true);
  });
});
