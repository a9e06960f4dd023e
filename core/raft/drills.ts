import type { Xoshiro } from '../laws/xoshiro.ts';
import { compareState } from '../state.ts';
import type { Duration } from '../time.ts';
import type { ClusterServer } from './cluster.ts';
import { includes, isMember, isVoter } from './configuration.ts';
import type { ChangeStep, RaftCommand, RaftReply } from './interface.ts';
import { leaderBound, stepDownBound } from './liveness.ts';
import { lastIndexOf } from './log.ts';
import { Broken, type RaftOrdeal } from './ordeal.ts';
import { canChange, isLoyal } from './setting.ts';

/** Something that a cluster that is otherwise left alone must cope with in time. */
interface Drill {
  readonly name: string;
  applies(cluster: RaftOrdeal, leader: ClusterServer): boolean;
  run(cluster: RaftOrdeal, leader: ClusterServer, random: Xoshiro): void;
}

/** Elections are tried again until a further failure is less likely than this, over all runs. */
const RISK = 1e-10;

const votersOf = (cluster: RaftOrdeal, leader: ClusterServer): ClusterServer[] =>
  cluster.servers.filter(({ id }) => isVoter(leader.raft.status().config, id));

const membersOf = (cluster: RaftOrdeal, leader: ClusterServer): ClusterServer[] =>
  cluster.servers.filter(({ id }) => isMember(leader.raft.status().config, id));

/** The other voters, without those that have lost their disks and take no part in elections. */
const othersOf = (cluster: RaftOrdeal, leader: ClusterServer): ClusterServer[] =>
  votersOf(cluster, leader).filter((server) => server !== leader && !server.state.amnesiac);

/** How long it may take until somebody leads, of those that can. */
function electionTime(cluster: RaftOrdeal): Duration {
  const { servers, delay, jitter, sync, syncJitter, config } = cluster.setting;
  const circumstances = {
    servers,
    loss: 0,
    risk: RISK,
    latency: (delay + jitter) as Duration,
    write: (2 * (sync + syncJitter)) as Duration,
  };
  return (leaderBound(config, circumstances) + 2 * config.diskPatience) as Duration;
}

/** Who leads the others, has committed an entry of its term, and is followed by those of its members that are given. */
function leaderOf(cluster: RaftOrdeal, among: readonly ClusterServer[]): ClusterServer | undefined {
  const leader = among
    .filter(({ up, state }) => up && state.role.role === 'leader')
    .sort((one, other) => other.state.currentTerm - one.state.currentTerm)[0];
  const role = leader?.state.role;
  if (leader === undefined || role?.role !== 'leader' || leader.state.commitIndex < role.termStart) return undefined;
  const isFollowed = membersOf(cluster, leader).every(
    (server) =>
      server === leader ||
      !among.includes(server) ||
      (server.state.currentTerm === leader.state.currentTerm &&
        server.state.role.role === 'follower' &&
        server.state.role.leader === leader.id),
  );
  return isFollowed ? leader : undefined;
}

/** Waits until one leads, and writes are carried out. */
export function led(cluster: RaftOrdeal, among: readonly ClusterServer[] = cluster.servers): ClusterServer {
  if (!cluster.comes(() => leaderOf(cluster, among) !== undefined, electionTime(cluster)))
    throw new Broken({ property: 'LeaderElected', says: `nobody leads ${describe(among)}` });
  const leader = leaderOf(cluster, among) as ClusterServer;
  serves(cluster, among);
  return leader;
}

const describe = (servers: readonly ClusterServer[]): string =>
  servers
    .map(
      ({ name, up, state }) =>
        `${name} (${up ? state.role.role : 'down'}, term ${state.currentTerm}, last ${lastIndexOf(state.log)})`,
    )
    .join(', ');

/** A write, and a read of each kind, is carried out by whoever leads, soon. */
function serves(cluster: RaftOrdeal, among: readonly ClusterServer[]): void {
  const { config, customers } = cluster;
  const commands: RaftCommand[] = [
    { command: 'propose', payload: cluster.nextCommand(), bytes: 10 },
    { command: 'read', query: undefined, mode: 'index' },
    ...(config.leaseReads ? [{ command: 'read', query: undefined, mode: 'lease' } as const] : []),
  ];
  for (const command of commands) {
    let reply: RaftReply | undefined;
    let asked = 0;
    const isServed = (): boolean => {
      const leader = leaderOf(cluster, among);
      if (reply?.outcome !== 'ok' && leader !== undefined && cluster.now >= asked) {
        asked = cluster.now + cluster.rounds(1);
        const payload = command.command === 'propose' ? { payload: cluster.nextCommand() } : {};
        customers.ask(leader, { ...command, ...payload } as RaftCommand, (answer) => {
          reply = answer;
        });
      }
      return reply?.outcome === 'ok';
    };
    // What was asked for before is committed first, perhaps entry by entry.
    const before = leaderOf(cluster, among)?.state;
    const backlog = before === undefined ? 0 : lastIndexOf(before.log) - before.commitIndex;
    const within = (cluster.rounds(6) + cluster.steps(40 + 4 * backlog)) as Duration;
    if (!cluster.comes(isServed, within)) {
      const wrong = reply === undefined ? 'is not answered' : `ends as ${JSON.stringify(reply)}`;
      throw new Broken({ property: 'ClientsServed', says: `a ${command.command} ${wrong}, with ${describe(among)}` });
    }
  }
}

