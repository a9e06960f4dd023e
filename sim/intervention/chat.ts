import { formatAddress, parseAddress } from '../../core/address.ts';
import type { Endpoint, NameId, Names } from '../../core/names.ts';
import type { Boot, Out, Protocol, Socket } from '../../core/protocol.ts';
import { type Instant, milliseconds } from '../../core/time.ts';
import { becomesProgram, type Command, Registry } from '../host/commands/registry.ts';
import { standardCommands } from '../host/commands/standard.ts';
import { loadScenario } from '../scenario/load.ts';
import { World } from '../world.ts';
import type { Intervention } from './intervention.ts';

// A small world to try interventions on: five hosts on two VLANs of two switches, who all talk to each other and write to their disks.

const ADDRESSES = { a: '10.0.1.11', b: '10.0.1.12', c: '10.0.1.13', d: '10.0.2.14', e: '10.0.2.15' };
export type Name = keyof typeof ADDRESSES;
export const NAMES = Object.keys(ADDRESSES) as Name[];
const PORT = 700;
const GROUP = parseAddress('239.1.1.1') as never;

interface Heard {
  readonly from: string;
  readonly type: string;
  readonly n: number;
  readonly at: number;
}

interface ChatState {
  n: number;
  readonly starts: number;
  found: number;
  damaged: number;
  readonly heard: Heard[];
  readonly outcomes: string[];
}

type Word = { readonly type: 'ping' | 'hello'; readonly n: number };

/** Every 100 ms says something to all it knows and to a group, and writes and syncs a line; a leads from 1 s on. */
class Chat implements Protocol<Word, never> {
  readonly state: ChatState = { n: 0, starts: 0, found: 0, damaged: 0, heard: [], outcomes: [] };
  readonly cells = ['role', 'found'];
  readonly timers = ['tick'];
  private readonly self: NameId;
  private readonly name: string;
  private readonly names: Names;

  constructor(self: NameId, name: string, names: Names) {
    this.self = self;
    this.name = name;
    this.names = names;
  }

  start(_now: Instant, boot: Boot, out: Out<Word>): void {
    const lines = boot.files.get('log') ?? [];
    this.state.found = lines.length;
    this.state.damaged = lines.filter((line) => line === null).length;
    out.cell(this.self, 0, 'follower');
    out.cell(this.self, 1, this.state.found);
    out.setTimer(0, 0, milliseconds(100));
  }

  timeout(_now: Instant, _kind: number, _subject: number, out: Out<Word>): void {
    const n = this.state.n++;
    if (n === 9 && this.name === 'a') out.cell(this.self, 0, 'leader');
    for (const [name, address] of Object.entries(ADDRESSES)) {
      if (name !== this.name)
        out.send(0 as Socket, this.names.endpoint(parseAddress(address) as never, PORT), { type: 'ping', n }, 200);
    }
    out.send(0 as Socket, this.names.endpoint(GROUP, PORT), { type: 'hello', n }, 50);
    out.append('log', n, 10, 2 * n);
    out.sync('log', 2 * n + 1);
    out.setTimer(0, 0, milliseconds(100));
  }

  receive(now: Instant, _socket: Socket, from: Endpoint, { type, n }: Word): void {
    this.state.heard.push({ from: formatAddress(this.names.address(from)), type, n, at: now });
  }
  written(_now: Instant, _write: number, outcome: string): void {
    if (outcome !== 'ok') this.state.outcomes.push(outcome);
  }
  stream(): void {}
  command(): void {}
}

const chat: Command = {
  name: 'chat',
  check: () => undefined,
  start: () => becomesProgram,
  program: (_, host) => ({
    name: 'chat',
    parts: [
      {
        name: 'raft',
        protocol: new Chat(host.names.id(host.name), host.name, host.names) as Protocol<never, never>,
        sockets: [{ transport: 'udp', port: PORT, groups: [GROUP], multicastTtl: 2 }],
      },
    ],
  }),
};

export const registry = new Registry([...standardCommands, chat]);
export const { plan } = loadScenario(
  `
network:
  segments:
    left: { vlan: 10, subnet: 10.0.1.0/24, latency: 1ms }
    right: { vlan: 20, subnet: 10.0.2.0/24, latency: 1ms }
  switches: [s1, s2]
  trunks: [{ between: [s1, s2] }]
  routers: { gateway: { on: [left, right], switch: s1 } }
hosts:
  a: { on: left, switch: s1, address: ${ADDRESSES.a}, disk: { sync: 2ms } }
  b: { on: left, switch: s1, address: ${ADDRESSES.b}, disk: { sync: 2ms } }
  c: { on: left, switch: s2, address: ${ADDRESSES.c}, disk: { sync: 2ms } }
  d: { on: right, switch: s1, address: ${ADDRESSES.d}, disk: { sync: 2ms } }
  e: { on: right, switch: s2, address: ${ADDRESSES.e}, disk: { sync: 2ms } }
until: 6s
timeline: [{ at: 0s, on: all, run: chat }]
`,
  { registry },
);

export const at = (second: number) => Math.round(second * 1e9) as Instant;
/** From 2 s to 4 s. */
export const during = { at: at(2), until: at(4) };

/** A run of six seconds, and what came of it. */
export function observe(interventions: readonly Intervention[], recording = false) {
  const world = new World(plan, { registry, interventions, recording });
  world.simulation.runUntil(plan.end);
  const state = (name: Name) =>
    world.hosts.program(NAMES.indexOf(name), 'chat')?.parts[0]?.protocol.state as ChatState | undefined;
  /** What another one heard of the 19 pings that a host sends from 2.1 s to 3.9 s when nothing happens to it. */
  const heard = (from: Name, to: Name, type = 'ping') =>
    (state(to)?.heard ?? []).filter((each) => each.from === ADDRESSES[from] && each.type === type && each.n >= 20 && each.n < 39);
  /** How much a host said in that time that another one heard. */
  const said = (from: Name, to: Name) =>
    (state(to)?.heard ?? []).filter((each) => each.from === ADDRESSES[from] && each.at > at(2.05) && each.at < at(3.95)).length;
  return { world, state, heard, said, fingerprint: world.fingerprint() };
}
