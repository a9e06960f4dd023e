import { formatInstant, type Instant } from '../../core/time.ts';

/**
 * Something that a run is held to.
 *
 * A check reads what it needs from the world that it was made for; it is asked after every event that changed a cell.
 */
export type Check =
  /** Must hold after every event: safety. */
  | {
      readonly kind: 'always';
      readonly name: string;
      /** @returns what is wrong, in words; undefined while all is well; `vacuous` when there was nothing to judge */
      judge(): string | undefined | typeof VACUOUS;
    }
  /** Must hold at some instant up to `by`: liveness with a deadline. */
  | {
      readonly kind: 'eventually';
      readonly name: string;
      readonly by: Instant;
      /** @returns what is still missing, in words; undefined once it holds */
      missing(): string | undefined;
    }
  /** Must be reached at least once, or the run proved little. */
  | { readonly kind: 'sometimes'; readonly name: string; reached(): boolean };

/** What `judge` returns when there was nothing to judge: the check was not exercised. */
export const VACUOUS = Symbol('vacuous');

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
}

interface Progress {
  exercised: number;
  decided: { at: Instant; verdict: Verdict; says: string } | undefined;
}

/** Asks the checks of one run and keeps what they found. */
export class Checks {
  private readonly checks: readonly Check[];
  private readonly progress: Progress[];
  /** The earliest deadline that is not judged yet. */
  private readonly deadlines: Instant[];

  constructor(checks: readonly Check[]) {
    this.checks = checks;
    this.progress = checks.map(() => ({ exercised: 0, decided: undefined }));
    this.deadlines = checks.flatMap((check) => (check.kind === 'eventually' ? [check.by] : [])).toSorted((a, b) => a - b);
  }

  /** The next instant at which the run must stop to be asked, whatever happens. */
  nextDeadline(after: Instant): Instant | undefined {
    return this.deadlines.find((deadline) => deadline > after);
  }

  /** Asks every check that is still open. */
  ask(now: Instant): void {
    for (const [index, check] of this.checks.entries()) {
      const progress = this.progress[index] as Progress;
      if (progress.decided !== undefined) continue;
      switch (check.kind) {
        case 'always': {
          const wrong = check.judge();
          if (wrong === VACUOUS) break;
          progress.exercised++;
          if (wrong !== undefined) progress.decided = { at: now, verdict: 'violated', says: wrong };
          break;
        }
        case 'eventually':
          if (now > check.by) break;
          progress.exercised++;
          if (check.missing() === undefined) progress.decided = { at: now, verdict: 'held', says: '' };
          break;
        case 'sometimes':
          if (check.reached()) {
            progress.exercised++;
            progress.decided = { at: now, verdict: 'held', says: '' };
          }
          break;
      }
    }
  }

  /** Whether anything is violated so far. */
  get violated(): boolean {
    return this.progress.some((each) => each.decided?.verdict === 'violated');
  }

  /** Called at a deadline or at the end of the run: what is missing then stays missing. */
  expire(now: Instant): void {
    for (const [index, check] of this.checks.entries()) {
      const progress = this.progress[index] as Progress;
      if (check.kind !== 'eventually' || progress.decided !== undefined || now < check.by) continue;
      const missing = check.missing();
      progress.exercised++;
      progress.decided =
        missing === undefined
          ? { at: now, verdict: 'held', says: '' }
          : { at: check.by, verdict: 'violated', says: `by ${formatInstant(check.by, 3)} s still missing: ${missing}` };
    }
  }

  /** What became of every check, in their order; the run is over. */
  finish(end: Instant): Finding[] {
    this.expire(end);
    return this.checks.map(({ name, kind }, index) => {
      const { exercised, decided } = this.progress[index] as Progress;
      if (decided !== undefined) return { check: name, kind, exercised, ...decided };
      if (kind === 'always' && exercised > 0) return { check: name, kind, exercised, verdict: 'held', at: end, says: '' };
      const says =
        kind === 'eventually' ? 'the run ended before its deadline' : kind === 'sometimes' ? 'never reached' : 'never exercised';
      return { check: name, kind, exercised, verdict: 'inconclusive', at: end, says };
    });
  }
}
