import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../../core/time.ts';
import { address, host, Lab, lan, link, port, router, segment } from './lab.ts';
import type { Topology } from './topology.ts';

const GROUP = '224.0.0.251';

describe('a datagram', () => {
  test('arrives at the socket that is bound to its port, with its sender', () => {
    const lab = new Lab(lan(2));
    const [a, b] = [lab.bind('n1', { port: 7 }), lab.bind('n2', { port: 9 })];
    lab.network.send(a, lab.endpoint('10.0.0.2:9'), { type: 'ping' }, 33);
    lab.run(seconds(1));
    expect(lab.datagrams).toEqual([
      { at: 300_000, socket: b, from: '10.0.0.1:7', to: '10.0.0.2:9', message: { type: 'ping' }, bytes: 33 },
    ]);
    expect(lab.seen[0]).toMatchObject({ word: 'ping', size: 33 + 28 });
  });

  test('to a port that nobody has bound is answered with port unreachable', () => {
    const lab = new Lab(lan(2));
    const a = lab.bind('n1', { port: 7 });
    lab.network.send(a, lab.endpoint('10.0.0.2:9'), { type: 'ping' }, 33);
    lab.run(seconds(1));
    expect(lab.lines().slice(-4)).toEqual([
      '0.000200 n1 deliver arp reply n2',
      '0.000300 n2 drop port-unreachable n1',
      '0.000300 n2 send port unreachable n1',
      '0.000400 n1 deliver port unreachable n2',
    ]);
  });

  test('is refused when it is larger than IP can carry; a whole message is not', () => {
    const lab = new Lab(lan(2));
    const udp = lab.bind('n1', { port: 7 });
    const message = lab.bind('n1', { transport: 'message', port: 7 });
    lab.bind('n2', { transport: 'message', port: 7 });
    const to = lab.endpoint('10.0.0.2:7');
    expect(lab.network.send(udp, to, 'x', 65_508)).toBe(false);
    expect(lab.lines()).toEqual(['0.000000 n1 send udp n2', '0.000000 n1 drop mtu -']);
    expect(lab.network.send(message, to, 'y', 1_000_000)).toBe(true);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ bytes }) => bytes)).toEqual([1_000_000]);
  });

  test('to an own address never leaves the host', () => {
    const lab = new Lab(lan(1));
    const a = lab.bind('n1', { port: 7 });
    lab.network.send(a, lab.endpoint('10.0.0.1:7'), 'own', 1);
    lab.network.send(a, lab.endpoint('127.0.0.1:7'), 'loop', 1);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ from, to }) => [from, to])).toEqual([
      ['10.0.0.1:7', '10.0.0.1:7'],
      ['127.0.0.1:7', '127.0.0.1:7'],
    ]);
    expect(lab.network.interfaces(0)[1]?.sent.packets).toBe(0);
  });

  test('of a host that is down is not sent, and one for it is dropped there', () => {
    const lab = new Lab(lan(2));
    const [a, b] = [lab.bind('n1', { port: 7 }), lab.bind('n2', { port: 7 })];
    lab.network.send(a, lab.endpoint('10.0.0.2:7'), 'x', 1);
    lab.run(milliseconds(1));
    lab.network.down(1);
    expect(lab.network.send(b, lab.endpoint('10.0.0.1:7'), 'x', 1)).toBe(false);
    lab.network.up(1);
    expect(lab.network.send(b, lab.endpoint('10.0.0.1:7'), 'x', 1)).toBe(false); // its socket is gone
    expect(lab.network.boots(1)).toBe(1);
    lab.network.send(a, lab.endpoint('10.0.0.2:7'), 'x', 1);
    lab.run(seconds(1));
    expect(lab.lines('drop')).toEqual(['0.001100 n2 drop port-unreachable n1']);
  });

  test('counts anew in each life of its host', () => {
    const lab = new Lab(lan(2));
    const send = (): void => {
      lab.network.send(lab.bind('n1', { port: 7 }), lab.endpoint('10.0.0.2:7'), 'x', 1);
      lab.run((lab.simulation.now + milliseconds(1)) as never);
      lab.network.down(0);
      lab.network.up(0);
    };
    send();
    send();
    const own = lab.seen.filter(({ kind, node }) => kind === 6 && node === 0).map(({ packet }) => [packet.boot, packet.ordinal]);
    expect(own).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ]);
  });
});

