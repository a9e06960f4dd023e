/** What came of one run of a synthetic cluster, all of which was drawn from a number. */
export interface Tried {
  /** The first property that did not hold, by its name, and what was wrong in words. */
  readonly broken: { readonly property: string; readonly says: string } | undefined;
  /** What nodes were given: messages, timeouts, commands. */
  readonly events: number;
  /** What was done to the cluster, in words; in the order in which single ones are left out. */
  readonly faults: readonly string[];
}
