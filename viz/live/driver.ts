import type { Instant } from '../../core/time.ts';
import { describeIntervention, type Intervention } from '../../sim/intervention/intervention.ts';
import { ScenarioError } from '../../sim/scenario/problem.ts';
import { cook, type Dish, listOf, mistakeOf, mistakesIn, preparedOf } from './cook.ts';
import { judge } from './judge.ts';
import { Live, Refusal } from './live.ts';
import type { Act, Call, Calls, FromWorker, Judged, Mistake, Question, Shipped, ToWorker } from './messages.ts';
import type { Save } from './saves.ts';

/** How long it simulates before it looks for messages, in milliseconds. */
const SLICE = 8;

/** What the driver needs of where it runs. */
export interface Seat {
  /** Sends to the page. */
  readonly post: (message: FromWorker) => void;
  /** Milliseconds of the machine's clock. */
  readonly clock: () => number;
  /** Comes back when messages that wait have been taken, or after so many milliseconds. */
  readonly rest: (milliseconds: number) => Promise<void>;
  readonly version: string;
  /** Texts of the scenarios that ship with Partita, by their file names. */
  readonly shipped: ReadonlyMap<string, string>;
}

/** Somebody does not want the answer any more. */
class Cancelled extends Error {}

/** Answers what the page asks: the side of live mode that simulates. */
export class Driver {
  private readonly seat: Seat;
  private readonly cancelled = new Set<number>();
  private readonly open = new Set<number>();
  private live: { readonly live: Live; readonly dish: Dish; readonly run: number } | undefined;
  private runs = 0;
  /** How fast the live run goes: the speed, and the two clocks when that was said. */
  private pace = { speed: 0, until: 0, from: 0, since: 0 };
  private isDriving = false;
  /** Whether the run is being made again, and must not go on meanwhile. */
  private isAgain = false;

  constructor(seat: Seat) {
    this.seat = seat;
  }

  async take(message: ToWorker): Promise<void> {
    if ('cancel' in message) {
      if (this.open.has(message.cancel)) this.cancelled.add(message.cancel);
      return;
    }
    const { id } = message;
    this.open.add(id);
    try {
      const answer = await this.answer(message);
      this.seat.post({ id, answer });
    } catch (error) {
      if (error instanceof Cancelled) this.seat.post({ id, problem: 'It was stopped.', mistakes: [] });
      else this.seat.post({ id, problem: sentenceOf(error), mistakes: mistakesOf(error) });
    }
    this.open.delete(id);
    this.cancelled.delete(id);
  }

  private async answer(question: Question): Promise<Calls[Call]['answer']> {
    const { id, call, ask } = question;
    switch (call) {
      case 'catalogue':
        return [...this.seat.shipped].map(([file, text]) => shippedOf(file, text));
      case 'prepare':
        return preparedOf(this.cook(ask.recipe));
      case 'judge':
        return this.judge(id, this.cook(ask.recipe));
      case 'start':
        return this.start(this.cook(ask.recipe));
      case 'pace': {
        const { live } = this.current();
        const now = this.seat.clock();
        const until = ask.until ?? (live.now < live.end ? live.end : Number.MAX_SAFE_INTEGER);
        this.pace = { speed: ask.speed, until, from: live.now, since: now };
        if (ask.speed > 0) void this.drive();
        return null;
      }
      case 'act':
        return this.act(id, ask.act);
      case 'fork':
        return this.fork(id, ask.at);
      case 'look': {
        const { live, run } = this.current();
        return live.look(run, this.pace.speed === 0);
      }
      case 'save': {
        const { live, dish } = this.current();
        this.pace = { ...this.pace, speed: 0 };
        const fingerprint = live.fingerprint();
        const of = { ...dish.case, interventions: live.list, until: live.now };
        const judged = await this.judge(id, { ...dish, case: of, plan: { ...dish.plan, end: live.now } });
        if (judged.fingerprint !== fingerprint)
          throw new Error(`Repeated from its start, the run has the fingerprint ${judged.fingerprint} and not ${fingerprint}`);
        return judged;
      }
    }
  }

  private cook(recipe: Parameters<typeof cook>[0]): Dish {
    return cook(recipe, this.seat.shipped);
  }

  private current(): { readonly live: Live; readonly dish: Dish; readonly run: number } {
    if (this.live === undefined) throw new Refusal('No run goes on.');
    return this.live;
  }

