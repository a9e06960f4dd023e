import { Cluster } from '../gossip/cluster.ts';
import { Gossip, type GossipConfig, LAN, type Profile, QUIRKS } from '../gossip/gossip.ts';
import type { Part } from '../protocol.ts';
import { milliseconds, seconds } from '../time.ts';
import { SERF_DEFAULTS, type SerfConfig } from './config.ts';
import type { MemberNotice, SerfNotice } from './events.ts';
import type { MembersReply, SerfCommand } from './interface.ts';
import { SERF_QUIRKS, type SerfQuirks } from './quirks.ts';
import { SERF_RULES, type SerfRules } from './rules.ts';
import { Serf } from './serf.ts';
import type { Tags } from './tags.ts';

const PARTS = { gossip: 0 as Part, serf: 1 as Part };

/** How an agent of a test is made. */
export interface Setting {
  readonly config?: Partial<SerfConfig>;
  readonly profile?: Profile;
  readonly quirks?: Partial<SerfQuirks>;
  readonly rules?: Partial<SerfRules>;
  readonly tags?: Tags;
  readonly gossip?: GossipConfig;
  readonly keys?: readonly string[];
  /** The version of Serf's protocol that it speaks. */
  readonly version?: number;
  /** What it calls itself, if not what the test calls it. */
  readonly calls?: string;
}

/** A cluster of agents without their terminals, for tests. */
export class Agents extends Cluster {
  private ids = 100;

  start(name: string, setting: Setting = {}): void {
    const { profile = 'serf-0.10', tags = [], gossip: config = LAN, keys = [], version = 5 } = setting;
    this.boot(name, ({ name: id, endpoint, names, random }) => {
      const own = setting.calls === undefined ? id : names.id(setting.calls);
      const self = { name: own, address: endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, version] } as const;
      const gossip = new Gossip({ self, config, quirks: QUIRKS[profile], names, random, keys });
      const serf = new Serf({
        gossip,
        parts: PARTS,
        config: { ...SERF_DEFAULTS, ...setting.config },
        quirks: { ...SERF_QUIRKS[profile], ...setting.quirks },
        rules: { ...SERF_RULES, ...setting.rules },
        tags,
        random,
      });
      return [gossip, serf] as never;
    });
  }

  /** Starts n1, n2, … and has all join the first. */
  gather(count: number, setting?: Setting): this {
    for (let i = 1; i <= count; i++) {
      this.start(`n${i}`, setting);
      if (i > 1) this.ask(`n${i}`, { command: 'join', addresses: [this.endpoint('n1')] });
      this.run(milliseconds(130));
    }
    this.run(seconds(10));
    this.forgetNotices();
    return this;
  }

  forgetNotices(): void {
    for (const node of this.nodes.values()) node.notices.length = 0;
  }

  /** @returns the number of the command */
  ask(name: string, command: SerfCommand): number {
    const id = this.ids++;
    this.node(name).command(1, id, command);
    return id;
  }

  /** Runs until a command is answered. */
  answered(name: string, command: SerfCommand, limit = seconds(30)): unknown {
    const id = this.ask(name, command);
    this.when(() => this.node(name).replies.has(id), limit);
    return this.node(name).replies.get(id);
  }

  forceLeave(name: string, about: string, prune = false): unknown {
    return this.answered(name, { command: 'force-leave', node: this.names.id(about), prune });
  }

  /** As `serf members` on each running node would list one. */
  statuses(about: string): string[] {
    return [...this.nodes.values()].filter(({ up }) => up).map((node) => String(node.cell(about, 'status', 1) ?? ''));
  }

  members(name: string): string[] {
    const { members } = this.answered(name, { command: 'members' }) as MembersReply;
    return members.map(({ name: member, status }) => `${member} ${status}`);
  }

  serf(name: string): Serf {
    return this.node(name).parts[1] as unknown as Serf;
  }

  notices(name: string): readonly SerfNotice[] {
    return this.node(name).notices as readonly unknown[] as readonly SerfNotice[];
  }

  /** What was announced about members: `member-join n1 n2`. */
  events(name: string): string[] {
    return this.notices(name)
      .filter((notice): notice is MemberNotice => 'members' in notice)
      .map(({ type, members }) => `${type} ${members.map(({ name: member }) => member).join(' ')}`);
  }

  /** The user events that were announced: `deploy v1`. */
  userEvents(name: string): string[] {
    return this.notices(name).flatMap((notice) => (notice.type === 'user' ? [`${notice.name} ${notice.payload}`] : []));
  }

  logged(name: string, pattern: RegExp): string[] {
    return this.node(name).log.filter((line) => pattern.test(line));
  }
}
