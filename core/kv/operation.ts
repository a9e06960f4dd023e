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
