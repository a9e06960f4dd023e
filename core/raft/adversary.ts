import type { Xoshiro } from '../laws/xoshiro.ts';
import { type Duration, milliseconds, ZERO } from '../time.ts';
import type { ClusterServer, RaftCluster } from './cluster.ts';
import type { RaftCommand, RaftReply, SessionStamp } from './interface.ts';

/** What an adversary may do. */
export interface Malice {
  /** Crashes and restarts. */
  readonly crashes: boolean;
  /** Disks are lost with a crash, now and then. */
  readonly wipes: boolean;
  readonly cuts: boolean;
  readonly loss: boolean;
  /** Changes of the configuration and transfers. */
  readonly changes: boolean;
  /** Who is not in the first configuration becomes a learner at once. */
  readonly learners: boolean;
  /** Clocks that run at different speeds, within this ratio. */
  readonly drift: number;
}

export const EVERYTHING: Malice = {
  crashes: true,
  wipes: false,
  cuts: true,
  loss: true,
  changes: true,
  learners: false,
  drift: 1.001,
};

/** A read that promises to be linearizable, and what it must not be older than. */
interface Read {
  readonly floor: number;
  readonly mode: string;
}

/**
 * Clients and an adversary for a cluster, by the numbers of one seed: proposals and reads all the time; servers crash, links are cut one way
 * or both, messages are lost, late and doubled, disks stall, the configuration changes, leadership is handed over.
 */
export class Adversary {
  /** What linearizable reads found wrong. */
  readonly stale: string[] = [];
  /** How often something of interest happened. */
  readonly seen = { ok: 0, reads: 0, changes: 0, transfers: 0, crashes: 0 };

  private readonly cluster: RaftCluster;
  private readonly random: Xoshiro;
  private readonly malice: Malice;
  /** The highest index that any client was told of. */
  private acknowledged = 0;
  private readonly clients: number[] = [];
  private readonly reads = new Map<number, Read>();
  private readonly kinds = new Map<number, RaftCommand['command']>();
  /** What was not answered yet. */
  private readonly asked = new Map<number, { server: ClusterServer; boots: number; command: RaftCommand['command'] }>();

  constructor(cluster: RaftCluster, malice: Malice = EVERYTHING) {
    this.cluster = cluster;
    this.random = cluster.random;
    this.malice = malice;
    for (const server of cluster.servers) {
      server.answered = (id, reply) => this.answered(id, reply);
      if (malice.drift > 1) server.rate = 1 + (this.random.fraction() - 0.5) * (malice.drift - 1) * 0.99;
    }
  }

  /** Does something bad, lets time pass, and does the next. */
  torment(steps: number): void {
    if (this.malice.learners) this.addLearners();
    for (let i = 0; i < steps; i++) {
      this.act();
      for (let slices = this.random.integer(5); slices >= 0; slices--) {
        this.work();
        this.cluster.run(Math.floor(this.random.fraction() * 0.3 * this.cluster.config.electionTimeout) as Duration);
      }
    }
    if (this.malice.changes) this.loseTransfer();
  }

  private addLearners(): void {
    const { cluster } = this;
    for (const { id, endpoint } of cluster.servers) {
      if (cluster.first?.voters.some(({ name }) => name === id)) continue;
      const leader = cluster.elect();
      this.ask(leader, { command: 'change', steps: [{ type: 'learner', server: { name: id, endpoint } }] });
      cluster.run(milliseconds(200));
    }
  }

  /** The leader hands over, and nobody hears of it. */
  private loseTransfer(): void {
    const { leader } = this.cluster;
    if (leader === undefined) return;
    this.ask(leader, { command: 'transfer' });
    this.cluster.loss = 1;
    this.cluster.run(milliseconds(100));
  }

  /** Everything is whole again and everybody up; runs until that should show. */
  relent(duration: Duration): void {
    const { cluster } = this;
    cluster.heal();
    cluster.delay = milliseconds(1);
    cluster.jitter = milliseconds(2);
    cluster.sync = milliseconds(1);
    cluster.syncJitter = ZERO;
    cluster.start();
    cluster.run(duration);
  }

  /** Asks somebody for something. */
  private work(): void {
    const { random } = this;
    const asks = 1 + random.integer(4);
    for (let i = 0; i < asks; i++) {
      const server = this.somebody();
      if (server === undefined) continue;
      if (random.chance(0.05)) this.ask(server, { command: 'register' });
      else if (random.chance(0.6))
        this.ask(server, { command: 'propose', payload: this.cluster.nextCommand(), bytes: 10, ...this.stamp() });
      else this.read(server);
    }
  }

  /** Now and then a call of a client that has a session, new or sent again. */
  private stamp(): { session?: SessionStamp } {
    const { random } = this;
    if (this.clients.length === 0 || random.chance(0.6)) return {};
    return { session: { client: random.pick(this.clients), sequence: 1 + random.integer(20), acknowledged: random.integer(5) } };
  }

