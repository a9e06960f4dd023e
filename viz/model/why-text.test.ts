import { expect, test } from 'vitest';
import { Describer } from './describe.ts';
import { sketchRun } from './sketch.ts';
import { causesOf } from './why.ts';
import { whyText } from './why-text.ts';

const run = sketchRun({
  records: [
    { at: 0, kind: 'start', node: 0, word: 'agent', payload: { command: 'serf agent' } },
    { at: 1000, kind: 'timer', node: 0, word: 'probe', cause: 1 },
    { at: 2000, kind: 'timer', node: 0, word: 'probe', cause: 2 },
    { at: 2000, kind: 'crash', node: 1 },
    { at: 2001, kind: 'log', node: 0, cause: 3, payload: { line: 'no answer' } },
    { at: 2002, kind: 'log', node: 2, cause: 5, payload: { line: 'heard of it' } },
  ],
});

test('an event is told in words with what led to it, repeats counted, and what it led to', () => {
  const describer = new Describer(run);
  expect(whyText(run, 4, causesOf(run, 4), (number) => describer.row(number - 1))).toBe(
    [
      'sketch, seed 7, event 5',
      '2.001000 s  a  log  no answer',
      'because of',
      '  2.000000 s  a  timer  probe  (2 times)',
      '  0.000000 s  a  start  serf agent',
      'led to',
      '  2.002000 s  c  log  heard of it',
      '',
    ].join('\n'),
  );
});

test('what has not been read is left open', () => {
  expect(whyText(run, 3, causesOf(run, 3), () => undefined)).toBe('sketch, seed 7, event 4\n…\n');
});
