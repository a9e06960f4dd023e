import type { ScenarioInput } from '../../../sim/scenario/schema.ts';
import { type Deed, Draw, timelineOf, untilOf } from './draw.ts';

const BUSY = 40_000;
const PAUSE = 5_000;

/** Ways to run Raft that are all safe: with pre-votes or without, with loyal voters or not, fast or at leisure, with short logs or long ones. */
const TIMERS = ['', ' -election-timeout=300ms -heartbeat=60ms', ' -election-timeout=2s -heartbeat=250ms'];
const LOYALTY = [
  '',
  ' -pre-vote=false -stickiness=off -check-quorum=off',
  ' -pre-vote=false -stickiness=window',
  ' -pre-vote=true -stickiness=named -check-quorum=windows',
  ' -profile=hashicorp',
  ' -profile=etcd',
  ' -profile=paper',
];
const LOGS = ['', ' -snapshot-threshold=20 -snapshot-trailing=5', ' -snapshot-threshold=8 -snapshot-trailing=0'];

/**
 * Three to five voters of a replicated store, and two servers more, with clients that all work on the same few keys; an operator adds
 * and removes servers, hands leadership over and has snapshots made.
 */
export function kvdWorld(seed: string): ScenarioInput {
  const draw = new Draw(seed);
  const voters = draw.from(3, 5);
  const names = Array.from({ length: voters + 2 }, (_, i) => `n${i + 1}`);
  const address = (name: string): string => `10.0.1.${10 + Number(name.slice(1))}`;
  const peer = (name: string): string => `${name}=${address(name)}`;
  const loyalty = draw.of(LOYALTY);
  // Its lease is measured by timers of its own.
  const flags = (loyalty === ' -profile=hashicorp' ? '' : draw.of(TIMERS)) + loyalty + draw.of(LOGS);
  // Where nobody is asked before a candidacy, a server that was removed and has not heard of it disturbs the others for ever (thesis §4.2.3).
  const isLoyal = !/-pre-vote=false|-profile=paper/.test(loyalty);
  const first = names.slice(0, voters);
  const peers = `-peers=${first.map(peer).join(',')}`;
  const all = names.map(address).join(',');
  const reads = draw.of(['index', 'lease', 'log', 'default']);
  const deeds: Deed[] = [
    ...names.map((on, i) => ({
      at: 0,
      on,
      run: i < voters ? `kvd ${peers}${flags}` : `kvd -bootstrap=false -peers=${[...first, on].map(peer).join(',')}${flags}`,
    })),
    { at: 1_000, on: 'client1', run: `kv load -servers=${all} -clients=3 -operations=150 -keys=2 -think=100ms -reads=${reads}` },
    { at: 1_500, on: 'client2', run: `kv load -servers=${all} -clients=2 -operations=150 -keys=2 -think=150ms -reads=${reads}` },
  ];
  if (draw.chance(0.7)) {
    for (let at = 2_000 + draw.below(PAUSE); at < BUSY; at += 100 + draw.below(PAUSE))
      deeds.push(...change(draw, at, names, isLoyal ? peer : undefined));
  }
  const disk = { sync: draw.of(['0s', '1ms', '5ms']) };
  const hosts = Object.fromEntries(names.map((name) => [name, { on: 'lan', address: address(name), disk }]));
  return {
    name: 'a store on Raft',
    seed,
    network: { segments: { lan: { subnet: '10.0.1.0/24', latency: '500us..2ms' } } },
    hosts: { ...hosts, client1: { on: 'lan', address: '10.0.1.51' }, client2: { on: 'lan', address: '10.0.1.52' } },
    timeline: timelineOf(deeds),
    until: untilOf(deeds),
    ...(isLoyal ? {} : { explore: { without: ['command'] } }),
  };
}

/** An operator does not know who leads, and asks everywhere. @param peer how a server is named; undefined where the voters stay the same */
function change(draw: Draw, at: number, names: readonly string[], peer: ((name: string) => string) | undefined): Deed[] {
  const name = draw.of(names);
  const run = draw.of([
    ...(peer === undefined ? [] : [`raft add-voter ${peer(name)}`, `raft add-learner ${peer(name)}`, `raft remove ${name}`]),
    `raft transfer ${name}`,
    'raft transfer',
    'raft snapshot',
  ]);
  return names.map((on) => ({ at, on, run }));
}
