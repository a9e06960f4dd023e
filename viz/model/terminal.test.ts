import { expect, test } from 'vitest';
import { sketchRun } from './sketch.ts';
import { Terminals } from './terminal.ts';

const run = sketchRun({
  records: [
    { at: 0, kind: 'command', node: 0, payload: { job: 1, line: 'serf agent' } },
    { at: 1, kind: 'output', node: 0, payload: { job: 1, text: '==> Serf agent running!' } },
    { at: 1, kind: 'output', node: 1, payload: { job: 2, text: 'elsewhere' } },
    { at: 2, kind: 'send', node: 0 },
    { at: 3, kind: 'command', node: 0, payload: { job: 3, line: 'serf members' } },
  ],
});

test('a terminal shows what was typed and printed on that host so far, in order', () => {
  const screen = new Terminals(run).at(5, 0);
  expect(screen.lines.map(({ type, job, text }) => [type, job, text])).toEqual([
    ['command', 1, 'serf agent'],
    ['output', 1, '==> Serf agent running!'],
    ['command', 3, 'serf members'],
  ]);
  expect(new Terminals(run).at(4, 0).lines).toHaveLength(2);
  expect(new Terminals(run).at(0, 0).lines).toEqual([]);
});

test('a long terminal keeps its last 1000 lines and says how many scrolled away', () => {
  const long = sketchRun({
    records: Array.from({ length: 1234 }, (_, i) => ({
      at: i,
      kind: 'output' as const,
      node: 0,
      payload: { job: 1, text: String(i) },
    })),
  });
  const { above, lines } = new Terminals(long).at(1234, 0);
  expect(above).toBe(234);
  expect(lines).toHaveLength(1000);
  expect(lines[0]?.text).toBe('234');
});
