import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, NameId } from '../names.ts';
import { type Instant, milliseconds, seconds } from '../time.ts';
import { applyStep, enterJoint, isAllowed, leaveJoint } from './change.ts';
import { type Configuration, configuration, isMember, isVoter, membersOf, type Server } from './configuration.ts';
import type { ChangeStep } from './interface.ts';
import { RULES } from './rules.ts';

const server = (n: number): Server => ({ name: n as NameId, endpoint: n as Endpoint });
const servers = (...numbers: number[]): Server[] => numbers.map(server);
const names = (list: readonly Server[]): number[] => list.map(({ name }) => name);
const voters = (...numbers: number[]): Configuration => configuration({ voters: servers(...numbers) });

const ends = fc.record({ index: fc.nat(20), term: fc.nat(5) });

describe('whose log is up to date (Raft §5.4.1)', () => {
  test('of any two logs at least one may lead the other, and of three the best may lead all', () => {
    fc.assert(
      fc.property(ends, ends, ends, (a, b, c) => {
        const mayLead = RULES.isUpToDate;
        expect(mayLead(a, b) || mayLead(b, a)).toBe(true);
        if (mayLead(a, b) && mayLead(b, c)) expect(mayLead(a, c)).toBe(true);
        if (mayLead(a, b) && mayLead(b, a)) expect(a).toEqual(b);
      }),
    );
  });
});

describe('who gets a vote (Raft §5.2)', () => {
  const [candidate, other] = [1 as NameId, 2 as NameId];
  test.each`
    votedFor     | leader       | upToDate | grants
    ${undefined} | ${undefined} | ${true}  | ${true}
    ${undefined} | ${undefined} | ${false} | ${false}
    ${candidate} | ${undefined} | ${true}  | ${true}
    ${candidate} | ${undefined} | ${false} | ${false}
    ${other}     | ${undefined} | ${true}  | ${false}
    ${undefined} | ${other}     | ${true}  | ${false}
    ${candidate} | ${other}     | ${true}  | ${true}
  `('voted for $votedFor, leader $leader, log up to date: $upToDate: $grants', ({ votedFor, leader, upToDate, grants }) => {
    expect(RULES.mayGrantVote({ candidate, votedFor, leader, upToDate })).toBe(grants);
  });
});

describe('majorities', () => {
  test.each`
    size | quorum
    ${1} | ${1}
    ${2} | ${2}
    ${3} | ${2}
    ${4} | ${3}
    ${5} | ${3}
    ${6} | ${4}
    ${7} | ${4}
  `('of $size voters $quorum decide', ({ size, quorum }) => {
    const all = Array.from({ length: size }, (_, i) => i as NameId);
    const config = voters(...all);
    expect(RULES.hasMajority(config, all.slice(0, quorum))).toBe(true);
    expect(RULES.hasMajority(config, all.slice(0, quorum - 1))).toBe(false);
    // An election is lost when those who have not refused are too few.
    expect(RULES.isLost(config, all.slice(0, size - quorum + 1))).toBe(true);
    expect(RULES.isLost(config, all.slice(0, size - quorum))).toBe(false);
  });

  test('in a joint change both halves decide, and either is enough to lose (Raft §6)', () => {
    const joint = configuration({ voters: servers(1, 4, 5), outgoing: servers(1, 2, 3) });
    const yes = (...list: number[]): boolean => RULES.hasMajority(joint, list as NameId[]);
    expect([yes(1, 2), yes(1, 4), yes(1, 2, 4), yes(2, 3, 4, 5), yes(4, 5)]).toEqual([false, false, true, true, false]);
    expect(RULES.isLost(joint, [4, 5] as NameId[])).toBe(true);
    expect(RULES.isLost(joint, [2, 4] as NameId[])).toBe(false);
  });

  test('the index on a majority is the highest that so many have', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }), (matches) => {
        const descending = [...matches].sort((a, b) => b - a);
        const index = RULES.majorityMatch(descending, matches.length);
        const have = (least: number): number => matches.filter((match) => match >= least).length;
        expect(2 * have(index)).toBeGreaterThan(matches.length);
        expect(2 * have(index + 1)).toBeLessThanOrEqual(matches.length);
      }),
    );
  });
});

