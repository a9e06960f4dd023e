import type { AgentRequest } from './serf-request.ts';

/** The timers of an agent: to join as it was told, to try that again, and to wait for its departure no longer. */
export const Timer = { join: 0, retry: 1, grace: 2 } as const;

/** Why a command was given to Serf. */
export type Purpose =
  | { readonly for: 'start' | 'retry' | 'discovery' | 'signal' }
  | { readonly for: 'shutdown'; readonly status: number }
  | { readonly for: 'request'; readonly request: number; readonly type: AgentRequest['type'] };

/** What an agent remembers beside its protocols. */
export interface AgentState {
  /** Lines of the log from before the terminal shows it; undefined from then on. */
  early: string[] | undefined;
  recent: string[];
  /** The `serf monitor`s that listen, and what they want to hear of. */
  readonly monitors: Map<number, string>;
  readonly purposes: Map<number, Purpose>;
  /** Failed attempts of `-retry-join`. */
  attempts: number;
  /** Scripts under way by their tag, and what each was run for. */
  readonly scripts: Map<number, { readonly event: string; readonly script: string }>;
  nextScript: number;
  /** Whether a signal asked for a departure already. */
  leaving: boolean;
}

export const newAgentState = (): AgentState => ({
  early: [],
  recent: [],
  monitors: new Map(),
  purposes: new Map(),
  attempts: 0,
  scripts: new Map(),
  nextScript: 0,
  leaving: false,
});
