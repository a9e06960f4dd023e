import { describe, expect, test } from 'vitest';
import { LAN, LOCAL, WAN } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import { type Duration, inSeconds, milliseconds, minutes, seconds, ZERO } from '../time.ts';
import { Agents } from './agents.ts';
import type { QueryClosedNotice, QueryNotice, SerfNotice } from './events.ts';
import type { QueryCommand } from './interface.ts';
import type { LamportTime } from './lamport.ts';
import type { Query } from './message.ts';
import { SERF_RULES } from './rules.ts';

const query = (name: string, more: Partial<QueryCommand> = {}): QueryCommand => ({
  command: 'query',
  name,
  payload: '',
  nodes: [],
  tags: [],
  ack: true,
  relay: 0,
  timeout: ZERO,
  ...more,
});

/** Every notice of a cluster in which everybody answers what it is asked, with its name. */
const kept = new WeakMap<Agents, Map<string, SerfNotice[]>>();

function answering(agents: Agents): Agents {
  const notices = new Map<string, SerfNotice[]>();
  kept.set(agents, notices);
  agents.fed = (node) => {
    for (const notice of node.notices.splice(0) as unknown as SerfNotice[]) {
      notices.set(node.name, [...(notices.get(node.name) ?? []), notice]);
      if (notice.type !== 'query') continue;
      agents.ask(node.name, { command: 'respond', query: notice.query, payload: `from ${node.name}` });
    }
  };
  return agents;
}

const noticesOf = (agents: Agents, name: string): readonly SerfNotice[] => kept.get(agents)?.get(name) ?? [];

/** Who acknowledged, and who answered what, as the asker was told. */
function outcome(agents: Agents, name: string): { acks: string[]; responses: string[]; closed: QueryClosedNotice[] } {
  const notices = noticesOf(agents, name);
  return {
    acks: notices.flatMap((n) => (n.type === 'query-ack' ? [n.from] : [])).toSorted(),
    responses: notices.flatMap((n) => (n.type === 'query-response' ? [`${n.from}: ${n.payload}`] : [])).toSorted(),
    closed: notices.filter((n) => n.type === 'query-closed'),
  };
}

/** Gives a node a query as if it had been gossiped. */
function hears(agents: Agents, name: string, more: Partial<Query> = {}): void {
  const message: Query = {
    type: 'query',
    time: 1 as LamportTime,
    id: 7,
    source: agents.endpoint(name),
    addressBytes: 4,
    sourceNode: agents.names.id(name) as NameId,
    filters: [],
    ack: false,
    noBroadcast: false,
    relay: 0,
    timeout: seconds(5),
    name: 'load',
    payload: '',
    ...more,
  };
  agents
    .node(name)
    .feed(0, { type: 'receive', from: agents.endpoint(name), message }, (out) =>
      agents.serf(name).received(agents.now, message, out),
    );
}

const asked = (agents: Agents, name: string): QueryNotice[] =>
  agents.notices(name).filter((notice): notice is QueryNotice => notice.type === 'query');

describe('the default time for answers', () => {
  test.each`
    living   | lan     | wan   | local
    ${1}     | ${3.2}  | ${8}  | ${1.6}
    ${9}     | ${3.2}  | ${8}  | ${1.6}
    ${10}    | ${6.4}  | ${16} | ${3.2}
    ${99}    | ${6.4}  | ${16} | ${3.2}
    ${100}   | ${9.6}  | ${24} | ${4.8}
    ${999}   | ${9.6}  | ${24} | ${4.8}
    ${1000}  | ${12.8} | ${32} | ${6.4}
    ${10000} | ${16}   | ${40} | ${8}
  `('of $living living members is $lan, $wan and $local s', ({ living, lan, wan, local }) => {
    const times = [LAN, WAN, LOCAL].map(({ gossipInterval }) => SERF_RULES.queryTimeout(gossipInterval, 16, living));
    expect(times.map(inSeconds)).toEqual([lan, wan, local]);
  });
});

