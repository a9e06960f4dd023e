import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { fail } from './answers.ts';
import { applyStep, enterJoint, isAllowed, leaveJoint } from './change.ts';
import { type Configuration, includes, isJoint, isVoter, membersOf } from './configuration.ts';
import { stepDown } from './election.ts';
import { configBytes } from './entry.ts';
import { abortHandover } from './handover.ts';
import type { RaftCommand, RaftNotice } from './interface.ts';
import { peerOf, sendToAll, trackPeers } from './leader.ts';
import type { RaftMessage } from './message.ts';
import { enter } from './proposals.ts';
import type { Raft } from './raft.ts';
import { activeConfig, committedConfig, latestConfig, latestConfigIndex } from './standing.ts';
import type { Asked, Leader } from './state.ts';

type Change = Extract<RaftCommand, { command: 'change' }>;

/** Changes the configuration: by one voter as a single-server change (thesis §4.1), or through a joint one (Raft §6). */
export function change(
  raft: Raft,
  now: Instant,
  asked: Asked,
  { steps, joint = false, ifIndex }: Change,
  out: Out<RaftMessage>,
): void {
  const { state, config } = raft;
  const { role } = state;
  const refuse = (problem: Parameters<typeof fail>[3]): void => fail(raft, now, asked, problem, out);
  if (role.role !== 'leader') return refuse(role.role === 'stopped' ? 'stopped' : 'not leader');
  if (role.handover !== undefined) return refuse('transfer in progress');
  if (ifIndex !== undefined && ifIndex !== latestConfigIndex(raft)) return refuse('configuration has changed');
  const unready = whyNotReady(raft, role);
  if (unready !== undefined) return refuse(unready);
  const latest = latestConfig(raft);
  const next = steps.reduce((before, step) => applyStep(before, step, config.learnerKeepsVoter), latest);
  if (next.voters.length === 0) return refuse('no voter left');
  if (steps.some((step) => step.type === 'voter' && isBehind(raft, role, step.server.name))) return refuse('not caught up');
  if (hasSharedAddress(next)) return refuse('address in use');
  const isWide = !isAllowed(latest, next);
  if (!joint && !isWide && config.changes !== 'joint') return appendConfig(raft, now, role, asked, next, out);
  if (config.changes === 'single') return refuse('more than one voter');
  appendConfig(raft, now, role, asked, enterJoint(latest, next), out);
}

/** Ends a joint change. */
export function leaveJointNow(raft: Raft, now: Instant, asked: Asked, out: Out<RaftMessage>): void {
  const { role } = raft.state;
  if (role.role !== 'leader') return fail(raft, now, asked, 'not leader', out);
  const latest = latestConfig(raft);
  if (!isJoint(latest)) return fail(raft, now, asked, 'not joint', out);
  if (!mayEndJoint(raft, role)) return fail(raft, now, asked, 'leader not ready', out);
  appendConfig(raft, now, role, asked, leaveJoint(latest), out);
}

/** Whether it is a learner that lacks too much of the log to become a voter. */
function isBehind(raft: Raft, role: Leader, name: NameId): boolean {
  const { state, config, rules } = raft;
  const match = includes(latestConfig(raft).learners, name) ? peerOf(role, name)?.match : undefined;
  return match !== undefined && !rules.isCaughtUp(match, state.storage.durableIndex, config.promotionShare);
}

/** Why the configuration may not change now; undefined when it may. */
export function whyNotReady(raft: Raft, role: Leader): 'change in progress' | 'leader not ready' | undefined {
  const { state, rules } = raft;
  const { commitIndex } = state;
  const latest = latestConfig(raft);
  const latestIndex = latestConfigIndex(raft);
  if (rules.mayChangeConfiguration({ latest, latestIndex, commitIndex, termStart: role.termStart })) return undefined;
  return isJoint(latest) || latestIndex > commitIndex ? 'change in progress' : 'leader not ready';
}

const mayEndJoint = (raft: Raft, { termStart }: Leader): boolean =>
  latestConfigIndex(raft) <= raft.state.commitIndex && raft.rules.hasReadyTerm(raft.state.commitIndex, termStart);

export function hasSharedAddress(next: Configuration): boolean {
  const endpoints = membersOf(next).map(({ endpoint }) => endpoint);
  return new Set(endpoints).size !== endpoints.length;
}

/** Appends a configuration, and sends it. */
export function appendConfig(
  raft: Raft,
  now: Instant,
  role: Leader,
  asked: Asked | undefined,
  config: Configuration,
  out: Out<RaftMessage>,
): void {
  const index = enter(raft, now, role, asked, { type: 'config', config }, configBytes(config), out);
  noticeAppended(raft, now, index, out);
  sendToAll(raft, now, role, out); // to those whom it adds, too
}

/** A configuration has come into the log, and acts from now on, unless it acts only when applied. */
export function noticeAppended(raft: Raft, now: Instant, index: number, out: Out<RaftMessage>): void {
  const { state } = raft;
  state.configs.push(index);
  raft.observer?.configured?.(latestConfig(raft), index, 'appended', now, out as Out<never>);
  if (raft.config.activation === 'append') reconfigured(raft, now, out);
}

/** The log was cut: the configuration before acts again (Raft §6). */
export function noticeRolledBack(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  raft.observer?.configured?.(latestConfig(raft), latestConfigIndex(raft), 'rolled back', now, out as Out<never>);
}

/** A configuration is committed, and this server has come to it. */
export function noticeCommitted(raft: Raft, now: Instant, config: Configuration, index: number, out: Out<RaftMessage>): void {
  const notice: RaftNotice = {
    type: 'raft-configuration',
    index,
    voters: config.voters.length,
    learners: config.learners.length,
  };
  out.announce(notice);
  raft.observer?.configured?.(config, index, 'committed', now, out as Out<never>);
  if (raft.config.activation === 'apply') reconfigured(raft, now, out);
}

function reconfigured(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { role } = raft.state;
  if (role.role !== 'leader') return;
  trackPeers(raft, role, now, out);
  const { handover } = role;
  if (handover !== undefined && !includes(activeConfig(raft).voters, handover.target)) abortHandover(raft, now, role, out);
}

/**
 * A server that lost its disk takes part again when it has caught up with all that was committed before it was heard of, and is no voter by
 * then: it was removed, and joins anew. A removal long ago, which it reads of on the way, does not count.
 */
export function regain(raft: Raft): void {
  const { state } = raft;
  if (!state.amnesiac || state.forgottenUpTo === undefined || state.lastApplied < state.forgottenUpTo) return;
  if (isVoter(committedConfig(raft).config, state.self)) return;
  state.amnesiac = false;
  state.storage.rewrite = 'compact';
}

/** A leader ends the joint change that it finds committed, whoever began it (Raft §6). */
export function continueMembership(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const latest = latestConfig(raft);
  if (isJoint(latest) && latest.autoLeave && mayEndJoint(raft, role))
    appendConfig(raft, now, role, undefined, leaveJoint(latest), out);
}

/** A leader that a committed configuration does not list as a voter has done its work (Raft §6). */
export function finishMembership(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  if (!config.stepsDownWhenRemoved || state.role !== role) return;
  if (latestConfigIndex(raft) <= state.commitIndex && !isVoter(committedConfig(raft).config, state.self)) {
    out.log('[INFO] raft: removed from the configuration, stepping down');
    stepDown(raft, now, out);
  }
}
