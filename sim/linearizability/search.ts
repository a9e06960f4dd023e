import { Candidates } from './candidates.ts';
import type { Limits, Model, Operation } from './model.ts';

/** How things may stand at some moment: the object's state, and which operations, as places in the history, led to it already. */
export interface Standing<S> {
  readonly state: S;
  readonly taken: readonly number[];
}

/** What a search came to; operations are named by their places in the history. */
export type Answer =
  | { readonly verdict: 'linearizable'; readonly order: readonly number[] }
  /** `furthest`: the longest order that holds, of those up to 256 operations. */
  | { readonly verdict: 'violated'; readonly furthest: readonly number[] }
  | Undecided;

/** A search that was given up. */
export interface Undecided {
  readonly verdict: 'undecided';
  readonly because: 'steps' | 'memory';
}

/**
 * Looks for an order of operations that respects real time and explains every outcome (Wing and Gong), never entering a
 * configuration twice (Lowe).
 *
 * A configuration is the set of operations in order so far and the state they lead to. As the first operation to return must come
 * before all that were invoked later, the set is: everything that returned before some operation, and a few that were under
 * way when that one returned, at most one a client. So a configuration is small however long the history is.
 *
 * Operations of unknown outcome may be left out. One that changes nothing is: leaving it out allows all that follows, and more.
 *
 * @param history all operations on one object, in any order
 * @param starts how things may have stood before; the model's initial state when absent
 */
export function search<S extends string | number | null | undefined, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
  limits: Limits,
  starts?: readonly Standing<S>[],
): Answer {
  const walk = new Walk(model, new Candidates(history, (input) => model.label(input)), limits);
  for (const start of starts ?? [{ state: model.initial, taken: [] }]) {
    const result = walk.from(start);
    if (result === 'found') return { verdict: 'linearizable', order: walk.order() };
    if (result !== 'exhausted') return { verdict: 'undecided', because: result };
  }
  return { verdict: 'violated', furthest: walk.furthest };
}

/** Looks for all ways in which things may stand when everything that returned before `until` has taken effect. */
export function standings<S extends string | number | null | undefined, I, O>(
  model: Model<S, I, O>,
  history: readonly Operation<I, O>[],
  limits: Limits,
  starts: readonly Standing<S>[],
  until: number,
): { readonly ends: readonly Standing<S>[]; readonly steps: number } | Undecided {
  const walk = new Walk(model, new Candidates(history, (input) => model.label(input), until), limits, true);
  for (const start of starts) {
    const result = walk.from(start);
    if (result === 'steps' || result === 'memory') return { verdict: 'undecided', because: result };
  }
  return walk;
}

/** Longer orders are not kept: nobody reads them, and copying each would cost more than the search. */
const MOST_SHOWN = 256;

/** A depth-first walk through the configurations of one history. */
class Walk<S extends string | number | null | undefined, I, O> {
  /** The longest order that held, and what all complete orders led to. */
  furthest: readonly number[] = [];
  readonly ends: Standing<S>[] = [];

  private readonly model: Model<S, I, O>;
  private readonly candidates: Candidates<I, O>;
  private readonly limits: Limits;
  /** Whether to look for all complete orders, and not for one. */
  private readonly all: boolean;
  private readonly seen = new Set<string>();
  private readonly ids = new Map<S, number>();
  steps = 0;

  // The path from the start to here: what was chosen, and how things were before.
  private readonly chosen: number[] = [];
  private readonly states: S[] = [];
  private readonly firsts: number[] = [];
  private readonly tried: number[] = [];

  constructor(model: Model<S, I, O>, candidates: Candidates<I, O>, limits: Limits, all = false) {
    this.model = model;
    this.candidates = candidates;
    this.limits = limits;
    this.all = all;
  }

  /** The operations on the path, as places in the history. */
  order(): number[] {
    return this.chosen.map((number) => this.candidates.place(number));
  }

  from(start: Standing<S>): 'found' | 'exhausted' | 'steps' | 'memory' {
    const { candidates, chosen, states, firsts, tried } = this;
    candidates.begin(start.taken);
    let { state } = start;
    let next = 0;
    for (;;) {
      if (candidates.complete && next === 0) {
        if (!this.all) return 'found';
        this.ends.push({ state, taken: candidates.surplus() });
      }
      const choice = this.choose(state, next);
      if (choice === 'steps' || choice === 'memory') return choice;
      if (choice !== undefined) {
        chosen.push(candidates.at(choice, this.before));
        states.push(state);
        firsts.push(this.before);
        tried.push(choice + 1);
        state = this.after as S;
        next = 0;
        continue;
      }
      if (!this.all && chosen.length > this.furthest.length && chosen.length <= MOST_SHOWN) this.furthest = this.order();
      const back = chosen.pop();
      if (back === undefined) return 'exhausted';
      candidates.restore(back, firsts.pop() as number);
      state = states.pop() as S;
      next = tried.pop() as number;
    }
  }

  /** What `choose` found: the state after it, and where the candidates stood before. */
  private after: S | undefined;
  private before = 0;

  /** Takes the first candidate, from the given one on, that explains its outcome and leads somewhere new. */
  private choose(state: S, first: number): number | 'steps' | 'memory' | undefined {
    const { candidates, model } = this;
    for (let i = first; i < candidates.count; i++) {
      const number = candidates.at(i, candidates.first);
      if (!candidates.mayCome(number)) continue;
      if (++this.steps > this.limits.steps) return 'steps';
      const { input, done } = candidates.operation(number);
      if (done !== undefined && model.outcome(state, input) !== done.outcome) continue;
      const after = model.next(state, input);
      if (done === undefined && after === state) continue;
      const before = candidates.first;
      candidates.take(number);
      const key = `${this.id(after)}:${candidates.key()}`;
      if (this.seen.has(key)) {
        candidates.restore(number, before);
        continue;
      }
      if (this.seen.size >= this.limits.memory) return 'memory';
      this.seen.add(key);
      this.after = after;
      this.before = before;
      return i;
    }
    return undefined;
  }

  private id(state: S): number {
    let id = this.ids.get(state);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(state, id);
    }
    return id;
  }
}
