import type { Endpoint, NameId } from '../names.ts';

/** A member of a cluster: its id and where the others reach it. */
export interface Server {
  readonly name: NameId;
  readonly endpoint: Endpoint;
}

/**
 * Who takes part and who counts. Frozen wherever it is kept.
 *
 * Outside a joint change `outgoing` and `learnersNext` are empty. In one (Raft §6) every decision needs a majority of `voters` and one of
 * `outgoing`, the voters before the change.
 */
export interface Configuration {
  readonly voters: readonly Server[];
  /** Receive the log and count nowhere (Raft thesis §4.2.1: non-voting servers). */
  readonly learners: readonly Server[];
  readonly outgoing: readonly Server[];
  /** Voters of `outgoing` that become learners when the joint change ends. */
  readonly learnersNext: readonly Server[];
  /** Whether a leader ends the joint change by itself as soon as its entry is committed. */
  readonly autoLeave: boolean;
}

const NONE: readonly Server[] = Object.freeze([]);

/** A frozen configuration that shares nothing with what it is made from. */
export function configuration(parts: Partial<Configuration>): Configuration {
  const { voters = NONE, learners = NONE, outgoing = NONE, learnersNext = NONE, autoLeave = false } = parts;
  return Object.freeze({
    voters: frozen(voters),
    learners: frozen(learners),
    outgoing: frozen(outgoing),
    learnersNext: frozen(learnersNext),
    autoLeave,
  });
}

const frozen = (servers: readonly Server[]): readonly Server[] =>
  servers.length === 0 ? NONE : Object.freeze(servers.map(({ name, endpoint }) => Object.freeze({ name, endpoint })));

/** Before anything is known: nobody may campaign. */
export const EMPTY: Configuration = configuration({});

export const isJoint = ({ outgoing }: Configuration): boolean => outgoing.length > 0;

/** Everybody who is sent the log, each once: voters, outgoing voters, learners. */
export function membersOf({ voters, learners, outgoing }: Configuration): Server[] {
  const members = [...voters];
  for (const server of outgoing) if (!includes(members, server.name)) members.push(server);
  for (const server of learners) if (!includes(members, server.name)) members.push(server);
  return members;
}

export function includes(servers: readonly Server[], name: NameId): boolean {
  for (let i = 0; i < servers.length; i++) if ((servers[i] as Server).name === name) return true;
  return false;
}

/** Whether its vote and its copy of the log count, in either half. */
export const isVoter = ({ voters, outgoing }: Configuration, name: NameId): boolean =>
  includes(voters, name) || includes(outgoing, name);

export const isMember = (config: Configuration, name: NameId): boolean =>
  isVoter(config, name) || includes(config.learners, name);
