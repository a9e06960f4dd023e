import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../core/assert.ts';
import { Hash } from '../../core/hash.ts';
import { copyState, restoreState } from '../../core/state.ts';
import { add, type Duration, type Instant, LAST_INSTANT, milliseconds, seconds } from '../../core/time.ts';
import { type EventId, type EventKind, NO_CAUSE, Simulation, type Slot } from './simulation.ts';
import { ToyWorld } from './toy.ts';

const at = (duration: Duration): Instant => add(0 as Instant, duration);

/** A simulation whose events write down what they were given, with the instant. */
function recorder() {
  const simulation = new Simulation();
  const seen: unknown[][] = [];
  const kind = simulation.register('note', (...given) => seen.push([simulation.now, simulation.cause, ...given]));
  return { simulation, seen, kind };
}

describe('an event', () => {
  test('is handed what it was scheduled with', () => {
    const { simulation, seen, kind } = recorder();
    const payload = { message: 'hello' };
    simulation.schedule(at(seconds(1)), kind, 7 as EventId, 2 ** 31 - 1, -(2 ** 31), 0, payload);
    simulation.schedule(at(seconds(2)), kind, (2 ** 45 + 3) as EventId, 1, 2, 3);
    simulation.runUntil(at(seconds(2)));
    expect(seen).toEqual([
      [1e9, 7, 2 ** 31 - 1, -(2 ** 31), 0, payload],
      [2e9, 2 ** 45 + 3, 1, 2, 3, undefined],
    ]);
  });

  test('is handed to the handler of its kind', () => {
    const simulation = new Simulation();
    const called: string[] = [];
    const kinds = ['one', 'two', 'three'].map((name) => simulation.register(name, () => called.push(name)));
    for (const index of [2, 0, 1, 0]) simulation.schedule(at(seconds(1)), kinds[index] as EventKind, NO_CAUSE, 0, 0, 0);
    simulation.runUntil(at(seconds(1)));
    expect(called).toEqual(['three', 'one', 'two', 'one']);
  });

  test('may schedule another one for the same instant, which runs after all that were scheduled before', () => {
    const simulation = new Simulation();
    const order: number[] = [];
    const kind = simulation.register('note', (n) => {
      order.push(n);
      if (n < 3) simulation.schedule(simulation.now, kind, NO_CAUSE, n + 10, 0, 0);
    });
    for (const n of [1, 2, 3]) simulation.schedule(at(seconds(1)), kind, NO_CAUSE, n, 0, 0);
    simulation.runUntil(at(seconds(1)));
    expect(order).toEqual([1, 2, 3, 11, 12]);
  });

  test('does not happen once it was cancelled, and its payload is let go', () => {
    const { simulation, seen, kind } = recorder();
    const slot = simulation.schedule(at(seconds(1)), kind, NO_CAUSE, 0, 0, 0, { large: true });
    simulation.cancel(slot);
    expect(simulation.pending).toBe(0);
    expect(simulation.state.payloads.every((payload) => payload === undefined)).toBe(true);
    simulation.runUntil(at(seconds(2)));
    expect(seen).toEqual([]);
  });

  test('cannot be scheduled in the past, beyond the last instant, or between two instants', () => {
    const { simulation, kind } = recorder();
    simulation.runUntil(at(seconds(1)));
    expect(() => simulation.schedule(at(milliseconds(999)), kind, NO_CAUSE, 0, 0, 0)).toThrow(AssertionError);
    for (const wrong of [LAST_INSTANT + 1, 2e9 + 0.5, Number.NaN])
      expect(() => simulation.schedule(wrong as Instant, kind, NO_CAUSE, 0, 0, 0)).toThrow(AssertionError);
    simulation.schedule(LAST_INSTANT, kind, NO_CAUSE, 0, 0, 0);
  });
});

test('two kinds of event cannot have one name', () => {
  const { simulation } = recorder();
  expect(() => simulation.register('note', () => {})).toThrow('two kinds of event are called note');
});

