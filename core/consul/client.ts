import { formatAddress } from '../address.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId } from '../protocol.ts';
import type { Rng } from '../random.ts';
import type { MemberEvent } from '../serf/coalesce.ts';
import { listMembers } from '../serf/reports.ts';
import type { Serf } from '../serf/serf.ts';
import { add, type Duration, type Instant, seconds } from '../time.ts';
import type { ConsulConfig } from './config.ts';
import type { ConsulCommand, ConsulReply, ConsulRequest, RemovalReply } from './interface.ts';
import { afterFailure, rebalanceAfter, reconciled, shuffled, withServer } from './managed.ts';
import { bytesOf, type ConsulMessage, isMessage } from './message.ts';
import { isRead } from './requests.ts';
import { describeServer, readServer, type ServerMember } from './servers.ts';

/** Something that a command of the host waits for. */
interface Errand {
  readonly id: number;
  readonly request: ConsulRequest;
  readonly stale: boolean;
  readonly since: Instant;
}

type Call = { readonly server: NameId; readonly to: Endpoint } & (
  | ({ readonly for: 'request' } & Errand)
  /** Whether the first of a shuffled list answers. */
  | { readonly for: 'ping'; readonly order: readonly NameId[] }
);

interface ClientState {
  /** In the order in which they are asked. */
  servers: readonly NameId[];
  readonly calls: Map<number, Call>;
  /** Errands that are tried again a little later. */
  readonly held: Map<number, Errand>;
  readonly links: Map<Endpoint, StreamId>;
  /** Those of the connections that were made. */
  readonly opened: Set<Endpoint>;
  next: number;
}

const SOCKET = 0 as Socket;
const Timer = { call: 0, held: 1, rebalance: 2 } as const;
const Cell = { servers: 0 } as const;

const NO_SERVERS: ConsulReply = { ok: false, error: 'No known Consul servers' };

/** How many tries an errand has, about, before it is given up. */
const TRIES = 16;

/** The first time that the list is shuffled. */
const FIRST_REBALANCE = seconds(120);

/** What a server calls that which it is asked for, as it stands in the log. */
const METHODS: Readonly<Record<Exclude<ConsulRequest['type'], 'kv'>, string>> = {
  configuration: 'Operator.RaftGetConfiguration',
  'remove-peer': 'Operator.RaftRemovePeerByID',
  transfer: 'Operator.TransferLeader',
  'autopilot-config': 'Operator.AutopilotGetConfiguration',
  'autopilot-state': 'Operator.AutopilotState',
};

const methodOf = (request: ConsulRequest): string =>
  request.type === 'kv' ? (request.operation.type === 'get' ? 'KVS.Get' : 'KVS.Apply') : METHODS[request.type];

export interface ConsulClientOptions {
  readonly self: NameId;
  readonly config: ConsulConfig;
  readonly serf: Serf;
  readonly names: Names;
  readonly random: Rng;
}

/**
 * A Consul agent that is no server: it knows the servers by gossip, and has one of them do what it is asked for (Consul's Client.RPC). What Serf announces it must
 * be told by the command `event`.
 */
export class ConsulClient implements Protocol<ConsulMessage, ConsulCommand> {
  readonly state: ClientState = { servers: [], calls: new Map(), held: new Map(), links: new Map(), opened: new Set(), next: 1 };
  readonly cells = Object.keys(Cell);
  readonly timers = Object.keys(Timer);

  private readonly options: ConsulClientOptions;

  constructor(options: ConsulClientOptions) {
    this.options = options;
  }

  start(_now: Instant, _boot: Boot, out: Out<ConsulMessage>): void {
    out.setTimer(Timer.rebalance, 0, FIRST_REBALANCE);
    out.cell(this.options.self, Cell.servers, '');
  }

  receive(): void {}
  written(): void {}

