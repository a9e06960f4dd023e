import { z } from 'zod';
import { LARGEST_DRIFT } from '../../host/clock.ts';
import { readDrift, readRate, readSize } from '../quantity.ts';
import { quote, readable } from './field.ts';

function probabilitySays(value: unknown): string {
  const percent =
    typeof value === 'string'
      ? Number(/^(\d+(?:\.\d+)?) ?%?$/.exec(value)?.[1] ?? Number.NaN)
      : typeof value === 'number'
        ? value
        : Number.NaN;
  const expected = `Expected a probability from 0 to 1, got ${quote(value)}.`;
  if (typeof value === 'string' && percent <= 1 && !value.endsWith('%')) return `${expected}\nWrite the number without quotes.`;
  return percent >= 0 && percent <= 100
    ? `${expected}\nWrite ${Number((percent / 100).toPrecision(12))} for ${percent} %.`
    : expected;
}

export const probability = z
  .number({ error: (issue) => probabilitySays(issue.input) })
  .refine((value) => value >= 0 && value <= 1, { error: (issue) => probabilitySays(issue.input) })
  .meta({ minimum: 0, maximum: 1 });

export const rate = readable(
  readRate,
  (value) => `Expected a rate in bits per second such as 100Mbit or 1Gbit, got ${quote(value)}.`,
  ['100Mbit', '1Gbit'],
);
export const drift = readable(
  (text) => {
    const ppm = readDrift(text);
    return ppm === undefined || Math.abs(ppm) > LARGEST_DRIFT ? undefined : ppm;
  },
  (value) => `Expected a drift from -${LARGEST_DRIFT}ppm to ${LARGEST_DRIFT}ppm, such as 50ppm, got ${quote(value)}.`,
  ['50ppm', '-20ppm'],
);

const sizeSays = (value: unknown) => `Expected a size such as 64KiB or a number of bytes, got ${quote(value)}.`;
export const size = z
  .union([z.string().meta({ examples: ['64KiB', '1MB'] }), z.number()], { error: (issue) => sizeSays(issue.input) })
  .refine((value) => readSize(value) !== undefined, { error: (issue) => sizeSays(issue.input) });

/** A whole number within bounds. */
export function whole(what: string, min: number, max: number) {
  const says = (value: unknown) => `Expected ${what} from ${min} to ${max}, got ${quote(value)}.`;
  return z
    .number({ error: (issue) => says(issue.input) })
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, { error: (issue) => says(issue.input) })
    .meta({ type: 'integer', minimum: min, maximum: max });
}
