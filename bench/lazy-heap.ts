import { grown } from '../sim/engine/grown.ts';

/**
 * What one would write first, well written: a binary heap in columns, in exact (instant, order of scheduling). A cancelled event
 * stays in the heap, marked, until it comes to the top.
 */
export class LazyHeap {
  private at = new Float64Array(1_024);
  private order = new Float64Array(1_024);
  private slots = new Int32Array(1_024);
  private length = 0;
  private scheduled = 0;
  private cancelled = new Uint8Array(1_024);
  private free = new Int32Array(1_024);
  private frees = 0;
  private used = 0;

  push(at: number): number {
    const slot = this.frees > 0 ? (this.free[--this.frees] as number) : this.newSlot();
    if (this.length === this.at.length) this.grow();
    const order = this.scheduled++;
    let place = this.length++;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (at >= (this.at[parent] as number)) break;
      this.move(parent, place);
      place = parent;
    }
    this.put(place, at, order, slot);
    return slot;
  }

  cancel(slot: number): void {
    this.cancelled[slot] = 1;
  }

  /** When the earliest event is due; Infinity when there is none. */
  next(): number {
    while (this.length > 0) {
      const slot = this.slots[0] as number;
      if (this.cancelled[slot] === 0) return this.at[0] as number;
      this.cancelled[slot] = 0;
      this.removeFirst();
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes the event that `next` found; @returns its slot */
  take(): number {
    const slot = this.slots[0] as number;
    this.removeFirst();
    return slot;
  }

  private removeFirst(): void {
    this.free[this.frees++] = this.slots[0] as number;
    const last = --this.length;
    const at = this.at[last] as number;
    const order = this.order[last] as number;
    let place = 0;
    while (place < last >> 1) {
      let child = 2 * place + 1;
      if (child + 1 < last && this.before(child + 1, this.at[child] as number, this.order[child] as number)) child++;
      if (!this.before(child, at, order)) break;
      this.move(child, place);
      place = child;
    }
    this.put(place, at, order, this.slots[last] as number);
  }

  private before(place: number, at: number, order: number): boolean {
    const own = this.at[place] as number;
    return own < at || (own === at && (this.order[place] as number) < order);
  }

  private move(from: number, to: number): void {
    this.put(to, this.at[from] as number, this.order[from] as number, this.slots[from] as number);
  }

  private put(place: number, at: number, order: number, slot: number): void {
    this.at[place] = at;
    this.order[place] = order;
    this.slots[place] = slot;
  }

  private newSlot(): number {
    if (this.used === this.free.length) {
      this.free = grown(this.free, 2 * this.used);
      this.cancelled = grown(this.cancelled, 2 * this.used);
    }
    return this.used++;
  }

  private grow(): void {
    this.at = grown(this.at, 2 * this.length);
    this.order = grown(this.order, 2 * this.length);
    this.slots = grown(this.slots, 2 * this.length);
  }
}
