import { describe, expect, test } from 'vitest';
import { LAN, LOCAL } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import { type Duration, type Instant, inSeconds, milliseconds, minutes, seconds } from '../time.ts';
import { Agents } from './agents.ts';
import { AGENT_DEFAULTS, SERF_DEFAULTS } from './config.ts';
import { type Coordinate, distance } from './coordinate.ts';
import type { MemberNotice } from './events.ts';
import type { CoordinateReply, MembersReply } from './interface.ts';

const cutOff =
  (...names: string[]) =>
  ({ from, to }: { from: string; to: string }): boolean =>
    names.includes(from) !== names.includes(to);

describe('joining', () => {
  test('lists everybody alive everywhere, with address, tags and protocol', () => {
    const agents = new Agents().gather(3, {
      tags: [
        ['role', 'web'],
        ['dc', 'a'],
      ],
    });
    for (const name of ['n1', 'n2', 'n3']) expect(agents.members(name)).toEqual(['n1 alive', 'n2 alive', 'n3 alive']);
    const { members } = agents.answered('n2', { command: 'members' }) as MembersReply;
    expect(members[0]).toEqual({
      name: 'n1',
      address: '10.0.0.1',
      port: 7946,
      status: 'alive',
      tags: [
        ['role', 'web'],
        ['dc', 'a'],
      ],
      protocol: { min: 2, max: 5, version: 5 },
    });
  });

  test('is logged as the real agent logs it', () => {
    const agents = new Agents();
    agents.start('n1');
    agents.start('n2');
    agents.ask('n2', { command: 'join', addresses: [agents.endpoint('n1')] });
    agents.run(seconds(1));
    expect(agents.node('n1').log[0]).toBe('0.000 [INFO] serf: EventMemberJoin: n1 10.0.0.1');
    expect(agents.logged('n1', /EventMemberJoin: n2 10\.0\.0\.2$/)).toHaveLength(1);
    expect(agents.logged('n1', /messageJoinType: n2$/)).toHaveLength(4); // as often as a rumour is sent in a small cluster
  });

  test('one after another: a second join waits for the first', () => {
    const agents = new Agents();
    for (const name of ['n1', 'n2', 'n3']) agents.start(name);
    const nobody = agents.names.endpoint(0x0a_00_00_63 as never, 7946);
    const first = agents.ask('n3', { command: 'join', addresses: [nobody] });
    const second = agents.ask('n3', { command: 'join', addresses: [agents.endpoint('n1')] });
    agents.when(() => agents.node('n3').replies.has(second), seconds(30));
    expect(agents.node('n3').replies.get(first)).toMatchObject({ contacted: 0 });
    expect(inSeconds(agents.now)).toBeGreaterThan(10);
  });
});

describe('a graceful leave', () => {
  test('takes two rounds of gossip each for intent and death, and a second', () => {
    const agents = new Agents().gather(4);
    const asked = agents.now;
    expect(agents.answered('n2', { command: 'leave' })).toEqual({});
    const took = inSeconds((agents.now - asked) as Duration);
    expect(took).toBeGreaterThan(1.2);
    expect(took).toBeLessThan(2);
  });

  test('is seen as left, with one event', () => {
    const agents = new Agents().gather(4);
    agents.answered('n2', { command: 'leave' });
    agents.kill('n2');
    agents.run(seconds(20));
    expect(agents.statuses('n2')).toEqual(['left', 'left', 'left']);
    for (const name of ['n1', 'n3', 'n4']) expect(agents.events(name)).toEqual(['member-leave n2']);
  });

  test.each([
    ['serf-0.10', true],
    ['fixed', false],
  ] as const)('as %s sets the clocks of those who stay going for ever: %s (leftTimesGrow)', (profile, grows) => {
    const agents = new Agents().gather(3, { profile, gossip: LOCAL });
    agents.answered('n3', { command: 'leave' });
    agents.kill('n3');
    agents.run(minutes(1));
    const before = agents.serf('n1').state.memberTime;
    agents.run(minutes(5));
    // Two members that exchange states every 15 s each.
    expect(agents.serf('n1').state.memberTime - before > 10).toBe(grows);
    if (!grows) expect(agents.serf('n1').state.memberTime).toBe(before);
    expect(agents.statuses('n3')).toEqual(['left', 'left']);
  });

  test('alone takes the second only', () => {
    const agents = new Agents().gather(1);
    const asked = agents.now;
    agents.answered('n1', { command: 'leave' });
    expect(agents.now - asked).toBe(seconds(1));
  });

  test('is refused while one is under way and harmless afterwards', () => {
    const agents = new Agents().gather(2);
    const first = agents.ask('n2', { command: 'leave' });
    expect(agents.answered('n2', { command: 'leave' })).toEqual({ error: 'Leave already in progress' });
    agents.when(() => agents.node('n2').replies.has(first), seconds(10));
    expect(agents.answered('n2', { command: 'leave' })).toEqual({});
    expect(agents.answered('n2', { command: 'join', addresses: [] })).toMatchObject({
      error: "Serf can't Join after Leave or Shutdown",
    });
  });

  test.each([
    ['serf-0.9', { error: 'timeout while waiting for graceful leave' }],
    ['serf-0.10', {}],
  ] as const)('that reaches nobody ends, as %s, with %o', (profile, reply) => {
    // Nothing is gossiped, so that no broadcast is ever done with.
    const agents = new Agents().gather(3, { profile, gossip: { ...LAN, gossipNodes: 0, probeInterval: 0 as Duration } });
    expect(agents.answered('n2', { command: 'leave' }, seconds(40))).toEqual(reply);
  });

  test('without it peers see a failure', () => {
    const agents = new Agents().gather(3);
    agents.answered('n2', { command: 'shutdown' });
    expect(agents.logged('n2', /\[WARN\] serf: Shutdown without a Leave/)).toHaveLength(1);
    agents.kill('n2');
    agents.run(seconds(15));
    expect(agents.statuses('n2')).toEqual(['failed', 'failed']);
    expect(agents.events('n1')).toEqual(['member-failed n2']);
  });
});

