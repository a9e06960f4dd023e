import type { Instant } from '../time.ts';

interface Due {
  readonly at: Instant;
  readonly order: number;
  readonly act: () => void;
}

/** What is to happen, earliest first; of what is due at one instant, what was added first: a binary heap. */
export class Agenda {
  private readonly heap: Due[] = [];
  private orders = 0;

  add(at: Instant, act: () => void): void {
    const { heap } = this;
    const due = { at, order: this.orders++, act };
    let place = heap.length;
    heap.push(due);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      const above = heap[parent] as Due;
      if (!isBefore(due, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = due;
  }

  /** The next that is due until then. */
  take(end: Instant): Due | undefined {
    const { heap } = this;
    const first = heap[0];
    if (first === undefined || first.at > end) return undefined;
    const last = heap.pop() as Due;
    if (heap.length > 0) this.sink(last);
    return first;
  }

  private sink(due: Due): void {
    const { heap } = this;
    const { length } = heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
      if (!isBefore(heap[child] as Due, due)) break;
      heap[place] = heap[child] as Due;
      place = child;
    }
    heap[place] = due;
  }
}

const isBefore = (one: Due, other: Due): boolean => one.at < other.at || (one.at === other.at && one.order < other.order);
