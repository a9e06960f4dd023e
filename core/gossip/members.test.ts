import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Xoshiro } from '../laws/xoshiro.ts';
import type { NameId } from '../names.ts';
import { START } from '../time.ts';
import { choose } from './choose.ts';
import { at, type Column, put } from './column.ts';
import type { DescriptionId } from './description.ts';
import {
  descriptionOf,
  incarnationOf,
  insert,
  type MembersState,
  memberAt,
  newMembers,
  renew,
  setClaim,
  setDescription,
  statusOf,
} from './members.ts';
import type { Incarnation } from './message.ts';
import { ALIVE, DEAD, LEFT, SUSPECT } from './status.ts';

const name = (n: number): NameId => n as NameId;
const incarnation = (n: number): Incarnation => n as Incarnation;
const none = (): void => {};

function listOf(count: number, random = new Xoshiro(1, 'members')): MembersState {
  const members = newMembers();
  for (let i = 0; i < count; i++) {
    setClaim(members, name(i), ALIVE, incarnation(1));
    insert(members, name(i), random);
  }
  return members;
}

const order = (members: MembersState): number[] => Array.from({ length: members.count }, (_, i) => memberAt(members, i));

describe('a claim', () => {
  test('holds any state with any incarnation, and says so of a name that is unknown', () => {
    fc.assert(
      fc.property(
        fc.nat(50),
        fc.constantFrom(ALIVE, SUSPECT, DEAD, LEFT),
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        (n, status, i) => {
          const members = newMembers();
          expect(statusOf(members, name(n))).toBeUndefined();
          setClaim(members, name(n), status, incarnation(i));
          expect([statusOf(members, name(n)), incarnationOf(members, name(n))]).toEqual([status, i]);
          setClaim(members, name(n), status, incarnation(1));
          expect(incarnationOf(members, name(n))).toBe(1);
          expect(members.large.size).toBe(0);
        },
      ),
    );
  });

  test('keeps to itself, beside others and beside descriptions, however large they are', () => {
    const sizes = fc.constantFrom(1, 100, 8_191, 8_192, 65_535, 65_536, 2 ** 29, 2 ** 32 - 1);
    const steps = fc.array(fc.tuple(fc.nat(40), sizes, fc.constantFrom(0, 7, 65_535, 65_536, 2 ** 31)), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (puts) => {
        const members = newMembers();
        const model = new Map<number, readonly [number, number]>();
        for (const [n, i, description] of puts) {
          setClaim(members, name(n), ALIVE, incarnation(i));
          setDescription(members, name(n), description as DescriptionId);
          model.set(n, [i, description]);
        }
        for (let n = 0; n <= 41; n++) {
          const [i, description] = model.get(n) ?? [0, 0];
          expect([incarnationOf(members, name(n)), descriptionOf(members, name(n))]).toEqual([i, description]);
          expect(statusOf(members, name(n))).toBe(model.has(n) ? ALIVE : undefined);
        }
      }),
    );
  });

  test('of ten thousand members takes six bytes each', () => {
    const members = newMembers();
    const random = new Xoshiro(1, 'members');
    for (let i = 0; i < 10_000; i++) {
      setClaim(members, name(i), ALIVE, incarnation(1));
      setDescription(members, name(i), (10_000 + i) as DescriptionId);
      insert(members, name(i), random);
    }
    expect(members.wide).toBe(false);
    expect(members.order.BYTES_PER_ELEMENT + members.rows.BYTES_PER_ELEMENT).toBe(6);
    expect(members.changedAt.size + members.large.size).toBe(0);
  });
});

describe('a column', () => {
  test('keeps whatever was put, and grows as wide as it must', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 0, max: 2 ** 32 - 1 }))), (puts) => {
        let column: Column = new Uint8Array(0);
        const model = new Map<number, number>();
        for (const [place, value] of puts) {
          column = put(column, place, value);
          model.set(place, value);
        }
        for (let place = 0; place <= 301; place++) expect(at(column, place)).toBe(model.get(place) ?? 0);
      }),
    );
  });

  test('of small numbers stays narrow', () => {
    expect(put(put(new Uint8Array(0), 1000, 255), 0, 7)).toBeInstanceOf(Uint8Array);
    expect(put(new Uint8Array(4), 0, 256)).toBeInstanceOf(Uint16Array);
    expect(put(new Uint16Array(4), 0, 65_536)).toBeInstanceOf(Uint32Array);
  });
});

