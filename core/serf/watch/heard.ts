import { hasLivePeer } from '../../gossip/members.ts';
import { isRumour, partsGiven } from '../../gossip/watch/parts.ts';
import { SOUND, unless } from '../../gossip/watch/property.ts';
import { isInternal } from '../internal.ts';
import { hasAlive, type MemberStatus, statusOf, timeOf } from '../members.ts';
import type { Filter, Intent, Query, Rumour, SerfMessage, UserEvent } from '../message.ts';
import { gathersEvents, type SerfLife } from './life.ts';
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
    case 'leave': {
      const status = statusOf(state.members, message.node);
      const held = status === undefined ? (state.intents.get(message.node)?.time ?? -1) : timeOf(state.members, message.node);
      return { message, isNew: message.time > held, status };
    }
    case 'user event':
      return { message, isNew: message.time >= state.eventMinTime && !isRemembered(life, message), status: undefined };
    case 'query':
      return { message, isNew: message.time >= state.queryMinTime && !isHeard(life, message), status: undefined };
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
  if (message.type === 'query') return judgeQuery(life, message, isNew, judge);
  if (status === undefined) judgeUnknown(life, message, isNew, judge);
  else judgeIntent(life, message, isNew, status, judge);
}

function judgeEvent(life: SerfLife, event: UserEvent, isNew: boolean, judge: SerfJudge): void {
  const { state, config } = life.serf;
  if (!isNew || state.eventTime > event.time + config.eventBuffer) return;
  const kept = isRemembered(life, event) && isQueued(life, (other) => isSame(other, event));
  judge('News is kept and passed on', life, kept ? SOUND : `forgets the event ${event.name} of time ${event.time}`);
  if (event.coalesce && gathersEvents(life)) return;
  const { time, name, payload } = event;
  const told = life.notices.some(
    (each) => each.type === 'user' && each.time === time && each.name === name && each.payload === payload,
  );
  judge('What is new is told', life, told ? SOUND : `keeps the event ${name} of time ${time} to itself`);
}

/** A query that is new is heard by whom it is meant for, and by nobody else; all pass it on. */
function judgeQuery(life: SerfLife, query: Query, isNew: boolean, judge: SerfJudge): void {
  const { serf } = life;
  const { state, config } = serf;
  const { time, id, name } = query;
  if (state.queryTime > time + config.queryBuffer || isInternal(name)) return;
  const called = `the query ${name} of time ${time}`;
  const isFor = isNew && query.filters.every((filter) => meets(life, filter));
  const isTold = life.notices.some((each) => each.type === 'query' && each.time === time && each.id === id);
  const hears = isTold ? `is told of ${called}, which is not for it or was heard before` : `is not told of ${called}`;
  judge('Who is asked is told', life, isTold === isFor ? SOUND : hears);
  const acked = life.sends.some(
    ({ to, message }) =>
      to === query.source && message.type === 'query response' && message.ack && message.time === time && message.id === id,
  );
  const wants = isFor && query.ack;
  judge(
    'Queries are acknowledged',
    life,
    acked === wants ? SOUND : `${acked ? 'acknowledges' : 'does not acknowledge'} ${called}`,
  );
  if (!isNew || query.noBroadcast) return;
  const kept =
    isHeard(life, query) && isQueued(life, (other) => other.type === 'query' && other.time === time && other.id === id);
  judge('News is kept and passed on', life, kept ? SOUND : `forgets ${called}`);
}

function meets({ serf: { state, names } }: SerfLife, filter: Filter): boolean {
  if (filter.type === 'nodes') return filter.nodes.includes(names.text(state.self));
  const [, value = ''] = state.tags.find(([tag]) => tag === filter.tag) ?? [];
  return new RegExp(filter.expression, 'u').test(value);
}

/** An intent about nobody who is a member is kept until it is one. */
function judgeUnknown(life: SerfLife, { type, node, time }: Intent, isNew: boolean, judge: SerfJudge): void {
  const { serf } = life;
  if (!isNew || statusOf(serf.state.members, node) !== undefined) return;
  const kept = serf.state.intents.get(node);
  const isKept = kept?.type === type && kept.time === time;
  const isSpread = isQueued(life, (rumour) => rumour.type === type && rumour.node === node && rumour.time === time);
  const wrong = () => `forgets the ${type} of ${serf.names.text(node)}, which it does not know`;
  judge('News is kept and passed on', life, unless(isKept && isSpread, wrong));
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

function isHeard({ serf: { state, config } }: SerfLife, { time, id }: Query): boolean {
  const slot = state.heard.get(time % config.queryBuffer);
  return slot?.time === time && slot.ids.includes(id);
}

function isQueued({ serf: { state } }: SerfLife, is: (rumour: Rumour) => boolean): boolean {
  const { intents, queries, events } = state.queues;
  return [...intents.entries, ...queries.entries, ...events.entries].some(({ message }) => is(message.message as Rumour));
}

const isSame = (rumour: Rumour, { time, name, payload }: UserEvent): boolean =>
  rumour.type === 'user event' && rumour.time === time && rumour.name === name && rumour.payload === payload;

/** Whether the word that it leaves was out before its death, or the time for that over. */
export function judgeLeave(life: SerfLife, judge: SerfJudge): void {
  const { serf, now } = life;
  const { leave, self, life: state } = serf.state;
  if (leave === undefined || state !== 'leaving') {
    life.leaves = undefined;
    life.dies = undefined;
    return;
  }
  const isFirst = life.leaves === undefined;
  life.leaves ??= { at: now, time: timeOf(serf.state.members, self) };
  const { at, time } = life.leaves;
  if (leave.phase === 'intent') return;
  judgeDeath(life, leave.phase, judge);
  const isOver = now - at >= serf.config.broadcastTimeout;
  const waits = serf.state.queues.intents.entries.some(({ message, transmits }) => {
    const rumour = message.message as Rumour;
    return rumour.type === 'leave' && rumour.node === self && rumour.time === time && transmits === 0;
  });
  const others = hasAlive(serf.state.members, self);
  const early = waits && !isOver && (!isFirst || others);
  judge(
    'Who leaves says so first',
    life,
    unless(!early, () => 'is dead for memberlist before it has said that it leaves'),
  );
}

/** Whether memberlist's word of its death was out before it counts the time that it stays, or the time for that over. */
function judgeDeath(life: SerfLife, phase: 'death' | 'propagating', judge: SerfJudge): void {
  const { serf, now } = life;
  const { queue, members } = serf.gossip.state;
  life.dies ??= now;
  if (phase === 'death' || now - life.dies >= serf.config.broadcastTimeout) return;
  const { self } = serf.state;
  const waits = queue.entries.some(({ name, transmits, message }) => name === self && transmits === 0 && message.type === 'dead');
  const early = waits && hasLivePeer(members, self);
  judge(
    'Who leaves says so first',
    life,
    unless(!early, () => 'takes its death for told before it was'),
  );
}

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
