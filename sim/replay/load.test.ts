import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Intervention } from '../intervention/intervention.ts';
import { loadScenario, printScenario } from '../scenario/load.ts';
import { formatProblem, type Problem, ScenarioError } from '../scenario/problem.ts';
import { surroundings } from '../surroundings.ts';
import { loadReplay } from './load.ts';
import { type Replay, scenarioHash } from './replay.ts';
import { writeReplay } from './write.ts';

const WORLD = `network:
  segments:
    lan: { subnet: 10.0.1.0/24 }
hosts:
  a: { on: lan }
  b: { on: lan }
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

const seconds = fc.integer({ min: 0, max: 1e12 });
const host = fc.constantFrom('a', 'b');
const packet = fc.record({
  sender: host,
  boot: fc.nat(3),
  ordinal: fc.nat(1e6),
  receiver: host,
  hop: fc.nat(3),
  message: fc.constantFrom('ping', 'append request'),
});
const operation = fc.record({ host, boot: fc.nat(3), ordinal: fc.nat(1e6), does: fc.constant('sync /var/lib/kvd/raft') });
const during = fc.tuple(seconds, fc.integer({ min: 1, max: 1e12 }), fc.boolean()).map(([at, length, ends]) => ({
  at,
  ...(ends ? { until: at + length } : {}),
}));
const range = fc.tuple(seconds, seconds).map(([min, more]) => ({ min, max: min + more }));
const rate = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
const either = (kind: string, ...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((each) => Object.assign({ kind }, ...each) as Intervention);

const interventions = fc.oneof(
  either('packet-loss', fc.record({ packet })),
  either('packet-delay', fc.record({ packet, by: seconds })),
  either('link-loss', fc.constant({ from: 'a', to: 'b' }), during, fc.record({ rate })),
  either('link-delay', fc.constant({ from: 'a', to: 'b' }), during, range),
  either('link-cut', fc.constant({ from: 'b', to: 'a' }), during),
  either('host-crash', fc.record({ host }), during, fc.constantFrom({}, { torn: true })),
  either('cpu-delay', fc.record({ host }), during, range, fc.constantFrom({}, { only: 'network' })),
  either('disk-stall', fc.record({ host }), during),
  either('disk-delay', fc.record({ host }), during, range),
  either('disk-error', fc.record({ host, rate }), during),
  either('write-delay', fc.record({ operation, by: seconds })),
  either('write-failure', fc.record({ operation, outcome: fc.constantFrom('full', 'error') })),
  either('sync-lie', fc.record({ operation })),
  either('write-crash', fc.record({ operation, done: fc.boolean() }), fc.constantFrom({}, { for: 3_000 })),
  either('host-pause', fc.record({ host }), during),
  either('process-restart', fc.record({ host, at: seconds }), fc.constantFrom({}, { of: 'serf agent' })),
  either('clock-jump', fc.record({ host, at: seconds, by: fc.integer({ min: -1e12, max: 1e12 }) })),
  either('clock-drift', fc.record({ host, at: seconds, drift: fc.integer({ min: -100_000, max: 100_000 }) })),
  either('disk-wipe', fc.record({ host, at: seconds })),
  either('corrupt-record', fc.record({ host, at: seconds, file: fc.constant('/x'), record: fc.integer({ min: -9, max: 9 }) })),
);

describe('a replay file', () => {
  test('says after it was read what was written', () => {
    const more = fc.record(
      {
        seed: fc.oneof(fc.nat(), fc.string()),
        check: fc.constantFrom('ElectionSafety', 'by 2s a lists as alive a'),
        until: fc.integer({ min: 1, max: 1e12 }),
        quiet: fc.record({ from: seconds, hosts: fc.subarray(['a', 'b']) }),
        nominal: fc.subarray(['loss', 'delay'], { minLength: 1 }),
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
        fc.array(interventions, { maxLength: 5 }),
        more,
        fc.option(failure, { nil: undefined }),
        (list, rest, failed) => {
          const written = {
            ...replay(list, { verdict: 'violated', rules: 'a bug', cause: 'It was so: truly.' }),
            ...(failed === undefined ? {} : { failure: failed }),
            case: { ...rest, interventions: list },
          } as Replay;
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
    network:
      segments:
        lan:
          subnet: 10.0.1.0/24
    hosts:
      a:
        on: lan
      b:
        on: lan
    timeline:
      - at: 0s
        on: a
        run: serf agent
seed: 7
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
    for (let length = whole.indexOf('replay:'); length < complete; length += 3) {
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
    what                        | from                               | to                       | says
    ${'another version'}        | ${'replay: 1'}                     | ${'replay: 2'}           | ${'replay: This is a replay file of version 2, and this Partita reads version 1. It was written by Partita 0.1.0.'}
    ${'a scenario'}             | ${'replay: 1'}                     | ${'seed: 3'}             | ${'This is no replay file: it does not begin with replay: 1.'}
    ${'an unknown kind'}        | ${'kind: host-crash'}              | ${'kind: host-crush'}    | ${'interventions[0].kind: Expected one of 52 words, got "host-crush". Did you mean host-crash?'}
    ${'an unknown host'}        | ${'host-crash, host: a'}           | ${'host-crash, host: c'} | ${'interventions[0].host: No host or router is called c.'}
    ${'a time without unit'}    | ${'at: 5s'}                        | ${'at: 5'}               | ${'interventions[1].at: Expected a time with its unit, got 5. Write 5s for seconds or 5ms for milliseconds.'}
    ${'an end too early'}       | ${'until: 6.5s'}                   | ${'until: 4s'}           | ${'interventions[1].until: It ends at 4.000 s, and begins at 5.000 s. The end comes after the beginning.'}
    ${'an unknown key'}         | ${'verdict: held'}                 | ${'verdikt: held'}       | ${'verdikt: Unknown key verdikt. Did you mean verdict?'}
    ${'no fingerprint'}         | ${'fingerprint: 0123456789abcdef'} | ${''}                    | ${'The key fingerprint is missing.'}
    ${'a mistake in its world'} | ${'subnet: 10.0.1.0/24'}           | ${'subnet: 10.0.1.0/33'} | ${'scenario.text: network.segments.lan.subnet: '}
  `('$what: $says', ({ from, to, says }) => {
    const problems = problemsOf(good.replace(from, to));
    const line = /^This is no|is missing/.test(says) ? problems[0]?.line : lineOf(from);
    expect(problems.map(formatProblem).filter((text) => text.startsWith(`r.yaml:${line}:`) && text.includes(says))).toHaveLength(
      1,
    );
  });

  test('is all said at once', () => {
    const text = good.replace('host-crash, host: a', 'host-crash, host: c').replace('at: 5s', 'at: 5').replace('held', 'won');
    expect(problemsOf(text).map(({ path }) => path)).toEqual(['interventions[0].host', 'interventions[1].at', 'verdict']);
  });

  test('is not that its scenario is another one: that is said of it', () => {
    expect(loadReplay(good, surroundings).isOther).toBe(false);
    expect(loadReplay(good.replace('run: serf agent', 'run: serf agent -tag x=y'), surroundings).isOther).toBe(true);
  });
});
