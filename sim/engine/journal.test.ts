import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import { copyState, restoreState } from '../../core/state.ts';
import type { Instant } from '../../core/time.ts';
import { Journal, Kind, NOBODY, type Sink } from './journal.ts';
import { type EventId, NO_CAUSE, Simulation } from './simulation.ts';

function world(options?: { fingerprint?: boolean }) {
  const simulation = new Simulation();
  const names = new Names();
  const journal = new Journal(simulation, names, options);
  const seen: unknown[][] = [];
  const sink: Sink = {
    record: (...given) => seen.push(['record', ...given]),
    cell: (...given) => seen.push(['cell', ...given]),
    keyframe: (...given) => seen.push(['keyframe', ...given]),
  };
  journal.sinks.push(sink);
  return { simulation, names, journal, seen };
}

type World = ReturnType<typeof world>;

/** The fingerprint of a world in which this happened. */
function fingerprintOf(happen: (world: World) => void): string {
  const made = world();
  made.simulation.runUntil(1_000 as Instant);
  happen(made);
  return made.journal.fingerprint();
}

test('sinks are told each record with its number, instant and cause, and each cell with the record it follows from', () => {
  const { simulation, names, journal, seen } = world();
  const [ping, subject, field] = [names.id('ping'), names.id('n2'), names.id('status')];
  const packet = { message: 'ping' };
  simulation.runUntil(5 as Instant);
  const first = journal.record(Kind.send, 0, 1, ping, 41, packet);
  simulation.cause = first;
  expect(journal.record(Kind.deliver, 1, 0, ping, 41, packet)).toBe(2);
  journal.cell(1, subject, field, 'alive');
  expect(simulation.cause).toBe(first);
  expect(seen).toEqual([
    ['record', 1, 5, Kind.send, 0, 1, NO_CAUSE, ping, 41, packet],
    ['record', 2, 5, Kind.deliver, 1, 0, 1, ping, 41, packet],
    ['cell', 1, 5, 1, subject, field, 'alive'],
  ]);
});

