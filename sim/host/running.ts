import type { Instant } from '../../core/time.ts';
import type { HostState, Input, ProcessState } from './host.ts';

/** A process at work, of either kind: what the kernel needs of it. Everything that changes is in its record. */
export interface RunningProcess {
  readonly pid: number;
  readonly node: number;
  readonly hostState: HostState;
  readonly record: ProcessState;
  /** The host's clock. */
  readonly now: Instant;
  /** Takes an input that is not for one of its protocols. */
  take(input: Exclude<Input, { readonly type: 'datagram' | 'stream' | 'written' }>): void;
}
