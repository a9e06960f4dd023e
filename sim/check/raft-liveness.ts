import { leaderOf } from '../../core/raft/answers.ts';
import { type Configuration, includes, isJoint, isMember, type Server as Member } from '../../core/raft/configuration.ts';
import type { Raft } from '../../core/raft/raft.ts';
import { activeConfig, latestConfig, latestConfigIndex } from '../../core/raft/standing.ts';
import type { RaftWatch } from '../../core/raft/watch/watch.ts';
import { add, between, type Duration, type Instant, nanoseconds, seconds } from '../../core/time.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Check } from './check.ts';
import { asksOften, changesMembers, hasRaft, runsKvd } from './commands.ts';
import { quietSince } from './gossip-liveness.ts';
import type { Property, Subject } from './property.ts';
import { isFastEnough, leadershipBound, longest, type RaftTimers, raftTimersOf } from './raft-timers.ts';
import { type RaftObserver, raftObserverOf } from './raft-watch.ts';
import { Served, SILENCE } from './served.ts';

/** A cluster as far as it is left alone: its servers that run, a majority of which reach each other. */
interface Peaceful {
  readonly watch: RaftWatch;
  readonly servers: readonly Raft[];
  /** With those that are not left alone. */
  readonly all: readonly Raft[];
}

/** Looks at the clusters to which something is due. */
type Look = (clusters: readonly Peaceful[], now: Instant) => string | undefined;

function eventually(
  says: string,
  applies: (plan: Plan) => boolean,
  bound: (timers: RaftTimers) => Duration,
  look: (timers: RaftTimers) => Look,
  every?: (timers: RaftTimers) => Duration,
): Property {
  return {
    kind: 'eventually',
    says,
    applies,
    make(name, subject, within): Check {
      const timers = raftTimersOf(subject.plan);
      const from = quietSince(subject);
      const observer = raftObserverOf(subject);
      const looks = look(timers);
      const missing = () => (isFastEnough(timers) ? looks(peaceful(observer, subject), subject.world.now) : undefined);
      const looked = every === undefined ? {} : { every: every(timers) };
      return { kind: 'eventually', name, from, by: add(from, within ?? bound(timers)), missing, ...looked };
    },
  };
}

/** Whether all hosts are left alone. */
const isLeftAlone = ({ plan, quiet }: Subject): boolean =>
  quiet === undefined || plan.hosts.every(({ name, node }) => quiet.hosts.includes(name) || !runsServer(plan, node));

const runsServer = (plan: Plan, node: number): boolean =>
  plan.timeline.some((step) => step.type === 'run' && step.node === node && /\bkvd\b/.test(step.line));

/** The clusters in which a leader can be elected by those who are left alone, whatever the others do. */
function peaceful(observer: RaftObserver, { plan, world, quiet }: Subject): Peaceful[] {
  const left = plan.hosts.filter(({ name }) => quiet?.hosts.includes(name) !== false).map(({ node }) => node);
  const isWhole = left.length === plan.hosts.length;
  return observer.clusters().flatMap(({ watch, servers: all }) => {
    const running = all.filter(
      ({ node, raft }) => left.includes(node) && world.hosts.isUp(node) && raft.state.role.role !== 'stopped',
    );
    // A campaign asks nothing of those whom the scenario itself keeps apart.
    if (quiet !== undefined && running.some(({ node: from }) => running.some(({ node: to }) => world.isCut(from, to)))) return [];
    const servers = running.map(({ raft }) => raft);
    const isSafe = isWhole || servers.every(({ config }) => config.preVote && config.stickiness !== 'off');
    return isSafe && servers.length > 0 && canElect(servers) ? [{ watch, servers, all: all.map(({ raft }) => raft) }] : [];
  });
}

/** Whether these are a majority of every configuration that one of them may act by, without those that have lost their disks. */
function canElect(servers: readonly Raft[]): boolean {
  const names = servers.filter(({ state }) => !state.amnesiac).map(({ self }) => self.name);
  const isMajority = (members: readonly Member[]): boolean =>
    members.length === 0 || 2 * members.filter(({ name }) => names.includes(name)).length > members.length;
  const suffices = ({ voters, outgoing }: Configuration): boolean => isMajority(voters) && isMajority(outgoing);
  return servers.every((raft) => suffices(activeConfig(raft)) && suffices(latestConfig(raft)));
}

const nameOf = ({ names, self }: Raft): string => names.text(self.name);

/** Who leads in the latest term, and has committed an entry of it; perhaps one that is not left alone, and still does what it should. */
function leaderIn({ servers, all }: Peaceful): Raft | string {
  const term = Math.max(...servers.map(({ state }) => state.currentTerm));
  const leader = all.find(({ state }) => state.role.role === 'leader' && state.currentTerm === term);
  if (leader === undefined) return `a leader in term ${term}`;
  const { role, commitIndex } = leader.state;
  return role.role === 'leader' && commitIndex >= role.termStart
    ? leader
    : `${nameOf(leader)} to commit an entry of term ${term}`;
}

/** What a cluster's leader still lacks; that there is none, where there is none. */
const ofLeaders =
  (lacks: (leader: Raft, cluster: Peaceful) => string | undefined): Look =>
  (clusters) => {
    for (const cluster of clusters) {
      const leader = leaderIn(cluster);
      const missing = typeof leader === 'string' ? leader : lacks(leader, cluster);
      if (missing !== undefined) return missing;
    }
    return undefined;
  };