describe('binding', () => {
  test.each`
    first                                                   | second                                                  | problem
    ${{ port: 7 }}                                          | ${{ port: 8 }}                                          | ${undefined}
    ${{ port: 7 }}                                          | ${{ port: 7, transport: 'stream' }}                     | ${undefined}
    ${{ port: 7 }}                                          | ${{ port: 7 }}                                          | ${'Address already in use'}
    ${{ port: 7 }}                                          | ${{ port: 7, address: address('10.0.0.1') }}            | ${'Address already in use'}
    ${{ port: 7, address: address('127.0.0.1') }}           | ${{ port: 7, address: address('10.0.0.1') }}            | ${undefined}
    ${{ port: 7, shared: true }}                            | ${{ port: 7, shared: true }}                            | ${undefined}
    ${{ port: 7, shared: true }}                            | ${{ port: 7 }}                                          | ${'Address already in use'}
    ${{ port: 7, address: address('10.0.0.2') }}            | ${{ port: 8 }}                                          | ${'Cannot assign requested address'}
    ${{ port: 7, interface: 'eth1' }}                       | ${{ port: 8 }}                                          | ${'No such device'}
    ${{ port: 7, groups: [address(GROUP)], shared: false }} | ${{ port: 8, groups: [address(GROUP)], shared: false }} | ${undefined}
    ${{ port: 7, address: address(GROUP) }}                 | ${{ port: 8 }}                                          | ${undefined}
  `('$first, then $second: $problem', ({ first, second, problem }) => {
    const lab = new Lab(lan(2));
    const results = [first, second].map((spec) => lab.network.bind(0, { transport: 'udp', ...spec }));
    expect(results.find((result) => typeof result === 'string')).toBe(problem);
  });

  test('to port 0 gives ephemeral ports in turn, which are free', () => {
    const lab = new Lab(lan(1));
    lab.bind('n1', { port: 32_769 });
    const ports = [lab.bind('n1', {}), lab.bind('n1', {})].map((socket) => lab.network.port(socket));
    expect(ports).toEqual([32_768, 32_770]);
  });

  test('frees the port when the socket is closed', () => {
    const lab = new Lab(lan(1));
    const socket = lab.bind('n1', { port: 7 });
    lab.network.unbind(socket);
    expect(typeof lab.network.bind(0, { transport: 'udp', port: 7 })).toBe('number');
  });

  test('to one address leaves the port of the others alone, and wins over ANY', () => {
    const lab = new Lab({
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [host('a', [port(0, '10.0.0.1/24 10.0.0.2/24')])],
    });
    const [first, any, from] = [
      lab.bind('a', { port: 7, address: address('10.0.0.2'), shared: true }),
      lab.bind('a', { port: 7, shared: true }),
      lab.bind('a', { port: 9 }),
    ];
    lab.network.send(from, lab.endpoint('10.0.0.2:7'), 'x', 1);
    lab.network.send(from, lab.endpoint('10.0.0.1:7'), 'x', 1);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket }) => socket)).toEqual([first, any]);
  });
});