describe('what comes from outside', () => {
  test('comes before all events of its instant, and after all before it', () => {
    const { simulation, seen, kind } = recorder();
    simulation.intruded = (what, part) => seen.push([simulation.now, simulation.cause, 'outside', what, part]);
    for (const instant of [seconds(1), seconds(2), seconds(2)]) simulation.schedule(at(instant), kind, NO_CAUSE, 0, 0, 0);
    simulation.intrude(at(seconds(2)), 5, 6, 7 as EventId);
    simulation.intrude(at(seconds(2)), 8, 9, NO_CAUSE);
    simulation.intrude(at(0 as Duration), 1, 2, NO_CAUSE);
    simulation.runUntil(at(seconds(3)));
    expect(seen.map(([instant, cause, ...rest]) => [instant, cause, rest[0], rest[1]])).toEqual([
      [0, 0, 'outside', 1],
      [1e9, 0, 0, 0],
      [2e9, 7, 'outside', 5],
      [2e9, 0, 'outside', 8],
      [2e9, 0, 0, 0],
      [2e9, 0, 0, 0],
    ]);
    expect(simulation.now).toBe(3e9);
  });

  test('and does nothing leaves no mark on what the simulation is', () => {
    const digest = (intrusions: readonly number[], stop: number): string => {
      const { simulation, kind } = recorder();
      simulation.intruded = (what) => {
        if (what < 3) simulation.intrude(add(simulation.now, milliseconds(1)), what + 1, 0, NO_CAUSE);
      };
      for (const instant of intrusions) simulation.intrude(instant as Instant, 0, 0, NO_CAUSE);
      for (let i = 0; i < 9; i++) simulation.schedule(at(milliseconds(i)), kind, NO_CAUSE, i, 0, 0);
      simulation.runUntil(stop as Instant);
      const slot = simulation.schedule(at(seconds(9)), kind, NO_CAUSE, 0, 0, 0);
      const hash = new Hash();
      simulation.digest(hash);
      return `${slot} ${hash.hex()}`;
    };
    const instant = fc.integer({ min: 0, max: 10_000_000 });
    fc.assert(fc.property(fc.array(instant), instant, (intrusions, stop) => digest(intrusions, stop) === digest([], stop)));
  });

  test('is saved and restored with the rest, and takes part in stepping', () => {
    const { simulation, seen } = recorder();
    simulation.intruded = (what) => seen.push([simulation.now, what]);
    simulation.intrude(at(seconds(1)), 4, 0, NO_CAUSE);
    const saved = copyState(simulation.state);
    expect([simulation.step(), simulation.step()]).toEqual([true, false]);
    restoreState(simulation.state, saved);
    simulation.runUntil(at(seconds(2)));
    expect(seen).toEqual([
      [1e9, 4],
      [1e9, 4],
    ]);
    expect(() => simulation.intrude(at(seconds(1)), 0, 0, NO_CAUSE)).toThrow(AssertionError);
  });
});

describe('running', () => {
  test('until an instant includes that instant and ends at it', () => {
    const { simulation, seen, kind } = recorder();
    for (const n of [1, 2, 3]) simulation.schedule(at(seconds(n)), kind, NO_CAUSE, n, 0, 0);
    simulation.runUntil(at(seconds(2)));
    expect(seen.map(([instant]) => instant)).toEqual([1e9, 2e9]);
    simulation.runUntil(at(milliseconds(2500)));
    expect(simulation.now).toBe(2.5e9);
    expect(simulation.pending).toBe(1);
    expect(() => simulation.runUntil(at(seconds(2)))).toThrow(AssertionError);
  });

  test('by steps runs one event each and leaves the clock at the last', () => {
    const { simulation, kind } = recorder();
    simulation.schedule(at(seconds(3)), kind, NO_CAUSE, 0, 0, 0);
    expect([simulation.step(), simulation.step(), simulation.now]).toEqual([true, false, 3e9]);
  });

  test('while something holds stops right after the event that changed it', () => {
    const { simulation, seen, kind } = recorder();
    for (const n of [1, 2, 3, 4]) simulation.schedule(at(seconds(n)), kind, NO_CAUSE, n, 0, 0);
    simulation.runWhile(() => seen.length < 2, at(seconds(10)));
    expect(simulation.now).toBe(2e9);
    simulation.runWhile(() => seen.length < 99, at(milliseconds(3500)));
    expect(seen).toHaveLength(3);
    expect(simulation.now).toBe(3.5e9);
  });
});

