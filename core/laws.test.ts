import { describe, expect, test } from 'vitest';
import { AssertionError } from './assert.ts';
import { type Law, laws, type Place, type Subject } from './laws.ts';
import type { Endpoint } from './names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from './protocol.ts';
import { type Duration, type Instant, milliseconds } from './time.ts';

interface Rumour {
  readonly type: 'rumour';
  readonly heard: readonly number[];
}

interface State {
  told: number;
  heard: number[];
  peer: { last: number };
  streams: Set<StreamId>;
  [more: string]: unknown;
}

const isRumour = (value: unknown): value is Rumour => {
  const heard = (value as Partial<Rumour> | null | undefined)?.heard;
  return Array.isArray(heard) && heard.every((n) => Number.isInteger(n) && n >= 0 && n < 4);
};

/** A small protocol that keeps all laws. Those below break one each. */
class Rumours implements Protocol<Rumour, number> {
  readonly state: State = { told: 0, heard: [], peer: { last: 0 }, streams: new Set() };
  readonly cells: readonly string[] = ['told'];
  readonly timers: readonly string[] = ['tell'];
  protected readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  start(_now: Instant, boot: Boot, out: Out<Rumour>): void {
    this.state.heard = [...((boot.files.get('heard')?.[0] as number[] | undefined) ?? [this.place.index])];
    out.setTimer(0, 0, this.period());
  }

  timeout(now: Instant, kind: number, _subject: number, out: Out<Rumour>): void {
    if (kind !== 0) return;
    const { neighbours, random } = this.place;
    const neighbour = neighbours[random.integer(neighbours.length)];
    this.tell(now, neighbour?.endpoints[0] as Endpoint, out);
    out.transmit(
      out.open(1 as Socket, neighbour?.endpoints[1] as Endpoint),
      { type: 'rumour', heard: [...this.state.heard] },
      10,
    );
    this.state.told++;
    this.show(out);
    out.setTimer(0, 0, this.period());
  }

  receive(_now: Instant, _socket: Socket, _from: Endpoint, message: Rumour, out: Out<Rumour>): void {
    if (!isRumour(message)) return;
    const news = message.heard.filter((n) => !this.state.heard.includes(n));
    if (news.length === 0) return;
    this.state.heard.push(...news);
    out.replace('heard', [[...this.state.heard]], 10, 1);
    out.sync('heard', 2);
  }

  stream(now: Instant, stream: StreamId, event: StreamEvent<Rumour>, out: Out<Rumour>): void {
    if (event.type === 'accepted') this.state.streams.add(stream);
    else if (event.type === 'data') this.receive(now, 1 as Socket, 0 as Endpoint, event.message, out);
    else if (event.type !== 'opened' && this.state.streams.delete(stream) && event.type === 'closed') out.close(stream);
  }

  command(_now: Instant, id: number, _command: number, out: Out<Rumour>): void {
    out.reply(id, [...this.state.heard]);
  }

  written(_now: Instant, write: number, outcome: WriteOutcome, out: Out<Rumour>): void {
    if (write === 2 && outcome === 'ok') out.announce({ type: 'kept' });
  }

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    visit(this.place.index, 0, this.state.told);
  }

  protected tell(_now: Instant, to: Endpoint, out: Out<Rumour>): void {
    out.send(0 as Socket, to, { type: 'rumour', heard: [...this.state.heard] }, 10);
  }

  protected show(out: Out<Rumour>): void {
    out.cell(this.place.index, 0, this.state.told);
  }

  protected period(): Duration {
    return milliseconds(100 + this.place.random.integer(100));
  }
}

const subject = (make: (place: Place) => Protocol<Rumour, number>): Subject<Rumour, number> => ({
  name: 'rumours',
  sockets: [
    { transport: 'udp', port: 7 },
    { transport: 'stream', port: 7 },
  ],
  make,
  command: () => 1,
});

/** What the law says of a protocol; undefined when it holds. */
function verdict(make: (place: Place) => Protocol<Rumour, number>, law: string): string | undefined {
  const { check } = laws(subject(make)).find(({ name }) => name === law) as Law;
  try {
    check(1);
  } catch (error) {
    expect(error).toBeInstanceOf(AssertionError);
    return (error as Error).message;
  }
  return undefined;
}

describe('a protocol that keeps the laws', () => {
  test.each([1, 2, 3])('breaks none with seed %i', (seed) => {
    for (const { check } of laws(subject((place) => new Rumours(place)))) check(seed);
  });
});

let lives = 0;

/** Numbers its instances, as a counter of the module would. */
class Numbered extends Rumours {
  private readonly life = lives++;
  protected override period(): Duration {
    return milliseconds(100 + this.life);
  }
}

