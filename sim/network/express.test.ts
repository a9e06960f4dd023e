import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { formatAddress } from '../../core/address.ts';
import { compareState } from '../../core/state.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import { Express } from './express.ts';
import { host, Lab, lan, link, port, router, segment } from './lab.ts';
import type { LinkSpec, Topology } from './topology.ts';
import type { SocketHandle } from './upcalls.ts';

const delay: fc.Arbitrary<LinkSpec['delay']> = fc.constantFrom<LinkSpec['delay'][]>(
  { type: 'constant', value: 50_000 as Duration },
  { type: 'uniform', min: 0 as Duration, max: milliseconds(30) },
  { type: 'exponential', min: milliseconds(1), mean: milliseconds(5) },
  { type: 'lognormal', median: milliseconds(5), sigma: 1 },
);

/** Mostly links that only take time; some that do more, on the whole segment or on one cable. */
const links = fc.record({
  delay,
  loss: fc.constantFrom(0, 0, 0, 0.2),
  duplicate: fc.constantFrom(0, 0, 0, 0.2),
  mtu: fc.constantFrom(300, 1_500, 1_500),
});
const cables = fc.constantFrom<Partial<LinkSpec>[]>(
  ...[{}, {}, {}, { loss: 0.3 }, { bandwidth: 1_000_000, queue: 3_000 }, { mtu: 400 }, { delay: link().delay }],
);

const oddities = ['second address', 'second interface', 'broadcast address', 'wrong subnet', 'long route', 'none'] as const;
type Oddity = (typeof oddities)[number];

interface Shape {
  readonly left: LinkSpec;
  readonly right: LinkSpec;
  readonly far: LinkSpec;
  readonly hosts: readonly {
    readonly on: number;
    /** What is unusual about it. */
    readonly oddity: Oddity;
    readonly out: Partial<LinkSpec>;
    readonly in: Partial<LinkSpec>;
  }[];
}

const shapes: fc.Arbitrary<Shape> = fc.record({
  left: links.map(link),
  right: links.map(link),
  far: links.map(link),
  hosts: fc.array(
    fc.record({
      on: fc.constantFrom(0, 0, 1, 2),
      oddity: fc.constantFrom(...oddities, ...oddities.map(() => 'none' as const)),
      out: cables,
      in: cables,
    }),
    {
      minLength: 2,
      maxLength: 6,
    },
  ),
});

/** Three segments in a row and the routers between them. Whoever is on the middle one knows the first router alone. */
function topologyOf({ left, right, far, hosts }: Shape): Topology {
  const nodes = hosts.map(({ on, oddity, out, in: into }, number) => {
    const elsewhere = (on + 1) % 3;
    const net = oddity === 'wrong subnet' ? elsewhere : on;
    const own = `10.0.${net}.${oddity === 'broadcast address' ? 255 : number + 1}/24`;
    const first = oddity === 'second address' ? `${own} 10.0.${on}.${number + 101}/24` : own;
    const other = oddity === 'second interface' ? [port(elsewhere, `10.0.${elsewhere}.${number + 1}/24`)] : [];
    const gateway = `10.0.${on}.${on === 2 ? 251 : 250}`;
    const long = oddity === 'long route' ? `, 10.0.1.0/25 via ${gateway}` : '';
    return host(`h${number}`, [port(on, first, { out, in: into }), ...other], `default via ${gateway}${long}`);
  });
  return {
    segments: [
      segment('left', '10.0.0.0/24', { link: left }),
      segment('right', '10.0.1.0/24', { link: right }),
      segment('far', '10.0.2.0/24', { link: far }),
    ],
    nodes: [
      ...nodes,
      router('r', [port(0, '10.0.0.250/24'), port(1, '10.0.1.250/24')], '10.0.2.0/24 via 10.0.1.251'),
      router('s', [port(1, '10.0.1.251/24'), port(2, '10.0.2.251/24')], 'default via 10.0.1.250'),
    ],
  };
}

type Action =
  | {
      readonly does: 'send';
      readonly from: number;
      readonly to: number | string;
      readonly bytes: number;
      readonly whole: boolean;
    }
  | { readonly does: 'down' | 'up' | 'bind' | 'unbind' | 'send on a closed socket'; readonly from: number }
  | { readonly does: 'cut' | 'heal'; readonly from: number; readonly to: number };

const someone = fc.nat(4);
const strange = ['10.0.0.101', '10.0.0.255', '10.0.1.250', '10.0.0.99', '224.0.0.251', '127.0.0.1'];
const targets = fc.oneof({ weight: 8, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constantFrom(...strange) });
const sends = fc.record({
  does: fc.constant('send' as const),
  from: someone,
  to: targets,
  bytes: fc.constantFrom(0, 64, 64, 300, 1_000, 1_480, 3_000, 70_000),
  whole: fc.boolean(),
});
const others = fc.oneof(
  fc.record({ does: fc.constantFrom(...(['down', 'up', 'bind', 'unbind', 'send on a closed socket'] as const)), from: someone }),
  fc.record({ does: fc.constantFrom('cut' as const, 'heal' as const), from: someone, to: someone }),
);
/** What is done, and how many milliseconds pass before the next. */
const plans: fc.Arbitrary<readonly (readonly [Action, number])[]> = fc.array(
  fc.tuple(
    fc.oneof({ weight: 7, arbitrary: sends }, { weight: 1, arbitrary: others }),
    fc.constantFrom(0, 0, 0, 1, 10, 900, 4_000, 17_000, 80_000),
  ),
  { minLength: 1, maxLength: 100, size: 'max' },
);

function equip(lab: Lab, node: number): void {
  lab.network.bind(node, { transport: 'udp', port: 7 });
  lab.network.bind(node, { transport: 'message', port: 7 });
}

