import { expect, test } from 'vitest';
import { Owners } from './owners.ts';

test('what was said of an owner is known until something else is, of however many owners', () => {
  const owners = new Owners();
  for (let owner = 0; owner < 1_000; owner++) owners.set(owner, owner % 2 === 0, [owner, owner + 1]);
  owners.set(500, false, []);
  expect([498, 499, 500, 501].map((owner) => owners.isPrompt(owner))).toEqual([true, false, false, false]);
  expect([owners.handle(0, 0), owners.handle(998, 0), owners.handle(998, 1)]).toEqual([0, 998, 999]);
  expect(owners.handle(998, 2)).toBeLessThan(0);
  expect(owners.handle(500, 0)).toBeLessThan(0);
});

test('an owner with more sockets than there is room for has to be asked for the others', () => {
  const owners = new Owners();
  owners.set(0, true, [10, 11, 12, 13, 14, 15, 16, 17, 18]);
  expect([0, 6].map((socket) => owners.handle(0, socket))).toEqual([10, 16]);
  expect(owners.handle(0, 7)).toBeLessThan(0);
});
