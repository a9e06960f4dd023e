import { createRequire } from 'node:module';
import { createClock } from '@sinonjs/fake-timers';
import { type Address, formatAddress, prefixOf } from '../core/address.ts';
import { Names } from '../core/names.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../core/time.ts';
import { Draws } from '../sim/draws.ts';
import { Journal, type Sink } from '../sim/engine/journal.ts';
import { NO_CAUSE, Simulation } from '../sim/engine/simulation.ts';
import { Network } from '../sim/network/network.ts';
import type { Topology } from '../sim/network/topology.ts';
import type { SocketHandle } from '../sim/network/upcalls.ts';
import type { Bench, Contest, Round } from './contest.ts';
import { Lottery } from './lottery.ts';

const PACKETS_PER_SECOND = 10;
const LOTS = 2 ** 18;
const PORT = 7_000;
const BYTES = 64;
const FIRST_ADDRESS = 0x0a_00_00_01;
/** Crossing the segment takes from a tenth to ten milliseconds. */
const DELAY = { type: 'uniform', min: 100_000 as Duration, max: milliseconds(10) } as const;

/**
 * Whom each packet goes to, and when in the tenth of a second each node sends: in its first half, so that between two
 * seconds nothing is under way and all contestants have done the same.
 */
function lots(nodes: number): { peers: Float64Array; phases: Float64Array } {
  const lottery = new Lottery();
  const peers = lottery.table(LOTS, (fraction) => 1 + Math.floor(fraction * (nodes - 1)));
  return { peers, phases: lottery.table(nodes, (fraction) => Math.round(fraction * 50_000) * 1_000) };
}

/** In whatever order packets arrive, as they take another time in each contestant. */
const mix = (sum: number, from: number, to: number): number => (sum + Math.imul(from + 1, 0x9e37_79b1) + Math.imul(to, 31)) | 0;

/** A network of hosts on one segment. */
function segment(nodes: number): Topology {
  return {
    segments: [
      {
        name: 'lan',
        subnets: [prefixOf(FIRST_ADDRESS as Address, 16)],
        link: { delay: DELAY, loss: 0, duplicate: 0, corrupt: 0, mtu: 1_500 },
        multicast: 'flood',
        broadcast: 'flood',
      },
    ],
    nodes: Array.from({ length: nodes }, (_, node) => ({
      name: `n${node}`,
      forwarding: false,
      interfaces: [
        {
          name: 'eth0',
          segment: 0,
          port: { mode: 'access' },
          addresses: [{ address: (FIRST_ADDRESS + node) as Address, length: 16 }],
        },
      ],
      routes: [],
    })),
  };
}

interface Options {
  readonly fingerprint: boolean;
  readonly listen?: (names: Names) => Sink;
}

/** Datagrams through Partita's network: sockets, routes, neighbour tables with ARP, one record for each sending and each delivery. */
export function partita(nodes: number, virtualSeconds: number, options: Options = { fingerprint: false }): Round {
  const { peers, phases } = lots(nodes);
  const simulation = new Simulation();
  const names = new Names();
  const journal = new Journal(simulation, names, { fingerprint: options.fingerprint });
  if (options.listen !== undefined) journal.sinks.push(options.listen(names));
  const draws = new Draws(1);
  const message = { type: 'data' };
  const endpoints = Array.from({ length: nodes }, (_, node) => names.endpoint((FIRST_ADDRESS + node) as Address, PORT));
  let sum = 0;
  let packets = 0;
  const datagram = (socket: SocketHandle, from: number) => {
    sum = mix(sum, from, socket);
    packets++;
  };
  const upcalls = { datagram, streamed: () => undefined, echoed: () => undefined };
  const network = new Network({ simulation, journal, names, draws, topology: segment(nodes), upcalls });
  const sockets = endpoints.map((_, node) => {
    const socket = network.bind(node, { transport: 'udp', port: PORT });
    if (typeof socket === 'string') throw new Error(`${formatAddress((FIRST_ADDRESS + node) as Address)}: ${socket}`);
    return socket;
  });
  network.acquaint();
  let draw = 0;
  const period = seconds(1 / PACKETS_PER_SECOND);
  const tick = simulation.register('tick', (node) => {
    simulation.schedule((simulation.now + period) as Instant, tick, NO_CAUSE, node, 0, 0);
    const peer = (node + (peers[draw++ % LOTS] as number)) % nodes;
    network.send(sockets[node] as SocketHandle, endpoints[peer] as (typeof endpoints)[number], message, BYTES);
  });
  for (let node = 0; node < nodes; node++) simulation.schedule(phases[node] as Instant, tick, NO_CAUSE, node, 0, 0);
  return () => {
    packets = 0;
    simulation.runUntil((simulation.now + seconds(virtualSeconds)) as Instant);
    return { operations: packets, sum };
  };
}

