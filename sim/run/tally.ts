import type { NameId, Names } from '../../core/names.ts';
import { Kind, type Sink } from '../engine/journal.ts';

/** What became of the packets of a run. */
export interface PacketCounts {
  readonly sent: number;
  readonly delivered: number;
  /** By reason, in the order in which each first occurred. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counts packets as the journal tells of them. */
export class Tally implements Sink {
  private readonly names: Names;
  private sent = 0;
  private delivered = 0;
  private readonly drops = new Map<NameId, number>();

  constructor(names: Names) {
    this.names = names;
  }

  record(_id: number, _at: number, kind: number, _node: number, _peer: number, _cause: number, word: NameId): void {
    if (kind === Kind.send) this.sent++;
    else if (kind === Kind.deliver) this.delivered++;
    else if (kind === Kind.drop) this.drops.set(word, (this.drops.get(word) ?? 0) + 1);
  }

  cell(): void {}

  counts(): PacketCounts {
    const dropped = Object.fromEntries([...this.drops].map(([reason, count]) => [this.names.text(reason), count]));
    return { sent: this.sent, delivered: this.delivered, dropped };
  }
}
