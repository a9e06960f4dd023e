import { isRumour, partsGiven } from '../../gossip/watch/parts.ts';
import { SOUND } from '../../gossip/watch/property.ts';
import { type MemberStatus, statusOf, timeOf } from '../members.ts';
import type { Intent, Rumour, SerfMessage, UserEvent } from '../message.ts';
import type { SerfLife } from './life.ts';
import type { SerfJudge } from './told.ts';

/** What one message must come to. */
export interface Due {
  readonly message: Rumour;
  /** Whether it is new here, and of whom it speaks was held what before. */
  readonly isNew: boolean;
  readonly status: MemberStatus | undefined;
}

/** As what a member is held after an intent that is news. */
const AFTER: Readonly<Record<Intent['type'], Readonly<Record<MemberStatus, MemberStatus>>>> = {
  join: { alive: 'alive', leaving: 'alive', left: 'left', failed: 'failed' },
  leave: { alive: 'leaving', leaving: 'leaving', left: 'left', failed: 'left' },
};

/** What is to come of the one message of Serf in a datagram; nothing where others, or news of members, could change what it comes to. */
export function dueOf(life: SerfLife): Due | undefined {
  const { serf, part, input } = life;
  const { state } = serf;
  if (part !== serf.parts.gossip || state.blocked !== undefined) return undefined;
  const parts = partsGiven({ gossip: serf.gossip, input });
  const [first, ...others] = parts.filter(({ type }) => type === 'user');
  if (first === undefined || others.length > 0 || parts.some(isRumour)) return undefined;
  const message = (first as { readonly message: unknown }).message as SerfMessage;
  switch (message?.type) {
    case 'join':
    case 'leave':
      return {
        message,
        isNew: message.time > timeOf(state.members, message.node),
        status: statusOf(state.members, message.node),
      };
    case 'user event':
      return { message, isNew: message.time >= state.eventMinTime && !isRemembered(life, message), status: undefined };
    case 'query':
      return { message, isNew: false, status: undefined };
    default:
      return undefined;
  }
}

/** Whether it came to that. */
export function judgeDue(life: SerfLife, { message, isNew, status }: Due, judge: SerfJudge): void {
  const { state } = life.serf;
  const clock = { join: state.memberTime, leave: state.memberTime, 'user event': state.eventTime, query: state.queryTime };
  const later = clock[message.type] > message.time;
  judge('Clocks pass what is heard', life, later ? SOUND : `hears time ${message.time} at ${clock[message.type]}`);
  if (message.type === 'user event') return judgeEvent(life, message, isNew, judge);
  if (message.type !== 'query') judgeIntent(life, message, isNew, status, judge);
}

function judgeEvent(life: SerfLife, event: UserEvent, isNew: boolean, judge: SerfJudge): void {
  const { state, config } = life.serf;
  if (!isNew || state.eventTime > event.time + config.eventBuffer) return;
  const kept = isRemembered(life, event) && isQueued(life, (other) => isSame(other, event));
  judge('News is kept and passed on', life, kept ? SOUND : `forgets the event ${event.name} of time ${event.time}`);
}

function judgeIntent(
  life: SerfLife,
  { type, node, time, ...rest }: Intent,
  isNew: boolean,
  before: MemberStatus | undefined,
  judge: SerfJudge,
): void {
  const { serf } = life;
  const { state } = serf;
  // Its own departure may go on just then.
  if (node === state.self && state.life !== 'alive') return;
  if (before === undefined || ('prune' in rest && rest.prune)) return;
  const status = statusOf(state.members, node);
  const called = serf.names.text(node);
  const isOwn = node === state.self && type === 'leave' && state.life === 'alive';
  const after = isNew && !isOwn ? AFTER[type][before] : before;
  const wrong = status === after ? SOUND : `holds ${called} ${status} after a ${type}, which must be ${after}`;
  judge('Every intent comes to what it must', life, wrong);
  if (!isNew || status !== after) return;
  const spread = (rumour: Rumour): boolean =>
    isOwn ? rumour.type === 'join' && rumour.node === node && rumour.time > time : rumour.type === type && rumour.time === time;
  judge('News is kept and passed on', life, isQueued(life, spread) ? SOUND : `keeps the ${type} of ${called} to itself`);
}

function isRemembered({ serf: { state, config } }: SerfLife, { time, name, payload }: UserEvent): boolean {
  const slot = state.events.get(time % config.eventBuffer);
  return slot?.time === time && slot.events.some((other) => other.name === name && other.payload === payload);
}

function isQueued({ serf: { state } }: SerfLife, is: (rumour: Rumour) => boolean): boolean {
  const { intents, events } = state.queues;
  return [...intents.entries, ...events.entries].some(({ message }) => is(message.message as Rumour));
}

const isSame = (rumour: Rumour, { time, name, payload }: UserEvent): boolean =>
  rumour.type === 'user event' && rumour.time === time && rumour.name === name && rumour.payload === payload;

/** How long a departure that went out has been staying, and whether it ended too soon. */
export function judgeStay(life: SerfLife, judge: SerfJudge): void {
  const { serf, now } = life;
  const { leave, life: state } = serf.state;
  if (leave?.phase === 'propagating') {
    life.stays ??= now;
    return;
  }
  if (life.stays === undefined || state === 'shutdown') return;
  const stayed = now - life.stays;
  life.stays = undefined;
  const { leavePropagateDelay } = serf.config;
  judge(
    'Who leaves stays for a while',
    life,
    stayed >= leavePropagateDelay ? SOUND : `is gone ${stayed} ns after its departure went out`,
  );
}
