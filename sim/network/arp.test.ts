import { describe, expect, test } from 'vitest';
import { type Duration, milliseconds, seconds } from '../../core/time.ts';
import { address, host, Lab, lan, port, segment } from './lab.ts';
import type { Adversary } from './upcalls.ts';

/** n1 and n2 that know each other, n1's entry being reachable. */
function acquainted(adversary?: Adversary): { lab: Lab; send: () => void } {
  const lab = new Lab(lan(2), 1, adversary);
  const socket = lab.bind('n1', { port: 7 });
  lab.bind('n2', { port: 7 });
  const send = (): void => void lab.network.send(socket, lab.endpoint('10.0.0.2:7'), 'x', 1);
  send();
  lab.run(milliseconds(1));
  lab.seen.length = 0;
  return { lab, send };
}

const state = (lab: Lab, node = 0): string | undefined => lab.network.neighbours(node)[0]?.state;

describe('address resolution', () => {
  test('asks by broadcast, keeps the packet, and sends it when the answer is there', () => {
    const lab = new Lab(lan(3));
    const socket = lab.bind('n1', { port: 7 });
    lab.bind('n2', { port: 7 });
    lab.network.send(socket, lab.endpoint('10.0.0.2:7'), 'x', 1);
    expect(state(lab)).toBe('incomplete');
    lab.run(seconds(1));
    expect(lab.lines()).toEqual([
      '0.000000 n1 send udp n2',
      '0.000000 n1 send arp request n2',
      '0.000100 n2 deliver arp request n1',
      '0.000100 n2 send arp reply n1',
      '0.000200 n1 deliver arp reply n2',
      '0.000300 n2 deliver udp n1',
    ]);
    expect(lab.network.neighbours(0)).toEqual([
      { address: address('10.0.0.2'), interface: 'eth0', mac: '02:42:0a:00:00:02', state: 'reachable' },
    ]);
  });

  test('teaches the one who is asked who asked, but no more than that', () => {
    const { lab } = acquainted();
    expect(lab.network.neighbours(1)).toEqual([
      { address: address('10.0.0.1'), interface: 'eth0', mac: '02:42:0a:00:00:01', state: 'stale' },
    ]);
  });

  test('is tried three times, one second apart; then what waits is dropped and the next packet starts anew', () => {
    const lab = new Lab(lan(1));
    const socket = lab.bind('n1', { port: 7 });
    const send = (): void => void lab.network.send(socket, lab.endpoint('10.0.0.2:7'), 'x', 1);
    send();
    lab.run(seconds(4));
    expect(lab.lines('send', 'drop').filter((line) => !line.includes('no-owner'))).toEqual([
      '0.000000 n1 send udp -',
      '0.000000 n1 send arp request -',
      '1.000000 n1 send arp request -',
      '2.000000 n1 send arp request -',
      '3.000000 n1 drop arp-failed n1',
    ]);
    expect(lab.network.neighbours(0)).toEqual([
      { address: address('10.0.0.2'), interface: 'eth0', mac: undefined, state: 'failed' },
    ]);
    send();
    expect(lab.lines('send').slice(-2)).toEqual(['4.000000 n1 send udp -', '4.000000 n1 send arp request -']);
    expect(state(lab)).toBe('incomplete');
  });

  test('lets at most 101 packets wait and drops the oldest beyond that', () => {
    const lab = new Lab(lan(1));
    const socket = lab.bind('n1', { port: 7 });
    for (let i = 0; i < 103; i++) lab.network.send(socket, lab.endpoint('10.0.0.2:7'), i, 1);
    lab.run(seconds(4));
    const dropped = lab.seen.filter(({ kind, packet }) => kind === 9 && packet.transport === 'udp');
    expect(dropped.map(({ word, packet }) => `${word} ${packet.message}`)).toEqual([
      'queue-full 0',
      'queue-full 1',
      ...Array.from({ length: 101 }, (_, i) => `arp-failed ${i + 2}`),
    ]);
  });

  test('makes no entry for an address beyond the gateway', () => {
    const lab = new Lab({
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [host('a', [port(0, '10.0.0.1/24')], 'default via 10.0.0.254'), host('gw', [port(0, '10.0.0.254/24')])],
    });
    lab.network.echo(0, address('10.9.9.9'), { id: 1, sequence: 1, bytes: 56 });
    lab.run(seconds(1));
    expect(lab.network.neighbours(0).map((entry) => entry.address)).toEqual([address('10.0.0.254')]);
  });
});

