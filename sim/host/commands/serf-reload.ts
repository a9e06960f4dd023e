import type { DoneReply } from '../../../core/serf/interface.ts';
import { type Tags, tagsProblem } from '../../../core/serf/tags.ts';
import type { ProcessApi } from '../program.ts';
import type { Purpose } from './serf-agent-state.ts';
import { listen, log } from './serf-log.ts';
import { sortedTags } from './serf-output.ts';
import type { SerfAgent } from './serf-program.ts';
import { configure, isLevel, levelOf, levelProblem } from './serf-setup.ts';

/** HUP: the command line and the files are read again, for the level of the log, the event handlers, the tags and what signals do. */
export function reload(agent: SerfAgent, process: ProcessApi): void {
  const { state } = agent;
  process.print('==> Reloading configuration...');
  const configured = configure(agent.words, process.look());
  for (const line of configured.says) process.print(`==> ${line}`);
  if (!configured.ok) return process.print('==> Failed to reload configs');
  const { config } = configured;
  const level = levelOf(config);
  if (isLevel(level)) {
    state.level = level;
    listen(agent);
  } else {
    process.print(`==> ${levelProblem(level)}`);
  }
  state.reloaded = isLevel(level) ? config : { ...config, log_level: agent.config.log_level };
  // Tags that are kept in a file are in no configuration.
  if (agent.setup.config.tags_file !== undefined && !agent.setup.behaviour.agent.tagsFileHup) return;
  const error = retag(agent, Object.entries(config.tags), { for: 'reload' }, process);
  if (error !== undefined) process.print(`==> Failed to update tags: ${error}`);
}

export function reloaded(result: unknown, process: ProcessApi): void {
  const { error } = result as DoneReply;
  if (error !== undefined) process.print(`==> Failed to update tags: ${error}`);
}

/**
 * Gives the agent other tags, and puts them into the file that it keeps them in.
 *
 * @returns why the file could not be written; else Serf's reply is still to come
 */
export function retag(agent: SerfAgent, tags: Tags, purpose: Purpose, process: ProcessApi): string | undefined {
  const { state, setup } = agent;
  const file = setup.config.tags_file;
  if (file !== undefined && !process.write(file, tagsText(tags))) {
    const error = `Failed to write tags file: write ${file}: no space left on device`;
    log(agent, `[ERR] agent: ${error}`, process);
    return error;
  }
  if (tagsProblem(tags, setup.config.protocol) === undefined) state.tags = tags;
  agent.command({ command: 'tags', tags }, purpose, process);
  return undefined;
}

/** As Go writes JSON: indented, in the order of the keys, and what HTML would take for its own is escaped. */
function tagsText(tags: Tags): string {
  const json = JSON.stringify(Object.fromEntries(sortedTags(tags)), undefined, 2);
  return json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