/** Nobody is deposed for so long. */
function stays(cluster: RaftOrdeal, leader: ClusterServer, rounds: number, why: string): void {
  const { currentTerm } = leader.state;
  const isOther = (): boolean => leader.state.role.role !== 'leader' || leader.state.currentTerm !== currentTerm;
  if (cluster.comes(isOther, cluster.rounds(rounds)))
    throw new Broken({ property: 'StableLeadership', says: `${leader.name} is deposed in term ${currentTerm}: ${why}` });
}

/** All members have what the leader has, and have executed it. */
export function agrees(cluster: RaftOrdeal, property = 'CaughtUp'): void {
  const { customers } = cluster;
  customers.open = false;
  const missing = (): string | undefined => {
    const leader = leaderOf(cluster, cluster.servers);
    if (leader === undefined) return `nobody leads ${describe(cluster.servers)}`;
    const { commitIndex, log } = leader.state;
    if (commitIndex !== lastIndexOf(log)) return `${leader.name} has committed ${commitIndex} of ${lastIndexOf(log)}`;
    for (const { name, state, machine } of membersOf(cluster, leader)) {
      // Who lost its disk is to be let in anew.
      if (state.amnesiac) continue;
      if (state.lastApplied !== commitIndex || lastIndexOf(state.log) !== commitIndex)
        return `${name} has executed ${state.lastApplied} of ${lastIndexOf(state.log)}, and ${leader.name} has committed ${commitIndex}`;
      if (machine.state.hash !== leader.machine.state.hash) return `${name} has come to another state than ${leader.name}`;
      if (compareState(state.sessions, leader.state.sessions) !== undefined)
        return `${name} has other sessions than ${leader.name}`;
    }
    return undefined;
  };
  const within = (cluster.rounds(30) + cluster.steps(1500)) as Duration;
  if (!cluster.comes(() => missing() === undefined, within)) throw new Broken({ property, says: missing() ?? '' });
  customers.open = true;
}

/** Something that an operator asks for is done in time. */
function does(cluster: RaftOrdeal, command: RaftCommand, rounds: number, property: string): void {
  let reply: RaftReply | undefined;
  let asked = 0;
  const isDone = (): boolean => {
    const leader = leaderOf(cluster, cluster.servers);
    if (reply?.outcome !== 'ok' && leader !== undefined && cluster.now >= asked) {
      asked = cluster.now + cluster.rounds(2);
      cluster.customers.ask(leader, command, (answer) => {
        reply = answer;
      });
    }
    return reply?.outcome === 'ok';
  };
  if (!cluster.comes(isDone, (cluster.rounds(rounds) + cluster.steps(500)) as Duration)) {
    const wrong = reply === undefined ? 'is not answered' : `ends as ${JSON.stringify(reply)}`;
    throw new Broken({ property, says: `${JSON.stringify(command)} ${wrong}, with ${describe(cluster.servers)}` });
  }
}

/** Whether the others are a majority without the leader. */
const bigEnough = (cluster: RaftOrdeal, leader: ClusterServer): boolean =>
  2 * othersOf(cluster, leader).length > votersOf(cluster, leader).length;
const awake = ({ config }: RaftOrdeal): boolean => !config.quiescence;

/** A change of the members, and what it must lead to. */
function changes(cluster: RaftOrdeal, steps: readonly ChangeStep[], joint: boolean): void {
  does(cluster, { command: 'change', steps, joint }, 12, 'ChangesEnd');
  led(cluster);
  agrees(cluster);
}

const serverOf = ({ id, endpoint }: ClusterServer) => ({ name: id, endpoint });

