import type { Operation, Outcome } from './operation.ts';

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
