import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../../core/time.ts';
import { address, host, Lab, lan, link, port, router, segment } from './lab.ts';
import type { Topology } from './topology.ts';

const ping = { id: 1, sequence: 1, bytes: 56 };

/** Two private VLANs behind their own routers and a core router between them. */
const softlayer = (spanning = true): Topology => ({
  segments: [
    segment('2603', '10.54.222.128/26', { vlan: 2603, link: link({ delay: { type: 'constant', value: 20_000 as never } }) }),
    segment('2224', '10.91.83.0/26', { vlan: 2224, link: link({ delay: { type: 'constant', value: 20_000 as never } }) }),
    segment('core1', '10.0.0.0/30', { link: link({ delay: { type: 'constant', value: 60_000 as never } }) }),
    segment('core2', '10.0.0.4/30', { link: link({ delay: { type: 'constant', value: 60_000 as never } }) }),
  ],
  nodes: [
    host('test01', [port(0, '10.54.222.131/26')], 'default via 10.54.222.129'),
    host('test00', [port(1, '10.91.83.2/26')], 'default via 10.91.83.1'),
    router('bcr1', [port(0, '10.54.222.129/26'), port(2, '10.0.0.1/30')], 'default via 10.0.0.2'),
    router(
      'core',
      [port(2, '10.0.0.2/30'), port(3, '10.0.0.6/30')],
      '10.54.222.128/26 via 10.0.0.1, 10.91.83.0/26 via 10.0.0.5',
      spanning
        ? {}
        : { deny: [{ from: { base: address('10.91.83.0'), length: 26 }, to: { base: address('10.54.222.128'), length: 26 } }] },
    ),
    router('bcr2', [port(1, '10.91.83.1/26'), port(3, '10.0.0.5/30')], 'default via 10.0.0.6'),
  ],
});

describe('a ping between two VLANs across three routers', () => {
  test('is answered with ttl=61 after twice the sum of the links', () => {
    const lab = new Lab(softlayer());
    lab.network.echo(lab.node('test00'), address('10.54.222.131'), ping);
    lab.run(seconds(1));
    lab.echoes.length = 0; // the first one had to wait for address resolution on every link
    lab.network.echo(lab.node('test00'), address('10.54.222.131'), { ...ping, sequence: 2 });
    lab.run(seconds(2));
    expect(lab.echoes).toEqual([
      {
        at: seconds(1) + 2 * (20_000 + 60_000 + 60_000 + 20_000),
        node: lab.node('test00'),
        report: {
          id: 1,
          sequence: 2,
          type: 'reply',
          from: address('10.54.222.131'),
          ttl: 61,
          bytes: 64,
          sentAt: seconds(1),
        },
      },
    ]);
  });

  test('is forwarded by each router in turn, and each step follows from the one before', () => {
    const lab = new Lab(softlayer());
    lab.network.echo(lab.node('test00'), address('10.54.222.131'), ping);
    lab.run(seconds(1));
    const path = lab.seen.filter(({ word }) => word === 'echo request');
    expect(path.map(({ node }) => lab.topology.nodes[node]?.name)).toEqual(['test00', 'bcr2', 'core', 'bcr1', 'test01']);
    // Where a router first has to ask for the next hop, the packet still follows from its own last step.
    expect(path.slice(1).map(({ cause }) => cause)).toEqual(path.slice(0, -1).map(({ id }) => id));
  });

  test('leaves only the gateway in the ARP table of the sender', () => {
    const lab = new Lab(softlayer());
    lab.network.echo(lab.node('test00'), address('10.54.222.131'), ping);
    lab.run(seconds(1));
    expect(lab.network.neighbours(lab.node('test00'))).toEqual([
      { address: address('10.91.83.1'), interface: 'eth0', mac: '02:42:0a:5b:53:01', state: 'reachable' },
    ]);
  });

  test('is lost without a word where VLAN spanning is off', () => {
    const lab = new Lab(softlayer(false));
    lab.network.echo(lab.node('test00'), address('10.54.222.131'), ping);
    lab.run(seconds(5));
    expect(lab.echoes).toEqual([]);
    expect(lab.lines('drop')).toEqual([expect.stringContaining('core drop filtered test00')]);
  });
});

describe('time to live', () => {
  test.each`
    ttl  | from               | left
    ${1} | ${'10.91.83.1'}    | ${64}
    ${2} | ${'10.0.0.6'}      | ${63}
    ${3} | ${'10.0.0.1'}      | ${62}
    ${4} | ${'10.54.222.131'} | ${61}
  `('of $ttl ends at $from', ({ ttl, from, left }) => {
    const lab = new Lab(softlayer());
    lab.network.echo(lab.node('test00'), address('10.54.222.131'), { ...ping, ttl });
    lab.run(seconds(1));
    expect(lab.echoes.map(({ report }) => [report.from, report.ttl, report.type])).toEqual([
      [address(from), left, ttl === 4 ? 'reply' : 'ttl exceeded'],
    ]);
  });

  test('ends a packet that two routers send to each other', () => {
    const lab = new Lab({
      segments: [segment('left', '10.0.1.0/24'), segment('middle', '10.0.2.0/24')],
      nodes: [
        host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
        router('r1', [port(0, '10.0.1.254/24'), port(1, '10.0.2.1/24')], 'default via 10.0.2.2'),
        router('r2', [port(1, '10.0.2.2/24')], 'default via 10.0.2.1'),
      ],
    });
    lab.network.echo(0, address('9.9.9.9'), ping);
    lab.run(seconds(1));
    expect(lab.seen.filter(({ word, kind }) => word === 'echo request' && kind === 7)).toHaveLength(63);
    expect(lab.echoes.map(({ report }) => report.type)).toEqual(['ttl exceeded']);
  });
});

