import type { ClusterNode } from '../gossip/cluster.ts';
import { Gossip } from '../gossip/gossip.ts';
import { Ordeal, type Victims } from '../gossip/ordeal.ts';
import { RULES } from '../gossip/rules.ts';
import { Broken } from '../gossip/watch/broken.ts';
import type { Part } from '../protocol.ts';
import { add, type Instant, milliseconds, START, seconds } from '../time.ts';
import { SERF_DEFAULTS, type SerfConfig } from './config.ts';
import type { SerfNotice } from './events.ts';
import type { SerfCommand } from './interface.ts';
import type { SerfQuirks } from './quirks.ts';
import { SERF_RULES, type SerfRules } from './rules.ts';
import { Serf } from './serf.ts';
import { watchAgents } from './watch/on-cluster.ts';

/** What goes through an ordeal of agents. */
export interface SerfVictims extends Victims {
  readonly serfQuirks: SerfQuirks;
  readonly serfRules?: Partial<SerfRules>;
  readonly serf?: Partial<SerfConfig>;
}

const PARTS = { gossip: 0 as Part, serf: 1 as Part };

/** Timers that make things happen within an ordeal, and a memory of few events, so that it runs over. */
export const BRISK: SerfConfig = {
  ...SERF_DEFAULTS,
  reapInterval: seconds(5),
  reconnectInterval: seconds(5),
  reconnectTimeout: seconds(60),
  tombstoneTimeout: seconds(40),
  eventBuffer: 8,
  queryBuffer: 8,
};

/** Where agents that have one keep their snapshot. It is long already, so that it is soon written anew. */
export const SNAPSHOT = 'snapshot';
const OLD_LINES = '# long ago\n'.repeat(11_870);

/** Between two things that somebody asks of an agent, at most. */
const PAUSE = 4000;

/** A cluster of agents, without their terminals, on which generated faults come down while users ask for this and that; watched all the time. */
export class SerfOrdeal extends Ordeal {
  readonly agents: SerfVictims;
  private ids = 100;
  /** What an agent says when it is asked something; undefined when it says nothing. */
  answers: (name: string) => string | undefined = () => undefined;
  /** When users have asked for the last thing. */
  private used: Instant = START;

  constructor(seed: number, victims: SerfVictims) {
    super(seed, victims);
    this.agents = victims;
    watchAgents(this, victims.known);
    this.given = new Map([[SNAPSHOT, [OLD_LINES]]]);
    const { fed } = this;
    const answered = new Map<ClusterNode, number>();
    this.fed = (node, part, input) => {
      fed(node, part, input);
      const all = node.notices as readonly unknown[] as readonly SerfNotice[];
      for (let i = answered.get(node) ?? 0; i < all.length; i++) {
        const notice = all[i] as SerfNotice;
        if (notice.type === 'query') this.answer(node, notice.query);
      }
      answered.set(node, all.length);
    };
  }

  private answer(node: ClusterNode, query: number): void {
    const payload = this.answers(node.name);
    if (payload === undefined) return;
    this.schedule(milliseconds(1 + this.random.integer(5)), () => {
      if (this.nodes.get(node.name) === node && node.up) this.ask(node.name, { command: 'respond', query, payload });
    });
  }

  serf(name: string): Serf {
    return this.node(name).parts[1] as unknown as Serf;
  }

  /** What has once reached the disk of a snapshot must not be lost by writing it anew. */
  override cutPower(name: string): void {
    super.cutPower(name);
    const records = this.node(name).files.get(SNAPSHOT) ?? [];
    if (records.length === 0) throw new Broken('A snapshot outlives its rewriting', `${name} has lost it with the power`);
  }

  override start(name: string): void {
    const { config, quirks, rules: gossipRules, serfQuirks, serfRules, serf } = this.agents;
    this.boot(name, ({ name: id, endpoint, names, random }) => {
      const self = { name: id, address: endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, 5] } as const;
      const gossip = new Gossip({ self, config, quirks, names, random, rules: { ...RULES, ...gossipRules } });
      const rules = { ...SERF_RULES, ...serfRules };
      const own = { config: { ...BRISK, ...serf }, quirks: serfQuirks, rules, tags: [], random };
      return [gossip, new Serf({ gossip, parts: PARTS, ...own })] as never;
    });
  }

  override join(name: string, peers: readonly string[]): void {
    this.ask(name, { command: 'join', addresses: peers.map((peer) => this.endpoint(peer)) });
  }

  override leave(name: string): void {
    this.ask(name, { command: 'leave' });
  }

  /** @returns the number of the command */
  ask(name: string, command: SerfCommand): number {
    const id = this.ids++;
    this.node(name).command(1, id, command);
    return id;
  }

  /** Whether a command was answered. */
  isAnswered(name: string, id: number): boolean {
    return this.node(name).replies.has(id);
  }

  notices(name: string): readonly SerfNotice[] {
    return this.node(name).notices as readonly unknown[] as readonly SerfNotice[];
  }

  /** What was announced about a member. */
  events(observer: string, about: string): string[] {
    return this.notices(observer).flatMap((notice) =>
      'members' in notice && notice.members.some(({ name }) => name === about) ? [notice.type] : [],
    );
  }

  status(observer: string, about: string): string {
    return String(this.node(observer).cell(about, 'status', 1) ?? '');
  }

  /** Has somebody ask for something now and then, for a time in milliseconds. */
  use(lasts: number): this {
    for (let at = this.random.integer(PAUSE); at < lasts; at += this.random.integer(PAUSE)) {
      this.schedule(milliseconds(at), () => this.useOnce());
    }
    this.used = add(this.now, milliseconds(lasts));
    return this;
  }

  override recover(): this {
    // Who is forced to leave and does not hear of it says the opposite only when it joins again.
    if (this.used > this.now) this.runUntil(this.used);
    return super.recover();
  }

  override disagreement(): string | undefined {
    const { names } = this.victims;
    for (const observer of names) {
      for (const name of names) {
        const status = this.status(observer, name);
        if (status !== 'alive') return `${observer} shows ${name} as ${status || 'unknown'}`;
        const [told, own] = [this.tags(observer, name), this.tags(name, name)];
        if (told !== own) return `${observer} shows ${name} with the tags "${told}", which has "${own}"`;
      }
    }
    return super.disagreement();
  }

  /** What an agent knows of a member's tags, as it travels. */
  private tags(observer: string, name: string): string {
    return this.gossip(observer).describe(this.names.id(name)).meta;
  }

  private useOnce(): void {
    const { names } = this.victims;
    const name = this.random.pick(names);
    const text = String(this.random.integer(3));
    if (!this.node(name).up) return;
    switch (this.random.integer(6)) {
      case 5:
        // Several at one instant, so that some are as late as others.
        for (const each of names) {
          if (this.node(each).up) this.ask(each, { command: 'event', name: 'deploy', payload: each, coalesce: false });
        }
        return;
      case 0:
      case 1:
        this.ask(name, { command: 'event', name: 'deploy', payload: text, coalesce: false });
        return;
      case 2:
        this.ask(name, {
          command: 'query',
          name: 'load',
          payload: text,
          nodes: [],
          tags: [],
          ack: true,
          relay: this.random.integer(3),
          timeout: seconds(0),
        });
        return;
      case 3:
        this.ask(name, { command: 'force-leave', node: this.names.id(this.random.pick(names)), prune: false });
        return;
      default:
        this.ask(name, { command: 'tags', tags: [['role', text]] });
    }
  }
}
