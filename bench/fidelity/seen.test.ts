import { expect, test } from 'vitest';
import { allAlive, fails, first, joins, last, printed } from './seen.ts';
import { type Line, machines, type Seen, withoutTime } from './world.ts';

const [a, b] = machines(2) as [ReturnType<typeof machines>[number], ReturnType<typeof machines>[number]];
const line = (at: number, host: string, text: string, of = 'serf agent'): Line => ({ at, host, of, text });
const seen = (...lines: Line[]): Seen => ({ lines, done: [] });

test('a log line is told without its time, other lines as they are', () => {
  expect(withoutTime('    2026/11/21 15:41:23 [INFO] serf: EventMemberJoin: n1 10.77.0.1')).toBe(joins(a));
  expect(withoutTime('    Join completed.')).toBe('    Join completed.');
});

test('the first of several hosts and the last of them are told apart, and one that is missing is not overlooked', () => {
  const both = seen(line(1, 'n1', 'x'), line(5, 'n2', 'x'), line(7, 'n1', 'x'));
  expect([first(both, [a, b], 'x', 0), first(both, [a, b], 'x', 2), last(both, [a, b], 'x', 0)]).toEqual([1, 5, 5]);
  expect(last(both, [a, b], 'x', 6)).toBeUndefined();
});

test('a cluster is whole when each member has heard of each other again', () => {
  const start = [line(1, 'n1', joins(a)), line(1, 'n2', joins(b)), line(2, 'n1', joins(b)), line(3, 'n2', joins(a))];
  const apart = [line(10, 'n1', fails(b)), line(12, 'n2', fails(a)), line(20, 'n1', joins(b))];
  expect(allAlive(seen(...start), [a, b], 0)).toBe(3);
  expect(allAlive(seen(...start, ...apart), [a, b], 9)).toBeUndefined();
  expect(allAlive(seen(...start, ...apart, line(21, 'n2', joins(a))), [a, b], 9)).toBe(21);
});

test('what a command printed is kept apart from what others printed on that host', () => {
  const lines = seen(line(1, 'n1', 'one', 'cat /root/seen'), line(2, 'n1', 'log'), line(3, 'n1', '', 'cat /root/seen'));
  expect(printed(lines, 'n1', 'cat')).toBe('one\n\n');
});
