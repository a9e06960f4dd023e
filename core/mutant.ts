/** A protocol's bug on purpose: one of its rules swapped for a wrong one, to prove that the checks notice. */
export interface Mutant<Rules> {
  readonly name: string;
  /** What is wrong with it, where it was seen, and what it takes to show. */
  readonly bug: string;
  /** The wrong rules; the others stay. */
  readonly rules: Partial<Rules>;
  /** The name of the invariant, or other check, that must notice. */
  readonly noticedBy: string;
}
