import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Endpoint, NameId } from '../names.ts';
import { type Configuration, configuration } from '../raft/configuration.ts';
import { type Instant, milliseconds, seconds } from '../time.ts';
import { failureTolerance, healthAfter, isHealthy, promotable, prunable, type Stats } from './autopilot.ts';
import { AUTOPILOT_DEFAULTS } from './config.ts';
import type { ServerMember } from './servers.ts';

const at = (name: number) => ({ name: name as NameId, endpoint: name as Endpoint });

const member = (name: number, status: ServerMember['status'] = 'alive', readReplica = false): ServerMember => ({
  ...at(name),
  rpc: (name + 100) as Endpoint,
  status,
  datacenter: 'dc1',
  expect: 0,
  bootstrap: false,
  readReplica,
});

const known = (...members: readonly ServerMember[]) => new Map(members.map((each) => [each.name, each]));

const leader: Stats = { lastContact: 0, lastTerm: 3, lastIndex: 1000 };
const good: Stats = { lastContact: milliseconds(80), lastTerm: 3, lastIndex: 990 };

describe('who is healthy', () => {
  test.each<[string, ServerMember | undefined, Stats | undefined, boolean]>([
    ['one that gossip holds for alive and that follows', member(1), good, true],
    ['one that gossip does not know', undefined, good, false],
    ['one that failed', member(1, 'failed'), good, false],
    ['one that did not answer in time', member(1), undefined, false],
    ['one that heard the leader 200 ms ago', member(1), { ...good, lastContact: milliseconds(200) }, true],
    ['one that heard the leader longer ago', member(1), { ...good, lastContact: milliseconds(201) }, false],
    ['one that never heard a leader', member(1), { ...good, lastContact: -1 }, false],
    ['one whose last entry is of another term', member(1), { ...good, lastTerm: 2 }, false],
    ['one that is 250 entries behind', member(1), { ...good, lastIndex: 750 }, true],
    ['one that is 251 entries behind', member(1), { ...good, lastIndex: 749 }, false],
  ])('%s', (_, server, stats, healthy) => {
    expect(isHealthy(server, stats, leader, AUTOPILOT_DEFAULTS)).toBe(healthy);
  });

  test('how long one is healthy counts from the last change', () => {
    const first = healthAfter(undefined, true, 5 as Instant);
    expect(healthAfter(first, true, 9 as Instant)).toEqual({ healthy: true, since: 5 });
    expect(healthAfter(first, false, 9 as Instant)).toEqual({ healthy: false, since: 9 });
  });

  test.each([
    [3, 3, 1],
    [3, 2, 0],
    [5, 5, 2],
    [4, 4, 1],
    [1, 1, 0],
    [5, 2, 0],
  ])('of %i voters with %i healthy, %i may die', (voters, healthy, tolerance) => {
    expect(failureTolerance(voters, healthy)).toBe(tolerance);
  });
});

describe('who becomes a voter', () => {
  const config = configuration({ voters: [at(1)], learners: [at(2)] });
  const now = seconds(100) as number as Instant;
  const health = (since: number, healthy = true) => new Map([[2 as NameId, { healthy, since: since as Instant }]]);
  const long = 0 as Instant;

  test('a learner that has been healthy for ten seconds, and no sooner', () => {
    const ready = (since: number) => promotable(config, known(member(2)), health(since), long, now, AUTOPILOT_DEFAULTS).length;
    expect(ready(seconds(90))).toBe(1);
    expect(ready(seconds(90) + 1)).toBe(0);
  });

  test('nobody waits for an autopilot that is younger than that', () => {
    const startedAt = (now - seconds(9)) as Instant;
    expect(promotable(config, known(member(2)), health(now), startedAt, now, AUTOPILOT_DEFAULTS)).toHaveLength(1);
    expect(promotable(config, known(member(2)), health(now, false), startedAt, now, AUTOPILOT_DEFAULTS)).toEqual([]);
  });

  test('never a read replica', () => {
    const replica = known(member(2, 'alive', true));
    expect(promotable(config, replica, health(0), long, now, AUTOPILOT_DEFAULTS)).toEqual([]);
  });
});

describe('which of the dead are removed', () => {
  const voters = (count: number) => configuration({ voters: Array.from({ length: count }, (_, i) => at(i + 1)) });
  /** The first so many of the members have failed. */
  const failed = (dead: number, count: number) =>
    known(...Array.from({ length: count }, (_, i) => member(i + 1, i < dead ? 'failed' : 'alive')));

  test.each([
    [3, 1, [1]],
    [3, 2, [1]],
    [5, 2, [1, 2]],
    [5, 3, [1, 2]],
    [2, 1, []],
    [4, 2, [1]],
  ])('of %i voters with %i dead: %j', (count, dead, gone) => {
    expect(prunable(voters(count), failed(dead, count), 0)).toEqual({ remove: [], forceLeave: gone });
  });

  test('no more than leaves the least quorum', () => {
    expect(prunable(voters(5), failed(2, 5), 4).forceLeave).toEqual([1]);
    expect(prunable(voters(5), failed(2, 5), 5).forceLeave).toEqual([]);
  });

  test('those that gossip has forgotten go from the configuration, beside what may be removed of the others', () => {
    const config = configuration({ voters: [at(1), at(2), at(3), at(4)], learners: [at(5)] });
    const members = known(member(1), member(2), member(3, 'failed'));
    expect(prunable(config, members, 0)).toEqual({ remove: [5, 4], forceLeave: [3] });
  });

  test('whatever is known of a cluster, of those that gossip knows more than half stay, and never fewer than the least quorum', () => {
    const statuses = fc.array(fc.constantFrom('alive', 'failed', 'unknown'), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(statuses, fc.integer({ min: 0, max: 5 }), (all, minQuorum) => {
        const config: Configuration = voters(all.length);
        const members = known(
          ...all.flatMap((status, i) => (status === 'unknown' ? [] : [member(i + 1, status as ServerMember['status'])])),
        );
        const { forceLeave } = prunable(config, members, minQuorum);
        const left = members.size - forceLeave.length;
        expect(forceLeave.every((name) => members.get(name)?.status === 'failed')).toBe(true);
        if (forceLeave.length > 0) expect(left).toBeGreaterThanOrEqual(minQuorum);
        if (members.size > 0) expect(2 * left).toBeGreaterThan(members.size);
      }),
    );
  });
});
