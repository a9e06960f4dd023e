import type { Duration, Instant } from '../../time.ts';
import { membersOf, type Server } from '../configuration.ts';
import { stepDownBound } from '../liveness.ts';
import { configsOf } from './quorums.ts';
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
  if (!isNew || typeof deed === 'string') return;
  watch.judge(
    'FollowsInTerm',
    deed.from === leader && deed.term === currentTerm,
    () => `${watch.name(state)} follows ${watch.text(leader)} in term ${currentTerm} for a message of term ${deed.term}`,
  );
}

function leads(watch: RaftWatch, server: Watched, seen: Seen, deed: Deed, now: Instant): void {
  const { state, config } = server;
  const { contacts } = seen;
  // Who sends nothing, as there is nothing to do, is answered nothing.
  if (state.role.role === 'leader' && state.role.isSilent === true) return contacts.clear();
  const { active } = configsOf(state, config.activation);
  // Whoever is new is given time, and so are all with them: a change of the members is committed by a majority that was heard, or is the only one.
  const isNew = seen.role !== 'leader' || seen.term !== state.currentTerm || seen.configs !== state.configs.length;
  if (isNew) contacts.clear();
  if (typeof deed !== 'string') {
    if (ANSWERS.includes(deed.type) && deed.term === state.currentTerm) contacts.set(deed.from, now);
    return;
  }
  if (deed !== 'timer') return;
  for (const { name } of membersOf(active)) if (!contacts.has(name)) contacts.set(name, now);
  // One that stood still catches up with what came meanwhile before it may be judged.
  const beat = config.heartbeatInterval;
  const isAwake = seen.lookedAt !== undefined && now - seen.lookedAt <= 2 * beat;
  if (!isAwake) return;
  const bound = stepDownBound(config);
  if (bound !== undefined) {
    const heard = Math.min(heardBy(active.voters), active.outgoing.length === 0 ? now : heardBy(active.outgoing));
    watch.judge(
      'StepsDown',
      now - heard <= bound + 2 * beat,
      () => `${watch.name(state)} still leads, and has heard no majority for ${(now - heard) / 1e6} ms`,
    );
  }
  const { inflight } = state.storage;
  if (config.diskPatience > 0 && inflight !== undefined)
    watch.judge(
      'StepsDown',
      now - inflight.since <= config.diskPatience + 2 * beat,
      () => `${watch.name(state)} still leads, and its disk has not written for ${(now - inflight.since) / 1e6} ms`,
    );

  /** When the latest answer came that makes a majority. */
  function heardBy(servers: readonly Server[]): number {
    const times = servers.map(({ name }) => (name === state.self ? now : (contacts.get(name) ?? now)));
    return times.sort((one, other) => other - one)[servers.length >>> 1] ?? now;
  }
}
