import type { NoticedMember } from '../../../core/serf/events.ts';
import { formatTags, type Tags } from '../../../core/serf/tags.ts';

/** The kinds of events that a handler can be for. */
const KINDS = ['member-join', 'member-leave', 'member-failed', 'member-update', 'member-reap', 'user', 'query'] as const;

/** One script, and one kind of events that it is run for. */
export interface Handler {
  /** `*` for all. */
  readonly event: string;
  /** For user events and queries of this name alone. */
  readonly name: string | undefined;
  readonly script: string;
}

/** What an event is, as far as handlers tell events apart. */
export interface HandledEvent {
  readonly type: string;
  readonly name?: string;
}

/**
 * Reads a spec: a script for all events, or `member-failed,user:deploy=script`. What stands before the first `=` are the filters,
 * and blanks in them count. Every filter makes a handler of its own.
 *
 * @returns what is wrong with it, as a sentence
 */
export function parseHandlers(spec: string): readonly Handler[] | string {
  const split = spec.indexOf('=');
  const filters = split < 0 ? '*' : spec.slice(0, split);
  const script = spec.slice(split + 1);
  const handlers: Handler[] = [];
  for (const filter of filters.split(',')) {
    const [event = '', ...rest] = filter.split(':');
    const named = rest.length > 0 && (event === 'user' || event === 'query');
    if (filter !== '*' && (!isKind(event) || (rest.length > 0 && !named))) {
      return `\`${filter}\` is no kind of event; known are ${KINDS.join(', ')}, user:NAME, query:NAME and *`;
    }
    handlers.push({ event, name: named ? rest.join(':') : undefined, script });
  }
  return handlers;
}

const isKind = (text: string): boolean => KINDS.some((kind) => kind === text);

export function handles({ event, name }: Handler, happened: HandledEvent): boolean {
  return (event === '*' || event === happened.type) && (name === undefined || name === happened.name);
}

/** What a handler finds in its environment. */
export function handlerEnvironment(event: string, self: { readonly name: string; readonly tags: Tags }): Map<string, string> {
  const environment = new Map([
    ['SERF_EVENT', event],
    ['SERF_SELF_NAME', self.name],
    ['SERF_SELF_ROLE', roleOf(self.tags)],
  ]);
  for (const [key, value] of self.tags) environment.set(`SERF_TAG_${key.toUpperCase().replace(/[^A-Z0-9_]/g, '_')}`, value);
  return environment;
}

/** What a handler reads: a line per member, its name, address, role and tags apart by tabs. */
export function handlerInput(members: readonly NoticedMember[]): string {
  return members
    .map(({ name, address, tags }) => `${[name, address, roleOf(tags), formatTags(tags)].map(escaped).join('\t')}\n`)
    .join('');
}

const roleOf = (tags: Tags): string => tags.find(([key]) => key === 'role')?.[1] ?? '';

const escaped = (text: string): string => text.replaceAll('\t', '\\t').replaceAll('\n', '\\n');