export const DRILLS: readonly Drill[] = [
  {
    name: 'peace',
    applies: () => true,
    run(cluster, leader) {
      stays(cluster, leader, 8, 'nothing happens');
      serves(cluster, cluster.servers);
    },
  },
  {
    name: 'the leader crashes',
    applies: (cluster, leader) => awake(cluster) && bigEnough(cluster, leader),
    run(cluster, leader, random) {
      leader.crash(random.pick([undefined, 'none', 'tear'] as const));
      led(
        cluster,
        cluster.servers.filter((server) => server !== leader),
      );
      leader.start();
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'the leader is alone',
    applies: (cluster, leader) => awake(cluster) && bigEnough(cluster, leader),
    run(cluster, leader) {
      const { config } = cluster;
      const others = cluster.servers.filter((server) => server !== leader);
      cluster.sever([leader], others, 'both', cluster.rounds(100_000));
      const next = led(cluster, others);
      const bound = stepDownBound(config);
      if (bound !== undefined) {
        const isGone = (): boolean => leader.state.role.role !== 'leader';
        if (!cluster.comes(isGone, (bound + cluster.rounds(1)) as Duration))
          throw new Broken({ property: 'StepsDown', says: `${leader.name} is cut off and leads on` });
      }
      cluster.join();
      if (isLoyal(config)) stays(cluster, next, 4, `${leader.name} is back`);
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'a follower is away for long',
    applies: (cluster, leader) => awake(cluster) && bigEnough(cluster, leader),
    run(cluster, leader, random) {
      const away = random.pick(othersOf(cluster, leader));
      cluster.sever(
        [away],
        cluster.servers.filter((server) => server !== away),
        'both',
        cluster.rounds(100_000),
      );
      for (let i = random.integer(60); i >= 0; i--) cluster.customers.write(leader);
      const rounds = 3 + random.integer(8);
      if (isLoyal(cluster.config)) stays(cluster, leader, rounds, `${away.name} is away`);
      else cluster.pass(cluster.rounds(rounds));
      cluster.join();
      if (isLoyal(cluster.config)) stays(cluster, leader, 4, `${away.name} is back`);
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'leader and follower do not reach each other',
    applies: (cluster, leader) => isLoyal(cluster.config) && awake(cluster) && bigEnough(cluster, leader),
    run(cluster, leader, random) {
      const other = random.pick(othersOf(cluster, leader));
      cluster.sever([leader], [other], random.pick(['both', 'out'] as const), cluster.rounds(100_000));
      stays(cluster, leader, 10, `it and ${other.name} do not reach each other`);
      cluster.join();
      stays(cluster, leader, 3, `it and ${other.name} reach each other again`);
      agrees(cluster);
    },
  },
  {
    name: 'the leader reaches too few',
    applies: (cluster, leader) =>
      isLoyal(cluster.config) &&
      awake(cluster) &&
      othersOf(cluster, leader).length >= 3 &&
      votersOf(cluster, leader).every(({ state }) => !state.amnesiac),
    run(cluster, leader) {
      const others = othersOf(cluster, leader);
      const lost = others.slice(0, Math.ceil((others.length + 1) / 2));
      cluster.sever(
        [leader],
        [...lost, ...cluster.servers.filter(({ id }) => !isVoter(leader.raft.status().config, id))],
        'both',
        cluster.rounds(100_000),
      );
      // Who hears the leader is loyal to it until it steps down.
      if (
        !cluster.comes(
          () => leaderOf(cluster, lost) !== undefined || leaderOf(cluster, others) !== undefined,
          electionTime(cluster),
        )
      )
        throw new Broken({
          property: 'LeaderElected',
          says: `nobody leads ${describe(others)}, and ${leader.name} reaches too few`,
        });
      cluster.join();
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'the leader hears nobody, or is heard by nobody',
    applies: (cluster, leader) => isLoyal(cluster.config) && awake(cluster) && bigEnough(cluster, leader),
    run(cluster, leader, random) {
      const others = cluster.servers.filter((server) => server !== leader);
      cluster.sever([leader], others, random.pick(['in', 'out'] as const), cluster.rounds(100_000));
      if (
        !cluster.comes(
          () => othersOf(cluster, leader).some(({ up, state }) => up && state.role.role === 'leader'),
          electionTime(cluster),
        )
      )
        throw new Broken({
          property: 'LeaderElected',
          says: `nobody leads ${describe(others)}, and ${leader.name} is half cut off`,
        });
      cluster.join();
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'the disk of the leader stands still',
    applies: (cluster, leader) =>
      awake(cluster) && bigEnough(cluster, leader) && (cluster.config.diskPatience > 0 || !cluster.config.writesBeforeSending),
    run(cluster, leader) {
      leader.disk.isStill = true;
      cluster.customers.write(leader);
      const within = (electionTime(cluster) + cluster.rounds(4)) as Duration;
      const others = cluster.servers.filter((server) => server !== leader);
      let written = false;
      let asked = 0;
      const isWritten = (): boolean => {
        if (cluster.now >= asked && !written) {
          asked = cluster.now + cluster.rounds(1);
          for (const each of cluster.leaders())
            cluster.customers.write(each, (reply) => {
              written ||= reply.outcome === 'ok';
            });
        }
        return written;
      };
      if (!cluster.comes(isWritten, within))
        throw new Broken({
          property: 'ClientsServed',
          says: `the disk of ${leader.name} stands still, with ${describe(others)}`,
        });
      leader.disk.isStill = false;
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'a transfer',
    applies: (cluster, leader) => othersOf(cluster, leader).length >= 1,
    run(cluster, leader, random) {
      const heir = random.pick(othersOf(cluster, leader));
      agrees(cluster);
      const chosen = random.chance(0.7) ? { target: heir.id } : {};
      let reply: RaftReply | undefined;
      cluster.customers.ask(leader, { command: 'transfer', ...chosen }, (answer) => {
        reply = answer;
      });
      const isDone = (): boolean => {
        const next = leaderOf(cluster, cluster.servers);
        return next !== undefined && next !== leader && (chosen.target === undefined || next === heir) && reply !== undefined;
      };
      if (!cluster.comes(isDone, (cluster.rounds(2) + cluster.steps(20)) as Duration))
        throw new Broken({
          property: 'TransferEnds',
          says: `leadership does not go from ${leader.name} to ${heir.name}: ${describe(cluster.servers)}`,
        });
      led(cluster);
    },
  },
  {
    name: 'a transfer to nobody',
    applies: bigEnough,
    run(cluster, leader, random) {
      const heir = random.pick(othersOf(cluster, leader));
      let reply: RaftReply | undefined;
      cluster.sever(
        [heir],
        cluster.servers.filter((server) => server !== heir),
        'both',
        cluster.rounds(3),
      );
      cluster.customers.ask(leader, { command: 'transfer', target: heir.id }, (answer) => {
        reply = answer;
      });
      if (!cluster.comes(() => reply !== undefined, cluster.rounds(3)))
        throw new Broken({
          property: 'TransferEnds',
          says: `${leader.name} hands over to ${heir.name}, which is away, for ever`,
        });
      cluster.pass(cluster.rounds(3));
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'members change',
    // Who lost its disk cannot help the others to a majority.
    applies: (cluster) => canChange(cluster.config) && awake(cluster) && cluster.servers.every(({ state }) => !state.amnesiac),
    run(cluster, leader, random) {
      const { config } = leader.raft.status();
      const outside = cluster.servers.filter(({ id }) => !includes(config.voters, id));
      const joint = cluster.config.changes !== 'single' && random.chance(0.4);
      const added = outside.length > 0 && random.chance(0.6) ? random.pick(outside) : undefined;
      const voters = votersOf(cluster, leader);
      const gone = voters.length > 1 && (added === undefined || joint) ? random.pick(voters) : undefined;
      const steps: ChangeStep[] = [];
      if (added !== undefined) steps.push({ type: 'voter', server: serverOf(added) });
      if (gone !== undefined && gone !== added)
        steps.push(
          random.chance(0.7) || cluster.config.learnerKeepsVoter
            ? { type: 'remove', name: gone.id }
            : { type: 'learner', server: serverOf(gone) },
        );
      if (steps.length === 0) return;
      changes(cluster, steps, joint);
      const next = led(cluster);
      const now = next.raft.status().config;
      const isRight =
        (added === undefined || includes(now.voters, added.id)) &&
        (gone === undefined || gone === added || !includes(now.voters, gone.id));
      if (!isRight)
        throw new Broken({
          property: 'ChangesEnd',
          says: `${JSON.stringify(steps)} is done, and ${next.name} has other members`,
        });
    },
  },
  {
    name: 'a new server is let in',
    applies: (cluster, leader) =>
      canChange(cluster.config) && awake(cluster) && membersOf(cluster, leader).length < cluster.servers.length,
    run(cluster, leader, random) {
      const outside = cluster.servers.filter((server) => !membersOf(cluster, leader).includes(server));
      const added = random.pick(outside);
      does(cluster, { command: 'admit', server: serverOf(added) }, 20, 'ChangesEnd');
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'all lose their power',
    applies: () => true,
    run(cluster) {
      for (const server of cluster.servers) server.crash();
      cluster.pass(cluster.rounds(0.5));
      for (const server of cluster.servers) server.start();
      led(cluster);
      agrees(cluster);
    },
  },
  {
    name: 'one after another is started again',
    applies: () => true,
    run(cluster, _leader, random) {
      for (const server of cluster.servers) {
        server.restart(random.pick([undefined, 'none'] as const));
        led(cluster);
      }
      agrees(cluster);
    },
  },
];
