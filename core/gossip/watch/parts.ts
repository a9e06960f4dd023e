import type { NameId } from '../../names.ts';
import type { Input, Passing } from '../cluster.ts';
import type { Compound, PushPull, Rumour, Single } from '../message.ts';
import { ALIVE, LEFT } from '../status.ts';
import type { Life } from './property.ts';

/** The messages of a datagram. */
export const partsOf = ({ message }: Pick<Passing, 'message'>): readonly Single[] =>
  message.type === 'compound' ? (message as Compound).parts : [message as Single];

export const isRumour = (part: Single): part is Rumour =>
  part.type === 'alive' || part.type === 'suspect' || part.type === 'dead';

/** What somebody says of a member. */
export interface Claim {
  readonly about: NameId;
  readonly says: 'alive' | 'suspect' | 'dead' | 'left';
  readonly incarnation: number;
}

/** The claims that a node is given: gossiped ones, and those of a state that it merges, as which deaths are suspicions. */
export function claimsIn(life: Life, input: Input): readonly Claim[] {
  if (input.type === 'receive')
    return partsOf(input as { readonly message: unknown } as Passing)
      .filter(isRumour)
      .map(claimOf);
  if (input.type !== 'stream' || input.event.type !== 'data' || !life.before.merges) return [];
  const message = input.event.message as Partial<PushPull>;
  const { nodes } = message;
  if (message.type !== 'push-pull' || nodes === undefined) return [];
  return Array.from(nodes.names, (name, i) => {
    const state = nodes.states[i];
    const says = state === ALIVE ? 'alive' : state === LEFT ? 'left' : 'suspect';
    return { about: name as NameId, says, incarnation: nodes.incarnations[i] as number };
  });
}

export function claimOf(rumour: Rumour): Claim {
  const { node: about, incarnation, type } = rumour;
  return { about, incarnation, says: type === 'dead' && rumour.from === about ? 'left' : type };
}
