import type { NameId } from '../names.ts';
import type { Descriptions, Versions } from './description.ts';
import { descriptionOf, incarnationOf, type MembersState, statusOf } from './members.ts';
import type { NodeStates } from './message.ts';
import { ALIVE, type StatusNumber } from './status.ts';

/**
 * By how much the time between two exchanges of state grows with the cluster: 1 up to 32 members, and 1 more for each doubling.
 *
 * ⌈log₂ n − log₂ 32⌉ + 1, by the length of n in bits.
 */
export function pushPullScale(members: number): number {
  return members <= 32 ? 1 : 32 - Math.clz32(members - 1) - 5 + 1;
}

/** What we know of everybody, for the other side. */
export function nodeStates(members: MembersState): NodeStates {
  const { count, order } = members;
  const names = new Uint32Array(count);
  const states = new Uint8Array(count);
  const incarnations = new Uint32Array(count);
  const descriptions = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const name = order[i] as NameId;
    names[i] = name;
    states[i] = statusOf(members, name) as StatusNumber;
    incarnations[i] = incarnationOf(members, name);
    descriptions[i] = descriptionOf(members, name);
  }
  return { names, states, incarnations, descriptions };
}

/** The versions that all can speak: the largest of the minima and the smallest of the maxima. */
class Common {
  private least = 0;
  private most = 255;
  private leastDelegate = 0;
  private mostDelegate = 255;
  /** Looked at last. Almost all members speak the same, and equal versions are the same object. */
  private narrowed: Versions | undefined;
  private found: Versions | undefined;

  narrow(versions: Versions | undefined): void {
    if (versions === undefined || versions === this.narrowed) return;
    this.narrowed = versions;
    this.least = Math.max(this.least, versions[0]);
    this.most = Math.min(this.most, versions[1]);
    this.leastDelegate = Math.max(this.leastDelegate, versions[3]);
    this.mostDelegate = Math.min(this.mostDelegate, versions[4]);
  }

  includes(versions: Versions | undefined): boolean {
    if (versions !== undefined && versions === this.found) return true;
    const spoken = versions?.[2] ?? 0;
    const delegate = versions?.[5] ?? 0;
    const fits = spoken >= this.least && spoken <= this.most;
    if (!fits || delegate < this.leastDelegate || delegate > this.mostDelegate) return false;
    this.found = versions;
    return true;
  }
}

/**
 * Whether everybody on both sides speaks a version that all living members on both sides understand, of memberlist's protocol and of
 * the application's. If not, nothing of the other side's state may be merged.
 */
export function versionsAgree(local: MembersState, remote: NodeStates, descriptions: Descriptions): boolean {
  const common = new Common();
  const { order, count } = local;
  for (let i = 0; i < count; i++) {
    const name = order[i] as NameId;
    if (statusOf(local, name) === ALIVE) common.narrow(descriptions.versionsOf(descriptionOf(local, name)));
  }
  const { length } = remote.names;
  for (let i = 0; i < length; i++) {
    if (remote.states[i] === ALIVE) common.narrow(descriptions.versionsOf(remote.descriptions[i] as number));
  }
  for (let i = 0; i < count; i++) {
    if (!common.includes(descriptions.versionsOf(descriptionOf(local, order[i] as NameId)))) return false;
  }
  for (let i = 0; i < length; i++) {
    if (!common.includes(descriptions.versionsOf(remote.descriptions[i] as number))) return false;
  }
  return true;
}
