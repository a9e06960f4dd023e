/** Told when the state has changed, with what it was when last told. */
export type Listener<S> = (state: S, before: S) => void;

/**
 * The one place of everything that may change in the page. Changes are gathered and shown together before the next frame is drawn, so
 * that a view is drawn at most once a frame, however often the state was set.
 */
export class Store<S extends object> {
  private current: S;
  private shown: S;
  private readonly listeners: Listener<S>[] = [];
  private waiting = false;

  constructor(initial: S) {
    this.current = initial;
    this.shown = initial;
  }

  get state(): S {
    return this.current;
  }

  set(change: Partial<S>): void {
    this.current = { ...this.current, ...change };
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.show());
  }

  /** Calls the listener once now, and from now on after changes. */
  watch(listener: Listener<S>): void {
    this.listeners.push(listener);
    listener(this.current, this.current);
  }

  private show(): void {
    this.waiting = false;
    const before = this.shown;
    this.shown = this.current;
    for (const listener of this.listeners) listener(this.shown, before);
  }
}
