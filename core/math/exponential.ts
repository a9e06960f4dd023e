import { fromWords } from '../bits.ts';
import { type Pair, product, quotient, sum } from './exact.ts';

const LN2: Pair = [Math.LN2, 2.3190468138462996e-17];
const STEPS_PER_UNIT = 92.33248261689366; // 64 / ln 2
/** ln 2 / 64 in two parts, the first so short that its product with a number of steps is exact. */
const STEP_HIGH = 0.010830424696450791;
const STEP_LOW = -2.0164562921995537e-13;

/** 2^(j/64) at place j, as a pair. */
const POWER_HIGH = new Float64Array(64);
const POWER_LOW = new Float64Array(64);
for (let j = 0; j < 64; j++) [POWER_HIGH[j], POWER_LOW[j]] = powerOfStep(j);

/** exp(j ln 2 / 64), by its power series until a term is below 2⁻¹¹⁰. */
function powerOfStep(j: number): Pair {
  const x = quotient(product(LN2, [j, 0]), 64);
  let term: Pair = [1, 0];
  let total = term;
  for (let n = 1; n < 28; n++) {
    term = quotient(product(term, x), n);
    total = sum(total, term);
  }
  return total;
}

/** n · 2^exponent, which may be subnormal or infinite; `n` from 1 to 2. */
function scale(n: number, exponent: number): number {
  if (exponent > -1023 && exponent < 1024) return n * fromWords((exponent + 1023) << 20, 0);
  const half = exponent >> 1;
  return n * fromWords((half + 1023) << 20, 0) * fromWords((exponent - half + 1023) << 20, 0);
}

/**
 * exp(high + low), within 0.51 units of the last place where the result is not subnormal.
 *
 * With n the nearest whole number of steps, exp x = 2^(n/64) · exp(r), where r is so small that six terms of the series
 * do (after P. T. P. Tang, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic",
 * ACM TOMS 15, 1989).
 *
 * @param high no NaN
 * @param low small against `high`
 */
export function exponential(high: number, low: number): number {
  if (high > 709.79) return Number.POSITIVE_INFINITY;
  if (high < -745.14) return 0;
  const n = Math.round(high * STEPS_PER_UNIT);
  const r = high - n * STEP_HIGH - n * STEP_LOW + low;
  const rest = r + r * r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120 + r * (1 / 720)))));
  const j = n & 63;
  const power = POWER_HIGH[j] as number;
  return scale(power + ((POWER_LOW[j] as number) + power * rest), (n - j) / 64);
}
