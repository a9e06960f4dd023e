import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../core/address.ts';
import { microseconds, milliseconds, seconds } from '../../core/time.ts';
import { run } from '../run/run.ts';
import { intervention as schema } from '../scenario/schema/intervention.ts';
import { World } from '../world.ts';
import { at, during, NAMES, type Name, observe, plan, registry } from './chat.ts';
import { describeIntervention, type Intervention } from './intervention.ts';

const nominal = observe([]);
const packet = { sender: 'a', boot: 0, receiver: 'b', hop: 0, message: 'ping' };
/** The ordinal of the ping that a sends to b at 2.1 s, its 20th after the first. */
const ordinal = (() => {
  const entries = observe(
    [{ kind: 'link-cut', from: 'a', to: 'b', at: at(2.05), until: at(2.12) }],
    true,
  ).world.interventions.recorded();
  const [first] = entries;
  return first?.kind === 'packet-loss' ? first.packet.ordinal : -1;
})();
const one = { ...packet, ordinal };
const operation = (n: number, does: 'append' | 'sync') => ({
  host: 'a',
  boot: 0,
  ordinal: 2 * n + (does === 'sync' ? 1 : 0),
  does: `${does} /var/lib/chat/raft/log`,
});
const path = '/var/lib/chat/raft/log';
const link = { from: 'a', to: 'b', ...during };
const late = { min: milliseconds(150), max: milliseconds(150) };

type Seen = ReturnType<typeof observe>;
const all = (seen: Seen, from: Name, to: Name) => seen.heard(from, to).length;
/** Nothing from one to the other, and everything the other way. */
const only = (from: Name, to: Name) => (seen: Seen) => [all(seen, from, to), all(seen, to, from)];
const pairs = (seen: Seen) =>
  NAMES.flatMap((x) => NAMES.filter((y) => y !== x && all(seen, x, y) === 0).map((y) => x + y)).join(' ');

