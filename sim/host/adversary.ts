import type { Duration, Instant } from '../../core/time.ts';
import type { DiskFate, Tear } from './disk.ts';

/** What a disk can be asked to do. */
export type DiskVerb = 'append' | 'replace' | 'truncate' | 'sync';

/** Decides what befalls hosts besides what their scenario says of them. */
export interface HostAdversary {
  /**
   * An operation of a disk was asked for.
   *
   * @param boot how often the host had booted before
   * @param ordinal its place among the operations since that boot, from 0
   * @param begins when the disk would begin with it
   * @param takes how long it would take then
   * @returns undefined when all goes well
   */
  operation(
    node: number,
    boot: number,
    ordinal: number,
    verb: DiskVerb,
    path: string,
    begins: Instant,
    takes: Duration,
  ): DiskFate | undefined;

  /**
   * An operation is about to come back.
   *
   * @param finish does what the operation is for
   * @returns true when the host has lost power instead, and nobody hears of it
   */
  interrupts(node: number, boot: number, ordinal: number, finish: () => void): boolean;

  /** The host loses power: what is left of appended and unsynced records of a file, given the operations that wrote them. */
  tear(node: number, boot: number, path: string, writers: readonly number[]): Tear | undefined;

  /**
   * How much later a process takes something that comes for it now, because its host is busy; 0 when it is not.
   *
   * @param ordinal how many inputs of the process were late before
   * @param network whether the network brings it
   */
  lateness(now: Instant, node: number, pid: number, ordinal: number, network: boolean): Duration;
}
