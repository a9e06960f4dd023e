import { type Address, type Prefix, parseAddress, parsePrefix } from '../../core/address.ts';
import { type Duration, parseDuration, ZERO } from '../../core/time.ts';
import type { Distribution } from '../network/distribution.ts';

/** A time as scenarios write it: text with a unit, or a bare 0. */
export type Time = string | 0;

/** A distribution of times as scenarios write it. */
export type Delay =
  | Time
  | { readonly normal: { readonly mean: Time; readonly deviation: Time; readonly min?: Time | undefined } }
  | { readonly exponential: { readonly mean: Time; readonly min?: Time | undefined } }
  | { readonly lognormal: { readonly median: Time; readonly sigma: number } };

/** @returns undefined when it is no time, or one beyond the end of virtual time */
export const readTime = (time: Time): Duration | undefined => (time === 0 ? ZERO : parseDuration(time));

/** A time with a sign, in nanoseconds: `-200ms`. */
export function readSignedTime(time: Time): number | undefined {
  if (time === 0 || !/^[+-]/.test(time)) return readTime(time);
  const size = parseDuration(time.slice(1));
  return size === undefined ? undefined : time.startsWith('-') && size > 0 ? -size : size;
}

/** `100us..200us` (uniform), `150us` (constant), or a mapping that names the distribution; undefined when a part is no time. */
export function readDelay(delay: Delay): Distribution | undefined {
  if (typeof delay === 'string' && delay.includes('..')) {
    const [min, max, ...more] = delay.split('..').map((part) => readTime(part.trim()));
    return min === undefined || max === undefined || more.length > 0 || min > max ? undefined : { type: 'uniform', min, max };
  }
  if (typeof delay !== 'object') return distribution({ type: 'constant', value: readTime(delay) });
  if ('normal' in delay) {
    const { mean, deviation, min = 0 } = delay.normal;
    return distribution({ type: 'normal', mean: readTime(mean), deviation: readTime(deviation), min: readTime(min) });
  }
  if ('exponential' in delay) {
    const { mean, min = 0 } = delay.exponential;
    return distribution({ type: 'exponential', min: readTime(min), mean: readTime(mean) });
  }
  return distribution({ type: 'lognormal', median: readTime(delay.lognormal.median), sigma: delay.lognormal.sigma });
}

type Unread<D> = D extends unknown ? { [K in keyof D]: D[K] extends Duration ? Duration | undefined : D[K] } : never;

function distribution(unread: Unread<Distribution>): Distribution | undefined {
  return Object.values(unread).includes(undefined) ? undefined : (unread as Distribution);
}

const RATE_UNITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, Mbit: 1e6, Gbit: 1e9 };

/** `100Mbit` in bits per second. */
export function readRate(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?) ?(bit|kbit|Mbit|Gbit)(?:\/s)?$/.exec(text);
  return match === null ? undefined : positive(Number(match[1]) * (RATE_UNITS[match[2] as string] as number));
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** `64KiB` or a number of bytes. */
export function readSize(size: string | number): number | undefined {
  if (typeof size === 'number') return Number.isInteger(size) ? positive(size) : undefined;
  const match = /^(\d+(?:\.\d+)?) ?(B|kB|MB|GB|KiB|MiB|GiB)$/.exec(size);
  return match === null ? undefined : positive(Number(match[1]) * (SIZE_UNITS[match[2] as string] as number));
}

const positive = (n: number): number | undefined => {
  const whole = Math.round(n);
  return whole > 0 && Number.isSafeInteger(whole) ? whole : undefined;
};

/** `50ppm`, `-20ppm` in whole parts per million. */
export function readDrift(text: string): number | undefined {
  const match = /^([+-]?\d{1,6}) ?ppm$/.exec(text);
  return match === null ? undefined : Number(match[1]) + 0;
}

/** `10.0.1.10`, or with the length of its subnet, `10.0.1.10/24`. */
export function readHostAddress(text: string): { readonly address: Address; readonly length?: number } | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  if (slash < 0) return { address };
  const prefix = parsePrefix(text);
  return prefix === undefined ? undefined : { address, length: prefix.length };
}

/** `10.0.1.0/24`, or a single address. */
export function readPrefix(text: string): Prefix | undefined {
  return parsePrefix(text.includes('/') ? text : `${text}/32`);
}