describe('the fingerprint', () => {
  type Record = { at?: number; kind?: number; node?: number; peer?: number; word?: string; size?: number };
  const record = ({ at = 2_000, kind = Kind.send, node = 1, peer = 2, word = 'ping', size = 41 }: Record) =>
    fingerprintOf(({ simulation, journal, names }) => {
      simulation.runUntil(at as Instant);
      journal.record(kind, node, peer, names.id(word), size, undefined);
    });

  test.each`
    part             | change
    ${'instant'}     | ${{ at: 2_001 }}
    ${'far instant'} | ${{ at: 2_000 + 2 ** 32 }}
    ${'kind'}        | ${{ kind: Kind.deliver }}
    ${'node'}        | ${{ node: 3 }}
    ${'peer'}        | ${{ peer: NOBODY }}
    ${'word'}        | ${{ word: 'ack' }}
    ${'size'}        | ${{ size: 42 }}
  `('covers the $part of a record', ({ change }: { change: Record }) => {
    expect(record(change)).not.toBe(record({}));
    expect(record(change)).toBe(record(change));
  });

  test('takes a word as its text: the number that a name happens to have makes no difference', () => {
    const renumbered = fingerprintOf(({ simulation, journal, names }) => {
      names.id('another');
      simulation.runUntil(2_000 as Instant);
      journal.record(Kind.send, 1, 2, names.id('ping'), 41, undefined);
    });
    expect(renumbered).toBe(record({}));
  });

  const cell = (node: number, subject: string, field: string, value: number | string) =>
    fingerprintOf(({ journal, names }) => journal.cell(node, names.id(subject), names.id(field), value));

  test('covers each part of a cell, and tells numbers from texts', () => {
    const all = [
      cell(1, 'n2', 'incarnation', 7),
      cell(2, 'n2', 'incarnation', 7),
      cell(1, 'n3', 'incarnation', 7),
      cell(1, 'n2', 'status', 7),
      cell(1, 'n2', 'incarnation', 8),
      cell(1, 'n2', 'incarnation', 7.5),
      cell(1, 'n2', 'incarnation', '7'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  const sequence = (...kinds: number[]) =>
    fingerprintOf(({ journal, names }) => {
      for (const kind of kinds) journal.record(kind, 0, NOBODY, names.id('word'), 0, undefined);
    });

  test('depends on the order of records', () => {
    expect(sequence(Kind.send, Kind.timer)).not.toBe(sequence(Kind.timer, Kind.send));
  });

  test.each(['fault', 'verdict', 'log', 'output'] as const)('leaves out what is said about the run: %s', (kind) => {
    expect(sequence(Kind.send, Kind[kind], Kind.timer)).toBe(sequence(Kind.send, Kind.timer));
  });

  test('leaves out why a packet was dropped, since a finer intervention may give another reason', () => {
    expect(record({ kind: Kind.drop, word: 'cut' })).toBe(record({ kind: Kind.drop, word: 'lost' }));
    expect(record({ kind: Kind.drop, node: 2 })).not.toBe(record({ kind: Kind.drop }));
  });

  test('leaves out numbers and causes of records', () => {
    const caused = fingerprintOf(({ simulation, journal, names }) => {
      simulation.runUntil(2_000 as Instant);
      simulation.cause = journal.record(Kind.fault, 0, NOBODY, names.id('fault'), 0, undefined);
      journal.record(Kind.send, 1, 2, names.id('ping'), 41, undefined);
    });
    expect(caused).toBe(record({}));
  });

  test('is the same when it is asked for in between', () => {
    const asked = fingerprintOf(({ journal, names }) => {
      journal.record(Kind.send, 0, NOBODY, names.id('word'), 0, undefined);
      journal.fingerprint();
      journal.record(Kind.timer, 0, NOBODY, names.id('word'), 0, undefined);
    });
    expect(asked).toBe(sequence(Kind.send, Kind.timer));
  });

  test('is not computed when it is not wanted, while records go on to the sinks', () => {
    const { journal, names, seen } = world({ fingerprint: false });
    const before = journal.fingerprint();
    journal.record(Kind.send, 0, 1, names.id('ping'), 1, undefined);
    expect(journal.fingerprint()).toBe(before);
    expect(seen).toHaveLength(1);
  });

  test('follows names that are given anew after a restore', () => {
    const { journal, names } = world();
    const saved = copyState([journal.state, names.state]) as [typeof journal.state, typeof names.state];
    const run = (words: string[]) => {
      restoreState(journal.state, saved[0]);
      restoreState(names.state, saved[1]);
      journal.restored();
      for (const word of words) journal.record(Kind.send, 0, 1, names.id(word), 1, undefined);
      return journal.fingerprint();
    };
    const pings = run(['ping', 'ack']);
    expect(run(['ack', 'ping'])).not.toBe(pings);
    expect(run(['ping', 'ack'])).toBe(pings);
  });
});

describe('a keyframe', () => {
  /** One event that records so many times, and another one at the same instant. */
  function busy(records: number, state: { value: number; words?: number }) {
    const made = world();
    const { simulation, journal, names, seen } = made;
    journal.digest = (hash) => {
      for (let i = 0; i < (state.words ?? 1); i++) hash.word(state.value);
    };
    const many = simulation.register('many', (count) => {
      for (let i = 0; i < count; i++) journal.record(Kind.timer, 0, NOBODY, names.id('tick'), 0, undefined);
    });
    // In portions, since a keyframe has to wait for the event to be over.
    for (let done = 0; done < records; done += 65_536)
      simulation.schedule((done / 65_536) as Instant, many, NO_CAUSE, Math.min(65_536, records - done), 0, 0);
    simulation.runUntil(10 as Instant);
    return { ...made, keyframes: seen.filter(([type]) => type === 'keyframe') };
  }

  test('comes after 65 536 records that are hashed, when the event that made them is over', () => {
    expect(busy(65_535, { value: 0 }).keyframes).toEqual([]);
    expect(busy(65_536, { value: 0 }).keyframes).toEqual([['keyframe', 0, 65_536 as EventId]]);
    expect(busy(3 * 65_536, { value: 0 }).keyframes).toHaveLength(3);
  });

  test('comes less often where the state is so large that taking it in would cost more than the records', () => {
    const times = busy(8 * 65_536, { value: 0, words: 3 * 4 * 65_536 }).keyframes.map(([, , id]) => id);
    expect(times).toEqual([65_536, 4 * 65_536, 7 * 65_536]);
  });

  test('puts the state of the world into the fingerprint', () => {
    const same = busy(65_536, { value: 1 }).journal.fingerprint();
    expect(busy(65_536, { value: 1 }).journal.fingerprint()).toBe(same);
    expect(busy(65_536, { value: 2 }).journal.fingerprint()).not.toBe(same);
    expect(busy(65_535, { value: 2 }).journal.fingerprint()).toBe(busy(65_535, { value: 1 }).journal.fingerprint());
  });
});
