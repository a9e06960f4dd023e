import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { BeliefMatrix, codeOf } from './matrix.ts';
import { Members } from './members.ts';
import { type SketchCell, sketchRun } from './sketch.ts';

const cell = (position: number, node: number, subject: string, value: string, field: string): SketchCell => ({
  at: position as Instant,
  position,
  node,
  subject,
  field,
  value,
});

describe('beliefs from one protocol', () => {
  const members = new Members(
    sketchRun({
      records: [],
      cells: [
        cell(1, 1, 'stranger', 'alive', 'gossip.state'),
        cell(2, 1, 'b', 'alive', 'gossip.state'),
        cell(2, 0, 'a', 'alive', 'gossip.state'),
        cell(3, 0, 'a', '4', 'gossip.incarnation'),
        cell(5, 1, 'b', 'dead', 'gossip.state'),
        cell(7, 1, 'b', '', 'gossip.state'),
      ],
    }),
  );

  test('members that are nodes come in the order of the nodes, strangers after them', () => {
    expect(members.subjects).toEqual(['a', 'b', 'stranger']);
    expect(members.observers).toEqual([0, 1]);
  });

  const none = undefined;
  test.each`
    position | beliefs
    ${0}     | ${[[none, none, none], [none, none, none]]}
    ${2}     | ${[['alive', none, none], [none, 'alive', 'alive']]}
    ${4}     | ${[['alive', none, none], [none, 'alive', 'alive']]}
    ${5}     | ${[['alive', none, none], [none, 'dead', 'alive']]}
    ${7}     | ${[['alive', none, none], [none, none, 'alive']]}
  `('after $position records they are those last written, and none of one that was forgotten', ({ position, beliefs }) => {
    expect(members.at(position).beliefs).toEqual(beliefs);
  });
});

test.each`
  position | belief       | because
  ${1}     | ${undefined} | ${'the failure detector alone makes no member'}
  ${2}     | ${'alive'}   | ${'both say so'}
  ${3}     | ${'suspect'} | ${'only the failure detector knows suspicion'}
  ${4}     | ${'suspect'} | ${'nothing new was written'}
  ${5}     | ${'failed'}  | ${'the upper protocol has the last word'}
`('of two protocols on each other, after $position records: $belief, for $because', ({ position, belief }) => {
  const { beliefs } = new Members(
    sketchRun({
      records: [],
      cells: [
        cell(1, 0, 'b', 'alive', 'gossip.state'),
        cell(2, 0, 'b', 'alive', 'serf.status'),
        cell(3, 0, 'b', 'suspect', 'gossip.state'),
        cell(5, 0, 'b', 'dead', 'gossip.state'),
        cell(5, 0, 'b', 'failed', 'serf.status'),
      ],
    }),
  ).at(position);
  expect(beliefs).toEqual([[belief]]);
});

test.each([0, 1, 2])('what node %d believes is its row of the matrix, at any moment', (node) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.nat(2),
          fc.constantFrom('a', 'b', 'c', 'x'),
          fc.constantFrom('alive', 'suspect', 'dead', 'left', ''),
          fc.boolean(),
        ),
      ),
      fc.nat(20),
      (changes, position) => {
        const cells = changes.map(([node, subject, value, upper], i) =>
          cell(i + 1, node, subject, value, upper ? 'serf.status' : 'gossip.state'),
        );
        const run = sketchRun({ records: [], cells });
        const members = new Members(run);
        const matrix = new BeliefMatrix(run, members);
        matrix.seek(position);
        const row = members.observers.indexOf(node);
        const codes = members.of(node, position)?.map(codeOf);
        expect(codes).toEqual(row < 0 ? undefined : [...matrix.beliefs.slice(row * matrix.columns, (row + 1) * matrix.columns)]);
      },
    ),
  );
});
