import type { NameId, Names } from '../names.ts';
import type { Out } from '../protocol.ts';
import { leaderOf } from './answers.ts';
import type { Server } from './configuration.ts';
import { lastIndexOf, lastTermOf } from './log.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';
import { activeConfig } from './standing.ts';
import { Cell } from './tables.ts';

type Value = number | string;
type Visit = (field: number, value: Value) => void;

/** Shows what changed with an input. */
export function show(raft: Raft, out: Out<RaftMessage>): void {
  const { state } = raft;
  const { shown, self, log } = state;
  const change = (field: number, value: Value): void => {
    if (shown[field] === value) return;
    shown[field] = value;
    out.cell(self, field, value);
  };
  // What changes with every entry is looked at without more ado, the rest by its marks.
  change(Cell.last, lastIndexOf(log));
  change(Cell.commit, state.commitIndex);
  change(Cell.role, state.role.role);
  change(Cell.term, state.currentTerm);
  change(Cell.lastTerm, lastTermOf(log));
  change(Cell.snapshot, state.snapshot?.index ?? 0);
  change(Cell.vote, nameOf(raft.names, state.votedFor));
  change(Cell.leader, nameOf(raft.names, leaderOf(raft)));
  const config = activeConfig(raft);
  if (config === raft.shownConfig) return;
  raft.shownConfig = config;
  change(Cell.voters, listed(raft.names, config.voters, config.outgoing));
  change(Cell.learners, listed(raft.names, config.learners, []));
}

/** All cells as the state has them. */
export function visitCells(raft: Raft, visit: Visit): void {
  const { state, names } = raft;
  const config = activeConfig(raft);
  visit(Cell.role, state.role.role);
  visit(Cell.term, state.currentTerm);
  visit(Cell.vote, nameOf(names, state.votedFor));
  visit(Cell.leader, nameOf(names, leaderOf(raft)));
  visit(Cell.last, lastIndexOf(state.log));
  visit(Cell.lastTerm, lastTermOf(state.log));
  visit(Cell.commit, state.commitIndex);
  visit(Cell.snapshot, state.snapshot?.index ?? 0);
  visit(Cell.voters, listed(names, config.voters, config.outgoing));
  visit(Cell.learners, listed(names, config.learners, []));
}

const nameOf = (names: Names, name: NameId | undefined): string => (name === undefined ? '' : names.text(name));

/** `n1 n2 n3`; in a joint change `n1 n2 n3 | n3 n4 n5`, the old voters last. */
function listed(names: Names, servers: readonly Server[], outgoing: readonly Server[]): string {
  const words = (list: readonly Server[]): string => list.map(({ name }) => names.text(name)).join(' ');
  return outgoing.length === 0 ? words(servers) : `${words(servers)} | ${words(outgoing)}`;
}
