import { describe, expect, test } from 'vitest';
import { microseconds, milliseconds, seconds } from '../../../core/time.ts';
import { host, link, port, router, segment } from '../../network/lab.ts';
import type { Topology } from '../../network/topology.ts';
import { HostLab, twoSegments } from '../lab.ts';

// Forms and conditions as printed by ping of iputils 20221126 in three network namespaces, two networks and a router.

/** Two segments of which the right one takes `delay` each way. */
const slow = (delay: ReturnType<typeof milliseconds>, changes = {}): Topology => ({
  segments: [
    segment('left', '10.0.1.0/24', { link: link({ delay: { type: 'constant', value: microseconds(0) } }) }),
    segment('right', '10.0.2.0/24', { link: link({ delay: { type: 'constant', value: delay }, ...changes }) }),
  ],
  nodes: twoSegments.nodes,
});

describe('ping', () => {
  test('prints a line for each answer and the times of all', () => {
    const lab = new HostLab();
    lab.type('a', 'ping -c 1 10.0.2.10');
    // 200 µs there and 200 µs back.
    expect(lab.type('a', 'ping -c 3 10.0.2.10')).toEqual([
      'PING 10.0.2.10 (10.0.2.10) 56(84) bytes of data.',
      '64 bytes from 10.0.2.10: icmp_seq=1 ttl=63 time=0.400 ms',
      '64 bytes from 10.0.2.10: icmp_seq=2 ttl=63 time=0.400 ms',
      '64 bytes from 10.0.2.10: icmp_seq=3 ttl=63 time=0.400 ms',
      '',
      '--- 10.0.2.10 ping statistics ---',
      '3 packets transmitted, 3 received, 0% packet loss, time 2000ms',
      'rtt min/avg/max/mdev = 0.400/0.400/0.400/0.000 ms',
    ]);
  });

  test('the first answer takes longer by two resolutions of addresses', () => {
    // Two ARP exchanges of 200 µs each. Mean and deviation: (800 + 400) / 2 and √((640000 + 160000 − 1200²/2) / 2).
    expect(new HostLab().type('a', 'ping -c 2 -i 0.2 10.0.2.10').slice(1)).toEqual([
      '64 bytes from 10.0.2.10: icmp_seq=1 ttl=63 time=0.800 ms',
      '64 bytes from 10.0.2.10: icmp_seq=2 ttl=63 time=0.400 ms',
      '',
      '--- 10.0.2.10 ping statistics ---',
      '2 packets transmitted, 2 received, 0% packet loss, time 200ms',
      'rtt min/avg/max/mdev = 0.400/0.600/0.800/0.200 ms',
    ]);
  });

  test.each`
    delay                   | time
    ${microseconds(499)}    | ${'0.998 ms'}
    ${microseconds(615)}    | ${'1.23 ms'}
    ${microseconds(4_997)}  | ${'9.99 ms'}
    ${microseconds(4_998)}  | ${'10.0 ms'}
    ${microseconds(15_050)} | ${'30.1 ms'}
    ${microseconds(49_974)} | ${'99.9 ms'}
    ${microseconds(49_975)} | ${'100 ms'}
    ${milliseconds(50.4)}   | ${'101 ms'}
  `('writes a time of $time in as many digits as it has', ({ delay, time }) => {
    const lab = new HostLab({}, { topology: slow(delay) });
    lab.type('a', 'ping -c 1 10.0.2.10');
    expect(lab.type('a', 'ping -c 1 10.0.2.10')[1]).toBe(`64 bytes from 10.0.2.10: icmp_seq=1 ttl=63 time=${time}`);
  });

  test('says which router a packet did not outlive', () => {
    const lab = new HostLab();
    expect(lab.type('a', 'ping -c 2 -t 1 -i 0.2 10.0.2.10; echo $?')).toEqual([
      'PING 10.0.2.10 (10.0.2.10) 56(84) bytes of data.',
      'From 10.0.1.1 icmp_seq=1 Time to live exceeded',
      'From 10.0.1.1 icmp_seq=2 Time to live exceeded',
      '',
      '--- 10.0.2.10 ping statistics ---',
      '2 packets transmitted, 0 received, +2 errors, 100% packet loss, time 200ms',
      '',
      '1',
    ]);
  });

  test('reports a neighbour that is not there after three seconds, all requests at once', () => {
    const lines = new HostLab().type('a', 'ping -c 4 -W 1 10.0.1.99; echo $?');
    expect(lines).toEqual([
      'PING 10.0.1.99 (10.0.1.99) 56(84) bytes of data.',
      'From 10.0.1.10 icmp_seq=1 Destination Host Unreachable',
      'From 10.0.1.10 icmp_seq=2 Destination Host Unreachable',
      'From 10.0.1.10 icmp_seq=3 Destination Host Unreachable',
      '',
      '--- 10.0.1.99 ping statistics ---',
      '4 packets transmitted, 0 received, +3 errors, 100% packet loss, time 3000ms',
      expect.stringMatching(/^pipe [34]$/),
      '1',
    ]);
  });

  test('waits for the last answer only as long as asked, and says nothing of those that never came', () => {
    const topology = slow(milliseconds(1), { loss: 1 });
    const lab = new HostLab({}, { topology });
    expect(lab.type('a', 'ping -c 2 -i 0.5 -W 1 10.0.2.10; echo $?')).toEqual([
      'PING 10.0.2.10 (10.0.2.10) 56(84) bytes of data.',
      '',
      '--- 10.0.2.10 ping statistics ---',
      '2 packets transmitted, 0 received, 100% packet loss, time 500ms',
      '',
      '1',
    ]);
    expect(lab.simulation.now).toBe(seconds(1.5));
  });

  test('waits ten seconds when nothing was said and nothing came', () => {
    const lab = new HostLab({}, { topology: slow(milliseconds(1), { loss: 1 }) });
    lab.type('a', 'ping -c 1 10.0.2.10');
    // A host that is not there would be reported; the router’s report of it comes after three seconds.
    expect(lab.simulation.now).toBeLessThanOrEqual(seconds(10));
  });

  test('ends at once where there is no route', () => {
    const topology: Topology = {
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [host('a', [port(0, '10.0.0.1/24')]), router('r', [port(0, '10.0.0.2/24')])],
    };
    expect(new HostLab({}, { topology }).type('a', 'ping -c 2 8.8.8.8; echo $?')).toEqual([
      'ping: connect: Network is unreachable',
      '2',
    ]);
  });

  test('reports a router that knows no route', () => {
    expect(new HostLab().type('a', 'ping -c 1 8.8.8.8').slice(1)).toEqual([
      'From 10.0.1.1 icmp_seq=1 Destination Net Unreachable',
      '',
      '--- 8.8.8.8 ping statistics ---',
      '1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms',
      '',
    ]);
  });

  test('measures nothing when the request is too small to carry its time', () => {
    expect(new HostLab().type('a', 'ping -c1 -s 8 10.0.1.11')).toEqual([
      'PING 10.0.1.11 (10.0.1.11) 8(36) bytes of data.',
      '16 bytes from 10.0.1.11: icmp_seq=1 ttl=64',
      '',
      '--- 10.0.1.11 ping statistics ---',
      '1 packets transmitted, 1 received, 0% packet loss, time 0ms',
      '',
    ]);
  });

  test('marks an answer that came twice', () => {
    const lab = new HostLab({}, { topology: slow(milliseconds(10), { duplicate: 1 }) });
    const lines = lab.type('a', 'ping -c 2 -i 0.5 10.0.2.10');
    expect(lines[2]).toMatch(/^64 bytes from 10\.0\.2\.10: icmp_seq=1 ttl=63 time=[\d.]+ ms \(DUP!\)$/);
    expect(lines.at(-2)).toMatch(/^2 packets transmitted, 2 received, \+\d+ duplicates, 0% packet loss, time 500ms$/);
  });

  test('writes its statistics when it is interrupted, and none when it is killed', () => {
    const lab = new HostLab();
    lab.begin('a', 'ping 10.0.1.11; echo $?');
    lab.pass(seconds(2.5));
    lab.terminal('a');
    expect(lab.type('a', 'pkill -INT ping')).toEqual([
      '',
      '--- 10.0.1.11 ping statistics ---',
      '3 packets transmitted, 3 received, 0% packet loss, time 2000ms',
      'rtt min/avg/max/mdev = 0.200/0.266/0.400/0.094 ms',
      '0',
    ]);
    lab.begin('a', 'ping -q 10.0.1.11; echo $?');
    lab.pass(seconds(1.5));
    lab.terminal('a');
    expect(lab.type('a', 'pkill ping')).toEqual(['143']);
  });

  test('says how it stands when it is asked to by SIGQUIT', () => {
    const lab = new HostLab();
    lab.begin('a', 'ping -q 10.0.1.11');
    lab.pass(seconds(1.5));
    lab.terminal('a');
    // The moving average takes an eighth of what is new: 400 − 400/8 + 200/8.
    expect(lab.type('a', 'pkill -QUIT ping')).toEqual(['2/2 packets, 0% loss, min/avg/ewma/max = 0.200/0.300/0.375/0.400 ms']);
  });

  test('with a deadline goes on until so many answers have come', () => {
    const lab = new HostLab();
    const lines = lab.type('a', 'ping -q -c 5 -w 2.5 10.0.1.11; echo $?');
    expect(lines).toEqual([
      'PING 10.0.1.11 (10.0.1.11) 56(84) bytes of data.',
      '',
      '--- 10.0.1.11 ping statistics ---',
      '3 packets transmitted, 3 received, 0% packet loss, time 2000ms',
      // 400 µs with the resolution of the address, then 200 µs twice: √((240000 − 800²/3) / 3) = 94.
      'rtt min/avg/max/mdev = 0.200/0.266/0.400/0.094 ms',
      '1',
    ]);
  });

  test('pings itself without a network', () => {
    expect(new HostLab().type('a', 'ping -c 1 127.0.0.1')[1]).toMatch(/^64 bytes from 127\.0\.0\.1: icmp_seq=1 ttl=64 time=/);
    expect(new HostLab().type('a', 'ping -c 1 10.0.1.10')[1]).toMatch(/^64 bytes from 10\.0\.1\.10: icmp_seq=1 ttl=64 time=/);
  });

  test('refuses a broadcast address, as without -b', () => {
    expect(new HostLab().type('a', 'ping -c 1 10.0.1.255; echo $?')).toEqual([
      'ping: Do you want to ping broadcast? Then -b. If not, check your local firewall rules',
      '2',
    ]);
  });
});
