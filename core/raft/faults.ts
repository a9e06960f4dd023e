import type { Xoshiro } from '../laws/xoshiro.ts';
import type { RaftMessage } from './message.ts';
import { canChange, type Setting } from './setting.ts';

/** Whom something befalls: a server by its number, or whoever is that when it begins. */
export type Victim = number | 'leader' | 'follower';

/** Something that befalls a cluster for a time. Times are in election timeouts. */
export type RaftFault = {
  readonly at: number;
  readonly lasts: number;
} /** Nothing passes from some to the others, nor back. */ & (
  | { readonly type: 'part'; readonly some: readonly number[]; readonly oneWay: boolean }
  | { readonly type: 'alone'; readonly victim: Victim; readonly way: 'both' | 'in' | 'out' }
  | { readonly type: 'unlink'; readonly one: Victim; readonly other: Victim; readonly oneWay: boolean }
  | { readonly type: 'lose'; readonly share: number; readonly kind: RaftMessage['type'] | undefined }
  /** Messages come again, so much later at most; or late, and only then. */
  | { readonly type: 'repeat'; readonly share: number; readonly by: number }
  | { readonly type: 'delay'; readonly share: number; readonly by: number; readonly kind: RaftMessage['type'] | undefined }
  /** It loses its power, and what it had not synced; only its process ends; it loses its disk. It starts again when this is over. */
  | { readonly type: 'crash'; readonly victim: Victim; readonly how: 'power' | 'tear' | 'process' | 'wipe' }
  | { readonly type: 'outage' }
  /** Whoever is elected meanwhile ends, or is alone for a while, so much later. */
  | { readonly type: 'depose'; readonly after: number; readonly how: 'power' | 'process' | 'alone' }
  | { readonly type: 'pause'; readonly victim: Victim }
  | { readonly type: 'stall'; readonly victim: Victim }
  | { readonly type: 'slow-disks'; readonly by: number }
  /** Writes fail: it stops, and is started again. */
  | { readonly type: 'fail-disk'; readonly victim: Victim; readonly outcome: 'full' | 'error' }
  /** Somebody asks whoever leads to change the members, hand over, make a snapshot, or for very much at once; every so often. */
  | { readonly type: 'changes'; readonly every: number; readonly joint: number }
  | { readonly type: 'transfers'; readonly every: number; readonly cutsHeir: boolean }
  | { readonly type: 'snapshots'; readonly every: number }
  | { readonly type: 'burst'; readonly count: number }
);

const KINDS = [
  'append',
  'append',
  'append-response',
  'heartbeat',
  'heartbeat-response',
  'snapshot',
  'snapshot-response',
  'vote',
  'vote-response',
  'pre-vote-response',
  'timeout-now',
] as const;

type Type = RaftFault['type'];

const TYPES: readonly Type[] = [
  'part',
  'part',
  'alone',
  'alone',
  'alone',
  'unlink',
  'unlink',
  'lose',
  'repeat',
  'delay',
  'delay',
  'crash',
  'crash',
  'crash',
  'outage',
  'depose',
  'depose',
  'pause',
  'stall',
  'slow-disks',
  'fail-disk',
  'changes',
  'changes',
  'transfers',
  'snapshots',
  'burst',
];

/** The longest time in which faults come, in election timeouts. */
const LONGEST = 24;
const MOST = 12;

/** What befalls a cluster, drawn from a number: each ordeal has some types of faults, and leaves the others out (swarm testing). */
export function drawFaults(random: Xoshiro, setting: Setting): readonly RaftFault[] {
  const { config, voters } = setting;
  const chosen = TYPES.filter(() => random.chance(0.4));
  const isWiped = voters >= 3 && random.chance(0.1);
  // A disk that is lost and members that change at once may be more than a majority can bear.
  const withChanges = !isWiped && (canChange(config) || random.chance(0.3));
  const types = chosen.filter((type) => type !== 'changes' || withChanges);
  if (types.length === 0) return [];
  const span = 4 + random.fraction() * (LONGEST - 4);
  const faults = Array.from({ length: 1 + random.integer(MOST) }, () => fault(random, random.pick(types), span, setting));
  if (isWiped)
    faults.push({
      type: 'crash',
      victim: random.integer(voters),
      how: 'wipe',
      at: random.fraction() * span,
      lasts: random.fraction() * 4,
    });
  return faults.sort((one, other) => one.at - other.at);
}

function fault(random: Xoshiro, type: Type, span: number, { servers }: Setting): RaftFault {
  const victim = (): Victim => random.pick(['leader', 'leader', 'follower', random.integer(servers)] as const);
  const kind = (): RaftMessage['type'] | undefined => (random.chance(0.5) ? undefined : random.pick(KINDS));
  const share = 0.05 + random.fraction() * random.fraction() * 0.9;
  const time = { at: random.fraction() * span, lasts: random.chance(0.5) ? random.fraction() * 2 : random.fraction() * 10 };
  switch (type) {
    case 'part': {
      const some = Array.from({ length: servers }, (_, i) => i).filter(() => random.chance(0.5));
      return { type, some, oneWay: random.chance(0.2), ...time };
    }
    case 'alone':
      return { type, victim: victim(), way: random.pick(['both', 'both', 'in', 'out']), ...time };
    case 'unlink':
      return { type, one: victim(), other: random.integer(servers), oneWay: random.chance(0.4), ...time };
    case 'lose':
      return { type, share, kind: kind(), ...time };
    case 'repeat':
      return { type, share, by: random.fraction() * random.pick([0.05, 1, 8]), ...time };
    case 'delay':
      return { type, share, by: random.fraction() * random.pick([0.1, 1, 8]), kind: kind(), ...time };
    case 'crash':
      return { type, victim: victim(), how: random.pick(['power', 'power', 'tear', 'process']), ...time };
    case 'outage':
      return { type, ...time, lasts: Math.min(time.lasts, 1) };
    case 'depose':
      return {
        type,
        after: random.fraction() * random.pick([0.02, 0.1, 1]),
        how: random.pick(['power', 'process', 'alone', 'alone']),
        ...time,
      };
    case 'pause':
    case 'stall':
      return { type, victim: victim(), ...time, lasts: random.fraction() * 4 };
    case 'slow-disks':
      return { type, by: random.fraction() * random.pick([0.1, 1]), ...time };
    case 'fail-disk':
      return { type, victim: victim(), outcome: random.pick(['full', 'error']), ...time };
    case 'changes':
      return { type, every: 0.05 + random.fraction() * 0.6, joint: random.pick([0, 0.3, 1]), ...time };
    case 'transfers':
      return { type, every: 0.3 + random.fraction() * 2, cutsHeir: random.chance(0.4), ...time };
    case 'snapshots':
      return { type, every: 0.1 + random.fraction(), ...time };
    case 'burst':
      return { type, count: 10 + random.integer(190), ...time };
  }
}

/** A fault in words, its type first. */
export function inWords({ type, at, lasts, ...rest }: RaftFault): string {
  const details = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'number' ? +value.toFixed(3) : value}`);
  return [type, ...details, `from ${at.toFixed(2)} for ${lasts.toFixed(2)} election timeouts`].join(' ');
}
