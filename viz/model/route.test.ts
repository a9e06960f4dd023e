import { describe, expect, test } from 'vitest';
import { layoutOf, type Point } from './layout.ts';
import { pointAlong, Routes } from './route.ts';
import { twoSegments } from './sketch.ts';

const square: readonly Point[] = [
  { x: 0, y: 0 },
  { x: 0, y: 2 },
  { x: 4, y: 2 },
  { x: 4, y: 0 },
];

test.each`
  fraction | x    | y
  ${0}     | ${0} | ${0}
  ${0.125} | ${0} | ${1}
  ${0.5}   | ${2} | ${2}
  ${0.875} | ${4} | ${1}
  ${1}     | ${4} | ${0}
`('$fraction of a way of length 8 is at $x, $y', ({ fraction, x, y }) => {
  expect(pointAlong(square, fraction)).toEqual({ x, y });
});

test('a way of no length has one place', () => {
  expect(
    pointAlong(
      [
        { x: 3, y: 1 },
        { x: 3, y: 1 },
      ],
      0.5,
    ),
  ).toEqual({ x: 3, y: 1 });
});

describe('the way between two nodes', () => {
  const layout = layoutOf(twoSegments());
  const routes = new Routes(layout);
  test('goes by their taps on the segment', () => {
    const path = routes.between(0, 1, 0) as readonly Point[];
    const y = layout.segments[0]?.from.y;
    expect(path[0]).toEqual(layout.nodes[0]);
    expect(path.at(-1)).toEqual(layout.nodes[1]);
    expect(path.filter((point) => point.y === y)).toHaveLength(2);
  });
  test('is the same backwards', () => {
    expect(routes.between(3, 2, 1)).toEqual(routes.between(2, 3, 1)?.toReversed());
  });
  test('does not exist on a segment that one of them is not on', () => {
    expect(routes.between(0, 2, 0)).toBeUndefined();
    expect(routes.between(0, 1, undefined)).toBeUndefined();
  });
});
