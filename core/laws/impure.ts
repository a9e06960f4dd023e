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

/**
 * Runs something while everything impure is replaced by stand-ins that throw.
 *
 * @throws AssertionError when something impure was touched; and whatever `run` throws
 */
export function withoutImpurity<T>(run: () => T): T {
  const undo: (() => void)[] = [];
  try {
    for (const name of IMPURE_MATH) replace(Math, name, `Math.${name}`, undo);
    for (const name of IMPURE_GLOBALS) replace(globalThis, name, name, undo);
    for (const { prototype } of [String, Number, BigInt, Array]) {
      for (const name of LOCAL_METHODS) replace(prototype, name, name, undo);
    }
    return run();
  } finally {
    for (const step of undo.reverse()) step();
  }
}

function replace(holder: object, key: string, name: string, undo: (() => void)[]): void {
  const original = Reflect.getOwnPropertyDescriptor(holder, key);
  if (original === undefined) return;
  Reflect.defineProperty(holder, key, {
    value: standIn(name),
    configurable: true,
    enumerable: original.enumerable ?? false,
    writable: true,
  });
  undo.push(() => Reflect.defineProperty(holder, key, original));
}

/** Throws whatever is done with it. */
function standIn(name: string): object {
  function refuse(): never {
    throw new AssertionError(`${name} is impure: time, chance and the rest of the world come from outside`);
  }
  return new Proxy(refuse, { apply: refuse, construct: refuse, get: refuse });
}
