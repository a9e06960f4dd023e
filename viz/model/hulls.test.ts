import { expect, test } from 'vitest';
import { simulated } from '../testing/simulated.ts';
import { agreementOf, hullsOf } from './hulls.ts';
import { layoutOf } from './layout.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import { nameOf, positionAt } from './run.ts';
import { twoSegments } from './sketch.ts';

test('an outline holds neighbours of one group, and nobody of another', () => {
  const layout = layoutOf(twoSegments());
  const [a, b, c, r] = [0, 1, 2, 3];
  const of = (...groups: [number, number][]) => hullsOf(layout, new Map(groups)).map(({ nodes }) => nodes);
  expect(of([a, 0], [b, 0])).toEqual([[a, b]]);
  expect(of([a, 0], [b, 1])).toEqual([[a], [b]]);
  // c is on another segment, and r below both.
  expect(of([a, 0], [b, 0], [c, 0], [r, 0])).toHaveLength(3);
  expect(of([a, 0], [c, 0])).toEqual([[a], [c]]);
});

test('who is cut off from the others comes to agree with its own side, and all with all when it is over', async () => {
  const run = await simulated('partition-and-heal');
  const [members, nodes] = [new Members(run), new Nodes(run)];
  const at = (seconds: number) => agreementOf(members, nodes, positionAt(run.records, seconds * 1e9));
  expect(at(119)).toBeUndefined();
  const groups = at(175);
  const sides = [0, 1].map((group) => [...(groups ?? [])].filter(([, own]) => own === group).map(([node]) => nameOf(run, node)));
  expect(sides.map((side) => side.length)).toEqual([3, 2]);
  expect(at(run.end / 1e9)).toBeUndefined();
});
