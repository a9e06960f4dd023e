import type { Endpoint, NameId } from '../../names.ts';
import { type Duration, type Instant, START, ZERO } from '../../time.ts';
import type { Input } from '../cluster.ts';
import type { Gossip } from '../gossip.ts';
import { gossipInvariants } from '../invariants.ts';
import { incarnationOf, memberAt, statusOf } from '../members.ts';
import { STATUSES, type StatusNumber } from '../status.ts';
import { CELLS } from '../tables.ts';
import { ANSWER_PROPERTIES } from './answering.ts';
import { CLAIM_PROPERTIES } from './claims.ts';
import { OUTCOME_PROPERTIES } from './outcomes.ts';
import { claimsIn } from './parts.ts';
import { PROBE_PROPERTIES } from './probing.ts';
import { type Before, type Belief, type Found, type Life, type NewProperty, type Property, SOUND } from './property.ts';
import { SPREAD_PROPERTIES } from './spreading.ts';
import { SUSPICION_PROPERTIES } from './suspecting.ts';

export { type Life, SOUND } from './property.ts';

const ALL: readonly NewProperty[] = [
  ...CLAIM_PROPERTIES,
  ...OUTCOME_PROPERTIES,
  ...SUSPICION_PROPERTIES,
  ...PROBE_PROPERTIES,
  ...SPREAD_PROPERTIES,
  ...ANSWER_PROPERTIES,
];

/** Hears what was found: a property's name, of whom, and what is wrong; `SOUND` when it was judged and holds. */
export type Judge = (property: string, life: Life, found: string) => void;

/** What a node is made to be given, and when. */
export interface Feeding {
  readonly input: Input;
  readonly now: Instant;
  readonly late: boolean;
}

const START_INPUT: Input = { type: 'start' };

/**
 * Looks at everything that nodes are given, show and send, and says what it finds: the properties of memberlist that hold at every moment,
 * whatever the network does.
 *
 * It compares each node with what was seen of it before and with the configuration; of the rules that the node was made with it knows
 * nothing. To be there before the first node starts, or else to `adopt` those that run.
 */
export class Watch {
  private readonly judge: Judge;
  private readonly properties: readonly Property[];
  /** Of whom it was heard in this input that it is elsewhere. */
  private moved: { readonly belief: Belief; readonly to: Endpoint }[] = [];

  constructor(judge: Judge) {
    this.judge = judge;
    this.properties = ALL.map((make) => make());
  }

  /** What it looks for. */
  get names(): readonly string[] {
    return [...new Set([...this.properties, ...gossipInvariants].map(({ name }) => name))];
  }

  /** A node that is about to start. @param rounding by how much its timers may be off */
  begin(gossip: Gossip, rounding: Duration = ZERO): Life {
    return {
      gossip,
      self: gossip.self.name,
      beliefs: new Map(),
      sends: [],
      input: START_INPUT,
      claims: [],
      now: START,
      late: false,
      lateAt: undefined,
      before: beforeOf(gossip, START_INPUT),
      rounding,
      largest: 1,
    };
  }

  /** The state of a node was made what it is by somebody else; it believes what its state says. */
  adopt(life: Life, now: Instant): void {
    const { gossip, beliefs } = life;
    const { members, estimate } = gossip.state;
    life.now = now;
    life.largest = Math.max(life.largest, estimate);
    beliefs.clear();
    for (let place = 0; place < members.count; place++) {
      const name = memberAt(members, place);
      const state = STATUSES[statusOf(members, name) as StatusNumber];
      const incarnation = incarnationOf(members, name);
      const since = members.changedAt.get(name) ?? now;
      const goneAt = state === 'dead' || state === 'left' ? incarnation : -1;
      beliefs.set(name, { state, incarnation, since, goneAt, address: gossip.describe(name).address });
    }
    for (const property of this.properties) property.adopted?.(life);
  }

  feeding(life: Life, { input, now, late }: Feeding): void {
    life.sends.length = 0;
    life.input = input;
    life.now = now;
    // What is overdue is done at once, after what came late.
    life.late = late || life.lateAt === now;
    if (late) life.lateAt = now;
    life.before = beforeOf(life.gossip, input);
    life.claims = claimsIn(life.gossip, life.before, input);
    for (const property of this.properties) property.feeding?.(life);
  }

  /** A cell was written. @param field its place among memberlist's */
  showed(life: Life, subject: number, field: number, value: number | string): void {
    const name = subject as NameId;
    const what = CELLS[field];
    if (what !== 'state' && what !== 'incarnation') return;
    const belief = life.beliefs.get(name);
    const was = belief === undefined ? undefined : { ...belief };
    const { address } = life.gossip.describe(name);
    const moved = was !== undefined && value !== '' && was.address !== address;
    if (value === '') {
      if (what === 'state') life.beliefs.delete(name);
    } else if (belief === undefined) {
      const fresh: Belief = { state: 'dead', incarnation: 0, since: life.now, goneAt: -1, address };
      life.beliefs.set(name, fresh);
      show(fresh, what, value);
    } else {
      if (moved) {
        belief.goneAt = -1;
        this.moved.push({ belief, to: address });
      }
      if (what === 'state' && belief.state !== value) belief.since = life.now;
      if (value === 'dead' || value === 'left') belief.goneAt = belief.incarnation;
      show(belief, what, value);
    }
    for (const property of this.properties) {
      this.found(property.name, life, property.changed?.(life, { subject: name, field: what, value, moved }, was));
    }
  }

  /** A datagram, or with `to` undefined a message of a stream, was sent. */
  sent(life: Life, sent: Life['sends'][number]): void {
    life.sends.push(sent);
    for (const property of this.properties) this.found(property.name, life, property.sent?.(life, sent));
  }

  fed(life: Life): void {
    const { state } = life.gossip;
    for (const property of this.properties) this.found(property.name, life, property.fed?.(life));
    for (const { name, violation } of gossipInvariants) this.found(name, life, violation([state]) ?? SOUND);
    life.largest = Math.max(life.largest, state.estimate);
    if (this.moved.length === 0) return;
    // Only now, as both cells of one alive are about the same move.
    for (const { belief, to } of this.moved) belief.address = to;
    this.moved = [];
  }

  end(life: Life): void {
    for (const property of this.properties) property.ended?.(life);
  }

  private found(property: string, life: Life, found: Found): void {
    if (found !== undefined) this.judge(property, life, found);
  }
}

function show(belief: Belief, field: 'state' | 'incarnation', value: number | string): void {
  if (field === 'state') belief.state = value as Belief['state'];
  else belief.incarnation = Number(value);
}

function beforeOf({ state }: Gossip, input: Input): Before {
  const { incarnation, health, leaving, estimate, probe, conversations } = state;
  const role = input.type === 'stream' ? conversations.get(input.stream)?.role : undefined;
  const merges = role === 'server' || role === 'join' || role === 'push-pull';
  return { incarnation, health, leaving, estimate, probe, nacks: probe?.nacks ?? 0, merges };
}
