import { copyState } from '../state.ts';
import type { Xoshiro } from './xoshiro.ts';

/** Values that code tends to stumble over. Few, so that whoever remembers what it was sent has soon seen them all. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -1,
  3,
  255,
  0.5,
  2 ** 31,
  2 ** 32,
  -(2 ** 31),
  2 ** 53,
  Number.MAX_VALUE,
  -Number.MAX_VALUE,
  Number.MIN_VALUE,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  10n ** 30n,
  '',
  'n1',
  'type',
  '__proto__',
  'constructor',
  'toString',
  '0',
  '\ud800',
  'x'.repeat(1000),
];

const KEYS = ['type', 'sequence', 'length', '__proto__', 'constructor', 'toString', '0', ''];

/** Any plain value, nested a few levels. */
export function anything(random: Xoshiro, depth = 3): unknown {
  if (depth === 0 || random.chance(0.4)) return random.pick(ODD);
  const several = <T>(make: () => T): T[] => Array.from({ length: random.integer(4) }, make);
  const inner = (): unknown => anything(random, depth - 1);
  switch (random.integer(6)) {
    case 0:
      return several(inner);
    case 1:
      return new Map(several(() => [random.pick(ODD), inner()]));
    case 2:
      return new Set(several(() => random.pick(ODD)));
    case 3:
      return random.pick([new Uint8Array(0), new Uint8Array(16), new Int32Array(3), new Float64Array([Number.NaN])]);
    default:
      return ownProperties(several(() => [random.pick(KEYS), inner()]));
  }
}

/** An object with these as its own properties, even one named `__proto__`. */
function ownProperties(entries: [string, unknown][]): object {
  const descriptor = (value: unknown) => ({ value, writable: true, enumerable: true, configurable: true });
  return Object.defineProperties({}, Object.fromEntries(entries.map(([key, value]) => [key, descriptor(value)])));
}

/** A copy of a message with something in it missing, added, or replaced by garbage. */
export function damaged(message: unknown, random: Xoshiro): unknown {
  const copy = copyState(message);
  const spots = [...spotsOf(copy)];
  if (spots.length === 0) return anything(random);
  const { holder, key } = random.pick(spots);
  if (holder instanceof Map) {
    if (random.chance(0.3)) holder.delete(key);
    else holder.set(key, anything(random, 2));
  } else if (Array.isArray(holder) && random.chance(0.3)) {
    holder.push(anything(random, 2));
  } else if (random.chance(0.3)) {
    Reflect.deleteProperty(holder, key as PropertyKey);
  } else {
    Reflect.set(holder, key as PropertyKey, anything(random, 2));
  }
  return copy;
}

interface Spot {
  readonly holder: object;
  readonly key: unknown;
}

/** All places in a plain value that hold another. */
function* spotsOf(value: unknown): Generator<Spot> {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Set) return;
  const entries: Iterable<[unknown, unknown]> = value instanceof Map ? value : Object.entries(value);
  for (const [key, inner] of entries) {
    yield { holder: value, key };
    yield* spotsOf(inner);
  }
}
