import type { Endpoint } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { answer, done, fail, leaderOf, unknown } from './answers.ts';
import { membersOf } from './configuration.ts';
import type { Content, Entry } from './entry.ts';
import type { Propose, ProposeRefused, RaftMessage } from './message.ts';
import { enter, whyNotProposed } from './proposals.ts';
import type { Raft } from './raft.ts';
import type { Recall } from './sessions.ts';
import { activeConfig } from './standing.ts';
import type { Asked, SentOn } from './state.ts';
import { Handed, Timer } from './tables.ts';
import { transmit } from './transport.ts';

/*
 * A follower that is asked to propose something may have its leader propose it (thesis §6.2). The entry says where it came from, and is answered there as soon as it is
 * executed there: so no message has to come back, and what the client reads here next is there.
 */

/** How many proposals a follower keeps while the leader is asked; more are refused. */
const MOST = 1000;

/** Sends a proposal on to the leader. @returns false when it is to be refused instead */
export function sendOn(
  raft: Raft,
  now: Instant,
  { by, id }: Asked,
  content: Content,
  bytes: number,
  out: Out<RaftMessage>,
): boolean {
  const { state, config, rules } = raft;
  if (state.role.role !== 'follower' || !rules.maySendOn(config.forwarding, content)) return false;
  const leader = leaderOf(raft);
  const server = membersOf(activeConfig(raft)).find(({ name }) => name === leader);
  const waiting = state.sentOn ?? [];
  if (leader === undefined || server === undefined || waiting.length >= MOST || bytes > config.maxProposalBytes) return false;
  const request = state.nextRequest++;
  if (waiting.length === 0) out.setTimer(Timer.transfer, Handed.proposal, config.electionTimeout);
  state.sentOn = [...waiting, { by, id, request, since: now }];
  const ends = { cluster: config.cluster, from: state.self, to: leader, term: state.currentTerm };
  transmit(raft, out, server.endpoint, { type: 'propose', ...ends, request, content, bytes });
  return true;
}

/** A follower has sent a proposal on. */
export function onPropose(raft: Raft, now: Instant, message: Propose, endpoint: Endpoint, out: Out<RaftMessage>): void {
  const { state, config } = raft;
  const { role } = state;
  const { from, request, content, bytes } = message;
  const problem = whyNotProposed(raft, bytes);
  if (problem === undefined && role.role === 'leader') {
    enter(raft, now, role, undefined, content, bytes, out, { server: from, request });
    return;
  }
  const ends = { cluster: config.cluster, from: state.self, to: from, term: state.currentTerm };
  transmit(raft, out, endpoint, { type: 'propose-refused', ...ends, request, problem: problem ?? 'not leader' });
}

/** The leader did nothing about one copy of a proposal. The network may have made others: only what holds of all of them is certain. */
export function onProposeRefused(raft: Raft, now: Instant, { request, problem }: ProposeRefused, out: Out<RaftMessage>): void {
  const found = take(raft, (each) => each.request === request)[0];
  if (found === undefined) return;
  if (problem === 'too large') fail(raft, now, found, problem, out);
  else unknown(raft, now, found, out, 'no answer');
}

/** An entry was executed that this server may have sent on. */
export function answerOrigin(raft: Raft, now: Instant, { index, origin }: Entry, result: Recall, out: Out<RaftMessage>): void {
  if (origin?.server !== raft.state.self) return;
  const found = take(raft, ({ request }) => request === origin.request)[0];
  if (found === undefined) return;
  if (result.type === 'refused') fail(raft, now, found, result.problem, out);
  else answer(raft, now, found, done(index, result.type === 'answered' ? result.answer : undefined), out);
}

/** The leader that was asked is gone, or another one: it may have proposed it, and the next may yet commit it. */
export function loseSentOn(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  if (raft.state.sentOn === undefined) return;
  for (const lost of take(raft, () => true)) unknown(raft, now, lost, out);
}

/** What was not executed in time may have been lost on its way, or be late. */
export function expireSentOn(raft: Raft, now: Instant, out: Out<RaftMessage>): void {
  const { electionTimeout } = raft.config;
  const late = take(raft, ({ since }) => now - since >= electionTimeout);
  const next = raft.state.sentOn?.[0];
  if (next !== undefined) out.setTimer(Timer.transfer, Handed.proposal, (next.since + electionTimeout - now) as Duration);
  for (const lost of late) unknown(raft, now, lost, out, 'no answer');
}

/** Takes out those that are waited for no more. */
function take({ state }: Raft, which: (sent: SentOn) => boolean): readonly SentOn[] {
  const { sentOn = [] } = state;
  const taken = sentOn.filter(which);
  if (taken.length > 0) state.sentOn = sentOn.filter((each) => !taken.includes(each));
  return taken;
}
