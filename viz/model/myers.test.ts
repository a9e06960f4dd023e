import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shortestEdit } from './myers.ts';

const lists = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });

/** The length of the longest common part, by the plain recurrence. */
function common(left: readonly string[], right: readonly string[]): number {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = 1; i <= left.length; i++) {
    for (let j = 1; j <= right.length; j++) {
      const [row, above] = [table[i] as number[], table[i - 1] as number[]];
      row[j] = left[i - 1] === right[j - 1] ? (above[j - 1] as number) + 1 : Math.max(above[j] as number, row[j - 1] as number);
    }
  }
  return table[left.length]?.[right.length] as number;
}

describe('the way from one list to another', () => {
  test('takes the example of the paper in five steps', () => {
    const edit = shortestEdit([...'ABCABBA'], [...'CBABAC']);
    expect(edit.filter(({ type }) => type !== 'same')).toHaveLength(5);
  });

  test('goes through all of both in order, keeps only what is equal, and is as short as can be', () => {
    fc.assert(
      fc.property(lists, lists, (left, right) => {
        const edit = shortestEdit(left, right);
        expect(edit.flatMap((step) => ('left' in step ? [step.left] : []))).toEqual([...left.keys()]);
        expect(edit.flatMap((step) => ('right' in step ? [step.right] : []))).toEqual([...right.keys()]);
        for (const step of edit) if (step.type === 'same') expect(left[step.left]).toBe(right[step.right]);
        expect(edit.filter(({ type }) => type === 'same')).toHaveLength(common(left, right));
      }),
    );
  });
});
