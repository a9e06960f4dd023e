import type { Endpoint, NameId } from '../../names.ts';
import type { Input } from '../cluster.ts';
import type { DescriptionId } from '../description.ts';
import type { Gossip } from '../gossip.ts';
import type { Compound, PushPull, Rumour, Single } from '../message.ts';
import { versionsAgree } from '../pushpull.ts';
import { MOST_PARTS } from '../size.ts';
import { ALIVE, LEFT } from '../status.ts';
import type { Before, Life, Sent } from './property.ts';

type Typed = { readonly type?: unknown; readonly message?: unknown } | null | undefined;

/** The messages of a datagram, whatever is around them; none of what was sent over a stream. */
export function partsOf({ to, message }: Pick<Sent, 'to' | 'message'>): readonly Single[] {
  return to === undefined ? [] : messagesIn(message);
}

/** The same of a message on a stream, of which there is one. */
export function messagesIn(message: unknown): readonly Single[] {
  const { type, message: content } = (message as Typed) ?? {};
  if (type === 'labelled' || type === 'sealed') return messagesIn(content);
  return type === 'compound' ? (message as Compound).parts : [message as Single];
}

export const isRumour = (part: Single): part is Rumour =>
  part.type === 'alive' || part.type === 'suspect' || part.type === 'dead';

/** What somebody says of a member. */
export interface Claim {
  readonly about: NameId;
  readonly says: 'alive' | 'suspect' | 'dead' | 'left';
  readonly incarnation: number;
  /** Of one that is alive. */
  readonly address: Endpoint | undefined;
}

/** The messages of the datagram that a node is given, if it looks at it. */
export function partsGiven({ gossip, input }: Pick<Life, 'gossip' | 'input'>): readonly Single[] {
  if (input.type !== 'receive') return [];
  const content = opened(gossip, input.message);
  const parts = content === undefined ? [] : messagesIn(content);
  // Of more the count says something else, and nobody can read them.
  return parts.length > MOST_PARTS ? [] : parts;
}

const NONE: readonly Claim[] = [];

/** The claims that a node is given: gossiped ones, and those of a state that it merges, as which deaths are suspicions. */
export function claimsIn(gossip: Gossip, { merges }: Pick<Before, 'merges'>, input: Input): readonly Claim[] {
  if (input.type === 'receive') {
    const content = opened(gossip, input.message);
    if (content === undefined) return NONE;
    const parts = messagesIn(content);
    return parts.some(isRumour) ? parts.filter(isRumour).map((rumour) => claimOf(gossip, rumour)) : NONE;
  }
  if (!merges || input.type !== 'stream' || input.event.type !== 'data') return NONE;
  const message = opened(gossip, input.event.message) as Partial<PushPull> | undefined;
  const { nodes } = message ?? {};
  if (message?.type !== 'push-pull' || nodes === undefined) return NONE;
  if (!versionsAgree(gossip.state.members, nodes, gossip.descriptions)) return NONE;
  return Array.from(nodes.names, (name, i) => {
    const state = nodes.states[i];
    const says = state === ALIVE ? 'alive' : state === LEFT ? 'left' : 'suspect';
    const address = addressOf(gossip, nodes.descriptions[i] as DescriptionId);
    return { about: name as NameId, says, incarnation: nodes.incarnations[i] as number, address };
  });
}

/** What is in an envelope that a node has the key for; undefined for what it will not look at. */
export function opened({ state, config }: Gossip, message: unknown): unknown {
  const { type, label, message: content } = (message ?? {}) as Record<string, unknown>;
  const inner = type === 'labelled' ? content : message;
  if ((type === 'labelled' ? label : '') !== config.label) return undefined;
  const { type: kind, key, message: open } = (inner ?? {}) as Record<string, unknown>;
  if (kind === 'sealed') return state.keys?.includes(key as string) === true ? open : undefined;
  return state.keys !== undefined && config.gossipVerifyIncoming ? undefined : inner;
}

function claimOf(gossip: Gossip, rumour: Rumour): Claim {
  const { node: about, incarnation, type } = rumour;
  const says = type === 'dead' && rumour.from === about ? 'left' : type;
  return { about, incarnation, says, address: type === 'alive' ? addressOf(gossip, rumour.description) : undefined };
}

const addressOf = ({ descriptions }: Gossip, description: DescriptionId): Endpoint => descriptions.of(description).address;
