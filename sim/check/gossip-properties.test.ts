import { describe, expect, test } from 'vitest';
import { gossipMutants } from '../../core/gossip/mutants.ts';
import { serfMutants } from '../../core/serf/mutants.ts';
import type { Rules } from '../host/rules.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { run } from '../run/run.ts';
import { scenario } from '../scenario/load.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { surroundingsWith } from '../surroundings.ts';
import { GOSSIP_LIVENESS } from './gossip-liveness.ts';
import { GOSSIP_PROPERTIES } from './gossip-properties.ts';
import { SERF_PROPERTIES } from './serf-properties.ts';

const agent = 'serf agent -config-file=/etc/serf.json -retry-join=10.0.0.1 -retry-join=10.0.0.2';
const config = { reconnect_timeout: '60s', tombstone_timeout: '20s' };

/** Four agents: two leave and return, one is killed and stays away, one is said to have left and has not; somebody says and asks something. */
const world: ScenarioInput = {
  until: '200s',
  profile: 'fixed',
  network: { segments: { lan: { subnet: '10.0.0.0/24', latency: '1ms' } } },
  hosts: { n: { on: 'lan', address: '10.0.0.1', count: 4, files: { '/etc/serf.json': JSON.stringify(config) } } },
  timeline: [
    { at: '0s', on: 'all', run: agent },
    { at: '10s', on: 'n1', run: 'serf event -coalesce=false deploy 7' },
    { at: '12s', on: 'n2', run: 'serf query load' },
    { at: '14s', on: 'n2', run: 'serf force-leave n1' },
    { at: '20s', on: 'n3', run: 'serf leave' },
    { at: '60s', on: 'n3', run: agent },
    { at: '80s', on: 'n4', run: 'pkill -9 serf' },
  ],
  check: {
    always: [...Object.keys(GOSSIP_PROPERTIES), ...Object.keys(SERF_PROPERTIES)],
    eventually: Object.keys(GOSSIP_LIVENESS).map((name) => ({ name, within: '110s' })),
  },
};

/** Links that lose, and a host that stands still and one whose clock runs away. */
const faults: Intervention[] = [
  { kind: 'link-loss', from: 'n1', to: 'n2', rate: 0.5, at: 5e9 as never, until: 40e9 as never },
  { kind: 'host-pause', host: 'n2', at: 25e9 as never, until: 45e9 as never },
  { kind: 'cpu-delay', host: 'n1', min: 10e6 as never, max: 800e6 as never, at: 48e9 as never, until: 58e9 as never },
];

function findings(rules: Rules, interventions: Intervention[], seed = 1) {
  const around = surroundingsWith(rules);
  return run(scenario(world, around).plan, { registry: around.registry, interventions, seed }).findings;
}

describe('agents of Serf, held to their properties at every step', () => {
  test('have them all, whatever befalls them, and each is judged', () => {
    const found = [findings({}, []), findings({}, faults), findings({}, faults, 2)].flat();
    expect(found.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    const judged = new Set(found.filter(({ exercised }) => exercised > 0).map(({ check }) => check));
    expect(found.map(({ check }) => check).filter((check) => !judged.has(check))).toEqual([]);
  });

  test.each`
    mutant                                  | property
    ${'suspects before the helpers answer'} | ${'ProbeShape'}
    ${'tells the dead nothing'}             | ${'GossipFanOut'}
    ${'one packet too many'}                | ${'TransmitLimit'}
    ${'no health'}                          | ${'RefutationHealth'}
    ${'lets stand that it leaves'}          | ${'Agreement'}
    ${'erases at once'}                     | ${'ReapWindow'}
    ${'does not witness'}                   | ${'RememberedMetClock'}
  `('lack $property when it is put back that memberlist or Serf $mutant', ({ mutant, property }) => {
    const gossip = gossipMutants.find(({ name }) => name === mutant)?.rules ?? {};
    const serf = serfMutants.find(({ name }) => name === mutant)?.rules ?? {};
    const violated = findings({ gossip, serf }, faults).filter(({ verdict }) => verdict === 'violated');
    expect(violated.map(({ check }) => check)).toContain(property);
  });
});
