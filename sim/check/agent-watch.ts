import type { ConsulNotice } from '../../core/consul/interface.ts';
import { Gossip } from '../../core/gossip/gossip.ts';
import type { Quirks } from '../../core/gossip/quirks.ts';
import { excusesOf } from '../../core/gossip/watch/known.ts';
import { type Life, SOUND, Watch } from '../../core/gossip/watch/watch.ts';
import type { Endpoint, NameId } from '../../core/names.ts';
import type { Notice } from '../../core/protocol.ts';
import type { SerfNotice } from '../../core/serf/events.ts';
import type { SerfCommand } from '../../core/serf/interface.ts';
import { timeOf } from '../../core/serf/members.ts';
import { Serf } from '../../core/serf/serf.ts';
import { type SerfLife, SerfWatch } from '../../core/serf/watch/watch.ts';
import { type Duration, type Instant, START } from '../../core/time.ts';
import type { ObservedPart, Observer, ProtocolInput } from '../host/observer.ts';
import type { World } from '../world.ts';
import { agreement } from './agreement.ts';
import { type Check, VACUOUS } from './check.ts';
import type { Property, Subject } from './property.ts';

/** Clocks that drift round the instants at which timers are due. */
const ROUNDING = 1_000 as Duration;

/** An agent that runs: its protocols, as far as they were seen. */
interface Agent {
  readonly node: number;
  gossip: Life | undefined;
  serf: SerfLife | undefined;
  /** By member: the status that it shows. */
  readonly statuses: Map<number, number | string>;
}

/** What was found about one property since it was last asked for. */
interface Standing {
  judged: boolean;
  wrong: string | undefined;
  readonly known: Set<string>;
}

/**
 * The watches of memberlist and Serf over all agents of a world, those in Consul servers among them; one for all checks of a run.
 *
 * What an oddity of an original profile is known to break is no violation, and is told by the oddity's name.
 */
class AgentWatch implements Observer {
  private readonly world: World;
  private readonly subject: Subject;
  private readonly agents = new Map<string, Agent>();
  private readonly places = new Map<Life | SerfLife, Agent>();
  private readonly standings = new Map<string, Standing>();
  /** Oddities that any agent has, as one of them may mislead the others. */
  private readonly quirks = new Set<keyof Quirks>();
  private readonly gossip = new Watch((property, life, found) => this.judged(property, life, found));
  private readonly serf = new SerfWatch((property, life, found) => this.judged(property, life, found));

  /**
   * Members that once left, or of which somebody said that they leave while it could not be sure to be heard: those who hear of that late, when its
   * time is above what the member says now, go on showing them so.
   */
  readonly forced = new Set<NameId>();

  constructor(subject: Subject) {
    this.world = subject.world;
    this.subject = subject;
    this.world.hosts.observers.push(this);
  }

  /** The check of one property, by its name in the core. */
  check(name: string, property: string): Check {
    const standing = this.standing(property);
    return {
      kind: 'always',
      name,
      judge: () => {
        if (!standing.judged) return VACUOUS;
        standing.judged = false;
        return standing.wrong;
      },
      known: () => [...standing.known],
    };
  }

  feeding(part: ObservedPart, now: Instant, input: ProtocolInput): void {
    const agent = this.agentOf(part);
    if (agent === undefined || input.type === 'converged') return;
    if (input.type === 'command' && part.protocol instanceof Serf) this.ordered(part.protocol, input.command as SerfCommand);
    const given = { input, now, late: part.late };
    if (part.protocol === agent.gossip?.gossip) this.gossip.feeding(agent.gossip, given);
    if (agent.serf !== undefined) this.serf.feeding(agent.serf, part.place, given);
  }

  fed(part: ObservedPart, now: Instant, { type }: ProtocolInput): void {
    const agent = this.agentOf(part);
    if (agent === undefined) return;
    if (type === 'converged') return this.adopt(agent, now);
    if (part.protocol === agent.gossip?.gossip) this.gossip.fed(agent.gossip);
    if (agent.serf !== undefined) this.serf.fed(agent.serf);
  }

  sent(part: ObservedPart, to: number, message: unknown, bytes: number): void {
    this.said(part, to as Endpoint, message, bytes);
  }

  transmitted(part: ObservedPart, _stream: number, message: unknown, bytes: number): void {
    this.said(part, undefined, message, bytes);
  }

  /** @param to undefined over a stream */
  private said(part: ObservedPart, to: Endpoint | undefined, message: unknown, bytes: number): void {
    const agent = this.agentOf(part);
    if (agent?.gossip === undefined || part.protocol !== agent.gossip.gossip) return;
    this.gossip.sent(agent.gossip, { to, message, bytes });
    if (agent.serf !== undefined) this.serf.sent(agent.serf, to, message);
  }

  showed(part: ObservedPart, subject: number, field: number, value: number | string): void {
    const agent = this.agentOf(part);
    if (agent === undefined) return;
    if (part.protocol === agent.gossip?.gossip) this.gossip.showed(agent.gossip, subject, field, value);
    if (part.protocol !== agent.serf?.serf || part.protocol.cells[field] !== 'status') return;
    this.serf.showed(agent.serf, subject, field, value, agent.statuses.get(subject));
    agent.statuses.set(subject, value);
  }

