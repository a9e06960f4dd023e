import { partsOf } from '../../gossip/watch/parts.ts';
import { SOUND, unless } from '../../gossip/watch/property.ts';
import type { Feeding } from '../../gossip/watch/watch.ts';
import type { Endpoint, NameId } from '../../names.ts';
import type { Duration, Instant } from '../../time.ts';
import type { SerfNotice } from '../events.ts';
import { serfInvariants } from '../invariants.ts';
import { type MemberStatus, namesOf, statusOf } from '../members.ts';
import type { SerfMessage, SerfState } from '../message.ts';
import type { Serf } from '../serf.ts';
import { CELLS, Timer } from '../tables.ts';
import { dueOf, judgeDue, judgeLeave, judgeStay } from './heard.ts';
import { newLife, type SerfLife } from './life.ts';
import { judgeState } from './state.ts';
import { judgeNotice, judgeView, type SerfJudge } from './told.ts';

export type { SerfLife } from './life.ts';

const MEMBER_CHANGES: Readonly<Record<string, readonly (MemberStatus | '')[]>> = {
  '': ['alive', 'leaving'],
  alive: ['leaving', 'failed', ''],
  leaving: ['alive', 'left', ''],
  failed: ['alive', 'left', ''],
  left: ['alive', ''],
};

/**
 * Looks at everything that agents are given, announce and show, and says what it finds: the properties of Serf that hold at every moment,
 * whatever the network does. Of the rules that agents were made with it knows nothing. To be there before the first starts, or else to
 * `adopt` those that run.
 */
export class SerfWatch {
  private readonly judge: SerfJudge;
  /** The furthest that each clock has come anywhere. */
  private readonly furthest = [1, 1, 1];

  constructor(judge: SerfJudge) {
    this.judge = judge;
  }

  begin(serf: Serf): SerfLife {
    return newLife(serf);
  }

  /** The state of an agent was made what it is by somebody else; whoever follows its events knows what that says. */
  adopt(life: SerfLife, now: Instant): void {
    const { state, names } = life.serf;
    const { members } = state;
    life.now = now;
    life.told.clear();
    life.gone.clear();
    for (const name of namesOf(members)) {
      const status = statusOf(members, name) as MemberStatus;
      const is = status === 'failed' || status === 'left' ? status : 'up';
      life.told.set(names.text(name), { event: '', is });
      if (is !== 'up') life.gone.set(name, { status, since: members.goneSince.get(name) ?? now });
    }
    life.clocks = this.clocksOf(life);
    for (const [i, time] of life.clocks.entries()) this.furthest[i] = Math.max(this.furthest[i] as number, time);
  }

  /** @param part which of the process's protocols is given something: what memberlist is given may reach Serf */
  feeding(life: SerfLife, part: number, { input, now, late }: Feeding): void {
    life.part = part;
    life.input = input;
    life.now = now;
    life.late = late || life.lateAt === now;
    if (late) life.lateAt = now;
    life.sends.length = 0;
    life.due = dueOf(life);
  }

  /** memberlist has sent something, over a stream where `to` is undefined. */
  sent(life: SerfLife, to: Endpoint | undefined, message: unknown): void {
    if (to === undefined) {
      const { type, user } = message as { readonly type?: string; readonly user?: unknown };
      if (type === 'push-pull' && user !== undefined) judgeState(life, user as SerfState, this.judge);
      return;
    }
    for (const part of partsOf({ to, message }))
      if (part.type === 'user') life.sends.push({ to, message: part.message as SerfMessage });
  }

