import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NameId } from '../names.ts';
import { flush, gather, type MemberEvent, newCoalescer } from './coalesce.ts';

const n = (id: number): NameId => id as NameId;

describe('gathering events', () => {
  test('of each member the last is told, and members with the same event together', () => {
    const coalescer = newCoalescer();
    expect(gather(coalescer, n(1), 'member-join')).toBe(true);
    expect(gather(coalescer, n(2), 'member-failed')).toBe(false);
    gather(coalescer, n(2), 'member-join');
    gather(coalescer, n(3), 'member-leave');
    expect(flush(coalescer, true)).toEqual([
      { event: 'member-join', names: [1, 2] },
      { event: 'member-leave', names: [3] },
    ]);
    expect(gather(coalescer, n(1), 'member-leave')).toBe(true);
  });

  test('what was told last about a member is not told again, unless it is an update', () => {
    const coalescer = newCoalescer();
    for (const event of ['member-join', 'member-update'] as const) {
      gather(coalescer, n(1), event);
      expect(flush(coalescer, false)).toEqual([{ event, names: [1] }]);
      gather(coalescer, n(1), event);
      expect(flush(coalescer, false)).toEqual(event === 'member-update' ? [{ event, names: [1] }] : []);
    }
  });

  test.each([
    [
      true,
      [
        { event: 'member-update', names: [1] },
        { event: 'member-join', names: [2] },
      ],
    ],
    [false, [{ event: 'member-join', names: [2] }]],
  ] as const)('with the original defect (%s) an update is told again with the next event of anybody', (keeps, told) => {
    const coalescer = newCoalescer();
    gather(coalescer, n(1), 'member-update');
    flush(coalescer, keeps);
    gather(coalescer, n(2), 'member-join');
    expect(flush(coalescer, keeps)).toEqual(told);
  });

  test('each flush names a member once, with the last thing that happened to it', () => {
    const events = fc.constantFrom<MemberEvent>('member-join', 'member-leave', 'member-failed', 'member-update', 'member-reap');
    const happenings = fc.array(fc.array(fc.tuple(fc.nat(5), events)));
    fc.assert(
      fc.property(happenings, fc.boolean(), (rounds, keeps) => {
        const coalescer = newCoalescer();
        const last = new Map<number, MemberEvent>();
        for (const round of rounds) {
          for (const [name, event] of round) {
            gather(coalescer, n(name), event);
            last.set(name, event);
          }
          const told = flush(coalescer, keeps).flatMap(({ event, names }) => names.map((name) => ({ name, event })));
          expect(new Set(told.map(({ name }) => name)).size).toBe(told.length);
          for (const { name, event } of told) expect(event).toBe(last.get(name));
        }
      }),
    );
  });
});
