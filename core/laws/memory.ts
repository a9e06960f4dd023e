import { assert } from '../assert.ts';
import type { Subject } from './subject.ts';
import { ClosedWorld, eventsOf } from './world.ts';

/** How often the size of all states is taken, after the first rounds in which nodes get to know each other. */
const ROUNDS = 8;
const FIRST = 3;
/** So many more values are no sign of anything. */
const ROOM = 100;

/**
 * Whatever arrives, nothing is thrown, and what is remembered of it does not go on growing. The garbage is made of few
 * different values, so that who remembers each of them once comes to an end.
 */
export function survivesGarbage<M, C>(subject: Subject<M, C>, seed: number): void {
  const world = new ClosedWorld(subject, seed, { strangers: true });
  const sizes = Array.from({ length: ROUNDS }, () => {
    world.run(eventsOf(subject));
    return world.members.reduce((total, { protocol }) => total + sizeOf(protocol.state), 0);
  });
  const late = sizes.slice(FIRST);
  const grows = late.every((size, i) => i === 0 || size > (late[i - 1] as number));
  const growth = (late.at(-1) as number) - (late[0] as number);
  assert(
    !grows || growth <= ROOM,
    () => `${subject.name}: its state grows with the garbage it is sent: ${sizes.join(', ')} values`,
  );
}

/** How many values a state holds. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / 8;
  if (typeof value !== 'object' || value === null) return 1;
  if (ArrayBuffer.isView(value)) return 1 + value.byteLength / 8;
  let size = 1;
  if (value instanceof Map) for (const [key, item] of value) size += sizeOf(key) + sizeOf(item);
  else if (value instanceof Set) for (const item of value) size += sizeOf(item);
  else for (const item of Object.values(value)) size += sizeOf(item);
  return size;
}