/** Each kind, and what is to be seen of it. */
const kinds: readonly (readonly [Intervention | readonly Intervention[], (seen: Seen) => unknown, unknown])[] = [
  [
    { kind: 'packet-loss', packet: one },
    (seen) =>
      seen
        .heard('a', 'b')
        .map(({ n }) => n)
        .slice(0, 2),
    [21, 22],
  ],
  [{ kind: 'packet-delay', packet: one, by: milliseconds(50) }, (seen) => seen.heard('a', 'b')[0]?.at, at(2.151)],
  [
    { kind: 'packet-duplicate', packet: one, by: milliseconds(50) },
    (seen) =>
      seen
        .heard('a', 'b')
        .slice(0, 3)
        .map((each) => [each.n, each.at]),
    [
      [20, at(2.101)],
      [20, at(2.151)],
      [21, at(2.201)],
    ],
  ],
  [{ kind: 'packet-corrupt', packet: one }, (seen) => seen.heard('a', 'b')[0]?.n, 21],
  [
    { kind: 'packet-misdelivery', packet: one, to: 'c' },
    (seen) => [seen.heard('a', 'b')[0]?.n, seen.heard('a', 'c').filter(({ n }) => n === 20).length],
    [21, 2],
  ],
  [{ kind: 'link-loss', ...link, rate: 1 }, only('a', 'b'), [0, 19]],
  [{ kind: 'link-burst', ...link, enter: 1, leave: 0, rate: 1 }, only('a', 'b'), [0, 19]],
  [{ kind: 'link-delay', ...link, ...late }, (seen) => seen.heard('a', 'b')[0]?.at, at(2.251)],
  [
    { kind: 'link-reorder', ...link, rate: 0.5, ...late },
    (seen) => {
      const order = seen.heard('a', 'b').map(({ n }) => n);
      return [order.length, order.some((n, i) => n < (order[i - 1] ?? 0))];
    },
    [19, true],
  ],
  [{ kind: 'link-duplicate', ...link, rate: 1, ...late }, only('a', 'b'), [38, 19]],
  [{ kind: 'link-corrupt', ...link, rate: 1 }, only('a', 'b'), [0, 19]],
  [{ kind: 'link-misdelivery', ...link, rate: 1, instead: 'c' }, (seen) => [all(seen, 'a', 'b'), all(seen, 'a', 'c')], [0, 38]],
  [
    // 228 bytes at 8 kbit/s take 228 ms, and a hello 78 ms.
    { kind: 'link-bandwidth', ...link, at: at(2.05), bandwidth: 8_000, queue: 300 },
    (seen) => [seen.heard('a', 'b')[0]?.at, all(seen, 'a', 'b') < 15, all(seen, 'b', 'a')],
    [at(2.101 + 0.228), true, 19],
  ],
  [{ kind: 'link-mtu', ...link, mtu: 100 }, (seen) => [all(seen, 'a', 'b'), seen.heard('a', 'b', 'hello').length], [0, 19]],
  [{ kind: 'link-cut', ...link }, only('a', 'b'), [0, 19]],
  [{ kind: 'link-down', between: ['a', 'b'], ...during }, only('a', 'b'), [0, 0]],
  [
    { kind: 'link-flap', between: ['a', 'b'], up: milliseconds(500), down: milliseconds(500), ...during },
    (seen) => seen.heard('a', 'b').map(({ n }) => n - 20),
    [0, 1, 2, 3, 9, 10, 11, 12, 13],
  ],
  [{ kind: 'partition', groups: [['a'], ['b', 'd']], ...during }, pairs, 'ab ad ba da'],
  [{ kind: 'partition-halves', hosts: ['a', 'b', 'c'], ...during }, pairs, 'ac bc ca cb'],
  [{ kind: 'partition-minority', hosts: ['a', 'b', 'c', 'd'], ...during }, pairs, 'ad bd cd da db dc'],
  [{ kind: 'partition-ring', hosts: NAMES, ...during }, pairs, 'ac ad bd be ca ce da db eb ec'],
  [{ kind: 'partition-bridge', hosts: NAMES, ...during }, pairs, 'ad ae bd be da db ea eb'],
  [{ kind: 'partition-alone', host: 'a', hosts: ['a', 'b', 'd'], only: 'in', ...during }, pairs, 'ba da'],
  [{ kind: 'partition-segment', segment: 'right', ...during }, pairs, 'ad ae bd be cd ce da db dc ea eb ec'],
  [{ kind: 'trunk-cut', trunk: ['s2', 's1'], ...during }, pairs, 'ac ae bc be ca cb cd ce dc de ea eb ec ed'],
  [{ kind: 'router-down', router: 'gateway', ...during }, pairs, 'ad ae bd be cd ce da db dc ea eb ec'],
  [
    { kind: 'multicast-leak', segments: ['left', 'right'], ...during },
    (seen) => [seen.heard('a', 'd', 'hello').length, seen.heard('d', 'a', 'hello').length],
    [19, 0],
  ],
  [
    { kind: 'host-crash', host: 'a', ...during },
    (seen) => [seen.state('a')?.found, seen.world.network.boots(0), seen.world.hosts.isUp(0)],
    [19, 1, true],
  ],
  [{ kind: 'crash-wipe', host: 'a', ...during }, (seen) => [seen.state('a')?.found, seen.world.network.boots(0)], [0, 1]],
  [
    { kind: 'crash-at-write', host: 'a', does: 'sync', after: 2, done: true, for: seconds(1), ...during },
    (seen) => [seen.state('a')?.found, seen.state('a')?.heard[0]?.at],
    [22, at(3.202)], // it crashes when the third sync of that time comes back, at 2.202 s
  ],
  [
    { kind: 'new-address', host: 'b', address: parseAddress('10.0.1.99') as never, ...during },
    (seen) => [
      seen.world.network.address(1) === parseAddress('10.0.1.99'),
      (seen.state('a')?.heard ?? []).some((each) => each.from === '10.0.1.99'),
      (seen.state('b')?.heard ?? []).filter((each) => each.type === 'ping').length,
    ],
    [true, true, 0],
  ],
  [{ kind: 'host-pause', host: 'b', ...during }, (seen) => seen.said('b', 'a'), 0],
  [{ kind: 'cpu-delay', host: 'b', ...during, ...late }, (seen) => seen.heard('a', 'b')[0]?.at, at(2.251)],
  [{ kind: 'process-restart', host: 'a', at: at(2), of: 'chat' }, (seen) => seen.state('a')?.found, 19],
  [
    { kind: 'restart-storm', hosts: ['a', 'b'], every: milliseconds(500), at: at(2), until: at(4) },
    (seen) => ['a', 'b', 'c'].map((name) => seen.state(name as Name)?.found),
    [28, 33, 0],
  ],
  [
    { kind: 'signal', host: 'a', signal: 'TERM', of: 'chat', ...during },
    (seen) => [seen.said('a', 'b'), seen.state('a')?.found],
    [0, 19],
  ],
  [
    { kind: 'command', host: 'a', run: 'echo hello > /tmp/said', at: at(2) },
    (seen) => seen.world.hosts.file(0, '/tmp/said')?.trim(),
    'hello',
  ],
  [
    [
      { kind: 'signal', host: 'a', signal: 'KILL', at: at(2) },
      { kind: 'revive', host: 'a', at: at(4) },
    ],
    (seen) => [seen.said('a', 'b'), seen.state('a')?.found],
    [0, 19],
  ],
  [{ kind: 'clock-jump', host: 'a', at: at(2), by: seconds(60) }, (seen) => seen.world.hosts.wallClock(0), '2000/01/01 00:01:06'],
  [{ kind: 'clock-drift', host: 'a', at: at(2), drift: 500_000 }, (seen) => seen.state('a')?.n, 19 + 60],
  [{ kind: 'disk-stall', host: 'a', ...during }, (seen) => seen.state('a')?.n, nominal.state('a')?.n],
  [{ kind: 'disk-delay', host: 'a', ...late, ...during }, (seen) => seen.state('a')?.n, nominal.state('a')?.n],
  [{ kind: 'disk-full', host: 'a', ...during }, (seen) => new Set(seen.state('a')?.outcomes), new Set(['full'])],
  [{ kind: 'disk-error', host: 'a', rate: 1, ...during }, (seen) => new Set(seen.state('a')?.outcomes), new Set(['error'])],
  [
    [
      { kind: 'disk-lie', host: 'a', rate: 1, ...during },
      { kind: 'host-crash', host: 'a', at: at(3), until: at(3.5) },
    ],
    (seen) => seen.state('a')?.found,
    19,
  ],
  [
    [
      { kind: 'disk-wipe', host: 'a', at: at(2) },
      { kind: 'process-restart', host: 'a', at: at(3) },
    ],
    (seen) => seen.state('a')?.found,
    10,
  ],
  [
    [
      { kind: 'corrupt-record', host: 'a', file: path, record: 3, at: at(2) },
      { kind: 'process-restart', host: 'a', at: at(3) },
    ],
    (seen) => seen.state('a')?.damaged,
    1,
  ],
  [
    { kind: 'write-delay', operation: operation(20, 'sync'), by: milliseconds(50) },
    (seen) => seen.state('a')?.n,
    nominal.state('a')?.n,
  ],
  [
    { kind: 'write-failure', operation: operation(20, 'append'), outcome: 'error' },
    (seen) => seen.state('a')?.outcomes,
    ['error'],
  ],
  [
    [
      { kind: 'sync-lie', operation: operation(20, 'sync') },
      { kind: 'host-crash', host: 'a', at: at(2.15), until: at(3) },
    ],
    (seen) => seen.state('a')?.found,
    20,
  ],
  [
    [
      { kind: 'torn-write', operation: operation(20, 'append') },
      { kind: 'host-crash', host: 'a', at: at(2.101), until: at(3) },
    ],
    (seen) => [seen.state('a')?.found, seen.state('a')?.damaged],
    [21, 1],
  ],
  [{ kind: 'write-crash', operation: operation(20, 'sync'), done: false, for: seconds(1) }, (seen) => seen.state('a')?.found, 20],
  [{ kind: 'aimed', aim: 'leader', does: { kind: 'host-pause' }, ...during }, (seen) => seen.said('a', 'b'), 0],
  [
    { kind: 'aimed', aim: 'leader', does: { kind: 'link-loss', rate: 1, hosts: ['a', 'b', 'c'], only: 'out' }, ...during },
    (seen) => seen.said('a', 'b'),
    0,
  ],
];