describe('force-leave', () => {
  test('makes a failed member left everywhere, and so no longer dialled', () => {
    const agents = new Agents().gather(3);
    agents.kill('n2');
    agents.run(seconds(15));
    expect(agents.forceLeave('n1', 'n2')).toEqual({});
    agents.run(seconds(2));
    expect(agents.statuses('n2')).toEqual(['left', 'left']);
    expect(agents.logged('n3', /EventMemberLeave \(forced\): n2 10\.0\.0\.2/)).toHaveLength(1);
    agents.run(minutes(3));
    const dialled = agents.logged('n1', /attempting reconnect/);
    expect(dialled).toEqual([]);
  });

  test('does not last on a living member, which contradicts', () => {
    const agents = new Agents().gather(4);
    agents.forceLeave('n1', 'n3');
    agents.run(seconds(5));
    expect(agents.statuses('n3')).toEqual(['alive', 'alive', 'alive', 'alive']);
    expect(agents.logged('n3', /Refuting an older leave intent/).length).toBeGreaterThan(0);
  });

  test('of somebody unknown is kept in case that somebody turns up', () => {
    const agents = new Agents().gather(2);
    expect(agents.forceLeave('n1', 'nobody')).toEqual({});
    agents.run(seconds(2));
    expect(agents.serf('n2').state.intents.get(agents.names.id('nobody'))).toMatchObject({ type: 'leave' });
    agents.run(minutes(6));
    expect(agents.serf('n2').state.intents.size).toBe(0);
  });

  test('with prune erases a failed member at once', () => {
    const agents = new Agents().gather(3);
    agents.kill('n2');
    agents.run(seconds(15));
    agents.forceLeave('n1', 'n2', true);
    agents.run(seconds(2));
    expect(agents.statuses('n2')).toEqual(['', '']);
    expect(agents.events('n1')).toEqual(['member-failed n2', 'member-leave n2', 'member-reap n2']);
  });
});