  private start(dish: Dish): Calls['start']['answer'] {
    const live = new Live(dish, dish.case.interventions, this.seat.version, this.seat.clock);
    this.pace = { ...this.pace, speed: 0 };
    this.live = { live, dish, run: ++this.runs };
    return preparedOf(dish);
  }

  private async act(id: number, act: Act): Promise<Calls['act']['answer']> {
    const { live, dish } = this.current();
    const { at, entries, again } = live.act(act, (inputs) => listOf(inputs, dish.scenario.data));
    if (again !== undefined) await this.again(id, { list: again.list, at, suits: again.suits });
    // Time has passed: paced by real time, the run must not have to catch up.
    this.pace = { ...this.pace, from: this.current().live.now, since: this.seat.clock() };
    const wrong = entries.flatMap((entry) =>
      entry.kind === 'command' ? mistakesIn(entry.run, entry.host, dish.scenario.data) : [],
    );
    return { at, says: entries.map(describeIntervention), wrong };
  }

  private async fork(id: number, at: number): Promise<Calls['fork']['answer']> {
    const { live } = this.current();
    const to = Math.max(0, Math.min(at, live.last)) as Instant;
    this.pace = { ...this.pace, speed: 0 };
    // Ahead there is nothing to undo.
    if (to < live.now) return { at: await this.again(id, { list: live.listAt(to), at: to }) };
    for (const part of live.to(to)) await this.pass(id, part);
    return { at: live.now };
  }

  /** Puts a run with another list in place of the one that goes on, which has the same past up to the nearest save that suits. */
  private async again(
    id: number,
    {
      list,
      at,
      suits,
    }: { readonly list: readonly Intervention[]; readonly at: Instant; readonly suits?: (save: Save) => boolean },
  ): Promise<Instant> {
    const { live, dish } = this.current();
    const from = live.saves.nearest(at, suits);
    const saves = live.saves.upTo(from?.at ?? -1);
    this.isAgain = true;
    try {
      const fresh = new Live(dish, list, this.seat.version, this.seat.clock, saves, from);
      for (const part of fresh.to(at)) await this.pass(id, part);
      this.live = { live: fresh, dish, run: ++this.runs };
      return fresh.now;
    } finally {
      this.isAgain = false;
    }
  }

  private async judge(id: number, dish: Dish): Promise<Judged> {
    const judging = judge(dish, this.seat.version);
    for (;;) {
      const { done, value } = judging.next();
      if (done) {
        if (value === undefined) throw new Cancelled();
        return value;
      }
      await this.pass(id, value);
    }
  }

  /** Lets messages in, and gives up when nobody waits for the answer any more. */
  private async pass(id: number, part: number): Promise<void> {
    this.seat.post({ id, part });
    await this.seat.rest(0);
    if (this.cancelled.has(id)) throw new Cancelled();
  }

  /** Lets the live run go on at its pace, until it is paused. */
  private async drive(): Promise<void> {
    if (this.isDriving) return;
    this.isDriving = true;
    try {
      while (this.pace.speed > 0 && this.live !== undefined) {
        if (this.isAgain) {
          await this.seat.rest(SLICE);
          continue;
        }
        const { live } = this.live;
        const { speed, until, from, since } = this.pace;
        const due = speed === Number.POSITIVE_INFINITY ? until : from + (this.seat.clock() - since) * 1e6 * speed;
        const isThere = live.advance(Math.floor(Math.min(due, until)), SLICE);
        if (live.now >= until || live.stuck !== undefined) this.pace = { ...this.pace, speed: 0 };
        await this.seat.rest(isThere ? SLICE : 0);
      }
    } finally {
      this.isDriving = false;
    }
  }
}

/** The name of a scenario, and the first paragraph of the comment that it begins with. */
function shippedOf(file: string, text: string): Shipped {
  const name = /^name:\s*(.+)$/m.exec(text)?.[1] ?? file.replace(/\.yaml$/, '');
  const [paragraph = ''] = /^(?:# .*\n)+/.exec(text) ?? [];
  return { file, name, about: paragraph.replace(/^# /gm, '').replaceAll('\n', ' ').trim() };
}

function sentenceOf(error: unknown): string {
  if (error instanceof ScenarioError)
    return error.problems.length === 1 ? 'There is a mistake in it.' : `There are ${error.problems.length} mistakes in it.`;
  if (error instanceof Refusal) return error.message;
  return `The simulator failed: ${error instanceof Error ? error.message : String(error)}`;
}

const mistakesOf = (error: unknown): Mistake[] => (error instanceof ScenarioError ? error.problems.map(mistakeOf) : []);
