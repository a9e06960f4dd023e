import { AssertionError } from '../assert.ts';

/** What `Math` leaves to the engine (ECMA-262 §21.3.2: "implementation-approximated"), and chance. */
export const IMPURE_MATH = [
  'random',
  'acos',
  'acosh',
  'asin',
  'asinh',
  'atan',
  'atan2',
  'atanh',
  'cbrt',
  'cos',
  'cosh',
  'exp',
  'expm1',
  'hypot',
  'log',
  'log10',
  'log1p',
  'log2',
  'pow',
  'sin',
  'sinh',
  'tan',
  'tanh',
] as const;

/** Globals that bring in time, chance, the machine, its language, or other threads. */
const IMPURE_GLOBALS = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'requestAnimationFrame',
  'requestIdleCallback',
  'crypto',
  'fetch',
  'XMLHttpRequest',
  'WebSocket',
  'Worker',
  'Intl',
  'Temporal',
  'console',
  'localStorage',
  'sessionStorage',
  'navigator',
  'WeakRef',
  'FinalizationRegistry',
] as const;

/** Methods whose result depends on the language of the machine. */
export const LOCAL_METHODS = [
  'localeCompare',
  'toLocaleString',
  'toLocaleDateString',
  'toLocaleTimeString',
  'toLocaleLowerCase',
  'toLocaleUpperCase',
] as const;

/** Something impure was touched. */
export class ImpurityError extends AssertionError {
  override name = 'ImpurityError';
}

/**
 * Runs something while everything impure is replaced by stand-ins that throw.
 *
 * @throws ImpurityError when something impure was touched; and whatever `run` throws
 */
export function withoutImpurity<T>(run: () => T): T {
  const allow = forbidImpurity();
  try {
    return run();
  } finally {
    allow();
  }
}

/**
 * Puts stand-ins that throw in place of everything impure, from now on.
 *
 * @returns what puts the originals back
 */
export function forbidImpurity(): () => void {
  // All are looked up before any is replaced: some are loaded when they are first looked at, and use others while they load.
  const found = impurities();
  for (const { holder, key, name, original } of found) {
    const { enumerable = false } = original;
    Reflect.defineProperty(holder, key, { value: standIn(name), configurable: true, enumerable, writable: true });
  }
  forbidden++;
  return () => {
    forbidden--;
    restore(found);
  };
}

/** How often impurity is forbidden now. */
let forbidden = 0;

/**
 * Puts in place of every impure function one that does the same, and throws as long as impurity is forbidden: to be there while somebody's
 * code is loaded, which may take hold of it for later, `const { random } = Math`.
 *
 * @returns what puts the originals back
 */
export function layTripwires(): () => void {
  const found = impurities().filter(({ original }) => typeof original.value === 'function');
  for (const { holder, key, name, original } of found)
    Reflect.defineProperty(holder, key, { ...original, value: tripwire(name, original.value) });
  return () => restore(found);
}

function tripwire(name: string, original: object): object {
  const guarded = (): void => {
    if (forbidden > 0) refuse(name);
  };
  return new Proxy(original as () => unknown, {
    apply(target, self, args) {
      guarded();
      return Reflect.apply(target, self, args);
    },
    construct(target, args, made) {
      guarded();
      return Reflect.construct(target, args, made) as object;
    },
    get(target, key) {
      guarded();
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' && key !== 'prototype' ? tripwire(`${name}.${String(key)}`, value) : value;
    },
  });
}

function restore(found: readonly Impurity[]): void {
  for (const { holder, key, original } of found.toReversed()) Reflect.defineProperty(holder, key, original);
}

interface Impurity {
  readonly holder: object;
  readonly key: string;
  readonly name: string;
  readonly original: PropertyDescriptor;
}

/** What this engine has of all that is impure. */
function impurities(): Impurity[] {
  const wanted: [object, string, string][] = [
    ...IMPURE_MATH.map((key): [object, string, string] => [Math, key, `Math.${key}`]),
    ...IMPURE_GLOBALS.map((key): [object, string, string] => [globalThis, key, key]),
    ...[String, Number, BigInt, Array].flatMap(({ prototype }) =>
      LOCAL_METHODS.map((key): [object, string, string] => [prototype, key, key]),
    ),
  ];
  return wanted.flatMap(([holder, key, name]) => {
    const original = Reflect.getOwnPropertyDescriptor(holder, key);
    return original === undefined ? [] : [{ holder, key, name, original }];
  });
}

/** Throws whatever is done with it. */
function standIn(name: string): object {
  const refused = (): never => refuse(name);
  return new Proxy(function refused() {}, { apply: refused, construct: refused, get: refused });
}

function refuse(name: string): never {
  throw new ImpurityError(`${name} is impure: time, chance and the rest of the world come from outside`);
}
