import type { NameId, Names } from '../names.ts';
import type { Out } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { isNamedAsAddress } from './checksum.ts';
import type { DescriptionId } from './description.ts';
import type { Gossip } from './gossip.ts';
import { copyOf, type MembersState, newMembers, setClaim, setDescription, setOrder, shuffle } from './members.ts';
import type { GossipMessage, Incarnation } from './message.ts';
import { prune } from './queue.ts';
import { ALIVE } from './status.ts';
import { Timer } from './tables.ts';

/** Who a member says it is. */
export interface Acquaintance {
  readonly name: NameId;
  readonly description: DescriptionId;
  readonly incarnation: Incarnation;
}

/** A cluster whose members know each other: what each of them knows. */
export interface Company {
  readonly view: MembersState;
  readonly namedAsAddress: boolean;
}

/** @param all its members; of several with one name the first counts */
export function companyOf(all: readonly Acquaintance[], names: Names): Company {
  const known = new Set<NameId>();
  const view = newMembers();
  const order: NameId[] = [];
  for (const { name, description, incarnation } of all) {
    if (known.has(name)) continue;
    known.add(name);
    order.push(name);
    setClaim(view, name, ALIVE, incarnation);
    setDescription(view, name, description);
  }
  setOrder(view, order);
  return { view, namedAsAddress: order.some((name) => isNamedAsAddress(names, name)) };
}

/**
 * Puts a node into the middle of a cluster that has long been together: it knows everybody, has nothing to tell, and is somewhere in
 * its periods. Nobody hears of anybody: there are no events.
 */
export function acquaint(g: Gossip, company: Company, now: Instant, out: Out<GossipMessage>): void {
  const { view, namedAsAddress } = company;
  const { state, config, random } = g;
  const { members } = state;
  copyOf(view, members);
  shuffle(members, random);
  state.estimate = view.count;
  state.namedAsAddress = namedAsAddress;
  prune(state.queue, 0);
  state.touched = true;
  g.delegate?.acquainted?.(company);
  const { probeInterval, pushPullInterval } = config;
  const draw = (below: number): Duration => Math.floor(random.fraction() * below) as Duration;
  const phase = draw(Math.max(probeInterval, config.gossipInterval));
  state.origin = (now - phase) as Instant;
  state.probeIndex = draw(view.count);
  if (probeInterval > 0) out.setTimer(Timer.probe, 0, (probeInterval - (phase % probeInterval)) as Duration);
  if (pushPullInterval > 0) {
    state.pushPull = 'waiting';
    out.setTimer(Timer.pushPull, 0, draw(pushPullInterval * g.rules.pushPullScale(view.count)));
  }
}
