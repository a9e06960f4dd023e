import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAN } from '../gossip/gossip.ts';
import { type Duration, milliseconds, minutes, seconds } from '../time.ts';
import { Agents, type Setting } from './agents.ts';
import { AGENT_DEFAULTS, configProblem } from './config.ts';
import type { UserNotice } from './events.ts';
import type { EventCommand } from './interface.ts';
import type { LamportTime } from './lamport.ts';
import type { UserEvent } from './message.ts';
import { userEventSize } from './size.ts';

const event = (name: string, payload = '', coalesce = false): EventCommand => ({ command: 'event', name, payload, coalesce });

/** One event of an exact size on the wire, as the first that a node sends. */
function sized(bytes: number): EventCommand {
  const empty = userEventSize({ time: 1 as LamportTime, name: 'e', payload: 'x'.repeat(100) }) - 100;
  return event('e', 'x'.repeat(bytes - empty - (bytes - empty >= 32 ? 2 : 0) + 2));
}

/** Gives a node a message as if it had been gossiped. */
function hears(agents: Agents, name: string, message: UserEvent): void {
  agents
    .node(name)
    .feed(0, { type: 'receive', from: agents.endpoint(name), message }, (out) =>
      agents.serf(name).received(agents.now, message, out),
    );
}

const told = (time: number, name: string, payload = ''): UserEvent => ({
  type: 'user event',
  time: time as LamportTime,
  name,
  payload,
  coalesce: false,
});

describe('a user event', () => {
  test('reaches everybody once, its sender first', () => {
    const agents = new Agents().gather(5);
    expect(agents.answered('n3', event('deploy', 'v1'))).toEqual({});
    expect(agents.userEvents('n3')).toEqual(['deploy v1']);
    agents.run(minutes(2));
    for (const name of agents.nodes.keys()) expect(agents.userEvents(name)).toEqual(['deploy v1']);
  });

  test('is stamped with a time later than that of all its sender has heard', () => {
    const agents = new Agents().gather(3);
    for (const name of ['n1', 'n2', 'n3', 'n1']) {
      agents.ask(name, event(`by ${name}`));
      agents.run(seconds(2));
    }
    const times = agents.notices('n2').map((notice) => (notice as UserNotice).time);
    expect(times).toEqual([1, 2, 3, 4]);
  });

  test('that two members send at the same time with the same words is one', () => {
    const agents = new Agents().gather(3);
    agents.ask('n1', event('deploy', 'v1'));
    agents.ask('n2', event('deploy', 'v1'));
    agents.ask('n3', event('deploy', 'v2'));
    agents.run(seconds(5));
    for (const name of ['n1', 'n2', 'n3']) expect(agents.userEvents(name).toSorted()).toEqual(['deploy v1', 'deploy v2']);
  });

  test.each`
    bytes  | error
    ${482} | ${undefined}
    ${483} | ${'encoded user event exceeds configured limit of 512 bytes after encoding'}
    ${512} | ${'encoded user event exceeds configured limit of 512 bytes after encoding'}
    ${513} | ${'user event exceeds configured limit of 512 bytes before encoding'}
  `('of $bytes bytes of name and payload is answered by $error', ({ bytes, error }) => {
    const agents = new Agents().gather(1);
    expect(agents.answered('n1', event('deploy', 'x'.repeat(bytes - 6)))).toEqual(error === undefined ? {} : { error });
    expect(agents.userEvents('n1')).toHaveLength(error === undefined ? 1 : 0);
  });

  test('is counted in bytes and not in letters', () => {
    const agents = new Agents().gather(1);
    expect(agents.answered('n1', event('e', 'ü'.repeat(256)))).toEqual({
      error: 'user event exceeds configured limit of 512 bytes before encoding',
    });
  });

  test('may be allowed to be longer, up to 9 KiB', () => {
    expect(configProblem({ userEventSizeLimit: 9216 })).toBeUndefined();
    expect(configProblem({ userEventSizeLimit: 9217 })).toBe('user event size limit exceeds limit of 9216 bytes');
  });

  const KEY = 'AAAAAAAAAAAAAAAAAAAAAA==';
  test.each`
    bytes   | keys     | way
    ${1395} | ${[]}    | ${'gossip'}
    ${1396} | ${[]}    | ${'an exchange of states'}
    ${1366} | ${[KEY]} | ${'gossip'}
    ${1367} | ${[KEY]} | ${'an exchange of states'}
  `('of $bytes bytes on the wire, with keys $keys, travels by $way', ({ bytes, keys, way }) => {
    const agents = new Agents().gather(2, { config: { userEventSizeLimit: 9216 }, keys });
    const command = sized(bytes);
    expect(userEventSize({ time: 1 as LamportTime, ...command })).toBe(bytes);
    agents.ask('n1', command);
    agents.run(milliseconds(300));
    expect(agents.userEvents('n2')).toHaveLength(way === 'gossip' ? 1 : 0);
    agents.run(seconds(61));
    expect(agents.userEvents('n2')).toHaveLength(1);
  });
});

