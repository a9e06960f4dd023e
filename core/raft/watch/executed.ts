import { compareState } from '../../state.ts';
import type { RaftConfig } from '../config.ts';
import type { Snapshot } from '../state.ts';
import { committedAt } from './history.ts';
import { advance, compareWith } from './reference.ts';
import type { Seen } from './seen.ts';
import type { RaftWatch, Watched } from './watch.ts';

/** So many entries are executed between two looks at what they came to. */
const STEP = 32;

/** Lets the reference execute what is committed, up to an index. @returns whether it has come there, and no further */
export function catchUp(watch: RaftWatch, config: RaftConfig, index: number): boolean {
  const { reference, history } = watch.state;
  while (!reference.lost && reference.index < index) {
    const entry = committedAt(history, reference.index + 1);
    if (entry === undefined) reference.lost = true;
    else advance(reference, entry, config, watch.reference);
  }
  return !reference.lost && reference.index === index;
}

/** Looks now and then at what a server has come to; and always when it did not execute it itself. */
export function appliedChanged(watch: RaftWatch, server: Watched, seen: Seen): void {
  const { state, machine, config } = server;
  const { lastApplied, snapshot, sessions } = state;
  const { reference } = watch.state;
  if (snapshot !== undefined && lastApplied === snapshot.index && seen.applied < lastApplied && seen.snapshot < lastApplied) {
    const own = compareState(snapshot.data, machine.snapshot().data);
    watch.judge(
      'SessionOnce',
      own === undefined,
      () => `${watch.name(state)} takes over a snapshot of ${lastApplied}, and has another ${own?.path}`,
    );
    const told = compareState(snapshot.sessions, sessions);
    watch.judge(
      'SessionDeterminism',
      told === undefined,
      () => `${watch.name(state)} takes over a snapshot of ${lastApplied}, and has other sessions: ${told?.path}`,
    );
  }
  const isDue =
    reference.lost || watch.reference === undefined ? lastApplied % STEP === 0 : lastApplied >= reference.index + STEP;
  if (isDue) catchUp(watch, config, lastApplied);
  if (!isDue && lastApplied !== reference.index) return;
  const found = compareWith(reference, watch.reference, state.self, lastApplied, sessions, () => machine.snapshot().data);
  if (found === undefined) return;
  watch.judge(
    'SessionOnce',
    found.machine === undefined,
    () => `${watch.name(state)} has executed ${lastApplied} entries to another ${found.machine} than they come to`,
  );
  watch.judge(
    'SessionDeterminism',
    found.sessions === undefined,
    () => `${watch.name(state)} has executed ${lastApplied} entries to other sessions: ${found.sessions}`,
  );
}

/** A server has another snapshot: made, received, or found. */
export function snapshotChanged(watch: RaftWatch, { state, config }: Watched, seen: Seen, index: number): void {
  const { snapshot } = state;
  watch.judge(
    'SnapshotForward',
    index >= seen.snapshot && state.commitIndex >= index && state.log.cut <= index,
    () =>
      `${watch.name(state)} goes from a snapshot of ${seen.snapshot} to ${index}, with commit ${state.commitIndex} and a log after ${state.log.cut}`,
  );
  if (snapshot === undefined) return;
  const entry = committedAt(watch.state.history, index);
  if (entry !== undefined)
    watch.judge(
      'SnapshotSound',
      entry.term === snapshot.term,
      () => `${watch.name(state)} has a snapshot of ${index} in term ${snapshot.term}, and term ${entry.term} is committed`,
    );
  exact(watch, state.self, config, snapshot);
}

/** A snapshot holds what all entries up to it come to. */
function exact(watch: RaftWatch, self: Parameters<RaftWatch['text']>[0], config: RaftConfig, snapshot: Snapshot): void {
  const { reference } = watch.state;
  const { index, sessions, data } = snapshot;
  if (index < reference.index || !catchUp(watch, config, index)) return;
  const problems: string[] = [];
  if (reference.configIndex !== snapshot.configIndex) problems.push(`configuration ${snapshot.configIndex}`);
  else if (compareState(reference.config, snapshot.config) !== undefined) problems.push('another configuration');
  if (reference.term !== snapshot.term) problems.push(`term ${snapshot.term}`);
  const found = compareWith(reference, watch.reference, self, index, sessions, () => data);
  if (found?.sessions !== undefined) problems.push(`other sessions at ${found.sessions}`);
  if (found?.machine !== undefined) problems.push(`another ${found.machine}`);
  watch.judge(
    'SnapshotExact',
    problems.length === 0,
    () =>
      `${watch.text(self)} has a snapshot of ${index} with ${problems.join(', ')}; due is configuration ${reference.configIndex} in term ${reference.term}`,
  );
}