describe('a query', () => {
  test('is acknowledged and answered by everybody, the asker included, and closed when the time is over', () => {
    const agents = answering(new Agents().gather(4));
    const from = agents.now;
    const command = agents.ask('n2', query('load'));
    expect(agents.node('n2').replies.get(command)).toEqual({ timeout: seconds(3.2) });
    const closed = agents.when(() => outcome(agents, 'n2').closed.length > 0, seconds(10));
    expect(closed - from).toBe(seconds(3.2));
    expect(outcome(agents, 'n2')).toEqual({
      acks: ['n1', 'n2', 'n3', 'n4'],
      responses: ['n1: from n1', 'n2: from n2', 'n3: from n3', 'n4: from n4'],
      closed: [{ type: 'query-closed', command, acks: 4, responses: 4 }],
    });
  });

  test('tells whoever is asked of the asker, and until when', () => {
    const agents = new Agents().gather(2);
    const from = agents.now;
    agents.ask('n1', query('load', { payload: 'now', timeout: seconds(2) }));
    expect(asked(agents, 'n1')).toMatchObject([
      { query: 1, time: 1, name: 'load', payload: 'now', source: 'n1', deadline: from + seconds(2) },
    ]);
    agents.run(seconds(1));
    expect(asked(agents, 'n2')).toMatchObject([{ query: 1, time: 1, name: 'load', payload: 'now', source: 'n1' }]);
  });

  test('without acks gets answers alone', () => {
    const agents = answering(new Agents().gather(3));
    agents.ask('n1', query('load', { ack: false }));
    agents.run(seconds(4));
    expect(outcome(agents, 'n1')).toMatchObject({ acks: [], closed: [{ acks: 0, responses: 3 }] });
  });

  test('needs version 4 of the protocol', () => {
    const agents = new Agents().gather(1, { version: 3 });
    expect(agents.answered('n1', query('load'))).toEqual({ error: 'Feature not supported' });
    expect(new Agents().gather(1, { version: 4 }).answered('n1', query('load'))).toEqual({ timeout: seconds(3.2) });
  });

  test('is no longer than 1024 bytes', () => {
    const longest = (payload: number): unknown => {
      const agents = new Agents().gather(1);
      return agents.answered('n1', query('load', { payload: 'x'.repeat(payload), timeout: seconds(5) }));
    };
    // What else it says: 79, times and id 1 + 5, address 5 + 3, name 3, no filters 1, flags and relay 1 + 1, time-out 9, name 5, and 3 for the length.
    const room = 1024 - (79 + 1 + 5 + 5 + 3 + 3 + 1 + 1 + 1 + 9 + 5 + 3);
    expect(longest(room)).toEqual({ timeout: seconds(5) });
    expect(longest(room + 1)).toEqual({ error: 'query exceeds limit of 1024 bytes' });
  });

  test('of the agents among themselves is none of the users, but for the ping', () => {
    const agents = new Agents().gather(2);
    const error = "Queries cannot contain the '_serf_' prefix";
    expect(agents.answered('n1', query('_serf_conflict', { payload: 'n1' }))).toEqual({ error });
    expect(agents.answered('n1', query('_serf_ping', { payload: 'x' }))).toEqual({ error });
    agents.forgetNotices();
    agents.answered('n1', query('_serf_ping'));
    agents.run(seconds(4));
    expect(agents.notices('n1').map(({ type }) => type)).toEqual(['query-ack', 'query-ack', 'query-closed']);
    expect(agents.notices('n2')).toEqual([]);
  });

  test('that nobody knows how to answer is logged', () => {
    const agents = new Agents().gather(1);
    hears(agents, 'n1', { name: '_serf_dance' });
    expect(agents.logged('n1', /\[WARN\] serf: Unhandled internal query 'dance'$/)).toHaveLength(1);
  });

  test('with equal time and id is one, with equal time alone another', () => {
    const agents = new Agents().gather(1);
    hears(agents, 'n1', { id: 1 });
    hears(agents, 'n1', { id: 1 });
    hears(agents, 'n1', { id: 2 });
    expect(asked(agents, 'n1').map(({ id }) => id)).toEqual([1, 2]);
  });

  test('older than 512 times back is dropped', () => {
    const agents = new Agents().gather(1);
    hears(agents, 'n1', { time: 600 as LamportTime });
    hears(agents, 'n1', { time: 88 as LamportTime, name: 'old' });
    hears(agents, 'n1', { time: 89 as LamportTime });
    expect(asked(agents, 'n1').map(({ time }) => time)).toEqual([600, 89]);
    expect(agents.logged('n1', /received old query old from time 88 \(current: 601\)$/)).toHaveLength(1);
  });

  test('is not passed on when it says so', () => {
    const agents = new Agents().gather(2);
    hears(agents, 'n1', { noBroadcast: true });
    hears(agents, 'n1', { id: 8 });
    agents.run(seconds(2));
    expect(asked(agents, 'n1').map(({ id }) => id)).toEqual([7, 8]);
    expect(asked(agents, 'n2').map(({ id }) => id)).toEqual([8]);
  });
});

