import { cosineOf } from './math/circle.ts';
import { productError } from './math/exact.ts';
import { exponential } from './math/exponential.ts';
import { logarithm, logarithmLow } from './math/logarithm.ts';

/*
 * The functions of `Math` that engines may compute as they like, made of + − × / alone, so that every engine gives the
 * same bits. Each result is within 0.56 units of the last place of the true value (subnormal results: within 1), and so
 * almost always the nearest double; exact where the true value is a double. Special values are as `Math` has them.
 */

/** 2⁻²⁷: below, the sine of a number is that number, since x³/6 is less than half its last place. */
const TINY = 7.450580596923828e-9;

/** IEEE 754 defines a square root to the last bit. */
export const sqrt = Math.sqrt;

/** The natural logarithm: −Infinity for 0, NaN below. */
export function ln(x: number): number {
  return x > 0 && x < Number.POSITIVE_INFINITY ? logarithm(x) : logarithmAtEdge(x);
}

/** The logarithm to base 2; exact for powers of 2. */
export function log2(x: number): number {
  return logarithmTimes(x, Math.LOG2E, 2.0355273740931033e-17);
}

/** The logarithm to base 10; exact for powers of 10. */
export function log10(x: number): number {
  return logarithmTimes(x, Math.LOG10E, 1.098319650216765e-17);
}

function logarithmTimes(x: number, factor: number, factorLow: number): number {
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return logarithmAtEdge(x);
  const high = logarithm(x);
  const result = high * factor;
  return result + (productError(high, factor, result) + (high * factorLow + logarithmLow() * factor));
}

function logarithmAtEdge(x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  return x > 0 ? x : Number.NaN;
}

/** e to the power of x. */
export function exp(x: number): number {
  return Number.isNaN(x) ? x : exponential(x, 0);
}

/** `base` to the power of `exponent`: NaN for a negative base with a fraction as exponent, and for ±1 with an infinite one. */
export function pow(base: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (Number.isNaN(base) || Number.isNaN(exponent)) return Number.NaN;
  const size = Math.abs(base);
  const isOdd = Math.abs(exponent % 2) === 1;
  const sign = isOdd && (base < 0 || Object.is(base, -0)) ? -1 : 1;
  if (size === 0 || size === Number.POSITIVE_INFINITY)
    return sign * ((size === 0) === exponent > 0 ? 0 : Number.POSITIVE_INFINITY);
  if (base < 0 && !Number.isInteger(exponent) && Number.isFinite(exponent)) return Number.NaN;
  if (size === 1) return Number.isFinite(exponent) ? sign : Number.NaN;
  // Beyond this even the numbers next to 1 come to 0 or infinity.
  if (Math.abs(exponent) > 1e20) return size > 1 === exponent > 0 ? Number.POSITIVE_INFINITY : 0;
  const high = logarithm(size);
  const product = high * exponent;
  return sign * exponential(product, productError(high, exponent, product) + logarithmLow() * exponent);
}

/** The sine of an angle in radians. Beyond a few turns it takes microseconds. */
export function sin(x: number): number {
  if (Math.abs(x) < TINY || !Number.isFinite(x)) return Number.isFinite(x) ? x : Number.NaN;
  return x < 0 ? -cosineOf(-x, 1) : cosineOf(x, 1);
}

/** The cosine of an angle in radians. Beyond a few turns it takes microseconds. */
export function cos(x: number): number {
  return Number.isFinite(x) ? cosineOf(Math.abs(x), 0) : Number.NaN;
}
