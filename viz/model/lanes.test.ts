import { describe, expect, test } from 'vitest';
import { firstChoice, lanesOf, moved, placed } from './lanes.ts';
import { twoSegments } from './sketch.ts';

/** a and b on the left, c on the right, r on both. */
const topology = twoSegments();
const first = firstChoice(topology);

describe('lanes', () => {
  test('are those of all nodes in the order of the plan at first', () => {
    expect(lanesOf(topology, first).nodes).toEqual([0, 1, 2, 3]);
  });
  test('leave out what is hidden, and say so for it', () => {
    const { nodes, laneOf } = lanesOf(topology, { ...first, hidden: new Set([1]) });
    expect(nodes).toEqual([0, 2, 3]);
    expect([...laneOf]).toEqual([0, -1, 1, 2]);
  });
  test('are together by segment on request, what joins segments last', () => {
    const { nodes, groups } = lanesOf(topology, { ...first, order: [2, 3, 1, 0], grouped: true });
    expect(nodes).toEqual([1, 0, 2, 3]);
    expect(groups).toEqual([
      { lane: 0, name: 'left' },
      { lane: 2, name: 'right' },
      { lane: 3, name: 'several segments' },
    ]);
  });
  test('are only those on which something happens, where that is wanted', () => {
    expect(lanesOf(topology, { ...first, busy: true }, (node) => node > 1).nodes).toEqual([2, 3]);
    expect(lanesOf(topology, first, () => false).nodes).toHaveLength(4);
  });
  test('are put where another is, those between making room', () => {
    expect(placed(first, 0, 2).order).toEqual([1, 2, 0, 3]);
    expect(placed(first, 3, 1).order).toEqual([0, 3, 1, 2]);
    expect(placed(first, 2, 2)).toBe(first);
  });
  test('change places with the next one that is shown', () => {
    expect(moved({ ...first, hidden: new Set([1]) }, 0, 1).order).toEqual([2, 1, 0, 3]);
    expect(moved(first, 0, -1).order).toEqual([0, 1, 2, 3]);
    expect(moved(first, 3, 1).order).toEqual([0, 1, 2, 3]);
  });
});
