import { describe, expect, test } from 'vitest';
import { type Address, parseAddress } from '../address.ts';
import { CollectingOut } from '../collect.ts';
import type { Profile } from '../gossip/gossip.ts';
import { laws, type Place } from '../laws.ts';
import { type Endpoint, Names } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { add, type Instant, milliseconds, START, seconds } from '../time.ts';
import { Discovery, type DiscoveryCommand, discoverySockets, MDNS_GROUP, MDNS_PORT } from './discovery.ts';
import { type DnsMessage, querySize, responseSize } from './dns.ts';
import { SERF_QUIRKS } from './quirks.ts';

const names = new Names();
const endpoint = (address: string, port: number): Endpoint => names.endpoint(parseAddress(address) as Address, port);
const at = (n: number): Instant => add(START, milliseconds(n));
const SERVER = 0 as Socket;
const CLIENT = 1 as Socket;
const group = endpoint('224.0.0.251', 5353);
const asker = endpoint('10.0.0.9', 40_000);

/** What a member of a cluster answers. */
function answerOf(cluster: string, node: string, address: string, port = 7946): DnsMessage {
  const service = `_serf_${cluster}._tcp.local.`;
  const instance = `${node}.${service}`;
  return {
    type: 'mdns response',
    answers: [
      { type: 'PTR', name: service, target: instance },
      { type: 'SRV', name: instance, priority: 10, weight: 1, port, target: `${node}.` },
      { type: 'A', name: `${node}.`, address: parseAddress(address) as Address },
      { type: 'TXT', name: instance, text: `Serf '${cluster}' cluster` },
    ],
  };
}

/** One member, driven by hand. */
class Bench {
  readonly out: CollectingOut<DnsMessage>;
  readonly discovery: Discovery;

  constructor(connected = true, setting: { profile?: Profile; ipv6Unreachable?: boolean } = {}) {
    const { profile = 'serf-0.10', ipv6Unreachable = false } = setting;
    const advertised = endpoint('10.0.0.1', 7946);
    const quirks = SERF_QUIRKS[profile];
    this.discovery = new Discovery({ cluster: 'blue', node: 'a', host: 'a', advertised, names, quirks, ipv6Unreachable });
    this.out = new CollectingOut(() => !connected);
  }

  start(): unknown[] {
    this.discovery.start(START, { count: 0, files: new Map() }, this.out);
    return this.took();
  }

  arrives(now: number, socket: Socket, from: Endpoint, message: unknown): unknown[] {
    this.discovery.receive(at(now), socket, from, message as DnsMessage, this.out);
    return this.took();
  }

  timer(now: number, name: string): unknown[] {
    this.discovery.timeout(at(now), this.discovery.timers.indexOf(name), 0, this.out);
    return this.took();
  }

  took(): unknown[] {
    return this.out.take().map(({ part: _, ...call }) => call);
  }
}

const batch = { type: 'setTimer', kind: 1, subject: 0, after: milliseconds(100) };
const query = { type: 'mdns query', question: '_serf_blue._tcp.local.' };

