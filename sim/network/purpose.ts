/** What a stateless draw of the network is for; the adversary's own purposes start at 1 000. */
export const Purpose = {
  loss: 1,
  burstLoss: 2,
  corrupt: 3,
  duplicate: 4,
  reorder: 5,
  /** Two numbers each. */
  delay: 6,
  reorderDelay: 8,
  copyDelay: 10,
  burstSlot: 12,
  /** How long a neighbour entry stays reachable. */
  reachable: 13,
} as const;
