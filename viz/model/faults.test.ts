import { describe, expect, test } from 'vitest';
import { activeFaults, faultsOf, sidesOf, stretchesOf } from './faults.ts';
import { sketchRun } from './sketch.ts';

const run = sketchRun({
  end: 20_000,
  records: [
    { at: 0, kind: 'boot', node: 0 },
    { at: 1000, kind: 'fault', payload: { does: 'cut: a → c, c → a' } },
    { at: 2000, kind: 'crash', node: 1 },
    { at: 3000, kind: 'fault', payload: { does: 'the disk of a stands still from 3.000 s to 4.500 s' } },
    { at: 5000, kind: 'boot', node: 1 },
    { at: 6000, kind: 'fault', payload: { does: 'healed: a → c, c → a' } },
    { at: 7000, kind: 'fault', payload: { does: 'cut: trunk 0' } },
    { at: 8000, kind: 'crash', node: 2 },
  ],
});
const bands = faultsOf(run);

describe('faults', () => {
  test('last until they are put right, or to the end of the run', () => {
    expect(bands.map(({ says, from, to }) => [says, from / 1e9, to / 1e9])).toEqual([
      ['cut: a → c, c → a', 1, 6],
      ['b is down', 2, 5],
      ['the disk of a stands still from 3.000 s to 4.500 s', 3, 4.5],
      ['cut: trunk 0', 7, 20],
      ['c is down', 8, 20],
    ]);
  });
  test('are in force from the event that says so to the one that ends them', () => {
    const says = (position: number, at: number) => activeFaults(run, bands, position, at * 1e9).map((band) => band.says);
    expect(says(1, 1)).toEqual([]);
    expect(says(2, 1)).toEqual(['cut: a → c, c → a']);
    expect(says(4, 4.5)).toHaveLength(3);
    expect(says(4, 4.6)).toEqual(['cut: a → c, c → a', 'b is down']);
    expect(says(6, 6)).toEqual([]);
    expect(says(8, 20)).toEqual(['cut: trunk 0', 'c is down']);
  });
  test('name the directions that carry nothing', () => {
    expect(bands[0]?.cuts).toEqual([
      ['a', 'c'],
      ['c', 'a'],
    ]);
  });
});

test('stretches in which anything is broken do not overlap, and end with what is looked at', () => {
  expect(stretchesOf(bands, { from: 0, to: 7.5e9 })).toEqual([
    { from: 1e9, to: 6e9 },
    { from: 7e9, to: 7.5e9 },
  ]);
});

describe('sides', () => {
  const both = (a: string, b: string): [string, string][] => [
    [a, b],
    [b, a],
  ];
  test('a partition has two', () => {
    const cuts = ['a', 'b'].flatMap((left) => ['c', 'd'].flatMap((right) => both(left, right)));
    expect([...(sidesOf(['a', 'b', 'c', 'd', 'e'], cuts) ?? [])]).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 1],
      ['d', 1],
    ]);
  });
  test('there are none where somebody still reaches both', () => {
    expect(sidesOf(['a', 'b', 'c'], [...both('a', 'b'), ...both('a', 'c')])?.get('b')).toBe(1);
    expect(sidesOf(['a', 'b', 'c', 'd'], [...both('a', 'c'), ...both('b', 'd')])).toBeUndefined();
  });
});
