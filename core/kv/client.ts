import type { Endpoint, Names } from '../names.ts';
import type { Boot, Out, Protocol, Socket } from '../protocol.ts';
import type { RaftProblem } from '../raft/interface.ts';
import type { Rng } from '../random.ts';
import { type Duration, type Instant, ZERO } from '../time.ts';
import type { KvClientConfig, KvNotice } from './interface.ts';
import { bytesOf, isMessage, type KvMessage } from './message.ts';
import type { Operation, Outcome } from './operation.ts';
import { randomOperation } from './workload.ts';

/** One client: it does one thing at a time. */
interface ClientState {
  /** How often it gave up: it then goes on as another client, with a session of its own. */
  lives: number;
  /** The session's number; undefined before it has one. */
  session: number | undefined;
  /** The operations that it began in this session, and ever. */
  sequence: number;
  begun: number;
  /** The server that it asks, by its place in the list, and whom it was last told of as leader. */
  server: number;
  leader: Endpoint | undefined;
  /** What it waits for: an operation or, without one, a session. `isOpen`: a copy of the request may yet be answered or executed. */
  doing:
    | { readonly call: number; readonly operation: Operation | undefined; readonly since: Instant; isOpen: boolean }
    | undefined;
  /** The value of each key as it last saw it. */
  readonly seen: Map<string, string | null>;
  done: number;
  unknown: number;
  failed: number;
}

interface KvClientState {
  nextCall: number;
  readonly clients: ClientState[];
  /** The sum of all waits for an answer, the longest of them, and the longest time without any answer. */
  waited: number;
  longest: number;
  lastAnswer: Instant | undefined;
  gap: number;
}

const SOCKET = 0 as Socket;
const Timer = { think: 0, patience: 1, deadline: 2 } as const;
const Cell = { done: 0, unknown: 1, failed: 2 } as const;
/** Numbers per life of the process, so that a late answer to an earlier one answers none of this. */
const LIFE = 0x1_0000_0000;
/** Before a client asks again whom it was told of, and before it asks somebody else as nobody knows a leader. */
const TOLD_PAUSE = 1_000_000 as Duration;
const LOST_PAUSE = 50_000_000 as Duration;

/**
 * The clients of a store that share a process: they find the leader, ask again what was not answered, and announce what they asked and what
 * became of it, which is a history that can be judged.
 */
export class KvClient implements Protocol<KvMessage, never> {
  readonly state: KvClientState;
  readonly cells = Object.keys(Cell);
  readonly timers = Object.keys(Timer);

  private readonly config: KvClientConfig;
  private readonly names: Names;
  private readonly random: Rng;

  constructor(config: KvClientConfig, names: Names, random: Rng) {
    this.config = config;
    this.names = names;
    this.random = random;
    const clients = config.clients.map(
      (_, i): ClientState => ({
        lives: 0,
        session: undefined,
        sequence: 0,
        begun: 0,
        server: i % config.servers.length,
        leader: undefined,
        doing: undefined,
        seen: new Map(),
        done: 0,
        unknown: 0,
        failed: 0,
      }),
    );
    this.state = { nextCall: 0, clients, waited: 0, longest: 0, lastAnswer: undefined, gap: 0 };
  }

  start(_now: Instant, boot: Boot, out: Out<KvMessage>): void {
    this.state.nextCall = boot.count * LIFE;
    for (const i of this.state.clients.keys()) this.think(i, out);
  }

  receive(now: Instant, _socket: Socket, from: Endpoint, message: KvMessage, out: Out<KvMessage>): void {
    if (!isMessage(message, this.names)) return;
    const i = this.state.clients.findIndex(({ doing }) => doing?.call === message.call);
    const client = this.state.clients[i];
    if (client?.doing === undefined) return;
    const { operation } = client.doing;
    if (message.type === 'kv-done') {
      client.leader = from;
      if (operation === undefined) this.registered(now, i, client, message.result, out);
      else if (typeof message.result !== 'number') this.returned(now, i, client, operation, message.result, out);
    } else if (message.type === 'kv-refused') {
      this.refused(i, client, message, out);
    }
  }