describe('who is asked', () => {
  const tagged = (): Agents => {
    const agents = new Agents();
    for (const [name, role] of [
      ['n1', 'web'],
      ['n2', 'webserver'],
      ['n3', 'db'],
      ['n4', ''],
    ] as const) {
      agents.start(name, { tags: role === '' ? [] : [['role', role]] });
      if (name !== 'n1') agents.ask(name, { command: 'join', addresses: [agents.endpoint('n1')] });
    }
    agents.run(seconds(5));
    return answering(agents);
  };

  test.each`
    nodes           | tags                             | meant
    ${['n1', 'n3']} | ${[]}                            | ${['n1', 'n3']}
    ${['nobody']}   | ${[]}                            | ${[]}
    ${[]}           | ${[['role', 'web']]}             | ${['n1', 'n2']}
    ${[]}           | ${[['role', '^web$']]}           | ${['n1']}
    ${[]}           | ${[['role', '^$']]}              | ${['n4']}
    ${[]}           | ${[['role', 'e'], ['dc', '^$']]} | ${['n1', 'n2']}
    ${['n2', 'n3']} | ${[['role', 'web|db']]}          | ${['n2', 'n3']}
    ${['n2', 'n3']} | ${[['role', '(']]}               | ${[]}
    ${[]}           | ${[['role', '(?i)WEB']]}         | ${['n1', 'n2']}
  `('by nodes $nodes and tags $tags: $meant', ({ nodes, tags, meant }) => {
    const agents = tagged();
    agents.ask('n4', query('load', { nodes, tags }));
    agents.run(seconds(4));
    const { acks, responses } = outcome(agents, 'n4');
    expect(acks).toEqual(meant);
    expect(responses).toEqual(meant.map((name: string) => `${name}: from ${name}`));
    // Whoever is not meant passes it on all the same.
    for (const name of agents.nodes.keys()) expect(agents.serf(name).state.heard.size).toBe(1);
  });

  test('by an expression that is none is logged', () => {
    const agents = tagged();
    agents.ask('n4', query('load', { tags: [['role', '(web']] }));
    const problem = /\[WARN\] serf: failed to compile filter regex \(\(web\): error parsing regexp: missing closing \): `\(web`$/;
    expect(agents.logged('n4', problem)).toHaveLength(1);
  });
});

describe('an answer', () => {
  test('can be given once, and in time', () => {
    const agents = new Agents().gather(2);
    agents.ask('n1', query('load', { timeout: seconds(2) }));
    const respond = (name: string, payload = 'x'): unknown => agents.answered(name, { command: 'respond', query: 1, payload });
    expect(respond('n1')).toEqual({});
    expect(respond('n1')).toEqual({ error: 'failed to respond to key query: response already sent' });
    agents.run(seconds(2.5));
    expect(respond('n2')).toEqual({ error: 'failed to respond to key query: response is past the deadline' });
  });

  test('is no longer than 1024 bytes', () => {
    const agents = new Agents().gather(1);
    agents.ask('n1', query('load'));
    const respond = (bytes: number): unknown =>
      agents.answered('n1', { command: 'respond', query: 1, payload: 'x'.repeat(bytes) });
    // 30, time and id 1 + 5, name 3, flags 1, and 3 for the length.
    const room = 1024 - (30 + 1 + 5 + 3 + 1 + 3);
    expect(respond(room + 1)).toEqual({ error: 'failed to respond to key query: response exceeds limit of 1024 bytes' });
    expect(respond(room)).toEqual({});
  });

  test('that comes too late is only logged', () => {
    const agents = answering(new Agents().gather(2));
    agents.loses = ({ message, to }) => to === 'n1' && isResponse(message);
    agents.ask('n1', query('load', { timeout: seconds(1) }));
    agents.run(seconds(1));
    expect(outcome(agents, 'n1')).toMatchObject({ acks: [], responses: [], closed: [{ acks: 0, responses: 0 }] });
    agents.loses = () => false;
    const response = { type: 'query response', time: 1 as LamportTime, id: 99, from: agents.names.id('n2'), ack: true } as const;
    agents
      .node('n1')
      .feed(0, { type: 'receive', from: agents.endpoint('n2'), message: response }, (out) =>
        agents.serf('n1').received(agents.now, response, out),
      );
    expect(agents.logged('n1', /reply for non-running query \(LTime: 1, ID: 99\) From: n2$/)).toHaveLength(1);
    expect(outcome(agents, 'n1').acks).toEqual([]);
  });

  test('with the id of another query is only logged', () => {
    const agents = new Agents().gather(1);
    agents.ask('n1', query('load'));
    agents.forgetNotices();
    const id = (agents.serf('n1').state.queries.get(1 as LamportTime)?.id ?? 0) ^ 1;
    const response = { type: 'query response', time: 1 as LamportTime, id, from: agents.names.id('n1'), ack: true } as const;
    agents
      .node('n1')
      .feed(0, { type: 'receive', from: agents.endpoint('n1'), message: response }, (out) =>
        agents.serf('n1').received(agents.now, response, out),
      );
    expect(agents.notices('n1')).toEqual([]);
    expect(agents.logged('n1', /query reply ID mismatch \(Local: \d+, Response: \d+\)$/)).toHaveLength(1);
  });
});

