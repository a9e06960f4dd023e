import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Instant } from '../../../core/time.ts';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { surroundings } from '../../surroundings.ts';
import { faultPlans, faultSpaceOf } from '../../testing/faults.ts';
import { World } from '../../world.ts';

const { registry } = surroundings;

/** Servers that start, join, serve, leave, are killed, recover by peers.json and forget, one of them in development mode. */
const { plan } = loadScenario(
  `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 1ms..3ms } } }
until: 70s
hosts:
  c: { count: 4, on: lan, address: 10.0.1.11, disk: { sync: 1ms }, files: { /etc/fast.json: '{ "performance": { "raft_multiplier": 1 } }' } }
  d: { on: lan, address: 10.0.1.20 }
timeline:
  - { at: 0s, on: [c1, c2, c3], run: consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul -bootstrap-expect=3 -retry-join=10.0.1.11 -retry-interval=2s }
  - { at: 1s, on: d, run: consul agent -dev }
  - { at: 5s, on: [c1, c2], run: consul kv put a b }
  - { at: 6s, on: d, run: consul kv put a b }
  - { at: 8s, on: c4, run: consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul -retry-join=10.0.1.12 }
  - { at: 30s, on: c1, run: consul leave }
  - { at: 32s, on: [c2, c3], run: consul kv get a }
  - { at: 50s, crash: [c2, c3] }
  - { at: 52s, on: c4, signal: TERM, of: consul agent }
  - at: 53s
    on: c4
    run: |
      echo '[{"id": "c4", "address": "10.0.1.14:8300"}]' > /opt/consul/raft/peers.json
  - { at: 54s, on: c4, run: consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul }
  - { at: 65s, on: c4, run: consul kv get a }
`,
  { registry },
);

test('a world with Consul servers goes on in the same way when it was saved at any instant and restored into another', () => {
  const whole = new World(plan, { registry });
  whole.simulation.runUntil(plan.end);
  const fingerprint = whole.fingerprint();
  const first = new World(plan, { registry });
  const saved = [0.003, 2.4, 5.0005, 8.2, 30.3, 33, 51, 54.0005, 58].map((seconds) => {
    first.simulation.runUntil(Math.round(seconds * 1e9) as Instant);
    return first.save();
  });
  for (const moment of saved) {
    const second = new World(plan, { registry });
    second.restore(moment);
    second.simulation.runUntil(plan.end);
    expect(second.fingerprint()).toBe(fingerprint);
  }
});

/** As many servers as are expected, and no others: with more, not all need start with the same ones. */
const { plan: three } = loadScenario(
  `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 1ms..3ms } } }
until: 60s
hosts:
  c: { count: 3, on: lan, address: 10.0.1.11, disk: { sync: 1ms }, files: { /etc/fast.json: '{ "performance": { "raft_multiplier": 1 } }' } }
timeline:
  - { at: 0s, on: c, run: consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul -bootstrap-expect=3 -retry-join=10.0.1.11 -retry-interval=2s }
  - { at: 15s, on: c, run: consul kv put a b }
  - { at: 30s, on: c1, run: consul leave }
  - { at: 45s, on: [c2, c3], run: consul kv get a }
check: { always: [ElectionSafety, BootstrapAgreement] }
`,
  { registry },
);

test('whatever happens to hosts, links and clocks, a term has one leader, and all servers start with the same ones', () => {
  fc.assert(
    fc.property(faultPlans(faultSpaceOf(three)), (interventions) => {
      const { findings } = run(three, { registry, interventions });
      expect(findings.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    }),
    { numRuns: 12 },
  );
});
