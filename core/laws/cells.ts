import { assert } from '../assert.ts';
import type { Protocol } from '../protocol.ts';
import type { Subject } from './subject.ts';
import { run } from './world.ts';

/** Cells by subject and field. */
type Shown = Map<string, number | string>;

const keyOf = (subject: number, field: number): string => `${subject} ${field}`;

/** What a protocol wrote to its cells in this life, over what it showed before it started, is what its state shows now. */
export function showsItsState<M, C>(subject: Subject<M, C>, seed: number): void {
  const written = new Map<number, Shown>();
  run(subject, seed, {
    before({ protocol, place }, input) {
      if (input.type === 'start') written.set(place.index, projected(protocol));
    },
    after({ protocol, place }, { calls }) {
      const cells = written.get(place.index) as Shown;
      for (const call of calls) {
        if (call.type === 'cell' && call.part === 0) cells.set(keyOf(call.subject, call.field), call.value);
      }
      if (protocol.project !== undefined) assertEqual(protocol, cells, projected(protocol));
    },
  });
}

function projected<M, C>(protocol: Protocol<M, C>): Shown {
  const shown: Shown = new Map();
  protocol.project?.((subject, field, value) => shown.set(keyOf(subject, field), value));
  return shown;
}

function assertEqual({ cells }: Pick<Protocol, 'cells'>, written: Shown, state: Shown): void {
  for (const key of new Set([...written.keys(), ...state.keys()])) {
    const [subject, field] = key.split(' ').map(Number) as [number, number];
    const [shown = '', is = ''] = [written.get(key), state.get(key)];
    assert(
      Object.is(shown, is),
      () => `cell ${cells[field] ?? field} of ${subject} shows ${show(shown)}, the state has ${show(is)}`,
    );
  }
}

const show = (value: number | string): string => (value === '' ? 'nothing' : String(value));