test('every kind that a scenario may name is tried here', () => {
  const tried = new Set(kinds.flatMap(([entries]) => [entries].flat().map((entry) => entry.kind)));
  expect(schema.options.map(({ shape }) => shape.kind.value).filter((kind) => !tried.has(kind))).toEqual([]);
  expect(tried.size).toBeGreaterThan(50);
});

describe.each(kinds.map(([entries, seen, expected]) => ({ entries: [entries].flat(), seen, expected })))(
  '$entries.0.kind',
  ({ entries, seen, expected }) => {
    const first = observe(entries, true);

    test('does what it says', () => {
      expect(seen(first)).toEqual(expected);
      for (const entry of entries) expect(describeIntervention(entry)).not.toContain('undefined');
    });

    test('changes the run, and counts as applied', () => {
      expect(first.fingerprint).not.toBe(nominal.fingerprint);
      expect(first.world.interventions.unapplied()).toEqual([]);
    });

    test('is repeated by what was recorded, and the scenario’s own form of that', () => {
      const recorded = first.world.interventions.recorded();
      expect(recorded.some(({ kind }) => kind === 'aimed' || kind.startsWith('link-') || kind.startsWith('partition'))).toBe(
        false,
      );
      const again = observe(recorded);
      expect(again.fingerprint).toBe(first.fingerprint);
      expect(again.world.interventions.unapplied()).toEqual([]);
    });

    test('is the same in a world that was saved in the middle of it and restored into another', () => {
      const half = new World(plan, { registry, interventions: entries });
      half.simulation.runUntil(at(2.6));
      const other = new World(plan, { registry, interventions: entries });
      other.restore(half.save());
      other.simulation.runUntil(plan.end);
      expect(other.fingerprint()).toBe(first.fingerprint);
    });
  },
);

