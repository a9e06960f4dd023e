import { describe, expect, test } from 'vitest';
import { host, interfaceAddress, Lab, port, segment } from './lab.ts';
import { Layout, NOWHERE } from './layout.ts';
import type { InterfaceSpec, PortSpec, Topology } from './topology.ts';

const access: PortSpec = { mode: 'access' };
const trunk = (...allowed: number[]): PortSpec => ({ mode: 'trunk', allowed });
const native = (vlan: number, ...allowed: number[]): PortSpec => ({ mode: 'trunk', allowed, native: vlan });

const segments = [segment('blue', '10.0.1.0/24', { vlan: 10 }), segment('red', '10.0.2.0/24', { vlan: 20 })];

describe('which VLAN a port puts frames into (IEEE 802.1Q)', () => {
  test.each`
    does                                   | mode              | tag          | sends      | receives
    ${'access, untagged'}                  | ${access}         | ${undefined} | ${0}       | ${0}
    ${'access, tagged with its own VLAN'}  | ${access}         | ${10}        | ${NOWHERE} | ${NOWHERE}
    ${'trunk, allowed tag'}                | ${trunk(10, 20)}  | ${20}        | ${1}       | ${1}
    ${'trunk, tag not allowed'}            | ${trunk(10)}      | ${20}        | ${NOWHERE} | ${NOWHERE}
    ${'trunk, tag of no segment'}          | ${trunk(30)}      | ${30}        | ${NOWHERE} | ${NOWHERE}
    ${'trunk without native, untagged'}    | ${trunk(10, 20)}  | ${undefined} | ${NOWHERE} | ${NOWHERE}
    ${'trunk, untagged into the native'}   | ${native(20, 10)} | ${undefined} | ${1}       | ${1}
    ${'trunk, tagged with the native one'} | ${native(20, 10)} | ${20}        | ${1}       | ${NOWHERE}
  `('$does', ({ mode, tag, sends, receives }) => {
    const spec: InterfaceSpec = { ...port(0, '10.0.1.1/24'), port: mode, ...(tag === undefined ? {} : { tag }) };
    const layout = new Layout({ segments, nodes: [host('n', [spec])] });
    expect([layout.sends[0], layout.receives[0]]).toEqual([sends, receives]);
  });

  test('sub-interfaces share the cable of their parent and its hardware address', () => {
    const sub = (name: string, tag: number | undefined, text: string): InterfaceSpec => ({
      ...port(0, text),
      name,
      port: native(10, 20),
      ...(tag === undefined ? {} : { tag }),
    });
    const layout = new Layout({
      segments,
      nodes: [host('n', [{ ...sub('bond0', undefined, '10.0.1.1/24') }, sub('bond0.20', 20, '10.0.2.1/24')])],
    });
    expect([...layout.cable.slice(0, 2)]).toEqual([0, 0]);
    expect(layout.mac(1)).toBe('02:42:0a:00:01:01');
    expect([...layout.receives.slice(0, 2)]).toEqual([0, 1]);
  });
});

describe('a host on a wrong VLAN', () => {
  const topology = (tagged: PortSpec, tag: number): Topology => ({
    segments,
    nodes: [
      host('right', [port(0, '10.0.1.1/24')]),
      host('wrong', [{ ...port(0, '10.0.1.2/24'), port: tagged, tag }]),
      host('other', [port(1, '10.0.2.1/24')]),
    ],
  });

  test('reaches nobody, and the trace says that the port dropped its frames', () => {
    const lab = new Lab(topology(trunk(20), 10));
    const socket = lab.bind('wrong', { port: 7 });
    lab.network.send(socket, lab.endpoint('10.0.1.1:7'), 'x', 1);
    lab.run(5_000_000_000 as never);
    expect(lab.lines('drop')).toEqual([
      '0.000000 wrong drop vlan -',
      '1.000000 wrong drop vlan -',
      '2.000000 wrong drop vlan -',
      '3.000000 wrong drop arp-failed wrong',
    ]);
  });

  test('hears the broadcasts of the VLAN it is really on and not of the one it is meant for', () => {
    const lab = new Lab(topology(trunk(10, 20), 20));
    const heard = lab.bind('wrong', { port: 7 });
    lab.bind('right', { port: 7 });
    const sender = lab.bind('other', { port: 7 });
    lab.network.send(sender, lab.endpoint('255.255.255.255:7'), 'x', 1);
    lab.run(1_000_000 as never);
    expect(lab.datagrams.map(({ socket }) => socket)).toEqual([sender, heard]);
  });

  test('cannot hear the answers to frames that it tags with the native VLAN', () => {
    const lab = new Lab(topology(native(10, 20), 10));
    const socket = lab.bind('wrong', { port: 7 });
    lab.network.send(socket, lab.endpoint('10.0.1.1:7'), 'x', 1);
    lab.run(500_000_000 as never);
    expect(lab.lines().slice(-2)).toEqual(['0.000100 right send arp reply wrong', '0.000100 right drop vlan wrong']);
  });
});

test('an address may be held by one interface and answered for by another: the weak host model', () => {
  const layout = new Layout({
    segments: [segment('a', '10.0.1.0/24'), segment('b', '10.0.2.0/24')],
    nodes: [host('n', [port(0, '10.0.1.1/24'), port(1, '10.0.2.1/24')]), host('m', [port(1, '10.0.2.2/24')])],
  });
  const up = Uint8Array.of(1, 1);
  expect(layout.answers(1, interfaceAddress('10.0.1.1/24').address, up)).toBe(1);
  expect(layout.answers(0, interfaceAddress('10.0.2.2/24').address, up)).toBe(NOWHERE);
});
