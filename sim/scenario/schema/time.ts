import { z } from 'zod';
import { parseWallClock } from '../../host/clock.ts';
import { type Delay, readDelay, readSignedTime, readTime, type Time } from '../quantity.ts';
import { mapping, quote, readable } from './field.ts';

const TIME = /^(?:(?:\d+(?:\.\d+)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h|d))+$/;
const UNITS = '(?:ns|us|µs|μs|ms|s|m|h|d)';
const TIME_PATTERN = `^(?:0|(?:(?:\\d+(?:\\.\\d+)?|\\.\\d+)${UNITS})+)$`;

function timeSays(value: unknown, example = '200ms, 1.5s or 10m'): string {
  if (typeof value === 'number' && value > 0)
    return `Expected a time with its unit, got ${value}.\nWrite ${value}s for seconds or ${value}ms for milliseconds.`;
  if (typeof value === 'string' && TIME.test(value)) {
    return `${value} is beyond the 104 days that virtual time can count.\nTimes are exact to the nanosecond, so a run ends after 104 days at the latest.`;
  }
  if (typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value))
    return `Expected a time with its unit, got ${quote(value)}.\nWrite ${value}s for seconds or ${value}ms for milliseconds.`;
  return `Expected a time such as ${example}, got ${quote(value)}.`;
}

const timeText = z.string().meta({ pattern: TIME_PATTERN, examples: ['200ms', '1.5s', '10m', '1h30m'] });

/** A time from 0 to 104 days. */
export const time = z
  .union([timeText, z.literal(0)], { error: (issue) => timeSays(issue.input) })
  .refine((value) => readTime(value) !== undefined, { error: (issue) => timeSays(issue.input) })
  .meta({ id: 'Time' });

/** A time that may be negative. */
export const signedTime = z
  .union([z.string().meta({ pattern: TIME_PATTERN.replace('^', '^[+-]?'), examples: ['-200ms'] }), z.literal(0)], {
    error: (issue) => timeSays(issue.input, '200ms or -1.5s'),
  })
  .refine((value) => readSignedTime(value) !== undefined, { error: (issue) => timeSays(issue.input, '200ms or -1.5s') });

function delaySays(value: unknown): string {
  if (typeof value === 'string' && value.includes('..')) {
    const [min, max, ...more] = value.split('..').map((part) => part.trim()) as [string, string];
    const [from, to] = [readTime(min as Time), readTime(max as Time)];
    if (more.length === 0 && from !== undefined && to !== undefined)
      return `The range ${value} runs backwards.\nWrite ${max}..${min}.`;
    return timeSays(from === undefined ? min : max, '100us..200us');
  }
  return timeSays(value, '150us or a range such as 100us..200us');
}

const delayText = z
  .union([z.string().meta({ examples: ['150us', '100us..200us'] }), z.literal(0)], { error: (issue) => delaySays(issue.input) })
  .refine((value) => readDelay(value) !== undefined, { error: (issue) => delaySays(issue.input) });

const positiveNumber = (what: string) =>
  z
    .number({ error: (issue) => `Expected ${what}, got ${quote(issue.input)}.` })
    .refine((value) => value > 0, { error: (issue) => `Expected ${what}, got ${quote(issue.input)}.` });

/** A distribution of times. */
export const delay: z.ZodType<Delay, Delay> = z
  .union([
    delayText,
    mapping({
      normal: mapping({
        mean: time.describe('The middle of the bell.'),
        deviation: time.describe('The standard deviation.'),
        min: time.optional().describe('Smaller samples count as this; 0 when absent.'),
      }).describe('A normal distribution, cut off below.'),
    }),
    mapping({
      exponential: mapping({
        mean: time.describe('The average, `min` included.'),
        min: time.optional().describe('What every sample takes at least; 0 when absent.'),
      })
        .refine(({ mean, min = 0 }) => (readTime(min) ?? 0) <= (readTime(mean) ?? Number.POSITIVE_INFINITY), {
          path: ['min'],
          error: 'The least time is longer than the mean.\nThe mean includes it.',
        })
        .describe('An exponential time on top of `min`.'),
    }),
    mapping({
      lognormal: mapping({
        median: time.describe('Half of the samples are above it.'),
        sigma: positiveNumber('a number above 0, such as 0.5').describe(
          'The standard deviation of the logarithm; 0.5 is a moderate tail, 1 a heavy one.',
        ),
      }).describe('A lognormal distribution: a long tail.'),
    }),
  ])
  .meta({ id: 'Delay' });

export const moment = readable(
  parseWallClock,
  (value) => `Expected a moment in UTC such as 2014-01-01T13:53:31Z, got ${quote(value)}.`,
  ['2014-01-01T13:53:31Z'],
);
