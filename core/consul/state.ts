import type { Endpoint, NameId } from '../names.ts';
import type { StreamId } from '../protocol.ts';
import type { Instant } from '../time.ts';
import type { Health, Stats } from './autopilot.ts';
import type { ConsulRequest } from './interface.ts';
import type { ServerMember } from './servers.ts';

/** Everything that changes. Plain data: the world saves, restores and compares it. */
export interface ConsulState {
  /** How many servers this one waits for; 0 as soon as it does not wait any more, for good. */
  expect: number;
  survey: Survey | undefined;
  leadership: Leadership | undefined;
  /** Who waits for whose answer, by the number of the call. */
  readonly calls: Map<number, Call>;
  /** What was asked of the own Raft, by its number. */
  readonly asked: Map<number, Asked>;
  /** Requests that wait for a leader. */
  readonly held: Map<number, Held>;
  readonly links: Map<Endpoint, StreamId>;
  readonly accepted: Set<StreamId>;
  /** Who waits to be removed from the configuration, and since when. */
  waiting: { readonly id: number; readonly since: Instant } | undefined;
  readonly table: Map<string, string>;
  /** Calls, questions and held requests are numbered together. */
  next: number;
}

/** Enough servers are known: one after another is asked whether there is a cluster already. */
export interface Survey {
  readonly servers: readonly ServerMember[];
  position: number;
  attempt: number;
}

/** What only a leader has. */
export interface Leadership {
  readonly term: number;
  /** Whether everything before it is applied, so that it may act. */
  established: boolean;
  /** When autopilot began. */
  startedAt: Instant;
  readonly health: Map<NameId, Health>;
  /** What servers have told since autopilot asked last. */
  readonly stats: Map<NameId, Stats>;
  /** What is to be done about the configuration: one after another. */
  readonly jobs: Job[];
  /** The first of them has been asked of Raft. */
  changing: boolean;
}

/** Something to be done about one server's place in the configuration. */
export interface Job {
  readonly type: 'admit' | 'depart' | 'promote' | 'remove';
  readonly name: NameId;
  /** Who is to be told. */
  readonly origin?: Origin;
}

/** Who asked: a command of this host, another server that sends it on, or an agent that is no server. */
export type Origin =
  | { readonly by: 'command'; readonly id: number }
  | { readonly by: 'server' | 'client'; readonly stream: StreamId; readonly call: number };

export interface Held {
  readonly origin: Origin;
  readonly request: ConsulRequest;
  readonly since: Instant;
}

export type Call = { readonly to: Endpoint } & (
  | { readonly for: 'survey' }
  | { readonly for: 'stats'; readonly server: NameId }
  | ({ readonly for: 'forward' } & Held)
);

export type Asked =
  | { readonly for: 'barrier' | 'bootstrap' | 'job' }
  | ({ readonly for: 'request' } & Held)
  /** A leader that leaves; `removal`: it removes itself. */
  | { readonly for: 'leave' | 'removal'; readonly id: number };

export const newState = (expect: number): ConsulState => ({
  expect,
  survey: undefined,
  leadership: undefined,
  calls: new Map(),
  asked: new Map(),
  held: new Map(),
  links: new Map(),
  accepted: new Set(),
  waiting: undefined,
  table: new Map(),
  next: 1,
});

export const Timer = {
  /** A call was not answered; subject: its number. */
  call: 0,
  survey: 1,
  /** A held request is tried again; subject: its number. */
  held: 2,
  reconcile: 3,
  establish: 4,
  /** Autopilot asks how everybody is, looks at the answers, and acts. */
  stats: 5,
  health: 6,
  autopilot: 7,
  jobs: 8,
  removal: 9,
  /** Nobody has heard of a leader. */
  lonely: 10,
} as const;

export const TIMERS: readonly string[] = [
  'call timeout',
  'peers retry',
  'request retry',
  'reconcile',
  'establish retry',
  'autopilot stats',
  'autopilot health',
  'autopilot',
  'change retry',
  'removal',
  'election abort',
];

export const Cell = { expect: 0, keys: 1, healthy: 2, tolerance: 3 } as const;

/** For how many servers it waits, how many keys the store has, and of a leader how many servers it holds for healthy and how many voters may yet die. */
export const CELLS: readonly string[] = ['expect', 'keys', 'healthy', 'tolerance'];
