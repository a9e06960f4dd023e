import fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeTags, formatTags, readTags, type Tags, tagsProblem, writeTags } from './tags.ts';

test('tags are read as they were written', () => {
  // Keys like numbers come out in the order of numbers: the order of tags means nothing.
  const keys = fc.string({ minLength: 1 }).filter((key) => !/^\d+$/.test(key));
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(keys, fc.string()), { selector: ([key]) => key }), (tags: Tags) => {
      expect(readTags(writeTags(tags))).toEqual(tags);
    }),
  );
});

test.each(['web', '', '{"role"', '[1]', 'null', '7'])('what an old agent says, "%s", is its role', (text) => {
  expect(readTags(text)).toEqual([['role', text]]);
});

test('are printed as members lists them', () => {
  expect(
    formatTags([
      ['role', 'web'],
      ['dc', 'a'],
    ]),
  ).toBe('role=web,dc=a');
});

test('take 512 bytes at most', () => {
  // A byte that marks them, one for the map, two for the key, and three more than its letters for the value.
  const tags = (letters: number): Tags => [['k', 'x'.repeat(letters)]];
  expect(describeTags(tags(505), 5).bytes).toBe(512);
  expect(tagsProblem(tags(505))).toBeUndefined();
  expect(tagsProblem(tags(506))).toBe('Encoded length of tags exceeds limit of 512 bytes');
});

test('of an agent before version 3 are its role as plain text', () => {
  expect(describeTags([['role', 'web']], 2)).toEqual({ text: 'web', bytes: 3 });
  expect(describeTags([['dc', 'a']], 2)).toEqual({ text: '', bytes: 0 });
});
