import type { Instant } from '../../time.ts';
import { isVoter } from '../configuration.ts';
import { lastIndexOf, lastTermOf, termAt } from '../log.ts';
import type { RaftMessage } from '../message.ts';
import type { RaftState } from '../state.ts';
import { looksComplete } from './commits.ts';
import { configsOf, durableEnd, isBehind, isQuorum } from './quorums.ts';
import type { Seen } from './seen.ts';
import { candidatureOf } from './state.ts';
import type { Deed, RaftWatch, Watched } from './watch.ts';

/** Notes who asks for votes, and who gives them. */
export function sentVote({ state: { votes: all, preVotes } }: RaftWatch, { self }: RaftState, message: RaftMessage): void {
  switch (message.type) {
    case 'vote':
      candidatureOf(all, self, message.term).end = { index: message.lastIndex, term: message.lastTerm };
      return;
    case 'vote-response':
    case 'pre-vote-response': {
      if (!message.granted) return;
      const { yes } = candidatureOf(message.type === 'vote-response' ? all : preVotes, message.to, message.term);
      if (!yes.includes(self)) yes.push(self);
    }
  }
}

/** Term or vote are others than before. Only a vote that is on disk may have been given: one that a crash took was not. */
export function votes(watch: RaftWatch, state: RaftState, seen: Seen): void {
  const { currentTerm, votedFor, self } = state;
  watch.judge(
    'TermMonotone',
    currentTerm >= seen.term,
    () => `${watch.name(state)} goes from term ${seen.term} back to ${currentTerm}`,
  );
  const { given } = seen;
  if (given !== undefined && given.term === currentTerm)
    watch.judge('VoteOnce', votedFor === given.vote || (votedFor === undefined && seen.hasForgotten), () => {
      const now = votedFor === undefined ? 'has forgotten it' : `votes for ${watch.text(votedFor)}`;
      return `${watch.name(state)} voted for ${watch.text(given.vote)} in term ${currentTerm}, and now ${now}`;
    });
  const isNew = votedFor !== undefined && votedFor !== self && (seen.vote !== votedFor || seen.term !== currentTerm);
  const asked = isNew ? watch.state.votes.get(votedFor)?.find(({ term }) => term === currentTerm)?.end : undefined;
  if (asked !== undefined) {
    const own = { index: lastIndexOf(state.log), term: lastTermOf(state.log) };
    watch.judge(
      'VoteUpToDate',
      !isBehind(asked, own),
      () =>
        `${watch.name(state)}, whose log ends with ${own.index} of term ${own.term}, votes for one that ends with ${asked.index} of term ${asked.term}`,
    );
  }
  seen.term = currentTerm;
  seen.vote = votedFor;
}

/** A server has another role than before. */
export function ledBy(watch: RaftWatch, server: Watched): void {
  const { state, config } = server;
  const { role, currentTerm, self } = state;
  if (role.role === 'leader') {
    const { leaders } = watch.state;
    const other = leaders.get(currentTerm);
    watch.judge(
      'ElectionSafety',
      other === undefined || other === self,
      () => `term ${currentTerm} has two leaders, ${watch.text(other as never)} and ${watch.name(state)}`,
    );
    leaders.set(currentTerm, self);
    elected(watch, server);
    looksComplete(watch, state);
  }
  if (role.role !== 'leader' && role.role !== 'candidate' && role.role !== 'pre-candidate') return;
  const { committed, before, active } = configsOf(state, config.activation);
  watch.judge(
    'NoConfigNoCampaign',
    active.voters.length > 0,
    () => `${watch.name(state)} is ${role.role} and knows of no cluster`,
  );
  const isLeaving = before !== undefined && isVoter(before, self);
  const isEntitled = (isVoter(active, self) || isLeaving) && (before !== undefined || isVoter(committed, self));
  watch.judge('LearnerInert', isEntitled, () => `${watch.name(state)} is ${role.role} and no voter`);
}

