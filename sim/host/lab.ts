import { assert } from '../../core/assert.ts';
import { Echo } from '../../core/echo/echo.ts';
import type { EchoStatus } from '../../core/echo/interface.ts';
import { type NameId, Names } from '../../core/names.ts';
import { copyState, restoreState } from '../../core/state.ts';
import { type Duration, formatInstant, type Instant, milliseconds, seconds } from '../../core/time.ts';
import { Draws } from '../draws.ts';
import { Journal, Kind, type Sink } from '../engine/journal.ts';
import { Simulation } from '../engine/simulation.ts';
import { address, host, link, port, router, segment } from '../network/lab.ts';
import { Network } from '../network/network.ts';
import type { Topology } from '../network/topology.ts';
import { Randomness } from '../rng.ts';
import { becomesProgram, type Command, ended, Registry, waits } from './commands/registry.ts';
import { standardCommands } from './commands/standard.ts';
import { type HostSpec, Hosts } from './hosts.ts';
import type { Program } from './program.ts';

/** A record of the journal. */
export interface Seen {
  readonly id: number;
  readonly at: Instant;
  readonly kind: number;
  readonly node: number;
  readonly cause: number;
  readonly word: string;
  readonly payload: unknown;
}

/** Two segments with a router between: `a` and `b` on the left, `c` on the right. A hop takes 100 µs. */
export const twoSegments: Topology = {
  segments: [segment('left', '10.0.1.0/24', { link: link() }), segment('right', '10.0.2.0/24', { link: link() })],
  nodes: [
    host('a', [port(0, '10.0.1.10/24')], 'default via 10.0.1.1'),
    host('b', [port(0, '10.0.1.11/24')], 'default via 10.0.1.1'),
    host('c', [port(1, '10.0.2.10/24')], 'default via 10.0.2.1'),
    router('gateway', [port(0, '10.0.1.1/24'), port(1, '10.0.2.1/24')]),
  ],
};

const ECHO_PORT = 7;
const SILENCES = { type: 'silence' } as const;

/**
 * Echo as a program, with one of everything that programs can do: `echod PEER… [-e SCRIPT]` pings its peers and runs the script for
 * each that falls silent; `echod status` asks it, `echod watch` hears of each silence until it is interrupted. INT ends it with 0,
 * after 100 ms of its own.
 */
export const echod: Command = {
  name: 'echod',

  check: () => undefined,

  start(args, tool) {
    if (args[0] !== 'status' && args[0] !== 'watch') return becomesProgram;
    if (tool.request('echod', args[0])) return waits({ asked: args[0] });
    tool.complain('echod: not running');
    return ended(1);
  },

  program(args, host): Program {
    const script = args.includes('-e') ? args[args.indexOf('-e') + 1] : undefined;
    const peers = args.slice(0, script === undefined ? undefined : args.indexOf('-e')).map((text) => ({
      name: host.names.id(text),
      endpoint: host.names.endpoint(address(text), ECHO_PORT),
    }));
    const config = { peers, period: seconds(1), patience: milliseconds(300) };
    const state = { silences: 0, greeting: host.file('/etc/greeting') ?? 'hello\n', watchers: new Set<number>() };
    return {
      name: 'echod',
      parts: [
        {
          name: 'echo',
          protocol: new Echo(config, host.random('echo')),
          sockets: [{ transport: 'udp', port: ECHO_PORT }],
        },
      ],
      state,
      started: (process) => process.print(state.greeting.trimEnd()),
      notice(_part, notice, process) {
        if (notice.type !== SILENCES.type) return;
        state.silences++;
        const peer = host.names.text((notice as { readonly type: string; readonly peer: NameId }).peer);
        process.print(`${process.wallClock()} ${peer} is silent`);
        for (const id of state.watchers) process.answer(id, peer, true);
        const environment = new Map([['ECHO_PEER', peer]]);
        if (script !== undefined)
          process.script({ tag: state.silences, script, environment, stdin: `${peer}\t7\n`, shown: false });
      },
      scripted: ({ tag, status, output }, process) => process.print(`script ${tag} ended with ${status}: ${output.trimEnd()}`),
      request(id, request, process) {
        if (request === 'status') process.command(0, id, { type: 'status' });
        else state.watchers.add(id);
      },
      abandoned: (id) => void state.watchers.delete(id),
      signal(signal, process) {
        if (signal === 'INT') process.setTimer(0, milliseconds(100));
        else process.end(1);
      },
      timeout: (_kind, process) => process.end(0),
    };
  },

  answered(_state: never, answer, last, tool) {
    if (!last) return tool.print(`heard of ${answer}`);
    for (const { peer, heard, status } of answer as readonly EchoStatus[]) {
      tool.print(`${tool.host.names.text(peer)} ${status} ${heard}`);
    }
    tool.end(0);
  },

  disconnected(_state: never, tool) {
    tool.complain('echod: it has gone away');
    tool.end(1);
  },
};

