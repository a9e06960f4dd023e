import type { NameId } from '../names.ts';
import type { Duration, Instant } from '../time.ts';
import type { Choice } from './choose.ts';
import type { Gossip } from './gossip.ts';
import { ageOf, statusOf } from './members.ts';
import { isLive } from './status.ts';

/*
 * Random members for each purpose. What a choice needs is one for all nodes of all worlds: it means nothing between choices, and of ten
 * thousand lists and questions, one for each node, none would be in a cache when it is needed, five times a second.
 */

/** Overwritten by the next choice. */
const chosen: NameId[] = [];
/** Who chooses, when, and for whose sake. */
let asking: Gossip | undefined;
let at = 0 as Instant;
let target = 0 as NameId;

/** Whom a round of gossip goes to. */
export function gossipTargets(g: Gossip, now: Instant): readonly NameId[] {
  at = now;
  return some(g, g.config.gossipNodes, mayHear);
}

/** Who is asked to ping a member that does not answer. */
export function helpersFor(g: Gossip, node: NameId): readonly NameId[] {
  target = node;
  return some(g, g.config.indirectChecks, mayPing);
}

/** Whom to exchange states with. */
export const exchangePeer = (g: Gossip): NameId | undefined => some(g, 1, mayExchange)[0];

function some(g: Gossip, count: number, eligible: Choice['eligible']): readonly NameId[] {
  asking = g;
  const { random, quirks, rules, state } = g;
  return rules.choose({ members: state.members, random, count, eligible, sampling: quirks.kChoiceSampling }, chosen);
}

function mayHear(name: NameId): boolean {
  const { rules, config, self, state } = asking as Gossip;
  const status = statusOf(state.members, name);
  if (name === self.name || status === undefined) return false;
  const age = isLive(status) ? (0 as Duration) : ageOf(state.members, name, at);
  return rules.mayGossipTo(status, age, config.gossipToTheDeadTime);
}

function mayExchange(name: NameId): boolean {
  const { rules, self, state } = asking as Gossip;
  const status = statusOf(state.members, name);
  return name !== self.name && status !== undefined && rules.mayHelp(status);
}

const mayPing = (name: NameId): boolean => name !== target && mayExchange(name);
