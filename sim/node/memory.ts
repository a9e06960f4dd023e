import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OutOfMemory } from '../campaign/breakdown.ts';

const MEGABYTE = 2 ** 20;

function held(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/**
 * Makes what throws when this thread holds more than so many megabytes, without what is garbage; to be called now and then. It costs little
 * as long as there is less.
 */
export function memoryGuard(most: number): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const limit = most * MEGABYTE;
  let threshold = limit;
  return () => {
    if (held() < threshold) return;
    collect();
    const left = held();
    if (left >= limit) throw new OutOfMemory(`more than ${most} MB`);
    // Not for every byte of garbage, when there is little room left.
    threshold = Math.max(limit, left + limit / 4);
  };
}
