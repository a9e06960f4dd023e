import { createRequire } from 'node:module';
import { createClock } from '@sinonjs/fake-timers';
import { type Address, formatAddress, prefixOf } from '../core/address.ts';
import { type Endpoint, Names } from '../core/names.ts';
import { type Duration, type Instant, seconds } from '../core/time.ts';
import { Draws } from '../sim/draws.ts';
import { Journal, type Sink } from '../sim/engine/journal.ts';
import { NO_CAUSE, Simulation } from '../sim/engine/simulation.ts';
import { Network } from '../sim/network/network.ts';
import type { Topology } from '../sim/network/topology.ts';
import type { SocketHandle } from '../sim/network/upcalls.ts';
import type { Bench, Contest, Contestant } from './contest.ts';
import { Lottery } from './lottery.ts';

const PACKETS_PER_SECOND = 10;
/** In microseconds. */
const PERIOD = 1e6 / PACKETS_PER_SECOND;
const LOTS = 2 ** 18;
export const PORT = 7_000;
const BYTES = 64;
export const FIRST_ADDRESS = 0x0a_00_00_01;
/** How long packets take, uniformly, in nanoseconds. */
interface Delay {
  readonly min: number;
  readonly max: number;
}
const WITHIN_A_SECOND: Delay = { min: 100_000, max: 1_000_000_000 };
const AS_IN_A_LAN: Delay = { min: 100_000, max: 10_000_000 };

/** Whom each packet goes to, as steps from the sender, and when each node sends first, in microseconds. */
function lots(nodes: number): { peers: Float64Array; phases: Float64Array } {
  const lottery = new Lottery();
  const peers = lottery.table(LOTS, (fraction) => 1 + Math.floor(fraction * (nodes - 1)));
  return { peers, phases: lottery.table(nodes, (fraction) => 1 + Math.floor(fraction * 99_999)) };
}

/** In whatever order packets arrive, as they take another time in each contestant. */
const mix = (sum: number, from: number, to: number): number => (sum + Math.imul(from + 1, 0x9e37_79b1) + Math.imul(to, 31)) | 0;

