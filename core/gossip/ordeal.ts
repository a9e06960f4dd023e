import { Xoshiro } from '../laws/xoshiro.ts';
import type { StreamId } from '../protocol.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../time.ts';
import { Cluster, type ClusterNode, type Passing, type Stream } from './cluster.ts';
import type { GossipConfig } from './config.ts';
import { Gossip } from './gossip.ts';
import type { Quirks } from './quirks.ts';
import { type GossipRules, RULES } from './rules.ts';
import { suspicionMinimum } from './suspicion.ts';
import { Broken } from './watch/broken.ts';
import { watchCluster } from './watch/on-cluster.ts';

/** Something bad that happens to a cluster for a time. Times are in milliseconds. */
export type Fault = { readonly at: number; readonly lasts: number } & (
  | { readonly type: 'cut'; readonly names: readonly string[]; readonly oneWay: boolean }
  | { readonly type: 'lose'; readonly probability: number; readonly streams: boolean }
  | { readonly type: 'slow'; readonly delay: number }
  /** Datagrams arrive again, some time later. */
  | { readonly type: 'repeat'; readonly probability: number; readonly within: number }
  /** The host of one refuses to send anything. */
  | { readonly type: 'refuse'; readonly name: string }
  | { readonly type: 'pause'; readonly name: string }
  /** A crash, without a word, and after it a new start. */
  | { readonly type: 'restart'; readonly name: string }
  /** The power of a host fails, and with it is lost what had not reached the disk; after it a new start. */
  | { readonly type: 'power'; readonly name: string }
  /** A departure, and after it a new start. */
  | { readonly type: 'leave'; readonly name: string }
);

/** What goes through an ordeal. */
export interface Victims {
  readonly names: readonly string[];
  readonly config: GossipConfig;
  readonly quirks: Quirks;
  readonly rules?: Partial<GossipRules>;
  /** Names of properties that the quirks are known to break. */
  readonly known?: readonly string[];
  /** What nodes were given is counted here. */
  readonly work?: { done: number };
}

/** More than any cluster has to do in a trial: who goes beyond it is in a loop. */
const MOST_WORK = 2_000_000;

const DELAY = milliseconds(1);

/** Exchanges of states after which all have heard of all, and for how many members. */
const EXCHANGES = 4;
const USUAL = 8;
/** Who agrees goes on to do so for so long. */
const CALM = seconds(3);

/** A cluster of memberlist nodes on which generated faults come down, watched all the time. */
export class Ordeal extends Cluster {
  readonly victims: Victims;
  protected readonly random: Xoshiro;
  private readonly active = new Set<Fault>();

  constructor(seed: number, victims: Victims) {
    super(seed);
    this.victims = victims;
    this.random = new Xoshiro(seed, 'faults');
    watchCluster(this, victims.known);
    this.loses = (passing) => this.any((fault) => this.isLost(fault, passing));
    this.refuses = ({ from }) => this.any((fault) => fault.type === 'refuse' && fault.name === from);
    this.copies = () => this.arrivals();
    this.count(victims.work ?? { done: 0 });
  }

  private count(work: { done: number }): void {
    const { feeding } = this;
    const most = work.done + MOST_WORK;
    this.feeding = (node, part, input) => {
      if (++work.done > most)
        throw new Broken('Work comes to an end', `${node.name} has been given ${input.type} and so on for ever`);
      feeding(node, part, input);
    };
  }

