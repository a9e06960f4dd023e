import { describe, expect, test } from 'vitest';
import { LAN, type Single } from '../gossip/gossip.ts';
import type { NameId } from '../names.ts';
import { type Duration, seconds, ZERO } from '../time.ts';
import { Agents } from './agents.ts';
import type { SerfCommand } from './interface.ts';

const event = (name: string): SerfCommand => ({ command: 'event', name, payload: '', coalesce: false });
const query = (name: string): SerfCommand => ({
  command: 'query',
  name,
  payload: '',
  nodes: [],
  tags: [],
  ack: false,
  relay: 0,
  timeout: ZERO,
});

/** Two agents that gossip nothing, so that everything stays queued. */
const silent = (config = {}): Agents =>
  new Agents().gather(2, { config, gossip: { ...LAN, gossipNodes: 0, probeInterval: 0 as Duration } });

const typesIn = (parts: readonly Single[]): string[] =>
  parts.map((part) => (part.type === 'user' ? (part.message as { type: string }).type : part.type));

describe('what is sent along', () => {
  test('is intents first, then queries, then user events', () => {
    const agents = silent();
    agents.ask('n1', event('a'));
    agents.ask('n1', query('b'));
    agents.ask('n1', { command: 'force-leave', node: agents.names.id('nobody'), prune: false });
    const parts: Single[] = [];
    agents.serf('n1').broadcasts(3, 1398, parts);
    expect(typesIn(parts)).toEqual(['leave', 'query', 'user event']);
  });

  test('is what there is room for, each message with what it costs beside its own bytes', () => {
    const agents = silent();
    agents.run(seconds(30));
    agents.ask('n1', query('b'));
    agents.ask('n1', event('a'));
    const bytes = { query: 103 + 2 + 4, event: 30 };
    const fill = (budget: number): [string[], number] => {
      const parts: Single[] = [];
      const used = agents.serf('n1').broadcasts(3, budget, parts);
      return [typesIn(parts), used];
    };
    expect(fill(bytes.event)[0]).toEqual([]);
    expect(fill(bytes.event + 3)[0]).toEqual(['user event']);
  });

  test('goes out in as many packets as memberlist sends a rumour in, by the number of members that Serf lists', () => {
    const agents = new Agents().gather(12);
    agents.run(seconds(60));
    let sent = 0;
    agents.passed = ({ from, message }) => {
      const parts: readonly { type: string; message?: unknown }[] = 'parts' in message ? (message.parts as never) : [message];
      for (const part of parts) {
        if (part.type === 'user' && from === 'n3' && (part.message as { type: string }).type === 'user event') sent++;
      }
    };
    agents.ask('n3', event('deploy'));
    agents.run(seconds(5));
    expect(sent).toBe(4 * 2);
  });
});

describe('a queue that grows', () => {
  /** A name that is no member's: the first one after n1's. */
  const SOMEBODY = 1 as NameId;

  function flooded(count: number, command: (i: number) => SerfCommand, config = {}): Agents {
    const agents = silent(config);
    for (let i = 0; i < count; i++) agents.ask('n1', command(i));
    agents.run(seconds(31));
    return agents;
  }

  test.each`
    kind        | command
    ${'Event'}  | ${(i: number) => event(`e${i}`)}
    ${'Query'}  | ${(i: number) => query(`q${i}`)}
    ${'Intent'} | ${() => ({ command: 'force-leave', node: SOMEBODY, prune: false })}
  `('is warned of from 128 on: $kind', ({ kind, command }) => {
    const depth = new RegExp(`\\[WARN\\] serf: ${kind} queue depth: \\d+$`);
    expect(flooded(128, command).logged('n1', depth).length).toBeGreaterThan(0);
    expect(flooded(100, command).logged('n1', depth)).toEqual([]);
  });

  test('is cut to 4096, or where that is wanted to twice the members', () => {
    const over = /\[WARN\] serf: Event queue depth \(200\) exceeds limit \(150\), dropping messages!$/;
    const agents = flooded(200, (i) => event(`e${i}`), { minQueueDepth: 150 });
    expect(agents.logged('n1', over)).toHaveLength(1);
    expect(agents.serf('n1').state.queues.events.count).toBe(150);
    const most = flooded(200, (i) => event(`e${i}`), { maxQueueDepth: 40 });
    expect(most.serf('n1').state.queues.events.count).toBe(40);
    expect(flooded(200, (i) => event(`e${i}`)).serf('n1').state.queues.events.count).toBe(200);
  });
});
