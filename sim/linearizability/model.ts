/**
 * What a history is compared with: an object that takes one operation at a time. It is deterministic, and every input has an
 * outcome in every state.
 *
 * A state is a primitive, so that equal states are the same value.
 */
export interface Model<S extends string | number | null | undefined, I, O> {
  readonly initial: S;
  /** The state after an operation. */
  next(state: S, input: I): S;
  /** What the operation answers, given the state before it; compared with `===`. */
  outcome(state: S, input: I): O;
  /** Whether an operation is sure to have changed nothing, given how it ended, as far as that is known. */
  observes(input: I, outcome: O | undefined): boolean;
  /** Equal for inputs that do the same in every state. */
  label(input: I): string;
}

/**
 * One operation of a history.
 *
 * `invoked` and `returned` are places in one order of everything that happened; intervals are closed, so an operation that is
 * invoked where another one returns is concurrent with it.
 */
export interface Operation<I, O> {
  readonly input: I;
  readonly invoked: number;
  /** Absent when nobody knows how it ended: it may take effect at any time from `invoked` on, once or never. */
  readonly done?: { readonly outcome: O; readonly returned: number };
}

/** When an operation returned; never, as far as anybody knows, if its outcome is unknown. */
export const returnOf = ({ done }: { readonly done?: { readonly returned: number } }): number =>
  done?.returned ?? Number.POSITIVE_INFINITY;

/** What a search may cost before it is given up; both are counts, so that giving up is as deterministic as the rest. */
export interface Limits {
  /** Operations that are tried. */
  readonly steps: number;
  /** Configurations that are remembered; each takes about 100 bytes. */
  readonly memory: number;
}