  /** A cell was written. @param field its place among Serf's */
  showed(life: SerfLife, subject: number, field: number, value: number | string, before: number | string | undefined): void {
    if (CELLS[field] !== 'status') return;
    life.changed = true;
    const after = value as MemberStatus | '';
    const fair = (MEMBER_CHANGES[String(before ?? '')] ?? []).includes(after);
    const wrong = () => `takes ${this.called(life, subject)} from ${before || 'unknown'} to ${value || 'unknown'}`;
    this.judge('Statuses change as they may', life, unless(fair, wrong));
    if ((before ?? '') === '' && subject !== life.serf.state.self) {
      const heard = life.serf.state.intents.get(subject as NameId);
      const due = heard?.type === 'leave' ? 'leaving' : 'alive';
      const unheard = () => `holds ${this.called(life, subject)}, which comes, ${after}, and must be ${due} as was heard before`;
      this.judge('Who comes is held as was heard', life, unless(after === due, unheard));
    }
    if (after === '' && this.isReapTick(life)) this.judge('Reap window', life, this.reaped(life, subject));
    const gone = life.gone.get(subject);
    if (after === 'left' && gone !== undefined) gone.status = after;
    else if (after === 'failed' || after === 'left') life.gone.set(subject, { status: after, since: life.now });
    else life.gone.delete(subject);
  }

  announced(life: SerfLife, notice: SerfNotice): void {
    life.notices.push(notice);
  }

  fed(life: SerfLife): void {
    this.clocks(life);
    if (life.due !== undefined && life.serf.state.blocked === undefined) judgeDue(life, life.due, this.judge);
    judgeLeave(life, this.judge);
    judgeStay(life, this.judge);
    if (this.isReapTick(life) && life.gone.size > 0) this.judge('Reap window', life, this.kept(life));
    for (const notice of life.notices.splice(0)) judgeNotice(life, notice, this.judge);
    if (!life.changed) return;
    life.changed = false;
    judgeView(life, this.judge);
    for (const { name, violation } of serfInvariants) this.judge(name, life, violation([life.serf.state]) ?? SOUND);
  }

  /** Clocks go forward, and only by what is said: an exchange of states may speak of every member, and each be answered. */
  private clocks(life: SerfLife): void {
    const now = this.clocksOf(life);
    if (now.every((time, i) => time === life.clocks[i])) return;
    const most = 2 * (life.serf.state.members.count + 1);
    for (const [i, time] of now.entries()) {
      const furthest = this.furthest[i] as number;
      this.judge(
        'Clocks go forward',
        life,
        unless(time >= (life.clocks[i] as number), () => `sets clock ${i} back to ${time}`),
      );
      const ahead = () => `sets clock ${i} to ${time}, the others being at ${furthest}`;
      this.judge('Clocks stay together', life, unless(time <= furthest + most, ahead));
      this.furthest[i] = Math.max(furthest, time);
    }
    life.clocks = now;
  }

  private clocksOf({ serf: { state } }: SerfLife): readonly number[] {
    return [state.memberTime, state.eventTime, state.queryTime];
  }

  private called({ serf }: SerfLife, subject: number): string {
    return serf.names.text(subject as NameId);
  }

  private isReapTick({ part, input, serf }: SerfLife): boolean {
    return part === serf.parts.serf && input.type === 'timeout' && input.kind === Timer.reap;
  }

  /** Who is gone is erased in the first look after its time. */
  private reaped(life: SerfLife, subject: number): string {
    const gone = life.gone.get(subject);
    if (gone === undefined) return `erases ${this.called(life, subject)}, which is not gone`;
    const { reapInterval } = life.serf.config;
    const age = life.now - gone.since;
    const timeout = this.timeout(life, subject, gone.status);
    // One that failed and was then heard to have left may be long overdue.
    const late = life.late || (gone.status === 'left' && age > timeout + reapInterval);
    const fair = age > timeout && (late || age <= timeout + reapInterval);
    return unless(
      fair,
      () =>
        `erases ${this.called(life, subject)} ${age} ns after it was ${gone.status}, not within ${reapInterval} after ${timeout}`,
    );
  }

  private kept(life: SerfLife): string {
    for (const [subject, { status, since }] of life.gone) {
      const age = life.now - since;
      const timeout = this.timeout(life, subject, status);
      if (age > timeout) return `keeps ${this.called(life, subject)}, ${status} for ${age} ns, beyond ${timeout}`;
    }
    return SOUND;
  }

  private timeout({ serf: { config } }: SerfLife, subject: number, status: MemberStatus): Duration {
    const timeout = status === 'failed' ? config.reconnectTimeout : config.tombstoneTimeout;
    return config.reconnectTimeoutOf?.(subject as NameId, timeout) ?? timeout;
  }
}
