import { type FaultBand, sidesOf } from './faults.ts';
import { BELIEFS, type BeliefName, codeOf } from './matrix.ts';
import type { Members } from './members.ts';
import type { RaftServers } from './raft.ts';
import { nameOf, type Run } from './run.ts';

/** What is shown at a node beside its condition. */
export interface Badge {
  /** In a protocol that has roles: a letter with the term, and in words. Followers have no letter. */
  readonly role: { readonly letter: string; readonly words: string } | undefined;
  /** What the selected node believes of it; undefined when it knows nothing of it. */
  readonly belief: BeliefName | undefined;
  /** The side of a partition that it is on, from 0; undefined while there is none, or it is on no side. */
  readonly side: number | undefined;
  /** Nodes that its packets do not reach, and whose packets do not reach it, by what is cut. */
  readonly to: readonly string[];
  readonly from: readonly string[];
}

/** What the badges are taken from. */
export interface BadgeSource {
  readonly run: Run;
  readonly members: Members;
  readonly raft: RaftServers | undefined;
  /** What is in force. */
  readonly faults: readonly FaultBand[];
}

const LETTERS: Readonly<Record<string, string>> = { leader: 'L', candidate: 'C', 'pre-candidate': 'P' };

/** @param selected the node whose beliefs are shown */
export function badgesOf({ run, members, raft, faults }: BadgeSource, position: number, selected: number): Badge[] {
  const cuts = faults.flatMap((fault) => fault.cuts);
  const names = run.topology.nodes.map(({ name }) => name);
  const sides = sidesOf(names, cuts);
  const [to, from] = [grouped(cuts, 0, 1), grouped(cuts, 1, 0)];
  const roles = new Map(
    raft
      ?.roles(position)
      .map(({ node, role, term }) => [
        node,
        role === undefined
          ? undefined
          : { letter: LETTERS[role] === undefined ? '' : `${LETTERS[role]}${term}`, words: `${role} in term ${term}` },
      ]),
  );
  const beliefs = members.of(selected, position);
  const columns = new Map(members.subjects.map((name, column) => [name, column]));
  return names.map((name, node) => {
    const column = columns.get(name);
    const belief = beliefs === undefined || column === undefined ? undefined : BELIEFS[codeOf(beliefs[column])];
    return {
      role: roles.get(node),
      belief: belief === 'unknown' ? undefined : belief,
      side: sides?.get(name),
      to: to.get(name) ?? [],
      from: from.get(name) ?? [],
    };
  });
}

function grouped(pairs: readonly (readonly [string, string])[], key: 0 | 1, value: 0 | 1): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const pair of pairs) {
    const group = groups.get(pair[key]);
    if (group === undefined) groups.set(pair[key], [pair[value]]);
    else if (!group.includes(pair[value])) group.push(pair[value]);
  }
  return groups;
}

/** The name of a side: A, B, … */
export const sideName = (side: number): string => String.fromCharCode(65 + (side % 26));

/** A fault in a few words: a partition by its sides. */
export function faultText(run: Run, { says, cuts }: FaultBand): string {
  const sides = sidesOf(
    run.topology.nodes.map((_, node) => nameOf(run, node)),
    cuts,
  );
  if (sides === undefined) return says.length <= 70 ? says : `${says.slice(0, 68)}…`;
  const count = Math.max(...sides.values()) + 1;
  const groups = Array.from({ length: count }, (_, side) => [...sides].filter(([, own]) => own === side).map(([name]) => name));
  const listed = groups.map((group) =>
    group.length <= 5 ? group.join(' ') : `${group.slice(0, 4).join(' ')} and ${group.length - 4} more`,
  );
  return `cut: ${listed.join(' ‖ ')}`;
}
