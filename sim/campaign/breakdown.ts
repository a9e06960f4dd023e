import { ImpurityError } from '../../core/laws/impure.ts';
import { formatInstant, type Instant } from '../../core/time.ts';
import { ProtocolError } from '../host/hosts.ts';
import { type Failure, sortOf } from './failure.ts';

/** How a run may break down instead of ending, as properties that it violates. */
export const BREAKDOWNS = {
  NoException: 'No protocol throws.',
  NoImpurity: 'No protocol looks at clocks, chance or the machine: the same run is the same again.',
  NoLivelock: 'Time goes on: nothing is busy for ever at one instant.',
  NoEndlessLoop: 'Whatever is handed to a protocol, it is done with it sometime.',
  BoundedMemory: 'What a run holds in memory does not grow for ever.',
  NoBugOfPartita: 'The simulator itself asserts nothing that is false.',
} as const satisfies Record<string, string>;

export type Breakdown = keyof typeof BREAKDOWNS;

/** Whether the failure is that the run cannot be repeated, so that nothing it says counts. */
export const isImpure = ({ check }: Failure): boolean => check === ('NoImpurity' satisfies Breakdown);

/** Whether a run that fails so takes its thread with it. */
export const isFatal = ({ check }: Failure): boolean =>
  check === ('NoEndlessLoop' satisfies Breakdown) || check === ('BoundedMemory' satisfies Breakdown);

/** Whether it shows nothing but the same thing again and again. */
export const isLivelock = ({ check }: Failure): boolean => check === ('NoLivelock' satisfies Breakdown);

/** Whether it is the simulator's own. */
export const isOurs = ({ check }: Failure): boolean => check === ('NoBugOfPartita' satisfies Breakdown);

/** A breakdown as the failure of a run. */
export const breakdown = (
  check: Breakdown,
  { sort, at, says }: { readonly sort: string; readonly at: Instant; readonly says: string },
): Failure => ({ check, sort, at, says });

/** A run holds more in memory than it may: `more than 64 MB`, with what was at work if that is known. */
export class OutOfMemory extends Error {
  /** When, if whoever threw it knows. */
  readonly at: Instant | undefined;

  constructor(message: string, at?: Instant) {
    super(message);
    this.at = at;
  }
}

/** What a run ended with that something threw. */
export function thrown(error: unknown, at: Instant, nodes: readonly string[]): Failure {
  if (error instanceof OutOfMemory) {
    const when = error.at ?? at;
    const says = `the run holds ${error.message} at ${formatInstant(when, 3)} s`;
    return breakdown('BoundedMemory', { sort: 'too much in memory', at: when, says });
  }
  if (!(error instanceof ProtocolError)) {
    const says = inWords(error);
    return breakdown(error instanceof ImpurityError ? 'NoImpurity' : 'NoBugOfPartita', { sort: sortOf(says, nodes), at, says });
  }
  const { host, program, protocol, cause } = error;
  const who = protocol === program ? program : `${protocol} of ${program}`;
  const says = `${who} on ${host} at ${formatInstant(error.at, 3)} s: ${inWords(cause)}`;
  const sort = `${who}: ${sortOf(inWords(cause), nodes)}`;
  return breakdown(cause instanceof ImpurityError ? 'NoImpurity' : 'NoException', { sort, at: error.at, says });
}

const inWords = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));
