import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../core/address.ts';
import { copyState } from '../../core/state.ts';
import { type Instant, seconds } from '../../core/time.ts';
import { lan } from './lab.ts';
import { Layout } from './layout.ts';
import { initialNeighbours, Neighbour, Neighbours } from './neighbour.ts';
import { tickAt } from './tick.ts';

const HOSTS = 4;
const TICKS_OF_FIVE_MINUTES = 600;

/** From 15 to 45 s, another one for each interface and each five minutes, in ticks of half a second. */
const reachable = (index: number, tick: number): number =>
  30 + ((index * 7 + Math.floor(tick / TICKS_OF_FIVE_MINUTES) * 13) % 61);

/** The same in the plainest form: when each entry was confirmed, as an instant; stale for ever is −∞. */
class Model {
  readonly confirmed = new Map<string, number>();
  readonly failed = new Set<string>();
  now = 0;

  standing(index: number, place: number): number {
    const key = `${index} ${place}`;
    if (this.failed.has(key)) return Neighbour.failed;
    const confirmed = this.confirmed.get(key);
    if (confirmed === undefined) return Neighbour.none;
    const tick = tickAt(this.now as Instant);
    if (tick < confirmed) return Neighbour.confirming;
    return tick < confirmed + reachable(index, tick) ? Neighbour.reachable : Neighbour.stale;
  }

  renew(index: number, place: number): boolean {
    const standing = this.standing(index, place);
    if (standing === Neighbour.none || standing === Neighbour.failed) return false;
    if (standing === Neighbour.stale) this.confirmed.set(`${index} ${place}`, Math.ceil(this.now / 5e8) + 10);
    return true;
  }
}

const one = fc.nat(HOSTS - 1);
const operation = fc.record({
  does: fc.constantFrom(
    ...(['use', 'use', 'use', 'use', 'use', 'confirm', 'learn', 'fail', 'forget', 'look', 'restore', 'meet all'] as const),
  ),
  index: one,
  place: one,
  after: fc.oneof(fc.constantFrom(0, 1, 5e8, 5e9), fc.integer({ min: 0, max: 60e9 }), fc.integer({ min: 0, max: 400e9 })),
});

describe('a table of bytes', () => {
  test('says of each entry at each instant what a list of instants says, whenever uses are entered', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 120, size: 'max' }), fc.boolean(), (operations, acquainted) => {
        const layout = new Layout(lan(HOSTS));
        const owner = { neighbours: initialNeighbours(layout) };
        const until = (tick: number) => (Math.floor(tick / TICKS_OF_FIVE_MINUTES) + 1) * TICKS_OF_FIVE_MINUTES;
        const table = new Neighbours(layout, owner, (index, tick) => ({ ticks: reachable(index, tick), until: until(tick) }));
        const model = new Model();
        const address = (place: number): Address => layout.unique[place] as Address;
        const learn = (index: number, place: number, confirmed: number | undefined): void => {
          if (index === place) return;
          table.know(index, address(place), place, place, confirmed, model.now as Instant);
          model.failed.delete(`${index} ${place}`);
          model.confirmed.set(`${index} ${place}`, confirmed ?? Number.NEGATIVE_INFINITY);
        };
        const meet = (): void => {
          for (let i = 0; i < HOSTS * HOSTS; i++) learn(Math.floor(i / HOSTS), i % HOSTS, undefined);
        };
        if (acquainted) meet();
        for (const { does, index, place, after } of operations) {
          model.now += after;
          const now = model.now as Instant;
          if (does === 'use' && index !== place) expect(table.renew(index, place, now)).toBe(model.renew(index, place));
          else if (does === 'confirm') learn(index, place, tickAt(now));
          else if (does === 'learn') learn(index, place, undefined);
          else if (does === 'meet all') meet();
          else if (does === 'fail' && index !== place) {
            const entry = { state: Neighbour.failed, hardware: place, confirmed: 0, tries: 3, timer: -1 as never, waiting: [] };
            table.keep(index, address(place), place, entry);
            model.failed.add(`${index} ${place}`);
          } else if (does === 'forget') {
            table.forget(index);
            for (let other = 0; other < HOSTS; other++) {
              model.failed.delete(`${index} ${other}`);
              model.confirmed.delete(`${index} ${other}`);
            }
          } else if (does === 'restore') {
            table.enter();
            owner.neighbours = copyState(owner.neighbours);
            table.restored();
          } else if (does === 'look') {
            expect(table.standing(index, address(place), place, now)).toBe(model.standing(index, place));
          }
        }
        for (let i = 0; i < HOSTS * HOSTS; i++) {
          const [index, place] = [Math.floor(i / HOSTS), i % HOSTS];
          expect(table.standing(index, address(place), place, model.now as Instant)).toBe(model.standing(index, place));
        }
      }),
      { numRuns: 400 },
    );
  });

  test('takes a byte for each pair of hosts', () => {
    const layout = new Layout(lan(100));
    const owner = { neighbours: initialNeighbours(layout) };
    const table = new Neighbours(layout, owner, () => ({ ticks: 60, until: 1e9 }));
    table.know(0, layout.unique[1] as Address, 1, 1, undefined, seconds(1) as number as Instant);
    expect(owner.neighbours.tables.map(({ byteLength }) => byteLength)).toEqual([100 * 100]);
  });
});