describe('the probe order', () => {
  test('holds each member once, however they came', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer(), (count, seed) => {
        const members = listOf(count, new Xoshiro(seed, 'members'));
        expect(order(members).toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      }),
    );
  });

  test('a newcomer is as likely to be put anywhere but to the end', () => {
    const places = new Array<number>(5).fill(0);
    const random = new Xoshiro(7, 'members');
    for (let round = 0; round < 4000; round++) {
      const members = listOf(4, random);
      insert(members, name(9), random);
      const place = order(members).indexOf(9);
      places[place] = (places[place] as number) + 1;
    }
    // 1000 expected at each of the four old places; four standard deviations are 110.
    expect(places[4]).toBe(0);
    for (const count of places.slice(0, 4)) expect(Math.abs(count - 1000)).toBeLessThan(110);
  });

  test('once around, drops those to be forgotten and shuffles the rest', () => {
    const members = listOf(6);
    setClaim(members, name(2), DEAD, incarnation(3));
    members.changedAt.set(name(2), START);
    setDescription(members, name(2), 77 as DescriptionId);
    const forgotten: number[] = [];
    renew(
      members,
      (n) => n === 2 || n === 4,
      new Xoshiro(1, 'renew'),
      (n) => forgotten.push(n),
    );
    expect(forgotten.toSorted()).toEqual([2, 4]);
    expect(order(members).toSorted()).toEqual([0, 1, 3, 5]);
    expect(statusOf(members, name(2))).toBeUndefined();
    expect(members.changedAt.size).toBe(0);
    expect(descriptionOf(members, name(2))).toBe(77);
  });

  test('after a renewal every order is as likely', () => {
    const orders = new Map<string, number>();
    const random = new Xoshiro(3, 'renew');
    const members = listOf(3);
    for (let round = 0; round < 6000; round++) {
      renew(members, () => false, random, none);
      const key = order(members).join();
      orders.set(key, (orders.get(key) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    // 1000 expected of each; four standard deviations are 115.
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(115);
  });
});

describe('the choice of random members', () => {
  const choices = fc.record({
    length: fc.integer({ min: 0, max: 40 }),
    count: fc.integer({ min: 0, max: 5 }),
    sampling: fc.boolean(),
    seed: fc.integer(),
    modulus: fc.integer({ min: 1, max: 4 }),
  });

  test('gives distinct eligible ones, and no more than asked for', () => {
    fc.assert(
      fc.property(choices, ({ length, count, sampling, seed, modulus }) => {
        const random = new Xoshiro(seed, 'choose');
        const eligible = (n: NameId): boolean => n % modulus === 0;
        const chosen = choose({ members: listOf(length), random, count, eligible, sampling }, []);
        expect(chosen.length).toBeLessThanOrEqual(count);
        expect(new Set(chosen).size).toBe(chosen.length);
        for (const n of chosen) expect(eligible(n) && n < length).toBe(true);
      }),
    );
  });

  test('in a small list misses nobody, unless it is sampled as the old version did', () => {
    const missed = (sampling: boolean): number => {
      const random = new Xoshiro(5, 'choose');
      let misses = 0;
      for (let round = 0; round < 2000; round++) {
        const eligible = (n: NameId): boolean => n === 2;
        if (choose({ members: listOf(3), random, count: 3, eligible, sampling }, []).length === 0) misses++;
      }
      return misses / 2000;
    };
    expect(missed(false)).toBe(0);
    // (2/3)⁹ = 2.6 %, as measured in 3-node clusters.
    expect(missed(true)).toBeGreaterThan(0.012);
    expect(missed(true)).toBeLessThan(0.04);
  });

  test('chooses each as often', () => {
    const random = new Xoshiro(9, 'choose');
    for (const length of [5, 20]) {
      const members = listOf(length);
      const counts = new Array<number>(length).fill(0);
      for (let round = 0; round < 1000 * length; round++) {
        const chosen = choose({ members, random, count: 2, eligible: () => true, sampling: false }, []);
        for (const n of chosen) counts[n] = (counts[n] as number) + 1;
      }
      // 2000 expected of each; five standard deviations are 220.
      for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(220);
    }
  });
});
