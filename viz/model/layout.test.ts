import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Topology } from '../../sim/network/topology.ts';
import { cableOf, layoutOf } from './layout.ts';
import { host, on, router, segment, twoSegments } from './sketch.ts';

describe('two segments and a router', () => {
  const layout = layoutOf(twoSegments());
  const [a, b, c, r] = layout.nodes as [
    { x: number; y: number },
    { x: number; y: number },
    { x: number; y: number },
    { x: number; y: number },
  ];
  const [left, right] = layout.segments as [(typeof layout.segments)[0], (typeof layout.segments)[0]];

  test('segments are bars on one height, and the router is below and between them', () => {
    expect([left.shape, right.shape]).toEqual(['bar', 'bar']);
    expect(left.from.y).toBe(right.to.y);
    expect(left.to.x).toBeLessThan(right.from.x);
    expect(r.y).toBeGreaterThan(left.from.y);
    expect(r.x).toBeGreaterThan(a.x);
    expect(r.x).toBeLessThan(c.x);
  });
  test('hosts stand on their own bar', () => {
    for (const place of [a, b]) {
      expect(place.y).toBeLessThan(left.from.y);
      expect(place.x).toBeGreaterThan(left.from.x);
      expect(place.x).toBeLessThan(left.to.x);
    }
    expect(c.x).toBeGreaterThan(right.from.x);
  });
  test('the router has a tap on each bar, each host one on its own', () => {
    expect(layout.taps.filter(({ node }) => node === 3).map((tap) => tap.segment)).toEqual([0, 1]);
    expect(layout.taps.filter(({ node }) => node === 0).map((tap) => tap.segment)).toEqual([0]);
  });
});

test('segments that only join two routers are lines, and a chain of routers lies between its ends', () => {
  const layout = layoutOf({
    segments: [
      segment('v1', '10.0.1.0/24'),
      segment('x', '10.9.1.0/24'),
      segment('y', '10.9.2.0/24'),
      segment('v2', '10.0.2.0/24'),
    ],
    nodes: [
      host('a', on(0, '10.0.1.10')),
      host('b', on(3, '10.0.2.10')),
      router('r1', on(0, '10.0.1.1'), on(1, '10.9.1.1')),
      router('core', on(1, '10.9.1.2'), on(2, '10.9.2.1')),
      router('r2', on(2, '10.9.2.2'), on(3, '10.0.2.1')),
    ],
  });
  expect(layout.segments.map(({ shape }) => shape)).toEqual(['bar', 'line', 'line', 'bar']);
  const x = layout.nodes.map((place) => place.x);
  expect(x[2]).toBeLessThan(x[3] as number);
  expect(x[3]).toBeLessThan(x[4] as number);
});

test('a cable begins at the tap, ends at the node, and leaves both vertically', () => {
  const cable = cableOf({ x: 0, y: 0 }, { x: 2, y: 1 });
  expect(cable[0]).toEqual({ x: 0, y: 0 });
  expect(cable.at(-1)).toEqual({ x: 2, y: 1 });
  expect((cable[1] as { x: number; y: number }).y).toBeGreaterThan((cable[1] as { x: number; y: number }).x);
  expect(cableOf({ x: 1, y: 0 }, { x: 1, y: 3 })).toHaveLength(2);
});

/** Up to 6 segments, hosts on one of them each, routers on any two. */
const topologies: fc.Arbitrary<Topology> = fc.integer({ min: 1, max: 6 }).chain((count) => {
  const place = fc.nat(count - 1);
  return fc
    .record({ homes: fc.array(place, { maxLength: 40 }), joints: fc.array(fc.tuple(place, place), { maxLength: 8 }) })
    .map(({ homes, joints }) => ({
      segments: Array.from({ length: count }, (_, i) => segment(`s${i}`, `10.${i}.0.0/16`)),
      nodes: [
        ...homes.map((home, i) => host(`h${i}`, on(home, `10.${home}.1.${i + 1}`))),
        ...joints.map(([one, other], i) =>
          router(`r${i}`, on(one, `10.${one}.2.${i + 1}`), on(other, `10.${other}.3.${i + 1}`, 'eth1')),
        ),
      ],
    }));
});

describe('any topology', () => {
  test('is drawn inside the picture, each node in a place of its own', () => {
    fc.assert(
      fc.property(topologies, (topology) => {
        const { nodes, taps, segments, width, height } = layoutOf(topology);
        const points = [...nodes, ...taps.map(({ at }) => at), ...segments.flatMap(({ from, to }) => [from, to])];
        for (const { x, y } of points) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x).toBeLessThanOrEqual(width);
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y).toBeLessThanOrEqual(height);
        }
        nodes.forEach((one, i) => {
          for (const other of nodes.slice(i + 1)) expect(Math.hypot(one.x - other.x, one.y - other.y)).toBeGreaterThan(0.6);
        });
      }),
    );
  });
  test('has taps on its bars, no two of a bar at one place on the same side', () => {
    fc.assert(
      fc.property(topologies, (topology) => {
        const { taps, segments } = layoutOf(topology);
        for (const bar of segments.filter(({ shape }) => shape === 'bar')) {
          const here = taps.filter((tap) => tap.segment === bar.segment);
          for (const { at } of here) {
            expect(at.y).toBe(bar.from.y);
            expect(at.x).toBeGreaterThanOrEqual(bar.from.x);
            expect(at.x).toBeLessThanOrEqual(bar.to.x);
          }
          const joints = here.filter(
            ({ node }) => new Set(topology.nodes[node]?.interfaces.map((each) => each.segment)).size > 1,
          );
          const places = joints.map(({ at }) => at.x.toFixed(6));
          expect(new Set(places).size).toBe(places.length);
        }
      }),
    );
  });
  test('is drawn the same again', () => {
    fc.assert(
      fc.property(topologies, (topology) => {
        expect(layoutOf(structuredClone(topology))).toEqual(layoutOf(topology));
      }),
    );
  });
});
