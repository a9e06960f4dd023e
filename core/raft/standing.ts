import { type Configuration, EMPTY } from './configuration.ts';
import type { Entry } from './entry.ts';
import { entryAt } from './log.ts';
import type { Raft } from './raft.ts';
import type { Standing } from './rules.ts';

/*
 * Which configuration a server acts by. Entries of the log are the only place where configurations are kept, with the snapshot's below them; so a log that is
 * cut brings the one before back by itself.
 */

/** A configuration of the stack: the last is the latest in the log; -1 is the snapshot's. */
function configurationAt({ state }: Raft, position: number): Configuration {
  if (position < 0) return state.snapshot?.config ?? EMPTY;
  const entry = entryAt(state.log, state.configs[position] as number) as Entry & { type: 'config' };
  return entry.config;
}

const positionOf = ({ state, config }: Raft): number => {
  const { configs, lastApplied } = state;
  let position = configs.length - 1;
  if (config.activation === 'apply') while (position >= 0 && (configs[position] as number) > lastApplied) position--;
  return position;
};

/** The configuration that this server acts by: the latest in its log, committed or not (Raft §6); etcd's the latest applied. */
export const activeConfig = (raft: Raft): Configuration => configurationAt(raft, positionOf(raft));

/** The latest in the log. */
export const latestConfig = (raft: Raft): Configuration => configurationAt(raft, raft.state.configs.length - 1);

export const latestConfigIndex = ({ state }: Raft): number => state.configs.at(-1) ?? state.snapshot?.configIndex ?? 0;

/** The latest that is known to be committed. */
export function committedConfig(raft: Raft): { readonly config: Configuration; readonly index: number } {
  const { configs, commitIndex, snapshot } = raft.state;
  let position = configs.length - 1;
  while (position >= 0 && (configs[position] as number) > commitIndex) position--;
  return { config: configurationAt(raft, position), index: configs[position] ?? snapshot?.configIndex ?? 0 };
}

export function standingOf(raft: Raft): Standing {
  const position = positionOf(raft);
  const active = configurationAt(raft, position);
  const uncommitted = position >= 0 && (raft.state.configs[position] as number) > raft.state.commitIndex;
  return { active, before: uncommitted ? configurationAt(raft, position - 1) : undefined };
}

/** Whether this server may campaign now. */
export function isElectable(raft: Raft): boolean {
  const { state, config, rules } = raft;
  if (state.amnesiac || state.incoming?.complete === true) return false;
  return rules.mayCampaign(state.self, standingOf(raft), config.leavingMayCampaign);
}
