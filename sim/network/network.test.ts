import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, formatAddress, isMulticast, prefixOf } from '../../core/address.ts';
import { assertTree, compareState } from '../../core/state.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { address, host, Lab, link, port, router, segment } from './lab.ts';
import { Layout } from './layout.ts';
import type { LinkSpec, NodeSpec, Topology } from './topology.ts';
import type { SocketHandle } from './upcalls.ts';

const GROUP = '239.7.7.7';

// Frozen, because a message is in the hands of its sender and of its receiver at once.
const GIFT = Object.freeze({ type: 'gift' });
const THANKS = Object.freeze({ type: 'thanks' });

const delay: fc.Arbitrary<LinkSpec['delay']> = fc.constantFrom<LinkSpec['delay'][]>(
  { type: 'constant', value: 50_000 as Duration },
  { type: 'uniform', min: 0 as Duration, max: milliseconds(30) },
  { type: 'exponential', min: milliseconds(1), mean: milliseconds(5) },
  { type: 'normal', mean: milliseconds(5), deviation: milliseconds(5), min: 0 as Duration },
);

const probability = fc.constantFrom(0, 0, 0.01, 0.3, 1);

const links: fc.Arbitrary<LinkSpec> = fc
  .record({
    delay,
    loss: probability,
    corrupt: fc.constantFrom(0, 0, 0.1),
    burst: fc.constantFrom(undefined, { enter: 0.1, leave: 0.3, lossGood: 0.05, lossBad: 0.8 }),
    reorder: fc.constantFrom(undefined, { probability: 0.2, by: { type: 'constant', value: milliseconds(3) } as const }),
    bandwidth: fc.constantFrom(undefined, undefined, 1_000_000, 100_000_000),
    mtu: fc.constantFrom(576, 1_500),
  })
  .map(({ burst, reorder, bandwidth, ...rest }) =>
    link({
      ...rest,
      ...(burst === undefined ? {} : { burst }),
      ...(reorder === undefined ? {} : { reorder }),
      ...(bandwidth === undefined ? {} : { bandwidth, queue: 10_000 }),
    }),
  );

