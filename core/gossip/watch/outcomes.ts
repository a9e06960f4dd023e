import type { NameId } from '../../names.ts';
import type { Single } from '../message.ts';
import { type Claim, isRumour, partsOf } from './parts.ts';
import { type Belief, called, type Life, type NewProperty, SOUND } from './property.ts';

/** What is held of a member; undefined of one that is unknown. */
interface Held {
  readonly state: Belief['state'];
  readonly incarnation: number;
}

/** What a claim must come to, and whether everybody is to hear of it. */
interface Verdict {
  readonly about: NameId;
  readonly held: Held | undefined;
  /** One of its confirmations may be the last, with which the suspicion is over. */
  readonly mayDie: boolean;
}

/** What claims come to. */
export const OUTCOME_PROPERTIES: readonly NewProperty[] = [
  () => {
    let due: Verdict[] = [];
    return {
      name: 'Every claim comes to what it must',
      feeding(life) {
        due = [];
        const { claims, self } = life;
        for (const claim of claims) {
          // Of several about one member each changes what the next meets.
          if (claim.about === self || claims.some((other) => other !== claim && other.about === claim.about)) continue;
          due.push(verdictOn(life, claim));
        }
      },
      fed(life) {
        if (due.length === 0) return undefined;
        for (const { about, held, mayDie } of due) {
          const belief = life.beliefs.get(about);
          const same = belief?.state === held?.state && belief?.incarnation === held?.incarnation;
          // What came along may have begun a new time around, and who is long gone is forgotten then.
          if (belief === undefined && (held?.state === 'dead' || held?.state === 'left')) continue;
          if (same || (mayDie && belief?.state === 'dead' && belief.incarnation === held?.incarnation)) continue;
          return `holds ${called(life, about)} ${inWords(belief)}, which must be ${inWords(held)}`;
        }
        return SOUND;
      },
    };
  },

  () => {
    /** As what members are held now, and at which incarnation that began: it may have risen since without being news. */
    const changed = new Map<NameId, Held>();
    return {
      name: 'What is news is passed on',
      changed({ beliefs }, { field, subject, value }) {
        const belief = beliefs.get(subject);
        if (field === 'state' && value !== '' && belief !== undefined) changed.set(subject, { ...belief });
        return undefined;
      },
      // What Serf's own inputs have changed, such as a departure, went out who knows when.
      feeding: () => changed.clear(),
      fed(life) {
        if (changed.size === 0) return undefined;
        const news = [...changed];
        changed.clear();
        for (const [subject, { state, incarnation: least }] of news) {
          const belief = life.beliefs.get(subject);
          // A newcomer of incarnation 0 was never there.
          if (belief === undefined || belief.incarnation === 0 || belief.state !== state) continue;
          const says = state === 'left' ? 'dead' : state;
          const isAboutIt = (message: Single): boolean =>
            isRumour(message) &&
            message.node === subject &&
            message.type === says &&
            message.incarnation >= least &&
            message.incarnation <= belief.incarnation;
          const isQueued = life.gossip.state.queue.entries.some(({ message }) => isAboutIt(message));
          // Where few packets are enough it may have gone out already.
          if (!isQueued && !life.sends.some((sent) => partsOf(sent).some(isAboutIt)))
            return `keeps to itself that ${called(life, subject)} is ${state}`;
        }
        return SOUND;
      },
    };
  },
];

/** SWIM's order of claims (§4.2), with what memberlist adds: who is gone stays so at the same incarnation, and names may move. */
function verdictOn(life: Life, { about, says, incarnation, address }: Claim): Verdict {
  const { config, quirks } = life.gossip;
  const belief = life.beliefs.get(about);
  const becomes = (held: Held | undefined, mayDie = false): Verdict => ({ about, held, mayDie });
  if (belief === undefined) {
    if (says !== 'alive') return becomes(undefined);
    return becomes({ state: incarnation > 0 ? 'alive' : 'dead', incarnation });
  }
  const { state } = belief;
  const isGone = state === 'dead' || state === 'left';
  if (says === 'alive') {
    const reclaims = config.deadNodeReclaimTime > 0 && life.now - belief.since > config.deadNodeReclaimTime;
    const mayMove = state === 'left' || (state === 'dead' && reclaims);
    if (address !== belief.address && !mayMove) return becomes(belief0(belief));
    return becomes(
      incarnation > belief.incarnation || address !== belief.address ? { state: 'alive', incarnation } : belief0(belief),
    );
  }
  if (incarnation < belief.incarnation) return becomes(belief0(belief));
  if (says === 'suspect') {
    if (isGone) return becomes(belief0(belief));
    const kept = state === 'suspect' && quirks.confirmationKeepsIncarnation;
    return becomes({ state: 'suspect', incarnation: kept ? belief.incarnation : incarnation }, state === 'suspect');
  }
  if (!isGone) return becomes({ state: says, incarnation });
  return becomes({ state, incarnation: quirks.staleAliveRevives ? belief.incarnation : incarnation });
}

const belief0 = ({ state, incarnation }: Belief): Held => ({ state, incarnation });

const inWords = (held: Held | undefined): string => (held === undefined ? 'unknown' : `${held.state} at ${held.incarnation}`);
