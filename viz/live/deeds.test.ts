import { describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { DEEDS, deedInput, deedsFor, sidesOf, targetsOf, valuesAtFirst } from '../model/deeds.ts';
import { readRun } from '../model/read.ts';
import { textField } from '../model/run.ts';
import { sourceOf } from '../model/source.ts';
import { runTo, simulator } from '../testing/simulator.ts';
import { canEnd, cook, listOf } from './cook.ts';

/** Three servers with slow disks on two racks, a client beyond a router that asks all the time, and agents who know each other. */
const WORLD = `
seed: 4
network:
  segments:
    red: { vlan: 10, subnet: 10.0.10.0/24, latency: 300us..900us }
    blue: { vlan: 20, subnet: 10.0.20.0/24, latency: 300us..900us }
  switches: [rack1, rack2]
  trunks:
    - { between: [rack1, rack2] }
  routers:
    gateway: { switch: rack1, on: [red, blue] }
hosts:
  n1: { on: red, switch: rack1, address: 10.0.10.11, disk: { write: 2ms, sync: 20ms } }
  n2: { on: red, switch: rack1, address: 10.0.10.12, disk: { write: 2ms, sync: 20ms } }
  n3: { on: red, switch: rack2, address: 10.0.10.13, disk: { write: 2ms, sync: 20ms } }
  client: { on: blue, switch: rack2, address: 10.0.20.20 }
timeline:
  - { at: 0s, on: [n1, n2, n3], run: "kvd -peers=n1=10.0.10.11,n2=10.0.10.12,n3=10.0.10.13" }
  - { at: 100ms, on: all, run: serf agent }
  - { at: 200ms, on: [n2, n3], run: serf join 10.0.10.11 }
  - { at: 500ms, on: client, run: "kv load -servers=10.0.10.11,10.0.10.12,10.0.10.13 -clients=3 -operations=2000 -think=5ms" }
until: 8s
`;
const n1 = { host: 'n1' };
const link = { from: 'n1', to: 'n2' };
const hosts = ['n1', 'n2', 'n3'];

/** All that can be done to a run that goes on. */
const LASTING: readonly object[] = [
  { kind: 'link-loss', ...link, rate: 0.3 },
  { kind: 'link-burst', ...link, enter: 0.1, leave: 0.2, rate: 0.9 },
  { kind: 'link-delay', ...link, min: '5ms', max: '20ms' },
  { kind: 'link-reorder', ...link, rate: 0.3, min: '5ms', max: '200ms' },
  { kind: 'link-duplicate', ...link, rate: 0.3, min: '0s', max: '50ms' },
  { kind: 'link-corrupt', ...link, rate: 0.2 },
  { kind: 'link-misdelivery', ...link, rate: 0.2, instead: 'n3' },
  { kind: 'link-bandwidth', ...link, bandwidth: '64kbit', queue: '16KiB' },
  { kind: 'link-mtu', ...link, mtu: 100 },
  { kind: 'link-cut', ...link },
  { kind: 'link-down', between: ['n1', 'n2'] },
  { kind: 'link-flap', between: ['n1', 'n2'], up: '200ms', down: '50ms' },
  { kind: 'partition', groups: [['n1'], ['n2', 'n3']] },
  { kind: 'partition-halves', hosts },
  { kind: 'partition-minority', hosts },
  { kind: 'partition-ring', hosts },
  { kind: 'partition-bridge', hosts },
  { kind: 'partition-alone', ...n1, hosts: ['n2', 'n3'], only: 'in' },
  { kind: 'partition-segment', segment: 'blue' },
  { kind: 'trunk-cut', trunk: ['rack1', 'rack2'] },
  { kind: 'router-down', router: 'gateway' },
  { kind: 'multicast-leak', segments: ['red', 'blue'] },
  { kind: 'host-crash', ...n1, torn: true },
  { kind: 'crash-wipe', ...n1 },
  { kind: 'crash-at-write', ...n1, does: 'sync', after: 3, done: false, for: '500ms' },
  { kind: 'new-address', ...n1, address: '10.0.10.99' },
  { kind: 'host-pause', ...n1 },
  { kind: 'cpu-delay', ...n1, min: '10ms', max: '50ms' },
  { kind: 'restart-storm', hosts, every: '300ms', of: 'serf agent' },
  { kind: 'signal', ...n1, signal: 'KILL', of: 'serf' },
  { kind: 'disk-stall', ...n1 },
  { kind: 'disk-delay', ...n1, min: '5ms', max: '50ms' },
  { kind: 'disk-full', ...n1 },
  { kind: 'disk-error', ...n1, rate: 0.2 },
  { kind: 'disk-lie', ...n1, rate: 1 },
  { kind: 'aimed', aim: 'leader', does: { kind: 'partition-alone', hosts } },
  { kind: 'aimed', aim: 'follower', does: { kind: 'disk-stall' } },
  { kind: 'aimed', aim: 'leader', upon: 'commit', after: '1ms', does: { kind: 'host-pause' } },
];
const SUDDEN: readonly object[] = [
  { kind: 'process-restart', ...n1, of: 'serf agent' },
  { kind: 'revive', ...n1 },
  { kind: 'command', ...n1, run: 'serf members' },
  { kind: 'clock-jump', ...n1, by: '-5s' },
  { kind: 'clock-drift', ...n1, drift: '500ppm' },
  { kind: 'disk-wipe', ...n1 },
  { kind: 'corrupt-record', ...n1, file: '/var/lib/kvd/raft/log', record: -1 },
  { kind: 'aimed', aim: 'leader', does: { kind: 'process-restart' } },
];

const named = (inputs: readonly object[]) => inputs.map((input) => [JSON.stringify(input), input] as const);

/** What a run may have to be made again for: disks know what befalls them when they are asked for something, others when they begin. */
const isLookedAhead = (input: object): boolean => /disk-|crash-at-write|aimed|signal|storm/.test(JSON.stringify(input));

/** Milliseconds between two looks at the clock: so many that a save is made every few dozen events; and so few that none is made. */
const [SAVING, SAVELESS] = [40, 0.5];

async function done(input: object, step: number, lasts: boolean): Promise<string> {
  const ask = simulator(new Map([['world', WORLD]]), step);
  await ask('start', { recipe: { shipped: 'world' } });
  await runTo(ask, 1.2e9);
  await ask('act', { act: { type: 'do', inputs: [input] } });
  const { entries } = await runTo(ask, 1.6e9);
  if (lasts) await ask('act', { act: { type: 'end', place: entries.length - 1 } });
  await runTo(ask, 1.9e9);
  // Repeats the run from its start, and complains when it has another fingerprint.
  return (await ask('save', {})).file;
}

describe('done to a run that goes on', () => {
  test.each(named(LASTING))('%s is repeated by a replay file, and so is its end', async (_name, input) => {
    for (const step of isLookedAhead(input) ? [SAVING, SAVELESS] : [SAVING]) {
      const file = await done(input, step, true);
      expect(file).toContain('at: 1.200000001s');
      expect(file).toContain('until: 1.60000000');
    }
  });

  test.each(named(SUDDEN))('%s is repeated by a replay file', async (_name, input) => {
    expect(await done(input, SAVING, false)).toContain('at: 1.200000001s');
  });

  test('a program that was started with other options has them', async () => {
    const ask = simulator(new Map([['world', WORLD]]));
    await ask('start', { recipe: { shipped: 'world' } });
    await runTo(ask, 1e9);
    const inputs = [
      { kind: 'signal', ...n1, signal: 'KILL', of: 'serf agent' },
      { kind: 'command', ...n1, run: 'serf agent -profile=wan -join 10.0.10.12' },
    ];
    await ask('act', { act: { type: 'do', inputs } });
    const { trace } = await runTo(ask, 2e9);
    const read = await readRun(sourceOf({ blob: trace }));
    if ('problem' in read) throw new Error(read.problem);
    const typed = [...read.run.records.kind.entries()].flatMap(([i, kind]) =>
      kind === Kind.command && (read.run.records.at[i] as number) > 1e9 ? [textField(read.run.payload(i), 'line')] : [],
    );
    expect(typed).toEqual(['serf agent -profile=wan -join 10.0.10.12']);
    await ask('save', {});
  });

  test('whatever is written wrongly is told by the name of its value, and nothing is done', async () => {
    const ask = simulator(new Map([['world', WORLD]]));
    await ask('start', { recipe: { shipped: 'world' } });
    const act = { type: 'do', inputs: [{ kind: 'link-loss', ...link, rate: 30 }] } as const;
    await expect(ask('act', { act })).rejects.toMatchObject({ mistakes: [{ path: 'interventions[0].rate' }] });
    expect((await ask('look', {})).entries).toEqual([]);
  });

  test('a command that no host knows is said to be none, and typed all the same', async () => {
    const ask = simulator(new Map([['world', WORLD]]));
    await ask('start', { recipe: { shipped: 'world' } });
    const typed = (run: string) => ask('act', { act: { type: 'do', inputs: [{ kind: 'command', ...n1, run }] } });
    const { wrong } = await typed('serf membres');
    expect(wrong).toEqual([expect.stringMatching(/^`serf` has no command `membres`; did you mean `serf members`/)]);
    expect((await typed('serf members')).wrong).toEqual([]);
    expect((await ask('look', {})).entries.map(({ kind }) => kind)).toEqual(['command', 'command']);
    await runTo(ask, 1e9);
    await ask('save', {});
  });

  test('what is done to a host that is down is refused', async () => {
    const ask = simulator(new Map([['world', WORLD]]));
    await ask('start', { recipe: { shipped: 'world' } });
    await runTo(ask, 1e9);
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'host-crash', ...n1 }] } });
    const act = { type: 'do', inputs: [{ kind: 'host-crash', ...n1 }] } as const;
    await expect(ask('act', { act })).rejects.toThrow('n1 is down.');
  });
});

