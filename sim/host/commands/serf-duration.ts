/** The nanoseconds of Go's units. */
const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3, // micro sign
  μs: 1e3, // Greek letter mu
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Go's durations have 64 bits, and a sign. */
const MOST = 2 ** 63;

/**
 * Reads a duration as Go does: `30s`, `1h15m`, `-1.5s`, `0`.
 *
 * @returns nanoseconds, or what Go says about it
 */
export function readGoDuration(text: string): number | string {
  const written = JSON.stringify(text);
  const invalid = `time: invalid duration ${written}`;
  const negative = text.startsWith('-');
  let rest = text.replace(/^[-+]/, '');
  if (rest === '0') return 0;
  if (rest === '') return invalid;
  let total = 0;
  while (rest !== '') {
    const [number = ''] = /^\d*\.?\d*/.exec(rest) ?? [];
    if (!/\d/.test(number)) return invalid;
    rest = rest.slice(number.length);
    const [unit = ''] = /^[^.\d]*/.exec(rest) ?? [];
    if (unit === '') return `time: missing unit in duration ${written}`;
    const size = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (size === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${written}`;
    const [whole = '', fraction = ''] = number.split('.');
    // As Go reckons it: the digits after the point as a number, times what the last of them stands for.
    let last = size;
    for (let digit = 0; digit < fraction.length; digit++) last /= 10;
    total += Number(whole) * size + Math.trunc(Number(fraction) * last);
    if (total >= MOST) return invalid;
    rest = rest.slice(unit.length);
  }
  return negative ? -total : total;
}

/** Writes a duration of at least a second as Go does: `30s`, `1m30s`, `1h0m0s`, `1.5s`. */
export function goDuration(nanoseconds: number): string {
  const minute = 60e9;
  const hour = 60 * minute;
  const hours = Math.floor(nanoseconds / hour);
  const minutes = Math.floor((nanoseconds % hour) / minute);
  const seconds = `${(nanoseconds % minute) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