  stream(now: Instant, stream: StreamId, event: StreamEvent<ConsulMessage>, out: Out<ConsulMessage>): void {
    const to = [...this.state.links].find(([, link]) => link === stream)?.[0];
    switch (event.type) {
      case 'opened':
        if (to !== undefined) this.state.opened.add(to);
        return;
      case 'data':
        return isMessage(event.message, this.options.names) ? this.returned(now, event.message, out) : undefined;
      case 'accepted':
        return out.close(stream);
      default:
        if (event.type === 'closed') out.close(stream);
        if (to !== undefined) this.broken(now, to, CONNECTION[event.type] ?? EOF, out);
    }
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<ConsulMessage>): void {
    const { calls, held, links } = this.state;
    if (kind === Timer.rebalance) return this.rebalance(out);
    if (kind === Timer.held) {
      const errand = held.get(subject);
      held.delete(subject);
      return errand === undefined ? undefined : this.carryOut(errand, out);
    }
    const call = calls.get(subject);
    const link = call === undefined ? undefined : links.get(call.to);
    if (call === undefined) return;
    if (link !== undefined) out.close(link);
    this.broken(now, call.to, this.state.opened.has(call.to) ? EOF : TIMED_OUT, out);
  }

  command(now: Instant, id: number, command: ConsulCommand, out: Out<ConsulMessage>): void {
    switch (command.command) {
      case 'event':
        return this.happened(command.event, command.members, out);
      case 'request': {
        const { request, stale = false } = command;
        return this.carryOut({ id, request, stale, since: now }, out);
      }
      case 'prepare-leave':
        out.log('[INFO] consul: client starting leave');
        return out.reply(id, {});
      case 'await-removal':
        return out.reply(id, { removed: false } satisfies RemovalReply);
      case 'write':
        out.replace(command.file, [command.text], command.text.length, 0);
        return out.sync(command.file, 0);
    }
  }

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    visit(this.options.self, Cell.servers, this.shown);
  }

  /** The servers among all members, in whatever status they are. */
  servers(): ServerMember[] {
    const { serf, names } = this.options;
    return listMembers(serf).flatMap((member) => readServer(member, names) ?? []);
  }

  private get shown(): string {
    return this.state.servers.map((server) => this.options.names.text(server)).join(' ');
  }

  private order(servers: readonly NameId[], out: Out<ConsulMessage>): void {
    const before = this.shown;
    this.state.servers = servers;
    if (this.shown !== before) out.cell(this.options.self, Cell.servers, this.shown);
  }

  /** Gossip has told about members. */
  private happened(event: MemberEvent, members: readonly string[], out: Out<ConsulMessage>): void {
    const { names, config } = this.options;
    for (const member of members) {
      const server = this.servers().find(({ name }) => names.text(name) === member);
      if (server === undefined && event !== 'member-reap') continue;
      const name = names.id(member);
      const described = server === undefined ? member : describeServer(member, this.where(server.endpoint), server);
      if (event === 'member-join' || event === 'member-update') {
        if (server?.datacenter !== config.datacenter) {
          out.log(`[WARN] consul: server ${member} for datacenter ${server?.datacenter} has joined wrong cluster`);
          continue;
        }
        if (event === 'member-join') out.log(`[INFO] consul: adding server ${described}`);
        this.order(withServer(this.state.servers, name), out);
      } else {
        if (server !== undefined) out.log(`[INFO] consul: removing server ${described}`);
        this.order(
          this.state.servers.filter((each) => each !== name),
          out,
        );
      }
    }
  }

  /** Has the first server see to it. */
  private carryOut(errand: Errand, out: Out<ConsulMessage>): void {
    const server = this.first();
    if (server === undefined) {
      out.log('[WARN] manager: No servers available');
      return out.reply(errand.id, NO_SERVERS);
    }
    const { request, stale } = errand;
    this.call(
      { for: 'request', server: server.name, to: server.rpc, ...errand },
      (call) => ({ type: 'ask', call, request, stale }),
      out,
    );
  }

  private first(): ServerMember | undefined {
    const [first] = this.state.servers;
    return this.servers().find(({ name }) => name === first);
  }

  private call(call: Call, make: (number: number) => ConsulMessage, out: Out<ConsulMessage>): void {
    const { calls, links } = this.state;
    const number = this.state.next++;
    calls.set(number, call);
    let link = links.get(call.to);
    if (link === undefined) {
      link = out.open(SOCKET, call.to);
      links.set(call.to, link);
    }
    out.setTimer(Timer.call, number, this.options.config.rpcTimeout);
    const message = make(number);
    out.transmit(link, message, bytesOf(message));
  }

  /** A server has answered. An answer of another kind than the call is none. */
  private returned(now: Instant, message: ConsulMessage, out: Out<ConsulMessage>): void {
    const call = this.state.calls.get(message.call);
    if (call === undefined) return;
    const isAnswer = call.for === 'ping' ? message.type === 'peers' : message.type === 'forwarded';
    if (!isAnswer) return;
    this.state.calls.delete(message.call);
    out.cancelTimer(Timer.call, message.call);
    if (call.for === 'ping') return this.pinged(call.order, out);
    if (message.type !== 'forwarded') return;
    const { reply } = message;
    if (reply.ok) return out.reply(call.id, reply);
    this.failed(now, call, `rpc error making call: ${reply.error}`, out);
  }

  /** A connection has ended, and with it all that waits on it. */
  private broken(now: Instant, to: Endpoint, error: string, out: Out<ConsulMessage>): void {
    const { calls, links, opened } = this.state;
    links.delete(to);
    opened.delete(to);
    const lost = [...calls].filter(([, call]) => call.to === to);
    for (const [number] of lost) {
      calls.delete(number);
      out.cancelTimer(Timer.call, number);
    }
    for (const [, call] of lost) {
      if (call.for === 'request') this.failed(now, call, error, out);
      else out.log('[DEBUG] manager: No healthy servers during rebalance, aborting');
    }
  }

  /** The next server is asked from now on. Without a leader nothing was done, and a read may be repeated: these are tried again for a while. */
  private failed(now: Instant, call: Extract<Call, { for: 'request' }>, error: string, out: Out<ConsulMessage>): void {
    const { config, random } = this.options;
    const { id, request, stale, since, server, to } = call;
    // Servers are known by where their Raft is reached.
    const where = this.where(this.servers().find(({ name }) => name === server)?.endpoint ?? to);
    out.log(`[ERR] consul: "${methodOf(request)}" RPC failed to server ${where}: ${error}`);
    this.order(afterFailure(this.state.servers, server), out);
    const mayRetry = error.includes('No cluster leader') || (isRead(request) && error.endsWith('EOF'));
    if (!mayRetry || now >= add(since, config.rpcHoldTimeout)) return out.reply(id, { ok: false, error });
    const number = this.state.next++;
    this.state.held.set(number, { id, request, stale, since });
    out.setTimer(Timer.held, number, Math.floor((random.fraction() * config.rpcHoldTimeout) / TRIES) as Duration);
  }

  /** It is time to ask another server: the first of a shuffled list, if it answers. */
  private rebalance(out: Out<ConsulMessage>): void {
    const { random, serf } = this.options;
    const order = shuffled(this.state.servers, random);
    out.setTimer(Timer.rebalance, 0, rebalanceAfter(random.fraction(), order.length, listMembers(serf).length));
    const server = this.servers().find(({ name }) => name === order[0]);
    if (server === undefined) return;
    this.call({ for: 'ping', server: server.name, to: server.rpc, order }, (call) => ({ type: 'peers-call', call }), out);
  }

  private pinged(order: readonly NameId[], out: Out<ConsulMessage>): void {
    const next = reconciled(order, this.state.servers);
    const first = this.servers().find(({ name }) => name === next?.[0]);
    if (next === undefined || first === undefined) return;
    this.order(next, out);
    const described = describeServer(this.options.names.text(first.name), this.where(first.endpoint), first);
    out.log(`[DEBUG] manager: Rebalanced ${next.length} servers, next active server is ${described}`);
  }

  private where(endpoint: Endpoint): string {
    const { names } = this.options;
    return `${formatAddress(names.address(endpoint))}:${names.port(endpoint)}`;
  }
}

const EOF = 'rpc error making call: EOF';
const TIMED_OUT = 'rpc error getting client: failed to get conn: i/o timeout';

/** What becomes of calls whose connection could not even be made. */
const CONNECTION: Readonly<Partial<Record<StreamEvent<never>['type'], string>>> = {
  refused: 'rpc error getting client: failed to get conn: connect: connection refused',
  'timed-out': TIMED_OUT,
  unreachable: 'rpc error getting client: failed to get conn: connect: no route to host',
};
