import { Hash } from '../../core/hash.ts';
import type { Names } from '../../core/names.ts';
import { compareState } from '../../core/state.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import { describeEntry, Entries, type Entry, hashEntry, keep } from './entry.ts';
import type { Sink } from './journal.ts';
import { type EventId, NO_CAUSE } from './simulation.ts';

/** Runs a world from its beginning to its end, with one more listener. Called several times; ought to do the same each time. */
export type Rerun = (listen: (world: { readonly names: Names }) => Sink) => void;

/** Where two runs part. */
export interface Difference {
  /** Entries before it, which are equal. */
  readonly equal: number;
  /** What one run did there, and what the other; undefined when it did nothing more. */
  readonly left: Entry | undefined;
  readonly right: Entry | undefined;
  /** What these followed from, from the nearest cause to the first. */
  readonly leftCauses: readonly Entry[];
  readonly rightCauses: readonly Entry[];
}

/** Two runs differ, but in another place each time they are run. */
export interface Elusive {
  /** Entries that were equal at least once more. */
  readonly equal: number;
  /** From when on they differed the first time. */
  readonly from: Instant;
}

/** Entries between two checkpoints. */
const INTERVAL = 1_024;
/** Causes that are told: a chain is as long as the run when each timer follows from the one before. */
const MOST_CAUSES = 12;

/** The rolling hash of a run after every so many entries, and after the last. */
interface Checkpoints {
  readonly marks: string[];
  /** The instant of the first entry after each mark. */
  readonly instants: Instant[];
}

/** What a run is made again for. Plain data, as are the answers: either run may be made elsewhere. */
export type Question =
  /** The rolling hash after every so many entries. */
  | { readonly type: 'checkpoints' }
  /** What lies between two checkpoints, from this entry on. */
  | { readonly type: 'entries'; readonly start: number }
  /** Records, by their numbers, in this order. */
  | { readonly type: 'records'; readonly wanted: readonly EventId[] };

interface Answers {
  checkpoints: Checkpoints;
  entries: Recording;
  records: readonly Entry[];
}

export type Answer = Answers[keyof Answers];

/** Makes a run to answer a question about it. */
export function answer(run: Rerun, question: Question): Answer {
  switch (question.type) {
    case 'checkpoints':
      return checkpoints(run);
    case 'entries':
      return record(run, question.start);
    case 'records':
      return records(run, question.wanted);
  }
}

/**
 * Finds the first thing that two runs do differently. Runs each of them two or three times: once for checkpoints of a rolling hash, once
 * to record what lies between the first two that differ, and, where needed, once for the causes.
 *
 * @returns undefined when they are equal
 */
export function firstDifference(left: Rerun, right: Rerun): Difference | Elusive | undefined {
  const search = differing();
  for (let step = search.next(); ; ) {
    if (step.done) return step.value;
    const [ours, theirs] = step.value;
    step = search.next([answer(left, ours), answer(right, theirs)]);
  }
}

/** The same, for who answers by himself: asks both runs something and is told what they say. */
export function* differing(): Generator<
  readonly [Question, Question],
  Difference | Elusive | undefined,
  readonly [Answer, Answer]
> {
  const [one, other] = (yield [{ type: 'checkpoints' }, { type: 'checkpoints' }]) as [Checkpoints, Checkpoints];
  const place = one.marks.findIndex((mark, i) => mark !== other.marks[i]);
  if (place < 0 && one.marks.length === other.marks.length) return undefined;
  const start = (place < 0 ? one.marks.length : place) * INTERVAL;
  const [ours, theirs] = (yield [
    { type: 'entries', start },
    { type: 'entries', start },
  ]) as [Recording, Recording];
  const at = ours.entries.findIndex((entry, i) => digest(entry) !== digest(theirs.entries[i]));
  const offset = at < 0 ? ours.entries.length : at;
  if (at < 0 && ours.entries.length === theirs.entries.length) {
    return { equal: start + offset, from: (one.instants[place] ?? other.instants[place] ?? 0) as Instant };
  }
  const [leftCauses, rightCauses] = (yield [
    { type: 'records', wanted: causes(ours, ours.entries[offset]) },
    { type: 'records', wanted: causes(theirs, theirs.entries[offset]) },
  ]) as [readonly Entry[], readonly Entry[]];
  return { equal: start + offset, left: ours.entries[offset], right: theirs.entries[offset], leftCauses, rightCauses };
}