/** How long each packet takes, for those who have no network, in nanoseconds. */
const delays = () => new Lottery().table(LOTS, (fraction) => DELAY.min + Math.floor(fraction * (DELAY.max - DELAY.min + 1)));

interface SimJs {
  readonly Sim: new () => { step(): boolean; addEntity(entity: unknown, name: string, ...args: unknown[]): unknown };
  readonly Entity: new (
    ...args: unknown[]
  ) => {
    setTimer(duration: number): { done(callback: () => void): void };
    send(message: unknown, delay: number, to: unknown): void;
  };
}

/** The library names itself on `window` only. */
function loadSimJs(): SimJs {
  const scope = globalThis as { window?: { Sim?: SimJs } };
  scope.window = {};
  createRequire(import.meta.url)('simjs');
  const loaded = scope.window.Sim;
  delete scope.window;
  if (loaded === undefined) throw new Error('simjs did not load');
  return loaded;
}

/** Entities of simjs, which send each other messages that arrive after a delay. */
function simjs(nodes: number, virtualSeconds: number): Round {
  const { Sim, Entity } = loadSimJs();
  const { peers, phases } = lots(nodes);
  const delay = delays();
  let sum = 0;
  let packets = 0;
  let draw = 0;
  const entities: Node[] = [];
  class Node extends Entity {
    number = 0;

    start(number: number): void {
      this.number = number;
      entities.push(this);
      this.setTimer((phases[number] as number) / 1e9).done(() => this.tick());
    }

    tick(): void {
      this.setTimer(1 / PACKETS_PER_SECOND).done(() => this.tick());
      const lot = draw++ % LOTS;
      const peer = (this.number + (peers[lot] as number)) % nodes;
      this.send(this.number, (delay[lot] as number) / 1e9, entities[peer]);
    }

    onMessage(_: unknown, from: number): void {
      sum = mix(sum, from, this.number);
      packets++;
    }
  }
  const sim = new Sim();
  for (let number = 0; number < nodes; number++) sim.addEntity(Node, `n${number}`, number);
  return () => {
    packets = 0;
    // Its `simulate` loses the first event after the end, so the events are counted instead: a tick and an arrival each.
    for (let i = 0; i < 2 * nodes * PACKETS_PER_SECOND * virtualSeconds; i++) sim.step();
    return { operations: packets, sum };
  };
}

/** Timers of @sinonjs/fake-timers, whose milliseconds stand for microseconds. */
function fakeTimers(nodes: number, virtualSeconds: number): Round {
  const { peers, phases } = lots(nodes);
  const delay = delays();
  const clock = createClock(0, Number.POSITIVE_INFINITY);
  let sum = 0;
  let packets = 0;
  let draw = 0;
  const arrive = (from: number, to: number) => {
    sum = mix(sum, from, to);
    packets++;
  };
  const tick = (node: number): void => {
    clock.setTimeout(() => tick(node), 1e6 / PACKETS_PER_SECOND);
    const lot = draw++ % LOTS;
    const peer = (node + (peers[lot] as number)) % nodes;
    clock.setTimeout(() => arrive(node, peer), Math.round((delay[lot] as number) / 1_000));
  };
  for (let node = 0; node < nodes; node++) clock.setTimeout(() => tick(node), (phases[node] as number) / 1_000);
  return () => {
    packets = 0;
    clock.tick(virtualSeconds * 1e6);
    return { operations: packets, sum };
  };
}

const contest = (nodes: number, virtualSeconds: number, reach: Contest['reach']): Contest => ({
  name: `${nodes} nodes`,
  contestants: {
    partita: () => partita(nodes, virtualSeconds),
    'partita with fingerprint': () => partita(nodes, virtualSeconds, { fingerprint: true }),
    simjs: () => simjs(nodes, virtualSeconds),
    'fake-timers': () => fakeTimers(nodes, virtualSeconds),
  },
  rounds: 9,
  warmUp: 3,
  reach,
});

export const network: Bench = {
  description:
    'Each node sends 10 datagrams a second to random others, with random delay: Partita through its network, the others without one.',
  operations: 'packet',
  contests: [
    contest(100, 100, []),
    contest(1_000, 10, [
      { contestant: 'partita', against: 'simjs', timesAsFast: 2 },
      { contestant: 'partita', against: 'fake-timers', timesAsFast: 6 },
    ]),
  ],
};
