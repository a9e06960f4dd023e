import { expect, test } from 'vitest';
import { simulated } from '../testing/simulated.ts';
import { CellHistory } from './cells.ts';
import { incarnations } from './incarnation.ts';
import { positionAt } from './run.ts';

test('whoever was cut off learns of a refutation late: until then its incarnation is out of date, never ahead', async () => {
  const run = await simulated('slow-node');
  const cells = new CellHistory(run);
  const slow = run.topology.nodes.findIndex(({ name }) => name === 'slow');
  let late = 0;
  for (let at = 30e9; at < run.end; at += 2e9) {
    const position = positionAt(run.records, at);
    run.topology.nodes.forEach((_, observer) => {
      const found = incarnations(run, cells, observer, 'slow', position);
      if (found === undefined) return;
      expect(found.known).toBeLessThanOrEqual(found.own);
      if (found.known < found.own) late++;
    });
  }
  expect(late).toBeGreaterThan(0);
  const own = incarnations(run, cells, slow, 'slow', run.records.count);
  expect(own?.known).toBe(own?.own);
  expect(incarnations(run, cells, slow, 'nobody', run.records.count)).toBeUndefined();
});
