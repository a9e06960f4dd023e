import type { NameId } from '../../names.ts';
import { type Claim, claimsIn, isRumour, partsOf } from './parts.ts';
import type { Belief, Life, NewProperty } from './property.ts';

/** What a node may believe of a member, and what it must not. */
export const CLAIM_PROPERTIES: readonly NewProperty[] = [
  () => ({
    name: 'Incarnation monotone',
    changed: (_life, { field, subject, value }, before) =>
      field === 'incarnation' && value !== '' && before !== undefined && Number(value) < before.incarnation
        ? `lowers the incarnation of ${subject} from ${before.incarnation} to ${value}`
        : undefined,
  }),

  () => {
    /** The highest incarnation that each member ever gave itself, in all its lives. */
    const issued = new Map<NameId, number>();
    const exceeds = (about: NameId, incarnation: number): string | undefined => {
      const own = issued.get(about) ?? 0;
      return incarnation > own ? `has incarnation ${incarnation} of ${about}, which never went beyond ${own}` : undefined;
    };
    return {
      name: 'Only owner raises',
      changed({ self }, { field, subject, value }) {
        if (field !== 'incarnation' || value === '') return undefined;
        const about = subject as NameId;
        if (about === self) issued.set(about, Math.max(issued.get(about) ?? 0, Number(value)));
        return exceeds(about, Number(value));
      },
      sent(_life, passing) {
        if (passing.streamed) return undefined;
        for (const part of partsOf(passing)) {
          const wrong = isRumour(part) ? exceeds(part.node, part.incarnation) : undefined;
          if (wrong !== undefined) return wrong;
        }
        return undefined;
      },
    };
  },

  () => ({
    name: 'Refutation beats accusation',
    fed(life, input) {
      const { before, self, gossip } = life;
      if (before.leaving) return undefined;
      const own = gossip.state.incarnation;
      const answered = ({ says, incarnation }: Claim): boolean => own > incarnation || (says === 'alive' && own === incarnation);
      const claim = claimsIn(life, input).find((each) => each.about === self && !answered(each));
      return claim && `lets stand that it is ${claim.says} at incarnation ${claim.incarnation}, its own being ${own}`;
    },
  }),

  () => ({
    name: 'No resurrection',
    changed: ({ beliefs }, { field, subject, value }, before) =>
      field === 'state' &&
      value === 'alive' &&
      isGone(before) &&
      (beliefs.get(subject as NameId)?.incarnation ?? 0) <= (before?.goneAt ?? -1)
        ? `holds ${subject} alive again at an incarnation at which it was ${before?.state}`
        : undefined,
  }),

  () => {
    /** By life and member: the highest incarnation at which it was rightly accused there. */
    const accused = new Map<Life, Map<NameId, number>>();
    return {
      name: 'Evidence stands',
      feeding(life, input) {
        const claims = claimsIn(life, input);
        for (const claim of claims) {
          if (claim.about === life.self || !countsAgainst(claim, life.beliefs.get(claim.about))) continue;
          // Of several in one packet the first may decide what the next is worth.
          if (claims.some((other) => other !== claim && other.about === claim.about)) continue;
          const evidence = accused.get(life) ?? new Map<NameId, number>();
          accused.set(life, evidence);
          evidence.set(claim.about, Math.max(claim.incarnation, evidence.get(claim.about) ?? 0));
        }
      },
      changed(life, { field, subject, value }) {
        if (field === 'state' && value === '') accused.get(life)?.delete(subject as NameId);
        return undefined;
      },
      fed(life, input) {
        for (const { about } of claimsIn(life, input)) {
          const belief = life.beliefs.get(about);
          const evidence = accused.get(life)?.get(about) ?? 0;
          if (belief?.state !== 'alive' || belief.incarnation > evidence) continue;
          return `holds ${about} alive at incarnation ${belief.incarnation}, accused at ${evidence}`;
        }
        return undefined;
      },
    };
  },

  () => ({
    name: 'An exchange of states kills nobody',
    changed(life, { field, subject, value }, belief) {
      if (!life.before.merges || field !== 'state' || belief === undefined || (value !== 'dead' && value !== 'left'))
        return undefined;
      const wrong = `takes ${subject} from ${belief.state} to ${value} by an exchange of states`;
      if (value === 'dead') return belief.state === 'alive' ? wrong : undefined;
      const hasLeft = ({ about, says }: Claim): boolean => about === subject && says === 'left';
      return claimsIn(life, life.input).some(hasLeft) ? undefined : wrong;
    },
  }),

  ({ cluster }) => ({
    name: 'Only the long gone are forgotten',
    changed({ gossip }, { field, subject, value }, before) {
      if (field !== 'state' || value !== '' || before === undefined) return undefined;
      const age = cluster.now - before.since;
      if (isGone(before) && age > gossip.config.gossipToTheDeadTime) return undefined;
      // One that came with incarnation 0 was never there.
      return before.incarnation === 0 ? undefined : `forgets ${subject}, ${before.state} for ${age} ns`;
    },
  }),
];

const isGone = (belief: Belief | undefined): boolean => belief?.state === 'dead' || belief?.state === 'left';

/** Whether an accusation is one that a node has to remember, given what it believes. */
function countsAgainst({ says, incarnation }: Claim, belief: Belief | undefined): boolean {
  if (belief === undefined || says === 'alive' || incarnation < belief.incarnation) return false;
  return !(isGone(belief) && says === 'suspect');
}
