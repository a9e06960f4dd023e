import type { NameId } from '../../names.ts';
import { formatInstant } from '../../time.ts';
import type { Cluster, ClusterNode, Input, Passing, Shown } from '../cluster.ts';
import type { Gossip } from '../gossip.ts';
import { gossipInvariants } from '../invariants.ts';
import type { Status } from '../status.ts';
import { CLAIM_PROPERTIES } from './claims.ts';
import { PROBE_PROPERTIES } from './probing.ts';
import type { Before, Belief, Life, NewProperty, Property } from './property.ts';
import { SPREAD_PROPERTIES } from './spreading.ts';
import { SUSPICION_PROPERTIES } from './suspecting.ts';

/** A property does not hold. */
export class Broken extends Error {
  readonly property: string;

  constructor(property: string, says: string) {
    super(`${property}: ${says}`);
    this.property = property;
  }
}

const START: Input = { type: 'start' };

const ALL: readonly NewProperty[] = [...CLAIM_PROPERTIES, ...SUSPICION_PROPERTIES, ...PROBE_PROPERTIES, ...SPREAD_PROPERTIES];

/**
 * Looks at everything that the nodes of a cluster are given, show and send, and throws `Broken` as soon as a property does not hold: those
 * of memberlist that hold at every moment, whatever the network does.
 *
 * It compares each node with what was seen of it before and with the configuration; of the rules that the node was made with it knows
 * nothing. To be made before the first node.
 *
 * @param known names of properties that the profile is known to break
 */
export class Watch {
  /** What it looks for. */
  readonly names: readonly string[];
  private readonly cluster: Cluster;
  private readonly properties: readonly Property[];
  private readonly lives = new Map<ClusterNode, Life>();
  private readonly members = new Map<string, NameId>();

  constructor(cluster: Cluster, known: readonly string[] = []) {
    this.cluster = cluster;
    this.properties = ALL.map((make) => make({ cluster, members: this.members })).filter(({ name }) => !known.includes(name));
    this.names = [...this.properties, ...gossipInvariants].map(({ name }) => name);
    cluster.feeding = (node, part, input) => {
      if (part === 0) this.feeding(node, input);
    };
    cluster.fed = (node, part, input) => {
      if (part === 0) this.fed(this.life(node), input);
    };
    cluster.showed = (change) => {
      if (change.part === 0) this.showed(change);
    };
    cluster.sent = (passing) => this.sent(passing);
  }

  private life(node: ClusterNode): Life {
    const known = this.lives.get(node);
    if (known !== undefined) return known;
    const gossip = node.parts[0] as unknown as Gossip;
    const self = gossip.self.name;
    this.members.set(node.name, self);
    const life: Life = {
      node,
      gossip,
      self,
      beliefs: new Map<NameId, Belief>(),
      sends: [],
      input: START,
      before: beforeOf(gossip, START),
    };
    this.lives.set(node, life);
    return life;
  }

  private feeding(node: ClusterNode, input: Input): void {
    const life = this.life(node);
    life.sends.length = 0;
    life.input = input;
    life.before = beforeOf(life.gossip, input);
    for (const property of this.properties) property.feeding?.(life, input);
  }

  private showed({ node, subject, field, value, before, part }: Shown): void {
    const life = this.life(this.cluster.node(node));
    const name = subject as NameId;
    if (field === 'health') return;
    const belief = life.beliefs.get(name);
    const was = belief === undefined ? undefined : { ...belief };
    if (value === '') {
      if (field === 'state') life.beliefs.delete(name);
    } else if (belief === undefined) {
      const fresh: Belief = { state: 'dead', incarnation: 0, since: this.cluster.now, goneAt: -1 };
      life.beliefs.set(name, fresh);
      show(fresh, field, value);
    } else {
      if (field === 'state' && belief.state !== value) belief.since = this.cluster.now;
      if (value === 'dead' || value === 'left') belief.goneAt = belief.incarnation;
      show(belief, field, value);
    }
    const change = { node, subject, field, value, before, part };
    this.each(life, ({ changed }) => changed?.(life, change, was));
  }

  private sent(passing: Passing): void {
    const life = this.life(this.cluster.node(passing.from));
    life.sends.push(passing);
    this.each(life, ({ sent }) => sent?.(life, passing));
  }

  private fed(life: Life, input: Input): void {
    this.each(life, ({ fed }) => fed?.(life, input));
    const states = [life.gossip.state];
    for (const { name, violation } of gossipInvariants) this.judge(life, name, violation(states));
  }

  private each(life: Life, ask: (property: Property) => string | undefined): void {
    for (const property of this.properties) this.judge(life, property.name, ask(property));
  }

  private judge({ node }: Life, property: string, wrong: string | undefined): void {
    if (wrong !== undefined) throw new Broken(property, `${formatInstant(this.cluster.now, 3)} s ${node.name} ${wrong}`);
  }
}

function show(belief: Belief, field: string, value: number | string): void {
  if (field === 'state') belief.state = value as Status;
  else belief.incarnation = Number(value);
}

function beforeOf({ state }: Gossip, input: Input): Before {
  const { incarnation, health, leaving, estimate, probe, conversations } = state;
  const role = input.type === 'stream' ? conversations.get(input.stream)?.role : undefined;
  const merges = role === 'server' || role === 'join' || role === 'push-pull';
  return { incarnation, health, leaving, estimate, probe, nacks: probe?.nacks ?? 0, merges };
}
