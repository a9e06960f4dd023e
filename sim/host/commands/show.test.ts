import { describe, expect, test } from 'vitest';
import { host, port, router, segment } from '../../network/lab.ts';
import type { Topology } from '../../network/topology.ts';
import { HostLab } from '../lab.ts';

// Forms as printed by arp and ifconfig of net-tools 2.10 and ip of iproute2 6.1.0, blanks at the ends of lines included.

const topology: Topology = {
  segments: [segment('front', '10.0.1.0/24 10.9.1.0/24'), segment('back', '10.0.2.0/24')],
  nodes: [
    host(
      'a',
      [port(0, '10.0.1.10/24 10.9.1.11/24 10.0.1.11/24'), port(1, '10.0.2.10/24')],
      'default via 10.0.1.1, 10.7.1.1/32 via 10.0.2.1',
    ),
    router('r', [port(0, '10.0.1.1/24'), port(1, '10.0.2.1/24')]),
  ],
};

const lab = (): HostLab => new HostLab({}, { topology });

describe('ip', () => {
  test('addr shows interfaces and addresses, secondary ones of a subnet last', () => {
    expect(lab().type('a', 'ip addr')).toEqual([
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000',
      '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
      '    inet 127.0.0.1/8 scope host lo',
      '       valid_lft forever preferred_lft forever',
      '2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000',
      expect.stringMatching(/^ {4}link\/ether 02:42(:[0-9a-f]{2}){4} brd ff:ff:ff:ff:ff:ff$/),
      '    inet 10.0.1.10/24 brd 10.0.1.255 scope global eth0',
      '       valid_lft forever preferred_lft forever',
      '    inet 10.9.1.11/24 brd 10.9.1.255 scope global eth0',
      '       valid_lft forever preferred_lft forever',
      '    inet 10.0.1.11/24 brd 10.0.1.255 scope global secondary eth0',
      '       valid_lft forever preferred_lft forever',
      '3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000',
      expect.stringMatching(/^ {4}link\/ether 02:42/),
      '    inet 10.0.2.10/24 brd 10.0.2.255 scope global eth1',
      '       valid_lft forever preferred_lft forever',
    ]);
  });

  test('-4 addr leaves the link layer out', () => {
    expect(lab().type('a', 'ip -4 addr show dev eth1')).toEqual([
      '3: eth1: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc pfifo_fast state UP group default qlen 1000',
      '    inet 10.0.2.10/24 brd 10.0.2.255 scope global eth1',
      '       valid_lft forever preferred_lft forever',
    ]);
  });

  test('route shows the default route first and a blank after each', () => {
    expect(lab().type('a', 'ip route')).toEqual([
      'default via 10.0.1.1 dev eth0 ',
      '10.0.1.0/24 dev eth0 proto kernel scope link src 10.0.1.10 ',
      '10.0.2.0/24 dev eth1 proto kernel scope link src 10.0.2.10 ',
      '10.7.1.1 via 10.0.2.1 dev eth1 ',
      '10.9.1.0/24 dev eth0 proto kernel scope link src 10.9.1.11 ',
    ]);
  });

  test('neigh and link show neighbours and interfaces', () => {
    const world = lab();
    world.type('a', 'ping -c 1 10.0.2.1; ping -c 1 -w 4 10.0.2.99');
    expect(world.type('a', 'ip neigh; ip link show lo')).toEqual([
      expect.stringMatching(/^10\.0\.2\.1 dev eth1 lladdr 02:42(:[0-9a-f]{2}){4} REACHABLE $/),
      '10.0.2.99 dev eth1 FAILED ',
      '1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000',
      '    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00',
    ]);
  });

  test('says so when there is no such device', () => {
    expect(lab().type('a', 'd=eth7; ip addr show dev $d; echo $?')).toEqual(['Device "eth7" does not exist.', '1']);
  });
});

