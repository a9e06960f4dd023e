import type { Xoshiro } from '../laws/xoshiro.ts';
import { compareState } from '../state.ts';
import type { Duration, Instant } from '../time.ts';
import type { ClusterServer, RaftCluster } from './cluster.ts';
import { TALLY, type Tally } from './cluster-machine.ts';
import type { RaftCommand, RaftReply, ReadMode, SessionStamp } from './interface.ts';
import { advance, newReference } from './watch/reference.ts';

/** Something that was asked for. */
interface Call {
  readonly server: ClusterServer;
  readonly boots: number;
  readonly command: RaftCommand;
  readonly at: Instant;
  /** The highest index that anybody had been told of. */
  readonly floor: number;
}

/** What was wrong with an answer. */
export interface Complaint {
  readonly property: string;
  readonly says: string;
}

const LINEARIZABLE: readonly ReadMode[] = ['index', 'lease', 'log'];

/**
 * Those who ask a cluster for something all the time, whoever leads and whoever only believes to, and remember what they were answered. In the end
 * each answer is held against what the committed entries come to.
 */
export class Customers {
  /** How many writes were carried out. */
  written = 0;
  complaint: Complaint | undefined;
  /** Whether they ask. */
  open = true;
  private readonly cluster: RaftCluster;
  private readonly random: Xoshiro;
  private readonly pause: number;
  private readonly calls = new Map<number, Call>();
  private readonly answered: { readonly call: Call; readonly reply: RaftReply }[] = [];
  private readonly clients: number[] = [];
  private acknowledged = 0;
  private readonly told = new Map<number, (reply: RaftReply) => void>();

  constructor(cluster: RaftCluster, random: Xoshiro) {
    this.cluster = cluster;
    this.random = random;
    this.pause = cluster.config.electionTimeout * random.pick([0.05, 0.15, 0.4]);
    for (const server of cluster.servers) server.answered = (id, reply) => this.answer(id, reply);
    cluster.elected = (server) => this.greet(server);
    this.later(this.pause, () => this.come());
  }

  /** Asks a server for something. @param told hears the answer */
  ask(server: ClusterServer, command: RaftCommand, told?: (reply: RaftReply) => void): void {
    const { cluster } = this;
    if (!server.up || cluster.now < server.pausedUntil) return;
    const id = cluster.nextCommand();
    const { boots } = server;
    this.calls.set(id, { server, boots, command, at: cluster.now, floor: this.acknowledged });
    if (told !== undefined) this.told.set(id, told);
    server.commandAs(id, command);
  }

  write(server: ClusterServer, told?: (reply: RaftReply) => void): void {
    this.ask(server, { command: 'propose', payload: this.cluster.nextCommand(), bytes: 10, ...this.stamp() }, told);
  }

  read(server: ClusterServer, mode: ReadMode, told?: (reply: RaftReply) => void): void {
    this.ask(server, { command: 'read', query: undefined, mode }, told);
  }

  /** What was asked for so long ago that it should have been answered, of servers that have not ended since. */
  unanswered(patience: Duration): Complaint | undefined {
    for (const { server, boots, command, at } of this.calls.values()) {
      if (!server.up || server.boots !== boots || this.cluster.now - at < patience) continue;
      return { property: 'EverybodyAnswered', says: `${server.name} was asked for \`${command.command}\` and has not answered` };
    }
    return undefined;
  }

  private later(after: number, act: () => void): void {
    const { agenda, now } = this.cluster;
    agenda.add((now + Math.floor(after)) as Instant, act);
  }

  private come(): void {
    const { random } = this;
    this.later(this.pause * (0.5 + random.fraction()), () => this.come());
    if (!this.open) return;
    for (let asks = 1 + random.integer(3); asks > 0; asks--) {
      const server = this.somebody();
      if (server === undefined) return;
      const kind = random.fraction();
      if (kind < (this.clients.length < 4 ? 0.05 : 0.002)) this.ask(server, { command: 'register' });
      else if (kind < 0.06) this.ask(server, { command: 'barrier' });
      else if (kind < 0.08) this.ask(server, { command: 'keep-alive', client: this.client() ?? 1 });
      else if (kind < 0.55) this.write(server);
      else this.read(server, this.mode());
    }
  }

  /** Somebody asks a new leader at once, when it knows least. */
  private greet(server: ClusterServer): void {
    const { random } = this;
    if (!this.open || random.chance(0.3)) return;
    const wait = (): number => random.fraction() * (this.cluster.delay + this.cluster.jitter) * 3;
    this.later(wait(), () => this.read(server, this.mode()));
    this.later(wait(), () => this.write(server));
    this.later(wait(), () => this.read(server, 'index'));
  }

  private mode(): ReadMode {
    const leases = this.cluster.config.leaseReads ? (['lease', 'lease', 'lease'] as const) : [];
    return this.random.pick(['index', 'index', 'index', 'log', 'default', 'stale', ...leases] as const);
  }

