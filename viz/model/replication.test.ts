import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { leaseStart } from '../../core/raft/leader.ts';
import type { Progress as Peer } from '../../core/raft/progress.ts';
import type { Raft } from '../../core/raft/raft.ts';
import { run as simulate } from '../../sim/run/run.ts';
import { loadScenario } from '../../sim/scenario/load.ts';
import { surroundings } from '../../sim/surroundings.ts';
import { simulated } from '../testing/simulated.ts';
import { RaftServers } from './raft.ts';
import { Replication } from './replication.ts';
import { positionAt } from './run.ts';

/** What a leader itself has in its state, after the last event of an instant. */
interface Seen {
  readonly at: number;
  readonly leader: number;
  readonly term: number;
  readonly peers: readonly { readonly name: string; readonly match: number; readonly next: number; readonly mode: string }[];
  readonly lease: number;
}

/** Looks into the servers of a shipped scenario while it runs: at the end of each instant at which one of them was given anything. */
function seenIn(name: string): Seen[] {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'scenarios', `${name}.yaml`), 'utf8');
  const { plan } = loadScenario(text, surroundings);
  const seen = new Map<string, Seen>();
  simulate(plan, {
    registry: surroundings.registry,
    begun: (world) => {
      world.hosts.observers.push({
        fed: (part, now) => {
          const { state, names } = part.protocol as unknown as Raft;
          if (part.name !== 'raft') return;
          // The panel says so: what is committed is executed at once.
          expect(state.lastApplied).toBe(state.commitIndex);
          if (state.role.role !== 'leader') return;
          const { role, currentTerm: term } = state;
          const peers = role.peers.map(({ name: id, match, next, mode }: Peer) => ({ name: names.text(id), match, next, mode }));
          const lease = leaseStart(part.protocol as unknown as Raft, role, now);
          seen.set(`${part.node} ${now}`, { at: now, leader: part.node, term, peers, lease });
        },
      });
    },
  });
  return [...seen.values()];
}

describe.each(['raft-five', 'raft-failover', 'raft-partition'])('in %s', (name) => {
  test('what the messages tell of each follower is what the leader has in its state', async () => {
    const run = await simulated(name);
    const { nodes } = new RaftServers(run);
    const replication = new Replication(run, new Set(nodes));
    const names = run.topology.nodes.map((node) => node.name);
    const counts = { compared: 0, other: 0, leases: 0 };
    for (const { at, leader, term, peers, lease } of seenIn(name)) {
      const position = positionAt(run.records, at);
      for (const { name: follower, match, next, mode } of peers) {
        const found = replication.of(leader, names.indexOf(follower), term, position);
        if (found === undefined || mode === 'snapshot') continue;
        counts.compared++;
        if (found.match !== match || found.next !== next) counts.other++;
      }
      const voters = peers.map((peer) => names.indexOf(peer.name));
      const heard = replication.heardSince(leader, voters, true, term, position);
      if (heard !== undefined && Number.isFinite(lease)) {
        counts.leases++;
        expect(heard).toBe(lease);
      }
    }
    expect(counts.compared).toBeGreaterThan(1000);
    expect(counts.leases).toBeGreaterThan(100);
    expect(counts.other).toBe(0);
  });
});
