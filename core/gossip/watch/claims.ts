import type { NameId } from '../../names.ts';
import { type Claim, isRumour, partsOf } from './parts.ts';
import { type Belief, called, type Life, type NewProperty, SOUND, unless } from './property.ts';

/** What a node may believe of a member, and what it must not. */
export const CLAIM_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Incarnation monotone',
    changed(life, { field, subject, value, moved }, before) {
      if (field !== 'incarnation' || value === '' || before === undefined || moved) return undefined;
      return unless(
        Number(value) >= before.incarnation,
        () => `lowers the incarnation of ${called(life, subject)} from ${before.incarnation} to ${value}`,
      );
    },
    // Every claim about somebody who is known could have lowered it.
    fed: ({ claims, beliefs }) => (claims.some(({ about }) => beliefs.has(about)) ? SOUND : undefined),
  }),

  () => {
    /** The highest incarnation that each member ever gave itself, in all its lives. */
    const issued = new Map<NameId, number>();
    const issue = (about: NameId, incarnation: number): void => {
      issued.set(about, Math.max(issued.get(about) ?? 0, incarnation));
    };
    const judge = (life: Life, about: NameId, incarnation: number): string => {
      const own = issued.get(about) ?? 0;
      return unless(
        incarnation <= own,
        () => `has incarnation ${incarnation} of ${called(life, about)}, which never went beyond ${own}`,
      );
    };
    return {
      name: 'Only owner raises',
      adopted({ beliefs }) {
        for (const [about, { incarnation }] of beliefs) issue(about, incarnation);
      },
      changed(life, { field, subject, value }) {
        if (field !== 'incarnation' || value === '') return undefined;
        if (subject === life.self) issue(subject, Number(value));
        return judge(life, subject, Number(value));
      },
      sent(life, sent) {
        let found: string | undefined;
        for (const part of partsOf(sent)) {
          if (!isRumour(part)) continue;
          found = judge(life, part.node, part.incarnation);
          if (found !== SOUND) return found;
        }
        return found;
      },
    };
  },

  () => ({
    name: 'Refutation beats accusation',
    fed({ before, self, gossip, claims }) {
      if (before.leaving || claims.length === 0) return undefined;
      const own = gossip.state.incarnation;
      const answered = ({ says, incarnation }: Claim): boolean => own > incarnation || (says === 'alive' && own === incarnation);
      // Who claims the name from elsewhere speaks of somebody else.
      const aboutUs = claims.filter(
        ({ about, address }) => about === self && (address ?? gossip.self.address) === gossip.self.address,
      );
      if (aboutUs.length === 0) return undefined;
      const claim = aboutUs.find((each) => !answered(each));
      return unless(
        claim === undefined,
        () => `lets stand that it is ${claim?.says} at incarnation ${claim?.incarnation}, its own being ${own}`,
      );
    },
  }),

  () => ({
    name: 'No resurrection',
    changed(life, { field, subject, value, moved }, before) {
      if (field !== 'state' || value !== 'alive' || moved || before === undefined || !isGone(before)) return undefined;
      return unless(
        (life.beliefs.get(subject)?.incarnation ?? 0) > before.goneAt,
        () => `holds ${called(life, subject)} alive again at an incarnation at which it was ${before.state}`,
      );
    },
  }),

  () => {
    /** By life and member: the highest incarnation at which it was rightly accused there. */
    const accused = new Map<Life, Map<NameId, number>>();
    return {
      name: 'Evidence stands',
      feeding(life) {
        const { claims } = life;
        for (const claim of claims) {
          if (claim.about === life.self || !countsAgainst(claim, life.beliefs.get(claim.about))) continue;
          // Of several in one packet the first may decide what the next is worth.
          if (claims.some((other) => other !== claim && other.about === claim.about)) continue;
          const evidence = accused.get(life) ?? new Map<NameId, number>();
          accused.set(life, evidence);
          evidence.set(claim.about, Math.max(claim.incarnation, evidence.get(claim.about) ?? 0));
        }
      },
      changed(life, { field, subject, value, moved }) {
        if (moved || (field === 'state' && value === '')) accused.get(life)?.delete(subject);
        return undefined;
      },
      fed(life) {
        let found: string | undefined;
        for (const { about } of life.claims) {
          const belief = life.beliefs.get(about);
          const evidence = accused.get(life)?.get(about);
          if (belief === undefined || evidence === undefined) continue;
          if (belief.state === 'alive' && belief.incarnation <= evidence)
            return `holds ${called(life, about)} alive at incarnation ${belief.incarnation}, accused at ${evidence}`;
          found = SOUND;
        }
        return found;
      },
      ended: (life) => void accused.delete(life),
    };
  },

  () => ({
    name: 'An exchange of states kills nobody',
    fed: ({ before, claims }) => (before.merges && claims.length > 0 ? SOUND : undefined),
    changed(life, { field, subject, value }, belief) {
      const { before, claims } = life;
      if (!before.merges || field !== 'state' || belief === undefined || (value !== 'dead' && value !== 'left')) return undefined;
      // A departure of its own may go on just then.
      if (subject === life.self) return undefined;
      const hasLeft = ({ about, says }: Claim): boolean => about === subject && says === 'left';
      const fair = value === 'dead' ? belief.state !== 'alive' : claims.some(hasLeft);
      return unless(fair, () => `takes ${called(life, subject)} from ${belief.state} to ${value} by an exchange of states`);
    },
  }),

  () => ({
    name: 'Only the long gone are forgotten',
    changed(life, { field, subject, value }, before) {
      // One that came with incarnation 0 was never there.
      if (field !== 'state' || value !== '' || before === undefined || before.incarnation === 0) return undefined;
      const { gossip, now } = life;
      const age = now - before.since;
      return unless(
        isGone(before) && age > gossip.config.gossipToTheDeadTime,
        () => `forgets ${called(life, subject)}, ${before.state} for ${age} ns`,
      );
    },
  }),
];

const isGone = ({ state }: Belief): boolean => state === 'dead' || state === 'left';

/** Whether an accusation is one that a node has to remember, given what it believes. */
function countsAgainst({ says, incarnation }: Claim, belief: Belief | undefined): boolean {
  if (belief === undefined || says === 'alive' || incarnation < belief.incarnation) return false;
  return !(isGone(belief) && says === 'suspect');
}
