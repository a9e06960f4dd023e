import type { Xoshiro } from '../laws/xoshiro.ts';
import type { Duration, Instant } from '../time.ts';

/** What a crash does to the log beyond losing what was not synced. */
export type DiskFault =
  /** Everything is gone. */
  | 'wipe'
  /** The last record that was on its way is half written. */
  | 'tear'
  /** A record in the middle of the log is damaged. */
  | 'corrupt'
  /** Only the process ended: nothing is lost, and what was not synced is not yet safe. */
  | 'none';

type Operation =
  | { readonly type: 'append'; readonly record: unknown }
  | { readonly type: 'replace'; readonly records: readonly unknown[] }
  | { readonly type: 'truncate'; readonly length: number };

interface File {
  /** What survives a crash for certain. */
  durable: unknown[];
  /** What was done since, in order: a crash leaves the first so many. */
  pending: Operation[];
  /** How many operations there were before the first pending one. */
  before: number;
}

/** The disk of one server: operations are done in order, and survive when a later sync has come back. */
export class ClusterDisk {
  private readonly all = new Map<string, File>();
  private busyUntil = 0;
  /** Nothing comes back meanwhile. */
  isStill = false;
  /** Operations from now on end so. */
  outcome: 'ok' | 'full' | 'error' = 'ok';

  files(): ReadonlyMap<string, readonly unknown[]> {
    return new Map([...this.all].map(([name, file]) => [name, [...this.read(file)]]));
  }

  append(name: string, record: unknown): 'ok' | 'full' | 'error' {
    return this.add(name, { type: 'append', record });
  }

  replace(name: string, records: readonly unknown[]): 'ok' | 'full' | 'error' {
    return this.add(name, { type: 'replace', records });
  }

  truncate(name: string, length: number): 'ok' | 'full' | 'error' {
    return this.add(name, { type: 'truncate', length });
  }

  /** What a sync asked for now will make durable. */
  mark(name: string): number {
    const file = this.file(name);
    return file.before + file.pending.length;
  }

  synced(name: string, mark: number): 'ok' | 'error' {
    if (this.outcome === 'error') return 'error';
    const file = this.file(name);
    const count = mark - file.before;
    for (let i = 0; i < count; i++) carryOut(file, file.pending[i] as Operation);
    if (count > 0) {
      file.pending = file.pending.slice(count);
      file.before = mark;
    }
    return 'ok';
  }

  /** When something that takes so long is done: never before what was asked for earlier. */
  busy(now: Instant, takes: Duration): Instant {
    this.busyUntil = Math.max(now, this.busyUntil) + takes;
    return this.busyUntil as Instant;
  }

  /** When it has done all that it was asked for. */
  get idleAt(): Instant {
    return this.busyUntil as Instant;
  }

  /** Forgets some of what was not synced, the latest first. */
  crash(random: Xoshiro, fault?: DiskFault): void {
    if (fault === 'none') return;
    this.busyUntil = 0;
    if (fault === 'wipe') return this.all.clear();
    for (const file of this.all.values()) {
      const kept = random.integer(file.pending.length + 1);
      const torn = file.pending[kept];
      for (let i = 0; i < kept; i++) carryOut(file, file.pending[i] as Operation);
      if (fault === 'tear' && torn?.type === 'append') file.durable.push({ torn: true });
      file.before += file.pending.length;
      file.pending = [];
    }
    const log = this.all.get('wal');
    if (fault === 'corrupt' && log !== undefined && log.durable.length > 1) log.durable[0] = { damaged: true };
  }

  private add(name: string, operation: Operation): 'ok' | 'full' | 'error' {
    if (this.outcome !== 'ok') return this.outcome;
    this.file(name).pending.push(operation);
    return 'ok';
  }

  private file(name: string): File {
    let file = this.all.get(name);
    if (file === undefined) {
      file = { durable: [], pending: [], before: 0 };
      this.all.set(name, file);
    }
    return file;
  }

  private read({ durable, pending }: File): unknown[] {
    const file: File = { durable: [...durable], pending: [], before: 0 };
    for (const operation of pending) carryOut(file, operation);
    return file.durable;
  }
}

function carryOut(file: File, operation: Operation): void {
  if (operation.type === 'append') file.durable.push(operation.record);
  else if (operation.type === 'replace') file.durable = [...operation.records];
  else file.durable.length = Math.min(file.durable.length, operation.length);
}