/** Who must follow a leader. One that is not left alone itself may be cut off from some that are, and lead the others as it should. */
const followersOf = (leader: Raft, { servers }: Peaceful): Raft[] =>
  servers.includes(leader) ? servers.filter((raft) => raft !== leader && isMember(activeConfig(leader), raft.self.name)) : [];

function isFollowed(leader: Raft, cluster: Peaceful): string | undefined {
  const stray = followersOf(leader, cluster).find(
    (raft) => raft.state.currentTerm !== leader.state.currentTerm || leaderOf(raft) !== leader.self.name,
  );
  return stray === undefined ? undefined : `${nameOf(stray)} to follow ${nameOf(leader)}`;
}

/** Whether all have executed what was committed when it became quiet. */
function caughtUp(): Look {
  const floors = new Map<RaftWatch, number>();
  return (clusters) => {
    for (const { watch } of clusters) if (!floors.has(watch)) floors.set(watch, watch.state.highest);
    return ofLeaders((leader, cluster) => {
      const floor = floors.get(cluster.watch) ?? 0;
      const behind = [leader, ...followersOf(leader, cluster)].find(({ state }) => state.lastApplied < floor);
      return behind === undefined
        ? undefined
        : `${nameOf(behind)} to execute ${floor} entries; it has ${behind.state.lastApplied}`;
    })(clusters, 0 as Instant);
  };
}

/** Whether the same have led in the same terms for so long. */
function stable(lasts: Duration): Look {
  let since: Instant | undefined;
  let before = '';
  return (clusters, now) => {
    const leads = clusters.map((cluster) => {
      const leader = leaderIn(cluster);
      return typeof leader === 'string' ? leader : `${nameOf(leader)} leads in term ${leader.state.currentTerm}`;
    });
    const all = leads.join(', ');
    if (since === undefined || all !== before) {
      since = now;
      before = all;
    }
    return clusters.length === 0 || between(since, now) >= lasts ? undefined : `the same leader for long; lately ${all}`;
  };
}

function changesEnd(leader: Raft): string | undefined {
  const config = latestConfig(leader);
  const index = latestConfigIndex(leader);
  if (index > leader.state.commitIndex) return `the configuration at ${index} to be committed`;
  if (isJoint(config) && config.autoLeave) return `the joint configuration at ${index} to end`;
  return includes(config.voters, leader.self.name) ? undefined : `${nameOf(leader)}, which is no voter any more, to step down`;
}

/** Whether so many lost heartbeats in a row that a follower campaigns are not to be expected in a run. */
function isCalm({ configs, circumstances: { loss, servers } }: RaftTimers): boolean {
  return configs.every(({ electionTimeout, heartbeatInterval }) => {
    let chance = servers * 1000;
    for (let beat = Math.floor(electionTimeout / heartbeatInterval); beat > 0; beat--) chance *= loss;
    return chance < 1e-9;
  });
}

const calmTime = (timers: RaftTimers): Duration =>
  longest(timers, ({ electionTimeout, electionSpread }) => 5 * (electionTimeout + electionSpread));

/** For entries and snapshots to reach whoever was away: as many round trips, and some rounds of heartbeats to notice. */
const CATCH_UP = 200;

const catchUpTime = (timers: RaftTimers): number =>
  CATCH_UP * (2 * timers.circumstances.latency + timers.circumstances.write) +
  longest(timers, ({ electionTimeout }) => 20 * electionTimeout);

/** What servers of Raft must come to once nothing more is done to them, where a majority of them can talk. The bounds follow from their timers. */
export const RAFT_LIVENESS = {
  LeaderElected: eventually(
    'One server leads, has committed an entry of its term, and all that can hear it follow it.',
    hasRaft,
    leadershipBound,
    () => ofLeaders(isFollowed),
  ),
  CaughtUp: eventually(
    'All servers of the leader’s configuration have executed what was committed when it became quiet.',
    hasRaft,
    (timers) => nanoseconds(leadershipBound(timers) + catchUpTime(timers)),
    caughtUp,
  ),
  StableLeadership: eventually(
    'Nobody is deposed any more: the same server leads in the same term for ten election timeouts.',
    hasRaft,
    (timers) => nanoseconds(leadershipBound(timers) + 4 * calmTime(timers)),
    (timers) => (isCalm(timers) ? stable(calmTime(timers)) : () => undefined),
    calmTime,
  ),
  ClientsServed: {
    kind: 'eventually',
    says: 'A write of a client is carried out once there is a leader, where clients still write and everything is healed.',
    applies: (plan) => runsKvd(plan) && asksOften(plan),
    make(name, subject, within): Check {
      const timers = raftTimersOf(subject.plan);
      const from = quietSince(subject);
      const patience = longest(timers, ({ electionTimeout }) => 20 * electionTimeout);
      const by = add(from, within ?? nanoseconds(leadershipBound(timers) + patience + seconds(30)));
      const observer = raftObserverOf(subject);
      const isLed = () => ofLeaders(isFollowed)(peaceful(observer, subject), subject.world.now) === undefined;
      const served = new Served(subject.world, from, isLed);
      const isDue = () => isFastEnough(timers) && isLeftAlone(subject);
      return { kind: 'eventually', name, from, by, every: SILENCE, missing: () => (isDue() ? served.missing() : undefined) };
    },
  },
  ChangesEnd: eventually(
    'A change of the members that was begun is committed, and a joint configuration ended.',
    changesMembers,
    (timers) => nanoseconds(leadershipBound(timers) + catchUpTime(timers)),
    () => ofLeaders(changesEnd),
  ),
} satisfies Record<string, Property>;
