/** Probability that at least one of several frames is lost, each with probability `loss` for itself. */
export function anyLost(loss: number, frames: number): number {
  let all = 1;
  for (let i = 0; i < frames; i++) all *= 1 - loss;
  return 1 - all;
}

/**
 * How many of `frames` are lost, from one uniform number in [0, 1): the binomial distribution read backwards.
 *
 * @param frames at most `FRAMES_AT_ONCE`, so that no term of the sum underflows for a loss below 99.99 %
 */
export function countLost(loss: number, frames: number, fraction: number): number {
  if (loss >= 1) return frames;
  let term = 1;
  for (let i = 0; i < frames; i++) term *= 1 - loss;
  const odds = loss / (1 - loss);
  let sum = term;
  let lost = 0;
  while (fraction >= sum && lost < frames) {
    term *= (odds * (frames - lost)) / (lost + 1);
    lost++;
    sum += term;
  }
  return lost;
}

export const FRAMES_AT_ONCE = 64;