class CountsOutside extends Rumours {
  private count = 0;
  protected override period(): Duration {
    return milliseconds(100 + this.count++);
  }
}

class KeepsReference extends Rumours {
  private readonly peer = this.state.peer;
  protected override period(): Duration {
    return milliseconds(100 + this.peer.last++);
  }
}

class RemembersDerived extends Rumours {
  private most = 0;
  protected override show(out: Out<Rumour>): void {
    this.state.told = Math.max(this.state.told, this.most);
    this.most = this.state.told + 1;
    super.show(out);
  }
}

/** Says that what it derived is out of date, as it should. */
class ForgetsDerived extends RemembersDerived {
  restored(): void {
    Object.assign(this, { most: 0 });
  }
}

class HoldsFunction extends Rumours {
  protected override show(out: Out<Rumour>): void {
    this.state.later = () => {};
    super.show(out);
  }
}

class SharesObject extends Rumours {
  protected override show(out: Out<Rumour>): void {
    this.state.again = this.state.peer;
    super.show(out);
  }
}

class Trusts extends Rumours {
  override receive(_now: Instant, _socket: Socket, _from: Endpoint, message: Rumour): void {
    this.state.heard = message.heard.filter((n) => n < 4);
  }
}

class Hoards extends Rumours {
  override receive(_now: Instant, _socket: Socket, _from: Endpoint, message: Rumour): void {
    const { more = [] } = this.state;
    this.state.more = [...(more as unknown[]), message];
  }
}

class HoardsStreams extends Rumours {
  override stream(_now: Instant, stream: StreamId): void {
    this.state.streams.add(stream);
  }
}

class KnowsStreams extends Rumours {
  override stream(_now: Instant, stream: StreamId, event: StreamEvent<Rumour>): void {
    if (event.type === 'accepted') this.state.streams.add(stream);
    else if (event.type === 'data' && !this.state.streams.has(stream)) throw new Error(`stream ${stream} is unknown`);
  }
}

class KnowsTimers extends Rumours {
  override timeout(now: Instant, kind: number, subject: number, out: Out<Rumour>): void {
    if (this.timers[kind] === undefined) throw new Error(`timer ${kind} is unknown`);
    super.timeout(now, kind, subject, out);
  }
}

class KnowsWrites extends Rumours {
  override written(_now: Instant, write: number): void {
    if (write !== 1 && write !== 2) throw new Error(`write ${write} is unknown`);
  }
}

class SendsItsState extends Rumours {
  protected override tell(_now: Instant, to: Endpoint, out: Out<Rumour>): void {
    out.send(0 as Socket, to, { type: 'rumour', heard: this.state.heard }, 10);
  }
}

class ChangesWhatItHears extends Rumours {
  override receive(now: Instant, socket: Socket, from: Endpoint, message: Rumour, out: Out<Rumour>): void {
    super.receive(now, socket, from, message, out);
    if (isRumour(message)) (message.heard as number[]).reverse().push(3);
  }
}

class ShowsNothing extends Rumours {
  protected override show(): void {}
}

class ShowsTooMuch extends Rumours {
  protected override show(out: Out<Rumour>): void {
    super.show(out);
    out.cell(8, 0, 1);
  }
}

/** Says of what it shows no more that it is gone. */
class TakesBack extends Rumours {
  protected override show(out: Out<Rumour>): void {
    super.show(out);
    out.cell(8, 0, 1);
    out.cell(8, 0, '');
  }
}

const calling = (call: (out: Out<Rumour>, to: Endpoint) => void) =>
  class extends Rumours {
    protected override tell(now: Instant, to: Endpoint, out: Out<Rumour>): void {
      super.tell(now, to, out);
      call(out, to);
    }
  };

const touching = (touch: () => void) =>
  class extends Rumours {
    protected override show(out: Out<Rumour>): void {
      touch();
      super.show(out);
    }
  };

const REPLAY = 'the same inputs give the same calls';
const RESTORE = 'a fresh instance goes on from a saved state';
const REWIND = 'a rewound instance goes on as if it had not seen the future';
const TREE = 'the state is a tree of plain data';
const PURE = 'nothing impure is touched';
const GARBAGE = 'garbage does no harm';
const HANDED = 'what was handed over stays as it was';
const CELLS = 'the cells show the state';
const NUMBERS = 'the numbers are sound';

const message: Rumour = { type: 'rumour', heard: [] };

