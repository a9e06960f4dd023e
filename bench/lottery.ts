/**
 * The same numbers for each contestant, drawn before the measuring begins: a linear congruential generator, which is good enough to
 * load a queue evenly.
 */
export class Lottery {
  private state = 12_345;

  /** Uniform in [0, 1). */
  fraction(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) | 0;
    return (this.state >>> 0) / 2 ** 32;
  }

  table(length: number, draw: (fraction: number) => number): Float64Array {
    return Float64Array.from({ length }, () => draw(this.fraction()));
  }
}
