import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import type { Instant } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { Terminals } from '../run/terminals.ts';
import { Cells } from './cells.ts';
import { Conditions } from './conditions.ts';

const [A, B] = [0, 1] as const;

/** Two hosts with an agent each, whose cells and terminals the test fills. */
function hosts() {
  const names = new Names();
  const cells = new Cells(names);
  const terminals = new Terminals();
  const conditions = new Conditions({ names, cells, terminals, nodes: ['a', 'b'] });
  let job = 0;
  const tell = (kind: number, node: number, payload: unknown, size = 0) => {
    for (const sink of [cells, terminals])
      sink.record(0 as never, 0 as Instant, kind, node, -1, 0 as never, 0 as never, size, payload);
  };
  return {
    missing: conditions.missing.bind(conditions),
    tell,
    status: (node: number, member: string, status: string) =>
      cells.cell(0, 0, node, names.id(member), names.id('serf.status'), status),
    raft: (node: number, field: string, value: number | string) =>
      cells.cell(0 as never, 0 as Instant, node, names.id('x'), names.id(`raft.${field}`), value),
    prints: (node: number, command: string, lines: readonly string[], exit?: number) => {
      job++;
      tell(Kind.command, node, { job, line: command });
      for (const text of lines) tell(Kind.output, node, { job, text });
      if (exit !== undefined) tell(Kind.exit, node, { job }, exit);
    },
  };
}

describe('members', () => {
  const alive = { type: 'members', nodes: [A, B], alive: ['a', 'b'] } as const;

  test('every host that is asked must show exactly these', () => {
    const { status, missing } = hosts();
    for (const node of [A, B]) status(node, 'a', 'alive');
    status(A, 'b', 'alive');
    expect(missing(alive)).toBe('b shows alive: a; expected a, b');
    status(B, 'b', 'alive');
    expect(missing(alive)).toBeUndefined();
    status(B, 'c', 'alive');
    expect(missing(alive)).toBe('b shows alive: a, b, c; expected a, b');
  });

  test('a status that is not named is not looked at', () => {
    const { status, missing } = hosts();
    status(A, 'a', 'alive');
    status(A, 'z', 'failed');
    expect(missing({ type: 'members', nodes: [A], alive: ['a'] })).toBeUndefined();
    expect(missing({ type: 'members', nodes: [A], failed: [] })).toBe('a shows failed: z; expected nobody');
  });

  test('an agent that has stopped, or whose host has crashed, shows nobody', () => {
    const { status, missing, tell } = hosts();
    const condition = { type: 'members', nodes: [A], alive: ['a'] } as const;
    tell(Kind.start, A, { process: 1000, command: 'serf agent', parts: ['gossip', 'serf'] });
    status(A, 'a', 'alive');
    tell(Kind.stop, A, { process: 999, how: 'SIGTERM' });
    expect(missing(condition)).toBeUndefined();
    tell(Kind.stop, A, { process: 1000, how: 'SIGTERM' });
    expect(missing(condition)).toBe('a shows alive: nobody; expected a');
    status(A, 'a', 'alive');
    tell(Kind.crash, A, {});
    expect(missing(condition)).toBe('a shows alive: nobody; expected a');
  });
});

describe('raft', () => {
  const two = () => {
    const all = hosts();
    for (const [node, leader] of [
      [A, 'a'],
      [B, 'a'],
    ] as const) {
      all.raft(node, 'leader', leader);
      all.raft(node, 'role', node === A ? 'leader' : 'follower');
      all.raft(node, 'term', 3);
      all.raft(node, 'commit', 7 - node);
      all.raft(node, 'voters', 'a b');
    }
    return all;
  };

  test.each([
    [{ leader: 'any' }, undefined],
    [{ leader: 'a' }, undefined],
    [{ leader: 'b' }, 'a shows a as leader'],
    [{ leader: 'none' }, 'a shows a as leader'],
    [{ leader: 'any', except: 'a' }, 'a shows a as leader'],
    [{ role: 'leader' }, 'b shows the role follower'],
    [{ term: { min: 3, max: 3 } }, undefined],
    [{ term: { min: 4 } }, 'a shows a term of 3; expected one of at least 4'],
    [{ commit: { min: 7 } }, 'b shows a commit index of 6; expected one of at least 7'],
    [{ commit: { max: 6 } }, 'a shows a commit index of 7; expected one of at most 6'],
    [{ voters: ['b', 'a'] }, undefined],
    [{ voters: ['a', 'b', 'c'] }, 'a shows the voters a, b; expected a, b, c'],
  ] as const)('%j', (shown, lacks) => {
    expect(two().missing({ type: 'raft', nodes: [A, B], ...shown })).toBe(lacks);
  });

  test('any leader is the same one everywhere, and no leader is none', () => {
    const { raft, missing } = two();
    raft(B, 'leader', 'b');
    expect(missing({ type: 'raft', nodes: [A, B], leader: 'any' })).toBe('b shows b as leader, and a shows a');
    raft(B, 'leader', '');
    expect(missing({ type: 'raft', nodes: [A, B], leader: 'any' })).toBe('b shows no leader');
    expect(missing({ type: 'raft', nodes: [B], leader: 'none' })).toBeUndefined();
  });

  test('a host without a server shows nothing', () => {
    expect(hosts().missing({ type: 'raft', nodes: [A], leader: 'none' })).toBe('a runs no server of Raft');
  });
});

describe('output', () => {
  test.each([
    [{ type: 'includes', texts: ['one', 'two'] }, undefined],
    [{ type: 'includes', texts: ['one', 'three'] }, 'a has not printed "three"'],
    [{ type: 'matches', pattern: '^t.o$' }, undefined],
    [{ type: 'matches', pattern: '^t$' }, 'a has not printed a match of /^t$/'],
    [{ type: 'equals', text: 'one\ntwo\n' }, undefined],
    [{ type: 'equals', text: 'one' }, 'a has not printed exactly "one"'],
  ] as const)('%j', (text, lacks) => {
    const { prints, missing } = hosts();
    prints(A, 'cat x', ['one', 'two']);
    expect(missing({ type: 'output', nodes: [A], of: undefined, text })).toBe(lacks);
  });

  test('only that of the command that is named counts', () => {
    const { prints, missing } = hosts();
    prints(A, 'serf join b', ['joined']);
    const condition = { type: 'output', nodes: [A], text: { type: 'includes', texts: ['joined'] } } as const;
    expect(missing({ ...condition, of: 'serf join' })).toBeUndefined();
    expect(missing({ ...condition, of: 'serf members' })).toBe('a has not printed "joined" by `serf members`');
  });
});

test('an exit status is that of the command, once it has ended', () => {
  const { prints, missing } = hosts();
  const condition = { type: 'exit', nodes: [A], of: 'ping', code: 0 } as const;
  prints(A, 'ping x', []);
  expect(missing(condition)).toBe('a has no exit status 0 by `ping`');
  prints(A, 'ping y', [], 1);
  expect(missing(condition)).toBe('a has no exit status 0 by `ping`, but 1');
  prints(A, 'ping z', [], 0);
  expect(missing(condition)).toBeUndefined();
});
