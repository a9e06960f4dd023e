import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import { Cells } from './cells.ts';
import { VACUOUS } from './check.ts';
import { elections } from './elections.ts';
import { RAFT } from './observed.ts';

/** What three servers show, one on each host, and what the check says about it. */
function watched() {
  const names = new Names();
  const cells = new Cells(names);
  const check = elections('ElectionSafety', names, cells, [0, 1, 2]);
  const show = (node: number, shown: Partial<Record<keyof typeof RAFT, string | number>>) => {
    for (const [field, value] of Object.entries(shown))
      cells.cell(0, 0, node, names.id(`n${node}`), names.id(RAFT[field as keyof typeof RAFT]), value);
    return check.judge();
  };
  return { show };
}

const voters = 'n0 n1 n2';

describe('at most one leader in a term (Raft, Figure 3)', () => {
  test('nothing was shown as long as nobody leads', () => {
    expect(watched().show(0, { role: 'candidate', term: 2, voters })).toBe(VACUOUS);
  });

  test('one leader after another, each in a term of its own, is well', () => {
    const { show } = watched();
    expect(show(0, { term: 2, voters, role: 'leader' })).toBeUndefined();
    expect(show(1, { term: 3, voters, role: 'leader' })).toBeUndefined();
    show(0, { role: 'follower', term: 3 });
    expect(show(0, { role: 'leader', term: 4 })).toBeUndefined();
  });

  test('two in one term are not, even when the first has stepped down since', () => {
    const { show } = watched();
    show(0, { term: 2, voters, role: 'leader' });
    show(0, { role: 'follower' });
    expect(show(1, { term: 2, voters, role: 'leader' })).toBe('term 2 has two leaders, n0 and n1');
  });

  test('servers that do not count each other among their voters are of different clusters', () => {
    const { show } = watched();
    show(0, { term: 2, voters: 'n0', role: 'leader' });
    expect(show(1, { term: 2, voters: 'n1', role: 'leader' })).toBeUndefined();
    expect(show(2, { term: 2, voters, role: 'leader' })).toBe('term 2 has two leaders, n0 and n2');
  });
});
