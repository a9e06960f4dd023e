import type { NameId } from '../../core/names.ts';
import { Kind, kindsOf, type Sink } from '../engine/journal.ts';
import type { World } from '../world.ts';
import { HEALTH, INCARNATION, STATE, STATUS } from './observed.ts';

/** A value that one agent shows of one member has changed. */
export interface Change {
  readonly node: number;
  readonly member: NameId;
  readonly field: 'state' | 'incarnation' | 'health' | 'status';
  readonly before: number | string | undefined;
  readonly value: number | string;
}

const FIELDS = { [STATE]: 'state', [INCARNATION]: 'incarnation', [HEALTH]: 'health', [STATUS]: 'status' } as const;

/** What an agent shows of a member; a field is absent until it is first shown, and again when the member was forgotten. */
export interface Belief {
  state?: string | undefined;
  incarnation?: number | undefined;
  /** What Serf makes of it. */
  status?: string | undefined;
  /** The incarnation at which it was last declared dead. */
  deadAt?: number | undefined;
}

/**
 * Follows what the agents of a world believe of each other, and tells every change.
 *
 * An agent that stops or crashes forgets all, as its memory does.
 */
export class Membership implements Sink {
  readonly kinds = kindsOf(Kind.stop, Kind.crash);

  private readonly fields: ReadonlyMap<NameId, Change['field']>;
  private readonly beliefs = new Map<number, Map<NameId, Belief>>();
  private readonly heard: (change: Change, belief: Belief) => void;

  constructor(world: World, heard: (change: Change, belief: Belief) => void) {
    this.fields = new Map(Object.entries(FIELDS).map(([name, field]) => [world.names.id(name), field]));
    this.heard = heard;
    world.journal.sinks.push(this);
  }

  record(_id: number, _at: number, kind: number, node: number): void {
    if (kind === Kind.stop || kind === Kind.crash) this.beliefs.delete(node);
  }

  cell(_id: number, _at: number, node: number, member: NameId, name: NameId, value: number | string): void {
    const field = this.fields.get(name);
    if (field === undefined) return;
    let members = this.beliefs.get(node);
    if (members === undefined) {
      members = new Map();
      this.beliefs.set(node, members);
    }
    let belief = members.get(member);
    if (belief === undefined) {
      belief = {};
      members.set(member, belief);
    }
    const before = field === 'health' ? undefined : belief[field];
    this.heard({ node, member, field, before, value }, belief);
    if (value === '') {
      if (field !== 'health') belief[field] = undefined;
      if (field === 'state') belief.deadAt = undefined;
    } else if (field === 'state') {
      belief.state = String(value);
      if (value === 'dead') belief.deadAt = belief.incarnation;
    } else if (field === 'incarnation') {
      belief.incarnation = Number(value);
    } else if (field === 'status') {
      belief.status = String(value);
    }
  }
}
