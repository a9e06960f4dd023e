import type { Quirks } from '../quirks.ts';

/** Which properties the oddities of the originals break: what is known, by name. */
const BROKEN: Partial<Readonly<Record<keyof Quirks, readonly string[]>>> = {
  kChoiceSampling: [
    'All helpers there are are asked',
    'Gossip goes to as many as it may',
    'Refutation wins',
    'Agreement after restarts',
  ],
  queueIdReset: ['What is news is passed on'],
  staleAliveRevives: ['Evidence stands'],
  confirmationKeepsIncarnation: ['Evidence stands'],
  udpErrorEndsProbe: ['Everybody has a turn', 'Probing goes on', 'Completeness'],
  compoundUnsplit: ['Compound count', 'Every claim comes to what it must'],
  staleAliveUnanswered: ['Agreement after restarts'],
};

/** The properties that nodes with these quirks do not have. */
export const brokenBy = (quirks: Quirks): readonly string[] =>
  Object.entries(BROKEN).flatMap(([quirk, names]) => (quirks[quirk as keyof Quirks] ? names : []));

/** For which of these quirks a property is known to be broken. */
export const excusesOf = (property: string, quirks: readonly (keyof Quirks)[]): readonly string[] =>
  quirks.filter((quirk) => BROKEN[quirk]?.includes(property));
