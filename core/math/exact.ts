/*
 * What rounding took away. A sum or product of two doubles and its rounding error are together exact, so a number can be
 * kept as a pair of doubles of about 106 bits (T. J. Dekker, "A floating-point technique for extending the available
 * precision", 1971; D. E. Knuth, "The Art of Computer Programming" vol. 2, §4.2.2). Only + − × are used, which IEEE 754
 * defines to the last bit and JavaScript never fuses.
 */

/** `a + b − sum` exactly, where `sum` is `a + b` as rounded. */
export function sumError(a: number, b: number, sum: number): number {
  const bInSum = sum - a;
  return a - (sum - bInSum) + (b - bInSum);
}

/** 2²⁷ + 1 splits a double into two halves of 26 bits. */
const SPLITTER = 0x8_00_00_01;

/** `a × b − product` exactly, where `product` is `a × b` as rounded and neither factor is beyond 2⁹⁹⁶. */
export function productError(a: number, b: number, product: number): number {
  const aScaled = SPLITTER * a;
  const aHigh = aScaled - (aScaled - a);
  const aLow = a - aHigh;
  const bScaled = SPLITTER * b;
  const bHigh = bScaled - (bScaled - b);
  const bLow = b - bHigh;
  return aHigh * bHigh - product + aHigh * bLow + aLow * bHigh + aLow * bLow;
}

/** The sum of both parts, of which the second is small against the first. */
export type Pair = readonly [high: number, low: number];

const normal = (high: number, low: number): Pair => [high + low, sumError(high, low, high + low)];

export function sum([a, aLow]: Pair, [b, bLow]: Pair): Pair {
  return normal(a + b, sumError(a, b, a + b) + aLow + bLow);
}

export function product([a, aLow]: Pair, [b, bLow]: Pair): Pair {
  return normal(a * b, productError(a, b, a * b) + a * bLow + aLow * b);
}

/** The quotient of a pair and a number that is no larger than 2⁹⁹⁶. */
export function quotient([a, aLow]: Pair, b: number): Pair {
  const high = a / b;
  const back = high * b;
  return normal(high, (a - back - productError(high, b, back) + aLow) / b);
}