interface Shape {
  readonly segments: readonly { link: LinkSpec; twoSubnets: boolean; multicast: 'flood' | 'blocked' }[];
  readonly routers: readonly { on: readonly number[]; defaultVia: number; deny: boolean }[];
  readonly hosts: readonly { on: number; second: number | undefined; subnet: number; gateway: number }[];
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  segments: fc.array(
    fc.record({
      link: links,
      twoSubnets: fc.boolean(),
      multicast: fc.constantFrom<('flood' | 'blocked')[]>('flood', 'flood', 'blocked'),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  routers: fc.array(
    fc.record({
      on: fc.uniqueArray(fc.nat(3), { minLength: 1, maxLength: 3 }),
      defaultVia: fc.nat(3),
      deny: fc.constantFrom(false, false, false, true),
    }),
    { maxLength: 3 },
  ),
  hosts: fc.array(
    fc.record({ on: fc.nat(3), second: fc.option(fc.nat(3), { nil: undefined }), subnet: fc.nat(1), gateway: fc.nat(2) }),
    { minLength: 1, maxLength: 5 },
  ),
});

/** Segment `s` has the subnets 10.s.0.0/24 and, perhaps, 10.s.1.0/24; routers are .250 and up in them, hosts .1 and up. */
function topologyOf(shape: Shape): Topology {
  const count = shape.segments.length;
  const subnets = (at: number): string[] =>
    shape.segments[at]?.twoSubnets === true ? [`10.${at}.0`, `10.${at}.1`] : [`10.${at}.0`];
  const routerAddress = (at: number, number: number): string => `10.${at}.0.${250 + number}`;
  const routers = shape.routers.map(({ on, defaultVia, deny }, number): NodeSpec => {
    const places = [...new Set(on.map((each) => each % count))];
    const at = places[0] as number;
    return router(
      `r${number}`,
      places.map((place) =>
        port(
          place,
          subnets(place)
            .map((net) => `${net}.${250 + number}/24`)
            .join(' '),
        ),
      ),
      // Often nonsense or a loop of routers, which must do no harm.
      `default via ${routerAddress(at, defaultVia)}`,
      deny ? { deny: [{ from: prefixOf(address('10.0.0.0'), 16), to: prefixOf(address('10.1.0.0'), 16) }] } : {},
    );
  });
  const hosts = shape.hosts.map(({ on, second, subnet, gateway }, number) => {
    const at = on % count;
    const nets = subnets(at);
    const net = nets[subnet % nets.length] as string;
    const other = second === undefined ? undefined : second % count;
    const more = other === undefined || other === at ? [] : [port(other, `10.${other}.0.${number + 1}/24`)];
    return host(`h${number}`, [port(at, `${net}.${number + 1}/24`), ...more], `default via ${net}.${250 + gateway}`);
  });
  return {
    segments: shape.segments.map((spec, at) =>
      segment(
        `s${at}`,
        subnets(at)
          .map((net) => `${net}.0/24`)
          .join(' '),
        { link: spec.link, multicast: spec.multicast },
      ),
    ),
    nodes: [...routers, ...hosts],
  };
}

type Action =
  | { readonly does: 'send'; readonly from: number; readonly to: number; readonly bytes: number; readonly whole: boolean }
  | { readonly does: 'flood'; readonly from: number; readonly to: string; readonly bytes: number }
  | { readonly does: 'echo'; readonly from: number; readonly to: number; readonly ttl: number }
  | { readonly does: 'stream'; readonly from: number; readonly to: number; readonly bytes: readonly number[] }
  | { readonly does: 'down' | 'up'; readonly from: number }
  | { readonly does: 'cut' | 'heal'; readonly from: number; readonly to: number };

const someone = fc.nat(9);
const actions: fc.Arbitrary<readonly (Action & { readonly after: number })[]> = fc.array(
  fc
    .tuple(
      fc.oneof(
        fc.record({
          does: fc.constant('send' as const),
          from: someone,
          to: someone,
          bytes: fc.nat(5_000),
          whole: fc.boolean(),
        }),
        fc.record({
          does: fc.constant('flood' as const),
          from: someone,
          to: fc.constantFrom(GROUP, '224.0.0.251', '255.255.255.255', '10.0.0.255'),
          bytes: fc.nat(2_000),
        }),
        fc.record({ does: fc.constant('echo' as const), from: someone, to: someone, ttl: fc.integer({ min: 1, max: 64 }) }),
        fc.record({
          does: fc.constant('stream' as const),
          from: someone,
          to: someone,
          bytes: fc.array(fc.nat(50_000), { maxLength: 4 }),
        }),
        fc.record({ does: fc.constantFrom('down' as const, 'up' as const), from: someone }),
        fc.record({ does: fc.constantFrom('cut' as const, 'heal' as const), from: someone, to: someone }),
      ),
      fc.constantFrom(0, 0, 1, 100, 4_000, 40_000),
    )
    .map(([action, after]) => ({ ...action, after })),
  { minLength: 1, maxLength: 25 },
);

/** Every node has a datagram, a message and a listening socket; who hears the end of a stream closes it. */
function start(topology: Topology, seed: number): Lab {
  const lab = new Lab(topology, seed);
  for (const [node] of topology.nodes.entries()) equip(lab, node);
  lab.onStream = (stream, event) => {
    if (event.type === 'closed') lab.network.close(stream);
    if (event.type === 'data' && event.bytes > 1_000) lab.network.transmit(stream, THANKS, 10);
  };
  return lab;
}

function equip(lab: Lab, node: number): void {
  const groups = [GROUP, '224.0.0.251'].map(address);
  lab.network.bind(node, { transport: 'udp', port: 7, groups });
  lab.network.bind(node, { transport: 'message', port: 7 });
  lab.network.bind(node, { transport: 'stream', port: 80 });
}

function carryOut(lab: Lab, action: Action): void {
  const { network } = lab;
  const nodes = lab.topology.nodes.length;
  const from = action.from % nodes;
  const sockets = network.state.sockets;
  const own = (transport: string): SocketHandle =>
    sockets.findIndex((socket) => socket?.node === from && socket.transport === transport) as SocketHandle;
  // One more than there are nodes: somebody who does not exist.
  const target = (to: number): string =>
    to % (nodes + 1) === nodes ? '10.0.0.99' : formatAddress(network.address(to % (nodes + 1)) as never);
  const up = network.state.up[from] === 1;
  switch (action.does) {
    case 'down':
      return network.down(from);
    case 'up':
      if (!up) {
        network.up(from);
        equip(lab, from);
      }
      return;
    case 'cut':
    case 'heal':
      return network.setLink(from, action.to % nodes, action.does === 'heal');
    case 'send':
      if (up) network.send(own(action.whole ? 'message' : 'udp'), lab.endpoint(`${target(action.to)}:7`), 'x', action.bytes);
      return;
    case 'flood':
      if (up) network.send(own('udp'), lab.endpoint(`${action.to}:7`), 'x', action.bytes);
      return;
    case 'echo':
      if (up) network.echo(from, address(target(action.to)), { id: 1, sequence: 1, bytes: 56, ttl: action.ttl });
      return;
    case 'stream':
      if (!up) return;
      {
        const stream = network.connect(from, undefined, lab.endpoint(`${target(action.to)}:80`));
        for (const bytes of action.bytes) network.transmit(stream, GIFT, bytes);
        network.close(stream);
      }
      return;
  }
}

function carryOutAll(lab: Lab, plan: readonly (Action & { readonly after: number })[]): void {
  for (const action of plan) {
    carryOut(lab, action);
    lab.run((lab.simulation.now + milliseconds(action.after)) as Instant);
  }
}

/** Lets everything come to its end: the longest is a stream that is given up after twenty minutes or so, for each of its ends. */
const settle = (lab: Lab): void => lab.run((lab.simulation.now + seconds(10_000)) as Instant);

const runs = { numRuns: 80 };

describe('on any network, whatever happens', () => {
  test('every packet sent to one address is delivered once or dropped once with a reason', () => {
    fc.assert(
      fc.property(shapes, actions, fc.integer(), (shape, plan, seed) => {
        const lab = start(topologyOf(shape), seed);
        carryOutAll(lab, plan);
        settle(lab);
        expect(lab.simulation.pending).toBe(0);
        const ends = new Map<unknown, number>();
        for (const { kind, packet, size } of lab.seen) {
          // A drop of less than the packet is of some segments of a train, whose rest goes on.
          const end = kind === Kind.deliver || (kind === Kind.drop && size === packet.bytes);
          if (kind === Kind.send) ends.set(packet, 0);
          else if (end) ends.set(packet, (ends.get(packet) ?? -100) + 1);
        }
        const toOne = lab.seen.filter(({ kind, packet }) => kind === Kind.send && !isFlooded(lab, packet));
        for (const { packet, word } of toOne) expect([word, ends.get(packet)]).toEqual([word, 1]);
        const entries = [...lab.network.state.neighbours.entries.values()];
        expect(entries.filter(({ timer, waiting }) => timer >= 0 || waiting.length > 0)).toEqual([]);
      }),
      runs,
    );
  });

  test('no multicast or broadcast leaves its segment, and none is forwarded', () => {
    fc.assert(
      fc.property(shapes, actions, fc.integer(), (shape, plan, seed) => {
        const lab = start(topologyOf(shape), seed);
        carryOutAll(lab, plan);
        settle(lab);
        const layout = new Layout(lab.topology);
        for (const { kind, node, packet } of lab.seen) {
          if (!isFlooded(lab, packet)) continue;
          expect(kind).not.toBe(Kind.forward);
          if (kind !== Kind.deliver) continue;
          const first = layout.first[packet.source] as number;
          const ports = lab.topology.nodes[packet.source]?.interfaces ?? [];
          const to = lab.names.address(packet.to);
          const own = ports.findIndex((_, index) => layout.broadcasts(first + index, to));
          const out = layout.sends[first + Math.max(0, own)] as number;
          const there = layout.members[out]?.some((index) => layout.node[index] === node);
          expect(there).toBe(true);
        }
      }),
      runs,
    );
  });

  test('a packet crosses at most 63 routers, and neighbours are only ever looked for on connected subnets', () => {
    fc.assert(
      fc.property(shapes, actions, fc.integer(), (shape, plan, seed) => {
        const lab = start(topologyOf(shape), seed);
        carryOutAll(lab, plan);
        settle(lab);
        const crossed = new Map<unknown, number>();
        for (const { kind, packet } of lab.seen) {
          if (kind === Kind.forward) crossed.set(packet, (crossed.get(packet) ?? 0) + 1);
        }
        expect(Math.max(0, ...crossed.values())).toBeLessThanOrEqual(63);
        for (const [node, spec] of lab.topology.nodes.entries()) {
          for (const entry of lab.network.neighbours(node)) {
            const own = spec.interfaces.find(({ name }) => name === entry.interface)?.addresses ?? [];
            const connected = own.some((each) => contains(prefixOf(each.address, each.length), entry.address));
            // Or it asked us, being on the same segment with another subnet.
            const asked = lab.seen.some(
              ({ kind, node: at, word, packet }) =>
                kind === Kind.deliver &&
                at === node &&
                word === 'arp request' &&
                lab.names.address(packet.from) === entry.address,
            );
            expect(connected || asked).toBe(true);
          }
        }
      }),
      runs,
    );
  });

  test('the same seed gives the same run, and a copy made in the middle goes on as the original does', () => {
    fc.assert(
      fc.property(shapes, actions, actions, fc.integer(), fc.nat(30), (shape, before, after, seed, steps) => {
        const topology = topologyOf(shape);
        const [first, second] = [start(topology, seed), start(topology, seed)];
        for (const lab of [first, second]) {
          carryOutAll(lab, before);
          for (let i = 0; i < steps; i++) lab.simulation.step();
        }
        expect(second.journal.fingerprint()).toBe(first.journal.fingerprint());
        assertTree(first.network.state);
        const copy = first.copy();
        copy.onStream = (stream, event) => {
          if (event.type === 'closed') copy.network.close(stream);
          if (event.type === 'data' && event.bytes > 1_000) copy.network.transmit(stream, THANKS, 10);
        };
        for (const lab of [first, second, copy]) {
          carryOutAll(lab, after);
          settle(lab);
        }
        expect(second.journal.fingerprint()).toBe(first.journal.fingerprint());
        expect(copy.journal.fingerprint()).toBe(first.journal.fingerprint());
        expect(compareState(copy.network.state, first.network.state)).toBeUndefined();
        expect(compareState(copy.names.state, first.names.state)).toBeUndefined();
      }),
      runs,
    );
  });

  test('hosts that have nothing to do with the others, and their traffic, change nothing for them', () => {
    fc.assert(
      fc.property(
        links,
        fc.array(fc.tuple(fc.nat(2), fc.nat(2), fc.nat(3_000)), { maxLength: 30 }),
        fc.integer(),
        (spec, plan, seed) => {
          const { bandwidth: _, ...unlimited } = spec; // a shared queue is something to do with each other
          const lan = [segment('lan', '10.0.0.0/24', { link: unlimited })];
          const three = [1, 2, 3].map((n) => host(`n${n}`, [port(0, `10.0.0.${n}/24`)]));
          const others = [8, 9].map((n) => host(`m${n}`, [port(0, `10.0.0.${n}/24`)]));
          const fates = (nodes: readonly NodeSpec[], noise: boolean): unknown[] => {
            const lab = new Lab({ segments: lan, nodes }, seed);
            const sockets = new Map(nodes.map(({ name }) => [name, lab.bind(name, { port: 7 })]));
            for (const [from, to, bytes] of plan) {
              if (noise) lab.network.send(sockets.get('m8') as never, lab.endpoint('10.0.0.9:7'), 'noise', 100);
              lab.network.send(sockets.get(`n${from + 1}`) as never, lab.endpoint(`10.0.0.${to + 1}:7`), { type: 'x' }, bytes);
              lab.run((lab.simulation.now + milliseconds(10)) as Instant);
            }
            settle(lab);
            return lab.seen
              .map(({ at, kind, node, word, packet }) => [at, kind, nodes[node]?.name, word, nodes[packet.source]?.name])
              .filter(([, , name]) => (name as string).startsWith('n'));
          };
          const alone = fates(three, false);
          expect(fates([...others, ...three], true)).toEqual(alone);
        },
      ),
      runs,
    );
  });
});

function isFlooded(lab: Lab, packet: { readonly to: number; readonly source: number }): boolean {
  const to = lab.names.address(packet.to as never);
  if (isMulticast(to) || to === 0xff_ff_ff_ff) return true;
  const spec = lab.topology.nodes[packet.source];
  return spec?.interfaces.some((each) => each.addresses.some((own) => to === (own.address | 255) >>> 0)) === true;
}

test('views show what the tools of a host print', () => {
  const lab = new Lab({
    segments: [segment('lan', '10.0.0.0/24')],
    nodes: [host('a', [port(0, '10.0.0.1/24')], 'default via 10.0.0.254')],
  });
  expect(lab.network.address(0)).toBe(address('10.0.0.1'));
  expect(lab.network.address(0, 'eth0')).toBe(address('10.0.0.1'));
  expect(lab.network.address(0, 'lo')).toBe(address('127.0.0.1'));
  expect(lab.network.address(0, 'eth1')).toBeUndefined();
  expect(lab.network.interfaces(0).map(({ index, name, mac, mtu, addresses }) => ({ index, name, mac, mtu, addresses }))).toEqual(
    [
      {
        index: 1,
        name: 'lo',
        mac: '00:00:00:00:00:00',
        mtu: 65_536,
        addresses: [{ address: address('127.0.0.1'), length: 8, broadcast: undefined }],
      },
      {
        index: 2,
        name: 'eth0',
        mac: '02:42:0a:00:00:01',
        mtu: 1_500,
        addresses: [{ address: address('10.0.0.1'), length: 24, broadcast: address('10.0.0.255') }],
      },
    ],
  );
  expect(lab.network.routes(0).map((each) => each.via)).toEqual([address('10.0.0.254'), undefined]);
});
