import { describe, expect, test } from 'vitest';
import type { Address } from '../address.ts';
import { CollectingOut } from '../collect.ts';
import { run } from '../laws/world.ts';
import { laws, type Place } from '../laws.ts';
import { type Endpoint, Names } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { add, type Instant, milliseconds, START, seconds } from '../time.ts';
import { Echo } from './echo.ts';
import { echoInvariants } from './invariants.ts';
import type { EchoMessage } from './message.ts';
import { echoMutants } from './mutants.ts';
import { type EchoRules, isAnswer, isSilent } from './rules.ts';
import type { EchoState } from './state.ts';

const timing = { period: seconds(1), patience: milliseconds(200) };
const names = new Names();
const peer = { name: names.id('n2'), endpoint: names.endpoint(2 as Address, 7) };
const stranger = names.endpoint(3 as Address, 7);
const at = (n: number): Instant => add(START, milliseconds(n));

/** One node with one peer, driven by hand. */
class Bench {
  readonly out = new CollectingOut<EchoMessage>();
  readonly echo = new Echo({ ...timing, peers: [peer] }, { fraction: () => 0.25, integer: () => 0 });

  constructor(boots = 0, silences: unknown[] = []) {
    this.echo.start(START, { count: boots, files: new Map([['silences', silences]]) }, this.out);
  }

  timer(now: number, name: string): unknown[] {
    this.echo.timeout(at(now), this.echo.timers.indexOf(name), 0, this.out);
    return this.took();
  }

  arrives(now: number, from: Endpoint, message: EchoMessage): unknown[] {
    this.echo.receive(at(now), 0 as Socket, from, message, this.out);
    return this.took();
  }

  took(): unknown[] {
    return this.out.take().map(({ part: _, ...call }) => call);
  }
}

describe('echo', () => {
  test('first pings a peer somewhere within the first period', () => {
    expect(new Bench().took()).toEqual([{ type: 'setTimer', kind: 0, subject: 0, after: milliseconds(250) }]);
  });

  test('pings once a period and waits for the answer as long as its patience lasts', () => {
    const bench = new Bench();
    bench.took();
    expect(bench.timer(250, 'ping')).toEqual([
      { type: 'send', socket: 0, to: peer.endpoint, message: { type: 'ping', sequence: 0 }, bytes: 9 },
      { type: 'setTimer', kind: 1, subject: 0, after: milliseconds(200) },
      { type: 'setTimer', kind: 0, subject: 0, after: seconds(1) },
    ]);
  });

  test('answers whoever asks, with the number of the ping', () => {
    const bench = new Bench();
    bench.took();
    expect(bench.arrives(300, stranger, { type: 'ping', sequence: 7 })).toEqual([
      { type: 'send', socket: 0, to: stranger, message: { type: 'pong', sequence: 7 }, bytes: 9 },
    ]);
  });

  test('notices silence, notes it on disk, and announces it when the disk has it', () => {
    const bench = new Bench();
    bench.timer(250, 'ping');
    expect(bench.timer(450, 'silence')).toEqual([
      { type: 'append', file: 'silences', record: { peer: peer.name }, bytes: 8, write: 0 },
      { type: 'sync', file: 'silences', write: 1 },
      { type: 'cell', subject: peer.name, field: 0, value: 0 },
      { type: 'cell', subject: peer.name, field: 1, value: 'silent' },
    ]);
    bench.echo.written(at(451), 0, 'ok', bench.out);
    expect(bench.took()).toEqual([]);
    bench.echo.written(at(452), 1, 'ok', bench.out);
    expect(bench.took()).toEqual([{ type: 'announce', notice: { type: 'silence', peer: peer.name } }]);
  });

  test('hears a silent peer again', () => {
    const bench = new Bench();
    bench.timer(250, 'ping');
    bench.timer(450, 'silence');
    expect(bench.arrives(600, peer.endpoint, { type: 'pong', sequence: 0 })).toEqual([
      { type: 'cancelTimer', kind: 1, subject: 0 },
      { type: 'cell', subject: peer.name, field: 0, value: 1 },
      { type: 'cell', subject: peer.name, field: 1, value: 'answering' },
    ]);
    bench.echo.command(at(601), 5, { type: 'status' }, bench.out);
    expect(bench.took()).toEqual([{ type: 'reply', command: 5, result: [{ peer: peer.name, heard: 1, status: 'answering' }] }]);
  });

  test('takes no answer from a stranger, and none to a ping of an earlier life', () => {
    const bench = new Bench(1, [{ peer: peer.name }]);
    bench.timer(250, 'ping');
    expect(bench.arrives(260, stranger, { type: 'pong', sequence: 2 ** 32 })).toEqual([]);
    expect(bench.arrives(260, peer.endpoint, { type: 'pong', sequence: 0 })).toEqual([]);
    expect(bench.arrives(260, peer.endpoint, { type: 'pong', sequence: 2 ** 32 })).toHaveLength(3);
    expect(bench.echo.state.silences).toBe(1);
  });

  test('says so when the disk refuses', () => {
    const bench = new Bench();
    bench.took();
    bench.echo.written(at(1), 0, 'full', bench.out);
    expect(bench.took()).toEqual([{ type: 'log', line: 'a silence could not be noted: full' }]);
  });
});

