import type { Outcome, Operation as Request } from '../../core/kv/operation.ts';
import type { Instant } from '../../core/time.ts';
import { searchInBlocks } from './blocks.ts';
import type { Limits, Operation } from './model.ts';
import { type Access, accessOf, register, type Value } from './register.ts';
import { search } from './search.ts';
import { failingWindow, type Window } from './window.ts';

/** One operation of a client of a store. */
export interface Call {
  readonly client: string;
  readonly request: Request;
  /** Its place in the order of all that happened. */
  readonly invoked: number;
  readonly invokedAt: Instant;
  /** Absent when the client never learned its outcome. One that is sure not to have been carried out has no place in a history. */
  readonly done?: { readonly outcome: Outcome; readonly returned: number; readonly returnedAt: Instant };
}

/** Whether what the clients of a store saw can be explained by a store that takes one operation at a time. */
export type StoreVerdict =
  | { readonly verdict: 'linearizable'; readonly keys: number; readonly operations: number }
  | {
      readonly verdict: 'violated';
      readonly key: string;
      /** The operations on the key, in the order of the history; the window's places are places in it. */
      readonly calls: readonly Call[];
      readonly window: Window<Value>;
    }
  | { readonly verdict: 'undecided'; readonly key: string; readonly because: 'steps' | 'memory' };

/** Enough for 10⁵ operations on a key with few of unknown outcome; a fraction of a second, and 50 MB. */
export const LIMITS: Limits = { steps: 4_000_000, memory: 500_000 };

/** Judges each key on its own, which decides for the whole, as every operation is on one key (locality). */
export function checkStore(history: readonly Call[], limits: Limits = LIMITS): StoreVerdict {
  const keys = new Map<string, Call[]>();
  for (const call of history) {
    const calls = keys.get(call.request.key);
    if (calls === undefined) keys.set(call.request.key, [call]);
    else calls.push(call);
  }
  let undecided: StoreVerdict | undefined;
  for (const [key, calls] of keys) {
    const accesses = operationsOn(calls);
    const answer = search(register, accesses, limits);
    if (answer.verdict === 'linearizable') continue;
    // A search for one order may have seen too much of a long history to be sure; block by block it may be.
    const blocks = searchInBlocks(register, accesses, limits);
    if (answer.verdict === 'violated' || blocks.verdict === 'violated') {
      const block = blocks.verdict === 'violated' ? blocks.block : undefined;
      return { verdict: 'violated', key, calls, window: failingWindow(register, accesses, limits, block) };
    }
    if (blocks.verdict === 'undecided') undecided ??= { verdict: 'undecided', key, because: answer.because };
  }
  return undecided ?? { verdict: 'linearizable', keys: keys.size, operations: history.length };
}

/**
 * The operations on one key, for the search. Those of unknown outcome make it long, as each may take effect at any time. What one of them
 * writes that no read shows and no `cas` expects can still explain that a `cas` failed or that there was something to delete, but
 * which of them did makes no difference: they all write the one value that nobody ever saw.
 */
function operationsOn(calls: readonly Call[]): Operation<Access, Outcome | undefined>[] {
  const seen: string[] = [];
  for (const { request, done } of calls) {
    if (request.type === 'get' && typeof done?.outcome === 'string') seen.push(done.outcome);
    if (request.type === 'cas' && request.expected !== null) seen.push(request.expected);
  }
  return calls.map(({ request, invoked, done }): Operation<Access, Outcome | undefined> => {
    const input = accessOf(request);
    if (done !== undefined) return { input, invoked, done };
    if (!('value' in request) || seen.some((text) => text.includes(request.value))) return { input, invoked };
    return { input: { ...input, value: undefined } as Access, invoked };
  });
}