describe('discovery by multicast DNS', () => {
  test('asks the segment at the start and every minute', () => {
    const bench = new Bench();
    const asks = [
      { type: 'setTimer', kind: 0, subject: 0, after: seconds(60) },
      { type: 'send', socket: CLIENT, to: group, message: query, bytes: 39 },
    ];
    expect(bench.start()).toEqual(asks);
    expect(bench.timer(60_000, 'poll')).toEqual(asks);
  });

  test('says so when the question cannot be sent', () => {
    expect(new Bench(false).start().at(-1)).toEqual({
      type: 'log',
      line: '[ERR] agent.mdns: Failed to poll for new hosts: write udp4 0.0.0.0->224.0.0.251:5353: sendto: network is unreachable',
    });
  });

  test('answers who asks for its cluster, at the port it asked from', () => {
    const bench = new Bench();
    bench.start();
    const message = answerOf('blue', 'a', '10.0.0.1');
    expect(bench.arrives(5, SERVER, asker, query)).toEqual([{ type: 'send', socket: SERVER, to: asker, message, bytes: 118 }]);
  });

  test.each(['_serf_red._tcp.local.', '_serf_blu._tcp.local.', '_http._tcp.local.', 'b.'])(
    'does not answer for %s',
    (question) => {
      const bench = new Bench();
      bench.start();
      expect(bench.arrives(5, SERVER, asker, { type: 'mdns query', question })).toEqual([]);
    },
  );

  test.each`
    question                           | types
    ${'a._serf_blue._tcp.local.'}      | ${['SRV', 'A', 'TXT']}
    ${'a.'}                            | ${['A']}
    ${'_services._dns-sd._udp.local.'} | ${['PTR']}
  `('answers $question with $types', ({ question, types }) => {
    const bench = new Bench();
    bench.start();
    const [send] = bench.arrives(5, SERVER, asker, { type: 'mdns query', question }) as { message: DnsMessage }[];
    expect(send?.message.type === 'mdns response' && send.message.answers.map(({ type }) => type)).toEqual(types);
  });

  test('has those joined that answered, itself included, when no other has answered for 100 ms', () => {
    const bench = new Bench();
    bench.start();
    expect(bench.arrives(1, CLIENT, asker, answerOf('blue', 'a', '10.0.0.1'))).toEqual([batch]);
    expect(bench.arrives(50, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2', 9000))).toEqual([batch]);
    expect(bench.timer(150, 'batch')).toEqual([
      {
        type: 'announce',
        notice: { type: 'discovered', addresses: [endpoint('10.0.0.1', 7946), endpoint('10.0.0.2', 9000)] },
      },
    ]);
  });

  test('has nobody joined twice', () => {
    const bench = new Bench();
    bench.start();
    bench.arrives(1, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'));
    bench.arrives(2, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'));
    expect(bench.timer(102, 'batch')).toEqual([
      { type: 'announce', notice: { type: 'discovered', addresses: [endpoint('10.0.0.2', 7946)] } },
    ]);
    bench.timer(60_000, 'poll');
    expect(bench.arrives(60_001, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'))).toEqual([]);
    expect(bench.arrives(60_001, CLIENT, asker, answerOf('blue', 'c', '10.0.0.3'))).toEqual([batch]);
  });

  test('hears answers for a second after each question', () => {
    const bench = new Bench();
    bench.start();
    expect(bench.arrives(999, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'))).toEqual([batch]);
    expect(bench.arrives(1000, CLIENT, asker, answerOf('blue', 'c', '10.0.0.3'))).toEqual([]);
    bench.timer(60_000, 'poll');
    expect(bench.arrives(60_999, CLIENT, asker, answerOf('blue', 'c', '10.0.0.3'))).toEqual([batch]);
  });

  test.each`
    profile        | dialled
    ${'serf-0.10'} | ${'never again'}
    ${'fixed'}     | ${'again when it answers again'}
  `('whoever could not be joined is dialled $dialled, as $profile (mdnsNoRetry)', ({ profile }) => {
    const bench = new Bench(true, { profile });
    bench.start();
    bench.arrives(1, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'));
    bench.timer(101, 'batch');
    const failed: DiscoveryCommand = { command: 'retry', addresses: [endpoint('10.0.0.2', 7946)] };
    bench.discovery.command(at(200), 1, failed, bench.out);
    expect(bench.took()).toEqual([{ type: 'reply', command: 1, result: {} }]);
    bench.timer(60_000, 'poll');
    const again = bench.arrives(60_001, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'));
    expect(again).toEqual(profile === 'fixed' ? [batch] : []);
  });

  test.each([
    ['serf-0.10', [batch]],
    ['fixed', []],
  ] as const)('as %s its own answer makes it dial itself, or not (mdnsDialsSelf)', (profile, calls) => {
    const bench = new Bench(true, { profile });
    bench.start();
    expect(bench.arrives(1, CLIENT, asker, answerOf('blue', 'a', '10.0.0.1'))).toEqual(calls);
  });

  test.each([
    ['serf-0.10', []],
    ['fixed', [batch]],
  ] as const)(
    'as %s, where IPv6 leads nowhere the answers by IPv4 are lost for a minute, or not (mdnsV6Abort)',
    (profile, calls) => {
      const bench = new Bench(true, { profile, ipv6Unreachable: true });
      const log = bench.start().at(-1);
      if (profile === 'serf-0.10') {
        const line =
          '[ERR] agent.mdns: Failed to poll for new hosts: write udp6 [::]->[ff02::fb]:5353: sendto: network is unreachable';
        expect(log).toEqual({ type: 'log', line });
      }
      expect(bench.arrives(1, CLIENT, asker, answerOf('blue', 'b', '10.0.0.2'))).toEqual(calls);
    },
  );

  test('two clusters of other names do not hear each other', () => {
    const bench = new Bench();
    bench.start();
    expect(bench.arrives(1, CLIENT, asker, answerOf('red', 'b', '10.0.0.2'))).toEqual([]);
  });

  test.each(['PTR', 'SRV', 'A', 'TXT'])('an answer without %s tells nothing', (missing) => {
    const bench = new Bench();
    bench.start();
    const whole = answerOf('blue', 'b', '10.0.0.2');
    const answers = whole.type === 'mdns response' ? whole.answers.filter(({ type }) => type !== missing) : [];
    expect(bench.arrives(1, CLIENT, asker, { type: 'mdns response', answers })).toEqual([]);
  });

  test('an answer that nobody asked for, at the port of the service, tells nothing', () => {
    const bench = new Bench();
    bench.start();
    expect(bench.arrives(1, SERVER, asker, answerOf('blue', 'b', '10.0.0.2'))).toEqual([]);
  });
});

describe('sizes of DNS messages (RFC 1035 §4.1)', () => {
  // Bytes of the names: a label costs one more than its letters, and the root one.
  const name = (...labels: number[]) => labels.reduce((sum, letters) => sum + letters + 1, 1);

  test.each`
    cluster           | bytes
    ${'blue'}         | ${12 + name('_serf_blue'.length, '_tcp'.length, 'local'.length) + 4}
    ${'test-cluster'} | ${12 + name('_serf_test-cluster'.length, '_tcp'.length, 'local'.length) + 4}
  `('the question for $cluster takes $bytes bytes', ({ cluster, bytes }) => {
    expect(querySize(`_serf_${cluster}._tcp.local.`)).toBe(bytes);
  });

  test('the answer points back at names that it has written, but for the target of SRV (RFC 2782)', () => {
    const answer = answerOf('test-cluster', 'serf-test01', '10.54.222.131');
    const ptr = name(18, 4, 5) + 10 + (1 + 11 + 2); // type, class, TTL, length; the instance is one label and a pointer
    const srv = 2 + 10 + 6 + name(11);
    const a = 2 + 10 + 4;
    const txt = 2 + 10 + 1 + "Serf 'test-cluster' cluster".length;
    expect(answer.type === 'mdns response' && responseSize(answer.answers)).toBe(12 + ptr + srv + a + txt);
  });

  test('a letter beyond ASCII takes the bytes that UTF-8 gives it', () => {
    expect(querySize('ü.')).toBe(12 + name(2) + 4);
  });
});

test('its sockets share the port of multicast DNS and ask no further than the segment', () => {
  expect(discoverySockets('eth0')).toEqual([
    { transport: 'udp', port: MDNS_PORT, groups: [MDNS_GROUP], shared: true, interface: 'eth0' },
    { transport: 'udp', port: 0, multicastTtl: 1, interface: 'eth0' },
  ]);
});

const subject = {
  name: 'discovery',
  sockets: [
    { transport: 'udp', port: MDNS_PORT, groups: [MDNS_GROUP], shared: true } as const,
    { transport: 'udp', port: 40_000 } as const,
  ],
  make: ({ names: table, neighbours, index }: Place): Discovery => {
    const own = neighbours[index]?.endpoints[0] as Endpoint;
    const advertised = table.endpoint(table.address(own), 7946);
    return new Discovery({ cluster: 'blue', node: `n${index}`, host: `n${index}`, advertised, names: table });
  },
  message: () => answerOf('blue', 'stranger', '10.9.9.9'),
};

describe.each(laws(subject))('discovery and the laws: $name', ({ check }) => {
  test.each([1, 2, 3, 4, 5])('with seed %i', (seed) => check(seed));
});