  start(name: string): void {
    const { config, quirks, rules } = this.victims;
    this.boot(name, (place) => {
      const self = { name: place.name, address: place.endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, 5] } as const;
      const { names, random } = place;
      return [new Gossip({ self, config, quirks, names, random, rules: { ...RULES, ...rules } })];
    });
  }

  gossip(name: string): Gossip {
    return this.node(name).parts[0] as unknown as Gossip;
  }

  /** A stream from one node to another that nobody asked for. @returns its end at the other */
  connect(from: string, to: string): StreamId {
    const [client, server] = [this.node(from), this.node(to)];
    const [near, far] = [client.newStream(0), server.newStream(0)];
    (client.streams.get(near) as Stream).peer = { node: server, part: 0, id: far };
    (server.streams.get(far) as Stream).peer = { node: client, part: 0, id: near };
    return far;
  }

  join(name: string, peers: readonly string[]): void {
    this.node(name).command(0, 1, { command: 'join', addresses: peers.map((peer) => this.endpoint(peer)) });
  }

  leave(name: string): void {
    this.node(name).command(0, 3, { command: 'leave', timeout: seconds(5) });
  }

  /** Starts everybody, one after another, until all know each other. */
  gather(): this {
    const { names } = this.victims;
    for (const name of names) {
      this.start(name);
      this.join(name, [names[0] as string]);
      this.run(milliseconds(170));
    }
    // Gossip may miss somebody; the exchange of whole states then tells them.
    this.expect('Agreement', this.patience());
    return this;
  }

  /** Lets the faults come down, each in its time, and runs until the last is over. */
  suffer(faults: readonly Fault[]): this {
    let end = 0;
    for (const fault of faults) {
      this.schedule(milliseconds(fault.at), () => this.begin(fault));
      end = Math.max(end, fault.at + fault.lasts);
    }
    this.run(milliseconds(end + 1));
    return this;
  }

  /**
   * Makes everybody dial everybody, as an application that keeps at it would, because memberlist never dials those whom it forgot;
   * after the time that its timers may take all must agree.
   */
  recover(): this {
    const { names } = this.victims;
    for (const name of names) {
      this.join(name, names);
      this.run(seconds(1));
    }
    this.expect('Agreement', this.patience());
    this.run(CALM);
    this.expect('Agreement', this.patience());
    return this;
  }

  /**
   * How long it may take until all agree: the slowest probe, the longest suspicion, and some exchanges of states for those whom gossip
   * missed.
   */
  patience(): Duration {
    const { names, config } = this.victims;
    const { awarenessMaxMultiplier, probeInterval, pushPullInterval } = config;
    // In a larger cluster it takes some more exchanges until each has heard of each, as in an epidemic.
    const exchanges = EXCHANGES * Math.ceil(names.length / USUAL);
    return (awarenessMaxMultiplier * probeInterval + this.longestSuspicion() + exchanges * pushPullInterval) as Duration;
  }

  /** How long it takes at most until everybody has given up somebody that is gone: others' turns come first, even where each finds nobody. */
  detection(): Duration {
    const { names, config } = this.victims;
    const { awarenessMaxMultiplier, probeInterval } = config;
    return (2 * names.length * awarenessMaxMultiplier * probeInterval + this.longestSuspicion()) as Duration;
  }

  private longestSuspicion(): Duration {
    const { names, config } = this.victims;
    const { probeInterval, suspicionMult, suspicionMaxTimeoutMult } = config;
    return (suspicionMinimum(suspicionMult, names.length, probeInterval) * suspicionMaxTimeoutMult) as Duration;
  }

  /** What keeps the nodes from having one view, in words. */
  disagreement(): string | undefined {
    const { names } = this.victims;
    for (const name of names) {
      const own = this.node(name).cell(name, 'incarnation');
      for (const observer of names) {
        const [state, incarnation] = [this.node(observer).cell(name, 'state'), this.node(observer).cell(name, 'incarnation')];
        if (state === 'alive' && incarnation === own) continue;
        return `${observer} holds ${name} ${state} at ${incarnation}, it is alive at ${own}`;
      }
    }
    return undefined;
  }

  private expect(property: string, within: Duration): void {
    const end = (this.now + within) as Instant;
    while (this.disagreement() !== undefined) {
      if (this.now >= end) throw new Broken(property, this.disagreement() ?? '');
      this.run(milliseconds(200));
    }
  }

  private begin(fault: Fault): void {
    const [first] = this.victims.names;
    this.active.add(fault);
    const node = 'name' in fault ? this.node(fault.name) : undefined;
    switch (fault.type) {
      case 'pause':
        this.pause(fault.name);
        break;
      case 'restart':
        if (node?.up) this.kill(fault.name, true);
        break;
      case 'power':
        if (node?.up) this.cutPower(fault.name);
        break;
      case 'leave':
        if (node?.up) this.leave(fault.name);
    }
    this.schedule(milliseconds(fault.lasts), () => this.end(fault, node, first as string));
  }

  private end(fault: Fault, node: ClusterNode | undefined, first: string): void {
    this.active.delete(fault);
    if (!('name' in fault) || this.node(fault.name) !== node) return;
    if (fault.type === 'pause') this.resume(fault.name);
    if (fault.type !== 'restart' && fault.type !== 'power' && fault.type !== 'leave') return;
    if (node.up) this.kill(fault.name, true);
    this.start(fault.name);
    const peer = this.victims.names.find((name) => name !== fault.name && this.node(name).up);
    this.join(fault.name, [peer ?? first]);
  }

  private any(is: (fault: Fault) => boolean): boolean {
    for (const fault of this.active) if (is(fault)) return true;
    return false;
  }

  private isLost(fault: Fault, { from, to, streamed }: Passing): boolean {
    switch (fault.type) {
      case 'cut': {
        const out = fault.names.includes(from) && !fault.names.includes(to);
        return out || (!fault.oneWay && fault.names.includes(to) && !fault.names.includes(from));
      }
      case 'lose':
        return (fault.streams || !streamed) && this.random.chance(fault.probability);
      default:
        return false;
    }
  }

  private arrivals(): Duration[] {
    let delay: Duration = DELAY;
    const again: Duration[] = [];
    for (const fault of this.active) {
      if (fault.type === 'slow') delay = milliseconds(fault.delay);
      if (fault.type === 'repeat' && this.random.chance(fault.probability)) {
        again.push(milliseconds(1 + this.random.integer(fault.within)));
      }
    }
    return [delay, ...again];
  }
}
