import { beforeAll, describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { simulated } from '../testing/simulated.ts';
import { type Charts, chartsOf, type LineChart, type Series } from './charts.ts';
import { BeliefMatrix } from './matrix.ts';
import { Members } from './members.ts';
import { Nodes } from './nodes.ts';
import { RaftServers } from './raft.ts';
import type { Run } from './run.ts';

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
const seriesOf = ({ charts }: Charts, id: string): readonly Series[] =>
  (charts.find((chart) => chart.id === id) as LineChart | undefined)?.series ?? [];

describe('two racks without each other from 120 s to 180 s', () => {
  const PARTS = 360;
  let run: Run;
  let charts: Charts;
  beforeAll(async () => {
    run = await simulated('partition-and-heal');
    const members = new Members(run);
    const source = { run, members, nodes: new Nodes(run), matrix: new BeliefMatrix(run, members), raft: undefined };
    charts = chartsOf(source, { from: 0, to: run.end }, PARTS);
  });
  const series = (chart: string, name: string): Float64Array =>
    seriesOf(charts, chart).find((each) => each.name === name)?.values as Float64Array;

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

  test('of what nodes send, and of round trips, the quantiles are in order', () => {
    for (const id of ['bytes', 'latency']) {
      const [outer, inner, median] = seriesOf(charts, id);
      expect(median?.values.length).toBeGreaterThan(0);
      median?.values.forEach((value, part) => {
        if (Number.isNaN(value)) return;
        const five = [outer?.low, inner?.low, median.values, inner?.values, outer?.values].map((each) => each?.[part] as number);
        expect(five).toEqual(five.toSorted((a, b) => a - b));
      });
    }
  });

  test('the round trips that are shown are those of pings, or of another kind that is asked for', () => {
    expect(charts.trip).toBe('ping');
    expect(charts.trips).toContain('push-pull');
    const members = new Members(run);
    const source = { run, members, nodes: new Nodes(run), matrix: undefined, raft: undefined, trip: 'push-pull' };
    expect(chartsOf(source, { from: 0, to: run.end }, PARTS).trip).toBe('push-pull');
  });
});

test('what is committed never becomes less while servers stay up, and stands still for the side without a majority', async () => {
  const run = await simulated('raft-partition');
  const members = new Members(run);
  const source = { run, members, nodes: new Nodes(run), matrix: undefined, raft: new RaftServers(run) };
  const { charts } = chartsOf(source, { from: 0, to: run.end }, 120);
  expect(charts.map(({ id }) => id)).toEqual(['latency', 'packets', 'bytes', 'commits']);
  const commits = charts.at(-1) as LineChart;
  for (const { values } of commits.series) expect([...values]).toEqual([...values].toSorted((a, b) => a - b));
  // A part is half a second: at 12 s and at 19 s.
  const grown = commits.series.map(({ values }) => (values[38] as number) - (values[24] as number));
  expect(grown.map((by) => by > 0)).toEqual([false, false, true, true, true]);
});
