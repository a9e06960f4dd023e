import type { Cluster, ClusterNode, Input } from '../gossip/cluster.ts';
import { Broken } from '../gossip/watch/broken.ts';
import { type Duration, formatInstant, type Instant } from '../time.ts';
import type { MemberNotice, SerfNotice, UserNotice } from './events.ts';
import { serfInvariants } from './invariants.ts';
import { type MemberStatus, namesOf, statusOf } from './members.ts';
import type { Serf } from './serf.ts';
import { Timer } from './tables.ts';

/** What an agent was told of a member last, and since when it has been gone. */
interface Told {
  is: 'up' | 'failed' | 'left';
  since: Instant;
  /** Failed first, and then heard to have left. */
  forced: boolean;
}

/** One life of an agent, from its start to its end, as far as it was seen. */
interface Life {
  readonly node: ClusterNode;
  readonly serf: Serf;
  /** Notices seen so far. */
  seen: number;
  readonly told: Map<string, Told>;
  readonly events: Set<string>;
  readonly queries: Set<string>;
  readonly answers: Set<string>;
  readonly closed: Set<number>;
  latestEvent: number;
  clocks: readonly number[];
  changed: boolean;
}

const MEMBER_CHANGES: Readonly<Record<string, readonly (MemberStatus | '')[]>> = {
  '': ['alive', 'leaving'],
  alive: ['leaving', 'failed', ''],
  leaving: ['alive', 'left', ''],
  failed: ['alive', 'left', ''],
  left: ['alive', ''],
};

/**
 * Looks at everything that the agents of a cluster announce and show, and throws `Broken` as soon as a property does not hold: those of Serf
 * that hold at every moment, whatever the network does. Of the rules that agents were made with it knows nothing. Events must be handed on
 * at once, not gathered. To be made before the first node, after the watch of memberlist.
 *
 * @param known names of properties that the profile is known to break
 */
export class SerfWatch {
  private readonly cluster: Cluster;
  private readonly known: readonly string[];
  private readonly lives = new Map<ClusterNode, Life>();
  /** The furthest that each clock has come anywhere. */
  private readonly furthest = [1, 1, 1];

  constructor(cluster: Cluster, known: readonly string[] = []) {
    this.cluster = cluster;
    this.known = known;
    const { fed, showed } = cluster;
    cluster.fed = (node, part, input) => {
      fed(node, part, input);
      this.fed(this.life(node), part, input);
    };
    cluster.showed = (change) => {
      showed(change);
      const { part, field, node, subject, before, value } = change;
      if (part !== 1 || field !== 'status') return;
      const life = this.life(cluster.node(node));
      life.changed = true;
      if ((MEMBER_CHANGES[String(before ?? '')] ?? []).includes(value as MemberStatus)) return;
      this.broken(life, 'Statuses change as they may', `takes ${subject} from ${before || 'unknown'} to ${value || 'unknown'}`);
    };
  }

  private life(node: ClusterNode): Life {
    const known = this.lives.get(node);
    if (known !== undefined) return known;
    const life: Life = {
      node,
      serf: node.parts[1] as unknown as Serf,
      seen: node.notices.length,
      told: new Map(),
      events: new Set(),
      queries: new Set(),
      answers: new Set(),
      closed: new Set(),
      latestEvent: 0,
      clocks: [0, 0, 0],
      changed: true,
    };
    this.lives.set(node, life);
    return life;
  }

  private fed(life: Life, part: number, input: Input): void {
    const { node } = life;
    this.clocks(life);
    for (; life.seen < node.notices.length; life.seen++) {
      this.noticed(life, node.notices[life.seen] as unknown as SerfNotice, part, input);
    }
    if (!life.changed) return;
    life.changed = false;
    this.view(life);
    for (const { name, violation } of serfInvariants) {
      const wrong = violation([life.serf.state]);
      if (wrong !== undefined) this.broken(life, name, wrong);
    }
  }

  /** Clocks go forward, and only by what is said: an exchange of states may speak of every member, and each be answered. */
  private clocks(life: Life): void {
    const { memberTime, eventTime, queryTime, members } = life.serf.state;
    const most = 2 * (members.count + 1);
    const now = [memberTime, eventTime, queryTime];
    for (const [i, time] of now.entries()) {
      const furthest = this.furthest[i] as number;
      if (time < (life.clocks[i] as number)) this.broken(life, 'Clocks go forward', `sets clock ${i} back to ${time}`);
      if (time > furthest + most)
        this.broken(life, 'Clocks stay together', `sets clock ${i} to ${time}, the others being at ${furthest}`);
      this.furthest[i] = Math.max(furthest, time);
    }
    life.clocks = now;
  }