describe('a saved world', () => {
  const size = fc.record({ seed: fc.nat(), actors: fc.integer({ min: 1, max: 20 }), when: fc.integer({ min: 0, max: 2_000 }) });

  test('goes on in the same way after any event, in the same place and in a new one', () => {
    fc.assert(
      fc.property(size, ({ seed, actors, when }) => {
        const world = new ToyWorld(seed, actors);
        world.steps(when);
        const saved = world.save();
        const rest = (each: ToyWorld) => {
          each.steps(3_000 - when);
          return [each.journal.fingerprint(), each.digest(), each.simulation.now];
        };
        const expected = rest(world);
        const whole = new ToyWorld(seed, actors);
        whole.steps(3_000);
        expect([whole.journal.fingerprint(), whole.digest(), whole.simulation.now]).toEqual(expected);
        world.restore(saved);
        expect(rest(world)).toEqual(expected);
        const other = new ToyWorld(seed, actors);
        other.steps(100);
        other.restore(saved);
        expect(rest(other)).toEqual(expected);
      }),
    );
  });

  test('is not changed by what happens after it was saved', () => {
    const world = new ToyWorld(1, 5);
    world.steps(500);
    const saved = world.save();
    const before = copyState(saved);
    world.steps(1_000);
    expect(saved).toEqual(before);
  });
});

describe('the digest', () => {
  const digest = (simulation: Simulation): string => {
    const hash = new Hash();
    simulation.digest(hash);
    return hash.hex();
  };

  test('is of what is pending, not of how it came to be stored', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 10_000_000_000 }), { maxLength: 100 }), fc.nat(9_999), (delays, pause) => {
        const [direct, detour] = [recorder(), recorder()];
        // The other one has looked for events in between, so its buckets are other ones.
        const later = detour.simulation.schedule(at(seconds(20)), detour.kind, NO_CAUSE, 0, 0, 0);
        for (let i = 0; i < 50; i++) detour.simulation.runUntil(((pause * i) / 50) as Instant);
        detour.simulation.cancel(later);
        detour.simulation.runUntil(10_000 as Instant);
        direct.simulation.runUntil(10_000 as Instant);
        for (const delay of delays) {
          for (const { simulation, kind } of [direct, detour])
            simulation.schedule((10_000 + delay) as Instant, kind, NO_CAUSE, delay % 7, 0, 0);
        }
        expect(digest(detour.simulation)).toBe(digest(direct.simulation));
      }),
    );
  });

  const plain = (change: { at?: Instant; a?: number; payload?: unknown; cause?: EventId; cancel?: boolean } = {}) => {
    const { simulation, kind } = recorder();
    const slots: Slot[] = [];
    for (let i = 0; i < 3; i++) slots.push(simulation.schedule(at(seconds(1)), kind, NO_CAUSE, i, 0, 0, { n: i }));
    simulation.schedule(
      change.at ?? at(seconds(2)),
      kind,
      change.cause ?? NO_CAUSE,
      change.a ?? 0,
      0,
      0,
      'payload' in change ? change.payload : { n: 1 },
    );
    if (change.cancel === true) simulation.cancel(slots[2] as Slot);
    return digest(simulation);
  };

  test('sees each part of an event', () => {
    const all = [
      plain(),
      plain({ at: at(seconds(3)) }),
      plain({ a: 1 }),
      plain({ payload: { n: 2 } }),
      plain({ payload: undefined }),
      plain({ cancel: true }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('does not see causes', () => {
    expect(plain({ cause: 9 as EventId })).toBe(plain());
  });
});

test('a state that was restored twice is still the same one', () => {
  const { simulation, kind } = recorder();
  const saved = copyState(simulation.state);
  for (let round = 0; round < 2; round++) {
    simulation.schedule(at(seconds(1)), kind, NO_CAUSE, 1, 2, 3);
    simulation.step();
    restoreState(simulation.state, saved);
    expect(simulation.now).toBe(0);
    expect(simulation.pending).toBe(0);
  }
});
