import { type Duration, type Instant, START } from '../../core/time.ts';

/**
 * Something that a run is held to.
 *
 * A check reads what it needs from the world that it was made for; it is asked after every event that changed a cell.
 */
export type Check = Sorted &
  /** Must hold after every event: safety. */
  (
    | {
        readonly kind: 'always';
        readonly name: string;
        /** @returns what is wrong, in words; undefined while all is well; `vacuous` when there was nothing to judge */
        judge(): string | undefined | typeof VACUOUS;
        /** Rises when something may be wrong: `judge` is asked only then. One for many checks is itself asked once for all of them. */
        readonly alarm?: () => number;
        /** How often there was something to judge, for one that counts that itself; else every judgement that is not vacuous. */
        exercised?(): number;
      }
    /** Must hold at one instant, after all that happens then. */
    | { readonly kind: 'at'; readonly name: string; readonly at: Instant; missing(): string | undefined }
    /** Must hold at every instant from the first to the second. */
    | {
        readonly kind: 'throughout';
        readonly name: string;
        readonly from: Instant;
        readonly until: Instant;
        missing(): string | undefined;
      }
    /** Must hold at some instant up to `by`, and not before `from` where that is given: liveness with a deadline. */
    | {
        readonly kind: 'eventually';
        readonly name: string;
        readonly from?: Instant;
        readonly by: Instant;
        /** It may come true with time alone, and is looked at so often when nothing happens. */
        readonly every?: Duration;
        /** @returns what is still missing, in words; undefined once it holds */
        missing(): string | undefined;
      }
    /** Must be reached at least once, or the run proved little. */
    | { readonly kind: 'sometimes'; readonly name: string; reached(): boolean }
    /** Judged once, when the run is over, about all of it. */
    | {
        readonly kind: 'whole';
        readonly name: string;
        /** @returns how much there was to judge, and what is wrong about it or why that cannot be said */
        judge(): { readonly exercised: number; readonly verdict: Verdict; readonly says: string };
      }
  );

/** What a check may add to say what it is that broke. */
interface Sorted {
  /** Asked once it is violated: the kind of state, where it does not follow from what it says. See `Finding.sort`. */
  sort?(): string;
  /** Asked when it is decided: oddities for which the original of a profile is known, by name, that it met and did not hold against the run. */
  known?(): readonly string[];
}

/** What `judge` returns when there was nothing to judge: the check was not exercised. The same in every copy of Partita that a protocol's module may find. */
export const VACUOUS = Symbol.for('partita: nothing to judge');

export type Verdict = 'held' | 'violated' | 'inconclusive';

/** What became of one check. */
export interface Finding {
  readonly check: string;
  readonly kind: Check['kind'];
  readonly verdict: Verdict;
  /** When it was decided: broken, met, reached; or the end of the run. */
  readonly at: Instant;
  /** How often there was something to judge; 0 makes the finding inconclusive. */
  readonly exercised: number;
  /** What is wrong, what is missing; empty when it held. */
  readonly says: string;
  /** The kind of state that broke, where the check says it: free of names, numbers and times that do not matter. */
  readonly sort?: string;
  /** Oddities for which the original of a profile is known, by name, that were met; they are no violations. */
  readonly known?: readonly string[];
}

interface Progress {
  exercised: number;
  decided: { at: Instant; verdict: Verdict; says: string } | undefined;
}

/** Asks the checks of one run and keeps what they found. */
export class Checks {
  private readonly checks: readonly Check[];
  /** How far each has come, in their order. What checks remember besides is theirs. */
  readonly state: { progress: Progress[] };
  private readonly told: ((finding: Finding) => void) | undefined;
  /** Places of those that are asked after every change, and of those that wait for an alarm. */
  private readonly always: readonly number[];
  private readonly alarms: readonly { readonly alarm: () => number; readonly of: readonly number[]; seen: number }[];

  /** @param told hears each finding when it is decided, some of them only when the run is over */
  constructor(checks: readonly Check[], told?: (finding: Finding) => void) {
    this.checks = checks;
    this.told = told;
    this.state = { progress: checks.map(() => ({ exercised: 0, decided: undefined })) };
    const alarmOf = (check: Check) => (check.kind === 'always' ? check.alarm : undefined);
    this.always = [...checks.keys()].filter((place) => alarmOf(checks[place] as Check) === undefined);
    this.alarms = [...new Set(checks.flatMap((check) => alarmOf(check) ?? []))].map((alarm) => ({
      alarm,
      of: [...checks.keys()].filter((place) => alarmOf(checks[place] as Check) === alarm),
      seen: alarm(),
    }));
  }

  /** The instants at which the run must stop after all that happens then, to call `pause`; ascending, each once. */
  stops(): Instant[] {
    const instants = this.checks.flatMap((check) => {
      switch (check.kind) {
        case 'at':
          return [check.at];
        case 'eventually':
          return check.from === undefined ? [check.by] : [check.from, ...looks(check.from, check.by, check.every), check.by];
        case 'throughout':
          return [check.from, check.until];
        default:
          return [];
      }
    });
    return [...new Set(instants)].sort((a, b) => a - b);
  }

