import { SOUND, unless } from '../../gossip/watch/property.ts';
import type { MemberNotice, SerfNotice, UserNotice } from '../events.ts';
import { namesOf, statusOf } from '../members.ts';
import { gathersEvents, gathersMembers, type SerfLife, type Told } from './life.ts';

/** Hears what was found: a property's name, of whom, and what is wrong; `SOUND` when it was judged and holds. */
export type SerfJudge = (property: string, life: SerfLife, found: string) => void;

/** After what each event of a member may come, where each is told at once. */
const MAY_FOLLOW: Readonly<Record<MemberNotice['type'], readonly string[]>> = {
  'member-join': ['none', 'failed', 'left'],
  'member-leave': ['up', 'failed'],
  'member-failed': ['up'],
  'member-update': ['up'],
  'member-reap': ['up', 'failed', 'left'],
};

const AFTER = { 'member-join': 'up', 'member-leave': 'left', 'member-failed': 'failed', 'member-update': 'up' } as const;

/** What an agent is told, one notice after another. */
export function judgeNotice(life: SerfLife, notice: SerfNotice, judge: SerfJudge): void {
  life.changed = true;
  switch (notice.type) {
    case 'user':
      return event(life, notice, judge);
    case 'query':
      return once(life, life.queries, `${notice.time} ${notice.id}`, 'Queries are heard once', judge);
    case 'query-ack':
    case 'query-response': {
      const { type, command, from } = notice;
      const open = !life.closed.has(command);
      judge(
        'Closed queries take no answers',
        life,
        unless(open, () => `is told that ${from} answers ${command}`),
      );
      return once(life, life.answers, `${type} ${command} ${from}`, 'Answers count once', judge);
    }
    case 'query-closed':
      life.closed.add(notice.command);
      return;
    case 'serf-shutdown':
      return;
    default:
      return members(life, notice, judge);
  }
}

function event(life: SerfLife, { time, name, payload, coalesce }: UserNotice, judge: SerfJudge): void {
  const { eventMinTime } = life.serf.state;
  once(life, life.events, `${time} ${name} ${payload}`, 'User events are told once', judge);
  // What was gathered is told later than it was taken in.
  if (coalesce && gathersEvents(life)) return;
  // What a merge or a join asks for is set before anything of it is told.
  const late = () => `is told of time ${time}, below ${eventMinTime}`;
  judge('No event from before its time', life, unless(time >= eventMinTime, late));
  if (life.input.type === 'command') {
    const early = () => `says time ${time} after ${life.latestEvent}`;
    judge('What is said is later than what was heard', life, unless(time > life.latestEvent, early));
  }
  life.latestEvent = Math.max(life.latestEvent, time);
}

function once(life: SerfLife, seen: Set<string>, key: string, property: string, judge: SerfJudge): void {
  judge(
    property,
    life,
    unless(!seen.has(key), () => `meets ${key} again`),
  );
  seen.add(key);
}

function members(life: SerfLife, { type, members: all }: MemberNotice, judge: SerfJudge): void {
  for (const { name } of all) {
    const told = life.told.get(name);
    judge('Events alternate', life, follows(life, type, name, told));
    if (type === 'member-reap') life.told.delete(name);
    else life.told.set(name, { event: type, is: AFTER[type] });
  }
}

function follows(life: SerfLife, type: MemberNotice['type'], name: string, told: Told | undefined): string {
  const is = told?.is ?? 'none';
  // Gathered ones may be overtaken, but nothing is told that was told last.
  if (gathersMembers(life)) {
    const fair = type === 'member-update' || told?.event !== type;
    return unless(fair, () => `tells ${type} of ${name} again`);
  }
  return unless(MAY_FOLLOW[type].includes(is), () => `tells ${type} of ${name}, which is ${is}`);
}

/** Whoever followed the events knows what the agent knows, unless some are still gathered. */
export function judgeView(life: SerfLife, judge: SerfJudge): void {
  const { state, names } = life.serf;
  if (state.coalescer.open) return;
  const { members: all } = state;
  const held = new Map(namesOf(all).map((name) => [names.text(name), statusOf(all, name)]));
  judge('Events tell the view', life, difference(life, held));
}

function difference({ told }: SerfLife, held: ReadonlyMap<string, string | undefined>): string {
  for (const [name, { is }] of told) {
    const status = held.get(name);
    const same = is === 'up' ? status === 'alive' || status === 'leaving' : status === is;
    if (!same) return `has told that ${name} is ${is} and shows it as ${status ?? 'unknown'}`;
  }
  for (const name of held.keys()) if (!told.has(name)) return `shows ${name} and has told nothing of it`;
  return SOUND;
}
