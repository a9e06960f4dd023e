import type { NameId, Names } from '../../core/names.ts';
import { Kind, kindsOf, type Sink } from '../engine/journal.ts';

/** What became of the packets of a run. */
export interface PacketCounts {
  readonly sent: number;
  readonly delivered: number;
  /** By reason, in the order in which each first occurred. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Counts packets as the journal tells of them. */
export class Tally implements Sink {
  readonly kinds = kindsOf(Kind.send, Kind.deliver, Kind.drop);
  readonly state = { sent: 0, delivered: 0, drops: new Map<NameId, number>() };

  private readonly names: Names;

  constructor(names: Names) {
    this.names = names;
  }

  record(_id: number, _at: number, kind: number, _node: number, _peer: number, _cause: number, word: NameId): void {
    const { state } = this;
    if (kind === Kind.send) state.sent++;
    else if (kind === Kind.deliver) state.delivered++;
    else if (kind === Kind.drop) state.drops.set(word, (state.drops.get(word) ?? 0) + 1);
  }

  cell(): void {}

  counts(): PacketCounts {
    const { sent, delivered, drops } = this.state;
    const dropped = Object.fromEntries([...drops].map(([reason, count]) => [this.names.text(reason), count]));
    return { sent, delivered, dropped };
  }
}