  /** Mostly one who takes itself for the leader. */
  private somebody(): ClusterServer | undefined {
    const up = this.cluster.servers.filter((server) => server.up);
    const leaders = up.filter(({ state }) => state.role.role === 'leader');
    const choice = leaders.length > 0 && this.random.chance(0.8) ? leaders : up;
    return choice.length === 0 ? undefined : this.random.pick(choice);
  }

  private read(server: ClusterServer): void {
    const leases = this.cluster.config.leaseReads ? (['lease', 'lease'] as const) : [];
    const mode = this.random.pick(['index', 'index', 'log', ...leases] as const);
    const floor = this.acknowledged;
    const id = this.cluster.nextCommand();
    this.reads.set(id, { floor, mode });
    this.kinds.set(id, 'read');
    this.asked.set(id, { server, boots: server.boots, command: 'read' });
    server.commandAs(id, { command: 'read', query: undefined, mode });
  }

  /** Those that were asked for something in this life and have not answered, and what it was. */
  unanswered(): string[] {
    const open = [...this.asked.values()].filter(({ server, boots }) => server.up && server.boots === boots);
    return open.map(({ server, command }) => `${server.name} was asked for \`${command}\``);
  }

  private ask(server: ClusterServer, command: RaftCommand): void {
    const id = this.cluster.nextCommand();
    this.kinds.set(id, command.command);
    this.asked.set(id, { server, boots: server.boots, command: command.command });
    server.commandAs(id, command);
  }

  private answered(id: number, reply: RaftReply): void {
    this.asked.delete(id);
    if (reply.outcome !== 'ok') return;
    const kind = this.kinds.get(id);
    if (kind === 'register') this.clients.push(reply.index);
    if (kind === 'change') this.seen.changes++;
    if (kind === 'transfer') this.seen.transfers++;
    if (kind === 'propose') {
      this.seen.ok++;
      this.acknowledged = Math.max(this.acknowledged, reply.index);
    }
    const read = this.reads.get(id);
    if (read === undefined) return;
    this.seen.reads++;
    if (reply.index < read.floor)
      this.stale.push(`a ${read.mode} read saw ${reply.index}, and ${read.floor} was acknowledged before`);
    this.acknowledged = Math.max(this.acknowledged, reply.index);
  }

  private act(): void {
    const { random, cluster, malice } = this;
    const server = random.pick(cluster.servers);
    const other = random.pick(cluster.servers);
    switch (random.integer(12)) {
      case 0:
        if (!malice.crashes) return;
        if (server.up) this.crash(server);
        else server.start();
        return;
      case 1:
        if (malice.crashes) for (const each of cluster.servers) if (!each.up) each.start();
        return;
      case 2:
        if (malice.crashes && cluster.leader !== undefined) this.crash(cluster.leader);
        return;
      case 3:
        if (malice.cuts && other !== server) cluster.cutLink(server.name, other.name);
        return;
      case 4:
        if (malice.cuts) this.partition();
        return;
      case 5:
      case 6:
        cluster.heal();
        return;
      case 7:
        if (!malice.loss) return;
        cluster.loss = random.fraction() * 0.4;
        cluster.duplication = random.fraction() * 0.3;
        return;
      case 8:
        cluster.jitter = this.upTo(random.chance(0.2) ? 2000 : 60);
        return;
      case 9:
        cluster.syncJitter = this.upTo(random.chance(0.2) ? 1500 : 30);
        return;
      default:
        if (malice.changes) this.change();
    }
  }

  private crash(server: ClusterServer): void {
    this.seen.crashes++;
    if (this.malice.wipes && this.random.chance(0.1)) return server.crash('wipe');
    server.crash(this.random.chance(0.2) ? 'tear' : this.random.chance(0.2) ? 'none' : undefined);
  }

  private partition(): void {
    const { random, cluster } = this;
    const some = cluster.servers.filter(() => random.chance(0.5)).map(({ name }) => name);
    cluster.cut(
      some,
      cluster.servers.map(({ name }) => name).filter((name) => !some.includes(name)),
    );
  }

  private change(): void {
    const { random, cluster } = this;
    const { leader } = cluster;
    if (leader === undefined) return;
    const subject = random.pick(cluster.servers);
    const server = { name: subject.id, endpoint: subject.endpoint };
    const step = random.pick([
      { type: 'voter', server },
      { type: 'voter', server },
      { type: 'learner', server },
      { type: 'remove', name: subject.id },
    ] as const);
    if (random.chance(0.3)) return this.ask(leader, { command: 'transfer' });
    const second = random.pick(cluster.servers);
    const joint = cluster.config.changes !== 'single' && random.chance(0.4);
    const steps = joint ? [step, { type: 'voter', server: { name: second.id, endpoint: second.endpoint } } as const] : [step];
    this.ask(leader, { command: 'change', steps, joint });
  }

  private upTo(most: number): Duration {
    return milliseconds(this.random.fraction() * most);
  }
}
