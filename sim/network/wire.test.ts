import { describe, expect, test } from 'vitest';
import { type Duration, milliseconds, seconds } from '../../core/time.ts';
import { address, host, Lab, lan, link, port, segment } from './lab.ts';
import type { LinkSpec, Topology } from './topology.ts';
import type { Adversary } from './upcalls.ts';

/** Two hosts that know each other, and datagrams from n1 to n2. */
function pair(changes: Partial<LinkSpec>, options: { seed?: number; adversary?: Adversary; topology?: Topology } = {}) {
  const lab = new Lab(options.topology ?? lan(2, changes), options.seed, options.adversary);
  const socket = lab.bind('n1', { port: 7 });
  lab.bind('n2', { port: 7 });
  const send = (message: unknown, bytes = 100): void => {
    lab.network.send(socket, lab.endpoint('10.0.0.2:7'), message, bytes);
  };
  // A datagram to oneself is needed nowhere; one that is lost may leave the neighbour unknown, so try until it is there.
  for (let i = 0; lab.network.neighbours(0)[0]?.state !== 'reachable'; i++) {
    send('first');
    lab.run(seconds(4 * (i + 1)));
  }
  const start = lab.simulation.now;
  lab.datagrams.length = 0;
  lab.seen.length = 0;
  const arrivals = (): [unknown, number][] => lab.datagrams.map(({ at, message }) => [message, at - start]);
  return { lab, send, start, arrivals };
}

const constant = (value: Duration): LinkSpec['delay'] => ({ type: 'constant', value });

describe('bandwidth', () => {
  // 1 000 bytes of frame at 8 Mbit/s take 1 ms: 1 000 = 954 payload + 28 IP and UDP + 18 Ethernet.
  const slow = { bandwidth: 8_000_000, delay: constant(milliseconds(10)) };

  test('is taken once on the way out and once on the way in', () => {
    const { lab, send, arrivals } = pair(slow);
    send('a', 954);
    send('b', 954);
    send('c', 954);
    lab.run(seconds(100));
    expect(arrivals()).toEqual([
      ['a', milliseconds(12)],
      ['b', milliseconds(13)],
      ['c', milliseconds(14)],
    ]);
  });

  test('of each attachment is its own: two senders meet in the queue of the receiver', () => {
    const lab = new Lab(lan(3, slow));
    const sockets = ['n1', 'n2', 'n3'].map((name) => lab.bind(name, { port: 7 }));
    for (const i of [0, 1]) lab.network.echo(i, address('10.0.0.3'), { id: 1, sequence: 1, bytes: 56 });
    lab.run(seconds(1));
    for (const i of [0, 1]) lab.network.send(sockets[i] as never, lab.endpoint('10.0.0.3:7'), i, 954);
    lab.run(seconds(2));
    expect(lab.datagrams.map(({ at, message }) => [message, at - seconds(1)])).toEqual([
      [0, milliseconds(12)],
      [1, milliseconds(13)],
    ]);
  });

  test('drops the tail of what does not fit into the queue', () => {
    const { lab, send, arrivals } = pair({ ...slow, queue: 3_000 });
    for (const message of ['a', 'b', 'c', 'd', 'e']) send(message, 954);
    lab.run(seconds(100));
    expect(arrivals().map(([message]) => message)).toEqual(['a', 'b', 'c']);
    expect(lab.lines('drop').map((line) => line.slice(9))).toEqual(['n1 drop queue-full n2', 'n1 drop queue-full n2']);
  });

  test('drops at the switch what the receiver is too slow for', () => {
    const topology: Topology = {
      segments: [segment('lan', '10.0.0.0/24', { link: link({ delay: constant(milliseconds(10)) }) })],
      nodes: [
        host('n1', [port(0, '10.0.0.1/24')]),
        host('n2', [port(0, '10.0.0.2/24', { in: { bandwidth: 8_000_000, queue: 2_500 } })]),
      ],
    };
    const { lab, send, arrivals } = pair({}, { topology });
    for (const message of ['a', 'b', 'c']) send(message, 954);
    lab.run(seconds(100));
    expect(arrivals()).toEqual([
      ['a', milliseconds(11)],
      ['b', milliseconds(12)],
    ]);
    expect(lab.lines('drop').map((line) => line.slice(9))).toEqual(['n2 drop queue-full n1']);
  });

  test('counts the tag of a sub-interface and the headers of all fragments', () => {
    const topology: Topology = {
      segments: [
        segment('lan', '10.0.0.0/24', { vlan: 5, link: link({ bandwidth: 8_000_000, delay: constant(0 as Duration) }) }),
      ],
      nodes: ['n1', 'n2'].map((name, i) =>
        host(name, [port(0, `10.0.0.${i + 1}/24`, { name: 'eth0.5', tag: 5, port: { mode: 'trunk', allowed: [5] } })]),
      ),
    };
    const { lab, send, arrivals } = pair({}, { topology });
    send('two fragments', 2_000);
    lab.run(seconds(100));
    // 2 028 bytes in two packets: 2 048, and twice 22 for Ethernet with tag; at 1 µs a byte, out and in.
    expect(arrivals()).toEqual([['two fragments', 2 * (2_028 + 20 + 2 * 22) * 1_000]]);
  });
});

