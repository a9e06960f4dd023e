import type { Entry } from '../entry.ts';
import { entryAt, lastIndexOf, termAt } from '../log.ts';
import type { RaftState } from '../state.ts';
import { take } from './history.ts';
import type { Seen } from './seen.ts';
import type { RaftWatch } from './watch.ts';

/** Whether a server, whose log ended at `before`, has begun a log of its own. It may once, on whatever disk. */
export function begun(watch: RaftWatch, state: RaftState, seen: Seen, before: number): boolean {
  const first = before === 0 && state.log.cut === 0 ? entryAt(state.log, 1) : undefined;
  const isKnown = first === undefined || state.storage.durableIndex > 0;
  if (isKnown || first.term !== 1 || first.type !== 'config') return false;
  watch.judge(
    'BootstrapOnce',
    !seen.hasBegun,
    () => `${watch.name(state)} starts a cluster, and has been in one: with entry 1 of term 1`,
  );
  seen.hasBegun = true;
  return true;
}

/** The end of a log is another than before. @param isOwn whether it made its first entry itself */
export function logChanged(watch: RaftWatch, state: RaftState, seen: Seen, wasCut: boolean, isOwn: boolean): void {
  const { log, role } = state;
  const isLeader = role.role === 'leader';
  let from = Math.min(seen.last, lastIndexOf(log)) + 1;
  if (wasCut) {
    from = Math.min(from, log.truncatedFrom);
    watch.judge(
      'NoCommittedTruncation',
      log.truncatedFrom > seen.commit,
      () => `${watch.name(state)} cuts its log at ${log.truncatedFrom}, and ${seen.commit} is committed`,
    );
  }
  if (seen.role === 'leader' && isLeader)
    watch.judge(
      'LeaderAppendOnly',
      !wasCut && seen.last <= lastIndexOf(log),
      () => `${watch.name(state)} leads and cuts its log at ${log.truncatedFrom}`,
    );
  entries(watch, state, Math.max(from, log.cut + 1), isOwn);
  if (!isLeader || !seen.isHandingOver || role.handover === undefined) return;
  for (let i = from; i <= lastIndexOf(log); i++) {
    watch.judge(
      'TransferQuiet',
      entryAt(log, i)?.type !== 'command',
      () => `${watch.name(state)} hands over and takes entry ${i}`,
    );
  }
}

/**
 * Entries of a log, from an index on, against all that are known.
 *
 * @param isOwn whether it made its first entry itself
 * @param isGiven whether it started with them
 */
export function entries(watch: RaftWatch, state: RaftState, from: number, isOwn: boolean, isGiven = false): void {
  const { log, currentTerm } = state;
  const { history, exercised } = watch.state;
  const last = lastIndexOf(log);
  for (let i = from; i <= last; i++) {
    const entry = entryAt(log, i) as Entry;
    const previous = termAt(log, i - 1) as number;
    const before = entryAt(log, i - 1);
    exercised.LogTermsSorted++;
    exercised.LogMatching++;
    if (entry.term < previous || entry.term > currentTerm || entry.index !== i)
      watch.broken(
        'LogTermsSorted',
        `${watch.name(state)} in term ${currentTerm} has entry ${entry.index} of term ${entry.term} at ${i}, after one of term ${previous}`,
      );
    if (before !== undefined) {
      exercised.TimestampMonotone++;
      if (entry.at < before.at)
        watch.broken('TimestampMonotone', `${watch.name(state)} has entry ${i} at ${entry.at} after one at ${before.at}`);
    }
    if (entry.term !== previous) {
      exercised.NoopFirst++;
      if (entry.type !== 'noop' && !(i === 1 && entry.term === 1))
        watch.broken('NoopFirst', `${watch.name(state)} has a ${entry.type} as first entry of term ${entry.term}`);
    }
    const found = take(history, entry, previous);
    if (found === 'other')
      watch.broken('LogMatching', `${watch.name(state)} has another entry ${i} of term ${entry.term} than a server before it`);
    if (found === 'new' && !isGiven) origin(watch, state, entry, isOwn);
  }
}

/** What nobody had before was made by the leader of its term; or it is the first entry of all. What a disk had from the start is from nobody. */
function origin(watch: RaftWatch, state: RaftState, { index, term }: Entry, isOwn: boolean): void {
  const { role, currentTerm, storage, self } = state;
  if (storage.durableIndex >= index) return;
  const isLeaders = currentTerm === term && (role.role === 'leader' || watch.state.leaders.get(term) === self);
  watch.judge(
    'NoPhantom',
    isLeaders || (isOwn && index === 1),
    () => `${watch.name(state)} has entry ${index} of term ${term}, which no leader ever had`,
  );
}
