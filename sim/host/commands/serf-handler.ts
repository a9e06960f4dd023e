import type { MemberNotice, QueryNotice, UserNotice } from '../../../core/serf/events.ts';
import { formatTags, type Tags } from '../../../core/serf/tags.ts';

/** The kinds of events that a handler can be for. */
const KINDS = ['member-join', 'member-leave', 'member-failed', 'member-update', 'member-reap', 'user', 'query'] as const;

/** One script, and one kind of events that it is run for. */
export interface Handler {
  /** `*` for all. */
  readonly event: string;
  /** For user events and queries of this name alone; empty for all. */
  readonly name: string;
  readonly script: string;
}

/** Something that happened, as handlers hear of it. */
export type AgentEvent = MemberNotice | UserNotice | QueryNotice;

/**
 * Reads a spec: a script for all events, or `member-failed,user:deploy=script`. What stands before the first `=` are the filters,
 * and blanks in them count. Every filter makes a handler of its own.
 */
export function parseHandlers(spec: string): readonly Handler[] {
  const split = spec.indexOf('=');
  const filters = split < 1 ? '*' : spec.slice(0, split);
  const script = spec.slice(split + 1);
  return filters.split(',').map((filter) => {
    const [, event = filter, name = ''] = /^(user|query):(.*)$/s.exec(filter) ?? [];
    return { event, name, script };
  });
}

const isGood = ({ event }: Handler): boolean => event === '*' || KINDS.some((kind) => kind === event);

/** What is wrong with a spec, as a sentence. */
export function handlerProblem(spec: string): string | undefined {
  const bad = parseHandlers(spec).find((handler) => !isGood(handler));
  if (bad === undefined) return undefined;
  return `\`${bad.event}\` is no kind of event; known are ${KINDS.join(', ')}, user:NAME, query:NAME and *`;
}

/** What the agent says of the first handler that it does not accept. */
export function refusedHandler(handlers: readonly Handler[]): string | undefined {
  const bad = handlers.find((handler) => !isGood(handler));
  if (bad === undefined) return undefined;
  const { event, name, script } = bad;
  return `Invalid event script: Event '${event}${name === '' ? '' : `:${name}`}' invoking '${script}'`;
}

export function handles({ event, name }: Handler, happened: { readonly type: string; readonly name?: string }): boolean {
  return event === '*' || (event === happened.type && (name === '' || name === happened.name));
}

/** What a handler finds in its environment. */
export function handlerEnvironment(event: AgentEvent, self: { readonly name: string; readonly tags: Tags }): Map<string, string> {
  const environment = new Map([
    ['SERF_EVENT', event.type],
    ['SERF_SELF_NAME', self.name],
    ['SERF_SELF_ROLE', roleOf(self.tags)],
  ]);
  for (const [key, value] of self.tags) environment.set(`SERF_TAG_${key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`, value);
  switch (event.type) {
    case 'user':
      return environment.set('SERF_USER_EVENT', event.name).set('SERF_USER_LTIME', String(event.time));
    case 'query':
      return environment.set('SERF_QUERY_NAME', event.name).set('SERF_QUERY_LTIME', String(event.time));
    default:
      return environment;
  }
}

/** What a handler reads: a line per member, its name, address, role and tags apart by tabs; or the payload, which then ends with a line feed. */
export function handlerInput(event: AgentEvent): string {
  if (!('members' in event)) return event.payload === '' || event.payload.endsWith('\n') ? event.payload : `${event.payload}\n`;
  return event.members
    .map(({ name, address, tags }) => `${[name, address, roleOf(tags), formatTags(tags)].map(escaped).join('\t')}\n`)
    .join('');
}

const roleOf = (tags: Tags): string => tags.find(([key]) => key === 'role')?.[1] ?? '';

const escaped = (text: string): string => text.replaceAll('\t', '\\t').replaceAll('\n', '\\n');
