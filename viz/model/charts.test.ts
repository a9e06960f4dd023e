import { beforeAll, describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { simulated } from '../testing/simulated.ts';
import { type Chart, chartsOf } from './charts.ts';
import { BeliefMatrix } from './matrix.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import { RaftServers } from './raft.ts';
import type { Run } from './run.ts';

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);

describe('two racks without each other from 120 s to 180 s', () => {
  const PARTS = 360;
  let run: Run;
  let charts: Map<string, Chart>;
  beforeAll(async () => {
    run = await simulated('partition-and-heal');
    const members = new Members(run);
    const source = { run, members, nodes: new Nodes(run), matrix: new BeliefMatrix(run, members), raft: undefined };
    charts = new Map(chartsOf(source, { from: 0, to: run.end }, PARTS).map((chart) => [chart.id, chart]));
  });
  const series = (chart: string, name: string): Float64Array =>
    charts.get(chart)?.series.find((each) => each.name === name)?.values as Float64Array;

  test('all beliefs are right until the cut, and again in the end; half of them are wrong in between', () => {
    const agree = series('agreement', 'agree with the truth');
    expect([...agree.slice(5, 119)].every((percent) => percent === 100)).toBe(true);
    // Each of three is wrong about two, each of two about three: 12 of 25.
    expect(agree[175]).toBe(52);
    expect(agree[359]).toBe(100);
    expect(series('agreement', 'wrong about one that runs')[175]).toBe(48);
  });

  test('the packets of all parts together are those that were sent, and the lost ones are lost during the cut', () => {
    const sent = ['UDP', 'TCP', 'ARP'].reduce((all, name) => all + sum(series('packets', name)), 0);
    expect(Math.round(sent)).toBe(run.records.kind.filter((kind) => kind === Kind.send).length);
    const lost = series('packets', 'lost');
    expect(sum(lost.slice(120, 181))).toBeGreaterThan(0);
    expect(sum(lost.slice(0, 119))).toBe(0);
  });

  test('the median node sends no less than the least and no more than the most', () => {
    const [band, median] = charts.get('bytes')?.series ?? [];
    for (let part = 0; part < PARTS; part++) {
      expect(median?.values[part]).toBeGreaterThanOrEqual(band?.low?.[part] as number);
      expect(median?.values[part]).toBeLessThanOrEqual(band?.values[part] as number);
    }
  });
});

test('what is committed never becomes less while servers stay up, and stands still for the side without a majority', async () => {
  const run = await simulated('raft-partition');
  const members = new Members(run);
  const source = { run, members, nodes: new Nodes(run), matrix: undefined, raft: new RaftServers(run) };
  const charts = chartsOf(source, { from: 0, to: run.end }, 120);
  expect(charts.map(({ id }) => id)).toEqual(['packets', 'bytes', 'commits']);
  const commits = charts.at(-1) as Chart;
  for (const { values } of commits.series) expect([...values]).toEqual([...values].toSorted((a, b) => a - b));
  // A part is half a second: at 12 s and at 19 s.
  const grown = commits.series.map(({ values }) => (values[38] as number) - (values[24] as number));
  expect(grown.map((by) => by > 0)).toEqual([false, false, true, true, true]);
});