/** Hosts on a bench: a small world without a scenario, which writes down what they print and what the journal says. */
export class HostLab implements Sink {
  readonly simulation = new Simulation();
  readonly names = new Names();
  readonly randomness = new Randomness(1);
  readonly journal = new Journal(this.simulation, this.names);
  readonly registry: Registry;
  readonly hosts: Hosts;
  readonly network: Network;
  readonly topology: Topology;
  readonly seen: Seen[] = [];
  private readonly specs: Readonly<Record<string, Partial<HostSpec>>>;
  private readonly commands: readonly Command[];
  /** What is left on each terminal to be looked at. */
  private printed: { node: number; text: string; at: Instant }[] = [];

  constructor(
    specs: Readonly<Record<string, Partial<HostSpec>>> = {},
    { topology = twoSegments, commands = [echod] }: { topology?: Topology; commands?: readonly Command[] } = {},
  ) {
    this.specs = specs;
    this.topology = topology;
    this.commands = commands;
    this.registry = new Registry([...standardCommands, ...commands]);
    this.journal.sinks.push(this);
    const { simulation, journal, names, randomness, registry } = this;
    const nodes = topology.nodes.map(({ name, forwarding }) => (forwarding ? undefined : { name, ...specs[name] }));
    const epoch = 1_382_363_611; // 2013/10/21 13:53:31
    this.hosts = new Hosts({ simulation, journal, names, randomness, registry, specs: nodes, epoch });
    this.network = new Network({ simulation, journal, names, draws: new Draws(1), topology, upcalls: this.hosts });
    this.hosts.attach(this.network);
    this.hosts.start();
  }

  node(name: string): number {
    const node = this.topology.nodes.findIndex((other) => other.name === name);
    assert(node >= 0, () => `no node is called ${name}`);
    return node;
  }

  /** Types a command line and lets the world run until the job is over. @returns what appeared on the terminal meanwhile */
  type(name: string, line: string, limit: Duration = seconds(60)): string[] {
    const node = this.node(name);
    const job = this.hosts.run(node, line);
    assert(job !== undefined, () => `${name} is down`);
    const end = (this.simulation.now + limit) as Instant;
    this.simulation.runWhile(() => this.hosts.isAtWork(node, job), end);
    return this.terminal(name);
  }

  /** Types a command line and lets it run. */
  begin(name: string, line: string): void {
    this.hosts.run(this.node(name), line);
  }

  /** Lets so much time pass. */
  pass(time: Duration): void {
    this.simulation.runUntil((this.simulation.now + time) as Instant);
  }

  /** What has appeared on a terminal since it was last looked at. */
  terminal(name: string): string[] {
    const node = this.node(name);
    const lines = this.printed.filter((line) => line.node === node).map(({ text }) => text);
    this.printed = this.printed.filter((line) => line.node !== node);
    return lines;
  }

  pid(name: string, program: string): number {
    const found = this.hosts.processes(this.node(name)).find((process) => process.name === program);
    assert(found !== undefined, () => `no ${program} runs on ${name}`);
    return found.pid;
  }

  /** What the first protocol of a program knows. */
  state<T>(name: string, program: string): T {
    const found = this.hosts.program(this.node(name), program)?.parts[0];
    assert(found !== undefined, () => `no ${program} runs on ${name}`);
    return found.protocol.state as T;
  }

  /** The journal in lines of `time node kind word`, of the given kinds. */
  lines(...kinds: (keyof typeof Kind)[]): string[] {
    const all = Object.keys(Kind);
    return this.seen
      .filter(({ kind }) => kinds.includes(all[kind] as keyof typeof Kind))
      .map(({ at, node, kind, word }) => `${formatInstant(at, 3)} ${this.topology.nodes[node]?.name} ${all[kind]} ${word}`);
  }

  /** Another lab in the same state, which shares nothing with this one. */
  copy(): HostLab {
    const copy = new HostLab(this.specs, { topology: this.topology, commands: this.commands });
    const parts = (lab: HostLab) => [lab.names, lab.simulation, lab.journal, lab.randomness, lab.network, lab.hosts];
    const mine = parts(this);
    for (const [i, part] of parts(copy).entries()) restoreState(part.state, copyState((mine[i] as { state: object }).state));
    copy.randomness.restored();
    copy.network.restored();
    copy.hosts.restored();
    copy.seen.length = 0;
    copy.printed = [];
    return copy;
  }

  record(
    id: number,
    at: Instant,
    kind: number,
    node: number,
    _peer: number,
    cause: number,
    word: NameId,
    _size: number,
    payload: unknown,
  ): void {
    this.seen.push({ id, at, kind, node, cause, word: this.names.text(word), payload });
    if (kind === Kind.output) this.printed.push({ node, text: (payload as { readonly text: string }).text, at });
  }

  cell(): void {}
}
