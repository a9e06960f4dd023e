import { describe, expect, test } from 'vitest';
import { milliseconds, START, seconds } from '../../time.ts';
import { type ClusterServer, RaftCluster } from '../cluster.ts';
import { configuration } from '../configuration.ts';
import type { Content, Entry } from '../entry.ts';
import { RAFT_INVARIANTS, type RaftInvariant } from '../invariants.ts';
import { lastIndexOf, truncateFrom } from '../log.ts';
import type { RaftMessage } from '../message.ts';
import { PROFILES } from '../profiles.ts';
import { brokenOf, campaigns, clusterWith } from '../scene.ts';
import { type Leader, newFollower, type Snapshot } from '../state.ts';
import { type Deed, RaftWatch } from './watch.ts';

type Three = [ClusterServer, ClusterServer, ClusterServer];

/** Three servers that n1 leads in term 2; the third is a voter unless said otherwise. */
function led(voters = 3, config = PROFILES.partita): { cluster: RaftCluster; servers: Three; leader: Leader } {
  const slow = { electionTimeout: seconds(10_000), electionSpread: seconds(10_000), snapshotThreshold: 0 };
  const logs = [
    [1, 1],
    [1, 1],
    [1, 1],
  ];
  const cluster = clusterWith(logs, {
    voters,
    config: { ...config, ...slow, preVote: false, stickiness: 'off', leaseReads: false },
  });
  const servers = cluster.servers as Three;
  campaigns(servers[0]);
  for (let i = 0; i < 3; i++) servers[0].propose();
  cluster.run(milliseconds(100));
  expect(brokenOf(cluster)).toEqual([]);
  return { cluster, servers, leader: servers[0].state.role as Leader };
}

const look = (server: ClusterServer, deed: Deed = 'other'): void => server.cluster.watch?.after(server.raft, deed, server.now);

/** Puts an entry at the end of a log, from nowhere. */
function push({ state: { log, currentTerm, configs } }: ClusterServer, content: Content, place: Partial<Entry> = {}): void {
  const index = lastIndexOf(log) + 1;
  log.entries.push({ ...content, index, term: currentTerm, at: log.entries.at(-1)?.at ?? START, bytes: 0, ...place } as Entry);
  if (content.type === 'config') configs.push(index);
}

const command = (payload: unknown): Content => ({ type: 'command', payload, session: undefined });

const message = (type: RaftMessage['type'], from: ClusterServer, to: ClusterServer, more: object): RaftMessage =>
  ({ type, cluster: 0, from: from.id, to: to.id, term: from.state.currentTerm, ...more }) as RaftMessage;

const serverOf = ({ id, endpoint }: ClusterServer) => ({ name: id, endpoint });

const snapshotOf = ({ state, machine }: ClusterServer, more: Partial<Snapshot> = {}): Snapshot => ({
  index: state.lastApplied,
  term: 2,
  config: (state.log.entries[0] as Entry & { type: 'config' }).config,
  configIndex: 1,
  at: START,
  data: machine.query(),
  sessions: new Map(),
  bytes: 0,
  ...more,
});

/** A leader that is cut off has put a configuration of these servers into its log. */
function reconfigured(...groups: number[][]): ReturnType<typeof led> {
  const all = led();
  const [n1] = all.servers;
  for (const group of groups) {
    push(n1, { type: 'config', config: configuration({ voters: group.map((i) => serverOf(all.servers[i] as ClusterServer)) }) });
    look(n1);
  }
  return all;
}

