import { type Address, BROADCAST, isMulticast } from '../address.ts';
import { AssertionError, assert } from '../assert.ts';
import { type Call, CollectingOut } from '../collect.ts';
import { type Endpoint, Names } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { copyState, digestState } from '../state.ts';
import { add, type Duration, formatInstant, type Instant, milliseconds, START, seconds } from '../time.ts';
import { Disk } from './disk.ts';
import { give, type Input, tell } from './input.ts';
import type { Happened, Member, Watch } from './member.ts';
import { strange } from './stranger.ts';
import { Streams } from './streams.ts';
import type { Subject } from './subject.ts';
import { Xoshiro } from './xoshiro.ts';

export const eventsOf = <M, C>(subject: Subject<M, C>): number => subject.events ?? 400;

/** One run of the closed world, as long as the subject asks for. */
export function run<M, C>(subject: Subject<M, C>, seed: number, watch?: Watch<M, C>): Happened<M, C>[] {
  return new ClosedWorld(subject, seed, watch).run(eventsOf(subject));
}

type Act<M, C> = Input<M, C> | { readonly type: 'crash' } | { readonly type: 'stranger' };

interface Pending<M, C> {
  readonly at: Instant;
  readonly order: number;
  readonly node: number;
  /** The life of the node that it belongs to; undefined for any. */
  readonly boot: number | undefined;
  readonly act: Act<M, C>;
}

/** The nodes are 10.0.0.1, 10.0.0.2, … */
export const addressOf = (node: number): Address => (0x0a_00_00_01 + node) as Address;

/**
 * A few nodes of one protocol in a small world of their own, that loses, delays, duplicates and reorders what they send,
 * crashes them and fails their disks, all by the numbers of one seed. It knows nothing of the simulator, so that a
 * protocol can be held to the laws without one.
 */
export class ClosedWorld<M, C> {
  readonly names = new Names();
  readonly members: Member<M, C>[];
  readonly random: Xoshiro;
  readonly subject: Subject<M, C>;
  /** The latest messages, for strangers to damage. */
  readonly overheard: M[] = [];
  now: Instant = START;

  private readonly watch: Watch<M, C>;
  private readonly streams: Streams<M, C>;
  private pending: Pending<M, C>[] = [];
  private orders = 0;
  private steps = 0;

  constructor(subject: Subject<M, C>, seed: number, watch: Watch<M, C> = {}) {
    this.subject = subject;
    this.watch = watch;
    this.random = new Xoshiro(seed, 'world');
    this.streams = new Streams(this);
    const neighbours = Array.from({ length: subject.nodes ?? 3 }, (_, index) => ({
      name: this.names.id(`n${index + 1}`),
      endpoints: subject.sockets.map(({ port }) => this.names.endpoint(addressOf(index), port)),
    }));
    this.members = neighbours.map((_, index): Member<M, C> => {
      const random = new Xoshiro(seed, `node ${index}`);
      const place = { index, names: this.names, random, neighbours };
      const refusals: boolean[] = [];
      const protocol = this.around(() => subject.make(place));
      return {
        place,
        random,
        protocol,
        boots: 0,
        up: false,
        out: this.newOut(refusals),
        refusals,
        timers: new Map(),
        disk: new Disk(),
      };
    });
    for (const member of this.members) this.scheduleStart(member, seconds(1));
    if (watch.strangers === true) this.schedule(this.within(seconds(1)), 0, undefined, { type: 'stranger' });
  }

  /** Runs so many events, those of strangers included; fewer only if nothing is left to happen. */
  run(events: number): Happened<M, C>[] {
    const all: Happened<M, C>[] = [];
    const end = this.steps + events;
    while (this.steps < end && this.pending.length > 0) {
      const happened = this.next();
      if (happened !== undefined) all.push(happened);
    }
    return all;
  }

  /** A random instant from now on. */
  within(span: Duration): Instant {
    return add(this.now, Math.floor(this.random.fraction() * span) as Duration);
  }

  /** When something sent now arrives: soon, and now and then late. */
  arrival(): Instant {
    return this.within(this.random.chance(0.05) ? seconds(1) : milliseconds(5));
  }

  schedule(at: Instant, node: number, boot: number | undefined, act: Act<M, C>): number {
    const order = this.orders++;
    this.pending.push({ at, order, node, boot, act });
    return order;
  }

  private around<T>(run: () => T): T {
    return this.watch.around === undefined ? run() : this.watch.around(run);
  }

  private newOut(refusals: boolean[]): CollectingOut<M> {
    return new CollectingOut<M>(() => {
      const refused = this.random.chance(0.02);
      refusals.push(refused);
      return refused;
    });
  }

  private scheduleStart(member: Member<M, C>, within: Duration): void {
    const boot = { count: member.boots, files: member.disk.files() };
    this.schedule(this.within(within), member.place.index, member.boots, { type: 'start', boot });
  }

  private next(): Happened<M, C> | undefined {
    const pending = this.takeFirst();
    const member = this.members[pending.node] as Member<M, C>;
    this.now = pending.at;
    const { act, boot } = pending;
    if (act.type === 'stranger') {
      this.schedule(this.within(milliseconds(20)), 0, undefined, act);
      this.steps++;
      strange(this, this.streams);
      return undefined;
    }
    if (boot !== undefined && boot !== member.boots) return undefined;
    if (act.type === 'crash') {
      this.crash(member);
      return undefined;
    }
    return this.isDue(member, act, pending.order) ? this.give(member, act) : undefined;
  }

