import { expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { Members } from './members.ts';
import type { CellChange } from './run.ts';
import { sketchRun } from './sketch.ts';

const cell = (position: number, node: number, subject: string, value: string, field = 'status'): CellChange => ({
  at: position as Instant,
  position,
  node,
  subject,
  field,
  value,
});

const members = new Members(
  sketchRun({
    records: [],
    cells: [
      cell(1, 1, 'stranger', 'alive'),
      cell(2, 1, 'b', 'alive'),
      cell(2, 0, 'a', 'alive'),
      cell(3, 0, 'a', '4', 'incarnation'),
      cell(5, 1, 'b', 'failed'),
    ],
  }),
);

test('members that are nodes come in the order of the nodes, strangers after them', () => {
  expect(members.subjects).toEqual(['a', 'b', 'stranger']);
  expect(members.observers).toEqual([0, 1]);
});

test.each`
  position | beliefs
  ${0}     | ${[[undefined, undefined, undefined], [undefined, undefined, undefined]]}
  ${2}     | ${[['alive', undefined, undefined], [undefined, 'alive', 'alive']]}
  ${4}     | ${[['alive', undefined, undefined], [undefined, 'alive', 'alive']]}
  ${5}     | ${[['alive', undefined, undefined], [undefined, 'failed', 'alive']]}
`('after $position records the beliefs are those last written', ({ position, beliefs }) => {
  expect(members.at(position).beliefs).toEqual(beliefs);
});
