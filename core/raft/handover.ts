import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { fail } from './answers.ts';
import { includes } from './configuration.ts';
import { peerOf } from './leader.ts';
import { lastIndexOf } from './log.ts';
import type { RaftMessage } from './message.ts';
import type { Progress } from './progress.ts';
import type { Raft } from './raft.ts';
import { sendAppend } from './replication.ts';
import { activeConfig } from './standing.ts';
import type { Asked, Leader } from './state.ts';
import { Handed, Timer } from './tables.ts';
import { transmit } from './transport.ts';

/** Hands leadership over to a voter, by choice the one with the longest log (thesis §3.10). Meanwhile nothing is proposed. */
export function handOver(raft: Raft, now: Instant, asked: Asked, target: NameId | undefined, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { role } = state;
  if (role.role !== 'leader') return fail(raft, now, asked, role.role === 'stopped' ? 'stopped' : 'not leader', out);
  if (target === state.self) return fail(raft, now, asked, 'transfer to itself', out);
  const active = activeConfig(raft);
  if (target !== undefined && includes(active.learners, target)) return fail(raft, now, asked, 'transfer to a learner', out);
  if (role.handover !== undefined) {
    if (target === undefined || role.handover.target === target) return fail(raft, now, asked, 'transfer in progress', out);
    abortHandover(raft, now, role, out);
  }
  const peer = target === undefined ? mostCaughtUp(raft, role) : peerOf(role, target);
  if (peer === undefined || !includes(active.voters, peer.name)) return fail(raft, now, asked, 'unknown server', out);
  role.handover = { target: peer.name, since: now, told: false, asked };
  out.setTimer(Timer.transfer, Handed.leadership, config.electionTimeout);
  sendAppend(raft, now, peer, false, out);
  caughtUp(raft, role, peer, out);
}

/** The voter with the highest match; of several the first by name. */
function mostCaughtUp(raft: Raft, role: Leader): Progress | undefined {
  const { voters } = activeConfig(raft);
  let best: Progress | undefined;
  for (const peer of role.peers) {
    if (!includes(voters, peer.name)) continue;
    const isBetter =
      best === undefined ||
      peer.match > best.match ||
      (peer.match === best.match && raft.names.text(peer.name) < raft.names.text(best.name));
    if (isBetter) best = peer;
  }
  return best;
}

/** The target has the whole log: it is told to campaign, once. From now on the lease is worth nothing in this term, as its election overrides loyalty. */
export function caughtUp(raft: Raft, role: Leader, peer: Progress, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { handover } = role;
  if (handover === undefined || handover.told || handover.target !== peer.name) return;
  if (peer.match !== lastIndexOf(state.log)) return;
  handover.told = true;
  role.leaseGone = true;
  const ends = { cluster: config.cluster, from: state.self, to: peer.name, term: state.currentTerm };
  transmit(raft, out, peer.endpoint, { type: 'timeout-now', ...ends });
}

/** The transfer has taken an election timeout: the leader goes on as such. */
export function expireHandover(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const { handover } = role;
  if (handover !== undefined && raft.rules.transferIsOver(handover.since, now, raft.config.electionTimeout)) {
    abortHandover(raft, now, role, out);
  }
}

export function abortHandover(raft: Raft, now: Instant, role: Leader, out: Out<RaftMessage>): void {
  const { handover } = role;
  role.handover = undefined;
  out.cancelTimer(Timer.transfer, Handed.leadership);
  if (handover?.asked !== undefined) fail(raft, now, handover.asked, 'transfer failed', out);
}
