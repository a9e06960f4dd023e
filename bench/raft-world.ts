import { RAFT_PROPERTIES } from '../sim/check/raft-properties.ts';
import { run } from '../sim/run/run.ts';
import { loadScenario } from '../sim/scenario/load.ts';
import type { Plan } from '../sim/scenario/plan.ts';
import { surroundings } from '../sim/surroundings.ts';
import type { Bench, Contestant } from './contest.ts';

const { registry } = surroundings;

/** Five servers with three clients who ask twice a second, some loss everywhere, a crash, a cut and a slow disk. */
const SCENARIO = `
name: five servers under faults
seed: 1
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 500us..2ms, loss: 0.01 } } }
hosts:
  n: { count: 5, on: lan, address: 10.0.1.11, disk: { sync: 1ms } }
  client: { on: lan, address: 10.0.1.20 }
timeline:
  - { at: 0s, on: n, run: "kvd -peers=n1=10.0.1.11,n2=10.0.1.12,n3=10.0.1.13,n4=10.0.1.14,n5=10.0.1.15" }
  - { at: 5s, on: client, run: "kv load -servers=10.0.1.11,10.0.1.12,10.0.1.13,10.0.1.14,10.0.1.15 -clients=3 -operations=100 -think=500ms" }
  - { at: 10s, crash: n1, until: 15s }
  - { at: 20s, partition: [[n2, n3], [n1, n4, n5, client]], until: 25s }
  - { at: 30s, disk: n4, fault: slow, by: 5ms..50ms, until: 35s }
  - { at: 40s, crash: n5, until: 45s }
until: 60s
`;

function world(plan: Plan): Contestant {
  let seed = 0;
  let sum = 0;
  return {
    round() {
      const { records, findings, fingerprint } = run(plan, { registry, seed: ++seed });
      const wrong = findings.find(({ verdict }) => verdict === 'violated');
      if (wrong !== undefined) throw new Error(`${wrong.check} with seed ${seed}: ${wrong.says}`);
      sum = (sum * 31 + Number.parseInt(fingerprint.slice(0, 7), 16)) | 0;
      return records - findings.length; // what is said of a run is in its journal too
    },
    finish: () => sum,
  };
}

/** Worlds as a campaign tries them: a round is a run of 60 simulated seconds. */
export const raftWorld: Bench = {
  description:
    'Worlds of five servers of Raft with three clients for 60 simulated seconds, with lost packets, crashes, a partition and a slow disk, the fingerprint on; without checks, and held to all invariants of Raft.',
  operations: 'record in the journal',
  contests: [
    {
      name: '60 simulated seconds',
      contestants: {
        'without checks': () => world(planOf([])),
        'all invariants': () => world(planOf(Object.keys(RAFT_PROPERTIES))),
      },
      rounds: 15,
      warmUp: 5,
      reach: [],
    },
  ],
};

function planOf(always: readonly string[]): Plan {
  const { plan } = loadScenario(SCENARIO, surroundings, 'bench');
  return { ...plan, checks: { ...plan.checks, always: [...always] } };
}