  announced(part: ObservedPart, notice: Notice): void {
    const agent = this.agentOf(part) ?? this.agents.get(keyOf(part));
    const life = agent?.serf;
    if (life === undefined) return;
    if (part.protocol === life.serf) this.serf.announced(life, notice as SerfNotice);
    else if (isForced(notice))
      this.ordered(life.serf, { command: 'force-leave', node: this.world.names.id(notice.server), prune: false });
  }

  ended(part: ObservedPart): void {
    const agent = this.agents.get(keyOf(part));
    if (agent === undefined) return;
    this.agents.delete(keyOf(part));
    if (agent.gossip !== undefined) this.gossip.end(agent.gossip);
    for (const life of [agent.gossip, agent.serf]) if (life !== undefined) this.places.delete(life);
  }

  restored(parts: readonly ObservedPart[]): void {
    this.agents.clear();
    this.places.clear();
    for (const part of parts) {
      const agent = this.agentOf(part);
      if (agent !== undefined && part.protocol instanceof Serf) this.adopt(agent, this.world.now);
    }
  }

  private ordered(asker: Serf, order: SerfCommand): void {
    if (order.command === 'leave') this.forced.add(asker.state.self);
    if (order.command === 'force-leave' && !this.isSureOfItself(asker, order.node)) this.forced.add(order.node);
  }

  /** Whether all agree and nothing is done to them any more, and nobody has news of that member that are as late as those to come. */
  private isSureOfItself({ state }: Serf, member: NameId): boolean {
    const { world, cells, quiet } = this.subject;
    if (world.now < (quiet?.from ?? START) || agreement(world, cells, quiet?.hosts) !== undefined) return false;
    const lives = [...this.agents.values()].flatMap(({ serf }) => serf ?? []);
    return lives.every(({ serf }) => timeOf(serf.state.members, member) < state.memberTime);
  }

  private adopt(agent: Agent, now: Instant): void {
    if (agent.gossip !== undefined) this.gossip.adopt(agent.gossip, now);
    if (agent.serf === undefined) return;
    this.serf.adopt(agent.serf, now);
    agent.statuses.clear();
    agent.serf.serf.project((subject, field, value) => {
      if (agent.serf?.serf.cells[field] === 'status') agent.statuses.set(subject, value);
    });
  }

  private agentOf(part: ObservedPart): Agent | undefined {
    const { protocol } = part;
    const isGossip = protocol instanceof Gossip;
    if (!isGossip && !(protocol instanceof Serf)) return undefined;
    const key = keyOf(part);
    let agent = this.agents.get(key);
    if (agent === undefined) {
      agent = { node: part.node, gossip: undefined, serf: undefined, statuses: new Map() };
      this.agents.set(key, agent);
    }
    if (isGossip && agent.gossip === undefined) this.begin(agent, protocol);
    if (!isGossip && agent.serf === undefined) {
      if (agent.gossip === undefined) this.begin(agent, protocol.gossip);
      agent.serf = this.serf.begin(protocol);
      this.places.set(agent.serf, agent);
    }
    return agent;
  }

  private begin(agent: Agent, gossip: Gossip): void {
    agent.gossip = this.gossip.begin(gossip, ROUNDING);
    this.places.set(agent.gossip, agent);
    // In the repaired profile an oddity is a bug that somebody has put back.
    const host = this.world.plan.hosts.find(({ node }) => node === agent.node);
    if (host?.behaviour.profile === 'fixed') return;
    for (const [quirk, isOn] of Object.entries(gossip.quirks)) if (isOn) this.quirks.add(quirk as keyof Quirks);
  }

  private standing(property: string): Standing {
    let standing = this.standings.get(property);
    if (standing === undefined) {
      standing = { judged: false, wrong: undefined, known: new Set() };
      this.standings.set(property, standing);
    }
    return standing;
  }

  private judged(property: string, life: Life | SerfLife, found: string): void {
    const standing = this.standing(property);
    standing.judged = true;
    if (found === SOUND || standing.wrong !== undefined) return;
    const excuses = excusesOf(property, [...this.quirks]);
    for (const excuse of excuses) standing.known.add(excuse);
    if (excuses.length > 0) return;
    const { plan } = this.world;
    const node = this.places.get(life)?.node ?? -1;
    standing.wrong = `${plan.topology.nodes[node]?.name} ${found}`;
    // Checks are asked after every event with which something was shown.
    this.subject.cells.version++;
  }
}

/** Whether a leader is about to have another server leave, as it has failed. */
const isForced = (notice: Notice): notice is ConsulNotice & { readonly type: 'autopilot' } =>
  notice.type === 'autopilot' && (notice as ConsulNotice & { readonly type: 'autopilot' }).action === 'force-leave';

const keyOf = ({ node, pid }: ObservedPart): string => `${node} ${pid}`;

const WATCHES = new WeakMap<World, AgentWatch>();

/** The watch of a world, made when it is first asked for: before anything runs. */
function watchOf(subject: Subject): AgentWatch {
  let watch = WATCHES.get(subject.world);
  if (watch === undefined) {
    watch = new AgentWatch(subject);
    WATCHES.set(subject.world, watch);
  }
  return watch;
}

/** See `AgentWatch.forced`. */
export const forcedIn = (subject: Subject): ReadonlySet<NameId> => watchOf(subject).forced;

/** A property that the watches of memberlist or Serf look for, by its name there. */
export const watched = (says: string, property: string, applies: Exclude<Property['applies'], 'nominal'>): Property => ({
  kind: 'always',
  says,
  applies,
  make: (name, subject) => watchOf(subject).check(name, property),
});
