import { isOperation, type Operation, type Outcome } from './operation.ts';

/** Carries out an operation on the keys and values of a store. Every operation is possible in every state. */
export function execute(table: Map<string, string>, operation: Operation): Outcome {
  const { key } = operation;
  const value = table.get(key) ?? null;
  switch (operation.type) {
    case 'get':
      return value;
    case 'put':
      table.set(key, operation.value);
      return true;
    case 'append':
      table.set(key, (value ?? '') + operation.value);
      return true;
    case 'cas':
      if (value !== operation.expected) return false;
      table.set(key, operation.value);
      return true;
    case 'delete':
      return table.delete(key);
  }
}

/** A table as a snapshot of Raft holds it: its pairs, in the order in which their keys came. */
export type Pairs = readonly (readonly [key: string, value: string])[];

/** What a replica answers to a read; null for a key that is absent and for what is no operation. */
export const readFrom = (table: ReadonlyMap<string, string>, query: unknown): Outcome =>
  isOperation(query) ? (table.get(query.key) ?? null) : null;

/** Each pair costs eight bytes beside its texts, and so does the whole. */
export function snapshotOf(table: ReadonlyMap<string, string>): { readonly data: Pairs; readonly bytes: number } {
  const data = [...table];
  return { data, bytes: data.reduce((sum, [key, value]) => sum + 8 + key.length + value.length, 8) };
}

export function arePairs(data: unknown): data is Pairs {
  const isPair = (entry: unknown) =>
    Array.isArray(entry) && entry.length === 2 && typeof entry[0] === 'string' && typeof entry[1] === 'string';
  // A sparse array has holes that `every` alone would pass over.
  return Array.isArray(data) && Array.from(data).every(isPair);
}

/** Makes a table what a snapshot says; empty when there is none. */
export function refill(table: Map<string, string>, snapshot: unknown): void {
  table.clear();
  for (const [key, value] of (snapshot ?? []) as Pairs) table.set(key, value);
}
