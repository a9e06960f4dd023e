import type { RaftCommand } from '../../../core/raft/raft.ts';

/** What `raft` asks of the server on its host; answered with a `RaftReply`. */
export interface RaftRequest {
  readonly command: RaftCommand;
}