describe('a failed member', () => {
  test('is dialled until it answers, and comes back', () => {
    const agents = new Agents().gather(3);
    agents.loses = cutOff('n3');
    agents.run(seconds(90)); // long enough for memberlist to forget it on both sides
    expect(agents.statuses('n3')).toEqual(['failed', 'failed', 'alive']);
    agents.loses = () => false;
    agents.run(seconds(120));
    for (const name of ['n1', 'n2', 'n3']) expect(agents.statuses(name)).toEqual(['alive', 'alive', 'alive']);
    const dials = ['n1', 'n2', 'n3'].flatMap((name) => agents.logged(name, /attempting reconnect to n\d 10\.0\.0\.\d:7946/));
    expect(dials.length).toBeGreaterThan(0);
    expect(agents.events('n1')).toEqual(['member-failed n3', 'member-join n3']);
  });

  test('is erased after the reconnect timeout and at most one reap interval', () => {
    const config = { ...SERF_DEFAULTS, reconnectTimeout: seconds(40), tombstoneTimeout: seconds(20) };
    const agents = new Agents().gather(4, { config });
    agents.kill('n2');
    const failed = agents.when(() => agents.statuses('n2')[0] === 'failed', seconds(60));
    const reaped = agents.when(() => agents.statuses('n2')[0] === '', seconds(90));
    const age = inSeconds((reaped - failed) as Duration);
    expect(age).toBeGreaterThan(40);
    expect(age).toBeLessThanOrEqual(55);
    expect(agents.logged('n1', /EventMemberReap: n2/)).toHaveLength(1);
    expect(agents.events('n1')).toEqual(['member-failed n2', 'member-reap n2']);
  });

  test('may be given a time of its own, and so may one that left', () => {
    const agents = new Agents();
    const asked: string[] = [];
    const reconnectTimeoutOf = (node: NameId, timeout: Duration): Duration => {
      asked.push(`${agents.names.text(node)} ${inSeconds(timeout)}`);
      return seconds(10);
    };
    const config = { reconnectTimeout: seconds(1000), tombstoneTimeout: seconds(2000), reconnectTimeoutOf };
    agents.gather(4, { config });
    agents.answered('n2', { command: 'leave' });
    agents.kill('n2');
    agents.kill('n3');
    agents.run(seconds(60));
    expect(agents.statuses('n2')).toEqual(['', '']);
    expect(agents.statuses('n3')).toEqual(['', '']);
    expect(new Set(asked)).toEqual(new Set(['n2 2000', 'n3 1000']));
  });

  test('that was erased on both sides is joined again by nobody but itself', () => {
    const config = {
      ...SERF_DEFAULTS,
      reconnectInterval: seconds(4),
      reconnectTimeout: seconds(12),
      tombstoneTimeout: seconds(12),
    };
    for (const [cut, heals] of [
      [10, true],
      [60, false],
    ] as const) {
      const agents = new Agents().gather(2, { config });
      agents.loses = cutOff('n2');
      agents.run(seconds(cut));
      agents.loses = () => false;
      agents.run(seconds(60));
      expect(agents.statuses('n1')).toEqual(['alive', heals ? 'alive' : '']);
    }
  });
});

describe('an update of tags', () => {
  test('is an event for the others, with the new tags', () => {
    const agents = new Agents().gather(3);
    expect(agents.answered('n2', { command: 'tags', tags: [['role', 'db']] })).toEqual({});
    agents.run(seconds(2));
    expect(agents.events('n1')).toEqual(['member-update n2']);
    expect((agents.node('n3').notices[0] as MemberNotice).members[0]?.tags).toEqual([['role', 'db']]);
  });
});

describe('tags', () => {
  test('above 512 bytes are refused, and the old ones stay', () => {
    const agents = new Agents().gather(2, { tags: [['role', 'web']] });
    const error = 'Encoded length of tags exceeds limit of 512 bytes';
    expect(agents.answered('n2', { command: 'tags', tags: [['k', 'x'.repeat(506)]] })).toEqual({ error });
    agents.run(seconds(2));
    expect(agents.events('n1')).toEqual([]);
    expect(agents.answered('n2', { command: 'tags', tags: [['k', 'x'.repeat(505)]] })).toEqual({});
    agents.run(seconds(2));
    expect(agents.events('n1')).toEqual(['member-update n2']);
  });

  test('are no more than a role before version 3 of the protocol', () => {
    const agents = new Agents().gather(2, {
      version: 2,
      tags: [
        ['dc', 'a'],
        ['role', 'web'],
      ],
    });
    const { members } = agents.answered('n1', { command: 'members' }) as MembersReply;
    expect(members.map(({ tags }) => tags)).toEqual([[['role', 'web']], [['role', 'web']]]);
  });
});

describe('a member that comes back', () => {
  function flaps(within: Duration): number {
    const agents = new Agents().gather(3);
    agents.kill('n3');
    const failed = agents.when(() => agents.statuses('n3')[0] === 'failed', seconds(60));
    agents.runUntil((failed + within) as Instant);
    agents.start('n3');
    agents.ask('n3', { command: 'join', addresses: [agents.endpoint('n1')] });
    agents.run(seconds(10));
    expect(agents.statuses('n3')).toEqual(['alive', 'alive', 'alive']);
    return Number(agents.node('n1').cell('n1', 'flaps', 1) ?? 0);
  }

  test('within a minute after it failed has flapped', () => {
    expect(flaps(seconds(50))).toBe(1);
  });

  test('later has not', () => {
    expect(flaps(seconds(70))).toBe(0);
  });
});

