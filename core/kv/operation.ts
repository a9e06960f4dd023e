/** What a client asks of the store. Keys and values are texts. */
export type Operation =
  /** The value of a key, or null when it has none. */
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  /** Sets a key that has the expected value, or none when null is expected. */
  | { readonly type: 'cas'; readonly key: string; readonly expected: string | null; readonly value: string }
  /** Adds to the end of a value; a key without one counts as empty. */
  | { readonly type: 'append'; readonly key: string; readonly value: string }
  | { readonly type: 'delete'; readonly key: string };

/**
 * What an operation ended as: of `get` the value or null; of `cas` whether it was set, of `delete` whether there was something to
 * delete. `put` and `append` always succeed and answer true.
 */
export type Outcome = string | boolean | null;

/** Whether something that came from the network is an operation. */
export function isOperation(value: unknown): value is Operation {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  if (typeof fields.key !== 'string') return false;
  switch (fields.type) {
    case 'get':
    case 'delete':
      return true;
    case 'put':
    case 'append':
      return typeof fields.value === 'string';
    case 'cas':
      return typeof fields.value === 'string' && (fields.expected === null || typeof fields.expected === 'string');
    default:
      return false;
  }
}

/** About what an operation takes on the wire and in a log, in bytes. */
export function sizeOf(operation: Operation): number {
  const value = 'value' in operation ? operation.value.length : 0;
  const expected = operation.type === 'cas' ? (operation.expected?.length ?? 0) : 0;
  return 8 + operation.key.length + value + expected;
}
