import { SOUND } from '../../gossip/watch/property.ts';
import type { NameId } from '../../names.ts';
import { namesOf, statusOf, timeOf } from '../members.ts';
import type { SerfState } from '../message.ts';
import type { SerfLife } from './life.ts';
import type { SerfJudge } from './told.ts';

/** An exchange of states tells the clocks, everybody with the time of the last word about it, those who left, and what events are remembered. */
export function judgeState(life: SerfLife, told: SerfState, judge: SerfJudge): void {
  judge('An exchange tells what Serf holds', life, missing(life, told) ?? SOUND);
}

function missing({ serf: { state, names } }: SerfLife, told: SerfState): string | undefined {
  const { members } = state;
  for (const clock of ['memberTime', 'eventTime', 'queryTime'] as const) {
    if (told[clock] !== state[clock]) return `tells ${told[clock]} as its ${clock}, which is ${state[clock]}`;
  }
  const times = new Map([...told.names].map((name, i) => [name, told.times[i]]));
  const left = new Set(told.left);
  const held = namesOf(members);
  if (held.length !== times.size) return `tells of ${times.size} members, and holds ${held.length}`;
  for (const name of held) {
    const called = names.text(name as NameId);
    if (times.get(name) !== timeOf(members, name))
      return `tells time ${times.get(name)} of ${called}, and holds ${timeOf(members, name)}`;
    if (left.has(name) !== (statusOf(members, name) === 'left'))
      return `tells of ${called}, which is ${statusOf(members, name)}, as ${left.has(name) ? '' : 'not '}left`;
  }
  const slots = new Set(told.events);
  for (const slot of state.events.values()) if (!slots.has(slot)) return `does not tell of the events of time ${slot.time}`;
  return undefined;
}
