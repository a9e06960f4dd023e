import { describe, expect, test } from 'vitest';
import { seconds } from '../../core/time.ts';
import { attempt } from '../campaign/attempt.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { loadScenario, printScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import type { Case } from './case.ts';
import { repeat, take } from './repeat.ts';
import { type Replay, scenarioHash } from './replay.ts';

/** Two agents, of which one says sometime that the other has failed, if nothing is better by then. */
const WORLD = `network:
  segments:
    lan: { subnet: 10.0.1.0/24, latency: 1ms..3ms, loss: 0.01 }
hosts:
  a: { on: lan, address: 10.0.1.1 }
  b: { on: lan, address: 10.0.1.2 }
timeline:
  - { at: 0s, on: a, run: serf agent }
  - { at: 1s, on: b, run: serf agent -join=10.0.1.1 }
  - { at: 3s, on: a, run: ping -c 3 10.0.1.2 }
expect:
  - { at: 12s, members: { on: a, alive: [a, b] } }
until: 20s
`;
const load = (text = WORLD) => loadScenario(text, surroundings);
const at = (n: number) => seconds(n) as number as never;
const crash: Intervention = { kind: 'host-crash', host: 'b', at: at(4) };

function record(interventions: readonly Intervention[], more: Partial<Case> = {}): Replay {
  const { data, plan } = load();
  const of: Case = { seed: 7, interventions, ...more };
  const { report: _, ...taken } = take(plan, of, surroundings);
  return { partita: '0.1.0', scenario: { hash: scenarioHash(data), text: printScenario(data) }, case: of, ...taken };
}

/** The same, edited by hand. */
const edited = (replay: Replay, interventions: readonly Intervention[], more: Partial<Case> = {}): Replay => ({
  ...replay,
  case: { ...replay.case, interventions, ...more },
});

const failing = record([crash]);
const { plan } = load();
const again = (replay: Replay, other = plan) => repeat(other, replay, surroundings);

