import type { NameId } from '../../names.ts';
import { compareState, copyState } from '../../state.ts';
import type { Instant } from '../../time.ts';
import type { RaftConfig } from '../config.ts';
import { type Configuration, EMPTY } from '../configuration.ts';
import type { Entry } from '../entry.ts';
import type { SessionStamp } from '../interface.ts';
import type { Session, Sessions } from '../sessions.ts';

/** A state machine as it should be, whose state is plain data: what servers executed is compared with what it comes to. */
export interface ReferenceMachine<S extends object = object> {
  empty(): S;
  apply(state: S, index: number, at: Instant, command: unknown): unknown;
  /** As `StateMachine.snapshot` gives it. */
  snapshot(state: S): unknown;
}

/**
 * What the committed entries come to when each is executed once, in order: said anew from the thesis (§6.3), and not with what is
 * watched. Where the machine is not known, sessions and machine of the servers are compared with each other.
 */
export interface ReferenceState {
  /** How far it has executed. */
  index: number;
  term: number;
  config: Configuration;
  configIndex: number;
  sessions: Sessions;
  machine: object | undefined;
  /** What a server showed at an index first, where there is nothing better to compare with; the oldest first. */
  readonly shown: Map<number, { readonly server: NameId; readonly sessions: Sessions; readonly data: unknown }>;
  /** An entry is missing: nothing can be said from here on. */
  lost: boolean;
}

export const newReference = (): ReferenceState => ({
  index: 0,
  term: 0,
  config: EMPTY,
  configIndex: 0,
  sessions: new Map(),
  machine: undefined,
  shown: new Map(),
  lost: false,
});

/** Executes the next entry. */
export function advance(
  reference: ReferenceState,
  entry: Entry,
  { sessionTimeToLive, maxSessions }: RaftConfig,
  machine: ReferenceMachine | undefined,
): void {
  const { sessions } = reference;
  reference.index = entry.index;
  reference.term = entry.term;
  const isOver = ({ lastActive }: Session): boolean => entry.at - lastActive > sessionTimeToLive;
  switch (entry.type) {
    case 'config':
      reference.config = entry.config;
      reference.configIndex = entry.index;
      return;
    case 'register':
      for (const [client, session] of [...sessions]) if (isOver(session)) sessions.delete(client);
      while (sessions.size >= maxSessions) sessions.delete(longestSilent(sessions));
      sessions.set(entry.index, { acknowledged: 0, lastActive: entry.at, answers: new Map() });
      return;
    case 'keep-alive': {
      const session = sessions.get(entry.client);
      if (session !== undefined && !isOver(session)) session.lastActive = entry.at;
      return;
    }
    case 'command': {
      const execute = (): unknown => {
        if (machine === undefined) return undefined;
        reference.machine ??= machine.empty();
        return machine.apply(reference.machine, entry.index, entry.at, entry.payload);
      };
      if (entry.session === undefined) execute();
      else once(sessions, entry.session, entry.at, isOver, execute);
    }
  }
}

function longestSilent(sessions: Sessions): number {
  const [first] = [...sessions].sort(([, one], [, other]) => one.lastActive - other.lastActive);
  return (first as [number, Session])[0];
}

function once(
  sessions: Sessions,
  { client, sequence, acknowledged }: SessionStamp,
  at: Instant,
  isOver: (session: Session) => boolean,
  execute: () => unknown,
): void {
  const session = sessions.get(client);
  if (session === undefined || isOver(session) || sequence < session.acknowledged) return;
  session.lastActive = at;
  if (session.answers.has(sequence)) return;
  session.answers.set(sequence, execute());
  session.acknowledged = Math.max(session.acknowledged, acknowledged);
  for (const known of [...session.answers.keys()]) if (known < session.acknowledged) session.answers.delete(known);
}

/** What differs between what a server has come to at an index, and what it should. */
export interface Difference {
  readonly sessions: string | undefined;
  readonly machine: string | undefined;
}

/** How many of the indices at which servers were seen are kept. */
const SHOWN = 32;

/** Compares what a server has at the index that the reference has come to; or with what another showed there, when the machine is not known. */
export function compareWith(
  reference: ReferenceState,
  machine: ReferenceMachine | undefined,
  server: NameId,
  index: number,
  sessions: Sessions,
  data: () => unknown,
): Difference | undefined {
  if (machine !== undefined && reference.index === index && !reference.lost) {
    return {
      sessions: compareState(reference.sessions, sessions)?.path,
      machine: compareState(machine.snapshot(reference.machine ?? machine.empty()), data())?.path,
    };
  }
  if (machine !== undefined && !reference.lost) return undefined;
  const { shown } = reference;
  const there = shown.get(index);
  if (there === undefined) {
    shown.set(index, { server, sessions: copyState(sessions), data: copyState(data()) });
    if (shown.size > SHOWN) shown.delete(shown.keys().next().value as number);
    return undefined;
  }
  if (there.server === server) return undefined;
  return { sessions: compareState(there.sessions, sessions)?.path, machine: compareState(there.data, data())?.path };
}