describe('where there is no way', () => {
  test('a host without a route is told at once', () => {
    const lab = new Lab(lan(2));
    expect(lab.network.echo(0, address('9.9.9.9'), ping)).toBe(false);
    const socket = lab.bind('n1', { port: 7 });
    expect(lab.network.send(socket, lab.endpoint('9.9.9.9:7'), 'x', 1)).toBe(false);
    expect(lab.lines()).toEqual(['0.000000 n1 send udp -', '0.000000 n1 drop no-route -']);
  });

  test('a router without a route answers net unreachable', () => {
    const lab = new Lab(softlayer());
    lab.network.echo(lab.node('test00'), address('9.9.9.9'), ping);
    lab.run(seconds(1));
    expect(lab.echoes.map(({ report }) => [report.type, report.from])).toEqual([['net unreachable', address('10.0.0.6')]]);
    expect(lab.lines('drop')).toEqual([expect.stringContaining('core drop no-route test00')]);
  });

  test('a router whose neighbour does not answer says host unreachable after three seconds', () => {
    const lab = new Lab(softlayer());
    lab.network.echo(lab.node('test00'), address('10.54.222.140'), ping);
    lab.run(seconds(10));
    expect(lab.echoes.map(({ report }) => [report.type, report.from])).toEqual([['host unreachable', address('10.0.0.1')]]);
    expect(lab.lines('drop').at(-1)).toContain('bcr1 drop arp-failed test00');
  });

  test('a host that is no router keeps silent about what is not for it', () => {
    const lab = new Lab({
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [host('a', [port(0, '10.0.0.1/24')], 'default via 10.0.0.2'), host('b', [port(0, '10.0.0.2/24')])],
    });
    lab.network.echo(0, address('9.9.9.9'), ping);
    lab.run(seconds(10));
    expect(lab.lines('drop')).toEqual(['0.000300 b drop not-forwarding a']);
    expect(lab.echoes).toEqual([]);
  });

  test('nothing reaches a host that is down, and nobody is told', () => {
    const lab = new Lab(lan(2));
    lab.network.echo(0, address('10.0.0.2'), ping);
    lab.run(milliseconds(10));
    lab.network.down(1);
    lab.network.echo(0, address('10.0.0.2'), { ...ping, sequence: 2 });
    lab.run(seconds(1));
    expect(lab.lines('drop')).toEqual(['0.010100 n2 drop host-down n1']);
    expect(lab.echoes).toHaveLength(1);
  });
});

describe('a host with several addresses', () => {
  const topology: Topology = {
    segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
    nodes: [
      host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.2'),
      host('b', [port(0, '10.0.1.2/24'), port(1, '10.0.2.2/24')]),
      host('c', [port(1, '10.0.2.3/24')]),
    ],
  };

  test('takes what arrives by one interface for the address of another, though it is no router', () => {
    const lab = new Lab(topology);
    lab.network.echo(0, address('10.0.2.2'), ping);
    lab.network.echo(0, address('10.0.2.3'), { ...ping, sequence: 2 });
    lab.run(seconds(1));
    expect(lab.echoes.map(({ report }) => [report.sequence, report.ttl])).toEqual([[1, 64]]);
    expect(lab.lines('drop')).toEqual([expect.stringContaining('b drop not-forwarding a')]);
  });

  test('reaches its own addresses and 127.0.0.0/8 without a link', () => {
    const lab = new Lab(topology);
    for (const [i, to] of ['10.0.1.2', '10.0.2.2', '127.0.0.1', '127.9.9.9'].entries()) {
      lab.network.echo(1, address(to), { ...ping, sequence: i });
    }
    lab.run(seconds(1));
    expect(lab.echoes.map(({ at, report }) => [report.sequence, at, report.ttl])).toEqual([
      [0, 40_000, 64],
      [1, 40_000, 64],
      [2, 40_000, 64],
      [3, 40_000, 64],
    ]);
    expect(lab.network.neighbours(1)).toEqual([]);
    const [lo, eth0] = lab.network.interfaces(1);
    expect([lo?.received.packets, eth0?.sent.packets]).toEqual([8, 0]);
  });
});

describe('two subnets on one segment', () => {
  const topology: Topology = {
    segments: [segment('lan', '10.0.1.0/24 10.0.2.0/24')],
    nodes: [
      host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
      host('b', [port(0, '10.0.2.1/24')], 'default via 10.0.2.254'),
      router('r', [port(0, '10.0.1.254/24 10.0.2.254/24')]),
    ],
  };

  test('exchange unicast by the router only', () => {
    const lab = new Lab(topology);
    lab.network.echo(0, address('10.0.2.1'), ping);
    lab.run(seconds(1));
    expect(lab.echoes.map(({ report }) => report.ttl)).toEqual([63]);
    expect(lab.network.neighbours(0).map((entry) => entry.address)).toEqual([address('10.0.1.254')]);
  });

  test('share link-local multicast', () => {
    const lab = new Lab(topology);
    const groups = [address('224.0.0.251')];
    const [a, b] = [lab.bind('a', { port: 5353, groups }), lab.bind('b', { port: 5353, groups })];
    lab.network.send(a, lab.endpoint('224.0.0.251:5353'), 'x', 1);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket, from }) => [socket, from])).toEqual([
      [a, '10.0.1.1:5353'],
      [b, '10.0.1.1:5353'],
    ]);
  });
});
