import { includes, isJoint, isVoter, membersOf } from '../configuration.ts';
import { entryAt } from '../log.ts';
import type { Leader, RaftState } from '../state.ts';
import { activeOf, configBelow, disjointQuorums, granters, haveSameVoters, stepProblem } from './quorums.ts';
import type { RaftWatch, Watched } from './watch.ts';

/** A configuration came into a log, was compacted, or was cut off. */
export function configChanged(watch: RaftWatch, server: Watched): void {
  const { state } = server;
  const { role, log, configs, commitIndex } = state;
  const index = configs.at(-1);
  const entry = index === undefined ? undefined : entryAt(log, index);
  if (index === undefined || entry?.type !== 'config') return;
  const previousIndex = configs.at(-2) ?? state.snapshot?.configIndex ?? 0;
  const before = configBelow(state);
  if (before.voters.length > 0) {
    const problem = stepProblem(before, entry.config);
    watch.judge(
      'ConfigStep',
      problem === undefined,
      () => `${watch.name(state)} has a configuration at ${index} that ${problem}`,
    );
  }
  if (role.role === 'leader' && entry.term === state.currentTerm) {
    watch.judge(
      'OneUncommittedConfig',
      previousIndex <= Math.max(watch.state.highest, commitIndex),
      () => `${watch.name(state)} has configurations at ${previousIndex} and ${index}, and neither is committed`,
    );
    if (isJoint(before))
      watch.judge(
        'JointCommitted',
        previousIndex <= commitIndex,
        () => `${watch.name(state)} ends the joint configuration ${previousIndex} at ${index} before it is committed`,
      );
    watch.judge(
      'OwnTermBeforeConfig',
      commitIndex >= role.termStart,
      () => `${watch.name(state)} changes the configuration at ${index} before it commits an entry of term ${state.currentTerm}`,
    );
  }
  intersect(watch, server);
}

/** Whether the servers, as their disks are, could elect two leaders in one term. */
function intersect(watch: RaftWatch, { config: { activation } }: Watched): void {
  const states = watch.states();
  if (states.length > 7) return;
  watch.state.exercised.QuorumIntersection++;
  for (const first of states) {
    for (const second of states) {
      if (first.self >= second.self) continue;
      const one = activeOf(first, activation);
      const two = activeOf(second, activation);
      if (haveSameVoters(one, two)) continue;
      if (disjointQuorums(granters(first, one, states), one, granters(second, two, states), two))
        watch.broken('QuorumIntersection', `${watch.name(first)} and ${watch.name(second)} could both be elected in one term`);
    }
  }
}

/** What a server takes for the configurations of its log are those that are in it. */
export function configsInLog(watch: RaftWatch, state: RaftState): void {
  const { log, snapshot, configs } = state;
  const found: number[] = [];
  for (const { type, index } of log.entries) if (type === 'config' && index > (snapshot?.index ?? 0)) found.push(index);
  watch.judge(
    'ConfigsInLog',
    found.length === configs.length && found.every((index, i) => configs[i] === index),
    () =>
      `${watch.name(state)} has configurations at ${found.join(', ') || 'none'}, and knows of ${configs.join(', ') || 'none'}`,
  );
}

/** Those whom a leader sends to are the others of its configuration. */
export function peersTracked(watch: RaftWatch, { state, config }: Watched, { peers }: Leader): void {
  const members = membersOf(activeOf(state, config.activation)).filter(({ name }) => name !== state.self);
  watch.judge(
    'PeersTracked',
    members.length === peers.length && peers.every(({ name }) => includes(members, name)),
    () =>
      `${watch.name(state)} leads ${members.map(({ name }) => watch.text(name)).join(', ')}, and sends to ${peers.map(({ name }) => watch.text(name)).join(', ')}`,
  );
}

/** A leader that a committed configuration does not list has stepped down. */
export function leaderInConfig(watch: RaftWatch, { state, config }: Watched): void {
  for (const index of state.configs) if (index > state.commitIndex) return;
  watch.state.exercised.LeaderInConfig++;
  if (!isVoter(activeOf(state, config.activation), state.self))
    watch.broken('LeaderInConfig', `${watch.name(state)} leads, and the committed configuration has it not as a voter`);
}
