import { expect, test } from 'vitest';
import { sketchRun } from './sketch.ts';
import { tripsIn, tripWords } from './trips.ts';

const [a, b, c] = [0, 1, 2];
const ALL = { from: 0, to: 1e9 };

test('a round trip ends with the first answer, over routers and what the other had to do for it', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'timer', node: a, word: 'probe' },
      { at: 0, kind: 'send', node: a, peer: c, word: 'ping', cause: 1 },
      { at: 1, kind: 'forward', node: 3, peer: c, word: 'ping', cause: 2 },
      { at: 2, kind: 'deliver', node: c, peer: a, word: 'ping', cause: 3 },
      { at: 5, kind: 'written', node: c, cause: 4 },
      { at: 5, kind: 'send', node: c, peer: a, word: 'ack', cause: 5 },
      { at: 7, kind: 'deliver', node: a, peer: c, word: 'ack', cause: 6 },
      { at: 8, kind: 'deliver', node: a, peer: c, word: 'ack', cause: 6 },
    ],
  });
  const trips = tripsIn(run, ALL);
  expect(trips.map(({ start, end }) => [start, end])).toEqual([[1, 6]]);
  expect(tripWords(run, trips)).toEqual(['ping']);
});

test('a relayed question is answered to who asked, and what a timer or nobody asked for answers nothing', () => {
  const run = sketchRun({
    records: [
      { at: 0, kind: 'send', node: a, peer: b, word: 'indirect ping' },
      { at: 1, kind: 'deliver', node: b, peer: a, word: 'indirect ping', cause: 1 },
      { at: 1, kind: 'send', node: b, peer: c, word: 'ping', cause: 2 },
      { at: 2, kind: 'deliver', node: c, peer: b, word: 'ping', cause: 3 },
      { at: 2, kind: 'send', node: c, peer: b, word: 'ack', cause: 4 },
      { at: 3, kind: 'deliver', node: b, peer: c, word: 'ack', cause: 5 },
      { at: 3, kind: 'send', node: b, peer: a, word: 'ack', cause: 6 },
      { at: 4, kind: 'deliver', node: a, peer: b, word: 'ack', cause: 7 },
      { at: 9, kind: 'timer', node: a, word: 'gossip', cause: 8 },
      { at: 9, kind: 'send', node: a, peer: b, word: 'alive', cause: 9 },
      { at: 10, kind: 'deliver', node: b, peer: a, word: 'alive', cause: 10 },
    ],
  });
  expect(tripsIn(run, ALL).map(({ start, end }) => [start, end])).toEqual([
    [2, 5],
    [0, 7],
  ]);
  expect(tripsIn(run, { from: 3.5e6, to: 1e9 }).map(({ start }) => start)).toEqual([0]);
});
