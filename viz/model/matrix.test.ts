import { beforeAll, describe, expect, test } from 'vitest';
import { simulated } from '../testing/simulated.ts';
import { BELIEFS, BeliefMatrix, type BeliefName, byCount, code, isWrong, type Truth, tallyOf, truthsOf } from './matrix.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import type { Run } from './run.ts';
import { positionAt } from './run.ts';

describe('five agents in two racks, cut from each other for a minute', () => {
  let run: Run;
  let members: Members;
  let nodes: Nodes;
  let matrix: BeliefMatrix;
  beforeAll(async () => {
    run = await simulated('partition-and-heal');
    members = new Members(run);
    nodes = new Nodes(run);
    matrix = new BeliefMatrix(run, members);
  });
  const at = (seconds: number): string[][] => {
    matrix.seek(positionAt(run.records, seconds * 1e9));
    return members.observers.map((_, row) =>
      members.subjects.map((_name, column) => BELIEFS[matrix.beliefs[row * matrix.columns + column] as number] as string),
    );
  };
  const wrong = (seconds: number) => {
    const position = positionAt(run.records, seconds * 1e9);
    matrix.seek(position);
    return [...tallyOf(matrix, truthsOf(run, members, nodes, position)).rows];
  };

  test('all are alive to all before the cut, and nobody is wrong', () => {
    expect(at(119)).toEqual(Array.from({ length: 5 }, () => Array(5).fill('alive')));
    expect(wrong(119)).toEqual([0, 0, 0, 0, 0]);
  });
  test('at the end of the cut each side holds the other for failed, which is wrong of all that run', () => {
    const [a, b] = [
      ['alive', 'alive', 'alive', 'failed', 'failed'],
      ['failed', 'failed', 'failed', 'alive', 'alive'],
    ];
    expect(at(179)).toEqual([a, a, a, b, b]);
    expect(wrong(179)).toEqual([2, 2, 2, 3, 3]);
  });
  test('it is the same whether one comes from before or from after, and as the members say one by one', () => {
    const path = [0, 125, 300, 119, 129, 121, 360, 0.5, 150];
    for (const seconds of path) {
      const here = at(seconds);
      const { beliefs } = members.at(positionAt(run.records, seconds * 1e9));
      expect(here).toEqual(beliefs.map((row) => row.map((belief) => (belief === 'dead' ? 'failed' : (belief ?? 'unknown')))));
    }
  });
  test('a belief says since when it is held', () => {
    at(179);
    const position = matrix.since(0, 3) as number;
    const when = (run.records.at[position - 1] as number) / 1e9;
    expect(when).toBeGreaterThan(120);
    expect(when).toBeLessThan(130);
  });
});

describe('what disagrees with the truth', () => {
  test.each<[BeliefName, Truth, boolean]>([
    ['alive', 'up', false],
    ['suspect', 'up', true],
    ['failed', 'up', true],
    ['left', 'up', true],
    ['leaving', 'up', false],
    ['unknown', 'up', false],
    ['alive', 'down', true],
    ['suspect', 'down', false],
    ['failed', 'down', false],
    ['failed', 'paused', false],
    ['alive', 'paused', false],
    ['failed', 'stranger', false],
  ])('to hold for %s what is %s: %s', (belief, truth, expected) => {
    expect(isWrong(code(belief), truth)).toBe(expected);
  });
});

test('the most mistaken come first, equals in their order', () => {
  expect(byCount(Uint32Array.of(1, 3, 0, 3))).toEqual([1, 3, 0, 2]);
});
