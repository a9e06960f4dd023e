/** Something that must be true of our own code is not: a bug in Partita or in the protocol that asserted it. */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

/**
 * Documentation that runs: states what must hold of our own code, never of what a network or a person brings.
 *
 * @param message the fact with its numbers; a function on hot paths, so that the text is built only when it is needed
 * @throws AssertionError when the condition is false
 */
export function assert(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new AssertionError(typeof message === 'string' ? message : message());
}

/** Closes a switch over a union: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable case ${inWords(value)}`);
}

function inWords(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value); // a bigint, or something that contains itself
  }
}
