import { lastIndexOf } from '../log.ts';
import type { RaftState } from '../state.ts';
import type { Seen } from './seen.ts';
import type { RaftWatch } from './watch.ts';

/** Follows which writes are under way and have come back, and holds against it what a server takes for durable. */
export function durability(watch: RaftWatch, state: RaftState, seen: Seen, wasCut: boolean): void {
  const { storage, log, snapshot } = state;
  const { flushing } = seen;
  const isBack = storage.inflight === undefined || storage.batch !== flushing.batch;
  if (wasCut) {
    flushing.last = Math.min(flushing.last, log.truncatedFrom - 1);
    seen.durable = Math.min(seen.durable, log.truncatedFrom - 1);
  }
  if (isBack) seen.durable = Math.max(seen.durable, flushing.last);
  // A log that was replaced by a snapshot has nothing under way.
  if (log.cut > seen.last) flushing.last = 0;
  if (storage.batch !== flushing.batch) seen.flushing = { batch: storage.batch, last: lastIndexOf(log) };
  seen.durable = Math.max(seen.durable, snapshot?.index ?? 0, log.cut);
  watch.state.exercised.DurableKnown++;
  if (storage.durableIndex > seen.durable)
    watch.broken(
      'DurableKnown',
      `${watch.name(state)} takes ${storage.durableIndex} for durable, and writes that came back cover ${seen.durable}`,
    );
}