describe('a recorded run', () => {
  test('fails in the same way, and is the same in every respect, when nothing has changed', () => {
    expect(failing).toMatchObject({ verdict: 'violated', failure: { check: 'at 12s a lists a, b as alive', at: at(12) } });
    const { outcome, fingerprint, checkpoints, parting, isErratic, unapplied } = again(failing);
    expect({ outcome, fingerprint, checkpoints, parting, isErratic, unapplied }).toEqual({
      outcome: 'same',
      fingerprint: failing.fingerprint,
      checkpoints: failing.checkpoints,
      parting: undefined,
      isErratic: false,
      unapplied: [],
    });
  });

  test('that held holds, or fails now', () => {
    const fine = record([]);
    expect(fine.verdict).toBe('held');
    expect(again(fine)).toMatchObject({ outcome: 'same', verdict: 'held' });
    expect(again(edited(fine, [crash]))).toMatchObject({ outcome: 'fails now', verdict: 'violated' });
  });

  test('no longer fails when what made it fail is gone, and left the recorded run when that came', () => {
    const repetition = again(edited(failing, []));
    expect(repetition).toMatchObject({ outcome: 'no longer', verdict: 'held' });
    const { from, to, events } = repetition.parting ?? {};
    expect(from).toBeLessThan(at(4));
    expect(to).toBeGreaterThanOrEqual(at(4));
    expect(events?.length).toBeGreaterThan(0);
  });

  test('fails differently when something else is wrong', () => {
    const other = { check: 'at 12s a lists a, b as alive', sort: 'something else', at: at(12), says: '' };
    expect(again({ ...failing, failure: other }).outcome).toBe('differently');
  });

  test('says which of its interventions did not apply, and why', () => {
    const packet = { sender: 'a', boot: 0, ordinal: 999_999, receiver: 'b', hop: 0, message: 'ping' };
    const late: Intervention = { kind: 'link-cut', from: 'a', to: 'b', at: at(30) };
    expect(again(edited(failing, [crash, { kind: 'packet-loss', packet }, late])).unapplied).toEqual([
      { index: 1, intervention: { kind: 'packet-loss', packet }, reason: 'this packet was never sent' },
      { index: 2, intervention: late, reason: expect.stringContaining('nothing crossed') },
    ]);
  });

  test('leaves the steps out that it is to leave out, and says which of these are others now', () => {
    const ping = { step: 2, was: '3.000 s a: ping -c 3 10.0.1.2' };
    const replay = record([crash], { without: [ping] });
    expect(take(plan, replay.case, surroundings).report?.jobs).toHaveLength(2);
    expect(again(replay)).toMatchObject({ outcome: 'same', strangers: [] });
    const { plan: other } = load(WORLD.replace('ping -c 3', 'ping -c 4'));
    const repetition = again(replay, other);
    expect(repetition.strangers).toEqual([ping]);
    expect(repetition.report?.jobs).toHaveLength(3);
  });

  test('types other command lines where it is to, and says where that step is another one now', () => {
    const ping = { step: 2, was: '3.000 s a: ping -c 3 10.0.1.2', run: 'ping -c 1 10.0.1.2' };
    const replay = record([crash], { instead: [ping] });
    const typed = (text: string) => take(load(text).plan, replay.case, surroundings).report?.jobs.at(-1)?.command;
    expect(typed(WORLD)).toBe('ping -c 1 10.0.1.2');
    expect(again(replay)).toMatchObject({ outcome: 'same', strangers: [] });
    const other = WORLD.replace('ping -c 3', 'ping -c 4');
    expect(typed(other)).toBe('ping -c 4 10.0.1.2');
    expect(again(replay, load(other).plan).strangers).toEqual([ping]);
  });

  test('of another scenario first goes another way where that is another one', () => {
    const { plan: other } = load(WORLD.replace('3s, on: a, run: ping', '3s, on: b, run: ping'));
    const { parting } = again(failing, other);
    expect(parting?.from).toBeLessThan(at(3.2));
    expect(parting?.to).toBeGreaterThanOrEqual(at(3));
  });

  test('that is another one each time is said to depend on what is outside', () => {
    let runs = 0;
    const meddling = {
      ...surroundings,
      properties: new Map(surroundings.properties).set('Meddling', {
        kind: 'always',
        says: 'Nobody meddles.',
        applies: () => false,
        make: (name, { world }) => {
          world.hosts.jumpClock(0, ++runs);
          return { kind: 'always', name, judge: () => undefined };
        },
      }),
    };
    const replay = { ...record([]), checkpoints: failing.checkpoints };
    const held = { ...replay, case: { ...replay.case, check: 'Meddling' } };
    expect(repeat(plan, held, meddling)).toMatchObject({ isErratic: true });
    expect(repeat(plan, { ...held, case: { ...held.case, check: 'Agreement' } }, meddling)).toMatchObject({ isErratic: false });
  });
});

describe('a case', () => {
  test('in a calm network has the same losses and delays every time, whatever the seed', () => {
    const pings = (seed: number, nominal: Case['nominal']) =>
      take(plan, { seed, interventions: [], ...(nominal === undefined ? {} : { nominal }) }, surroundings)
        .report?.jobs.find(({ command }) => command.startsWith('ping'))
        ?.lines.join('\n');
    expect(pings(1, ['loss', 'delay'])).toBe(pings(2, ['loss', 'delay']));
    expect(pings(1, ['loss'])).not.toBe(pings(2, ['loss']));
  });

  test('that ends with its failure has it, and ends then', () => {
    const of: Case = { seed: 7, interventions: [crash], check: 'at 12s a lists a, b as alive', until: at(12) };
    expect(take(plan, of, surroundings)).toMatchObject({ verdict: 'violated', failure: { at: at(12) }, report: { end: at(12) } });
    expect(attempt(plan, { case: of }, surroundings).fingerprint).toBe(take(plan, of, surroundings).fingerprint);
  });
});