describe('the buffer of user events', () => {
  test('drops what is older than 512 times back, and says so', () => {
    const agents = new Agents().gather(1);
    hears(agents, 'n1', told(600, 'late'));
    // The clock stands at 601, so that 89 is the oldest time that counts.
    hears(agents, 'n1', told(88, 'old'));
    hears(agents, 'n1', told(89, 'just in time'));
    expect(agents.userEvents('n1')).toEqual(['late ', 'just in time ']);
    expect(agents.logged('n1', /\[WARN\] serf: received old event old from time 88 \(current: 601\)$/)).toHaveLength(1);
  });

  test('tells every event once, whatever comes and however often', () => {
    const times = fc.integer({ min: 0, max: 1200 });
    const events = fc.array(fc.record({ time: times, name: fc.constantFrom('a', 'b') }), { maxLength: 60 });
    fc.assert(
      fc.property(events, (heard) => {
        const agents = new Agents();
        agents.start('n1');
        for (const { time, name } of heard) hears(agents, 'n1', told(time, name));
        const notices = agents.notices('n1').filter((notice): notice is UserNotice => notice.type === 'user');
        const keys = notices.map(({ time, name }) => `${time} ${name}`);
        expect(new Set(keys).size).toBe(keys.length);
        // None is lost either, unless it was too old when it first came.
        let clock = 1;
        const due = new Set<string>();
        for (const { time, name } of heard) {
          clock = Math.max(clock, time + 1);
          if (clock <= 512 || time >= clock - 512) due.add(`${time} ${name}`);
        }
        expect(new Set(keys)).toEqual(due);
      }),
      { numRuns: 50 },
    );
  });
});

describe('whoever joins', () => {
  function joins(ignoreOld: boolean): string[] {
    const agents = new Agents().gather(2);
    agents.ask('n1', event('deploy', 'v1'));
    agents.run(seconds(5));
    agents.start('n3');
    agents.answered('n3', { command: 'join', addresses: [agents.endpoint('n1')], ignoreOld });
    agents.run(seconds(5));
    agents.ask('n2', event('deploy', 'v2'));
    agents.run(seconds(5));
    return agents.userEvents('n3');
  }

  test('hears the events of before', () => {
    expect(joins(false)).toEqual(['deploy v1', 'deploy v2']);
  });

  test('does not when it wants to ignore them', () => {
    expect(joins(true)).toEqual(['deploy v2']);
  });
});

describe('user events that may be gathered', () => {
  const gathering: Setting = { config: AGENT_DEFAULTS };

  test('are told a second after the last of them, the latest of each name', () => {
    const agents = new Agents().gather(1, gathering);
    const from = agents.now;
    for (const payload of ['v1', 'v2', 'v3']) {
      agents.ask('n1', event('deploy', payload, true));
      agents.ask('n1', event('other', payload, true));
      agents.run(milliseconds(500));
    }
    expect(agents.userEvents('n1')).toEqual([]);
    const told = agents.when(() => agents.userEvents('n1').length > 0, seconds(5));
    expect(told - from).toBe(milliseconds(2000));
    expect(agents.userEvents('n1')).toEqual(['deploy v3', 'other v3']);
  });

  test('are told three seconds after the first at the latest', () => {
    const agents = new Agents().gather(1, gathering);
    const from = agents.now;
    for (let i = 0; i < 10; i++) {
      agents.ask('n1', event('deploy', `v${i}`, true));
      agents.run(milliseconds(400));
    }
    const [first] = agents.notices('n1') as UserNotice[];
    expect(first?.payload).toBe('v7'); // sent at 2.8 s, before the quantum of 3 s ended
    expect(agents.now - from).toBe(seconds(4));
  });

  test('are overtaken by those that may not', () => {
    const agents = new Agents().gather(1, gathering);
    agents.ask('n1', event('slow', '', true));
    agents.ask('n1', event('fast', '', false));
    agents.run(seconds(2));
    expect(agents.userEvents('n1')).toEqual(['fast ', 'slow ']);
  });

  test.each([
    ['serf-0.10', false],
    ['fixed', true],
  ] as const)('as %s still may when they came in an exchange of states: %s (mergeDropsCoalesceFlag)', (profile, kept) => {
    // Nothing is gossiped, so that all there is are exchanges.
    const agents = new Agents().gather(2, { profile, gossip: { ...LAN, gossipNodes: 0, probeInterval: 0 as Duration } });
    agents.ask('n1', event('deploy', 'v1', true));
    agents.run(minutes(2));
    expect(agents.notices('n2')).toMatchObject([{ type: 'user', name: 'deploy', coalesce: kept }]);
  });
});
