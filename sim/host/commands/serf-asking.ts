import type {
  CoordinateReply,
  DoneReply,
  InfoReply,
  KeysReply,
  MembersReply,
  QueryReply,
  SerfCommand,
} from '../../../core/serf/interface.ts';
import type { Tags } from '../../../core/serf/tags.ts';
import type { ProcessApi } from '../program.ts';
import type { RequestPurpose } from './serf-agent-state.ts';
import { join, joined } from './serf-joining.ts';
import { forceLeave, leave, left } from './serf-leaving.ts';
import { log, monitor } from './serf-log.ts';
import { matches, memberFilter } from './serf-output.ts';
import type { SerfAgent } from './serf-program.ts';
import { retag } from './serf-reload.ts';
import type { AgentRequest } from './serf-request.ts';
import { handlersOf } from './serf-setup.ts';

/** What the log says when the keyrings are asked after or changed. */
const INITIATING = {
  install: 'key installation',
  use: 'primary key change',
  remove: 'key removal',
  list: 'key listing',
} as const;

/** A command of the host asks for something. */
export function asked(agent: SerfAgent, request: number, what: AgentRequest, process: ProcessApi): void {
  const purpose: RequestPurpose = { for: 'request', request, asked: what };
  const command = (command: SerfCommand) => agent.command(command, purpose, process);
  switch (what.type) {
    case 'members': {
      const filter = memberFilter(what);
      if (typeof filter !== 'string') return command({ command: 'members' });
      log(agent, `[ERR] agent.ipc: Failed to evaluate request: Failed to compile regex: ${filter}`, process);
      return agent.answer(request, { type: 'closed' }, process);
    }
    case 'join':
      return join(agent, what.addresses, purpose, what.replay, process);
    case 'leave':
      log(agent, '[INFO] agent.ipc: Graceful leave triggered', process);
      return leave(agent, purpose, process);
    case 'force-leave':
      return forceLeave(agent, what, purpose, process);
    case 'monitor':
      return monitor(agent, request, what.level, process);
    case 'event': {
      const { name, payload, coalesce } = what;
      const how = `${name}. Coalesced: ${coalesce}. Payload: ${JSON.stringify(payload)}`;
      log(agent, `[DEBUG] agent: Requesting user event send: ${how}`, process);
      return command({ command: 'event', name, payload, coalesce });
    }
    case 'query': {
      const { type: _, ...question } = what;
      // Names of Serf's own are refused before anything is logged.
      if (!question.name.startsWith('_serf_') || (question.name === '_serf_ping' && question.payload === '')) {
        const payload = JSON.stringify(question.payload);
        log(agent, `[DEBUG] agent: Requesting query send: ${question.name}. Payload: ${payload}`, process);
      }
      return command({ command: 'query', ...question });
    }
    case 'tags': {
      const error = retag(agent, changedTags(agent.state.tags, what), purpose, process);
      return error === undefined ? undefined : agent.answer(request, { type: 'failed', error }, process);
    }
    case 'keys':
      log(agent, `[INFO] agent: Initiating ${INITIATING[what.action]}`, process);
      return command({ command: 'keys', action: what.action, key: what.key, relay: 0 });
    case 'info':
      return command({ command: 'info' });
    case 'rtt':
      return agent.command({ command: 'coordinate', node: what.nodes[0] ?? '' }, { ...purpose, coordinates: [] }, process);
  }
}

type TagsRequest = Extract<AgentRequest, { type: 'tags' }>;

function changedTags(tags: Tags, { set, remove }: TagsRequest): Tags {
  const left = tags.filter(([key]) => !remove.includes(key));
  return Object.entries({ ...Object.fromEntries(left), ...set });
}

/** Serf has replied to what a command of the host asked for. */
export function answered(agent: SerfAgent, command: number, purpose: RequestPurpose, result: unknown, process: ProcessApi): void {
  const { request, asked } = purpose;
  switch (asked.type) {
    case 'members': {
      const filter = memberFilter(asked);
      const members = (result as MembersReply).members.filter((row) => typeof filter === 'object' && matches(filter, row));
      return agent.answer(request, { type: 'members', members }, process);
    }
    case 'join': {
      const { contacted, error } = joined(agent, asked.addresses, result, process);
      return agent.answer(request, error === undefined ? { type: 'joined', contacted } : { type: 'failed', error }, process);
    }
    case 'leave':
      return left(agent, result, request, process);
    case 'query': {
      const { error } = result as QueryReply;
      if (error !== undefined) return failed(agent, request, error, 'start user query', process);
      agent.state.queries.set(command, request);
      return process.answer(request, { type: 'done' }, true);
    }
    case 'event': {
      const { error } = result as DoneReply;
      if (error !== undefined) return failed(agent, request, error, 'send user event', process);
      return agent.answer(request, { type: 'done' }, process);
    }
    case 'keys':
      return agent.answer(request, { type: 'keys', reply: result as KeysReply }, process);
    case 'info': {
      const handlers = handlersOf(agent.setup.config).map(({ event, name, script }) => [`${event}:${name}`, script] as const);
      return agent.answer(request, { type: 'info', info: result as InfoReply, node: agent.node, handlers }, process);
    }
    case 'rtt':
      return located(agent, purpose, result as CoordinateReply, process);
    default: {
      const { error } = result as DoneReply;
      return agent.answer(request, error === undefined ? { type: 'done' } : { type: 'failed', error }, process);
    }
  }
}

/** Serf has refused it, which the log is told; the agent itself refuses names of Serf's own, and tells nobody else. */
function failed(agent: SerfAgent, request: number, error: string, what: string, process: ProcessApi): void {
  if (!error.startsWith('Queries cannot')) log(agent, `[WARN] agent: failed to ${what}: ${error}`, process);
  agent.answer(request, { type: 'failed', error }, process);
}

/** Where one of two members is; then the other is asked after. */
function located(agent: SerfAgent, purpose: RequestPurpose, { coordinate }: CoordinateReply, process: ProcessApi): void {
  const { request, asked, coordinates: before = [] } = purpose;
  if (asked.type !== 'rtt') return;
  const nodes = asked.nodes.length === 1 ? [...asked.nodes, agent.node] : asked.nodes;
  const coordinates = [...before, [nodes[before.length] ?? '', coordinate] as const];
  const next = nodes[coordinates.length];
  if (next === undefined) return agent.answer(request, { type: 'coordinates', coordinates }, process);
  agent.command({ command: 'coordinate', node: next }, { ...purpose, coordinates }, process);
}