describe('a blow', () => {
  const aimed = (more: Partial<Extract<Intervention, { readonly kind: 'aimed' }>>): Intervention => ({
    kind: 'aimed',
    aim: 'leader',
    does: { kind: 'host-crash' },
    at: at(0.5),
    until: at(4),
    ...more,
  });

  test('that waits for a moment falls when that has come, and so much later', () => {
    const { world } = observe([aimed({ upon: 'election', aim: 'subject', after: microseconds(300) })], true);
    expect(world.interventions.recorded()).toEqual([{ kind: 'host-crash', host: 'a', at: at(1.0003), until: at(4) }]);
  });

  test('at somebody who is not there does not apply, and says so', () => {
    expect(observe([aimed({})]).world.interventions.unapplied()).toMatchObject([{ reason: 'there was nobody to aim at' }]);
    expect(observe([aimed({ at: at(2), upon: 'election' })]).world.interventions.unapplied()).toMatchObject([
      { reason: 'that did not happen in that time, or there was nobody to aim at' },
    ]);
  });

  test.each`
    aim           | host
    ${'leader'}   | ${'a'}
    ${'newest'}   | ${'e'}
    ${'follower'} | ${'b c d e'}
    ${'probed'}   | ${'a b c d e'}
  `('may be aimed at the $aim', ({ aim, host }) => {
    const [hit] = observe([aimed({ aim, at: at(2.05) })], true).world.interventions.recorded();
    expect(host.split(' ')).toContain(hit !== undefined && 'host' in hit ? hit.host : '');
  });
});

test('a report says of each entry how often it changed something, and which did not', () => {
  const entries: Intervention[] = [
    { kind: 'link-cut', ...link },
    { kind: 'link-loss', from: 'a', to: 'b', rate: 1, at: at(7) },
  ];
  const report = run(plan, { registry, interventions: entries });
  expect(report.applied[0]).toBeGreaterThan(20);
  expect(report.applied[1]).toBe(0);
  expect(report.unapplied).toMatchObject([{ index: 1, reason: 'nothing crossed these links in that time that this befell' }]);
});