  /** Whether something that is due at an instant has not come true yet. */
  awaits(due: Instant): boolean {
    return this.checks.some(
      (check, index) => check.kind === 'eventually' && check.by >= due && this.state.progress[index]?.decided === undefined,
    );
  }

  /** To be called after every event that changed something a check may read. */
  ask(now: Instant): void {
    this.askThese(this.always, now);
    for (const each of this.alarms) {
      const rung = each.alarm();
      if (rung === each.seen) continue;
      each.seen = rung;
      this.askThese(each.of, now);
    }
  }

  private askThese(places: readonly number[], now: Instant): void {
    this.each(places, (check, progress) => {
      switch (check.kind) {
        case 'always': {
          const wrong = check.judge();
          if (wrong === VACUOUS) return;
          progress.exercised = check.exercised?.() ?? progress.exercised + 1;
          if (wrong !== undefined) progress.decided = { at: now, verdict: 'violated', says: wrong };
          return;
        }
        case 'eventually':
          if (now < (check.from ?? START) || now > check.by) return;
          progress.exercised++;
          if (check.missing() === undefined) progress.decided = { at: now, verdict: 'held', says: '' };
          return;
        case 'throughout': {
          // At its first instant only what is left when all has happened counts.
          if (now <= check.from || now > check.until) return;
          progress.exercised++;
          const missing = check.missing();
          if (missing !== undefined) progress.decided = { at: now, verdict: 'violated', says: missing };
          return;
        }
        case 'sometimes':
          if (!check.reached()) return;
          progress.exercised++;
          progress.decided = { at: now, verdict: 'held', says: '' };
      }
    });
  }

  /** To be called at each of `stops`, after all that happens then. */
  pause(now: Instant): void {
    this.each(this.checks.keys(), (check, progress) => {
      switch (check.kind) {
        case 'at': {
          if (now !== check.at) return;
          progress.exercised++;
          const missing = check.missing();
          progress.decided = { at: now, verdict: missing === undefined ? 'held' : 'violated', says: missing ?? '' };
          return;
        }
        case 'eventually': {
          if (now < (check.from ?? START)) return;
          progress.exercised++;
          const missing = check.missing();
          if (missing === undefined) progress.decided = { at: now, verdict: 'held', says: '' };
          else if (now >= check.by)
            progress.decided = {
              at: now,
              verdict: 'violated',
              says: `still missing: ${missing}`,
            };
          return;
        }
        case 'throughout': {
          if (now < check.from) return;
          progress.exercised++;
          const missing = check.missing();
          if (missing !== undefined) progress.decided = { at: now, verdict: 'violated', says: missing };
          else if (now >= check.until) progress.decided = { at: now, verdict: 'held', says: '' };
        }
      }
    });
  }

  /** What became of every check, in their order; the run is over. */
  finish(end: Instant): Finding[] {
    this.each(this.checks.keys(), (check, progress) => {
      const { kind } = check;
      if (kind === 'whole') {
        const { exercised, verdict, says } = check.judge();
        progress.exercised = exercised;
        progress.decided = exercised > 0 ? { at: end, verdict, says } : { at: end, verdict: 'inconclusive', says: NEVER.whole };
        return;
      }
      if (kind === 'always') progress.exercised = check.exercised?.() ?? progress.exercised;
      progress.decided =
        kind === 'always' && progress.exercised > 0
          ? { at: end, verdict: 'held', says: '' }
          : { at: end, verdict: 'inconclusive', says: NEVER[kind] };
    });
    return this.checks.flatMap((_, index) => this.finding(index) ?? []);
  }

  private finding(index: number): Finding | undefined {
    const check = this.checks[index] as Check;
    const { exercised, decided } = this.state.progress[index] as Progress;
    if (decided === undefined) return undefined;
    const sort = decided.verdict === 'violated' ? check.sort?.() : undefined;
    const known = check.known?.() ?? [];
    return {
      check: check.name,
      kind: check.kind,
      exercised,
      ...decided,
      ...(sort === undefined ? {} : { sort }),
      ...(known.length === 0 ? {} : { known }),
    };
  }

  private each(places: Iterable<number>, judge: (check: Check, progress: Progress) => void): void {
    for (const index of places) {
      const check = this.checks[index] as Check;
      const progress = this.state.progress[index] as Progress;
      if (progress.decided !== undefined) continue;
      judge(check, progress);
      const finding = this.finding(index);
      if (finding !== undefined) this.told?.(finding);
    }
  }
}

/** The instants between two, so far apart. */
function looks(from: Instant, by: Instant, every: Duration | undefined): Instant[] {
  if (every === undefined) return [];
  return Array.from({ length: Math.ceil((by - from) / every) - 1 }, (_, i) => (from + (i + 1) * every) as Instant);
}

/** Why a check that was not decided when the run ended proved nothing. */
const NEVER = {
  always: 'never exercised',
  whole: 'never exercised',
  sometimes: 'never reached',
  at: 'the run ended before it was due',
  throughout: 'the run ended before it was due',
  eventually: 'the run ended before it was due',
} as const satisfies Record<Check['kind'], string>;
