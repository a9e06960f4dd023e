import type { NameId, Names } from '../../core/names.ts';
import type { Cells } from './cells.ts';
import { type Check, VACUOUS } from './check.ts';
import { RAFT } from './observed.ts';

type AlwaysCheck = Extract<Check, { kind: 'always' }>;

/** A server that led in some term, and who were the voters as it knew them then. */
interface Reign {
  readonly leader: string;
  readonly voters: readonly string[];
}

/**
 * Follows who leads in which term (Raft's Election Safety, Figure 3). Servers are of one cluster when one of them counts the other among its
 * voters: those that never heard of each other may each lead.
 *
 * @param nodes the hosts that are looked at
 */
export function elections(name: string, names: Names, cells: Cells, nodes: readonly number[]): AlwaysCheck {
  const role = names.id(RAFT.role);
  const term = names.id(RAFT.term);
  const voters = names.id(RAFT.voters);
  const reigns = new Map<number, Reign[]>();
  let wrong: string | undefined;

  const crown = (node: number, member: NameId): void => {
    const leader = names.text(member);
    const led = Number(cells.value(node, member, term));
    const before = reigns.get(led) ?? [];
    if (before.some((reign) => reign.leader === leader)) return;
    const reign = { leader, voters: String(cells.value(node, member, voters) ?? '').split(' ') };
    const other = before.find((each) => each.voters.includes(leader) || reign.voters.includes(each.leader));
    if (other !== undefined) wrong ??= `term ${led} has two leaders, ${other.leader} and ${leader}`;
    reigns.set(led, [...before, reign]);
  };

  const judge = (): ReturnType<AlwaysCheck['judge']> => {
    let judged = false;
    for (const node of nodes) {
      for (const [member, shown] of cells.column(node, role)) {
        if (shown !== 'leader') continue;
        judged = true;
        crown(node, member);
      }
    }
    return judged || wrong !== undefined ? wrong : VACUOUS;
  };
  return { kind: 'always', name, judge };
}
