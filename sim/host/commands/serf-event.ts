import type { MemberNotice } from '../../../core/serf/events.ts';
import type { ProcessApi, ScriptResult } from '../program.ts';
import { eventInfo } from './serf-event-info.ts';
import { handlerEnvironment, handlerInput, handles } from './serf-handler.ts';
import { log, showMonitor } from './serf-log.ts';
import type { SerfAgent } from './serf-program.ts';

/** Of what a script prints the log is told so much, its end. */
const MOST_OUTPUT = 8 * 1024;

/** Something happened to members: the log, the monitors and the event handlers are told. */
export function happened(agent: SerfAgent, event: MemberNotice, process: ProcessApi): void {
  const { state, options, node } = agent;
  log(agent, `[INFO] agent: Received event: ${event.type}`, process);
  if (state.monitors.size > 0) {
    const info = eventInfo(event, (name) => agent.standing(name));
    for (const id of state.monitors.keys()) {
      for (const line of info) showMonitor(id, line, process);
    }
  }
  for (const handler of options.handlers) {
    if (!handles(handler, event)) continue;
    const tag = state.nextScript++;
    state.scripts.set(tag, { event: event.type, script: handler.script });
    process.script({
      tag,
      script: handler.script,
      environment: handlerEnvironment(event.type, { name: node, tags: options.tags }),
      stdin: handlerInput(event.members),
      shown: true,
    });
  }
}

/** An event handler has ended. */
export function handled(agent: SerfAgent, { tag, status, output }: ScriptResult, process: ProcessApi): void {
  const run = agent.state.scripts.get(tag);
  agent.state.scripts.delete(tag);
  if (run === undefined) return;
  if (output.length > MOST_OUTPUT) {
    const much = `generated ${output.length} bytes of output, truncated to ${MOST_OUTPUT}`;
    log(agent, `[WARN] agent: Script '${run.script}' ${much}`, process);
  }
  log(agent, `[DEBUG] agent: Event '${run.event}' script output: ${output.slice(-MOST_OUTPUT)}`, process);
  if (status !== 0) log(agent, `[ERR] agent: Error invoking script '${run.script}': exit status ${status}`, process);
}