function checkpoints(run: Rerun): Checkpoints {
  const marks: string[] = [];
  const instants: Instant[] = [];
  const hash = new Hash();
  let count = 0;
  run(({ names }) => {
    const take = (entry: Entry, isCompared: boolean) => {
      if (!isCompared) return;
      if (count % INTERVAL === 0) instants.push(entry.at);
      hashEntry(entry, hash);
      if (++count % INTERVAL === 0) marks.push(hash.hex());
    };
    return new Entries(names, take);
  });
  if (count % INTERVAL !== 0) marks.push(hash.hex());
  return { marks, instants };
}

interface Recording {
  /** What lies between two checkpoints. */
  readonly entries: Entry[];
  /** The cause of each record up to the second one, by its number. */
  readonly causes: EventId[];
}

function record(run: Rerun, start: number): Recording {
  const entries: Entry[] = [];
  const causes: EventId[] = [NO_CAUSE];
  let count = 0;
  run(({ names }) => {
    const take = (entry: Entry, isCompared: boolean) => {
      if (count >= start + INTERVAL) return;
      if (entry.type === 'record') causes.push(entry.cause);
      if (isCompared && count++ >= start) entries.push(keep(entry));
    };
    return new Entries(names, take);
  });
  return { entries, causes };
}

/** The numbers of the records that an entry followed from, from the nearest to the first. */
function causes(recording: Recording, entry: Entry | undefined): EventId[] {
  const wanted: EventId[] = [];
  for (let id = entry?.cause ?? NO_CAUSE; id !== NO_CAUSE && wanted.length < MOST_CAUSES; id = recording.causes[id] ?? NO_CAUSE)
    wanted.push(id);
  return wanted;
}

function records(run: Rerun, wanted: readonly EventId[]): Entry[] {
  if (wanted.length === 0) return [];
  const found = new Map<EventId, Entry>();
  run(({ names }) => {
    const take = (each: Entry) => {
      if (each.type === 'record' && wanted.includes(each.id)) found.set(each.id, keep(each));
    };
    return new Entries(names, take);
  });
  return wanted.flatMap((id) => found.get(id) ?? []);
}

function digest(entry: Entry | undefined): string {
  const hash = new Hash();
  if (entry !== undefined) hashEntry(entry, hash);
  return hash.hex();
}

/**
 * A difference in words, a line each.
 *
 * @param node what a node is called
 */
export function describeDifference(difference: Difference | Elusive, node: (node: number) => string): string[] {
  if ('from' in difference) {
    return [
      `The runs differed from ${formatInstant(difference.from)} s on, and not in that place when they were run again.`,
      'What they depend on is outside the world: a clock, Math.random, the order of something that has none.',
    ];
  }
  const { equal, left, right, leftCauses, rightCauses } = difference;
  const at = Math.min(left?.at ?? Number.POSITIVE_INFINITY, right?.at ?? Number.POSITIVE_INFINITY) as Instant;
  const line = (entry: Entry | undefined) => (entry === undefined ? 'nothing more' : describeEntry(entry, node));
  const payload =
    left?.type === 'record' && right?.type === 'record' ? compareState(left.payload, right.payload, 'payload') : undefined;
  const because = (entries: readonly Entry[]) => entries.map((entry) => `  after ${describeEntry(entry, node)}`);
  const [ours, theirs] = [because(leftCauses), because(rightCauses)];
  const isShared = ours.join() === theirs.join();
  return [
    `The runs part at ${formatInstant(at)} s, after ${equal} equal records and cells.`,
    `one:   ${line(left)}`,
    ...(isShared ? [] : ours),
    `other: ${line(right)}`,
    ...theirs,
    ...(payload === undefined ? [] : [`They differ in ${payload.path}: ${payload.left} and ${payload.right}.`]),
  ];
}
