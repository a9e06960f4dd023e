import type { NameId } from '../../names.ts';
import type { Instant } from '../../time.ts';
import type { Server } from '../configuration.ts';
import type { ReadMode } from '../interface.ts';
import { lastIndexOf } from '../log.ts';
import type { RaftMessage } from '../message.ts';
import type { Asked, RaftState } from '../state.ts';
import { configsOf, isQuorum } from './quorums.ts';
import type { Seen } from './seen.ts';
import type { Deed, RaftWatch, Watched } from './watch.ts';

/** Who is answered a read, how it was asked to come about, and when by the server's own clock. */
export interface Right {
  readonly asked: Asked;
  readonly mode: ReadMode;
  readonly now: Instant;
}

const keyOf = ({ by, id }: Asked): string => `${by} ${id}`;

/** Notes of the reads that wait what was committed when they came. */
export function noteReads(watch: RaftWatch, { role, forwarded }: RaftState, seen: Seen): void {
  const { floors } = seen;
  if (forwarded.length === 0 && (role.role !== 'leader' || role.reads.length === 0)) {
    if (floors.size > 0) floors.clear();
    return;
  }
  if (role.role === 'leader') for (const { asked } of role.reads) if (asked !== undefined) noteRead(watch, floors, asked);
  for (const asked of forwarded) noteRead(watch, floors, asked);
}

function noteRead({ state: { highest: commit, moment } }: RaftWatch, floors: Seen['floors'], asked: Asked): void {
  const key = keyOf(asked);
  if (!floors.has(key)) floors.set(key, { commit, moment });
}

/** Terms in which what a server said to its leader is remembered: one that stood still hears late what it was told before the next was elected. */
const TERMS = 16;

/** Rounds of which a lease may still count are as many. */
const ROUNDS = 64;

/** Notes what a server says that reads rest on: heartbeats, answers to them, and that somebody is to campaign. */
export function sentForReads(watch: RaftWatch, { state }: Watched, message: RaftMessage, now: Instant | undefined): void {
  const seen = watch.state.seen.get(state.self);
  if (seen === undefined) return;
  const { term } = message;
  switch (message.type) {
    case 'heartbeat-response':
      seen.confirmed.delete(term);
      seen.confirmed.set(term, { leader: message.to, moment: watch.state.moment });
      if (seen.confirmed.size > TERMS) seen.confirmed.delete(seen.confirmed.keys().next().value as number);
      return;
    case 'timeout-now': {
      seen.toldIn = term;
      const heir = watch.stateOf(message.to);
      if (heir === undefined || heir.amnesiac) return;
      watch.judge(
        'TransferReady',
        heir.storage.durableIndex >= lastIndexOf(state.log),
        () =>
          `${watch.name(state)} tells ${watch.text(message.to)} to campaign, which lacks entries after ${heir.storage.durableIndex}`,
      );
      return;
    }
    case 'heartbeat': {
      if (now === undefined) return;
      if (seen.rounds.term !== term) {
        seen.rounds = { term, sent: new Map() };
        seen.leases.clear();
      }
      const { sent } = seen.rounds;
      if (!sent.has(message.round)) sent.set(message.round, now);
      if (sent.size > ROUNDS) sent.delete(sent.keys().next().value as number);
    }
  }
}

/** A leader is answered a heartbeat: what it may count on from then on. */
export function extendLease(state: RaftState, seen: Seen, deed: Deed): void {
  if (typeof deed === 'string' || deed.type !== 'heartbeat-response' || deed.term !== state.currentTerm) return;
  const sentAt = seen.rounds.term === deed.term ? seen.rounds.sent.get(deed.round) : undefined;
  if (sentAt !== undefined && sentAt > (seen.leases.get(deed.from) ?? -1)) seen.leases.set(deed.from, sentAt);
}

/** What a linearizable read sees is not older than what was committed when it was asked for; and within a lease nobody else commits (thesis §6.4). */
export function served(watch: RaftWatch, server: Watched, { asked, mode, now }: Right): void {
  if (mode !== 'index' && mode !== 'lease') return;
  const { state } = server;
  const { highest, seen } = watch.state;
  const own = seen.get(state.self);
  if (own === undefined) return;
  const floor = own.floors.get(keyOf(asked));
  if (mode === 'lease' && floor === undefined) byLease(watch, server, own, now);
  else if (state.role.role === 'leader') confirmed(watch, server, floor?.moment ?? watch.state.moment);
  const due = floor?.commit ?? highest;
  watch.judge(
    'ReadIndexFresh',
    state.lastApplied >= due,
    () => `${watch.name(state)} answers a read with what ${state.lastApplied} entries came to, and ${due} were committed before`,
  );
}

/** Whoever says after a read was asked for that it follows in this term was led by nobody else before. */
function confirmed(watch: RaftWatch, { state, config }: Watched, since: number): void {
  const { self, currentTerm } = state;
  const isLoyal = (name: NameId): boolean => {
    const said = watch.state.seen.get(name)?.confirmed.get(currentTerm);
    return name === self || (said?.leader === self && said.moment > since);
  };
  const { active, before } = configsOf(state, config.activation);
  const loyal = [...watch.state.seen.keys()].filter(isLoyal);
  watch.judge(
    'ReadHasQuorum',
    // A configuration may have come after the round did.
    isQuorum(active, loyal) || (before !== undefined && isQuorum(before, loyal)),
    () => `${watch.name(state)} answers a read that only ${loyal.map((name) => watch.text(name)).join(', ')} confirmed`,
  );
}

function byLease(watch: RaftWatch, { state, config }: Watched, seen: Seen, now: Instant): void {
  const { currentTerm, self, role } = state;
  const { highestTerm } = watch.state;
  watch.judge(
    'LeaseExclusion',
    role.role === 'leader' && highestTerm <= currentTerm,
    () => `${watch.name(state)} reads by its lease of term ${currentTerm}, and a leader of term ${highestTerm} has committed`,
  );
  const isCounted = ({ name }: Server): boolean =>
    name === self ||
    (seen.rounds.term === currentTerm && now - (seen.leases.get(name) ?? -config.electionTimeout) < config.electionTimeout);
  const { active, before } = configsOf(state, config.activation);
  const holds = (of: typeof active): boolean =>
    isQuorum(
      of,
      [...of.voters, ...of.outgoing].filter(isCounted).map(({ name }) => name),
    );
  watch.judge(
    'LeaseHasQuorum',
    seen.toldIn !== currentTerm && (holds(active) || (before !== undefined && holds(before))),
    () => `${watch.name(state)} reads by a lease of term ${currentTerm} that too few have promised, or that it gave up`,
  );
}