describe('multicast', () => {
  const two: Topology = {
    segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
    nodes: [
      host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
      host('b', [port(0, '10.0.1.2/24')], 'default via 10.0.1.254'),
      host('c', [port(1, '10.0.2.3/24')], 'default via 10.0.2.254'),
      router('r', [port(0, '10.0.1.254/24'), port(1, '10.0.2.254/24')]),
    ],
  };

  test('reaches those of the segment that have joined, the sender itself included', () => {
    const lab = new Lab(lan(4));
    const groups = [address(GROUP)];
    const joined = ['n1', 'n3'].map((name) => lab.bind(name, { port: 5353, groups }));
    lab.bind('n2', { port: 5353 });
    lab.network.send(joined[0] as never, lab.endpoint(`${GROUP}:5353`), 'query', 40);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ at, socket, to }) => [at, socket, to])).toEqual([
      [20_000, joined[0], `${GROUP}:5353`],
      [100_000, joined[1], `${GROUP}:5353`],
    ]);
    expect(lab.lines('drop')).toEqual([]);
  });

  test.each([1, 2, 64, 255])('with TTL %i never crosses a router, be the group link-local or not', (multicastTtl) => {
    const lab = new Lab(two);
    for (const text of [GROUP, '239.1.2.3']) {
      const groups = [address(text)];
      const sockets = ['a', 'b', 'c', 'r'].map((name) => lab.bind(name, { port: 5353, groups, shared: true, multicastTtl }));
      lab.network.send(sockets[0] as never, lab.endpoint(`${text}:5353`), 'query', 40);
    }
    lab.run(seconds(1));
    expect(lab.lines('deliver')).toEqual([
      '0.000020 a deliver udp a',
      '0.000020 a deliver udp a',
      '0.000100 b deliver udp a',
      '0.000100 r deliver udp a',
      '0.000100 b deliver udp a',
      '0.000100 r deliver udp a',
    ]);
    expect(lab.lines('forward')).toEqual([]);
  });

  test('leaves by the interface that the socket names, and is heard there only', () => {
    const lab = new Lab(two);
    const groups = [address(GROUP)];
    const right = lab.bind('r', { port: 5353, groups, interface: 'eth1' });
    lab.bind('a', { port: 5353, groups });
    const c = lab.bind('c', { port: 5353, groups });
    lab.network.send(right, lab.endpoint(`${GROUP}:5353`), 'query', 40);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket, from }) => [socket, from])).toEqual([
      [right, '10.0.2.254:5353'],
      [c, '10.0.2.254:5353'],
    ]);
  });

  test('is swallowed by a fabric that blocks it, except for the own copy', () => {
    const lab = new Lab({ ...two, segments: two.segments.map((spec) => ({ ...spec, multicast: 'blocked' as const })) });
    const groups = [address(GROUP)];
    const a = lab.bind('a', { port: 5353, groups });
    lab.bind('b', { port: 5353, groups });
    lab.network.send(a, lab.endpoint(`${GROUP}:5353`), 'query', 40);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket }) => socket)).toEqual([a]);
    expect(lab.lines('drop')).toEqual(['0.000000 a drop multicast-blocked -']);
  });

  test('is not heard any more by who has left the group', () => {
    const lab = new Lab(lan(2));
    const groups = [address(GROUP)];
    const [a, b] = [lab.bind('n1', { port: 5353, groups }), lab.bind('n2', { port: 5353, groups })];
    expect(lab.network.interfaces(1)[1]?.groups).toEqual(groups);
    lab.network.unbind(b);
    expect(lab.network.interfaces(1)[1]?.groups).toEqual([]);
    lab.network.send(a, lab.endpoint(`${GROUP}:5353`), 'query', 40);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket }) => socket)).toEqual([a]);
  });

  test('reaches all sockets that share the port', () => {
    const lab = new Lab(lan(2));
    const spec = { port: 5353, groups: [address(GROUP)], shared: true };
    const [a, b, c] = [lab.bind('n1', spec), lab.bind('n2', spec), lab.bind('n2', spec)];
    lab.network.send(a, lab.endpoint(`${GROUP}:5353`), 'query', 40);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket }) => socket)).toEqual([a, b, c]);
    expect(lab.lines('deliver')).toHaveLength(2); // one packet a host
  });
});

describe('broadcast', () => {
  test.each(['255.255.255.255', '10.0.1.255'])('to %s reaches every host of the segment and no other', (to) => {
    const lab = new Lab({
      segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
      nodes: [
        host('a', [port(0, '10.0.1.1/24')]),
        host('b', [port(0, '10.0.1.2/24')]),
        host('silent', [port(0, '10.0.1.3/24')]),
        router('r', [port(0, '10.0.1.254/24'), port(1, '10.0.2.254/24')]),
        host('c', [port(1, '10.0.2.3/24')]),
      ],
    });
    const [a, b, r] = ['a', 'b', 'r', 'c'].map((name) => lab.bind(name, { port: 694 }));
    lab.network.send(a as never, lab.endpoint(`${to}:694`), 'beat', 10);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ socket }) => socket)).toEqual([a, b, r]);
    expect(lab.lines('drop', 'forward')).toEqual([]);
  });

  test('into a subnet behind a router is not made from a datagram', () => {
    const lab = new Lab({
      segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
      nodes: [
        host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
        router('r', [port(0, '10.0.1.254/24'), port(1, '10.0.2.254/24')]),
        host('c', [port(1, '10.0.2.3/24')]),
      ],
    });
    const [a] = ['a', 'c'].map((name) => lab.bind(name, { port: 694 }));
    lab.network.send(a as never, lab.endpoint('10.0.2.255:694'), 'beat', 10);
    lab.run(seconds(1));
    expect(lab.lines('drop')).toEqual(['0.000300 r drop directed-broadcast a']);
  });
});

