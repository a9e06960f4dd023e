import { type Address, type Prefix, parsePrefix } from '../../core/address.ts';
import { Names } from '../../core/names.ts';
import { type Instant, microseconds, milliseconds } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import { Memory } from '../../sim/trace/sink.ts';
import { SYNTHETIC_HEADER } from '../../sim/trace/synthetic.ts';
import { TraceWriter } from '../../sim/trace/writer.ts';

const BASE = 0x0a_00_00_01;
const LINK = { delay: { type: 'constant', value: microseconds(50) }, loss: 0, duplicate: 0, corrupt: 0, mtu: 1500 } as const;

/**
 * A trace of so many hosts on one segment with so many packets on their way at any time, after the first second; each takes a second.
 *
 * @param seconds how long it lasts
 */
export function crowdTrace(hosts: number, flying: number, seconds: number): Uint8Array {
  const names = new Names();
  const nodes = Array.from({ length: hosts }, (_, i) => `h${i}`);
  const endpoints = nodes.map((_, i) => names.endpoint((BASE + i) as Address, 7946));
  const sink = new Memory();
  const topology = {
    segments: [
      { name: 'all', subnets: [parsePrefix('10.0.0.0/16') as Prefix], link: LINK, multicast: 'flood', broadcast: 'flood' },
    ],
    nodes: nodes.map((name, i) => ({
      name,
      forwarding: false,
      interfaces: [{ name: 'eth0', segment: 0, port: { mode: 'access' }, addresses: [{ address: BASE + i, length: 16 }] }],
      routes: [],
    })),
  };
  const writer = new TraceWriter({ header: { ...SYNTHETIC_HEADER, nodes, topology }, names, sink });
  const word = names.id('ping');
  const gap = 1e9 / flying;
  let id = 0;
  const record = (at: number, kind: number, from: number, to: number, cause: number): number => {
    const payload = { from: endpoints[from], to: endpoints[to], transport: 'udp', message: { type: 'ping' } };
    const [node, peer] = kind === Kind.send ? [from, to] : [to, from];
    writer.record(++id, Math.round(at) as Instant, kind, node, peer, cause, word, 60, payload);
    return id;
  };
  const sent: number[] = [];
  const sides = (i: number): readonly [number, number] => [i % hosts, (i * 7 + 1 + (i % (hosts - 1))) % hosts];
  for (let i = 0; i * gap < seconds * 1e9; i++) {
    const at = milliseconds(1) + i * gap;
    if (i >= flying) record(at, Kind.deliver, ...sides(i - flying), sent[i - flying] as number);
    sent.push(record(at, Kind.send, ...sides(i), 0));
  }
  writer.close();
  return sink.content();
}