  private client(): number | undefined {
    return this.clients.length === 0 ? undefined : this.random.pick(this.clients);
  }

  /** Now and then a call of a client that has a session, new or sent again. */
  private stamp(): { session?: SessionStamp } {
    const { random } = this;
    const client = this.client();
    if (client === undefined || random.chance(0.5)) return {};
    return { session: { client, sequence: 1 + random.integer(20), acknowledged: random.integer(5) } };
  }

  /** Half the time one who takes itself for the leader. */
  private somebody(): ClusterServer | undefined {
    const up = this.cluster.servers.filter((server) => server.up);
    const leaders = up.filter(({ state }) => state.role.role === 'leader');
    const choice = leaders.length > 0 && this.random.chance(0.6) ? leaders : up;
    return choice.length === 0 ? undefined : this.random.pick(choice);
  }

  private answer(id: number, reply: RaftReply): void {
    const call = this.calls.get(id);
    if (call === undefined) {
      this.complaint ??= { property: 'AnsweredOnce', says: `${id} was answered, and nobody waited for that` };
      return;
    }
    this.calls.delete(id);
    this.answered.push({ call, reply });
    const { command } = call.command;
    if (reply.outcome === 'ok') {
      const isWrite = command === 'propose' || command === 'register' || command === 'barrier' || command === 'keep-alive';
      if (command === 'register') this.clients.push(reply.index);
      if (command === 'propose') this.written++;
      const mode = call.command.command === 'read' ? call.command.mode : undefined;
      const isFresh = mode !== undefined && LINEARIZABLE.includes(mode);
      if (isFresh && reply.index < call.floor)
        this.complaint ??= {
          property: 'LinearizableReads',
          says: `${call.server.name} answers a ${mode} read with what ${reply.index} entries come to, and ${call.floor} were told of before`,
        };
      if (isWrite || isFresh) this.acknowledged = Math.max(this.acknowledged, reply.index);
    }
    this.told.get(id)?.(reply);
    this.told.delete(id);
  }

  /** Holds all answers against what is committed. */
  review(): Complaint | undefined {
    if (this.complaint !== undefined) return this.complaint;
    const { watch, config } = this.cluster;
    const history = watch?.state.history;
    if (history === undefined || history.base !== 1) return undefined;
    const tallies = new Map<number, Tally>([[0, TALLY.empty()]]);
    const answers = new Map<number, unknown>();
    const reference = newReference();
    for (const entry of history.committed) {
      if (entry === undefined) break;
      advance(reference, entry, config, {
        ...TALLY,
        apply: (state, index, at, command) => {
          const answer = TALLY.apply(state as never, index, at, command);
          answers.set(index, answer);
          return answer;
        },
      });
      const machine = reference.machine as Tally | undefined;
      tallies.set(entry.index, machine === undefined ? TALLY.empty() : { ...machine });
    }
    const payloads = new Map(
      history.committed.flatMap((entry) => (entry?.type === 'command' ? [[entry.payload, entry.index]] : [])) as [
        unknown,
        number,
      ][],
    );
    for (const { call, reply } of this.answered) {
      const wrong = this.reviewed(call, reply, tallies, answers, payloads, history.committed);
      if (wrong !== undefined) return { property: 'AnswersTrue', says: `${call.server.name} ${wrong}` };
    }
    return undefined;
  }

  private reviewed(
    { command }: Call,
    reply: RaftReply,
    tallies: ReadonlyMap<number, Tally>,
    answers: ReadonlyMap<number, unknown>,
    payloads: ReadonlyMap<unknown, number>,
    committed: readonly ({ readonly type: string; readonly payload?: unknown } | undefined)[],
  ): string | undefined {
    if (command.command === 'read') {
      if (reply.outcome !== 'ok') return undefined;
      // An entry that reads is answered as of just before it, and changes nothing.
      const due = tallies.get(reply.index);
      const isSame = due === undefined || compareState(due, reply.result) === undefined;
      return isSame ? undefined : `answers a ${command.mode} read at ${reply.index} with another state than the entries come to`;
    }
    if (command.command !== 'propose') return undefined;
    if (reply.outcome === 'ok') {
      const entry = committed[reply.index - 1];
      if (entry === undefined) return `says that ${reply.index} is done, which is not committed`;
      if (entry.type !== 'command' || entry.payload !== command.payload)
        return `says that ${command.payload} is done at ${reply.index}, and there is another entry`;
      const due = answers.get(reply.index);
      if (due !== undefined && compareState(due, reply.result) !== undefined)
        return `answers ${command.payload} with something else than it came to`;
      return undefined;
    }
    const isRefused = reply.problem === 'session expired' || reply.problem === 'stale';
    const done = payloads.get(command.payload);
    if (isRefused && done !== undefined && answers.has(done))
      return `says that ${command.payload} was refused, and it was done at ${done}`;
    if (!isRefused && reply.outcome === 'fail' && done !== undefined)
      return `says that ${command.payload} failed (${reply.problem}), and it is committed at ${done}`;
    return undefined;
  }
}