  private noticed(life: Life, notice: SerfNotice, part: number, input: Input): void {
    life.changed = true;
    switch (notice.type) {
      case 'user':
        return this.event(life, notice, input);
      case 'query':
        return this.once(life, life.queries, `${notice.time} ${notice.id}`, 'Queries are heard once');
      case 'query-ack':
      case 'query-response': {
        const { type, command, from } = notice;
        if (life.closed.has(command))
          this.broken(life, 'Closed queries take no answers', `is told that ${from} answers ${command}`);
        return this.once(life, life.answers, `${type} ${command} ${from}`, 'Answers count once');
      }
      case 'query-closed':
        life.closed.add(notice.command);
        return;
      case 'serf-shutdown':
        return;
      default:
        return this.member(life, notice, part, input);
    }
  }

  private event(life: Life, { time, name, payload }: UserNotice, input: Input): void {
    const { eventMinTime } = life.serf.state;
    this.once(life, life.events, `${time} ${name} ${payload}`, 'User events are told once');
    // What a merge or a join asks for is set before anything of it is told.
    if (time < eventMinTime) this.broken(life, 'No event from before its time', `is told of time ${time}, below ${eventMinTime}`);
    const own = input.type === 'command';
    if (own && time <= life.latestEvent)
      this.broken(life, 'What is said is later than what was heard', `says time ${time} after ${life.latestEvent}`);
    life.latestEvent = Math.max(life.latestEvent, time);
  }

  private once(life: Life, seen: Set<string>, key: string, property: string): void {
    if (seen.has(key)) this.broken(life, property, `meets ${key} again`);
    seen.add(key);
  }

  private member(life: Life, { type, members }: MemberNotice, part: number, input: Input): void {
    const { cluster } = this;
    for (const { name } of members) {
      const told = life.told.get(name);
      const is = told?.is ?? 'none';
      if (!MAY_FOLLOW[type].includes(is)) this.broken(life, 'Events alternate', `tells ${type} of ${name}, which is ${is}`);
      if (type === 'member-reap') {
        if (part === 1 && input.type === 'timeout' && input.kind === Timer.reap) this.reaped(life, name, told);
        life.told.delete(name);
      } else if (type !== 'member-update') {
        const forced = is === 'failed' && type === 'member-leave';
        const since = forced ? (told?.since ?? cluster.now) : cluster.now;
        life.told.set(name, { is: AFTER[type], since, forced });
      }
    }
  }

  /** Who is gone is erased in the first look after its time. */
  private reaped(life: Life, name: string, told: Told | undefined): void {
    if (told === undefined) return;
    const { reconnectTimeout, tombstoneTimeout, reapInterval } = life.serf.config;
    const age = (this.cluster.now - told.since) as Duration;
    const timeout = told.is === 'failed' ? reconnectTimeout : tombstoneTimeout;
    const late = told.forced || life.node.resumedAt === this.cluster.now;
    if (age <= timeout || (!late && age > timeout + reapInterval)) {
      this.broken(
        life,
        'Reap window',
        `erases ${name} ${age} ns after it was ${told.is}, not within ${reapInterval} after ${timeout}`,
      );
    }
  }

  /** Whoever followed the events knows what the agent knows. */
  private view(life: Life): void {
    const { members } = life.serf.state;
    const { names } = this.cluster;
    const held = new Map(namesOf(members).map((name) => [names.text(name), statusOf(members, name)]));
    for (const [name, { is }] of life.told) {
      const status = held.get(name);
      const same = is === 'up' ? status === 'alive' || status === 'leaving' : status === is;
      if (!same)
        this.broken(life, 'Events tell the view', `has told that ${name} is ${is} and shows it as ${status ?? 'unknown'}`);
    }
    for (const name of held.keys()) {
      if (!life.told.has(name)) this.broken(life, 'Events tell the view', `shows ${name} and has told nothing of it`);
    }
  }

  private broken({ node }: Life, property: string, says: string): void {
    if (this.known.includes(property)) return;
    throw new Broken(property, `${formatInstant(this.cluster.now, 3)} s ${node.name} ${says}`);
  }
}

/** After what each event of a member may come. */
const MAY_FOLLOW: Readonly<Record<MemberNotice['type'], readonly string[]>> = {
  'member-join': ['none', 'failed', 'left'],
  'member-leave': ['up', 'failed'],
  'member-failed': ['up'],
  'member-update': ['up'],
  'member-reap': ['up', 'failed', 'left'],
};

const AFTER = { 'member-join': 'up', 'member-leave': 'left', 'member-failed': 'failed' } as const;
