import type { NameId } from '../../names.ts';
import type { Configuration, Server } from '../configuration.ts';
import type { Entry } from '../entry.ts';
import { entryAt, termAt } from '../log.ts';
import type { RaftState } from '../state.ts';
import { catchUp } from './executed.ts';
import { commit, committedAt, isWorthTrimming, trim } from './history.ts';
import { configsOf, configsSince } from './quorums.ts';
import type { Seen } from './seen.ts';
import type { RaftWatch, Watched } from './watch.ts';

/** A server counts more as committed than before, or less. @param led whether it leads, or did when it committed */
export function commitChanged(watch: RaftWatch, server: Watched, seen: Seen, led: boolean): void {
  const { state, config } = server;
  const { commitIndex, log, currentTerm } = state;
  watch.judge(
    'CommitMonotone',
    commitIndex >= seen.commit,
    () => `${watch.name(state)} goes from commit ${seen.commit} back to ${commitIndex}`,
  );
  if (led) {
    const termThere = termAt(log, commitIndex);
    if (seen.role === 'leader')
      watch.judge(
        'CommitCurrentTerm',
        termThere === currentTerm,
        () => `${watch.name(state)} leads in term ${currentTerm} and commits ${commitIndex} of term ${termThere}`,
      );
    quorum(watch, server, seen.commit);
  } else {
    const { highest } = watch.state;
    watch.judge(
      'FollowerCommitSound',
      commitIndex <= Math.max(highest, state.snapshot?.index ?? 0, config.activation === 'apply' ? 1 : 0),
      () => `${watch.name(state)} takes ${commitIndex} for committed, and no leader has committed more than ${highest}`,
    );
  }
  for (let i = Math.max(seen.commit, log.cut) + 1; i <= commitIndex; i++) {
    const entry = entryAt(log, i) as Entry;
    const other = commit(watch.state.history, entry);
    watch.judge(
      'StateMachineSafety',
      other === undefined,
      () => `${watch.name(state)} commits entry ${i} of term ${entry.term}, and one of term ${other?.term} was committed there`,
    );
  }
  if (!led || commitIndex <= watch.state.highest) return;
  watch.state.highest = commitIndex;
  watch.state.highestTerm = Math.max(watch.state.highestTerm, currentTerm);
  for (const { state: other } of watch.servers()) {
    if (other.role.role === 'leader' && other.currentTerm > currentTerm) looksComplete(watch, other);
  }
  forgetOld(watch, server);
}

/** A leader has all that is committed. */
export function looksComplete(watch: RaftWatch, state: RaftState): void {
  const { highest, history } = watch.state;
  const entry = committedAt(history, highest);
  if (highest === 0 || entry === undefined || entry.term > state.currentTerm) return;
  const isCovered = (state.snapshot?.index ?? 0) >= highest || highest <= state.log.cut;
  watch.judge(
    'LeaderCompleteness',
    isCovered || termAt(state.log, highest) === entry.term,
    () =>
      `${watch.name(state)} leads in term ${state.currentTerm} without entry ${highest} of term ${entry.term}, which is committed`,
  );
}

/** What a leader commits is durable on a majority, in each half. Servers that are down still have their disks. */
function quorum(watch: RaftWatch, { state, config }: Watched, commitBefore: number): void {
  const { commitIndex, log } = state;
  const term = termAt(log, commitIndex);
  const { active, before } = configsOf(state, config.activation);
  // A configuration may have come into the log, or have been applied, with this very input: then one before has decided.
  const candidates = config.activation === 'append' ? [active, before] : configsSince(state, commitBefore);
  watch.judge(
    'CommitHasQuorum',
    candidates.some((each) => each !== undefined && isOnMajority(watch, each, commitIndex, term)),
    () => `${watch.name(state)} commits ${commitIndex} of term ${term}, which is on too few disks`,
  );
}

function isOnMajority(watch: RaftWatch, { voters, outgoing }: Configuration, index: number, term: number | undefined): boolean {
  const isIn = (servers: readonly Server[]): boolean => {
    let count = 0;
    for (const { name } of servers) if (hasDurable(watch, name, index, term)) count++;
    return 2 * count > servers.length;
  };
  return isIn(voters) && (outgoing.length === 0 || isIn(outgoing));
}

function hasDurable(watch: RaftWatch, name: NameId, index: number, term: number | undefined): boolean {
  const state = watch.stateOf(name);
  if (state === undefined) return false;
  // Who has lost its disk takes no part in elections, so that a leader may go on counting what it had.
  if (state.amnesiac && (watch.state.seen.get(name)?.lostIndex ?? 0) >= index) return true;
  if ((state.snapshot?.index ?? 0) >= index || state.log.cut >= index) return true;
  return state.storage.durableIndex >= index && termAt(state.log, index) === term;
}

/** What all servers have behind them is forgotten, once it has been executed. */
function forgetOld(watch: RaftWatch, server: Watched): void {
  const { history } = watch.state;
  let least = Number.POSITIVE_INFINITY;
  for (const { log, commitIndex } of watch.states()) least = Math.min(least, log.cut, commitIndex);
  if (!isWorthTrimming(history, least)) return;
  catchUp(watch, server.config, least);
  trim(history, least);
}
