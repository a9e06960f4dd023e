import type { ReadMode } from '../interface.ts';
import type { Asked, RaftState } from '../state.ts';
import type { Seen } from './seen.ts';
import type { RaftWatch, Watched } from './watch.ts';

/** Who is answered a read, and how it was asked to come about. */
export interface Right {
  readonly asked: Asked;
  readonly mode: ReadMode;
}

const keyOf = ({ by, id }: Asked): string => `${by} ${id}`;

/** Notes of the reads that wait what was committed when they came. */
export function noteReads(watch: RaftWatch, { role, forwarded }: RaftState, seen: Seen): void {
  const reads = role.role === 'leader' ? role.reads : [];
  const { floors } = seen;
  if (reads.length === 0 && forwarded.length === 0) {
    if (floors.size > 0) floors.clear();
    return;
  }
  for (const { asked } of [...reads, ...forwarded.map((each) => ({ asked: each }))]) {
    if (asked === undefined) continue;
    const key = keyOf(asked);
    if (!floors.has(key)) floors.set(key, watch.state.highest);
  }
}

/** What a linearizable read sees is not older than what was committed when it was asked for; and within a lease nobody else commits (thesis §6.4). */
export function served(watch: RaftWatch, { state }: Watched, { asked, mode }: Right): void {
  if (mode !== 'index' && mode !== 'lease') return;
  const { highest, highestTerm, seen } = watch.state;
  const { currentTerm, lastApplied, role } = state;
  const floor = seen.get(state.self)?.floors.get(keyOf(asked));
  if (mode === 'lease' && floor === undefined)
    watch.judge(
      'LeaseExclusion',
      role.role === 'leader' && highestTerm <= currentTerm,
      () => `${watch.name(state)} reads by its lease of term ${currentTerm}, and a leader of term ${highestTerm} has committed`,
    );
  const due = floor ?? highest;
  watch.judge(
    'ReadIndexFresh',
    lastApplied >= due,
    () => `${watch.name(state)} answers a read with what ${lastApplied} entries came to, and ${due} were committed before`,
  );
}
