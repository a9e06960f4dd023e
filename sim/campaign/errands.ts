import { formatAddress } from '../../core/address.ts';
import { milliseconds, seconds, ZERO } from '../../core/time.ts';
import { asksStore } from '../check/commands.ts';
import type { Errand, Plan } from '../scenario/plan.ts';
import type { Cast } from './cast.ts';

/** What is asked of protocols in each run where the scenario does not say: each errand is in half of the runs. */
export function errandsFor(plan: Plan, cast: Cast): Errand[] {
  return [...(cast.peers.length > 0 ? storeErrands(plan, cast) : []), ...(cast.agents.length > 0 ? agentErrands(cast) : [])];
}

const between = (min: number, max: number) => ({ min: milliseconds(min), max: milliseconds(max) });

/** Clients, where the timeline has none, and an operator. */
function storeErrands(plan: Plan, { hosts, others, peers, leases }: Cast): Errand[] {
  const servers = peers.map(({ address }) => formatAddress(address)).join(',');
  const clients = others.length > 0 ? others : hosts;
  const load = (reads: string): Errand => ({
    on: clients,
    run: `kv load -servers=${servers} -clients=3 -operations=150 -think=100ms -timeout=2s -reads=${reads}`,
    at: { min: ZERO, max: seconds(10) },
  });
  const loads = asksStore(plan) ? [] : [load('index'), load(leases ? 'lease' : 'log')];
  const again = { every: between(2_000, 20_000) };
  return [
    ...loads,
    { on: 'leader', run: 'raft transfer', ...again },
    ...peers.map(({ name }): Errand => ({ on: 'leader', run: `raft transfer ${name}` })),
    { on: hosts, run: 'raft snapshot', ...again },
    ...memberErrands({ peers }),
  ];
}

/** Whoever is removed is added again, sooner or later. */
const memberErrands = ({ peers }: Pick<Cast, 'peers'>): Errand[] =>
  peers.flatMap(({ name, address }): Errand[] => {
    const server = `${name}=${formatAddress(address)}`;
    return [
      { on: 'leader', run: `raft remove ${name}` },
      { on: 'leader', run: `raft add-learner ${server}` },
      { on: 'leader', run: `raft add-voter ${server}`, every: between(3_000, 15_000) },
    ];
  });

/** User events and queries, and tags that change. */
const agentErrands = ({ agents: hosts }: Cast): Errand[] => [
  { on: hosts, run: 'serf event deploy v1', every: between(2_000, 20_000) },
  { on: hosts, run: 'serf query -timeout=2s load', every: between(5_000, 30_000) },
  { on: hosts, run: 'serf tags -set turn=1' },
];
