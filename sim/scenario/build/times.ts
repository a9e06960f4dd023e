import { add, formatInstant, type Instant, LAST_INSTANT, START, seconds } from '../../../core/time.ts';
import type { Path } from '../problem.ts';
import type { Time } from '../quantity.ts';
import type { Reporter } from './reporter.ts';
import { durationOf } from './segments.ts';

/** How long a run goes on after the last instant that its scenario names. */
const AFTERMATH = seconds(10);

/** Reads the instants of a scenario, and with them finds the end of the run. */
export class Times {
  private readonly reporter: Reporter;
  private readonly end: Instant | undefined;
  private last: Instant = START;

  constructor(until: Time | undefined, reporter: Reporter) {
    this.reporter = reporter;
    this.end = until === undefined ? undefined : instantOf(until);
    if (this.end === START) reporter.say(['until'], 'The run ends when it begins.', 'Take a later time, or leave until out.');
  }

  instant(time: Time, path: Path): Instant {
    const instant = instantOf(time);
    if (instant > this.last) this.last = instant;
    if (this.end !== undefined && instant > this.end) {
      this.reporter.say(
        path,
        `${time} is after the end of the run, at ${formatInstant(this.end, 3)} s.`,
        'Move the end with until at the top.',
      );
    }
    return instant;
  }

  /** The end of something that begins at `from`. */
  endOf(time: Time, from: Instant, path: Path): Instant {
    const until = this.instant(time, path);
    if (until <= from)
      this.reporter.say(
        path,
        `It ends at ${formatInstant(until, 3)} s, and begins at ${formatInstant(from, 3)} s.`,
        'The end comes after the beginning.',
      );
    return until;
  }

  /** The end of the run; to be asked last. */
  runEnd(): Instant {
    return this.end ?? (Math.min(add(this.last, AFTERMATH), LAST_INSTANT) as Instant);
  }
}

const instantOf = (time: Time): Instant => add(START, durationOf(time));
