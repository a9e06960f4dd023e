import { describe, expect, test } from 'vitest';
import { gossipMutants } from '../../core/gossip/mutants.ts';
import { raftMutants } from '../../core/raft/mutants.ts';
import type { Intervention } from '../intervention/intervention.ts';
import { loadScenario } from '../scenario/load.ts';
import { surroundingsWith } from '../surroundings.ts';
import { attempt } from './attempt.ts';
import { shrinkHere } from './shrink.ts';

// What it takes to show bugs that real implementations had, as somebody writes it down who knows the bug; and what shrinking makes of the same
// among other faults, without knowing anything. It must come to no more.

const kvd = (servers: number, flags = '', more = '') => {
  const peers = Array.from({ length: servers }, (_, i) => `n${i + 1}=10.0.1.${11 + i}`).join(',');
  return `network:
  segments:
    lan: { subnet: 10.0.1.0/24, latency: 500us..2ms }
hosts:
  n: { count: ${servers}, on: lan, address: 10.0.1.11, disk: { sync: 1ms } }
  client: { on: lan, address: 10.0.1.20 }
timeline:
  - { at: 0s, on: n, run: "kvd ${flags} -election-timeout=300ms -heartbeat=50ms -peers=${peers}" }
  - { at: 1s, on: n, run: raft transfer n3 }
  - { at: 1s, on: client, run: "kv load -servers=10.0.1.11,10.0.1.12,10.0.1.13 -clients=2 -operations=60 -keys=2" }
  ${more}
until: 6s
`;
};

const AGENTS = `profile: fixed
network:
  segments:
    lan: { subnet: 10.0.1.0/24, latency: 500us..2ms }
hosts:
  n: { count: 4, on: lan, address: 10.0.1.11 }
timeline:
  - { at: 0s, on: n1, run: serf agent }
  - { at: 1s, on: [n2, n3, n4], run: serf agent -join=10.0.1.11 }
until: 12s
`;

const at = (seconds: number) => (seconds * 1e9) as never;
const crash = (host: string, from: number, until?: number): Intervention => ({
  kind: 'host-crash',
  host,
  at: at(from),
  ...(until === undefined ? {} : { until: at(until) }),
});
const pause = (host: string, from: number, until: number): Intervention => ({
  kind: 'host-pause',
  host,
  at: at(from),
  until: at(until),
});
const parted = (...groups: string[][]): Intervention => ({ kind: 'partition', groups, at: at(2), until: at(5) });
const doubled = (from: string, to: string): Intervention => ({
  kind: 'link-duplicate',
  from,
  to,
  rate: 1,
  min: at(0),
  max: at(0),
  at: at(2),
  until: at(5),
});

interface Witness {
  readonly bug: string;
  readonly check: string;
  readonly world: string;
  readonly seed?: number;
  readonly takes: readonly Intervention[];
}

const RAFT: readonly Witness[] = [
  { bug: 'the vote is not on disk', check: 'VoteOnce', world: kvd(3), takes: [crash('n3', 2, 3)] },
  { bug: 'half is enough', check: 'CommitHasQuorum', world: kvd(4), takes: [parted(['n3', 'n4', 'client'], ['n1', 'n2'])] },
  {
    bug: 'votes are counted, not voters',
    check: 'LeaderCompleteness',
    world: kvd(5, '-pre-vote=false -stickiness=off -check-quorum=off'),
    takes: [parted(['n1', 'n2'], ['n3', 'n4', 'n5', 'client']), doubled('n2', 'n1')],
  },
  {
    bug: 'proposals during a transfer',
    check: 'TransferQuiet',
    world: kvd(3, '', '- { at: 2s, on: n3, run: raft transfer n1 }'),
    takes: [pause('n1', 1.9, 3)],
  },
];

const GOSSIP: readonly Witness[] = [
  { bug: 'old accusations count', check: 'IncarnationMonotone', world: AGENTS, takes: [crash('n1', 5, 6)] },
  { bug: 'an accuser counts again and again', check: 'ConfirmationsCounted', world: AGENTS, takes: [crash('n1', 5)] },
  { bug: 'any alive clears a suspicion', check: 'SuspectHasTimer', world: AGENTS, takes: [crash('n1', 5, 8)] },
  { bug: 'the dead are forgotten at once', check: 'OnlyLongGoneForgotten', world: AGENTS, seed: 2, takes: [crash('n1', 5)] },
  { bug: 'suspects wait for ever', check: 'SuspicionWindow', world: AGENTS, seed: 2, takes: [crash('n1', 5)] },
  { bug: 'no health', check: 'RefutationHealth', world: AGENTS, takes: [crash('n1', 5, 8)] },
];

/** Other things that go wrong at the same time. */
const NOISE: readonly Intervention[] = [
  { kind: 'link-loss', from: 'n3', to: 'n1', rate: 0.1, at: at(2), until: at(6) },
  { kind: 'cpu-delay', host: 'n2', min: at(0), max: at(0.02), at: at(3), until: at(7) },
  { kind: 'link-cut', from: 'n2', to: 'n3', at: at(1.2), until: at(1.5) },
  { kind: 'clock-jump', host: 'n3', by: 5e9, at: at(3) },
];

const KITS = {
  raft: (name: string) => surroundingsWith({ raft: raftMutants.find((each) => each.name === name)?.rules ?? {} }),
  gossip: (name: string) => surroundingsWith({ gossip: gossipMutants.find((each) => each.name === name)?.rules ?? {} }),
};

describe.each([
  ['raft' as const, RAFT],
  ['gossip' as const, GOSSIP],
])('of %s', (family, witnesses) => {
  test.each(witnesses)('"$bug" is shown by what somebody wrote down, and comes to no more among other faults', (witness) => {
    const { bug, check, world, seed = 1, takes } = witness;
    const kit = KITS[family](bug);
    const { plan } = loadScenario(world, kit);
    const shown = attempt(plan, { case: { seed, interventions: takes, check } }, kit).failure;
    expect(shown).toMatchObject({ check });
    const start = { seed, interventions: [...NOISE.slice(0, 2), ...takes, ...NOISE.slice(2)] };
    const { failure } = attempt(plan, { case: { ...start, check } }, kit);
    if (failure === undefined) throw new Error('the other faults hide it');
    const shrunk = shrinkHere(plan, start, failure, { kit, budget: { runs: 1_000 } });
    expect(shrunk.ended).toBe('minimal');
    expect(shrunk.case.interventions.length).toBeLessThanOrEqual(takes.length);
  });
});
