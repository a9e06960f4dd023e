import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromWords, lowerWord, upperWord } from './bits.ts';
import { cos, exp, ln, log2, log10, pow, sin, sqrt } from './math.ts';

const functions: Record<string, (x: number, y: number) => number> = { ln, log2, log10, exp, pow, sin, cos };

const hex = (n: number): string => [upperWord(n), lowerWord(n)].map((word) => word.toString(16).padStart(8, '0')).join('');

const values = readFileSync(new URL('math/values.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => {
    const [name, ...rest] = line.split(' ') as [string, ...string[]];
    return { name, result: rest.pop() as string, x: Number(rest[0]), y: Number(rest[1]) };
  });

/** How many doubles there are from one to the other. */
function steps(a: number, b: number): number {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const place = (n: number): bigint => {
    const bits = (BigInt(upperWord(n)) << 32n) | BigInt(lowerWord(n));
    return bits >> 63n === 0n ? bits : 2n ** 63n - bits;
  };
  const distance = place(a) - place(b);
  return Number(distance < 0n ? -distance : distance);
}

const next = (n: number): number =>
  lowerWord(n) === 0xffff_ffff ? fromWords(upperWord(n) + 1, 0) : fromWords(upperWord(n), lowerWord(n) + 1);

const positive = fc.double({ min: Number.MIN_VALUE, noNaN: true, noDefaultInfinity: true });
/** Holds for thousands of values. */
const holds = <T>(law: fc.IProperty<T>): void => fc.assert(law, { numRuns: 5000 });

describe('the portable functions', () => {
  test.each(Object.keys(functions))('%s gives the double nearest to the true value, to the bit', (name) => {
    const cases = values.filter((value) => value.name === name);
    expect(cases.length).toBeGreaterThanOrEqual(40);
    const function_ = functions[name] as (x: number, y: number) => number;
    expect(cases.map(({ x, y }) => `${x} ${y}: ${hex(function_(x, y))}`)).toEqual(
      cases.map(({ x, y, result }) => `${x} ${y}: ${result}`),
    );
  });

  test.each([
    ['ln', ln, Math.log, fc.double()],
    ['log2', log2, Math.log2, fc.double()],
    ['exp', exp, Math.exp, fc.double({ min: -760, max: 760 })],
    ['exp', exp, Math.exp, fc.double()],
    ['sin', sin, Math.sin, fc.double({ min: -7, max: 7 })],
    ['cos', cos, Math.cos, fc.double({ min: -7, max: 7 })],
    ['sin', sin, Math.sin, fc.double()],
    ['cos', cos, Math.cos, fc.double()],
  ])('%s is within one place of what this engine computes', (_, ours, engines, numbers) => {
    holds(fc.property(numbers, (x) => steps(ours(x), engines(x)) <= 1));
  });

  test('log10 is within two places of what this engine computes: engines err by more than one near 1', () => {
    holds(fc.property(fc.double(), (x) => steps(log10(x), Math.log10(x)) <= 2));
  });

  test.each([
    ['of any numbers', fc.double(), fc.double()],
    ['that are no extremes', fc.double({ min: 0, max: 100 }), fc.double({ min: -150, max: 150 })],
    ['of whole numbers', fc.integer({ min: -100, max: 100 }), fc.integer({ min: -150, max: 150 })],
  ])('pow %s is within one place of what this engine computes', (_, bases, exponents) => {
    holds(fc.property(bases, exponents, (x, y) => steps(pow(x, y), x ** y) <= 1));
  });

  test('have the special values of Math', () => {
    const edges = [0, -0, Infinity, -Infinity, Number.NaN];
    for (const logarithm of [ln, log2, log10]) {
      expect([...edges, -1, 1].map(logarithm)).toEqual([-Infinity, -Infinity, Infinity, Number.NaN, Number.NaN, Number.NaN, 0]);
    }
    expect(edges.map(exp)).toEqual([1, 1, Infinity, 0, Number.NaN]);
    expect(edges.map(sin)).toEqual([0, -0, Number.NaN, Number.NaN, Number.NaN]);
    expect(edges.map(cos)).toEqual([1, 1, Number.NaN, Number.NaN, Number.NaN]);
    const numbers = [...edges, 1, -1, 2, -2, 3, 0.5, -0.5, 1e308, -1e308, 1e-320, 2 ** 53, 2 ** 53 - 1, -(2 ** 53) + 1];
    for (const edge of [...edges, 1]) {
      expect(numbers.map((n) => [n, pow(n, edge), pow(edge, n)])).toEqual(numbers.map((n) => [n, n ** edge, edge ** n]));
    }
  });

  test('are exact where the true value is a double', () => {
    for (let n = -1074; n <= 1023; n++) expect([log2(pow(2, n)), pow(2, n)]).toEqual([n, 2 ** n]);
    for (let n = 0; n <= 22; n++) expect([log10(Number(`1e${n}`)), pow(10, n)]).toEqual([n, Number(`1e${n}`)]);
    holds(
      fc.property(
        fc.integer({ min: 0, max: 94906265 }),
        (n) => pow(n, 2) === n * n && pow(n * n, 0.5) === n && sqrt(n * n) === n,
      ),
    );
  });

  test.each([
    ['ln', ln, positive],
    ['log2', log2, positive],
    ['log10', log10, positive],
    ['exp', exp, fc.double({ min: 0, max: 709, noNaN: true })],
    ['sin', sin, fc.double({ min: 0, max: 1.57, noNaN: true })],
  ])('%s never falls from one double to the next', (_, rising, numbers) => {
    holds(fc.property(numbers, (x) => rising(next(x)) >= rising(x)));
  });

  test('undo each other, as far as a rounded result can tell', () => {
    // An error of half a place in y = ln x is one of |y| half places in exp y.
    const normal = fc.double({ min: 2 ** -1022, max: 2 ** 1023, noNaN: true });
    holds(fc.property(normal, (x) => Math.abs(exp(ln(x)) - x) <= ((Math.abs(ln(x)) + 2) / 2) * Number.EPSILON * x));
  });

  test('are odd or even as they should be', () => {
    holds(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (x) => Object.is(sin(-x), -sin(x)) && cos(-x) === cos(x)),
    );
  });
});
