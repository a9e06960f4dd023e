import type { NameId } from '../../names.ts';
import type { Instant } from '../../time.ts';
import type { GossipConfig } from '../config.ts';
import type { Suspicion } from '../suspicion.ts';
import { Timer } from '../tables.ts';
import { called, isOverdue, isTimely, isTimeout, type Life, type NewProperty, SOUND, unless } from './property.ts';
import { confirmationsWanted, shortestSuspicion, suspicionFor } from './reference.ts';

interface Seen {
  readonly startedAt: Instant;
  confirmations: number;
  due: Instant;
}

/** When a suspicion ends by itself, as it is now. */
const dueOf = ({ startedAt, confirmations, expected, min, max }: Suspicion): Instant =>
  (startedAt + suspicionFor(confirmations, expected, min, max)) as Instant;

/** How long suspects are given. */
export const SUSPICION_PROPERTIES: readonly NewProperty[] = [
  () => {
    const lives = new Map<Life, Map<NameId, Seen>>();
    return {
      name: 'Suspicion window',
      changed(life, { field, subject, value }, before) {
        if (field !== 'state' || value !== 'dead' || before?.state !== 'suspect') return undefined;
        const seen = lives.get(life)?.get(subject);
        if (seen === undefined || !isTimeout(life, Timer.suspicion) || !isAbout(life, subject)) return undefined;
        return unless(
          isTimely(life, seen.due),
          () => `ends the suspicion of ${called(life, subject)} at ${life.now}, due at ${seen.due}`,
        );
      },
      fed(life) {
        const { suspicions } = life.gossip.state;
        const seen = lives.get(life) ?? new Map<NameId, Seen>();
        if (suspicions.size === 0 && seen.size === 0) return undefined;
        lives.set(life, seen);
        for (const name of seen.keys()) if (!suspicions.has(name)) seen.delete(name);
        for (const [name, suspicion] of suspicions) {
          const { startedAt, confirmations } = suspicion;
          const known = seen.get(name);
          if (known?.startedAt !== startedAt) {
            const wrong = startsWrong(life, suspicion);
            if (wrong !== undefined) return `suspects ${called(life, name)} ${wrong}`;
          }
          const due = dueOf(suspicion);
          if (isOverdue(life, due))
            return `still suspects ${called(life, name)}, which was due at ${due} with ${confirmations} confirmations`;
          seen.set(name, { startedAt, confirmations, due });
        }
        return SOUND;
      },
      adopted(life) {
        const { suspicions } = life.gossip.state;
        const seen = [...suspicions].map(([name, each]) => [name, { ...each, due: dueOf(each) }] as const);
        lives.set(life, new Map(seen));
      },
      ended: (life) => void lives.delete(life),
    };
  },
];

const isAbout = ({ input }: Life, subject: NameId): boolean => input.type === 'timeout' && input.subject === subject;

/** What is wrong with a suspicion that has just begun. */
function startsWrong({ gossip, before, now }: Life, suspicion: Suspicion): string | undefined {
  const { startedAt, min, max, expected } = suspicion;
  if (startedAt !== now) return `since ${startedAt}`;
  // The list may have been renewed after it began, and newcomers may have come in the same input.
  const [least, most] = [before.estimate, gossip.state.estimate].toSorted((a, b) => a - b) as [number, number];
  for (let size = least; size <= most; size++) if (isFair(suspicion, size, gossip.config)) return undefined;
  return `for ${min} to ${max} ns until ${expected} agree, among ${least} to ${most}`;
}

function isFair({ min, max, expected }: Suspicion, size: number, config: GossipConfig): boolean {
  const { suspicionMult, probeInterval, suspicionMaxTimeoutMult } = config;
  return (
    min === shortestSuspicion(suspicionMult, size, probeInterval) &&
    max === min * suspicionMaxTimeoutMult &&
    expected === confirmationsWanted(suspicionMult, size)
  );
}