describe('what a link does to a packet', () => {
  test('nothing, by default, but its delay', () => {
    const { lab, send, arrivals } = pair({ delay: constant(milliseconds(7)) });
    for (let i = 0; i < 100; i++) send(i);
    lab.run(seconds(100));
    expect(arrivals()).toEqual(Array.from({ length: 100 }, (_, i) => [i, milliseconds(7)]));
  });

  test.each`
    change                                                                     | word            | share
    ${{ loss: 0.1 }}                                                           | ${'loss'}       | ${0.1}
    ${{ corrupt: 0.1 }}                                                        | ${'corrupt'}    | ${0.1}
    ${{ burst: { enter: 1, leave: 0, lossGood: 0, lossBad: 0.25 } }}           | ${'burst-loss'} | ${0.25}
    ${{ burst: { enter: 0.000001, leave: 1, lossGood: 0.25, lossBad: 0.25 } }} | ${'loss'}       | ${0.25}
  `('$change loses its share as $word', ({ change, word, share }) => {
    const { lab, send, arrivals } = pair(change);
    for (let i = 0; i < 4_000; i++) send(i);
    lab.run(seconds(1_000));
    const lost = lab.seen.filter((each) => each.kind === 9);
    expect(new Set(lost.map((each) => each.word))).toEqual(new Set([word]));
    expect(arrivals()).toHaveLength(4_000 - lost.length);
    // Five standard deviations of 4 000 draws.
    expect(Math.abs(lost.length - 4_000 * share)).toBeLessThan(5 * Math.sqrt(4_000 * share * (1 - share)));
  });

  test('a corrupt packet takes its time and is dropped by its receiver', () => {
    const { lab, send } = pair({ corrupt: 0.5 });
    for (let i = 0; i < 20; i++) send(i);
    const start = lab.simulation.now;
    lab.run(seconds(1_000));
    const dropped = lab.seen.filter((each) => each.kind === 9);
    expect(dropped.length).toBeGreaterThan(0);
    for (const each of dropped) expect([each.node, each.peer, each.at - start]).toEqual([1, 0, 100_000]);
  });

  test('doubles packets', () => {
    const { lab, send, arrivals } = pair({ duplicate: 1, delay: { type: 'uniform', min: 0 as Duration, max: milliseconds(1) } });
    for (let i = 0; i < 50; i++) send(i);
    lab.run(seconds(1_000));
    const times = Array.from({ length: 50 }, (_, i) => arrivals().filter(([message]) => message === i));
    expect(times.map((each) => each.length)).toEqual(Array(50).fill(2));
    expect(times.some(([first, second]) => first?.[1] !== second?.[1])).toBe(true);
  });

  test('holds some up so that later ones overtake them', () => {
    const { lab, send, arrivals, start } = pair({ reorder: { probability: 0.2, by: constant(milliseconds(5)) } });
    for (let i = 0; i < 200; i++) {
      send(i);
      lab.run((start + milliseconds(i + 1)) as Duration);
    }
    lab.run(seconds(1_000));
    const late = arrivals().filter(([message, at]) => at !== (message as number) * 1_000_000 + 100_000);
    for (const [message, at] of late) expect(at).toBe((message as number) * 1_000_000 + 5_100_000);
    expect(Math.abs(late.length - 40)).toBeLessThan(29); // five standard deviations
  });

  test('cuts one way and leaves the other', () => {
    const { lab, send } = pair({});
    lab.network.setLink(0, 1, false);
    send('there');
    lab.network.send(lab.bind('n2', { port: 8 }), lab.endpoint('10.0.0.1:7'), 'back', 1);
    lab.run(seconds(100));
    expect(lab.datagrams.map(({ message }) => message)).toEqual(['back']);
    expect(lab.lines('drop')[0]).toMatch(/ n1 drop cut n2$/);
    lab.network.setLink(0, 1, true);
    send('again');
    lab.run(seconds(200));
    expect(lab.datagrams.map(({ message }) => message)).toEqual(['back', 'again']);
  });

  test('is worse for a host whose own attachment is worse', () => {
    const topology: Topology = {
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [
        host('n1', [port(0, '10.0.0.1/24', { out: { delay: constant(milliseconds(3)) } })]),
        host('n2', [port(0, '10.0.0.2/24')]),
        host('n3', [port(0, '10.0.0.3/24', { in: { delay: constant(milliseconds(5)) } })]),
      ],
    };
    const lab = new Lab(topology);
    for (const to of ['10.0.0.2', '10.0.0.3']) {
      for (let i = 0; i < 2; i++) {
        lab.network.echo(0, address(to), { id: 1, sequence: i, bytes: 56 });
        lab.run((lab.simulation.now + seconds(1)) as Duration);
      }
    }
    const second = lab.echoes.filter(({ report }) => report.sequence === 1);
    expect(second.map(({ at, report }) => at - report.sentAt)).toEqual([3_100_000, 5_100_000]);
  });
});