  private takeFirst(): Pending<M, C> {
    let first = 0;
    for (const [i, { at, order }] of this.pending.entries()) {
      const best = this.pending[first] as Pending<M, C>;
      if (at < best.at || (at === best.at && order < best.order)) first = i;
    }
    const [pending] = this.pending.splice(first, 1);
    return pending as Pending<M, C>;
  }

  private isDue(member: Member<M, C>, input: Input<M, C>, order: number): boolean {
    if (input.type === 'start') {
      member.up = true;
      if (this.watch.strangers !== true) this.scheduleCrash(member);
      this.scheduleCommand(member);
      return true;
    }
    if (!member.up) return false;
    if (input.type === 'stream') return this.streams.arrives(member.place.index, input.stream, input.event);
    if (input.type === 'command') this.scheduleCommand(member);
    if (input.type !== 'timeout') return true;
    const key = timerKey(input.kind, input.subject);
    return member.timers.get(key) === order && member.timers.delete(key);
  }

  private scheduleCrash({ place, boots }: Member<M, C>): void {
    this.schedule(add(this.within(seconds(35)), seconds(5)), place.index, boots, { type: 'crash' });
  }

  private scheduleCommand(member: Member<M, C>): void {
    const command = this.subject.command?.(this.random, member.place);
    if (command === undefined) return;
    this.schedule(this.within(seconds(5)), member.place.index, member.boots, { type: 'command', id: this.orders, command });
  }

  private crash(member: Member<M, C>): void {
    member.up = false;
    member.boots++;
    member.timers.clear();
    member.disk.crash(this.random);
    this.streams.crash(member.place.index);
    member.protocol = this.around(() => this.subject.make(member.place));
    this.scheduleStart(member, seconds(5));
  }

  /** Gives an input to a protocol at once and carries out what it does. */
  give(member: Member<M, C>, input: Input<M, C>): Happened<M, C> {
    const step = this.steps++;
    const node = member.place.index;
    const told = `${this.subject.name}, event ${step}, node ${node}, ${tell(member.protocol, input)} at ${formatInstant(this.now)}`;
    try {
      this.watch.before?.(member, input, this.now);
      this.around(() => give(member.protocol, this.now, input, member.out));
      const calls = member.out.take();
      const happened = { step, now: this.now, node, input, calls, state: digestState(member.protocol.state).hex() };
      this.watch.after?.(member, happened);
      for (const call of calls) this.carryOut(member, call);
      return happened;
    } catch (error) {
      throw new AssertionError(`${told}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }

  private carryOut(member: Member<M, C>, call: Call<M>): void {
    const refused = call.type === 'send' && member.refusals.shift();
    if (call.part !== 0 || refused) return; // another part's business, or nobody's
    const node = member.place.index;
    switch (call.type) {
      case 'send':
        return this.send(member, call.socket, call.to, call.message);
      case 'open':
        return this.streams.open(node, call.to, call.stream);
      case 'transmit':
        this.overhear(call.message);
        return this.streams.transmit(node, call.stream, call.message, call.bytes);
      case 'close':
        return this.streams.close(node, call.stream);
      case 'setTimer':
        member.timers.set(
          timerKey(call.kind, call.subject),
          this.schedule(add(this.now, call.after), node, member.boots, {
            type: 'timeout',
            kind: call.kind,
            subject: call.subject,
          }),
        );
        return;
      case 'cancelTimer':
        member.timers.delete(timerKey(call.kind, call.subject));
        return;
      case 'append':
      case 'replace':
      case 'truncate':
      case 'sync': {
        const outcome = member.disk.write(call, this.random);
        this.schedule(member.disk.done(this.within(milliseconds(10))), node, member.boots, {
          type: 'written',
          write: call.write,
          outcome,
        });
        return;
      }
      default:
        return;
    }
  }

  private send(member: Member<M, C>, socket: Socket, to: Endpoint, message: M): void {
    this.overhear(message);
    const from = member.place.neighbours[member.place.index]?.endpoints[socket];
    assert(from !== undefined, () => `it has no socket ${socket}`);
    for (const { node, at } of this.listeners(to, member.place.index)) {
      if (this.random.chance(0.1)) continue;
      const copies = this.random.chance(0.05) ? 2 : 1;
      for (let i = 0; i < copies; i++)
        this.schedule(this.arrival(), node, undefined, { type: 'receive', socket: at, from, message });
    }
  }

  /** The sockets that a datagram reaches. */
  private *listeners(to: Endpoint, sender: number): Generator<{ node: number; at: Socket }> {
    const address = this.names.address(to);
    const toMany = isMulticast(address) || address === BROADCAST;
    for (const node of this.members.keys()) {
      for (const [socket, spec] of this.subject.sockets.entries()) {
        const isMeant = toMany ? node !== sender : address === addressOf(node);
        if (isMeant && spec.port === this.names.port(to) && spec.transport !== 'stream') yield { node, at: socket as Socket };
      }
    }
  }

  private overhear(message: M): void {
    this.overheard.push(copyState(message));
    if (this.overheard.length > 32) this.overheard.shift();
  }
}

const timerKey = (kind: number, subject: number): string => `${kind} ${subject}`;
