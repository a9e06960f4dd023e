import { z } from 'zod';
import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '../../core/address.ts';
import { LARGEST_DRIFT, parseWallClock } from '../host/clock.ts';
import {
  type Delay,
  readDelay,
  readDrift,
  readHostAddress,
  readPrefix,
  readRate,
  readSignedTime,
  readSize,
  readTime,
  type Time,
} from './quantity.ts';

// The kinds of values that a scenario is made of. Each knows what to say to a wrong value: the problem and, after a line feed, the way
// out. Nothing is converted here, so that a scenario stays the data that was written.

/** Splits what a field says into the problem and the way out. */
export function splitSays(says: string): { readonly message: string; readonly hint?: string } {
  const [message, hint] = says.split('\n') as [string, string | undefined];
  return hint === undefined ? { message } : { message, hint };
}

/** Marks the list of an object's keys in the message about an unknown one. */
export const KNOWN_KEYS = 'known keys:';

/** A mapping in which unknown keys are errors. */
export function mapping<const S extends z.ZodRawShape>(shape: S) {
  const keys = Object.keys(shape).join(' ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? `${KNOWN_KEYS}${keys}` : undefined) });
}

/** A value as a sentence quotes it. */
export function quote(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…${typeof value === 'string' ? '"' : ''}` : text;
}

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

/** Text in which something must be readable. */
function readable(read: (text: string) => unknown, says: (value: unknown) => string, examples: readonly string[]) {
  return z
    .string({ error: (issue) => says(issue.input) })
    .refine((text) => read(text) !== undefined, { error: (issue) => says(issue.input) })
    .meta({ examples: [...examples] });
}

function addressSays(value: unknown, example: string): string {
  const expected = `Expected an IPv4 address such as ${example}, got ${quote(value)}.`;
  return typeof value === 'string' && /^[\da-f]*:[\da-f:.]*(?:\/\d+)?$/i.test(value)
    ? `${expected}\nIPv6 is not simulated.`
    : expected;
}

export const address = readable(parseAddress, (value) => addressSays(value, '10.0.1.10'), ['10.0.1.10']);
export const hostAddress = readable(readHostAddress, (value) => addressSays(value, '10.0.1.10'), ['10.0.1.10', '10.0.1.10/24']);
export const prefix = readable(readPrefix, (value) => addressSays(value, '10.0.1.10 or a prefix such as 10.0.1.0/24'), [
  '10.0.1.0/24',
]);

function subnetSays(value: unknown): string {
  const read = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (read !== undefined) {
    if (read.length > 31)
      return `${value} holds a single address, so it is no subnet of a segment.\nWrite a shorter prefix, such as ${formatPrefix({ ...read, length: 24 })}.`;
    if (read.length < 8) return `${value} is too large for a subnet.\nWrite a prefix of at least 8 bits.`;
    if (isReserved(read.base))
      return `${value} is reserved and holds no hosts.\nTake one from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.`;
    return `${value} has bits set after the first ${read.length}.\nWrite ${formatPrefix(read)}.`;
  }
  if (typeof value === 'string' && parseAddress(value) !== undefined)
    return `The subnet ${value} has no length.\nWrite its number of network bits after it, as in ${value.replace(/\d+$/, '0')}/24.`;
  return addressSays(value, '10.0.1.0/24').replace('IPv4 address', 'IPv4 subnet');
}

/** 0/8, 127/8 and everything from 224 on. */
const isReserved = (base: number): boolean => base >>> 24 === 0 || base >>> 24 === 127 || base >>> 24 >= 224;

export const subnet = readable(
  (text) => {
    const read = parsePrefix(text);
    if (read === undefined || read.length > 31 || read.length < 8 || isReserved(read.base)) return undefined;
    return text.startsWith(`${formatAddress(read.base)}/`) || undefined;
  },
  subnetSays,
  ['10.0.1.0/24'],
);

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
export const moment = readable(
  parseWallClock,
  (value) => `Expected a moment in UTC such as 2014-01-01T13:53:31Z, got ${quote(value)}.`,
  ['2014-01-01T13:53:31Z'],
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

function vlanSays(value: unknown): string {
  if (value === 0) return 'VLAN 0 is reserved: it marks frames without a VLAN.\nTake a number from 1 to 4094.';
  if (value === 4095) return 'VLAN 4095 is reserved by IEEE 802.1Q.\nTake a number from 1 to 4094.';
  return `Expected a VLAN number from 1 to 4094, got ${quote(value)}.`;
}

export const vlan = z
  .number({ error: (issue) => vlanSays(issue.input) })
  .refine((value) => Number.isInteger(value) && value >= 1 && value <= 4094, { error: (issue) => vlanSays(issue.input) })
  .meta({ type: 'integer', minimum: 1, maximum: 4094 });

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function nameSays(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean')
    return `Expected a name, got ${quote(value)}.\nPut it in quotes: "${value}".`;
  if (typeof value !== 'string') return `Expected a name, got ${quote(value)}.`;
  return `${quote(value)} cannot be a name.\nA name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and has at most 128 characters.`;
}

/** The name of a host, router, segment or switch. */
export const name = z
  .string({ error: (issue) => nameSays(issue.input) })
  .refine((text) => NAME.test(text), { error: (issue) => nameSays(issue.input) })
  .meta({ pattern: NAME.source });

/** Text that is not empty. */
export const text = z
  .string({ error: (issue) => textSays(issue.input) })
  .refine((value) => value.trim() !== '', { error: () => 'Expected text, got nothing.' })
  .meta({ minLength: 1 });

const textSays = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean'
    ? `Expected text, got ${quote(value)}.\nPut it in quotes: "${value}".`
    : `Expected text, got ${quote(value)}.`;

function patternSays(value: unknown): string {
  if (typeof value !== 'string') return textSays(value);
  return `${quote(value)} is no regular expression.\nPut a backslash before characters that stand for themselves.`;
}

/** A regular expression that compiles. */
export const pattern = z
  .string({ error: (issue) => patternSays(issue.input) })
  .refine(compiles, { error: (issue) => patternSays(issue.input) })
  .meta({ format: 'regex' });

function compiles(source: string): boolean {
  try {
    return new RegExp(source, 'mu') instanceof RegExp;
  } catch {
    return false;
  }
}

/** One value or a list of them that is not empty. */
export function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).min(1)]);
}