describe('the rules', () => {
  test.each`
    open         | sequence | answers
    ${undefined} | ${4}     | ${false}
    ${4}         | ${4}     | ${true}
    ${4}         | ${3}     | ${false}
    ${0}         | ${0}     | ${true}
  `('a pong $sequence answers the open ping $open: $answers', ({ open, sequence, answers }) => {
    expect(isAnswer(open === undefined ? undefined : { sequence: open, sentAt: START }, sequence)).toBe(answers);
  });

  test.each`
    sent         | now    | silent
    ${undefined} | ${900} | ${false}
    ${100}       | ${299} | ${false}
    ${100}       | ${300} | ${true}
  `('a ping sent at $sent ms makes its peer silent at $now ms: $silent', ({ sent, now, silent }) => {
    const open = sent === undefined ? undefined : { sequence: 0, sentAt: at(sent) };
    expect(isSilent(open, at(now), timing.patience)).toBe(silent);
  });
});

const subject = (rules?: Partial<EchoRules>) => ({
  name: 'echo',
  sockets: [{ transport: 'udp', port: 7 } as const],
  make({ neighbours, index, random }: Place): Echo {
    const peers = neighbours
      .filter((_, i) => i !== index)
      .map(({ name, endpoints }) => ({ name, endpoint: endpoints[0] as Endpoint }));
    return new Echo({ ...timing, peers }, random, { isAnswer, isSilent, ...rules });
  },
  command: () => ({ type: 'status' }) as const,
});

describe.each(laws(subject()))('echo and the laws: $name', ({ check }) => {
  test.each([1, 2, 3, 4, 5])('with seed %i', (seed) => check(seed));
});

/** The names of the invariants that are broken in one run of a closed world. */
function broken(seed: number, rules?: Partial<EchoRules>): Set<string> {
  const states: EchoState[] = [];
  const found = new Set<string>();
  run(subject(rules), seed, {
    after({ place, protocol }) {
      states[place.index] = protocol.state as EchoState;
      for (const { name, violation } of echoInvariants) if (violation(states.filter(Boolean)) !== undefined) found.add(name);
    },
  });
  return found;
}

describe('the invariants of echo', () => {
  const seeds = [1, 2, 3, 4, 5];

  test('hold in the closed world', () => {
    for (const seed of seeds) expect([...broken(seed)]).toEqual([]);
  });

  test.each(echoMutants)('notice the bug "$name"', ({ rules, noticedBy }) => {
    expect(seeds.flatMap((seed) => [...broken(seed, rules)])).toContain(noticedBy);
  });
});