describe('fragments', () => {
  /** a – r – b, with the smaller MTU on the far side. */
  const path = (mtu: number, changes = {}): Topology => ({
    segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24', { link: link({ mtu, ...changes }) })],
    nodes: [
      host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
      router('r', [port(0, '10.0.1.254/24'), port(1, '10.0.2.254/24')]),
      host('b', [port(1, '10.0.2.1/24')], 'default via 10.0.2.254'),
    ],
  });

  // RFC 791 §2.3: 20 bytes of header each, payload in units of 8 bytes: 1480 in a packet of 1500, 552 in one of 576.
  test.each`
    payload   | mtu     | sent  | received | bytes
    ${1_472}  | ${1500} | ${1}  | ${1}     | ${1_500}
    ${1_473}  | ${1500} | ${2}  | ${2}     | ${1_501 + 20}
    ${1_472}  | ${576}  | ${1}  | ${3}     | ${1_500 + 40}
    ${4_000}  | ${576}  | ${3}  | ${8}     | ${4_028 + 140}
    ${65_507} | ${1500} | ${45} | ${45}    | ${65_535 + 880}
  `('of $payload bytes over an MTU of $mtu: $sent leave, $received arrive', ({ payload, mtu, sent, received, bytes }) => {
    const lab = new Lab(path(mtu));
    const a = lab.bind('a', { port: 7 });
    lab.bind('b', { port: 7 });
    lab.network.send(a, lab.endpoint('10.0.2.1:7'), 'x', payload);
    lab.run(seconds(1));
    expect(lab.datagrams.map((each) => each.bytes)).toEqual([payload]);
    // Beside one ARP packet of 28 bytes each way.
    expect(lab.network.interfaces(0)[1]?.sent.packets).toBe(sent + 1);
    expect(lab.network.interfaces(2)[1]?.received).toEqual({ packets: received + 1, bytes: bytes + 28 });
  });

  test('are lost together', () => {
    const small = (bytes: number): number => {
      const lab = new Lab(path(1500, { loss: 0.1 }));
      const a = lab.bind('a', { port: 7 });
      lab.bind('b', { port: 7 });
      for (let i = 0; i < 5; i++) lab.network.echo(0, address('10.0.2.1'), { id: 1, sequence: i, bytes: 56 });
      lab.run(seconds(10)); // now everybody knows his neighbour
      lab.seen.length = 0;
      for (let i = 0; i < 2_000; i++) lab.network.send(a, lab.endpoint('10.0.2.1:7'), i, bytes);
      lab.run(seconds(100));
      return lab.lines('drop').filter((line) => line.includes('r drop loss')).length;
    };
    const [one, ten] = [small(100), small(14_000)];
    // 10 % of single packets; 1 − 0.9¹⁰ = 65 % of ten fragments. Five standard deviations of 2 000 draws are 67 and 107.
    expect(Math.abs(one - 200)).toBeLessThan(67);
    expect(Math.abs(ten - 1_303)).toBeLessThan(107);
  });

  test('larger than the far end takes are dropped for their MTU: a jumbo frame into a segment without', () => {
    const lab = new Lab({
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [host('a', [port(0, '10.0.0.1/24', { mtu: 9_000 })]), host('b', [port(0, '10.0.0.2/24')])],
    });
    const a = lab.bind('a', { port: 7 });
    lab.bind('b', { port: 7 });
    lab.network.send(a, lab.endpoint('10.0.0.2:7'), 'small', 1_000);
    lab.network.send(a, lab.endpoint('10.0.0.2:7'), 'large', 5_000);
    lab.run(seconds(1));
    expect(lab.datagrams.map(({ message }) => message)).toEqual(['small']);
    expect(lab.lines('drop')).toEqual(['0.000200 a drop mtu b']);
  });
});
