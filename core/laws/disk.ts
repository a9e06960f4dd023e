import type { Call } from '../collect.ts';
import type { WriteOutcome } from '../protocol.ts';
import type { Instant } from '../time.ts';
import type { Xoshiro } from './xoshiro.ts';

type Write = Extract<Call, { type: 'append' | 'replace' | 'truncate' | 'sync' }>;

/** The files of one node: what they hold, and what of it would survive a crash. */
export class Disk {
  private current = new Map<string, readonly unknown[]>();
  private readonly durable = new Map<string, readonly unknown[]>();
  private busyUntil = 0 as Instant;

  files(): ReadonlyMap<string, readonly unknown[]> {
    return new Map(this.current);
  }

  /** Carries out a write, or lets it fail; a write that fails changes nothing. */
  write(write: Write, random: Xoshiro): WriteOutcome {
    if (random.chance(0.02)) return random.chance(0.5) ? 'full' : 'error';
    const records = this.current.get(write.file) ?? [];
    switch (write.type) {
      case 'append':
        this.current.set(write.file, [...records, write.record]);
        break;
      case 'replace':
        this.current.set(write.file, write.records);
        break;
      case 'truncate':
        this.current.set(write.file, records.slice(0, write.length));
        break;
      case 'sync':
        this.durable.set(write.file, records);
        break;
    }
    return 'ok';
  }

  /** When a write that takes until then is done: not before an earlier one. */
  done(at: Instant): Instant {
    this.busyUntil = Math.max(at, this.busyUntil) as Instant;
    return this.busyUntil;
  }

  /** Forgets, file by file, perhaps, what was not synced. */
  crash(random: Xoshiro): void {
    for (const file of [...this.current.keys()]) {
      if (random.chance(0.5)) continue;
      const durable = this.durable.get(file);
      if (durable === undefined) this.current.delete(file);
      else this.current.set(file, durable);
    }
  }
}
