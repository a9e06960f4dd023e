/** Told when the state has changed, with what it was when last told. */
export type Listener<S> = (state: S, before: S) => void;

/** Milliseconds of a frame after which what can wait is left to the next one: half a frame, so that the other half is there to paint it. */
const BUDGET_MS = 8;

/**
 * The one place of everything that may change in the page. Changes are gathered and shown together before the next frame is drawn, so
 * that a view is drawn at most once a frame, however often the state was set.
 *
 * What must not lag behind the hand is drawn in that frame; the rest in the order in which it began to wait, as far as the frame has time. So
 * somebody who scrubs sees each frame, and the rest as it comes.
 */
export class Store<S extends object> {
  private current: S;
  private shown: S;
  private readonly listeners: Listener<S>[] = [];
  /** What is still to be done, each piece by its owner. */
  private readonly queue = new Map<unknown, () => void>();
  private readonly followers: { readonly listener: Listener<S>; told: S }[] = [];
  private readonly settled: (settled: boolean) => void;
  private changed = false;
  private waiting = false;

  /** @param settled told whether all that follows from the last change is drawn, when that becomes another */
  constructor(initial: S, settled: (settled: boolean) => void = () => undefined) {
    this.current = initial;
    this.shown = initial;
    this.settled = settled;
  }

  get state(): S {
    return this.current;
  }

  set(change: Partial<S>): void {
    this.current = { ...this.current, ...change };
    this.changed = true;
    this.wait();
  }

  /** Calls the listener once now, and from now on after changes, in the next frame. */
  watch(listener: Listener<S>): void {
    this.listeners.push(listener);
    listener(this.current, this.current);
  }

  /** The same for what may come some frames later: it is told of the last state, and misses those in between. */
  follow(listener: Listener<S>): void {
    this.followers.push({ listener, told: this.current });
    listener(this.current, this.current);
  }

  /**
   * Does something when a frame has time for it. Work of more than a few milliseconds does a part, and asks for the next.
   *
   * @param owner whose work it is: it takes the place of what the same one wanted before
   */
  later(owner: unknown, work: () => void): void {
    this.queue.set(owner, work);
    this.wait();
  }

  /** The owner wants nothing done any more. */
  drop(owner: unknown): void {
    this.queue.delete(owner);
  }

  private wait(): void {
    if (this.waiting) return;
    this.waiting = true;
    this.settled(false);
    requestAnimationFrame(() => this.frame());
  }

  private frame(): void {
    const start = performance.now();
    this.waiting = false;
    if (this.changed) this.show();
    // At least one piece, so that what waits gets its turn while the hand moves on.
    for (const [owner, work] of this.queue) {
      this.queue.delete(owner);
      work();
      if (performance.now() - start >= BUDGET_MS) break;
    }
    if (this.queue.size > 0 || this.changed) this.wait();
    else if (!this.waiting) this.settled(true);
  }

  private show(): void {
    this.changed = false;
    const before = this.shown;
    this.shown = this.current;
    for (const listener of this.listeners) listener(this.shown, before);
    for (const follower of this.followers) {
      // One that waits already keeps its place.
      if (this.queue.has(follower)) continue;
      this.queue.set(follower, () => {
        const { told } = follower;
        follower.told = this.current;
        follower.listener(this.current, told);
      });
    }
  }
}
