import type { Rng } from '../random.ts';
import type { Workload } from './interface.ts';
import type { Operation } from './operation.ts';

type RandomWorkload = Extract<Workload, { type: 'random' }>;

/** The usual mix: reads are most frequent, and everything that can go wrong happens often. */
export const MIX = { get: 40, put: 20, cas: 15, append: 20 } as const;

/**
 * A random operation. Each writes a value of its own, so that a read tells whom it read from, and the order of appends can be seen.
 *
 * @param token what it writes; no other operation writes it
 * @param seen the values that the client has seen, by key: what a `cas` expects
 */
export function randomOperation(
  { keys, mix }: RandomWorkload,
  token: string,
  seen: ReadonlyMap<string, string | null>,
  random: Rng,
): Operation {
  const share = random.fraction();
  const key = `x${1 + Math.floor(share * share * keys)}`;
  const drawn = random.integer(100);
  if (drawn < mix.get) return { type: 'get', key };
  if (drawn < mix.get + mix.put) return { type: 'put', key, value: token };
  if (drawn < mix.get + mix.put + mix.cas) return { type: 'cas', key, expected: seen.get(key) ?? null, value: token };
  if (drawn < mix.get + mix.put + mix.cas + mix.append) return { type: 'append', key, value: token };
  return { type: 'delete', key };
}
