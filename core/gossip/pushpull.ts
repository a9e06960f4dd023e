import { at } from './column.ts';
import type { Descriptions } from './description.ts';
import { incarnationOf, type MembersState, memberAt, statusOf } from './members.ts';
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
  const { count } = members;
  const states: NodeStates = {
    names: new Uint32Array(count),
    states: new Uint8Array(count),
    incarnations: new Uint32Array(count),
    descriptions: new Uint32Array(count),
  };
  for (let i = 0; i < count; i++) {
    const name = memberAt(members, i);
    states.names[i] = name;
    states.states[i] = statusOf(members, name) as StatusNumber;
    states.incarnations[i] = incarnationOf(members, name);
    states.descriptions[i] = at(members.descriptions, name);
  }
  return states;
}

/** The versions that all can speak: the largest of the minima and the smallest of the maxima. */
interface Common {
  least: number;
  most: number;
  leastDelegate: number;
  mostDelegate: number;
}

/**
 * Whether everybody on both sides speaks a version that all living members on both sides understand, of memberlist's protocol and of
 * the application's. If not, nothing of the other side's state may be merged.
 */
export function versionsAgree(local: NodeStates, remote: NodeStates, descriptions: Descriptions): boolean {
  const common: Common = { least: 0, most: 255, leastDelegate: 0, mostDelegate: 255 };
  narrow(common, local, descriptions);
  narrow(common, remote, descriptions);
  return within(common, local, descriptions) && within(common, remote, descriptions);
}

function narrow(common: Common, side: NodeStates, descriptions: Descriptions): void {
  for (let i = 0; i < side.names.length; i++) {
    const versions = descriptions.find(side.descriptions[i] as number)?.versions;
    if (side.states[i] !== ALIVE || versions === undefined) continue;
    common.least = Math.max(common.least, versions[0]);
    common.most = Math.min(common.most, versions[1]);
    common.leastDelegate = Math.max(common.leastDelegate, versions[3]);
    common.mostDelegate = Math.min(common.mostDelegate, versions[4]);
  }
}

function within(common: Common, side: NodeStates, descriptions: Descriptions): boolean {
  for (let i = 0; i < side.names.length; i++) {
    const versions = descriptions.find(side.descriptions[i] as number)?.versions;
    const spoken = versions?.[2] ?? 0;
    const delegate = versions?.[5] ?? 0;
    if (spoken < common.least || spoken > common.most) return false;
    if (delegate < common.leastDelegate || delegate > common.mostDelegate) return false;
  }
  return true;
}