function carryOut(lab: Lab, action: Action): void {
  const { network } = lab;
  const nodes = lab.topology.nodes.length;
  const from = action.from % nodes;
  const up = network.isUp(from);
  const own = (transport: string) =>
    network.state.sockets.findIndex((socket) => socket?.node === from && socket.transport === transport) as SocketHandle;
  if (action.does === 'down') network.down(from);
  else if (action.does === 'up' && !up) {
    network.up(from);
    equip(lab, from);
  } else if (action.does === 'bind' && up) equip(lab, from);
  else if (action.does === 'unbind' && up && own('udp') >= 0) network.unbind(own('udp'));
  else if (action.does === 'cut' || action.does === 'heal') {
    network.setLink(from, action.to % nodes, action.does === 'heal');
  } else if (action.does === 'send on a closed socket') {
    const closed = network.state.sockets.lastIndexOf(undefined) as SocketHandle;
    if (closed >= 0) network.send(closed, lab.endpoint('10.0.0.1:7'), { type: 'x' }, 64);
  } else if (action.does === 'send') {
    const socket = own(action.whole ? 'message' : 'udp');
    const known = typeof action.to === 'number' ? network.address(action.to % nodes) : undefined;
    const to = known === undefined ? `${action.to}` : formatAddress(known);
    if (socket >= 0) network.send(socket, lab.endpoint(`${to}:7`), { type: 'x' }, action.bytes);
  }
}

function start(topology: Topology, seed: number, express: boolean, acquainted: boolean): Lab {
  const lab = new Lab(topology, seed, undefined, express);
  for (const node of topology.nodes.keys()) equip(lab, node);
  if (acquainted) lab.network.acquaint();
  return lab;
}

describe('the short way', () => {
  test('comes to the same as the long way: the same packets, deliveries and drops, the same state at every instant', () => {
    fc.assert(
      fc.property(shapes, plans, fc.integer(), fc.boolean(), (shape, plan, seed, acquainted) => {
        const [short, long] = [true, false].map((express) => start(topologyOf(shape), seed, express, acquainted)) as [Lab, Lab];
        for (const [action, after] of plan) {
          for (const lab of [short, long]) {
            carryOut(lab, action);
            lab.run((lab.simulation.now + milliseconds(after)) as Instant);
          }
        }
        expect(compareState(short.network.state, long.network.state)).toBeUndefined();
        for (const lab of [short, long]) lab.run((lab.simulation.now + seconds(100)) as Instant);
        expect(short.lines()).toEqual(long.lines());
        expect(short.seen).toEqual(long.seen);
        expect(short.datagrams).toEqual(long.datagrams);
        expect(compareState(short.network.state, long.network.state)).toBeUndefined();
        expect(compareState(short.simulation.state, long.simulation.state)).toBeUndefined();
        expect(compareState(short.names.state, long.names.state)).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  test('is taken by every datagram between hosts that know each other, from the second arrival at a socket on', () => {
    const send = vi.spyOn(Express.prototype, 'send');
    const arrived = vi.spyOn(Express.prototype, 'arrived');
    const lab = start(lan(3, { delay: { type: 'uniform', min: 0 as Duration, max: milliseconds(30) } }), 1, true, true);
    for (let i = 0; i < 100; i++) {
      carryOut(lab, { does: 'send', from: 0, to: 1, bytes: 100, whole: i % 2 === 0 });
      lab.run((lab.simulation.now + seconds(1)) as Instant);
    }
    expect(lab.datagrams).toHaveLength(100);
    expect(send.mock.results.map(({ value }) => value)).toEqual(Array(100).fill(true));
    expect(arrived.mock.results.map(({ value }) => value)).toEqual([false, false, ...Array(98).fill(true)]);
    vi.restoreAllMocks();
  });

  test('ends where the long way does when two routers hand a datagram to each other', () => {
    const topology: Topology = {
      segments: [segment('near', '10.0.0.0/24'), segment('far', '10.0.1.0/24')],
      nodes: [
        host('h0', [port(0, '10.0.0.1/24')], 'default via 10.0.0.250'),
        host('h1', [port(1, '10.0.1.1/24')]),
        router('r', [port(0, '10.0.0.250/24')], 'default via 10.0.0.251'),
        router('s', [port(0, '10.0.0.251/24')], 'default via 10.0.0.250'),
      ],
    };
    const [short, long] = [true, false].map((express) => {
      const lab = start(topology, 1, express, true);
      carryOut(lab, { does: 'send', from: 0, to: 1, bytes: 64, whole: false });
      lab.run((lab.simulation.now + seconds(1)) as Instant);
      return lab.lines();
    });
    expect(short).toEqual(long);
    expect(short?.filter((line) => line.includes('ttl-exceeded'))).toHaveLength(1);
  });

  test('is taken through routers too', () => {
    const arrived = vi.spyOn(Express.prototype, 'arrived');
    const calm = link();
    const ends = [0, 2].map((on) => ({ on, oddity: 'none' as const, out: {}, in: {} }));
    const lab = start(topologyOf({ left: calm, right: calm, far: calm, hosts: ends }), 1, true, true);
    for (let i = 0; i < 10; i++) {
      carryOut(lab, { does: 'send', from: 0, to: 1, bytes: 100, whole: i % 2 === 0 });
      lab.run((lab.simulation.now + seconds(1)) as Instant);
    }
    expect(lab.datagrams).toHaveLength(10);
    // Two routers, and the socket, which is looked up when something arrives for the first time.
    const taken = [true, true, true];
    expect(arrived.mock.results.map(({ value }) => value)).toEqual([
      ...[...taken.slice(1), false],
      ...[...taken.slice(1), false],
      ...Array(8).fill(taken).flat(),
    ]);
    vi.restoreAllMocks();
  });
});
