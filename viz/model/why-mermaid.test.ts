import { expect, test } from 'vitest';
import { Describer } from './describe.ts';
import { sketchRun } from './sketch.ts';
import { causesOf } from './why.ts';
import { whyMermaid } from './why-mermaid.ts';

const run = sketchRun({
  records: [
    { at: 0, kind: 'command', node: 0, payload: { line: 'serf query up; #1' } },
    { at: 1000, kind: 'timer', node: 0, word: 'probe', cause: 1 },
    { at: 1000, kind: 'send', node: 0, peer: 1, word: 'ping', cause: 2 },
    { at: 1002, kind: 'deliver', node: 1, peer: 0, word: 'ping', cause: 3 },
    { at: 1002, kind: 'send', node: 1, peer: 0, word: 'ack', cause: 4 },
    { at: 1002, kind: 'drop', node: 1, peer: 0, word: 'loss', cause: 5 },
  ],
});

test('a chain is a sequence diagram: messages as arrows, lost ones crossed, the rest as notes', () => {
  const describer = new Describer(run);
  const text = whyMermaid(run, 5, causesOf(run, 5), (number) => describer.row(number - 1));
  expect(text.split('\n')).toEqual([
    'sequenceDiagram',
    '  participant n0 as a',
    '  participant n1 as b',
    '  Note over n0: command $ serf query up   1, 0.000000 s',
    '  Note over n0: timer probe, 1.000000 s',
    '  n0->>n1: ping, 1.002000 s',
    '  n1--xn0: ack lost (loss), 1.002000 s',
    '',
  ]);
});