/** For each invariant something that breaks it, done behind the servers' backs. */
const BREAKS: Readonly<Record<RaftInvariant, () => RaftCluster>> = {
  ElectionSafety: () => {
    const { cluster, servers, leader } = led();
    servers[1].state.role = { ...leader };
    look(servers[1]);
    return cluster;
  },
  LeaderAppendOnly: () => {
    const { cluster, servers } = led();
    truncateFrom(servers[0].state.log, lastIndexOf(servers[0].state.log));
    look(servers[0]);
    return cluster;
  },
  LogMatching: () => {
    const { cluster, servers } = led();
    for (const server of [servers[0], servers[1]]) {
      push(server, command(server.name));
      look(server);
    }
    return cluster;
  },
  LeaderCompleteness: () => {
    const { cluster, servers, leader } = led();
    servers[2].state.log.entries.length = 2;
    servers[2].state.currentTerm = 3;
    servers[2].state.role = { ...leader };
    look(servers[2]);
    return cluster;
  },
  StateMachineSafety: () => {
    const { cluster, servers } = led();
    for (const server of [servers[0], servers[1]]) {
      push(server, command(server.name));
      server.state.commitIndex++;
      look(server);
    }
    return cluster;
  },
  CommitMonotone: () => {
    const { cluster, servers } = led();
    servers[1].state.commitIndex--;
    look(servers[1]);
    return cluster;
  },
  TermMonotone: () => {
    const { cluster, servers } = led();
    servers[1].state.currentTerm--;
    look(servers[1]);
    return cluster;
  },
  VoteOnce: () => {
    const { cluster, servers } = led();
    servers[1].state.votedFor = servers[2].id;
    look(servers[1]);
    return cluster;
  },
  VoteUpToDate: () => {
    const { cluster, servers } = led();
    const [, n2, n3] = servers;
    cluster.watch?.sent(n3.raft, message('vote', n3, n2, { term: 5, lastIndex: 1, lastTerm: 1 }));
    n2.state.currentTerm = 5;
    n2.state.votedFor = n3.id;
    look(n2);
    return cluster;
  },
  ElectionHasQuorum: () => {
    const { cluster, servers, leader } = led();
    servers[1].state.currentTerm = 7;
    servers[1].state.role = { ...leader };
    look(servers[1]);
    return cluster;
  },
  CommitHasQuorum: () => {
    const { cluster, servers } = led();
    push(servers[0], command('alone'));
    servers[0].state.commitIndex++;
    look(servers[0]);
    return cluster;
  },
  CommitCurrentTerm: () => {
    const { cluster, servers } = led();
    push(servers[0], command('old'));
    servers[0].state.currentTerm++;
    servers[0].state.commitIndex++;
    look(servers[0]);
    return cluster;
  },
  FollowerCommitSound: () => {
    const { cluster, servers } = led();
    push(servers[1], command('unheard of'));
    servers[1].state.commitIndex++;
    look(servers[1]);
    return cluster;
  },
  NoCommittedTruncation: () => {
    const { cluster, servers } = led();
    truncateFrom(servers[1].state.log, servers[1].state.commitIndex);
    look(servers[1]);
    return cluster;
  },
  LogTermsSorted: () => {
    const { cluster, servers } = led();
    push(servers[1], command('later'), { term: 9 });
    look(servers[1]);
    return cluster;
  },
  IndexOrder: () => {
    const { cluster, servers } = led();
    servers[1].state.lastApplied++;
    look(servers[1]);
    return cluster;
  },
  DurableKept: () => {
    const { cluster, servers } = led();
    servers[1].state.storage.durableIndex += 5;
    look(servers[1]);
    servers[1].restart();
    return cluster;
  },
  AckDurable: () => {
    const { cluster, servers } = led();
    cluster.watch?.sent(servers[1].raft, message('append-response', servers[1], servers[0], { ok: true, index: 99 }));
    return cluster;
  },
  VoteDurable: () => {
    const { cluster, servers } = led();
    cluster.watch?.sent(servers[1].raft, message('vote-response', servers[1], servers[2], { granted: true }));
    return cluster;
  },
  RequestVoteDurable: () => {
    const { cluster, servers } = led();
    cluster.watch?.sent(servers[1].raft, message('vote', servers[1], servers[2], { term: 3, lastIndex: 9, lastTerm: 2 }));
    return cluster;
  },
  SnapshotSound: () => {
    const { cluster, servers } = led();
    servers[1].state.snapshot = snapshotOf(servers[1], { term: 1 });
    look(servers[1]);
    return cluster;
  },
  SnapshotForward: () => {
    const { cluster, servers } = led();
    for (const index of [5, 4]) {
      servers[1].state.snapshot = snapshotOf(servers[1], { index });
      look(servers[1]);
    }
    return cluster;
  },
  SnapshotExact: () => {
    const { cluster, servers } = led();
    servers[1].state.snapshot = snapshotOf(servers[1], { data: { count: 0, hash: 0 } });
    look(servers[1]);
    return cluster;
  },
  MatchSound: () => {
    const { cluster, servers, leader } = led();
    const [peer] = leader.peers;
    push(servers[0], command('unsent'));
    if (peer !== undefined) Object.assign(peer, { match: peer.match + 1, next: peer.next + 1 });
    look(servers[0]);
    return cluster;
  },
  NextAboveMatch: () => {
    const { cluster, servers, leader } = led();
    for (const peer of leader.peers) peer.next = peer.match;
    look(servers[0]);
    return cluster;
  },
  WindowKept: () => {
    const { cluster, servers, leader } = led();
    for (const peer of leader.peers) peer.ends = Array.from({ length: 65 }, (_, i) => i);
    look(servers[0]);
    return cluster;
  },
  OneUncommittedConfig: () => reconfigured([0, 1], [0, 1, 2]).cluster,
  JointCommitted: () => {
    const all = led();
    const [n1, n2, n3] = all.servers;
    const outgoing = [n1, n2, n3].map(serverOf);
    push(n1, { type: 'config', config: configuration({ voters: [serverOf(n1)], outgoing }) });
    push(n1, { type: 'config', config: configuration({ voters: [serverOf(n1)] }) });
    look(n1);
    return all.cluster;
  },
  ConfigsInLog: () => {
    const { cluster, servers } = led();
    servers[1].state.configs.push(3);
    look(servers[1]);
    return cluster;
  },
  ConfigStep: () => reconfigured([0]).cluster,
  OwnTermBeforeConfig: () => {
    const { cluster, servers, leader } = led();
    servers[0].state.role = { ...leader, termStart: 99 };
    push(servers[0], { type: 'config', config: configuration({ voters: servers.slice(0, 2).map(serverOf) }) });
    look(servers[0]);
    return cluster;
  },
  QuorumIntersection: () => {
    const { cluster, servers } = reconfigured([0]);
    servers[0].state.storage.durableIndex = lastIndexOf(servers[0].state.log);
    push(servers[1], { type: 'config', config: configuration({ voters: [servers[1], servers[2]].map(serverOf) }) });
    look(servers[1]);
    return cluster;
  },
  NoConfigNoCampaign: () => {
    const cluster = new RaftCluster({ servers: 2, bootstrap: false }).start();
    const [n1] = cluster.servers as Three;
    n1.state.role = { role: 'candidate', granted: [], refused: [], force: false, leader: undefined };
    look(n1);
    return cluster;
  },
  BootstrapOnce: () => {
    const cluster = new RaftCluster({ servers: 3, rules: { hasForgotten: () => false } }).start();
    cluster.run(seconds(5));
    cluster.server('n1').restart('wipe');
    return cluster;
  },
  LearnerInert: () => {
    const { cluster, servers } = led(2);
    servers[2].state.role = { role: 'pre-candidate', granted: [], refused: [], force: false, leader: undefined };
    look(servers[2]);
    return cluster;
  },
  LeaderInConfig: () => {
    const { cluster, servers, leader } = led(2);
    servers[2].state.role = { ...leader };
    servers[2].state.commitIndex = 1;
    look(servers[2]);
    look(servers[2]);
    return cluster;
  },
  NoopFirst: () => {
    const { cluster, servers } = led();
    servers[0].state.currentTerm++;
    push(servers[0], command('at once'));
    look(servers[0]);
    return cluster;
  },
  NoPhantom: () => {
    const { cluster, servers } = led();
    push(servers[1], command('of my own'));
    look(servers[1]);
    return cluster;
  },
  PatientVoter: () => {
    const { cluster, servers } = led();
    servers[1].state.role = { role: 'pre-candidate', granted: [], refused: [], force: false, leader: undefined };
    look(servers[1], 'timer');
    return cluster;
  },
  StepsDown: () => {
    const cluster = new RaftCluster({ servers: 3, rules: { mustStepDown: () => false } }).start();
    cluster.isolate(cluster.elect().name);
    cluster.run(seconds(2));
    return cluster;
  },
  FollowsInTerm: () => {
    const { cluster, servers } = led();
    servers[1].state.role = newFollower(servers[2].id);
    look(servers[1], message('heartbeat', servers[2], servers[1], { term: 1, commit: 0, round: 1 }));
    return cluster;
  },
  TransferQuiet: () => {
    const { cluster, servers, leader } = led();
    leader.handover = { target: servers[1].id, since: cluster.now, told: false, asked: undefined };
    look(servers[0]);
    push(servers[0], command('meanwhile'));
    look(servers[0]);
    return cluster;
  },
  StickyRespected: () => {
    const cluster = new RaftCluster({ servers: 3 }).start();
    const leader = cluster.elect();
    const other = cluster.servers.find((server) => server !== leader) as ClusterServer;
    const vote = message('vote', other, leader, { term: 9, lastIndex: 9, lastTerm: 9, force: false });
    const follower = cluster.servers.find((server) => server !== leader && server !== other) as ClusterServer;
    cluster.run(milliseconds(500));
    follower.state.currentTerm = 9;
    look(follower, vote);
    return cluster;
  },
  PreVotePure: () => {
    const { cluster, servers } = led();
    servers[1].state.currentTerm = 3;
    look(servers[1], message('pre-vote', servers[2], servers[1], { term: 3, lastIndex: 9, lastTerm: 9 }));
    return cluster;
  },
  PreVoteNoInflation: () => {
    const { cluster, servers } = led();
    servers[1].state.currentTerm++;
    look(servers[1], 'timer');
    return cluster;
  },
  ReadIndexFresh: () => {
    const { cluster, servers } = led();
    servers[1].state.lastApplied = 0;
    cluster.watch?.served(servers[1].raft, { asked: { by: 'command', id: 1 }, mode: 'index', now: cluster.now });
    return cluster;
  },
  LeaseExclusion: () => {
    const { cluster, servers } = led();
    servers[0].state.currentTerm = 1;
    cluster.watch?.served(servers[0].raft, { asked: { by: 'command', id: 1 }, mode: 'lease', now: cluster.now });
    return cluster;
  },
  ReadHasQuorum: () => {
    const { cluster, servers } = led();
    cluster.watch?.served(servers[0].raft, { asked: { by: 'command', id: 1 }, mode: 'index', now: cluster.now });
    return cluster;
  },
  LeaseHasQuorum: () => {
    const { cluster, servers } = led();
    cluster.watch?.sent(servers[0].raft, message('timeout-now', servers[0], servers[1], {}));
    cluster.watch?.served(servers[0].raft, { asked: { by: 'command', id: 1 }, mode: 'lease', now: cluster.now });
    return cluster;
  },
  TransferReady: () => {
    const { cluster, servers } = led();
    push(servers[0], command('unsent'));
    cluster.watch?.sent(servers[0].raft, message('timeout-now', servers[0], servers[1], {}));
    return cluster;
  },
  PeersTracked: () => {
    const { cluster, servers, leader } = led();
    leader.peers.pop();
    servers[0].propose();
    cluster.run(milliseconds(100));
    return cluster;
  },
  DurableKnown: () => {
    const { cluster, servers } = led();
    servers[1].state.storage.durableIndex++;
    look(servers[1]);
    return cluster;
  },
  SessionOnce: () => {
    const { cluster, servers } = led();
    servers[1].machine.state.hash++;
    for (let i = 0; i < 40; i++) servers[0].propose();
    cluster.run(seconds(1));
    return cluster;
  },
  SessionDeterminism: () => {
    const { cluster, servers } = led();
    servers[1].state.sessions.set(7, { acknowledged: 0, lastActive: START, answers: new Map() });
    for (let i = 0; i < 40; i++) servers[0].propose();
    cluster.run(seconds(1));
    return cluster;
  },
  TimestampMonotone: () => {
    const { cluster, servers } = led();
    push(servers[0], command('before'), { at: START });
    look(servers[0]);
    return cluster;
  },
};

describe('the watch', () => {
  test.each(Object.entries(BREAKS))('notices what breaks %s', (invariant, breaks) => {
    expect(brokenOf(breaks())).toContain(invariant);
  });

  test('has something to judge for every invariant it knows', () => {
    expect(Object.keys(BREAKS).sort()).toEqual(Object.keys(RAFT_INVARIANTS).sort());
  });

  test('goes on from what it was saved as, with servers made anew', () => {
    const { cluster, servers } = led();
    const { watch } = cluster;
    const saved = watch?.save();
    const other = new RaftWatch(cluster.names, watch?.reference);
    other.restore(
      saved as never,
      servers.map(({ raft }) => raft),
    );
    // What happens after counts in one and not in the other.
    servers[1].state.role = { ...(servers[0].state.role as Leader) };
    look(servers[1]);
    expect([watch?.violations.length, other.violations.length]).toEqual([expect.any(Number), 0]);
    servers[1].state.role = newFollower();
    servers[1].state.commitIndex--;
    other.after(servers[1].raft);
    expect(other.violations.map(({ invariant }) => invariant)).toContain('CommitMonotone');
    expect(saved?.violations).toEqual([]);
  });
});
