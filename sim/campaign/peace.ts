import { type Instant, seconds } from '../../core/time.ts';
import type { Intervention } from '../intervention/intervention.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Dice } from './dice.ts';
import type { Exploration } from './exploration.ts';

type Lasting = Extract<Intervention, { readonly until?: Instant }>;

/**
 * The end of the chaos: what was done is over, who is down comes back, what has ended is started again. Where only a majority is healed, the
 * others stay as they are: down, standing still, or cut off in some directions.
 *
 * @returns all interventions of the run, and the hosts for which liveness is due
 */
export function peace(
  plan: Plan,
  { hosts, chaos }: Exploration,
  heals: 'all' | 'majority',
  done: readonly Intervention[],
  dice: Dice,
): { readonly interventions: readonly Intervention[]; readonly hosts: readonly string[] } {
  const left = heals === 'all' ? hosts : dice.shuffled(hosts).slice(0, Math.floor(hosts.length / 2) + 1);
  const others = plan.hosts.map(({ name }) => name).filter((name) => !hosts.includes(name));
  const rest = hosts.filter((name) => !left.includes(name));
  const kept = done.map((entry) => (concerns(entry, rest) && dice.chance(0.4) ? forGood(entry as Lasting) : entry));
  const frozen = rest
    .filter((name) => !kept.some((entry) => isForGood(entry) && concerns(entry, [name])) || dice.chance(0.3))
    .map((host) => freeze(host, [...left, ...others], chaos.until, dice));
  const at = chaos.until;
  const drifted = plan.hosts.filter(({ name }) => done.some((entry) => entry.kind === 'clock-drift' && entry.host === name));
  const healing = plan.hosts.filter(({ name }) => left.includes(name) || others.includes(name));
  const settled = plan.hosts.filter(({ name }) => hosts.includes(name) && healing.some((each) => each.name === name));
  return {
    interventions: [
      ...kept,
      ...frozen,
      ...drifted.map(({ name, clock }): Intervention => ({ kind: 'clock-drift', host: name, at, drift: clock.drift })),
      ...(done.length === 0 ? [] : settled.map(({ name }): Intervention => ({ kind: 'revive', host: name, at }))),
    ],
    hosts: healing.map(({ name }) => name),
  };
}

/** Whether an entry may stay: it is about these hosts, and leaves the others their links. */
function concerns(entry: Intervention, hosts: readonly string[]): boolean {
  switch (entry.kind) {
    case 'host-crash':
    case 'host-pause':
    case 'partition-alone':
      return hosts.includes(entry.host);
    case 'link-cut':
      return hosts.includes(entry.from) || hosts.includes(entry.to);
    case 'link-down':
      return entry.between.some((name) => hosts.includes(name));
    default:
      return false;
  }
}

const isForGood = (entry: Intervention): boolean => 'at' in entry && !('until' in entry);

function forGood({ until: _, ...entry }: Lasting): Intervention {
  return entry as Intervention;
}

/** Something that stays so, begun shortly before the end. */
function freeze(host: string, others: readonly string[], until: Instant, dice: Dice): Intervention {
  const at = Math.max(0, dice.instant(Math.max(0, until - seconds(3)) as Instant, until)) as Instant;
  const some = dice.some(others, 0.5);
  const hosts = some.length > 0 ? some : others;
  switch (dice.below(5)) {
    case 0:
      return { kind: 'host-crash', host, at };
    case 1:
      return { kind: 'host-pause', host, at };
    case 2:
      return { kind: 'partition-alone', host, hosts, only: dice.pick(['in', 'out'] as const), at };
    default:
      return { kind: 'partition-alone', host, hosts: dice.chance(0.5) ? others : hosts, at };
  }
}