/** A network of hosts on one segment. */
export function segment(nodes: number, { min, max }: Delay): Topology {
  return {
    segments: [
      {
        name: 'lan',
        subnets: [prefixOf(FIRST_ADDRESS as Address, 16)],
        link: {
          delay: { type: 'uniform', min: min as Duration, max: max as Duration },
          loss: 0,
          duplicate: 0,
          corrupt: 0,
          mtu: 1_500,
        },
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

interface Load {
  readonly nodes: number;
  /** Virtual time in a round. */
  readonly seconds: number;
  readonly delay: Delay;
}

interface Options {
  readonly fingerprint: boolean;
  readonly listen?: (names: Names) => Sink;
}

/** Datagrams through Partita's network: sockets, routes, neighbour tables with ARP, one record for each sending and each delivery. */
export function partita({ nodes, seconds: span, delay }: Load, options: Options): Contestant {
  const { peers, phases } = lots(nodes);
  const simulation = new Simulation();
  const names = new Names();
  const journal = new Journal(simulation, names, { fingerprint: options.fingerprint });
  if (options.listen !== undefined) journal.sinks.push(options.listen(names));
  const draws = new Draws(1);
  const endpoints = Array.from({ length: nodes }, (_, node) => names.endpoint((FIRST_ADDRESS + node) as Address, PORT));
  let sum = 0;
  const datagram = (socket: SocketHandle, from: Endpoint) => {
    sum = mix(sum, from, socket);
  };
  const upcalls = { datagram, streamed: () => undefined, echoed: () => undefined };
  const network = new Network({ simulation, journal, names, draws, topology: segment(nodes, delay), upcalls });
  const sockets = endpoints.map((_, node) => {
    const socket = network.bind(node, { transport: 'udp', port: PORT });
    if (typeof socket === 'string') throw new Error(`${formatAddress((FIRST_ADDRESS + node) as Address)}: ${socket}`);
    return socket;
  });
  network.acquaint();
  const message = { type: 'data' };
  let stopped = false;
  let sent = 0;
  const tick = simulation.register('tick', (node) => {
    if (stopped) return;
    simulation.schedule((simulation.now + 1_000 * PERIOD) as Instant, tick, NO_CAUSE, node, 0, 0);
    const peer = (node + (peers[sent++ % LOTS] as number)) % nodes;
    network.send(sockets[node] as SocketHandle, endpoints[peer] as Endpoint, message, BYTES);
  });
  for (let node = 0; node < nodes; node++) {
    simulation.schedule((1_000 * (phases[node] as number)) as Instant, tick, NO_CAUSE, node, 0, 0);
  }
  const run = (duration: number) => simulation.runUntil((simulation.now + seconds(duration)) as Instant);
  const round = () => {
    const before = sent;
    run(span);
    return sent - before;
  };
  const finish = () => {
    stopped = true;
    run(10);
    return sum;
  };
  return { round, finish };
}

/** How long each packet takes, for those who have no network, in microseconds. */
const delays = ({ min, max }: Delay) =>
  new Lottery().table(LOTS, (fraction) => Math.round((min + fraction * (max - min)) / 1_000));

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

/** Entities of simjs, which send each other messages that arrive after a delay. Its time is in microseconds here. */
function simjs({ nodes, seconds: span, delay }: Load): Contestant {
  const { Sim, Entity } = loadSimJs();
  const { peers, phases } = lots(nodes);
  const times = delays(delay);
  let stopped = false;
  let sum = 0;
  let sent = 0;
  const entities: Node[] = [];
  class Node extends Entity {
    number = 0;

    start(number: number): void {
      this.number = number;
      entities.push(this);
      this.setTimer(phases[number] as number).done(this.tick);
    }

    tick(): void {
      if (stopped) return;
      this.setTimer(PERIOD).done(this.tick);
      const lot = sent++ % LOTS;
      const peer = (this.number + (peers[lot] as number)) % nodes;
      this.send(this.number, times[lot] as number, entities[peer]);
    }

    onMessage(_: unknown, from: number): void {
      sum = mix(sum, from, this.number);
    }
  }
  const sim = new Sim();
  for (let number = 0; number < nodes; number++) sim.addEntity(Node, `n${number}`, number);
  const round = () => {
    const before = sent;
    // By steps, as its `simulate` loses the first event after the end.
    while (sent < before + nodes * PACKETS_PER_SECOND * span) sim.step();
    return sent - before;
  };
  const finish = () => {
    stopped = true;
    while (sim.step());
    return sum;
  };
  return { round, finish };
}

/** Timers of @sinonjs/fake-timers, whose milliseconds stand for microseconds. */
function fakeTimers({ nodes, seconds: span, delay }: Load): Contestant {
  const { peers, phases } = lots(nodes);
  const times = delays(delay);
  const clock = createClock(0, Number.POSITIVE_INFINITY);
  let stopped = false;
  let sum = 0;
  let sent = 0;
  const arrive = (from: number, to: number) => {
    sum = mix(sum, from, to);
  };
  const tick = (node: number): void => {
    if (stopped) return;
    clock.setTimeout(() => tick(node), PERIOD);
    const lot = sent++ % LOTS;
    const peer = (node + (peers[lot] as number)) % nodes;
    clock.setTimeout(() => arrive(node, peer), times[lot] as number);
  };
  for (let node = 0; node < nodes; node++) clock.setTimeout(() => tick(node), phases[node] as number);
  const round = () => {
    const before = sent;
    clock.tick(1e6 * span);
    return sent - before;
  };
  const finish = () => {
    stopped = true;
    clock.tick(1e7);
    return sum;
  };
  return { round, finish };
}

const contest = (name: string, load: Load, reach: Contest['reach']): Contest => ({
  name,
  contestants: {
    partita: () => partita(load, { fingerprint: false }),
    'partita with fingerprint': () => partita(load, { fingerprint: true }),
    simjs: () => simjs(load),
    'fake-timers': () => fakeTimers(load),
  },
  rounds: 9,
  warmUp: 5,
  reach,
});

/** Plain packet work. */
export const network: Bench = {
  description:
    'Each node sends 10 datagrams a second to random others, with uniformly random delay: Partita through its network, the others without one.',
  operations: 'packet',
  contests: [
    contest('100 nodes, delay up to 1 s', { nodes: 100, seconds: 100, delay: WITHIN_A_SECOND }, []),
    contest('1 000 nodes, delay up to 1 s', { nodes: 1_000, seconds: 10, delay: WITHIN_A_SECOND }, [
      { contestant: 'partita', against: 'simjs', timesAsFast: 2 },
      { contestant: 'partita', against: 'fake-timers', timesAsFast: 6 },
    ]),
    contest('1 000 nodes, delay up to 10 ms', { nodes: 1_000, seconds: 10, delay: AS_IN_A_LAN }, []),
  ],
};