/** Who leads was given the votes of a majority, each for a log as it really had one. */
function elected(watch: RaftWatch, { state, config }: Watched): void {
  const { currentTerm, self, storage } = state;
  const { end, yes } = candidatureOf(watch.state.votes, self, currentTerm);
  const isOwn = storage.durableTerm === currentTerm && storage.durableVote === self;
  watch.judge(
    'ElectionHasQuorum',
    isQuorum(configsOf(state, config.activation).active, isOwn ? [...yes, self] : yes),
    () =>
      `${watch.name(state)} leads in term ${currentTerm} by the votes of ${[...(isOwn ? [self] : []), ...yes].map((name) => watch.text(name)).join(', ') || 'nobody'}`,
  );
  if (end === undefined) return;
  const has = durableEnd(state);
  watch.judge(
    'VoteUpToDate',
    !isBehind(has, end) && (end.index <= state.log.cut || termAt(state.log, end.index) === end.term),
    () =>
      `${watch.name(state)} was elected for a log that ends with ${end.index} of term ${end.term}, and has ${has.index} of term ${has.term} on its disk`,
  );
}

/** Terms rise with a reason; and what is only asked about changes nothing (thesis §9.6, §4.2.3). To be called before what was seen is brought up to date. */
export function campaigned(watch: RaftWatch, server: Watched, seen: Seen, deed: Deed, now: Instant | undefined): void {
  if (typeof deed !== 'string' && (deed.type === 'pre-vote' || deed.type === 'vote')) asked(watch, server, seen, deed, now);
  if (seen.term < server.state.currentTerm && deed !== 'other') rose(watch, server, seen, deed);
}

type Request = Extract<RaftMessage, { type: 'pre-vote' | 'vote' }>;

/** Somebody asked for a vote, or whether there would be one. */
function asked(watch: RaftWatch, { state, config }: Watched, seen: Seen, deed: Request, now: Instant | undefined): void {
  const { currentTerm, votedFor, lastHeard } = state;
  const isSame = seen.term === currentTerm && seen.vote === votedFor;
  if (deed.type === 'pre-vote')
    watch.judge(
      'PreVotePure',
      isSame && seen.last === lastIndexOf(state.log),
      () => `${watch.name(state)} is asked for a pre-vote, and goes from term ${seen.term} to ${currentTerm}`,
    );
  else if (!deed.force && now !== undefined && config.stickiness === 'window') {
    const isLately = (at: Instant | undefined): boolean => at !== undefined && now - at < config.electionTimeout;
    if (isLately(lastHeard) || (config.leaseReads && isLately(seen.restartedAt)))
      watch.judge(
        'StickyRespected',
        isSame,
        () =>
          `${watch.name(state)} hears a leader, or may have heard one before it was restarted, and lets ${watch.text(deed.from)} change its term or vote`,
      );
  }
}

/** Its term is higher than before. */
function rose(watch: RaftWatch, { state, config }: Watched, seen: Seen, deed: Deed): void {
  const { currentTerm, votedFor, self } = state;
  if (votedFor !== self) return adopted(watch, state, seen, deed);
  if (!config.preVote || (typeof deed !== 'string' && deed.type === 'timeout-now')) return;
  const yes = watch.state.preVotes.get(self)?.find(({ term }) => term === currentTerm)?.yes ?? [];
  watch.judge(
    'PreVoteNoInflation',
    isQuorum(configsOf(state, config.activation).active, [...yes, self]),
    () =>
      `${watch.name(state)} campaigns in term ${currentTerm}, and was encouraged by ${yes.map((name) => watch.text(name)).join(', ') || 'nobody'}`,
  );
}

/** A term that is not of its own making was in the message that brought it; what is asked or answered about a term to come is no such message. */
function adopted(watch: RaftWatch, state: RaftState, seen: Seen, deed: Deed): void {
  const { currentTerm, log } = state;
  const isFirst = seen.term === 0 && currentTerm === 1 && deed === 'command' && lastIndexOf(log) > 0;
  const isOnlyAsked =
    typeof deed !== 'string' && (deed.type === 'pre-vote' || (deed.type === 'pre-vote-response' && deed.granted));
  watch.judge(
    'PreVoteNoInflation',
    isFirst || (typeof deed !== 'string' && deed.term === currentTerm && !isOnlyAsked),
    () => `${watch.name(state)} goes from term ${seen.term} to ${currentTerm}, which nobody told it of`,
  );
}
