import { describe, expect, test } from 'vitest';
import type { Address } from '../address.ts';
import { CollectingOut } from '../collect.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type Endpoint, Names } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { type Instant, milliseconds, seconds } from '../time.ts';
import { KvClient } from './client.ts';
import type { Retries } from './interface.ts';
import type { KvMessage } from './message.ts';
import type { Operation } from './operation.ts';

const PUT: Operation = { type: 'put', key: 'x', value: '1' };
const GET: Operation = { type: 'get', key: 'x' };
const SOCKET = 0 as Socket;
const [THINK, PATIENCE, DEADLINE] = [0, 1, 2];

/** A client of three servers that is to do these operations, and what it does about what it is told. */
function client(operations: readonly Operation[], retries: Retries = 'safe') {
  const names = new Names();
  const servers = [1, 2, 3].map((n) => names.endpoint(n as Address, 8301));
  const subject = new KvClient(
    {
      servers,
      clients: [names.id('c')],
      retries,
      reads: 'index',
      patience: milliseconds(500),
      deadline: seconds(4),
      workload: { type: 'script', operations },
    },
    names,
    new Xoshiro(1, 'client'),
  );
  const out = new CollectingOut<KvMessage>();
  let now = 0 as Instant;
  const taken = () => {
    const calls = out.take();
    const sent = calls.flatMap((call) => (call.type === 'send' ? [{ to: servers.indexOf(call.to) + 1, ...call.message }] : []));
    const said = calls.flatMap((call) => (call.type === 'announce' ? [call.notice] : []));
    return { sent, said };
  };
  subject.start(now, { count: 2, files: new Map() }, out);
  return {
    ring: (kind: number, at: Instant = now) => {
      now = at;
      subject.timeout(now, kind, 0, out);
      return taken();
    },
    hears: (server: number, message: object) => {
      subject.receive(now, SOCKET, servers[server - 1] as Endpoint, message as KvMessage, out);
      return taken();
    },
    servers,
  };
}

/** The number of the first call of a process that was started twice before. */
const FIRST = 2 * 2 ** 32;

describe('a client', () => {
  test('opens a session before it writes, and numbers its writes in it', () => {
    const { ring, hears } = client([PUT]);
    expect(ring(THINK).sent).toEqual([{ to: 1, type: 'kv-register', call: FIRST }]);
    const { sent, said } = hears(1, { type: 'kv-done', call: FIRST, result: 7 });
    expect(said).toEqual([{ type: 'kv-invoked', client: 'c', call: FIRST + 1, operation: PUT }]);
    const session = { client: 7, sequence: 1, acknowledged: 1 };
    expect(sent).toEqual([{ to: 1, type: 'kv-request', call: FIRST + 1, operation: PUT, mode: 'index', session }]);
    expect(hears(1, { type: 'kv-done', call: FIRST + 1, result: true }).said).toEqual([
      { type: 'kv-returned', client: 'c', call: FIRST + 1, outcome: true },
      { type: 'kv-finished' },
    ]);
  });

  test('needs no session to read', () => {
    const { ring } = client([GET]);
    expect(ring(THINK).sent).toEqual([{ to: 1, type: 'kv-request', call: FIRST, operation: GET, mode: 'index' }]);
  });

  test('asks whom it is sent to, and somebody else when that one is silent', () => {
    const { ring, hears, servers } = client([GET]);
    ring(THINK);
    hears(1, { type: 'kv-refused', call: FIRST, problem: 'not leader', isCertain: true, leader: servers[2] });
    expect(ring(PATIENCE).sent).toMatchObject([{ to: 3, call: FIRST }]);
    expect(ring(PATIENCE).sent).toMatchObject([{ to: 2, call: FIRST }]);
    expect(ring(PATIENCE).sent).toMatchObject([{ to: 3, call: FIRST }]);
  });

  test('takes no answer to an earlier call, or to one of an earlier life', () => {
    const { ring, hears } = client([GET]);
    ring(THINK);
    for (const call of [FIRST - 1, FIRST + 1, 0]) expect(hears(1, { type: 'kv-done', call, result: 'old' }).said).toEqual([]);
    expect(hears(1, { type: 'kv-done', call: FIRST, result: 'new' }).said).toMatchObject([{ outcome: 'new' }, {}]);
    expect(hears(1, { type: 'kv-done', call: FIRST, result: 'newer' }).said).toEqual([]);
  });

  test('goes on as another one, with another session, after it gave up', () => {
    const { ring, hears } = client([PUT, PUT]);
    ring(THINK);
    hears(1, { type: 'kv-done', call: FIRST, result: 7 });
    expect(ring(DEADLINE).said).toEqual([{ type: 'kv-unknown', client: 'c', call: FIRST + 1 }]);
    expect(ring(THINK).sent).toEqual([{ to: 2, type: 'kv-register', call: FIRST + 2 }]);
    expect(hears(2, { type: 'kv-done', call: FIRST + 2, result: 8 }).said).toMatchObject([{ client: 'c.2' }]);
  });

  test('asks for nothing when nobody opens a session for it in time', () => {
    const { ring } = client([PUT]);
    ring(THINK);
    expect(ring(DEADLINE)).toEqual({ sent: [], said: [{ type: 'kv-unserved', client: 'c' }, { type: 'kv-finished' }] });
  });

  test('knows that what no server will ever take was not done', () => {
    const { ring, hears } = client([PUT]);
    ring(THINK);
    hears(1, { type: 'kv-done', call: FIRST, result: 7 });
    expect(hears(1, { type: 'kv-refused', call: FIRST + 1, problem: 'too large', isCertain: true }).said).toEqual([
      { type: 'kv-failed', client: 'c', call: FIRST + 1, problem: 'too large' },
      { type: 'kv-finished' },
    ]);
  });

  test('does not know what became of a write when its session has expired', () => {
    const { ring, hears } = client([PUT]);
    ring(THINK);
    hears(1, { type: 'kv-done', call: FIRST, result: 7 });
    const { said } = hears(1, { type: 'kv-refused', call: FIRST + 1, problem: 'session expired', isCertain: true });
    expect(said).toMatchObject([{ type: 'kv-unknown' }, { type: 'kv-finished' }]);
  });
});

describe('without sessions', () => {
  const lost = { type: 'kv-refused', call: FIRST, problem: 'leadership lost', isCertain: false };
  const refused = { type: 'kv-refused', call: FIRST, problem: 'not leader', isCertain: true };

  test.each([
    ['none', lost, 0],
    ['none', refused, 1],
    ['blind', lost, 1],
    ['blind', refused, 1],
  ] as const)('%s: after %j a write is sent again %i times', (retries, answer, times) => {
    const { ring, hears } = client([PUT], retries);
    expect(ring(THINK).sent).toEqual([{ to: 1, type: 'kv-request', call: FIRST, operation: PUT, mode: 'index' }]);
    hears(1, answer);
    expect(ring(PATIENCE).sent).toHaveLength(times);
  });

  test('a write that was not answered is sent again only blindly', () => {
    for (const [retries, times] of [
      ['none', 0],
      ['blind', 1],
    ] as const) {
      const { ring } = client([PUT], retries);
      ring(THINK);
      expect(ring(PATIENCE).sent).toHaveLength(times);
    }
  });

  test('a read is sent again whatever happened', () => {
    const { ring, hears } = client([GET], 'none');
    ring(THINK);
    expect(ring(PATIENCE).sent).toHaveLength(1);
    hears(2, lost);
    expect(ring(PATIENCE).sent).toHaveLength(1);
  });
});
