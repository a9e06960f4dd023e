import { z } from 'zod';

// The kinds of values that a scenario is made of are in this folder. Each knows what to say to a wrong value: the problem and, after a line
// feed, the way out. Nothing is converted, so that a scenario stays the data that was written.

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

/** Text in which something must be readable. */
export function readable(read: (text: string) => unknown, says: (value: unknown) => string, examples: readonly string[]) {
  return z
    .string({ error: (issue) => says(issue.input) })
    .refine((text) => read(text) !== undefined, { error: (issue) => says(issue.input) })
    .meta({ examples: [...examples] });
}

/** One value or a list of them that is not empty. */
export function oneOrMore<T extends z.ZodType>(item: T) {
  return z.union([item, z.array(item).min(1)]);
}