describe('a protocol that breaks a law is told which, where and how, when it', () => {
  test.each<[string, new (place: Place) => Rumours, string, RegExp]>([
    [
      'depends on what was before',
      Numbered,
      REPLAY,
      /^rumours: event 0\.calls\[0\]\.after was \d+, but \d+ when it was run again$/,
    ],
    [
      'counts outside its state',
      CountsOutside,
      RESTORE,
      /^rumours: event \d+\.calls.* was .*, but .* when each event met a fresh instance/,
    ],
    ['keeps a part of its state by reference', KeepsReference, RESTORE, /was .* when each event met a fresh instance/],
    ['remembers what it derived', RemembersDerived, REWIND, /was 1, but 2 when each event came twice, the first undone/],
    ['has a function in its state', HoldsFunction, TREE, /^rumours, event \d+, node \d, .*: state\.later is the function/],
    ['has one object in two places', SharesObject, TREE, /state\.again and state\.peer are one object/],
    ['trusts what arrives', Trusts, GARBAGE, /^rumours, event \d+, node \d, (receive|stream \d+ data) at [\d.]+: ./],
    ['keeps all that arrives', Hoards, GARBAGE, /its state grows with the garbage it is sent: [\d., ]+ values/],
    ['keeps all streams', HoardsStreams, GARBAGE, /its state grows with the garbage/],
    ['knows all streams', KnowsStreams, GARBAGE, /stream \d+ data at .*: stream \d+ is unknown/],
    ['knows all timers', KnowsTimers, GARBAGE, /timer (-1|1|2) .*: timer (-1|1|2) is unknown/],
    ['knows all writes', KnowsWrites, GARBAGE, /write -?\d+ \w+ at .*: write -?\d+ is unknown/],
    ['sends its own state', SendsItsState, HANDED, /what was handed over in event \d+ by send was changed afterwards/],
    ['changes what it hears', ChangesWhatItHears, HANDED, /what was handed over in event \d+ by send was changed afterwards/],
    ['does not show a change', ShowsNothing, CELLS, /cell told of \d shows 0, the state has 1/],
    ['shows what is not in its state', ShowsTooMuch, CELLS, /cell told of 8 shows 1, the state has nothing/],
    [
      'uses a timer without a name',
      calling((out) => out.setTimer(1, 0, milliseconds(1))),
      NUMBERS,
      /calls setTimer with kind 1$/,
    ],
    ['sets a timer for the past', calling((out) => out.setTimer(0, 0, -1 as Duration)), NUMBERS, /calls setTimer with after -1$/],
    [
      'sets a timer for half a nanosecond',
      calling((out) => out.setTimer(0, 0, 0.5 as Duration)),
      NUMBERS,
      /calls setTimer with after 0.5$/,
    ],
    ['writes a cell without a name', calling((out) => out.cell(0, 1, 1)), NUMBERS, /calls cell with field 1$/],
    ['sends half a byte', calling((out, to) => out.send(0 as Socket, to, message, 0.5)), NUMBERS, /calls send with bytes 0.5$/],
    [
      'sends on a socket it has not',
      calling((out, to) => out.send(2 as Socket, to, message, 1)),
      NUMBERS,
      /calls send with socket 2$/,
    ],
  ])('%s', (_, Bad, law, says) => {
    expect(verdict((place) => new Bad(place), law)).toMatch(says);
  });

  test.each<[string, () => void]>([
    ['Math.random', () => Math.random()],
    ['Math.log', () => Math.log(2)],
    ['Math.cos', () => Math.cos(2)],
    ['Date', () => Date.now()],
    ['Date', () => new Date()],
    ['performance', () => performance.now()],
    ['setTimeout', () => setTimeout(() => {}, 0)],
    ['queueMicrotask', () => queueMicrotask(() => {})],
    ['crypto', () => crypto.randomUUID()],
    ['Intl', () => new Intl.NumberFormat()],
    ['console', () => console.log('here')],
    ['localeCompare', () => 'a'.localeCompare('b')],
    ['toLocaleString', () => (1.5).toLocaleString()],
  ])('touches %s', (what, touch) => {
    const says = verdict((place) => new (touching(touch))(place), PURE);
    expect(says).toContain(`${what} is impure`);
    expect(says).toMatch(/^rumours, event \d+, node \d, timer tell 0 at [\d.]+: /);
  });
});

describe('a protocol is not blamed when it', () => {
  test.each([
    ['says that what it derived is out of date', ForgetsDerived],
    ['takes back what it showed', TakesBack],
  ])('%s', (_, Good) => {
    for (const { check } of laws(subject((place) => new Good(place)))) check(1);
  });
});

test('nothing impure is left replaced', () => {
  verdict((place) => new (touching(() => Date.now()))(place), PURE);
  expect([typeof Date.now(), typeof Math.random(), typeof performance.now(), 'a'.localeCompare('a')]).toEqual([
    'number',
    'number',
    'number',
    0,
  ]);
});
