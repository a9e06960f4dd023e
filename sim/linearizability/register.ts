import type { Operation, Outcome } from '../../core/kv/operation.ts';
import type { Model } from './model.ts';

/** A key's value, null when it has none; undefined for one that nobody ever saw, see `unseen`. */
export type Value = string | null | undefined;

/** What is asked of one key. `value` undefined: one that nobody ever saw. */
export type Access =
  | { readonly type: 'get' | 'delete' }
  | { readonly type: 'put' | 'append'; readonly value: Value }
  | { readonly type: 'cas'; readonly expected: string | null; readonly value: Value };

/** One key of a store, as its clients are promised. */
export const register: Model<Value, Access, Outcome | undefined> = {
  initial: null,
  next(state, access) {
    switch (access.type) {
      case 'get':
        return state;
      case 'put':
        return access.value;
      case 'append':
        return state === undefined || access.value === undefined ? undefined : (state ?? '') + access.value;
      case 'cas':
        return state === access.expected ? access.value : state;
      case 'delete':
        return null;
    }
  },
  outcome(state, access) {
    switch (access.type) {
      case 'get':
        return state;
      case 'cas':
        return state === access.expected;
      case 'delete':
        return state !== null;
      default:
        return true;
    }
  },
  observes(access, outcome) {
    return access.type === 'get' || outcome === false;
  },
  label(access) {
    const expected = access.type === 'cas' ? JSON.stringify(access.expected) : '';
    return `${access.type} ${expected} ${'value' in access ? JSON.stringify(access.value) : ''}`;
  },
};

/** An operation without its key. */
export function accessOf(operation: Operation): Access {
  switch (operation.type) {
    case 'put':
    case 'append':
      return { type: operation.type, value: operation.value };
    case 'cas':
      return { type: 'cas', expected: operation.expected, value: operation.value };
    default:
      return { type: operation.type };
  }
}
