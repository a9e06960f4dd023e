import { expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { markersOf } from './markers.ts';
import { sketchRun } from './sketch.ts';

test('marks what people and faults did, second boots, elections and verdicts, and nothing else', () => {
  const run = sketchRun({
    cells: [
      { at: 2e6 as Instant, position: 3, node: 0, subject: 'a', field: 'raft.role', value: 'leader' },
      { at: 4e6 as Instant, position: 5, node: 0, subject: 'a', field: 'raft.role', value: 'follower' },
    ],
    records: [
      { at: 0, kind: 'boot', node: 0 },
      { at: 1, kind: 'command', node: 0 },
      { at: 2, kind: 'send', node: 0 },
      { at: 3, kind: 'crash', node: 0 },
      { at: 4, kind: 'boot', node: 0 },
      { at: 5, kind: 'fault' },
      { at: 6, kind: 'verdict' },
    ],
    verdicts: [{ at: 6e6 as Instant, record: 7, check: 'c', outcome: 'violated', says: '' }],
  });
  expect(markersOf(run).map(({ at, type }) => [at / 1e6, type])).toEqual([
    [1, 'command'],
    [2, 'leader'],
    [3, 'crash'],
    [4, 'boot'],
    [5, 'fault'],
    [6, 'violated'],
  ]);
});