describe('switches joined by trunks', () => {
  const topology = (vlans: readonly number[]): Topology => ({
    segments: [segment('blue', '10.0.0.0/24', { vlan: 10 }), segment('red', '10.0.1.0/24', { vlan: 20 })],
    switches: [{ name: 'a' }, { name: 'b' }, { name: 'c' }],
    trunks: [
      { between: [0, 1], vlans: [10, 20] },
      { between: [1, 2], vlans },
    ],
    nodes: [0, 1, 2].flatMap((at) => [
      host(`blue${at}`, [port(0, `10.0.0.${at + 1}/24`, { switch: at })]),
      host(`red${at}`, [port(1, `10.0.1.${at + 1}/24`, { switch: at })]),
    ]),
  });

  /** Which of the VLAN's hosts a broadcast of the first one reaches. */
  const reached = (lab: Lab, colour: string): string[] => {
    const sockets = [0, 1, 2].map((at) => lab.bind(`${colour}${at}`, { port: 7 }));
    lab.datagrams.length = 0;
    lab.network.send(sockets[0] as never, lab.endpoint('255.255.255.255:7'), 'x', 1);
    lab.run((lab.simulation.now + seconds(1)) as Duration);
    for (const socket of sockets) lab.network.unbind(socket);
    return lab.datagrams.map(({ socket }) => `${colour}${sockets.indexOf(socket)}`);
  };

  test('carry the VLANs that they list and no other', () => {
    const lab = new Lab(topology([10]));
    expect(reached(lab, 'blue')).toEqual(['blue0', 'blue1', 'blue2']);
    expect(reached(lab, 'red')).toEqual(['red0', 'red1']);
    expect(lab.lines('drop')).toEqual(['1.000000 red0 drop cut red2']);
  });

  test('split the segments that they carry when they are cut', () => {
    const lab = new Lab(topology([10, 20]));
    lab.network.setTrunk(0, false);
    expect(reached(lab, 'red')).toEqual(['red0']);
    lab.network.setTrunk(0, true);
    expect(reached(lab, 'red')).toEqual(['red0', 'red1', 'red2']);
  });
});

describe('the adversary', () => {
  const about =
    (what: ReturnType<Adversary['fate']>): Adversary['fate'] =>
    (_now, source, _boot, ordinal) =>
      source === 0 && ordinal >= 2 ? what : undefined;

  test.each`
    fate                           | arrivals                                            | drops
    ${undefined}                   | ${[['x', 100_000]]}                                 | ${[]}
    ${{ drop: true }}              | ${[]}                                               | ${['n1 drop loss n2']}
    ${{ corrupt: true }}           | ${[]}                                               | ${['n2 drop corrupt n1']}
    ${{ delay: milliseconds(50) }} | ${[['x', 50_100_000]]}                              | ${[]}
    ${{ copies: [0] }}             | ${[['x', 100_000], ['x', 100_000]]}                 | ${[]}
    ${{ copies: [9, 5] }}          | ${[['x', 100_000], ['x', 100_005], ['x', 100_009]]} | ${[]}
  `('may say $fate', ({ fate, arrivals, drops }) => {
    const world = pair({}, { adversary: { fate: about(fate) } });
    world.send('x');
    world.lab.run(seconds(5));
    expect(world.arrivals()).toEqual(arrivals);
    expect(world.lab.lines('drop').map((line) => line.slice(9))).toEqual(drops);
  });

  test('is told who sent what to whom, and over which link it is about to go', () => {
    const asked: unknown[] = [];
    const lab = new Lab(
      {
        segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
        nodes: [
          host('a', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
          host('b', [port(1, '10.0.2.1/24')], 'default via 10.0.2.254'),
          { ...host('r', [port(0, '10.0.1.254/24'), port(1, '10.0.2.254/24')]), forwarding: true },
        ],
      },
      1,
      {
        fate: (now, source, boot, ordinal, destination, from, to, hop, word) => {
          if (lab.names.text(word) === 'ping') asked.push([now, source, boot, ordinal, destination, from, to, hop]);
          return undefined;
        },
      },
    );
    const socket = lab.bind('a', { port: 7 });
    lab.network.send(socket, lab.endpoint('10.0.2.1:7'), { type: 'ping' }, 1);
    lab.run(seconds(1));
    // It is packet 0 of its sender, though the ARP request that it waits for is packet 1 and leaves before it.
    expect(asked).toEqual([
      [200_000, 0, 0, 0, 1, 0, 2, 0],
      [500_000, 0, 0, 0, 1, 2, 1, 1],
    ]);
  });
});
