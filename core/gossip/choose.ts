import type { NameId } from '../names.ts';
import type { Rng } from '../random.ts';
import { type MembersState, memberAt } from './members.ts';

/** Whom to choose from, and how. */
export interface Choice {
  readonly members: MembersState;
  readonly random: Rng;
  /** At most so many. */
  readonly count: number;
  readonly eligible: (name: NameId) => boolean;
  /** Always draw with replacement, as memberlist did before 0.6: in a small cluster an eligible member may be missed. */
  readonly sampling: boolean;
}

/**
 * Chooses distinct random members.
 *
 * In a list of less than 3 × `count` those eligible are taken from a shuffled copy. In a longer one up to 3 × its length
 * draws with replacement are made, so that fewer than `count` may come out.
 *
 * @param chosen where they are put; emptied first, so that one array serves many choices
 */
export function choose({ members, random, count, eligible, sampling }: Choice, chosen: NameId[]): NameId[] {
  while (chosen.length > 0) chosen.pop();
  const { count: length, order } = members;
  if (length < 3 * count && !sampling) return takeShuffled(members, random, count, eligible, chosen);
  for (let draws = 3 * length; draws > 0 && chosen.length < count; draws--) {
    const name = order[random.integer(length)] as NameId;
    if (!chosen.includes(name) && eligible(name)) chosen.push(name);
  }
  return chosen;
}

/**
 * Draws up to 3 × as many times as there are names, with replacement, and takes distinct ones that are eligible: the choice of peers that
 * relay an answer, in all versions of Serf.
 */
export function sample(names: readonly NameId[], count: number, eligible: (name: NameId) => boolean, random: Rng): NameId[] {
  const chosen: NameId[] = [];
  for (let draws = 3 * names.length; draws > 0 && chosen.length < count; draws--) {
    const name = names[random.integer(names.length)] as NameId;
    if (!chosen.includes(name) && eligible(name)) chosen.push(name);
  }
  return chosen;
}

/** A Fisher–Yates shuffle that stops when enough were taken. */
function takeShuffled(
  members: MembersState,
  random: Rng,
  count: number,
  eligible: (name: NameId) => boolean,
  chosen: NameId[],
): NameId[] {
  const names: NameId[] = [];
  for (let place = 0; place < members.count; place++) names.push(memberAt(members, place));
  for (let last = names.length - 1; last >= 0 && chosen.length < count; last--) {
    const place = last === 0 ? 0 : random.integer(last + 1);
    const name = names[place] as NameId;
    names[place] = names[last] as NameId;
    if (eligible(name)) chosen.push(name);
  }
  return chosen;
}
