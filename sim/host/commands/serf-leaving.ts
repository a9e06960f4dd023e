import type { DoneReply } from '../../../core/serf/interface.ts';
import type { ProcessApi } from '../program.ts';
import type { Purpose } from './serf-agent-state.ts';
import { log } from './serf-log.ts';
import type { SerfAgent } from './serf-program.ts';

export function leave(agent: SerfAgent, purpose: Purpose, process: ProcessApi): void {
  log(agent, '[INFO] agent: requesting graceful leave from Serf', process);
  agent.command({ command: 'leave' }, purpose, process);
}

/** Serf has left, or could not. @param request who asked for it; undefined when it was a signal */
export function left(agent: SerfAgent, result: unknown, request: number | undefined, process: ProcessApi): void {
  const { error } = result as DoneReply;
  if (request === undefined) {
    if (error === undefined) shutDown(agent, 0, process);
    else process.print(`==> Error: ${error}`);
    return;
  }
  if (error !== undefined) log(agent, `[ERR] agent.ipc: leave failed: ${error}`, process);
  agent.answer(request, error === undefined ? { type: 'done' } : { type: 'failed', error }, process);
  shutDown(agent, 0, process);
}

/** Says of another member that it left. */
export function forceLeave(
  agent: SerfAgent,
  { node, prune }: { readonly node: string; readonly prune: boolean },
  purpose: Purpose,
  process: ProcessApi,
): void {
  log(agent, `[INFO] agent: Force leaving node${prune ? ' (prune)' : ''}: ${node}`, process);
  agent.command({ command: 'force-leave', node: agent.names.id(node), prune }, purpose, process);
}

/** Stops; the process ends with this status. */
export function shutDown(agent: SerfAgent, status: number, process: ProcessApi): void {
  log(agent, '[INFO] agent: requesting serf shutdown', process);
  agent.command({ command: 'shutdown' }, { for: 'shutdown', status }, process);
}
