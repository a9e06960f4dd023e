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
  const { shown, log } = state;
  // Here and not in a loop, as this runs after every input.
  const last = log.cut + log.entries.length;
  if (shown[Cell.last] !== last) change(raft, out, Cell.last, last);
  if (shown[Cell.commit] !== state.commitIndex) change(raft, out, Cell.commit, state.commitIndex);
  if (shown[Cell.role] !== state.role.role) change(raft, out, Cell.role, state.role.role);
  if (shown[Cell.term] !== state.currentTerm) change(raft, out, Cell.term, state.currentTerm);
  const lastTerm = lastTermOf(log);
  if (shown[Cell.lastTerm] !== lastTerm) change(raft, out, Cell.lastTerm, lastTerm);
  const snapshot = state.snapshot?.index ?? 0;
  if (shown[Cell.snapshot] !== snapshot) change(raft, out, Cell.snapshot, snapshot);
  const vote = nameOf(raft.names, state.votedFor);
  if (shown[Cell.vote] !== vote) change(raft, out, Cell.vote, vote);
  const leader = nameOf(raft.names, leaderOf(raft));
  if (shown[Cell.leader] !== leader) change(raft, out, Cell.leader, leader);
  const config = activeConfig(raft);
  if (config === raft.shownConfig) return;
  raft.shownConfig = config;
  const voters = listed(raft.names, config.voters, config.outgoing);
  if (shown[Cell.voters] !== voters) change(raft, out, Cell.voters, voters);
  const learners = listed(raft.names, config.learners, []);
  if (shown[Cell.learners] !== learners) change(raft, out, Cell.learners, learners);
}

function change({ state }: Raft, out: Out<RaftMessage>, field: number, value: Value): void {
  state.shown[field] = value;
  out.cell(state.self, field, value);
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
