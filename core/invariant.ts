/**
 * What must hold of all nodes of one protocol together, at every instant: a name from the literature and a function of
 * their plain states.
 */
export interface Invariant<State> {
  readonly name: string;
  /**
   * @param states one per running node
   * @returns what is wrong, in words with the numbers: `term 7 has two leaders, n1 and n4`; undefined while it holds
   */
  violation(states: readonly State[]): string | undefined;
}
