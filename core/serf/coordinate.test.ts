import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type CoordinateState, distance, isCoordinate, newCoordinates, observe } from './coordinate.ts';

interface Errors {
  readonly average: number;
  readonly largest: number;
}

/** Lets nodes measure random others until they have settled, and gives the relative errors of all predictions: the lower quartile over some seeds. */
function converge(count: number, truth: (a: number, b: number) => number, cycles: number): Errors {
  const runs = Array.from({ length: 15 }, (_, seed) => settle(count, truth, cycles, seed));
  const quartile = (values: number[]): number => values.toSorted((a, b) => a - b)[3] as number;
  return { average: quartile(runs.map(({ average }) => average)), largest: quartile(runs.map(({ largest }) => largest)) };
}

function settle(count: number, truth: (a: number, b: number) => number, cycles: number, seed: number): Errors {
  const random = new Xoshiro(seed, 'coordinates');
  const nodes: CoordinateState[] = Array.from({ length: count }, newCoordinates);
  for (let cycle = 0; cycle < cycles; cycle++) {
    for (const [i, node] of nodes.entries()) {
      const j = random.integer(count);
      if (j !== i) observe(node, j, (nodes[j] as CoordinateState).own, truth(i, j), random);
    }
  }
  const errors = nodes.flatMap((a, i) =>
    nodes.slice(0, i).map((b, j) => Math.abs(distance(a.own, b.own) - truth(i, j)) / truth(i, j)),
  );
  return { average: errors.reduce((sum, error) => sum + error, 0) / errors.length, largest: Math.max(...errors) };
}

// Upstream's figures are bounds that its one seed keeps; over seeds the errors of a small space vary by a factor of five.
describe('coordinates predict round trips as well as upstream expects of its own', () => {
  test('of nodes in a line', () => {
    const { average, largest } = converge(10, (i, j) => Math.abs(i - j) * 0.01, 1000);
    expect(average).toBeLessThan(0.0031);
    expect(largest).toBeLessThan(0.013);
  });

  test('of nodes in a grid', () => {
    const side = 5;
    const truth = (i: number, j: number): number =>
      Math.hypot((i % side) - (j % side), Math.floor(i / side) - Math.floor(j / side)) * 0.01;
    const { average, largest } = converge(25, truth, 1000);
    expect(average).toBeLessThan(0.0016);
    expect(largest).toBeLessThan(0.023);
  });

  test('of two sites far apart', () => {
    const truth = (i: number, j: number): number => (i < 12 === j < 12 ? 0.001 : 0.011);
    const { average, largest } = converge(25, truth, 1000);
    expect(average).toBeLessThan(0.00006);
    expect(largest).toBeLessThan(0.00048);
  });
});

test('whatever comes in, a coordinate stays finite, above the ground and no wronger than it may be', () => {
  const numbers = fc.oneof(fc.double(), fc.constantFrom(0, 1e308, -1e308, 1e-320));
  const others = fc.record({
    vector: fc.array(numbers, { minLength: 8, maxLength: 8 }),
    error: numbers,
    adjustment: numbers,
    height: numbers,
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(others, numbers)), (observations) => {
      const state = newCoordinates();
      const random = new Xoshiro(1, 'coordinates');
      for (const [other, seconds] of observations) {
        if (isCoordinate(other)) observe(state, 1, other, seconds, random);
        expect(isCoordinate(state.own)).toBe(true);
        expect(state.own.height).toBeGreaterThanOrEqual(10e-6);
        expect(state.own.error).toBeLessThanOrEqual(1.5);
      }
    }),
  );
});

test.each([
  [-0.001, false],
  [0, true],
  [10, true],
  [10.001, false],
  [Number.NaN, false],
])('a round trip of %d s counts: %s', (seconds, counts) => {
  expect(observe(newCoordinates(), 1, newCoordinates().own, seconds, new Xoshiro(1, 'x'))).toBe(counts);
});

test('one late answer among three moves nothing', () => {
  const random = new Xoshiro(1, 'coordinates');
  const [a, b] = [newCoordinates(), newCoordinates()];
  for (let i = 0; i < 200; i++) observe(a, 1, b.own, 0.01, random);
  const before = a.own;
  observe(a, 1, b.own, 5, random);
  expect(Math.abs(distance(a.own, b.own) - distance(before, b.own))).toBeLessThan(0.001);
});