test('second addresses, and those that a host has on another interface, are resolved like first ones', () => {
  const lab = new Lab({
    segments: [segment('left', '10.0.1.0/24 10.0.2.0/24'), segment('right', '10.0.2.0/24')],
    nodes: [
      host('a', [port(0, '10.0.1.1/24 10.0.2.1/24')]),
      host('b', [port(0, '10.0.1.2/24 10.0.1.3/24'), port(1, '10.0.2.2/24')]),
    ],
  });
  const ask = (...texts: string[]): void => {
    for (const text of texts) lab.network.echo(0, address(text), { id: 1, sequence: 1, bytes: 56 });
  };
  const states = (): string[] => lab.network.neighbours(0).map(({ mac, state: each }) => `${mac} ${each}`);
  ask('10.0.1.3', '10.0.1.2', '10.0.2.2', '10.0.2.3');
  lab.run(seconds(5));
  expect(lab.echoes.map(({ report }) => [report.from, report.type])).toEqual([
    [address('10.0.1.3'), 'reply'],
    [address('10.0.1.2'), 'reply'],
    // What 10.0.2.2 answers leaves by its own interface on the other segment, where nobody has the address.
    [address('10.0.2.1'), 'host unreachable'],
  ]);
  expect(states()).toEqual([
    '02:42:0a:00:01:02 reachable',
    '02:42:0a:00:01:02 reachable',
    '02:42:0a:00:01:02 reachable',
    'undefined failed',
  ]);
  lab.run(seconds(60));
  ask('10.0.1.3', '10.0.1.2', '10.0.2.2');
  lab.network.down(1);
  lab.run(seconds(70));
  expect(states()).toEqual(Array(4).fill('undefined failed'));
});