describe('an answer that others relay', () => {
  const lossy = (relay: number): ReturnType<typeof outcome> => {
    const agents = answering(new Agents().gather(5));
    // What n5 sends straight to the asker is lost.
    agents.loses = ({ from, to, message }) => from === 'n5' && to === 'n1' && isResponse(message);
    agents.ask('n1', query('load', { relay }));
    agents.run(seconds(4));
    return outcome(agents, 'n1');
  };

  test('comes through when the straight way does not', () => {
    expect(lossy(0).acks).toEqual(['n1', 'n2', 'n3', 'n4']);
    expect(lossy(2).acks).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']);
    expect(lossy(2).responses).toHaveLength(5);
  });

  test('is told once, however many ways it came', () => {
    const agents = answering(new Agents().gather(5));
    let responses = 0;
    agents.passed = ({ message, to }) => {
      if (to === 'n1' && isResponse(message)) responses++;
    };
    agents.ask('n1', query('load', { relay: 3 }));
    agents.run(seconds(4));
    // Acks and answers of five members, each straight and by three others; what n1 is to relay to itself comes to it first.
    expect(responses).toBe(10 + 30);
    expect(outcome(agents, 'n1')).toMatchObject({ closed: [{ acks: 5, responses: 5 }] });
    expect(noticesOf(agents, 'n1').filter(({ type }) => type === 'query-ack')).toHaveLength(5);
  });

  test('is not relayed in a cluster that has no more members than that', () => {
    const agents = answering(new Agents().gather(3));
    let relayed = 0;
    agents.passed = ({ message }) => {
      if (isUser(message, 'relay')) relayed++;
    };
    agents.ask('n1', query('load', { relay: 3 }));
    agents.run(seconds(4));
    expect(relayed).toBe(0);
    agents.ask('n1', query('load', { relay: 2 }));
    agents.run(seconds(4));
    expect(relayed).toBe(2 * 3 * 2);
  });

  test('has to fit, with what says where it goes', () => {
    const agents = new Agents().gather(3);
    agents.ask('n1', query('load', { relay: 1 }));
    agents.run(seconds(1));
    const payload = 'x'.repeat(960);
    const error = 'failed to respond to key query: relayed response exceeds limit of 1024 bytes';
    expect(agents.answered('n2', { command: 'respond', query: 1, payload })).toEqual({ error });
  });
});

/** Whether a packet is one message of Serf of this type. */
const isUser = (message: object, type: string): boolean =>
  'message' in message && typeof message.message === 'object' && (message.message as { type?: string }).type === type;
const isResponse = (message: object): boolean => isUser(message, 'query response');

test('a query reaches everybody in time when nothing is lost, in a cluster of forty', { timeout: 20_000 }, () => {
  const agents = answering(new Agents().gather(40));
  agents.run(minutes(1));
  agents.ask('n7', query('load'));
  agents.run(milliseconds(6400) as Duration);
  expect(outcome(agents, 'n7')).toMatchObject({ closed: [{ acks: 40, responses: 40 }] });
});