test('every deed that is offered can be done as it is offered', () => {
  const { scenario } = cook({ text: WORLD }, new Map());
  const { topology, hosts: there } = scenario.plan;
  const targets = targetsOf(topology, (node) => there.some((host) => host.node === node));
  expect(targets).toMatchObject({ hosts: ['n1', 'n2', 'n3', 'client'], routers: ['gateway'], trunks: [['rack1', 'rack2']] });
  const offered = deedsFor(targets);
  expect(offered).toHaveLength(DEEDS.length);
  for (const deed of offered) {
    const input = deedInput(deed, { ...valuesAtFirst(deed, targets, 'n1', 'n2'), ...ADDRESS });
    const [entry] = listOf([{ ...input, at: 1e9 }], scenario.data);
    expect([entry?.kind, entry === undefined ? undefined : canEnd(entry)]).toEqual([deed.kind, deed.lasts]);
  }
});

/** The one value that nobody can know. */
const ADDRESS = { address: '10.0.10.99' };

test('a line parts what lies on its two sides, and nothing when all lies on one', () => {
  const points = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
    { x: 20, y: 5 },
  ];
  expect(sidesOf(points, { x: 5, y: -5 }, { x: 5, y: 5 })).toEqual([[0], [1, 2]]);
  expect(sidesOf(points, { x: 5, y: 20 }, { x: 6, y: 20 })).toBeUndefined();
});
