import { assert } from '../assert.ts';
import type { Call } from '../collect.ts';
import type { Subject } from './subject.ts';
import { run } from './world.ts';

/** Sockets, timers and cells have names, sizes are whole, and times are whole nanoseconds. */
export function countsSoundly<M, C>(subject: Subject<M, C>, seed: number): void {
  run(subject, seed, {
    after({ protocol, place }, { calls }) {
      const sound: Record<string, (n: number) => boolean> = {
        socket: isBelow(subject.sockets.length),
        kind: isBelow(protocol.timers.length),
        field: isBelow(protocol.cells.length),
        bytes: isBelow(Number.MAX_SAFE_INTEGER),
        after: isBelow(Number.MAX_SAFE_INTEGER),
        length: isBelow(Number.MAX_SAFE_INTEGER),
        subject: Number.isSafeInteger,
        write: Number.isSafeInteger,
      };
      for (const call of calls) {
        if (call.part === 0) assertSound(call, sound, place.index);
      }
    },
  });
}

function assertSound(call: Call, sound: Record<string, (n: number) => boolean>, node: number): void {
  for (const [name, value] of Object.entries(call)) {
    if (typeof value === 'number')
      assert(sound[name]?.(value) ?? true, () => `node ${node} calls ${call.type} with ${name} ${value}`);
  }
}

const isBelow = (limit: number) => (n: number) => Number.isInteger(n) && n >= 0 && n < limit;
