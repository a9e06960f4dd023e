import type { Out } from '../protocol.ts';
import type { Instant } from '../time.ts';
import { answerAllUnknown } from './answers.ts';
import type { RaftNotice } from './interface.ts';
import type { RaftMessage } from './message.ts';
import type { Raft } from './raft.ts';

/**
 * Does nothing more until the process starts again. A server that does not know what its disk holds must not promise anything: after an
 * error nobody can say whether a later sync would tell (as etcd, which ends the process).
 */
export function stop(raft: Raft, now: Instant, out: Out<RaftMessage>, reason: string): void {
  const { state } = raft;
  if (state.role.role === 'stopped') return;
  const before = state.role;
  state.role = { role: 'stopped', reason };
  state.storage.outbox.length = 0;
  out.log(`[ERR] raft: stops: ${reason}`);
  const notice: RaftNotice = { type: 'raft-stopped', reason };
  out.announce(notice);
  answerAllUnknown(raft, now, before, out);
  if (before.role === 'leader') raft.observer?.deposed?.(state.currentTerm, now, out as Out<never>);
}
