import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { fail } from './answers.ts';
import { applyStep } from './change.ts';
import { includes } from './configuration.ts';
import { configBytes } from './entry.ts';
import type { RaftCommand, RaftProblem } from './interface.ts';
import { peerOf } from './leader.ts';
import { lastIndexOf } from './log.ts';
import { appendConfig, hasSharedAddress, whyNotReady } from './membership.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { latestConfig } from './standing.ts';
import type { Admission, Asked, Leader } from './state.ts';

/*
 * A new server that votes at once may cost a cluster its majority until it has the log. So it catches up first, as a learner, in rounds: each brings it what the leader had
 * when the round began (thesis §4.2.1).
 */

export function admit(
  raft: Raft,
  now: Instant,
  asked: Asked,
  { server }: Extract<RaftCommand, { command: 'admit' }>,
  out: Out<RaftMessage>,
): void {
  const { role } = raft.state;
  const refuse = (problem: RaftProblem): void => fail(raft, now, asked, problem, out);
  if (role.role !== 'leader') return refuse(role.role === 'stopped' ? 'stopped' : 'not leader');
  if (role.handover !== undefined) return refuse('transfer in progress');
  const unready = role.admission === undefined ? whyNotReady(raft, role) : 'change in progress';
  if (unready !== undefined) return refuse(unready);
  const latest = latestConfig(raft);
  const isVoter = includes(latest.voters, server.name);
  const next = applyStep(latest, { type: isVoter ? 'voter' : 'learner', server }, false);
  if (hasSharedAddress(next)) return refuse('address in use');
  if (isVoter) return appendConfig(raft, now, role, asked, next, out);
  role.admission = { server, asked, round: 0, end: 0, since: now, isReady: false };
  if (
    configBytes(next) !== configBytes(latest) ||
    !latest.learners.some(({ name, endpoint }) => name === server.name && endpoint === server.endpoint)
  )
    appendConfig(raft, now, role, undefined, next, out);
  admissionGoesOn(raft, now, role, out);
}

/** The leader has committed more, or heard of a follower: the round may be over, or the server may be let in. */
export function admissionGoesOn(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const { admission } = role;
  if (admission === undefined) return;
  const { server } = admission;
  if (!includes(latestConfig(raft).learners, server.name))
    return giveUp(raft, now, role, admission, 'configuration has changed', out);
  const peer = peerOf(role, server.name);
  // Where configurations act when applied, it is not one of those yet that are sent anything.
  if (peer === undefined) return;
  if (admission.round === 0) beginRound(raft, now, admission);
  if (!admission.isReady && peer.match >= admission.end) roundEnded(raft, now, role, admission, out);
  if (role.admission?.isReady === true) letIn(raft, now, role, admission, out);
}

function beginRound({ state }: Raft, now: Instant, admission: Admission): void {
  admission.round++;
  admission.end = lastIndexOf(state.log);
  admission.since = now;
}

function roundEnded(raft: Raft, now: Instant, role: Leader, admission: Admission, out: Out<RaftMessage>): void {
  const { config, rules } = raft;
  const took = (now - admission.since) as Duration;
  switch (rules.afterRound(admission.round, took, config.electionTimeout, config.catchUpRounds)) {
    case 'promote':
      admission.isReady = true;
      return;
    case 'again':
      return beginRound(raft, now, admission);
    case 'too slow':
      return giveUp(raft, now, role, admission, 'too slow', out);
  }
}

function letIn(raft: Raft, now: Instant, role: Leader, { server, asked }: Admission, out: Out<RaftMessage>): void {
  if (role.handover !== undefined || whyNotReady(raft, role) !== undefined) return;
  role.admission = undefined;
  appendConfig(raft, now, role, asked, applyStep(latestConfig(raft), { type: 'voter', server }, false), out);
}

/** A server that has not answered for two election timeouts does not catch up. */
export function expireAdmission(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const { admission } = role;
  if (admission === undefined || admission.isReady) return;
  const peer = peerOf(role, admission.server.name);
  if (peer !== undefined && now - peer.lastAck > 2 * raft.config.electionTimeout)
    giveUp(raft, now, role, admission, 'too slow', out);
}

/** It stays a learner, and has so much less to catch up with the next time. */
function giveUp(raft: Raft, now: Instant, role: Leader, { asked }: Admission, problem: RaftProblem, out: Out<RaftMessage>): void {
  role.admission = undefined;
  fail(raft, now, asked, problem, out);
}
