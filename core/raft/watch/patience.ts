import type { NameId } from '../../names.ts';
import type { Duration, Instant } from '../../time.ts';
import type { Configuration, Server } from '../configuration.ts';
import { stepDownBound } from '../liveness.ts';
import type { RaftMessage } from '../message.ts';
import type { RaftState } from '../state.ts';
import { activeOf } from './quorums.ts';
import type { Seen } from './seen.ts';
import type { Deed, RaftWatch, Watched } from './watch.ts';

const SIGNS: readonly string[] = ['append', 'heartbeat', 'snapshot'];
const ANSWERS: readonly string[] = ['append-response', 'heartbeat-response', 'snapshot-response'];

/**
 * What a server does too soon or too late by its own clock. To be called before what was seen is brought up to date.
 *
 * @param isLate whether it catches up with what came before: then nothing is due in time
 */
export function patience(watch: RaftWatch, server: Watched, seen: Seen, given: Deed, now: Instant, isLate: boolean): void {
  const { state } = server;
  const { role, currentTerm, votedFor, self } = state;
  // What came here by mistake it need not take for a sign of anybody.
  const deed = typeof given !== 'string' && given.to !== self ? 'other' : given;
  followsInTerm(watch, server, seen, deed);
  const isCampaign = (role.role === 'pre-candidate' || role.role === 'candidate') && seen.role === 'follower';
  if (isCampaign && seen.heardAt !== undefined && !(typeof deed !== 'string' && deed.type === 'timeout-now'))
    campaigns(watch, server, (now - seen.heardAt) as Duration);
  const isVote = votedFor !== undefined && votedFor !== self && (seen.vote !== votedFor || seen.term !== currentTerm);
  const isSign = typeof deed !== 'string' && SIGNS.includes(deed.type) && deed.term === currentTerm && role.role === 'follower';
  if (isVote || isSign) seen.heardAt = now;
  if (role.role === 'leader') leads(watch, server, seen, deed, now);
  else seen.contacts.clear();
  seen.lookedAt = isLate ? undefined : now;
}

/** Where time is counted in ticks, the first may be a part of one. */
function campaigns(watch: RaftWatch, { state, config }: Watched, waited: Duration): void {
  const least = config.electionTimeout - (config.electionTimer === 'ticks' ? config.heartbeatInterval : 0);
  watch.judge(
    'PatientVoter',
    waited >= least,
    () => `${watch.name(state)} campaigns ${waited / 1e6} ms after it heard a leader or gave a vote`,
  );
}

/** Who takes another for its leader was told so by that one, in this term. */
function followsInTerm(watch: RaftWatch, { state }: Watched, seen: Seen, deed: Deed): void {
  const { role, currentTerm } = state;
  const leader = role.role === 'follower' ? role.leader : undefined;
  const isNew = leader !== undefined && (seen.role !== 'follower' || seen.leader !== leader || seen.term !== currentTerm);
  seen.leader = leader;
  if (isNew && typeof deed !== 'string') toldSo(watch, state, leader, deed);
}

const toldSo = (watch: RaftWatch, state: RaftState, leader: NameId, { from, term }: RaftMessage): void =>
  watch.judge(
    'FollowsInTerm',
    from === leader && term === state.currentTerm,
    () => `${watch.name(state)} follows ${watch.text(leader)} in term ${state.currentTerm} for a message of term ${term}`,
  );

function leads(watch: RaftWatch, server: Watched, seen: Seen, deed: Deed, now: Instant): void {
  const { state, config } = server;
  const { contacts } = seen;
  // Who sends nothing, as there is nothing to do, is answered nothing.
  if (state.role.role === 'leader' && state.role.isSilent === true) return contacts.clear();
  // Whoever is new is given time, and so are all with them: a change of the members is committed by a majority that was heard, or is the only one.
  const isNew = seen.role !== 'leader' || seen.term !== state.currentTerm || seen.configs !== state.configs.length;
  if (isNew) contacts.clear();
  if (typeof deed !== 'string') {
    if (ANSWERS.includes(deed.type) && deed.term === state.currentTerm) contacts.set(deed.from, now);
    return;
  }
  if (deed !== 'timer') return;
  const active = activeOf(state, config.activation);
  for (const servers of [active.voters, active.outgoing, active.learners])
    for (const { name } of servers) if (!contacts.has(name)) contacts.set(name, now);
  // One that stood still is given time from then on: what it had heard before may count in its next look, as all that came meanwhile does.
  const beat = config.heartbeatInterval;
  const isAwake = seen.lookedAt !== undefined && now - seen.lookedAt <= 2 * beat;
  if (!isAwake) return contacts.clear();
  const silence = stepDownBound(config);
  if (silence !== undefined) stepsDown(watch, state, contacts, { active, now, silence: silence + 2 * beat });
  if (config.diskPatience > 0 && state.storage.inflight !== undefined)
    stopsAtDisk(watch, state, now - state.storage.inflight.since, config.diskPatience + lookedEvery(config) + beat);
}

/** HashiCorp’s leader looks again when its lease may be over, the others with each heartbeat. */
const lookedEvery = ({ checkQuorum, leaderLease, heartbeatInterval }: Watched['config']): number =>
  checkQuorum === 'lease' ? Math.max(leaderLease, heartbeatInterval) : heartbeatInterval;

type Contacts = Seen['contacts'];

/** @param silence how long a leader may go on that hears no majority */
function stepsDown(
  watch: RaftWatch,
  state: RaftState,
  contacts: Contacts,
  { active, now, silence }: { readonly active: Configuration; readonly now: Instant; readonly silence: number },
): void {
  const { voters, outgoing } = active;
  const { self } = state;
  const holds = (servers: readonly Server[]): boolean => isHeardSince(now - silence, servers, { self, contacts, now });
  watch.judge('StepsDown', holds(voters) && (outgoing.length === 0 || holds(outgoing)), () => {
    const heard = Math.min(
      heardBy(voters, { self, contacts, now }),
      outgoing.length === 0 ? now : heardBy(outgoing, { self, contacts, now }),
    );
    return `${watch.name(state)} still leads, and has heard no majority for ${(now - heard) / 1e6} ms`;
  });
}

const stopsAtDisk = (watch: RaftWatch, state: RaftState, waited: number, patience: number): void =>
  watch.judge(
    'StepsDown',
    waited <= patience,
    () => `${watch.name(state)} still leads, and its disk has not written for ${waited / 1e6} ms`,
  );

/** Who was heard by whom, and when. */
interface Heard {
  readonly self: NameId;
  readonly contacts: Contacts;
  readonly now: Instant;
}

/** Whether a majority answered since then. */
function isHeardSince(since: number, servers: readonly Server[], { self, contacts, now }: Heard): boolean {
  let heard = 0;
  for (const { name } of servers) if (name === self || (contacts.get(name) ?? now) >= since) heard++;
  return 2 * heard > servers.length || servers.length === 0;
}

/** When the latest answer came that makes a majority. */
function heardBy(servers: readonly Server[], { self, contacts, now }: Heard): number {
  const times = servers.map(({ name }) => (name === self ? now : (contacts.get(name) ?? now)));
  return times.sort((one, other) => other - one)[servers.length >>> 1] ?? now;
}