describe('events as the agent gathers them', () => {
  test('members that join together are told together', () => {
    const agents = new Agents();
    for (const name of ['n1', 'n2', 'n3', 'n4']) agents.start(name, { config: AGENT_DEFAULTS });
    agents.run(seconds(2));
    agents.node('n1').notices.length = 0;
    for (const name of ['n2', 'n3', 'n4']) agents.ask(name, { command: 'join', addresses: [agents.endpoint('n1')] });
    agents.run(seconds(4));
    expect(agents.events('n1')).toEqual(['member-join n2 n3 n4']);
  });

  test.each([
    ['serf-0.10', ['member-update n2', 'member-update n2', 'member-leave n3']],
    ['fixed', ['member-update n2', 'member-leave n3']],
  ] as const)('as %s an update of n2 and then a departure of n3 are told as %o', (profile, told) => {
    const agents = new Agents().gather(3, { config: AGENT_DEFAULTS, profile });
    agents.answered('n2', { command: 'tags', tags: [['role', 'db']] });
    agents.run(seconds(5));
    agents.answered('n3', { command: 'leave' });
    agents.run(seconds(5));
    expect(agents.events('n1').toSorted()).toEqual([...told].toSorted());
  });
});

describe('Lamport time', () => {
  test('of what a node originates is above all it has heard before', () => {
    const agents = new Agents().gather(4);
    for (let i = 0; i < 5; i++) {
      agents.forceLeave('n1', 'n3');
      agents.run(seconds(3));
    }
    const before = Math.max(...['n1', 'n2', 'n3', 'n4'].map((name) => agents.serf(name).state.memberTime));
    agents.forceLeave('n4', 'nobody');
    agents.run(seconds(2));
    for (const name of ['n1', 'n2', 'n3', 'n4']) {
      expect(agents.serf(name).state.memberTime).toBeGreaterThanOrEqual(before);
    }
    expect(agents.statuses('n3')).toEqual(['alive', 'alive', 'alive', 'alive']);
  });
});

describe('coordinates', () => {
  const tell = (agents: Agents, name: string, node: string): Coordinate | undefined =>
    (agents.answered(name, { command: 'coordinate', node }) as CoordinateReply).coordinate;

  test('are learnt from acks, of the members that were probed, and predict how long a round trip takes', () => {
    const agents = new Agents();
    agents.delay = milliseconds(20);
    agents.gather(4);
    agents.run(minutes(5));
    const [own, other] = [tell(agents, 'n1', 'n1'), tell(agents, 'n1', 'n2')];
    expect(own?.error).toBeLessThan(0.3);
    expect(own).not.toEqual(other);
    // 40 ms there and back.
    expect(Math.abs(distance(own as Coordinate, other as Coordinate) - 0.04)).toBeLessThan(0.004);
    expect(tell(agents, 'n1', 'nobody')).toBeUndefined();
  });

  test('are forgotten with the member', () => {
    const agents = new Agents().gather(3);
    agents.run(seconds(20));
    agents.kill('n3');
    agents.run(seconds(20));
    expect(tell(agents, 'n1', 'n3')).toBeDefined();
    agents.forceLeave('n1', 'n3', true);
    expect(tell(agents, 'n1', 'n3')).toBeUndefined();
  });

  test('are neither sent nor told where they are switched off', () => {
    const agents = new Agents();
    let payloads = 0;
    agents.passed = ({ message }) => {
      if (message.type === 'ack' && 'payload' in message && message.payload !== undefined) payloads++;
    };
    agents.gather(3, { config: { disableCoordinates: true } });
    agents.run(seconds(20));
    expect(payloads).toBe(0);
    expect(tell(agents, 'n1', 'n1')).toBeUndefined();
  });
});

test('what an agent tells of itself', () => {
  const agents = new Agents().gather(3, { tags: [['role', 'web']] });
  agents.run(seconds(30));
  agents.kill('n3');
  agents.answered('n2', { command: 'leave' });
  agents.kill('n2');
  agents.run(seconds(60));
  agents.ask('n1', { command: 'event', name: 'deploy', payload: '', coalesce: false });
  expect(agents.answered('n1', { command: 'info' })).toEqual({
    members: 3,
    failed: 1,
    left: 1,
    health: expect.any(Number),
    memberTime: expect.any(Number),
    eventTime: 2,
    queryTime: 1,
    intentQueue: expect.any(Number),
    eventQueue: 1,
    queryQueue: 0,
    coordinateResets: 0,
    encrypted: false,
    tags: [['role', 'web']],
  });
});
