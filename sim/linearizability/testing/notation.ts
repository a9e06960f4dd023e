import type { Operation, Outcome } from '../../../core/kv/operation.ts';
import type { Instant } from '../../../core/time.ts';
import type { Call } from '../store.ts';

const CALL = /^(get|put|cas|append|delete)(?: (\w):)?(?: (\w+))?(?:\((\w+)→(\w+)\))?(?:[→=]("?)(\w*)\6)? \[(\d+),(\d+|∞)\]$/;

/**
 * Reads a history as people write it, operations between semicolons with the moments of their invocation and return:
 *
 * `put 1 [0,10]; get→null [5,6]; cas(1→2)=true [7,9]; append y: a [8,∞)`; the key is x where none is given, and what returns
 * at ∞ is of unknown outcome.
 */
export function history(text: string): Call[] {
  return text.split('; ').map((part, i) => {
    const match = CALL.exec(part.replace('∞)', '∞]'));
    if (match === null) throw new Error(`no operation: ${part}`);
    const [, type, key = 'x', value = '', expected = '', next = '', , answer, from, to] = match;
    const request = (
      type === 'cas'
        ? { type, key, expected: orNull(expected), value: next }
        : type === 'get' || type === 'delete'
          ? { type, key }
          : { type, key, value }
    ) as Operation;
    const invoked = Number(from);
    const call = { client: `c${i + 1}`, request, invoked, invokedAt: seconds(invoked) };
    if (to === '∞') return call;
    const outcome: Outcome = answer === undefined || answer === 'true' ? true : answer === 'false' ? false : orNull(answer);
    return { ...call, done: { outcome, returned: Number(to), returnedAt: seconds(Number(to)) } };
  });
}

const orNull = (text: string): string | null => (text === 'null' ? null : text);
const seconds = (n: number): Instant => (n * 1_000_000_000) as Instant;
