import type { Address } from '../core/address.ts';
import { type Endpoint, Names } from '../core/names.ts';
import type { Out, Protocol, Socket } from '../core/protocol.ts';
import { type Instant, microseconds, milliseconds, seconds } from '../core/time.ts';
import { Draws } from '../sim/draws.ts';
import { Journal } from '../sim/engine/journal.ts';
import { Simulation } from '../sim/engine/simulation.ts';
import { becomesProgram, type Command, Registry } from '../sim/host/commands/registry.ts';
import { Hosts } from '../sim/host/hosts.ts';
import { Network } from '../sim/network/network.ts';
import { Randomness } from '../sim/rng.ts';
import type { Bench, Contest, Contestant } from './contest.ts';
import { Lottery } from './lottery.ts';
import { FIRST_ADDRESS, PORT, segment } from './network.ts';

const LOTS = 2 ** 16;
const PER_TICK = 3;
const BYTES = 64;
const SOCKET = 0 as Socket;

/** Sends three datagrams at each tick, as gossip does, and counts what comes. It does nothing else. */
class Chatter implements Protocol<object, never> {
  readonly state = { heard: 0 };
  readonly cells = [];
  readonly timers = ['tick'];
  private readonly crowd: Crowd;
  private readonly message = { type: 'data' };

  constructor(crowd: Crowd) {
    this.crowd = crowd;
  }

  start(_now: Instant, _boot: unknown, out: Out<object>): void {
    out.setTimer(0, 0, microseconds(1 + (this.crowd.draw() % 99_999)));
  }

  receive(): void {
    this.state.heard++;
  }

  timeout(_now: Instant, _kind: number, _subject: number, out: Out<object>): void {
    const { crowd } = this;
    out.setTimer(0, 0, milliseconds(100));
    for (let i = 0; i < PER_TICK; i++) {
      const peer = crowd.endpoints[crowd.draw() % crowd.endpoints.length] as Endpoint;
      if (!crowd.stopped) out.send(SOCKET, peer, this.message, BYTES);
      crowd.sent++;
    }
  }

  stream(): void {}
  command(): void {}
  written(): void {}
}

/** What all of them share. */
interface Crowd {
  readonly endpoints: readonly Endpoint[];
  draw(): number;
  stopped: boolean;
  sent: number;
}

/** Datagrams from protocol to protocol: processes, timers, sockets, the network and the journal, with fingerprint. */
function crowded(nodes: number, span: number): Contestant {
  const simulation = new Simulation();
  const names = new Names();
  const journal = new Journal(simulation, names);
  const endpoints = Array.from({ length: nodes }, (_, node) => names.endpoint((FIRST_ADDRESS + node) as Address, PORT));
  const lots = new Lottery().table(LOTS, (fraction) => Math.floor(fraction * 2 ** 30));
  let draws = 0;
  const draw = () => lots[draws++ % LOTS] as number;
  const crowd: Crowd = { endpoints, draw, stopped: false, sent: 0 };
  const chatters: Chatter[] = [];
  const command: Command = {
    name: 'chat',
    check: () => undefined,
    start: () => becomesProgram,
    program: () => {
      const protocol = new Chatter(crowd);
      chatters.push(protocol);
      return { name: 'chat', parts: [{ name: 'chat', protocol, sockets: [{ transport: 'udp', port: PORT }] }] };
    },
  };
  const specs = Array.from({ length: nodes }, (_, node) => ({ name: `n${node}`, boot: ['chat'] }));
  const registry = new Registry([command]);
  const hosts = new Hosts({ simulation, journal, names, randomness: new Randomness(1), registry, specs });
  const topology = segment(nodes, { min: microseconds(100), max: microseconds(200) });
  const network = new Network({ simulation, journal, names, draws: new Draws(1), topology, upcalls: hosts });
  hosts.attach(network);
  network.acquaint();
  hosts.start();
  const run = (duration: number) => simulation.runUntil((simulation.now + seconds(duration)) as Instant);
  const round = () => {
    const before = crowd.sent;
    run(span);
    return crowd.sent - before;
  };
  const finish = () => {
    crowd.stopped = true;
    run(1);
    return chatters.reduce((sum, { state }) => sum + state.heard, 0) | 0;
  };
  return { round, finish };
}

const contest = (nodes: number): Contest => ({
  name: `${nodes} hosts`,
  contestants: { partita: () => crowded(nodes, 5_000 / nodes) },
  rounds: 9,
  warmUp: 5,
  reach: [],
});

/** All that a packet costs but what a protocol does with it. */
export const hosts: Bench = {
  description:
    'Each host has a process that sends three datagrams every 100 ms to random others, with a delay of 100 to 200 µs: all of the simulator, with fingerprint.',
  operations: 'packet',
  contests: [contest(100), contest(1_000), contest(10_000)],
};
