import fc from 'fast-check';
import { expect, test } from 'vitest';
import { filterTrip, forgetPeer, newPeers, placeFor, positionOf, setPosition } from './peers.ts';

const at = (x: number) => ({ vector: [x, 0, 0, 0, 0, 0, 0, 1], error: 0.5, adjustment: -0.1, height: x });

test.each`
  trips                | filtered
  ${[5]}               | ${5}
  ${[5, 1]}            | ${5}
  ${[1, 5]}            | ${5}
  ${[5, 1, 3]}         | ${3}
  ${[9, 9, 9, 1]}      | ${9}
  ${[9, 9, 9, 1, 2]}   | ${2}
  ${[0, 0, 7, 1, 0.5]} | ${1}
`('after round trips of $trips seconds $filtered counts', ({ trips, filtered }) => {
  const peers = newPeers();
  const medians = trips.map((seconds: number) => filterTrip(peers, placeFor(peers, 7), seconds));
  expect(medians.at(-1)).toBe(filtered);
});

test('what is remembered of a member is what was last said of it, however many come and go', () => {
  const steps = fc.array(fc.record({ member: fc.nat(12), forgets: fc.boolean(), x: fc.nat(1000) }), { maxLength: 100 });
  fc.assert(
    fc.property(steps, (all) => {
      const peers = newPeers();
      const model = new Map<number, { x: number; trips: number[] }>();
      for (const { member, forgets, x } of all) {
        if (forgets) {
          forgetPeer(peers, member);
          model.delete(member);
          continue;
        }
        const trips = [...(model.get(member)?.trips ?? []), x].slice(-3);
        model.set(member, { x, trips });
        const median = trips.toSorted((a, b) => a - b)[trips.length >>> 1];
        expect(filterTrip(peers, placeFor(peers, member), x)).toBe(median);
        setPosition(peers, placeFor(peers, member), at(x));
      }
      for (let member = 0; member <= 12; member++) {
        const held = model.get(member);
        expect(positionOf(peers, member)).toEqual(held === undefined ? undefined : at(held.x));
      }
    }),
  );
});