describe('arp', () => {
  test('-an shows a sentence for each neighbour, and those that did not answer', () => {
    const world = lab();
    world.type('a', 'ping -c 1 10.0.1.1; ping -c 1 -w 4 10.0.1.99');
    expect(world.type('a', 'arp -an')).toEqual([
      expect.stringMatching(/^\? \(10\.0\.1\.1\) at 02:42(:[0-9a-f]{2}){4} \[ether\] on eth0$/),
      '? (10.0.1.99) at <incomplete> on eth0',
    ]);
  });

  test('-n shows a table', () => {
    const world = lab();
    world.type('a', 'ping -c 1 10.0.1.1; ping -c 1 -w 4 10.0.1.99');
    expect(world.type('a', 'arp -n')).toEqual([
      'Address                  HWtype  HWaddress           Flags Mask            Iface',
      expect.stringMatching(/^10\.0\.1\.1 {17}ether {3}02:42(:[0-9a-f]{2}){4} {3}C {21}eth0$/),
      '10.0.1.99                        (incomplete)                              eth0',
    ]);
  });

  test('shows nothing where there is nobody, and says so of one that is asked for', () => {
    expect(lab().type('a', 'arp -an; arp -an 10.0.1.77; arp -n 10.0.1.77')).toEqual([
      'arp: in 0 entries no match found.',
      '10.0.1.77 (10.0.1.77) -- no entry',
    ]);
  });
});

describe('ifconfig', () => {
  test('shows an interface with its first address and its traffic', () => {
    expect(lab().type('a', 'ifconfig eth1')).toEqual([
      'eth1: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
      '        inet 10.0.2.10  netmask 255.255.255.0  broadcast 10.0.2.255',
      expect.stringMatching(/^ {8}ether 02:42(:[0-9a-f]{2}){4} {2}txqueuelen 1000 {2}\(Ethernet\)$/),
      '        RX packets 0  bytes 0 (0.0 B)',
      '        RX errors 0  dropped 0  overruns 0  frame 0',
      '        TX packets 0  bytes 0 (0.0 B)',
      '        TX errors 0  dropped 0 overruns 0  carrier 0  collisions 0',
      '',
    ]);
  });

  test('counts bytes in the unit that fits, cut after one decimal', () => {
    const world = lab();
    world.type('a', 'ping -c 1 -s 1000 10.0.2.1');
    // An ARP exchange and an echo with 28 bytes of headers: a little more than 1 KiB each way.
    expect(world.type('a', 'ifconfig eth1')[3]).toMatch(/^ {8}RX packets 2 {2}bytes 10\d\d \(1\.0 KiB\)$/);
  });

  test('shows all that are up, the loopback in its place by name', () => {
    const lines = lab().type('a', 'ifconfig');
    expect(lines.filter((line) => line.includes('flags='))).toEqual([
      'eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
      'eth1: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500',
      'lo: flags=73<UP,LOOPBACK,RUNNING>  mtu 65536',
    ]);
    expect(lines).toContain('        loop  txqueuelen 1000  (Local Loopback)');
    expect(lines).toContain('        inet 127.0.0.1  netmask 255.0.0.0');
  });

  test('says so when there is no such interface', () => {
    expect(lab().type('a', 'i=eth7; ifconfig $i; echo $?')).toEqual([
      'eth7: error fetching interface information: Device not found',
      '1',
    ]);
  });
});

describe('small commands', () => {
  test('hostname and date know the host', () => {
    expect(lab().type('a', 'hostname; hostname -I; date; date "+%F %T %s %a"; sleep 1.5; date')).toEqual([
      'a',
      '10.0.1.10 10.9.1.11 10.0.1.11 10.0.2.10 ',
      // `date -u -d @1382363611`
      'Mon Oct 21 13:53:31 UTC 2013',
      '2013-10-21 13:53:31 1382363611 Mon',
      'Mon Oct 21 13:53:32 UTC 2013',
    ]);
  });

  test('sleep sleeps', () => {
    const world = lab();
    world.type('a', 'sleep 0.5m 0.5');
    expect(world.simulation.now).toBe(30_500_000_000);
  });

  test('sleep longer than virtual time lasts never ends', () => {
    const world = lab();
    expect(world.type('a', 'sleep 200d; echo woke up')).toEqual([]);
    expect(world.hosts.processes(0)).toHaveLength(1);
  });

  test('cat passes standard input on', () => {
    expect(lab().type('a', 'echo a | cat; echo b | cat -')).toEqual(['a', 'b']);
  });
});