describe('what is committed', () => {
  test.each`
    commit | onMajority | term         | current | becomes
    ${3}   | ${5}       | ${4}         | ${4}    | ${5}
    ${3}   | ${5}       | ${2}         | ${4}    | ${3}
    ${3}   | ${2}       | ${4}         | ${4}    | ${3}
    ${3}   | ${5}       | ${undefined} | ${4}    | ${3}
  `(
    'a leader at $commit whose majority has $onMajority of term $term, in term $current: $becomes',
    ({ commit, onMajority, term, current, becomes }) => {
      expect(RULES.leaderCommit(commit, onMajority, term, current)).toBe(becomes);
    },
  );

  test('a follower’s commit index never falls, nor goes beyond what was checked', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20), (commit, leader, checked, last) => {
        const next = RULES.followerCommit(commit, leader, checked, last);
        expect(next).toBeGreaterThanOrEqual(commit);
        if (next > commit) expect(next).toBe(Math.min(leader, checked));
      }),
    );
  });
});

describe('changes of the configuration', () => {
  const step = (type: 'voter' | 'learner', n: number): ChangeStep => ({ type, server: server(n) });
  const remove = (n: number): ChangeStep => ({ type: 'remove', name: n as NameId });

  // HashiCorp's table of AddVoter, AddNonvoter and RemoveServer; `keeps` is its AddNonvoter, else a voter is demoted as by its DemoteVoter.
  test.each`
    what                      | before                                                         | change                | keeps    | voters       | learners
    ${'a stranger votes'}     | ${voters(1, 2)}                                                | ${step('voter', 3)}   | ${false} | ${[1, 2, 3]} | ${[]}
    ${'a learner votes'}      | ${configuration({ voters: servers(1), learners: servers(2) })} | ${step('voter', 2)}   | ${false} | ${[1, 2]}    | ${[]}
    ${'a voter votes'}        | ${voters(1, 2)}                                                | ${step('voter', 2)}   | ${false} | ${[1, 2]}    | ${[]}
    ${'a stranger learns'}    | ${voters(1, 2)}                                                | ${step('learner', 3)} | ${true}  | ${[1, 2]}    | ${[3]}
    ${'a voter learns'}       | ${voters(1, 2)}                                                | ${step('learner', 2)} | ${false} | ${[1]}       | ${[2]}
    ${'a voter learns, kept'} | ${voters(1, 2)}                                                | ${step('learner', 2)} | ${true}  | ${[1, 2]}    | ${[]}
    ${'a voter goes'}         | ${voters(1, 2)}                                                | ${remove(2)}          | ${false} | ${[1]}       | ${[]}
    ${'a learner goes'}       | ${configuration({ voters: servers(1), learners: servers(2) })} | ${remove(2)}          | ${false} | ${[1]}       | ${[]}
    ${'a stranger goes'}      | ${voters(1, 2)}                                                | ${remove(3)}          | ${false} | ${[1, 2]}    | ${[]}
  `('$what', ({ before, change, keeps, voters: then, learners }) => {
    const after = applyStep(before, change, keeps);
    expect([names(after.voters), names(after.learners)]).toEqual([then, learners]);
  });

  test('a known server takes a new address and keeps its part', () => {
    const moved = { name: 2 as NameId, endpoint: 9 as Endpoint };
    expect(applyStep(voters(1, 2), { type: 'voter', server: moved }, false).voters).toEqual([server(1), moved]);
    const { learners } = applyStep(
      configuration({ voters: servers(1), learners: servers(2) }),
      { type: 'learner', server: moved },
      true,
    );
    expect(learners).toEqual([moved]);
  });

  const subsets = fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 });

  test('any two majorities of configurations that one voter tells apart meet (thesis §4.1)', () => {
    fc.assert(
      fc.property(subsets, subsets, subsets, subsets, (before, after, some, others) => {
        fc.pre(isAllowed(voters(...before), voters(...after)));
        fc.pre(RULES.hasMajority(voters(...before), some as NameId[]) && RULES.hasMajority(voters(...after), others as NameId[]));
        expect(some.some((name) => others.includes(name))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('a majority of a joint configuration meets every majority of what was before and of what comes (Raft §6)', () => {
    fc.assert(
      fc.property(subsets, subsets, subsets, subsets, (before, after, some, others) => {
        const joint = enterJoint(voters(...before), voters(...after));
        fc.pre(RULES.hasMajority(joint, some as NameId[]));
        for (const config of [voters(...before), voters(...after)]) {
          if (RULES.hasMajority(config, others as NameId[])) expect(some.some((name) => others.includes(name))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('voters that are to learn keep their vote until the joint change ends', () => {
    const after = configuration({ voters: servers(1, 4), learners: servers(2, 5) });
    const joint = enterJoint(voters(1, 2, 3), after);
    expect([names(joint.learners), names(joint.learnersNext), isVoter(joint, 2 as NameId)]).toEqual([[5], [2], true]);
    expect(names(membersOf(joint)).sort()).toEqual([1, 2, 3, 4, 5]);
    const end = leaveJoint(joint);
    expect([names(end.voters), names(end.learners), isMember(end, 3 as NameId)]).toEqual([[1, 4], [5, 2], false]);
  });

  test.each`
    what                               | latestIndex | commitIndex | termStart | may
    ${'all is committed'}              | ${1}        | ${5}        | ${5}      | ${true}
    ${'a change is under way'}         | ${6}        | ${5}        | ${5}      | ${false}
    ${'nothing of the term committed'} | ${1}        | ${4}        | ${5}      | ${false}
  `('a leader may change it when $what: $may', ({ latestIndex, commitIndex, termStart, may }) => {
    expect(RULES.mayChangeConfiguration({ latest: voters(1), latestIndex, commitIndex, termStart })).toBe(may);
  });
});

describe('leases (thesis §6.4.1)', () => {
  test('end when the first voter may forget the leader by the fastest clock, and a margin earlier', () => {
    const sentAt = seconds(10) as number as Instant;
    expect(RULES.leaseEnd(sentAt, sentAt, seconds(1), 1, milliseconds(0))).toBe(seconds(11));
    expect(RULES.leaseEnd(sentAt, sentAt, seconds(1), 2, milliseconds(5))).toBe(milliseconds(10_495));
  });
});

describe('what a follower sends on (thesis §6.2)', () => {
  const session = { client: 3, sequence: 1, acknowledged: 0 };
  test.each`
    content                                                | none     | repeatable | all
    ${{ type: 'command', payload: 1, session }}            | ${false} | ${true}    | ${true}
    ${{ type: 'command', payload: 1, session: undefined }} | ${false} | ${false}   | ${true}
    ${{ type: 'register' }}                                | ${false} | ${true}    | ${true}
    ${{ type: 'barrier' }}                                 | ${false} | ${true}    | ${true}
  `('$content: $none, $repeatable, $all', ({ content, ...expected }) => {
    const { maySendOn } = RULES;
    expect({
      none: maySendOn('none', content),
      repeatable: maySendOn('repeatable', content),
      all: maySendOn('all', content),
    }).toEqual(expected);
  });
});

describe('when a new server has caught up (thesis §4.2.1)', () => {
  test.each`
    round | took    | then
    ${1}  | ${999}  | ${'promote'}
    ${1}  | ${1000} | ${'again'}
    ${9}  | ${5000} | ${'again'}
    ${10} | ${5000} | ${'too slow'}
    ${10} | ${10}   | ${'promote'}
  `('after round $round of $took ms, of ten, and an election timeout of 1 s: $then', ({ round, took, then }) => {
    expect(RULES.afterRound(round, milliseconds(took), seconds(1), 10)).toBe(then);
  });

  test.each`
    match | leader | share  | is
    ${89} | ${100} | ${0.9} | ${false}
    ${90} | ${100} | ${0.9} | ${true}
    ${0}  | ${100} | ${0}   | ${true}
  `('$match of $leader, of which $share are needed: $is', ({ match, leader, share, is }) => {
    expect(RULES.isCaughtUp(match, leader, share)).toBe(is);
  });
});

describe('when a cluster may be silent', () => {
  const idle = { underWay: 0, commitIndex: 9, lastApplied: 9, lastIndex: 9, leastMatch: 9, longestSilence: milliseconds(50) };
  test.each`
    but                                   | may
    ${{}}                                 | ${true}
    ${{ underWay: 1 }}                    | ${false}
    ${{ commitIndex: 8, lastApplied: 8 }} | ${false}
    ${{ lastApplied: 8 }}                 | ${false}
    ${{ leastMatch: 8 }}                  | ${false}
    ${{ longestSilence: seconds(1) }}     | ${false}
  `('a leader for which all is done, but $but: $may', ({ but, may }) => {
    expect(RULES.mayFallSilent({ ...idle, ...but }, seconds(1))).toBe(may);
  });

  test.each`
    told | commit | last  | may
    ${9} | ${9}   | ${9}  | ${true}
    ${8} | ${9}   | ${9}  | ${false}
    ${9} | ${8}   | ${9}  | ${false}
    ${9} | ${9}   | ${10} | ${false}
  `('a follower told that $told is all, with $commit of $last committed: $may', ({ told, commit, last, may }) => {
    expect(RULES.maySleep(told, commit, last)).toBe(may);
  });
});
