import { expect, test } from 'vitest';
import { simulated } from '../testing/simulated.ts';
import { detectionsIn } from './detections.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import { nameOf } from './run.ts';

test('a container that dies is suspected and declared dead within the bounds of memberlist', async () => {
  const run = await simulated('docker-cluster');
  const found = detectionsIn(run, new Members(run), new Nodes(run), { from: 0, to: run.end });
  expect(found).toHaveLength(1);
  const [{ from, watchers, suspected, dead }] = found as [(typeof found)[number]];
  expect(watchers).toBe(6);
  expect(new Set(suspected.map(({ node }) => nameOf(run, node))).size).toBe(6);
  // Everybody is probed by somebody within a round, and a probe has failed after one interval of 1 s.
  expect((suspected[0]?.at as number) - from).toBeLessThanOrEqual(7e9);
  // memberlist: 4 · max(1, log₁₀ n) intervals at least, six times as long at most.
  const timeout = (dead[0]?.at as number) - (suspected[0]?.at as number);
  expect(timeout).toBeGreaterThanOrEqual(4e9);
  expect(timeout).toBeLessThanOrEqual(24e9);
});

test('who left before it stopped has not failed, and who is back soon was noticed by nobody', async () => {
  const run = await simulated('rolling-restart');
  const found = detectionsIn(run, new Members(run), new Nodes(run), { from: 0, to: run.end });
  const noticed = found.map(({ name, suspected, dead }) => [name, suspected.length, dead.length]);
  expect(noticed).toEqual([
    ['n2', 0, 0],
    ['n5', 0, 0],
    ['n3', 4, 4],
  ]);
});
