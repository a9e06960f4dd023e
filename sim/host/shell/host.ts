import type { JobState } from './job.ts';

/** What shells need of the host they run on. */
export interface ShellHost {
  now(): number;
  readText(path: string): string | undefined;
  /** Adds text at the end of a file, which need not exist; false when the disk is full. */
  appendText(path: string, text: string): boolean;
  /** Makes the file empty. */
  emptyFile(path: string): void;
  /** A finished line for the terminal. */
  printed(job: JobState, stream: 'stdout' | 'stderr', line: string): void;
  /**
   * Starts a command that is not part of the shell.
   *
   * @returns the process to wait for, which may be over already; undefined when there is no such command
   */
  start(job: JobState, words: readonly string[], assigned: ReadonlyMap<string, string>): number | undefined;
  newJobId(): number;
  /** Runs a job in the background, from now on known to the host. */
  adopt(job: JobState): void;
  ended(job: JobState): void;
}
