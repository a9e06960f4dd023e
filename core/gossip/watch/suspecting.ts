import type { NameId } from '../../names.ts';
import type { Instant } from '../../time.ts';
import type { GossipConfig } from '../config.ts';
import { expectedConfirmations, type Suspicion, suspicionMinimum, suspicionTimeout } from '../suspicion.ts';
import { Timer } from '../tables.ts';
import type { Life, NewProperty } from './property.ts';

interface Seen {
  readonly startedAt: Instant;
  confirmations: number;
  due: Instant;
}

/** When a suspicion ends by itself, as it is now. */
const dueOf = (suspicion: Suspicion): Instant =>
  (suspicion.startedAt + suspicionTimeout(suspicion.confirmations, suspicion)) as Instant;

/** How long suspects are given. */
export const SUSPICION_PROPERTIES: readonly NewProperty[] = [
  ({ cluster }) => {
    const lives = new Map<Life, Map<NameId, Seen>>();
    /** A process that was paused finds its timers late. */
    const isTime = ({ node }: Life, due: Instant): boolean =>
      cluster.now === due || (cluster.now === node.resumedAt && cluster.now > due);
    return {
      name: 'Suspicion window',
      changed(life, { field, subject, value }, before) {
        if (field !== 'state' || value !== 'dead' || before?.state !== 'suspect') return undefined;
        const seen = lives.get(life)?.get(subject as NameId);
        if (seen === undefined) return undefined;
        const { input } = life;
        if (input.type !== 'timeout' || input.kind !== Timer.suspicion || input.subject !== subject) return undefined;
        return isTime(life, seen.due) ? undefined : `ends the suspicion of ${subject} at ${cluster.now}, due at ${seen.due}`;
      },
      fed(life) {
        const seen = lives.get(life) ?? new Map<NameId, Seen>();
        lives.set(life, seen);
        const { suspicions } = life.gossip.state;
        for (const name of seen.keys()) if (!suspicions.has(name)) seen.delete(name);
        for (const [name, suspicion] of suspicions) {
          const { startedAt, confirmations } = suspicion;
          const known = seen.get(name);
          if (known?.startedAt !== startedAt) {
            const wrong = startsWrong(life, suspicion, cluster.now);
            if (wrong !== undefined) return `suspects ${name} ${wrong}`;
          }
          const due = dueOf(suspicion);
          if (cluster.now > due && cluster.now !== life.node.resumedAt) {
            return `still suspects ${name}, which was due at ${due} with ${confirmations} confirmations`;
          }
          seen.set(name, { startedAt, confirmations, due });
        }
        return undefined;
      },
    };
  },
];

/** What is wrong with a suspicion that has just begun. */
function startsWrong({ gossip, before }: Life, suspicion: Suspicion, now: Instant): string | undefined {
  const { startedAt, min, max, expected } = suspicion;
  if (startedAt !== now) return `since ${startedAt}`;
  // The list may have been renewed after it began.
  const sizes = [before.estimate, gossip.state.estimate];
  if (sizes.some((size) => isFair(suspicion, size, gossip.config))) return undefined;
  return `for ${min} to ${max} ns until ${expected} agree, among ${sizes.join(' or ')}`;
}

function isFair({ min, max, expected }: Suspicion, size: number, config: GossipConfig): boolean {
  const { suspicionMult, probeInterval, suspicionMaxTimeoutMult } = config;
  return (
    min === suspicionMinimum(suspicionMult, size, probeInterval) &&
    max === min * suspicionMaxTimeoutMult &&
    expected === expectedConfirmations(suspicionMult, size)
  );
}
