import { lowerWord, upperWord } from '../bits.ts';
import { productError, sumError } from './exact.ts';

/** π/2 in three parts, the first two so short that their products with a number below 64 are exact. */
const QUARTER_HIGH = 1.5707963267948912;
const QUARTER_MIDDLE = 5.3903028581581316e-15;
const QUARTER_LOW = -1.2536990206932499e-29;

/** Beyond this a turn is reduced in whole numbers instead. */
const SMALL = 95;

/** sin(h + l) for |h| ≤ π/4, by its power series; the terms that matter for the last place in twice the precision. */
function sine(h: number, l: number): number {
  const z = h * h;
  const zLow = productError(h, h, z) + 2 * h * l;
  const cube = h * z;
  const cubeLow = productError(h, z, cube) + h * zLow + l * z;
  const sixth = cube / 6;
  const back = sixth * 6;
  const sixthLow = (cube - back - productError(sixth, 6, back) + cubeLow) / 6;
  const q =
    1 / 120 +
    z *
      (-1 / 5040 +
        z * (1 / 362880 + z * (-1 / 39916800 + z * (1 / 6227020800 + z * (-1 / 1307674368000 + z / 355687428096000)))));
  const high = h - sixth;
  return high + (sumError(h, -sixth, high) + (l - sixthLow) + cube * z * q);
}

/** cos(h + l) for |h| ≤ π/4, likewise. */
function cosine(h: number, l: number): number {
  const z = h * h;
  const zLow = productError(h, h, z) + 2 * h * l;
  const q =
    1 / 24 +
    z * (-1 / 720 + z * (1 / 40320 + z * (-1 / 3628800 + z * (1 / 479001600 + z * (-1 / 87178291200 + z / 20922789888000)))));
  const high = 1 - z / 2;
  return high + (sumError(1, -z / 2, high) - zLow / 2 + z * z * q);
}

/** The four quarters of a turn in which a cosine runs; a sine is three quarters ahead of it. */
function cosineInQuarter(quarter: number, h: number, l: number): number {
  switch (quarter & 3) {
    case 0:
      return cosine(h, l);
    case 1:
      return -sine(h, l);
    case 2:
      return -cosine(h, l);
    default:
      return sine(h, l);
  }
}

/**
 * cos(x − ahead · π/2) for x ≥ 0 and finite: x = n · π/2 + r with |r| ≤ π/4, in parts (W. J. Cody and W. Waite, "Software
 * Manual for the Elementary Functions", 1980).
 */
export function cosineOf(x: number, ahead: number): number {
  if (x > SMALL) return cosineOfLarge(x, ahead);
  const n = Math.round(x / (Math.PI / 2));
  const first = x - n * QUARTER_HIGH; // exact
  const middle = n * QUARTER_MIDDLE;
  const second = first - middle;
  const low = sumError(first, -middle, second) - n * QUARTER_LOW;
  const h = second + low;
  return cosineInQuarter(n - ahead, h, low - (h - second));
}

/** Whole numbers of this many bits after the point: enough for the largest double, times one that comes within 2⁻⁶² of a quarter. */
const BITS = 1200n;
/** 2⁻²⁰⁰, the worth of the last place that is kept of what remains. */
const LAST_PLACE = 6.223015277861142e-61;
let quarterTurn: bigint | undefined;

function cosineOfLarge(x: number, ahead: number): number {
  quarterTurn ??= computeQuarterTurn();
  const upper = upperWord(x);
  const mantissa = (BigInt((upper & 0xf_ffff) | 0x10_0000) << 32n) | BigInt(lowerWord(x));
  const scaled = mantissa << (BITS + BigInt((upper >>> 20) - 1023 - 52));
  const n = (scaled + quarterTurn / 2n) / quarterTurn;
  const rest = (scaled - n * quarterTurn) >> 1000n; // 200 bits after the point are left
  const h = Number(rest);
  const l = Number(rest - BigInt(h));
  return cosineInQuarter(Number(n & 3n) - ahead, h * LAST_PLACE, l * LAST_PLACE);
}

/** π/2 = 8 arctan(1/5) − 2 arctan(1/239) (J. Machin, 1706). */
function computeQuarterTurn(): bigint {
  const guard = 32n;
  const one = 1n << (BITS + guard);
  return (8n * arctanOfInverse(5n, one) - 2n * arctanOfInverse(239n, one)) >> guard;
}

function arctanOfInverse(n: bigint, one: bigint): bigint {
  let total = 0n;
  let sign = 1n;
  let divisor = 1n;
  for (let power = one / n; power > 0n; power /= n * n) {
    total += (sign * power) / divisor;
    sign = -sign;
    divisor += 2n;
  }
  return total;
}
