import { describe, expect, test } from 'vitest';
import { Nodes } from './nodes.ts';
import { sketchRun } from './sketch.ts';

const agent = { process: 1, command: 'serf agent' };
const second = { process: 2, command: 'serf agent -rpc-addr=:7374' };
const run = sketchRun({
  records: [
    { at: 0, kind: 'boot', node: 0 },
    { at: 1, kind: 'start', node: 0, word: 'serf', payload: agent },
    { at: 2, kind: 'start', node: 0, word: 'serf', payload: second },
    { at: 3, kind: 'pause', node: 0, word: 'serf', payload: { process: 1 } },
    { at: 4, kind: 'resume', node: 0, word: 'serf', payload: { process: 1 } },
    { at: 5, kind: 'stop', node: 0, word: 'serf', payload: { process: 1, how: 'TERM' } },
    { at: 6, kind: 'crash', node: 0 },
    { at: 7, kind: 'boot', node: 0 },
  ],
});

describe('what a host is like after each record', () => {
  test.each`
    position | condition    | processes
    ${0}     | ${'idle'}    | ${[]}
    ${1}     | ${'idle'}    | ${[]}
    ${2}     | ${'running'} | ${[agent.command]}
    ${3}     | ${'running'} | ${[agent.command, second.command]}
    ${4}     | ${'paused'}  | ${[agent.command, second.command]}
    ${5}     | ${'running'} | ${[agent.command, second.command]}
    ${6}     | ${'running'} | ${[second.command]}
    ${7}     | ${'down'}    | ${[]}
    ${8}     | ${'idle'}    | ${[]}
  `('after $position records it is $condition', ({ position, condition, processes }) => {
    expect(new Nodes(run).at(position, 0)).toEqual({ condition, processes });
  });
  test('other hosts are not touched', () => {
    expect(new Nodes(run).at(8, 1)).toEqual({ condition: 'idle', processes: [] });
  });
});
