import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyTimers, NONE, TimerTable } from './timers.ts';

const key = fc.record({ owner: fc.nat(3), kind: fc.nat(2), subject: fc.oneof(fc.nat(20), fc.integer()) });
const action = fc.oneof(
  fc.record({ do: fc.constant('put' as const), key, slot: fc.nat() }),
  fc.record({ do: fc.constantFrom('remove' as const, 'get' as const, 'remove all' as const), key }),
);

test('the table of timers does what a Map does', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
      const table = new TimerTable({ timers: emptyTimers() });
      const model = new Map<string, number>();
      for (const action of actions) {
        const { owner, kind, subject } = action.key;
        const name = `${owner}/${kind}/${subject}`;
        const before = model.get(name) ?? NONE;
        if (action.do === 'put') {
          expect(table.put(owner, kind, subject, action.slot)).toBe(before);
          model.set(name, action.slot);
        } else if (action.do === 'remove') {
          expect(table.remove(owner, kind, subject)).toBe(before);
          model.delete(name);
        } else if (action.do === 'get') {
          expect(table.get(owner, kind, subject)).toBe(before);
        } else {
          const slots: number[] = [];
          table.removeAll(owner, (slot) => slots.push(slot));
          const expected = [...model].filter(([other]) => other.startsWith(`${owner}/`));
          for (const [other] of expected) model.delete(other);
          expect(slots.sort((a, b) => a - b)).toEqual(expected.map(([, slot]) => slot).sort((a, b) => a - b));
        }
      }
      for (const [name, slot] of model) {
        const [owner, kind, subject] = name.split('/').map(Number) as [number, number, number];
        expect(table.get(owner, kind, subject)).toBe(slot);
      }
    }),
    { numRuns: 300 },
  );
});

test('a table that grew holds all it was given', () => {
  const table = new TimerTable({ timers: emptyTimers() });
  for (let i = 0; i < 5_000; i++) table.put(i % 7, i % 3, i, i);
  for (let i = 0; i < 5_000; i += 2) expect(table.remove(i % 7, i % 3, i)).toBe(i);
  for (let i = 0; i < 5_000; i++) expect(table.get(i % 7, i % 3, i)).toBe(i % 2 === 0 ? NONE : i);
});

test('a subject beyond 32 bits is refused, not cut', () => {
  const table = new TimerTable({ timers: emptyTimers() });
  expect(() => table.put(0, 0, 2 ** 32, 1)).toThrow('4294967296');
});
