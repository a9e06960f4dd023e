import type { DoneReply } from '../../../core/serf/interface.ts';
import { seconds } from '../../../core/time.ts';
import type { ProcessApi, ScriptResult } from '../program.ts';
import { Timer } from './serf-agent-state.ts';
import { eventInfo } from './serf-event-info.ts';
import { type AgentEvent, handlerEnvironment, handlerInput, handles } from './serf-handler.ts';
import { log, showMonitor } from './serf-log.ts';
import type { SerfAgent } from './serf-program.ts';
import { handlersOf } from './serf-setup.ts';

/** Of what a script prints so much counts, its end. */
const MOST_OUTPUT = 8 * 1024;

/** A script that takes longer is complained about. */
const SLOW = seconds(1);

/**
 * Events that there is room for beside the one that is handled: 64 before the agent, 1024 before each of the two coalescers and before
 * the filter of queries, and one in the hand of each of these.
 */
const ROOM = 64 + 3 * (1024 + 1);

/**
 * Something happened. It is handled when all that happened before it has been. With a snapshot nobody waits for handlers: what there is no
 * room for is lost.
 */
export function happened(agent: SerfAgent, event: AgentEvent, process: ProcessApi): void {
  if (agent.setup.config.snapshot_path !== undefined && agent.state.events.length > ROOM) return;
  agent.state.events.push(event);
  if (agent.state.events.length === 1) handleNext(agent, process);
}

/** Handles the events that wait, up to the first that a script has to run for: the log, the monitors and the event handlers are told. */
function handleNext(agent: SerfAgent, process: ProcessApi): void {
  const { state } = agent;
  for (let [event] = state.events; event !== undefined; [event] = state.events) {
    log(agent, `[INFO] agent: Received event: ${nameOf(event)}`, process);
    tellMonitors(agent, event, process);
    const happening = event;
    const handlers = handlersOf(agent.config).filter((handler) => handles(handler, happening));
    state.scripts.push(...handlers.map(({ script }) => script));
    if (state.scripts.length > 0) return runScript(agent, event, process);
    state.events.shift();
  }
}

/** As logs call it. */
function nameOf(event: AgentEvent): string {
  switch (event.type) {
    case 'user':
      return `user-event: ${event.name}`;
    case 'query':
      return `query: ${event.name}`;
    default:
      return event.type;
  }
}

function tellMonitors(agent: SerfAgent, event: AgentEvent, process: ProcessApi): void {
  for (const [id, monitor] of agent.state.monitors) {
    if (event.type === 'query') monitor.queries++;
    for (const line of eventInfo(event, monitor.queries, (name) => agent.standing(name))) showMonitor(id, line, process);
  }
}

function runScript({ state, node }: SerfAgent, event: AgentEvent, process: ProcessApi): void {
  process.setTimer(Timer.slow, SLOW);
  process.script({
    tag: state.nextScript++,
    script: state.scripts[0] ?? '',
    environment: handlerEnvironment(event, { name: node, tags: state.tags }),
    stdin: handlerInput(event),
    shown: true,
  });
}

export function slow(agent: SerfAgent, process: ProcessApi): void {
  log(agent, `[WARN] agent: Script '${agent.state.scripts[0]}' slow, execution exceeding 1s`, process);
}

/** An event handler has ended. What it printed answers a query, if it ended well. */
export function handled(agent: SerfAgent, { status, output: printed }: ScriptResult, process: ProcessApi): void {
  const { state } = agent;
  const [event] = state.events;
  const script = state.scripts.shift();
  if (event === undefined) return;
  process.cancelTimer(Timer.slow);
  const output = printed.slice(-MOST_OUTPUT);
  log(agent, `[DEBUG] agent: Event '${event.type}' script output: ${output}`, process);
  if (status !== 0) log(agent, `[ERR] agent: Error invoking script '${script}': exit status ${status}`, process);
  else if (event.type === 'query' && output !== '') {
    agent.command({ command: 'respond', query: event.query, payload: output }, { for: 'respond', name: event.name }, process);
  }
  if (state.scripts.length > 0) return runScript(agent, event, process);
  state.events.shift();
  handleNext(agent, process);
}

/** An answer to a query went out, or could not. */
export function responded(agent: SerfAgent, name: string, result: unknown, process: ProcessApi): void {
  const { error } = result as DoneReply;
  if (error !== undefined) log(agent, `[WARN] agent: Failed to respond to query 'query: ${name}': ${error}`, process);
}