  timeout(now: Instant, kind: number, i: number, out: Out<KvMessage>): void {
    const client = this.state.clients[i];
    if (client === undefined) return;
    switch (kind) {
      case Timer.think:
        if (client.doing === undefined) this.begin(now, i, client, out);
        return;
      case Timer.patience:
        return this.lostPatience(i, client, out);
      case Timer.deadline:
        if (client.doing !== undefined && client.doing.operation === undefined) this.unserved(i, client, out);
        else if (client.doing !== undefined) this.giveUp(i, client, out);
    }
  }

  stream(): void {}
  command(): void {}
  written(): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    for (const [i, { done, unknown, failed }] of this.state.clients.entries()) {
      const name = this.config.clients[i] as number;
      if (done > 0) visit(name, Cell.done, done);
      if (unknown > 0) visit(name, Cell.unknown, unknown);
      if (failed > 0) visit(name, Cell.failed, failed);
    }
  }

  /** Pauses before the next operation; says so when there is none. */
  private think(i: number, out: Out<KvMessage>): void {
    const { workload, clients } = this.config;
    const begun = (this.state.clients[i] as ClientState).begun;
    if (workload.type === 'script') {
      if (i > 0) return;
      if (begun < workload.operations.length) out.setTimer(Timer.think, i, ZERO);
      else this.announce({ type: 'kv-finished' }, out);
    } else if (begun < workload.operations) {
      out.setTimer(Timer.think, i, Math.floor(this.random.fraction() * 2 * workload.think) as Duration);
    } else if (
      this.state.clients.filter((other) => other.doing === undefined && other.begun >= workload.operations).length ===
      clients.length
    ) {
      this.announce({ type: 'kv-finished' }, out);
    }
  }

  private begin(now: Instant, i: number, client: ClientState, out: Out<KvMessage>): void {
    const call = this.state.nextCall++;
    if (this.needsSession(client)) {
      client.doing = { call, operation: undefined, since: now, isOpen: true };
      // Many operations can wait for a server, one would for ever.
      if (this.config.workload.type === 'script') out.setTimer(Timer.deadline, i, this.config.deadline);
    } else {
      const operation = this.next(i, client);
      if (operation === undefined) return;
      client.sequence++;
      client.begun++;
      client.doing = { call, operation, since: now, isOpen: true };
      this.announce({ type: 'kv-invoked', client: this.nameOf(i), call, operation }, out);
      out.setTimer(Timer.deadline, i, this.config.deadline);
    }
    this.ask(i, client, out);
  }

  /** Whether it has to open a session first; for a read alone it has not. */
  private needsSession(client: ClientState): boolean {
    const { retries, workload } = this.config;
    if (retries !== 'safe' || client.session !== undefined) return false;
    return workload.type === 'random' || workload.operations[client.begun]?.type !== 'get';
  }

  private next(i: number, client: ClientState): Operation | undefined {
    const { workload } = this.config;
    if (workload.type === 'script') return workload.operations[client.begun];
    return randomOperation(workload, `${this.nameOf(i)}#${client.begun + 1};`, client.seen, this.random);
  }

  /** Sends what the client waits for. */
  private ask(i: number, client: ClientState, out: Out<KvMessage>): void {
    const { servers, reads, patience } = this.config;
    const { doing, session, sequence } = client;
    if (doing === undefined) return;
    doing.isOpen = true;
    const { call, operation } = doing;
    const to = client.leader ?? (servers[client.server] as Endpoint);
    const stamp = session === undefined ? {} : { session: { client: session, sequence, acknowledged: sequence } };
    const message: KvMessage =
      operation === undefined
        ? { type: 'kv-register', call }
        : { type: 'kv-request', call, operation, mode: reads, ...(operation.type === 'get' ? {} : stamp) };
    out.send(SOCKET, to, message, bytesOf(message));
    out.setTimer(Timer.patience, i, patience);
  }

  private registered(now: Instant, i: number, client: ClientState, result: unknown, out: Out<KvMessage>): void {
    if (typeof result !== 'number') return;
    client.session = result;
    client.sequence = 0;
    client.doing = undefined;
    out.cancelTimer(Timer.patience, i);
    out.cancelTimer(Timer.deadline, i);
    this.begin(now, i, client, out);
  }

  private returned(
    now: Instant,
    i: number,
    client: ClientState,
    operation: Operation,
    outcome: Outcome,
    out: Out<KvMessage>,
  ): void {
    const { state } = this;
    const { call, since } = client.doing as NonNullable<ClientState['doing']>;
    if (operation.type === 'get') client.seen.set(operation.key, outcome as string | null);
    else if (operation.type === 'put' || (operation.type === 'cas' && outcome === true)) {
      client.seen.set(operation.key, operation.value);
    }
    state.waited += now - since;
    state.longest = Math.max(state.longest, now - since);
    if (state.lastAnswer !== undefined) state.gap = Math.max(state.gap, now - state.lastAnswer);
    state.lastAnswer = now;
    this.announce({ type: 'kv-returned', client: this.nameOf(i), call, outcome }, out);
    out.cell(this.config.clients[i] as number, Cell.done, ++client.done);
    this.rest(i, client, out);
  }

  private refused(
    i: number,
    client: ClientState,
    { problem, isCertain, leader }: Extract<KvMessage, { type: 'kv-refused' }>,
    out: Out<KvMessage>,
  ): void {
    const { operation } = client.doing as NonNullable<ClientState['doing']>;
    if (operation !== undefined && (problem === 'too large' || problem === 'lease reads')) {
      return this.failed(i, client, problem, out);
    }
    // An earlier copy may have been executed before: nobody can say, whatever this one says.
    if (operation !== undefined && (problem === 'session expired' || problem === 'stale')) return this.giveUp(i, client, out);
    if (!isCertain && !this.mayAskAgain(operation)) return;
    (client.doing as NonNullable<ClientState['doing']>).isOpen = !isCertain;
    client.leader = leader;
    if (leader === undefined) this.nextServer(client);
    out.setTimer(Timer.patience, i, leader === undefined ? LOST_PAUSE : TOLD_PAUSE);
  }

  private lostPatience(i: number, client: ClientState, out: Out<KvMessage>): void {
    const { doing } = client;
    if (doing === undefined || (doing.isOpen && !this.mayAskAgain(doing.operation))) return;
    if (doing.isOpen) {
      client.leader = undefined;
      this.nextServer(client);
    }
    this.ask(i, client, out);
  }

  /** Whether asking again can do no harm, or is done all the same. */
  private mayAskAgain(operation: Operation | undefined): boolean {
    return this.config.retries !== 'none' || operation === undefined || operation.type === 'get';
  }

  private nextServer(client: ClientState): void {
    client.server = (client.server + 1) % this.config.servers.length;
  }

  /** The next operation is not even asked for. */
  private unserved(i: number, client: ClientState, out: Out<KvMessage>): void {
    this.announce({ type: 'kv-unserved', client: this.nameOf(i) }, out);
    client.begun++;
    this.rest(i, client, out);
  }

  /** No server will ever do it. */
  private failed(i: number, client: ClientState, problem: RaftProblem, out: Out<KvMessage>): void {
    const { call } = client.doing as NonNullable<ClientState['doing']>;
    this.announce({ type: 'kv-failed', client: this.nameOf(i), call, problem }, out);
    out.cell(this.config.clients[i] as number, Cell.failed, ++client.failed);
    this.rest(i, client, out);
  }

  /** Nobody knows what became of the operation: the client goes on as another one. */
  private giveUp(i: number, client: ClientState, out: Out<KvMessage>): void {
    const { call } = client.doing as NonNullable<ClientState['doing']>;
    this.announce({ type: 'kv-unknown', client: this.nameOf(i), call }, out);
    client.lives++;
    client.session = undefined;
    client.leader = undefined;
    this.nextServer(client);
    out.cell(this.config.clients[i] as number, Cell.unknown, ++client.unknown);
    this.rest(i, client, out);
  }

  private rest(i: number, client: ClientState, out: Out<KvMessage>): void {
    client.doing = undefined;
    out.cancelTimer(Timer.patience, i);
    out.cancelTimer(Timer.deadline, i);
    this.think(i, out);
  }

  private nameOf(i: number): string {
    const name = this.names.text(this.config.clients[i] as never);
    const { lives } = this.state.clients[i] as ClientState;
    return lives === 0 ? name : `${name}.${lives + 1}`;
  }

  private announce(notice: KvNotice, out: Out<KvMessage>): void {
    out.announce(notice);
  }
}
