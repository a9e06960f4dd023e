import type { Instant } from '../../core/time.ts';

/** The part of a simulation's state that the queue keeps: plain data. */
export interface QueueState {
  at: Float64Array;
  order: Float64Array;
  cancelled: Uint8Array;
  heap: number[];
  free: number[];
  scheduled: number;
  slots: number;
  pending: number;
}

export const emptyQueue = (): QueueState => ({
  at: new Float64Array(16),
  order: new Float64Array(16),
  cancelled: new Uint8Array(16),
  heap: [],
  free: [],
  scheduled: 0,
  slots: 0,
  pending: 0,
});

/** Pending events in exact (instant, order of scheduling). */
export class EventQueue {
  readonly state: QueueState;

  constructor(state: QueueState) {
    this.state = state;
  }

  get pending(): number {
    return this.state.pending;
  }

  push(at: Instant): number {
    const state = this.state;
    const slot = state.free.pop() ?? state.slots++;
    if (slot >= state.at.length) grow(state);
    state.at[slot] = at;
    state.order[slot] = state.scheduled++;
    state.cancelled[slot] = 0;
    state.pending++;
    const heap = state.heap;
    let place = heap.length;
    heap.push(slot);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent] as number;
      if (!this.before(slot, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = slot;
    return slot;
  }

  cancel(slot: number): void {
    this.state.cancelled[slot] = 1;
    this.state.pending--;
  }

  /** The instant of the earliest event, or Infinity. */
  next(): Instant {
    const { heap, cancelled, at } = this.state;
    while (heap.length > 0 && cancelled[heap[0] as number] === 1) this.remove();
    return (heap.length === 0 ? Number.POSITIVE_INFINITY : at[heap[0] as number]) as Instant;
  }

  /** Takes the earliest event; −1 when there is none. Its slot may be reused by the next push. */
  pop(): number {
    if (this.next() === Number.POSITIVE_INFINITY) return -1;
    this.state.pending--;
    return this.remove();
  }

  private remove(): number {
    const { heap, free } = this.state;
    const first = heap[0] as number;
    const last = heap.pop() as number;
    const length = heap.length;
    if (length > 0) {
      let place = 0;
      for (;;) {
        let child = 2 * place + 1;
        if (child >= length) break;
        if (child + 1 < length && this.before(heap[child + 1] as number, heap[child] as number)) child++;
        if (!this.before(heap[child] as number, last)) break;
        heap[place] = heap[child] as number;
        place = child;
      }
      heap[place] = last;
    }
    free.push(first);
    return first;
  }

  private before(a: number, b: number): boolean {
    const { at, order } = this.state;
    const first = at[a] as number;
    const second = at[b] as number;
    return first < second || (first === second && (order[a] as number) < (order[b] as number));
  }
}

function grow(state: QueueState): void {
  const length = state.at.length * 2;
  const at = new Float64Array(length);
  at.set(state.at);
  state.at = at;
  const order = new Float64Array(length);
  order.set(state.order);
  state.order = order;
  const cancelled = new Uint8Array(length);
  cancelled.set(state.cancelled);
  state.cancelled = cancelled;
}
