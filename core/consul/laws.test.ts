import { describe, expect, test } from 'vitest';
import { run } from '../laws/world.ts';
import { laws, type Place } from '../laws.ts';
import type { Endpoint } from '../names.ts';
import type { Rng } from '../random.ts';
import { seconds } from '../time.ts';
import type { ConsulConfig } from './config.ts';
import { RAFT_PORT, SERVER_SOCKETS, type WholeCommand, WholeServer } from './whole.ts';

const subject = (name: string, config: Partial<ConsulConfig>, events: number) => ({
  name,
  sockets: SERVER_SOCKETS,
  nodes: 3,
  events,
  make: (place: Place) => new WholeServer(place, { rpcHoldTimeout: seconds(1), ...config }),
  command(random: Rng, { neighbours, names }: Place): WholeCommand {
    const peer = neighbours[random.integer(neighbours.length)] as Place['neighbours'][number];
    const key = `k${random.integer(2)}`;
    switch (random.integer(16)) {
      case 0:
        return { command: 'request', request: { type: 'kv', operation: { type: 'get', key } } };
      case 1:
      case 2:
        return { command: 'request', request: { type: 'kv', operation: { type: 'put', key, value: 'v' } } };
      case 3:
        return { command: 'request', request: { type: 'configuration' }, stale: random.integer(2) === 0 };
      case 4: {
        const address = random.integer(2) === 0 ? peer.endpoints[2] : undefined;
        const id = address === undefined ? names.text(peer.name) : undefined;
        return { command: 'request', request: { type: 'remove-peer', id, address } };
      }
      case 5:
        return { command: 'prepare-leave' };
      case 6:
        return { command: 'await-removal' };
      case 7:
        return { command: 'force-leave', node: peer.name, prune: false };
      case 8:
        return { command: 'event', event: 'member-join', members: [names.text(peer.name), 'stranger'] };
      case 9:
        return {
          command: 'request',
          request: { type: 'transfer', id: random.integer(2) === 0 ? undefined : names.text(peer.name) },
        };
      case 10:
        return { command: 'request', request: { type: random.integer(2) === 0 ? 'autopilot-state' : 'autopilot-config' } };
      default:
        return { command: 'join', addresses: [peer.endpoints[0] as Endpoint] };
    }
  },
  message: (random: Rng) => ({
    type: ['forward', 'forwarded', 'peers', 'stats', 'ask'][random.integer(5)],
    call: random.integer(10),
    leads: true,
    stale: random.integer(2) === 0,
    count: random.integer(3),
    lastContact: 'soon',
    request: { type: 'kv', operation: { type: 'put', key: random.integer(2) } },
    reply: { ok: true, result: { config: { voters: [{ name: 7000, endpoint: 0 }], learners: [] } } },
  }),
});

const expecting = subject('a Consul server that expects three', { expect: 3 }, 800);

describe.each(laws(expecting))('$name', ({ check }) => {
  test.each([1, 2])('with seed %i', (seed) => check(seed));
});

test('the runs that these laws look at start clusters', () => {
  const started = [1, 2].filter((seed) => {
    const happened = run(expecting, seed);
    return JSON.stringify(happened, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value)).includes(
      'consul-bootstrap',
    );
  });
  expect(started).not.toEqual([]);
});

test('servers call each other beside Raft', () => {
  expect(SERVER_SOCKETS.at(-1)?.port).toBe(RAFT_PORT + 100);
});
