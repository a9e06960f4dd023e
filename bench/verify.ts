import { type Instant, seconds } from '../core/time.ts';
import { explorationOf } from '../sim/campaign/exploration.ts';
import { suiteOf } from '../sim/campaign/suite.ts';
import { trialOf } from '../sim/campaign/trial.ts';
import { properties } from '../sim/check/properties.ts';
import { run } from '../sim/run/run.ts';
import { scenario } from '../sim/scenario/load.ts';
import type { Plan } from '../sim/scenario/plan.ts';
import { surroundings } from '../sim/surroundings.ts';
import { World } from '../sim/world.ts';
import type { Bench, Contest, Contestant } from './contest.ts';

const { registry } = surroundings;
const RUNS = 4;
const WORLDS = 200;
const SEED = 'bench';
/** The middle of the chaos, with a snapshot and logs behind it. */
const MIDDLE = seconds(20) as number as Instant;

/** Five servers of Raft, and clients that ask for something twice a second; faults in the first half of a minute. */
const plan: Plan = (() => {
  const address = (n: number) => `10.0.1.${10 + n}`;
  const servers = [1, 2, 3, 4, 5];
  const peers = servers.map((n) => `n${n}=${address(n)}`).join(',');
  const all = servers.map(address).join(',');
  return scenario(
    {
      network: { segments: { lan: { subnet: '10.0.1.0/24', latency: '500us..2ms' } } },
      hosts: {
        n: { count: 5, on: 'lan', address: address(1), disk: { sync: '1ms' } },
        client: { on: 'lan', address: address(20) },
      },
      timeline: [
        { at: '0s', on: 'n', run: `kvd -peers=${peers}` },
        { at: '2s', on: 'client', run: `kv load -servers=${all} -clients=3 -operations=80 -think=500ms` },
      ],
      explore: { faults: { min: 4, max: 8 }, until: '30s' },
      until: '60s',
    },
    surroundings,
  ).plan;
})();

const exploration = explorationOf(plan);
const trial = (index: number) => trialOf(plan, exploration, SEED, index);

/** Whole runs, with or without anything that judges them. */
function runs(checks: Plan['checks']): Contestant {
  let next = 0;
  let packets = 0;
  return {
    round: () => {
      for (let i = 0; i < RUNS; i++) {
        const { seed, interventions } = trial(next++);
        packets += run({ ...plan, checks }, { registry, seed, interventions, fingerprint: false }).packets.sent;
      }
      return RUNS;
    },
    finish: () => packets | 0,
  };
}

/** Something that is done to worlds again and again. */
function worlds(act: (world: World, index: number) => void): Contestant {
  const { seed, interventions } = trial(0);
  const world = new World(plan, { registry, seed, interventions });
  world.simulation.runUntil(MIDDLE);
  let done = 0;
  return {
    round: () => {
      for (let i = 0; i < WORLDS; i++) act(world, done++);
      return WORLDS;
    },
    finish: () => done,
  };
}

const NONE: Plan['checks'] = { always: [], eventually: [], sometimes: [] };

const wholeRuns: Contest = {
  name: 'a run of 60 s',
  contestants: {
    'all invariants': () => runs({ ...NONE, always: suiteOf(plan, properties).always }),
    'no invariants': () => runs(NONE),
  },
  rounds: 11,
  warmUp: 5,
  reach: [],
};

const starts: Contest = {
  name: 'start-up',
  contestants: {
    'drawn and made': () =>
      worlds((_, index) => {
        const { seed, interventions } = trial(index);
        new World(plan, { registry, seed, interventions });
      }),
    'without faults': () => worlds((_, index) => new World(plan, { registry, seed: index })),
  },
  rounds: 11,
  warmUp: 5,
  reach: [],
};

const saves: Contest = {
  name: 'save and restore',
  contestants: {
    save: () => worlds((world) => world.save()),
    restore: () => {
      let saved: ReturnType<World['save']> | undefined;
      return worlds((world) => {
        saved ??= world.save();
        world.restore(saved);
      });
    },
  },
  rounds: 11,
  warmUp: 5,
  reach: [],
};

/** What a campaign is made of: at most 33 ms of CPU for a run, 1 ms for its start, and 1 ms each to save and restore such a world. */
export const verify: Bench = {
  description:
    'Five servers of Raft with three clients under moderate faults, as a campaign runs them: whole runs of a minute, what it takes to begin one, and to save and restore such a world.',
  operations: 'operation',
  contests: [wholeRuns, starts, saves],
};
