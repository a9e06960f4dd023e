import type { NameId, Names } from '../names.ts';
import type { Entry } from './entry.ts';
import { type LogState, lastIndexOf, lastTermOf, newLog, termAt } from './log.ts';
import { SNAPSHOT_FILES } from './snapshots.ts';
import type { Snapshot } from './state.ts';
import { WAL, type WalRecord } from './storage.ts';
import { isRecord, isStoredSnapshot } from './wellformed.ts';

/** What a disk comes to. */
export interface Found {
  readonly term: number;
  readonly vote: NameId | undefined;
  readonly log: LogState;
  readonly snapshot: Snapshot | undefined;
  /** The file of the two that the next snapshot goes to. */
  readonly nextSnapshotFile: 0 | 1;
  readonly commit: number;
  readonly nextSequence: number;
  readonly amnesiac: boolean;
  /** There was nothing. */
  readonly isEmpty: boolean;
  /** How many records of the log are good, when the last one was torn by a crash; undefined when all are. */
  readonly keep: number | undefined;
  /** The log did not continue the snapshot: its file is to begin anew. */
  readonly isDropped: boolean;
  readonly warnings: readonly string[];
}

interface Replayed {
  term: number;
  vote: NameId | undefined;
  log: LogState;
  commit: number;
  nextSequence: number;
  amnesiac: boolean;
}

/**
 * Reads what a disk kept.
 *
 * A record that is none, or was, at the end of the log is the write that a crash tore: nobody was promised anything on it, and it is cut off. In
 * the middle it is damage, and what comes after it cannot be trusted. Of the two snapshots the newest good one counts. A log that does not
 * continue the snapshot was about to be replaced by it.
 *
 * @returns the reason, in words, why the server must not start
 */
export function load(
  files: ReadonlyMap<string, readonly unknown[]>,
  names: Names,
  isSnapshot: (data: unknown) => boolean,
): Found | { readonly refusal: string } {
  const records = files.get(WAL) ?? [];
  const warnings: string[] = [];
  const replayed: Replayed = { term: 0, vote: undefined, log: newLog(), commit: 0, nextSequence: 0, amnesiac: false };
  let good = 0;
  for (; good < records.length; good++) {
    const record = records[good];
    if (!isRecord(record, names)) break;
    const problem = replay(replayed, record, good === 0);
    if (problem !== undefined) return { refusal: `record ${good} of the log ${problem}` };
  }
  const isGoodLater = records.slice(good + 1).some((record) => isRecord(record, names));
  if (isGoodLater)
    return { refusal: `record ${good} of the log is damaged, and others follow it: the disk is not to be trusted` };
  const isTorn = good < records.length;
  if (isTorn) warnings.push(`the log was cut at a torn record, after ${good} good ones`);

  const snapshots = SNAPSHOT_FILES.map((file) => {
    const stored: unknown = files.get(file)?.[0];
    if (stored === undefined) return undefined;
    if (isStoredSnapshot(stored, names) && isSnapshot(stored.data)) return stored;
    warnings.push(`${file} is damaged`);
    return undefined;
  });
  const [first, second] = snapshots;
  const isFirst = (first?.index ?? -1) > (second?.index ?? -1);
  const snapshot = isFirst ? first : second;
  const { log } = replayed;
  const index = snapshot?.index ?? 0;
  if (log.cut > index) {
    return { refusal: `the log begins after entry ${log.cut} and there is no good snapshot of what was before` };
  }
  const isDropped = termAt(log, index) !== (snapshot?.term ?? 0);
  if (isDropped) {
    log.entries = [];
    log.cut = index;
    log.cutTerm = snapshot?.term ?? 0;
  }
  return {
    ...replayed,
    term: Math.max(replayed.term, lastTermOf(log)),
    vote: lastTermOf(log) > replayed.term ? undefined : replayed.vote,
    commit: Math.min(Math.max(replayed.commit, index), lastIndexOf(log)),
    snapshot,
    nextSnapshotFile: isFirst ? 1 : 0,
    isEmpty: records.length === 0 && snapshot === undefined,
    keep: isTorn ? good : undefined,
    isDropped,
    warnings,
  };
}

/** Takes one record in. @returns what is wrong with it */
function replay(replayed: Replayed, record: WalRecord, isFirst: boolean): string | undefined {
  if (!isFirst && record.sequence !== replayed.nextSequence) {
    return `has number ${record.sequence} where ${replayed.nextSequence} was expected: something before it was lost`;
  }
  if (record.type === 'head') {
    replayed.log = { ...newLog(), cut: record.cut, cutTerm: record.cutTerm };
    replayed.amnesiac = record.amnesiac;
  } else {
    const { log } = replayed;
    if (record.from <= log.cut || record.from > lastIndexOf(log) + 1)
      return `begins at entry ${record.from}, which does not fit the log before`;
    log.entries.length = record.from - log.cut - 1;
  }
  const { log } = replayed;
  for (const entry of record.entries as readonly Entry[]) {
    if (entry.index !== lastIndexOf(log) + 1 || entry.term < lastTermOf(log)) return `has entry ${entry.index} out of order`;
    log.entries.push(entry);
  }
  replayed.term = record.term;
  replayed.vote = record.vote;
  replayed.commit = record.commit;
  replayed.nextSequence = record.sequence + 1;
  return undefined;
}
