import { fromWords, lowerWord, upperWord } from '../bits.ts';
import { type Pair, product, productError, quotient, sum, sumError } from './exact.ts';

/** ln 2 in two parts, the first so short that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;

/** 2⁻¹⁰²². */
const SMALLEST_NORMAL = 2.2250738585072014e-308;
const TWO_TO_54 = 18014398509481984;

/** Cells of 1/64 between √½ and √2: ln(j/64) at place j, as a pair. */
const FIRST_CELL = 45;
const LAST_CELL = 91;
const CELL_HIGH = new Float64Array(LAST_CELL + 1);
const CELL_LOW = new Float64Array(LAST_CELL + 1);
for (let j = FIRST_CELL; j <= LAST_CELL; j++) [CELL_HIGH[j], CELL_LOW[j]] = logarithmOfCell(j);

/** ln(j/64) = 2 artanh((j − 64) / (j + 64)), by its power series until a term is below 2⁻¹¹⁰. */
function logarithmOfCell(j: number): Pair {
  const s = quotient([j - 64, 0], j + 64);
  const square = product(s, s);
  let power = s;
  let total = s;
  for (let n = 3; n < 45; n += 2) {
    power = product(power, square);
    total = sum(total, quotient(power, n));
  }
  return sum(total, total);
}

/** Where the low part of the result is left: an array's element, since two results at once would be an allocation. */
const LOW = new Float64Array(1);

export const logarithmLow = (): number => LOW[0] as number;

/**
 * The natural logarithm of a positive finite number, to about 70 bits: returns the result as rounded, and leaves what
 * rounding took away for `logarithmLow`.
 *
 * With x = 2^e · m and c = j/64 the nearest cell, ln x = e ln 2 + ln c + 2 artanh((m − c) / (m + c)), whose argument is so
 * small that four terms of its series do (after P. T. P. Tang, "Table-driven implementation of the logarithm function
 * in IEEE floating-point arithmetic", ACM TOMS 16, 1990).
 */
export function logarithm(x: number): number {
  let exponent = -1023;
  let scaled = x;
  if (x < SMALLEST_NORMAL) {
    scaled = x * TWO_TO_54;
    exponent -= 54;
  }
  const upper = upperWord(scaled);
  exponent += upper >>> 20;
  let m = fromWords((upper & 0xf_ffff) | 0x3ff0_0000, lowerWord(scaled));
  if (m > Math.SQRT2) {
    m /= 2;
    exponent += 1;
  }

  const j = Math.round(m * 64);
  const c = j / 64;
  const difference = m - c; // exact, as two neighbours' is
  const total = m + c;
  const s = difference / total;
  const back = s * total;
  const sLow = (difference - back - productError(s, total, back) - s * sumError(m, c, total)) / total;
  const z = s * s;
  const tail = s * z * (2 / 3 + z * (2 / 5 + z * (2 / 7 + z * (2 / 9)))) + 2 * sLow;

  const whole = exponent * LN2_HIGH;
  const cell = CELL_HIGH[j] as number;
  const large = whole + cell;
  const high = large + 2 * s;
  const low = sumError(whole, cell, large) + sumError(large, 2 * s, high) + (exponent * LN2_LOW + (CELL_LOW[j] as number) + tail);
  const result = high + low;
  LOW[0] = low - (result - high);
  return result;
}
