import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTags, readTags, type Tags, writeTags } from './tags.ts';

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
