import type { KvNotice } from '../../core/kv/interface.ts';
import { between, type Instant, seconds } from '../../core/time.ts';
import { Kind, kindsOf, type Sink } from '../engine/journal.ts';
import type { World } from '../world.ts';

type Told = Extract<KvNotice, { readonly call: number }>;

/** Whoever has not asked for so long has nothing more to ask. */
export const SILENCE = seconds(10);

/** Follows what becomes of what clients of a store write, from when there is a leader on. */
export class Served implements Sink {
  readonly kinds = kindsOf(Kind.notice);

  private readonly world: World;
  private readonly from: Instant;
  private readonly isLed: () => boolean;
  /** Calls that count and are open, by node and number. */
  private readonly open = new Set<string>();
  private led = false;
  private served = 0;
  private refused = 0;
  /** When somebody asked for something last. */
  private asked: Instant;

  /** @param from since when the world is quiet */
  constructor(world: World, from: Instant, isLed: () => boolean) {
    this.world = world;
    this.from = from;
    this.isLed = isLed;
    this.asked = from;
    world.journal.sinks.push(this);
  }

  record(
    _id: number,
    at: Instant,
    kind: number,
    node: number,
    _peer: number,
    _cause: number,
    _word: number,
    _size: number,
    payload: unknown,
  ): void {
    if (kind !== Kind.notice || at < this.from) return;
    const told = payload as Told;
    const key = `${node}/${told.call}`;
    switch (told.type) {
      case 'kv-invoked':
        this.asked = at;
        this.led ||= this.isLed();
        if (this.led && told.operation.type !== 'get') this.open.add(key);
        return;
      case 'kv-returned':
        if (this.open.delete(key)) this.served++;
        return;
      case 'kv-unknown':
      case 'kv-failed':
        if (this.open.delete(key)) this.refused++;
        return;
    }
  }

  cell(): void {}

  /** What keeps clients from being served; nobody need be when nobody asks any more. */
  missing(): string | undefined {
    const isSilent = this.open.size === 0 && between(this.asked, this.world.now) >= SILENCE;
    if (this.served > 0 || (this.refused === 0 && isSilent)) return undefined;
    return `a write to be carried out; there is a leader, and ${this.refused} came to nothing`;
  }
}
