import { assert } from '../assert.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Part, Protocol, Socket } from '../protocol.ts';
import type { RaftCommand, RaftReply } from '../raft/interface.ts';
import type { Observer, StateMachine } from '../raft/machine.ts';
import type { Instant } from '../time.ts';
import { bytesOf, isMessage, type KvMessage } from './message.ts';
import { isOperation, type Outcome, sizeOf } from './operation.ts';
import { arePairs, execute, type Pairs, readFrom, refill, snapshotOf } from './table.ts';

/** What the store asks to be agreed on: Raft. */
export interface Consensus {
  /** Answered by `answered` of the store, perhaps at once. */
  ask(now: Instant, id: number, command: RaftCommand, out: Out<never>): void;
}

export interface KvServerOptions {
  readonly self: NameId;
  readonly names: Names;
  /** The places of this store and of its consensus among the protocols of the process. */
  readonly part: Part;
  readonly consensusPart: Part;
  /** Where clients reach the servers of the cluster, to be sent on to the leader. */
  readonly directory: ReadonlyMap<NameId, Endpoint>;
}

interface KvServerState {
  readonly table: Map<string, string>;
  /** Who waits for what was asked, by its number, and what the client calls it. */
  readonly waiting: Map<number, { readonly from: Endpoint; readonly call: number }>;
  nextAsk: number;
}

const SOCKET = 0 as Socket;
const Cell = { keys: 0 } as const;

/**
 * One server of a replicated store of keys and values: the state machine that Raft executes, and whom its clients talk to.
 *
 * Socket 0 takes requests of clients. A request that only the leader can take is refused with where to ask instead; what becomes of one
 * while leadership is lost nobody here can say, and the client asks again in the same session.
 */
export class KvServer implements Protocol<KvMessage, never>, StateMachine, Observer {
  readonly state: KvServerState = { table: new Map(), waiting: new Map(), nextAsk: 1 };
  readonly cells = Object.keys(Cell);
  readonly timers: readonly string[] = [];
  /** Set once, before anything starts. */
  consensus: Consensus | undefined;

  private readonly options: KvServerOptions;

  constructor(options: KvServerOptions) {
    this.options = options;
  }

  start(_now: Instant, _boot: Boot, out: Out<KvMessage>): void {
    out.cell(this.options.self, Cell.keys, this.state.table.size);
  }

  receive(now: Instant, _socket: Socket, from: Endpoint, message: KvMessage, out: Out<KvMessage>): void {
    if (!isMessage(message, this.options.names)) return;
    const { consensus, state } = this;
    assert(consensus !== undefined, 'a store has a consensus before anything starts');
    const command = commandOf(message);
    if (command === undefined) return;
    const id = state.nextAsk++;
    state.waiting.set(id, { from, call: message.call });
    consensus.ask(now, id, command, out.of(this.options.consensusPart));
  }

  stream(): void {}
  timeout(): void {}
  command(): void {}
  written(): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    visit(this.options.self, Cell.keys, this.state.table.size);
  }

  // What Raft asks of its state machine.

  apply(_index: number, _at: Instant, command: unknown, _now: Instant, out: Out<never>): Outcome {
    if (!isOperation(command)) return null;
    return this.changing(out, () => execute(this.state.table, command));
  }

  query(query: unknown): Outcome {
    return readFrom(this.state.table, query);
  }

  snapshot(): { readonly data: Pairs; readonly bytes: number } {
    return snapshotOf(this.state.table);
  }

  isSnapshot(data: unknown): boolean {
    return arePairs(data);
  }

  restore(data: unknown, _now: Instant, out: Out<never>): void {
    this.changing(out, () => refill(this.state.table, data));
  }

  // What Raft tells.

  answered(id: number, reply: RaftReply, _now: Instant, out: Out<never>): void {
    const { state, options } = this;
    const client = state.waiting.get(id);
    assert(client !== undefined, () => `Raft answers ${id}, which was not asked`);
    state.waiting.delete(id);
    const { from, call } = client;
    const leader = 'leader' in reply && reply.leader !== undefined ? options.directory.get(reply.leader) : undefined;
    const answer: KvMessage =
      reply.outcome === 'ok'
        ? { type: 'kv-done', call, result: reply.result as Outcome | number }
        : {
            type: 'kv-refused',
            call,
            problem: reply.problem,
            isCertain: reply.outcome === 'fail',
            ...(leader === undefined ? {} : { leader }),
          };
    (out.of(options.part) as Out<unknown> as Out<KvMessage>).send(SOCKET, from, answer, bytesOf(answer));
  }

  /** Does something to the table, and shows it. */
  private changing<T>(out: Out<never>, change: () => T): T {
    const { table } = this.state;
    const before = table.size;
    const result = change();
    if (table.size !== before) out.of(this.options.part).cell(this.options.self, Cell.keys, table.size);
    return result;
  }
}

/** What to ask of Raft about a message; undefined for what is no request. */
function commandOf(message: KvMessage): RaftCommand | undefined {
  switch (message.type) {
    case 'kv-register':
      return { command: 'register' };
    case 'kv-request': {
      const { operation, mode, session } = message;
      if (operation.type === 'get') return { command: 'read', query: operation, mode };
      const proposal = { command: 'propose', payload: operation, bytes: sizeOf(operation) } as const;
      return session === undefined ? proposal : { ...proposal, session };
    }
    default:
      return undefined;
  }
}