describe('an entry that has been used', () => {
  test('is reachable for 15 to 45 s, stale after that, and in delay when it is used again', () => {
    const { lab, send } = acquainted();
    lab.run(seconds(14));
    expect(state(lab)).toBe('reachable');
    lab.run(seconds(46));
    expect(state(lab)).toBe('stale');
    send();
    expect(state(lab)).toBe('delay');
    lab.run(seconds(52));
    expect(state(lab)).toBe('reachable');
    // Where the answer is certain, neither the question nor the answer needs an event.
    expect(lab.lines()).toEqual(['46.000000 n1 send udp n2', '46.000100 n2 deliver udp n1']);
  });

  test('is a black hole after its host has died: while it is reachable, 5 s of delay and 3 s of probes', () => {
    const { lab, send } = acquainted();
    lab.run(seconds(10));
    lab.network.down(1);
    lab.run(seconds(46));
    send();
    lab.run(milliseconds(46_500));
    expect(state(lab)).toBe('delay');
    lab.run(milliseconds(51_500));
    expect(state(lab)).toBe('probe');
    send();
    lab.run(milliseconds(54_500));
    expect(state(lab)).toBe('failed');
    expect(lab.lines('send', 'drop')).toEqual([
      '46.000000 n1 send udp n2',
      '46.000100 n2 drop host-down n1',
      '51.000000 n1 send arp request n2',
      '51.000100 n2 drop host-down n1',
      '51.500000 n1 send udp n2',
      '51.500100 n2 drop host-down n1',
      '52.000000 n1 send arp request n2',
      '52.000100 n2 drop host-down n1',
      '53.000000 n1 send arp request n2',
      '53.000100 n2 drop host-down n1',
    ]);
  });

  test('is asked for after all when its host dies during the delay', () => {
    const { lab, send } = acquainted();
    lab.run(seconds(46));
    send();
    lab.run(seconds(48));
    lab.network.down(1);
    lab.run(milliseconds(53_999));
    expect(state(lab)).toBe('probe');
    lab.run(milliseconds(54_100));
    expect(state(lab)).toBe('failed');
    expect(lab.lines('send').filter((line) => line.includes('arp'))).toEqual([
      expect.stringContaining('51.00'),
      expect.stringContaining('52.00'),
      expect.stringContaining('53.00'),
    ]);
  });

  test('is confirmed by what comes back on a stream', () => {
    const { lab } = acquainted();
    lab.bind('n2', { transport: 'stream', port: 80 });
    lab.run(seconds(46));
    lab.network.setLink(1, 0, false); // so that the answer is not certain when the entry is used
    lab.network.connect(0, undefined, lab.endpoint('10.0.0.2:80'));
    expect(state(lab)).toBe('delay');
    lab.run(milliseconds(46_500));
    lab.network.setLink(1, 0, true);
    lab.run(seconds(48));
    expect(lab.events.map(({ event }) => event.type)).toEqual(['opened', 'accepted']);
    expect(state(lab)).toBe('reachable');
    lab.run(seconds(55));
    expect(lab.lines('send').filter((line) => line.includes('n1 send arp'))).toEqual([]);
  });

  test('is asked for where a link loses packets, and the answer makes it reachable', () => {
    const { lab, send } = acquainted();
    lab.run(seconds(46));
    lab.network.setLink(0, 1, false);
    send();
    lab.run(seconds(50));
    lab.network.setLink(0, 1, true);
    lab.run(seconds(52));
    expect(lab.lines().slice(-4)).toEqual([
      '51.000000 n1 send arp request n2',
      '51.000100 n2 deliver arp request n1',
      '51.000100 n2 send arp reply n1',
      '51.000200 n1 deliver arp reply n2',
    ]);
    expect(state(lab)).toBe('reachable');
  });

  test('is asked for when the adversary would lose the answer, and nothing else changes by its being there', () => {
    const asked: string[] = [];
    const calm: Adversary = { fate: (_now, source, _boot, ordinal) => void asked.push(`${source} ${ordinal}`) };
    const hostile: Adversary = { fate: (_now, source) => (source === 1 ? { drop: true } : undefined) };
    const plain = acquainted();
    const watched = acquainted(calm);
    const attacked = { lab: new Lab(lan(2), 1, hostile) };
    const socket = attacked.lab.bind('n1', { port: 7 });
    attacked.lab.network.send(socket, attacked.lab.endpoint('10.0.0.2:7'), 'x', 1);
    attacked.lab.run(seconds(4));
    expect(state(attacked.lab)).toBe('failed');
    for (const { lab, send } of [plain, watched]) {
      lab.run(seconds(60));
      send();
      lab.run(seconds(70));
    }
    expect(watched.lab.journal.fingerprint()).toBe(plain.lab.journal.fingerprint());
    // Request, data and reply at the start; then the second datagram, and the question and the answer that are never sent.
    const unsent = 2 ** 31 + 2 * 120;
    expect(asked).toEqual(['0 1', '1 0', '0 0', `0 ${unsent}`, `1 ${unsent + 1}`, '0 2']);
  });

  test('is forgotten when its own host goes down, with what waits in it', () => {
    const lab = new Lab(lan(1));
    const socket = lab.bind('n1', { port: 7 });
    lab.network.send(socket, lab.endpoint('10.0.0.2:7'), 'x', 1);
    lab.run(milliseconds(500));
    lab.network.down(0);
    lab.network.up(0);
    lab.run(seconds(10));
    expect(lab.lines('send', 'drop').slice(-1)).toEqual(['0.500000 n1 drop host-down n1']);
    expect(lab.network.neighbours(0)).toEqual([]);
  });
});

test('hosts that have long been together know each other, and need no request', () => {
  const lab = new Lab(lan(3));
  lab.network.acquaint();
  expect([0, 1, 2].map((node) => lab.network.neighbours(node).map(({ state: each }) => each))).toEqual(
    Array(3).fill(['stale', 'stale']),
  );
  lab.network.echo(0, address('10.0.0.3'), { id: 1, sequence: 1, bytes: 56 });
  lab.run(seconds(1));
  expect(lab.echoes.map(({ at }) => at)).toEqual([200_000]);
  expect(lab.lines('send').filter((line) => line.includes('arp'))).toEqual([]);
});

test('a table of a thousand neighbours finds each of them', () => {
  const lab = new Lab(lan(1001));
  const socket = lab.bind('n1', { port: 7 });
  for (let i = 2; i <= 1001; i++) {
    lab.network.send(socket, lab.names.endpoint(address(`10.0.${Math.floor(i / 256)}.${i % 256}`), 7), 'x', 1);
  }
  lab.run(seconds(1) as Duration);
  expect(lab.network.neighbours(0).map((entry) => entry.address)).toEqual(
    lab.topology.nodes.slice(1).map((node) => node.interfaces[0]?.addresses[0]?.address),
  );
});
