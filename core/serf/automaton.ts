/** Whether a character, a code point as text, is one of some. */
export type Test = (character: string) => boolean;

/** One step of matching. Where it goes on is told from its own place. */
export type Step =
  | { readonly op: 'character'; readonly test: Test }
  | { readonly op: 'assert'; readonly holds: (before: string | undefined, after: string | undefined) => boolean }
  | { readonly op: 'jump'; readonly to: number }
  | { readonly op: 'split'; readonly to: readonly [number, number] }
  | { readonly op: 'match' };

/**
 * Follows all ways to match at the same time (K. Thompson, "Regular Expression Search Algorithm", 1968), so that the time is at
 * most the length of the text times that of the expression.
 */
export class MatchProgram {
  private readonly steps: readonly Step[];

  constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  found(text: string): boolean {
    const characters = [...text];
    let waiting: number[] = [];
    for (let place = 0; place <= characters.length; place++) {
      const before = characters[place - 1];
      const after = characters[place];
      const reached = new Set<number>();
      // A match may begin anywhere.
      const starts = [...waiting, 0];
      if (this.follow(starts, before, after, reached)) return true;
      if (after === undefined) return false;
      waiting = this.advance(reached, after);
    }
    return false;
  }

  /** All steps that can be reached without a character. @returns whether the end is one of them */
  private follow(
    starts: readonly number[],
    before: string | undefined,
    after: string | undefined,
    reached: Set<number>,
  ): boolean {
    const open = [...starts];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (reached.has(at)) continue;
      reached.add(at);
      const step = this.steps[at] as Step;
      if (step.op === 'match') return true;
      if (step.op === 'jump') open.push(at + step.to);
      else if (step.op === 'split') open.push(at + step.to[0], at + step.to[1]);
      else if (step.op === 'assert' && step.holds(before, after)) open.push(at + 1);
    }
    return false;
  }

  private advance(reached: ReadonlySet<number>, character: string): number[] {
    const next: number[] = [];
    for (const at of reached) {
      const step = this.steps[at] as Step;
      if (step.op === 'character' && step.test(character)) next.push(at + 1);
    }
    return next;
  }
}
