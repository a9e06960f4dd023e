import { Hash } from '../../core/hash.ts';
import { Names } from '../../core/names.ts';
import { copyState, digestState, restoreState } from '../../core/state.ts';
import { add, type Duration, type Instant, milliseconds, ZERO } from '../../core/time.ts';
import { Randomness } from '../rng.ts';
import { Journal, Kind, NOBODY, type Sink } from './journal.ts';
import { type EventKind, Simulation, type Slot } from './simulation.ts';

interface ToyState {
  readonly heard: Map<number, number>;
  readonly timers: Map<number, Slot>;
}

interface ToyMessage {
  readonly from: number;
  readonly text: string;
}

/**
 * A small world without a network, for tests of the engine: actors tick, write to each other, and set timers that are mostly
 * cancelled. It uses all that the engine has: payloads, cancelled events, events at one instant, random streams, cells.
 */
export class ToyWorld {
  readonly names = new Names();
  readonly simulation = new Simulation();
  readonly journal = new Journal(this.simulation, this.names);
  readonly randomness: Randomness;
  readonly state: ToyState = { heard: new Map(), timers: new Map() };

  private readonly actors: number;
  /** What each message says, changed by tests that want two worlds to part. */
  private readonly write: (from: number, at: Instant) => string;
  private readonly tickKind: EventKind;
  private readonly messageKind: EventKind;
  private readonly timeoutKind: EventKind;

  constructor(
    seed: number,
    actors: number,
    options: {
      readonly listen?: (world: { readonly names: Names; readonly simulation: Simulation }) => readonly Sink[];
      readonly write?: (from: number, at: Instant) => string;
    } = {},
  ) {
    this.actors = actors;
    this.write = options.write ?? ((from) => `from ${from}`);
    this.randomness = new Randomness(seed);
    this.journal.sinks.push(...(options.listen?.(this) ?? []));
    this.tickKind = this.simulation.register('tick', (actor) => this.tick(actor));
    this.messageKind = this.simulation.register('message', (actor, _, __, message) => this.hear(actor, message as ToyMessage));
    this.timeoutKind = this.simulation.register('timeout', (actor) => this.timeout(actor));
    for (let actor = 0; actor < actors; actor++) this.at(milliseconds(actor % 3), this.tickKind, actor);
  }

  steps(count: number): void {
    for (let i = 0; i < count; i++) this.simulation.step();
  }

  save(): object {
    return copyState(this.parts());
  }

  restore(saved: object): void {
    for (const [name, state] of Object.entries(this.parts())) restoreState(state, saved[name as keyof typeof saved]);
    this.journal.restored();
    this.randomness.restored();
  }

  digest(): string {
    const hash = new Hash();
    this.simulation.digest(hash);
    for (const part of [this.names.state, this.randomness.state, this.state]) digestState(part, hash);
    return hash.hex();
  }

  private parts(): Record<string, object> {
    const { names, simulation, journal, randomness, state } = this;
    return { names: names.state, simulation: simulation.state, journal: journal.state, randomness: randomness.state, state };
  }

  private tick(actor: number): void {
    const { simulation, journal, names } = this;
    const random = this.randomness.stream(`actor/${actor}`);
    simulation.cause = journal.record(Kind.timer, actor, NOBODY, names.id('tick'), 0, undefined);
    this.at(random.integer(4) === 0 ? ZERO : milliseconds(random.integer(1_000)), this.tickKind, actor);
    const peer = random.integer(this.actors);
    const message: ToyMessage = { from: actor, text: this.write(actor, simulation.now) };
    journal.record(Kind.send, actor, peer, names.id('greeting'), message.text.length, message);
    this.at(milliseconds(1 + random.integer(50)), this.messageKind, peer, message);
    const { timers } = this.state;
    const pending = timers.get(actor);
    if (pending !== undefined) simulation.cancel(pending);
    timers.set(actor, this.at(milliseconds(500), this.timeoutKind, actor));
  }

  private hear(actor: number, message: ToyMessage): void {
    const { simulation, journal, names } = this;
    const { from, text } = message;
    simulation.cause = journal.record(Kind.deliver, actor, from, names.id('greeting'), text.length, message);
    const heard = (this.state.heard.get(actor) ?? 0) + text.length;
    this.state.heard.set(actor, heard);
    journal.cell(actor, names.id(`actor ${from}`), names.id('heard'), heard);
  }

  private timeout(actor: number): void {
    const { journal, names } = this;
    this.state.timers.delete(actor);
    journal.record(Kind.timer, actor, NOBODY, names.id('timeout'), 0, undefined);
    journal.cell(actor, names.id(`actor ${actor}`), names.id('heard'), 'nothing');
  }

  private at(after: Duration, kind: EventKind, actor: number, message?: ToyMessage): Slot {
    const { simulation } = this;
    return simulation.schedule(add(simulation.now, after), kind, simulation.cause, actor, 0, 0, message);
  }
}
