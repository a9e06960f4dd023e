import { leaderOf } from './answers.ts';
import type { RaftStatus } from './interface.ts';
import { lastIndexOf, lastTermOf } from './log.ts';
import type { Raft } from './raft.ts';
import { activeConfig, latestConfigIndex } from './standing.ts';

/** What a server knows of itself and its cluster. */
export function statusOf(raft: Raft): RaftStatus {
  const { state } = raft;
  const { role, log } = state;
  const peers = role.role === 'leader' ? role.peers : [];
  return {
    role: role.role,
    term: state.currentTerm,
    votedFor: state.votedFor,
    leader: leaderOf(raft),
    lastIndex: lastIndexOf(log),
    lastTerm: lastTermOf(log),
    commitIndex: state.commitIndex,
    appliedIndex: state.lastApplied,
    snapshotIndex: state.snapshot?.index ?? 0,
    config: activeConfig(raft),
    configIndex: latestConfigIndex(raft),
    lastContact: role.role === 'leader' ? undefined : state.lastHeard,
    peers: peers.map(({ name, match, next, mode, lastAck }) => ({
      name,
      matchIndex: match,
      nextIndex: next,
      mode,
      lastContact: lastAck,
    })),
  };
}
