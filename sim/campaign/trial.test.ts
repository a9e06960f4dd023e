import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains } from '../../core/address.ts';
import { directionsOf } from '../intervention/directions.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { inputOf } from '../replay/entry.ts';
import { run } from '../run/run.ts';
import { loadScenario, scenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { explorationOf } from './exploration.ts';
import { judge } from './judge.ts';
import { trialOf } from './trial.ts';

const shipped = (name: string) =>
  loadScenario(readFileSync(new URL(`../../scenarios/${name}`, import.meta.url)), surroundings, name);
const { registry } = surroundings;

const raft = shipped('raft-failover.yaml');
const gossip = shipped('docker-cluster.yaml');
const worlds = [
  ['Raft', raft],
  ['gossip', gossip],
  ['Consul', shipped('consul-bootstrap-expect.yaml')],
] as const;

describe('what a campaign tries when the scenario says nothing', () => {
  test('a store on Raft: its servers, its network, its disks, and nothing that it does not claim to survive', () => {
    const { kinds, hosts, heals, drift } = explorationOf(raft.plan);
    expect(hosts).toEqual(['n1', 'n2', 'n3']);
    expect(heals).toEqual(['all', 'majority']);
    expect(kinds).toEqual(expect.arrayContaining(['link-cut', 'host-crash', 'crash-at-write', 'at-leader', 'command']));
    for (const kind of ['disk-lie', 'disk-wipe', 'crash-wipe', 'corrupt-record', 'at-probed', 'router-down'])
      expect(kinds).not.toContain(kind);
    // Two such clocks stay within the ratio of 1.001 that its leases allow for.
    expect((1e6 + drift) / (1e6 - drift)).toBeLessThan(1.001);
  });

  test('a minority of its voters may come back with an empty disk, the same ones in a run', () => {
    const { plan } = scenario({ ...raft.data, explore: { also: ['crash-wipe'] } }, surroundings);
    const exploration = explorationOf(plan);
    expect(exploration).toMatchObject({ kinds: expect.arrayContaining(['crash-wipe']), forgetful: 1 });
    const wiped = Array.from({ length: 200 }, (_, index) =>
      trialOf(plan, exploration, 'wiped', index).interventions.flatMap((entry) =>
        entry.kind === 'crash-wipe' ? [entry.host] : [],
      ),
    );
    for (const hosts of wiped) expect(new Set(hosts).size).toBeLessThanOrEqual(1);
    expect(new Set(wiped.flat())).toEqual(new Set(['n1', 'n2', 'n3']));
  });

  test('an address of its own subnet, that nobody has, for each host that comes back with another one', () => {
    const { plan } = scenario({ ...gossip.data, explore: { kinds: ['new-address'] } }, surroundings);
    const exploration = explorationOf(plan);
    const { nodes, segments } = plan.topology;
    const all = Array.from({ length: 50 }, (_, index) =>
      trialOf(plan, exploration, 'moved', index).interventions.flatMap((entry) => (entry.kind === 'new-address' ? [entry] : [])),
    );
    for (const moved of all) expect(new Set(moved.map(({ address }) => address)).size).toBe(moved.length);
    for (const { host, address } of all.flat()) {
      const own = nodes.find(({ name }) => name === host)?.interfaces[0];
      expect(segments[own?.segment as number]?.subnets.some((subnet) => contains(subnet, address))).toBe(true);
      expect(
        nodes.some(({ interfaces }) => interfaces.some((each) => each.addresses.some((had) => had.address === address))),
      ).toBe(false);
    }
    expect(all.flat().length).toBeGreaterThan(100);
  });

  test('agents: no disks that nobody writes to, and strategies about probes', () => {
    const { kinds } = explorationOf(gossip.plan);
    expect(kinds).toEqual(expect.arrayContaining(['link-loss', 'clock-jump', 'at-probed', 'at-suspected', 'signal']));
    for (const kind of ['disk-stall', 'crash-at-write', 'at-leader']) expect(kinds).not.toContain(kind);
  });

  test('what it says counts', () => {
    const { data } = raft;
    const { plan } = scenario(
      {
        ...data,
        explore: {
          kinds: { 'link-cut': 2, 'disk-lie': 1, 'host-pause': 0 },
          also: ['host-crash'],
          without: ['disk-lie'],
          hosts: 'n1',
          faults: { min: 2, max: 3 },
          from: '4s',
          until: '9s',
          quiet: '20s',
          heals: 'all',
          workload: [{ on: 'leader', run: 'raft transfer', every: '2s..3s' }],
        },
      },
      surroundings,
    );
    expect(explorationOf(plan)).toMatchObject({
      kinds: ['link-cut', 'host-crash'],
      weights: [2, 1],
      hosts: ['n1'],
      faults: { least: 2, most: 3 },
      chaos: { from: 4e9, until: 9e9 },
      quiet: 20e9,
      heals: ['all'],
      workload: [{ on: 'leader', run: 'raft transfer', every: { min: 2e9, max: 3e9 } }],
    });
  });
});

describe.each(worlds)('a run of a campaign of %s', (_name, { plan, data }) => {
  const exploration = explorationOf(plan);
  const trial = (index: number, seed: number | string = 1) => trialOf(plan, exploration, seed, index);

  test('is the same whatever was drawn before', () => {
    const forth = [0, 1, 2, 3].map((index) => trial(index));
    expect([3, 2, 1, 0].map((index) => trial(index)).reverse()).toEqual(forth);
    expect(new Set(forth.map(({ interventions }) => JSON.stringify(interventions))).size).toBe(4);
  });

  test('is written as a scenario writes it, and read as it was', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (index) => {
        const { interventions } = trial(index);
        const { plan: read } = scenario({ ...data, until: '2h', interventions: interventions.map(inputOf) }, surroundings);
        expect(read.interventions).toEqual(interventions);
      }),
      { numRuns: 30 },
    );
  });

  test('begins nothing outside of the chaos, and leaves alone whom it promises to', () => {
    const { chaos } = exploration;
    const names = plan.topology.nodes.map(({ name }) => name);
    const ends = (entry: Intervention) => ('until' in entry ? (entry.until as number) : undefined);
    fc.assert(
      fc.property(fc.nat(100_000), (index) => {
        const { interventions, quiet, end } = trial(index);
        expect(quiet.from).toBe(chaos.until);
        expect(end).toBeGreaterThan(chaos.until);
        for (const entry of interventions) {
          const { at } = entry as { readonly at: number };
          expect(at).toBeGreaterThanOrEqual(chaos.from);
          expect(at).toBeLessThanOrEqual(chaos.until);
          if (ends(entry) !== undefined) expect(ends(entry)).toBeLessThanOrEqual(chaos.until);
          else if (entry.kind.startsWith('link') || entry.kind.startsWith('partition')) {
            const ways =
              'from' in entry
                ? [[entry.from, entry.to]]
                : directionsOf(entry as Parameters<typeof directionsOf>[0], names, () => false);
            for (const way of ways) expect(way.every((name) => quiet.hosts.includes(name as string))).toBe(false);
          } else if (entry.kind === 'host-crash' || entry.kind === 'host-pause') expect(quiet.hosts).not.toContain(entry.host);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('has other kinds than the next one, and all have their turn', () => {
    const runs = Array.from({ length: 300 }, (_, index) => trial(index).enabled);
    for (const kind of exploration.kinds) {
      const runsWith = runs.filter((enabled) => enabled.includes(kind)).length;
      expect([kind, runsWith > 0 && runsWith < 225]).toEqual([kind, true]);
    }
  });

  test('is repeated by its recording', () => {
    for (const index of [3, 5]) {
      const { seed, interventions, quiet } = trial(index, 'recorded');
      const ends = { ...plan, expectations: [], measures: [], end: quiet.from };
      const first = run(ends, { registry, seed, interventions, recording: true });
      const again = run(ends, { registry, seed, interventions: first.recorded ?? [] });
      expect(again.fingerprint).toBe(first.fingerprint);
      expect(again.unapplied).toEqual([]);
    }
  });
});

test('a run comes to the same whether its fingerprint is computed or not', () => {
  const exploration = explorationOf(raft.plan);
  for (let index = 0; index < 4; index++) {
    const trial = trialOf(raft.plan, exploration, 'plain', index);
    const { fingerprint, ...whole } = judge(raft.plan, trial, { registry });
    expect(fingerprint).not.toBe('');
    expect(judge(raft.plan, trial, { registry }, { fingerprint: false })).toEqual({ ...whole, fingerprint: '' });
  }
});

test('runs of a correct store break nothing, and strategies hit whom they are aimed at', () => {
  const exploration = explorationOf(raft.plan);
  const fired = new Map<string, number>();
  for (let index = 0; index < 15; index++) {
    const outcome = judge(raft.plan, trialOf(raft.plan, exploration, 'clean', index), { registry });
    expect([index, outcome.failure]).toEqual([index, undefined]);
    for (const [kind, count] of Object.entries(outcome.fired)) fired.set(kind, (fired.get(kind) ?? 0) + count);
  }
  for (const kind of ['at-leader', 'at-subject', 'host-crash', 'link-cut'])
    expect([kind, (fired.get(kind) ?? 0) > 0]).toEqual([kind, true]);
});
