import type { Coordinate } from '../../../core/serf/coordinate.ts';
import type { Tags } from '../../../core/serf/tags.ts';
import type { AgentEvent } from './serf-handler.ts';
import type { AgentRequest } from './serf-request.ts';
import type { FullConfig } from './serf-setup.ts';

/** The timers of an agent: to join as it was told, to try that again, to wait for its departure no longer, and to wonder about a script. */
export const Timer = { join: 0, retry: 1, grace: 2, slow: 3 } as const;

/** Why a command was given to Serf. */
export type Purpose =
  /** Joins these addresses, as they were typed. */
  | { readonly for: 'start' | 'retry' | 'discovery'; readonly addresses: readonly string[] }
  | { readonly for: 'signal' | 'reload' }
  | { readonly for: 'shutdown'; readonly status: number }
  /** Sends what a script printed, for the query of this name. */
  | { readonly for: 'respond'; readonly name: string }
  | RequestPurpose;

/** A command asked for it. */
export interface RequestPurpose {
  readonly for: 'request';
  readonly request: number;
  readonly asked: AgentRequest;
  /** Those of the members that were asked after so far. */
  readonly coordinates?: readonly (readonly [node: string, coordinate: Coordinate | undefined])[];
}

/** A `serf monitor` that listens. */
interface Monitor {
  readonly level: string;
  /** Queries that it was told of: it numbers them. */
  queries: number;
}

/** What an agent remembers beside its protocols. */
export interface AgentState {
  /** Its configuration since the last reload; undefined before the first. */
  reloaded: FullConfig | undefined;
  level: string;
  /** The rank of the least lines of the log that anybody sees: the terminal or a monitor. */
  audible: number;
  tags: Tags;
  /** Lines of the log from before the terminal shows it; undefined from then on. */
  early: string[] | undefined;
  readonly recent: string[];
  readonly monitors: Map<number, Monitor>;
  readonly purposes: Map<number, Purpose>;
  /** Queries that are open, by the command that asked, and the requests that want to hear of them. */
  readonly queries: Map<number, number>;
  /** Failed attempts of `-retry-join`. */
  attempts: number;
  /** Events: the first one is being handled, the others wait. */
  readonly events: AgentEvent[];
  /** Scripts that are to be run for the first event: the first of them runs. */
  readonly scripts: string[];
  nextScript: number;
  /** Whether a signal asked for a departure already. */
  leaving: boolean;
}

export const newAgentState = (level: string, audible: number, tags: Tags): AgentState => ({
  reloaded: undefined,
  level,
  audible,
  tags,
  early: [],
  recent: [],
  monitors: new Map(),
  purposes: new Map(),
  queries: new Map(),
  attempts: 0,
  events: [],
  scripts: [],
  nextScript: 0,
  leaving: false,
});
