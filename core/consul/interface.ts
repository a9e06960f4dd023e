import type { Operation, Outcome } from '../kv/operation.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Configuration } from '../raft/configuration.ts';
import type { MemberEvent } from '../serf/coalesce.ts';
import type { AutopilotConfig } from './config.ts';

/** What the agent asks of the server's part that is Consul. */
export type ConsulCommand =
  /** Serf has announced something. Not answered. */
  | { readonly command: 'event'; readonly event: MemberEvent; readonly members: readonly string[] }
  /** Answered by `ConsulReply`. `stale`: this server answers by itself. */
  | { readonly command: 'request'; readonly request: ConsulRequest; readonly stale?: boolean }
  /** Before Serf leaves: a leader hands over, or removes itself. Answered by `DoneReply` of Serf. */
  | { readonly command: 'prepare-leave' }
  /** After Serf has left: waits until the others have removed this server. Answered by `RemovalReply`. */
  | { readonly command: 'await-removal' }
  /** Writes a text to a file of the host, and sees that it stays. Not answered. */
  | { readonly command: 'write'; readonly file: string; readonly text: string };

/** What is asked of the leader. */
export type ConsulRequest =
  /** `consistent`: before it reads the leader asks a majority whether it still leads. */
  | { readonly type: 'kv'; readonly operation: Operation; readonly consistent?: boolean }
  /** Hands leadership over, to the server with this id or to any. */
  | { readonly type: 'transfer'; readonly id: string | undefined }
  /** How autopilot is set, and how it finds the servers. */
  | { readonly type: 'autopilot-config' }
  | { readonly type: 'autopilot-state' }
  /** Who is in Raft's configuration. */
  | { readonly type: 'configuration' }
  /** Removes a server that is named by its id or its address. */
  | { readonly type: 'remove-peer'; readonly id: string | undefined; readonly address: Endpoint | undefined };

export type ConsulReply =
  | { readonly ok: true; readonly result: Outcome | RaftServers | AutopilotConfig | AutopilotReport }
  /** Why not, as Consul says it. */
  | { readonly ok: false; readonly error: string };

/** Raft's configuration, and who leads in it. */
export interface RaftServers {
  readonly config: Configuration;
  readonly leader: NameId | undefined;
}

/** How a leader's autopilot finds the servers. */
export interface AutopilotReport {
  readonly healthy: boolean;
  /** How many voters may yet die. */
  readonly tolerance: number;
  readonly leader: NameId;
  readonly voters: readonly NameId[];
  readonly servers: readonly ServerReport[];
}

export interface ServerReport {
  readonly name: NameId;
  readonly endpoint: Endpoint;
  readonly status: 'leader' | 'voter' | 'non-voter';
  /** What gossip has it as; `left` for one that gossip does not know. */
  readonly member: 'alive' | 'failed' | 'left';
  readonly readReplica: boolean;
  readonly healthy: boolean;
  /** In nanoseconds; -1 for never. */
  readonly lastContact: number;
  readonly lastTerm: number;
  readonly lastIndex: number;
}

export interface RemovalReply {
  readonly removed: boolean;
}

/** What Consul announces. */
export type ConsulNotice =
  /** It starts a cluster with these, having waited for them. */
  | { readonly type: 'consul-bootstrap'; readonly servers: readonly string[] }
  /** It does not wait any more: there is a cluster. */
  | { readonly type: 'consul-expect-off' }
  | { readonly type: 'autopilot'; readonly action: 'promote' | 'remove' | 'force-leave'; readonly server: string };
