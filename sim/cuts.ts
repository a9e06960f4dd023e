/** One direction between two nodes, not necessarily neighbours. */
export type Direction = readonly [from: number, to: number];

interface CutsState {
  /** Directions that carry nothing, each as from · nodes + to. */
  readonly cut: Set<number>;
}

/** Which directions between nodes a scenario has cut at the moment. */
export class Cuts {
  readonly state: CutsState = { cut: new Set() };

  private readonly nodes: number;

  constructor(nodes: number) {
    this.nodes = nodes;
  }

  cut(directions: Iterable<Direction>): void {
    for (const [from, to] of directions) this.state.cut.add(from * this.nodes + to);
  }

  heal(directions: Iterable<Direction>): void {
    for (const [from, to] of directions) this.state.cut.delete(from * this.nodes + to);
  }

  healAll(): void {
    this.state.cut.clear();
  }

  /** Whether a direction carries nothing. */
  isCut(from: number, to: number): boolean {
    return this.state.cut.has(from * this.nodes + to);
  }

  /**
   * Whether a packet is stopped at this crossing: its link is cut, or it sets out on a way between two nodes that is.
   *
   * @param destination the node it is addressed to; negative for a group
   */
  stops(source: number, destination: number, hopFrom: number, hopTo: number, hop: number): boolean {
    const { cut } = this.state;
    if (cut.size === 0) return false;
    return cut.has(hopFrom * this.nodes + hopTo) || (hop === 0 && destination >= 0 && cut.has(source * this.nodes + destination));
  }
}
