import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AssertionError } from '../../core/assert.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../../core/protocol.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { NO_CAUSE } from '../engine/simulation.ts';
import { address } from '../network/lab.ts';
import { becomesProgram, type Command } from './commands/registry.ts';
import { ProtocolError } from './hosts.ts';
import { HostLab } from './lab.ts';

const A = 0;
const B = 1;
const ROUTER = 3;

describe('a process', () => {
  test('starts its protocols, answers requests of commands, and ends with a status', () => {
    const lab = new HostLab();
    lab.begin('b', 'echod');
    lab.begin('a', 'echod 10.0.1.11; echo ended with $?');
    lab.pass(seconds(2.5));
    expect(lab.terminal('a')).toEqual(['hello']);
    expect(lab.type('a', 'echod status')).toEqual([expect.stringMatching(/^10\.0\.1\.11 answering [23]$/)]);
    lab.type('a', 'pkill -INT echod');
    lab.pass(seconds(1));
    expect(lab.terminal('a')).toEqual(['ended with 0']);
    expect(lab.lines('start', 'stop').filter((line) => line.includes(' a '))).toEqual([
      '0.000 a start echod',
      '2.600 a stop echod',
    ]);
  });

  test('does not run twice on one port, and leaves it free when it ends', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod');
    expect(lab.type('a', 'echod; echo $?')).toEqual(['hello', 'echod: cannot bind udp *:7: Address already in use', '1']);
    lab.type('a', 'pkill -KILL echod');
    lab.begin('a', 'echod');
    expect(lab.hosts.processes(A).map(({ name }) => name)).toEqual(['echod']);
  });

  test.each`
    signal    | status
    ${'KILL'} | ${137}
    ${'HUP'}  | ${1}
    ${'TERM'} | ${1}
    ${'INT'}  | ${0}
  `('ends with $status after $signal', ({ signal, status }) => {
    const lab = new HostLab();
    lab.begin('a', 'echod; echo $?');
    lab.hosts.signal(A, lab.pid('a', 'echod'), signal);
    lab.pass(seconds(1));
    expect(lab.terminal('a').at(-1)).toBe(String(status));
    expect(lab.hosts.processes(A)).toEqual([]);
  });

  test('that ends tells the commands that wait for it', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod');
    lab.hosts.pause(A);
    lab.begin('a', 'echod status; echo $?');
    lab.pass(seconds(1));
    lab.terminal('a');
    lab.hosts.signal(A, lab.pid('a', 'echod'), 'KILL');
    expect(lab.terminal('a')).toEqual(['echod: it has gone away', '1']);
    expect(lab.type('a', 'echod status')).toEqual(['echod: not running']);
  });

  test('answers a request as often as it has something to say, until nobody listens', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod 10.0.1.11 10.0.2.10');
    lab.begin('a', 'echod watch');
    lab.pass(seconds(3));
    expect(
      lab
        .terminal('a')
        .filter((line) => line.startsWith('heard'))
        .sort(),
    ).toEqual(['heard of 10.0.1.11', 'heard of 10.0.2.10']);
    const program = lab.hosts.program(A, 'echod')?.state as { watchers: ReadonlySet<number> };
    expect(program.watchers.size).toBe(1);
    const watch = lab.hosts.processes(A).find(({ words }) => words.includes('watch'))?.pid;
    expect(lab.type('a', `kill ${watch}`)).toEqual([]);
    expect(program.watchers.size).toBe(0);
  });

  test('runs its scripts one after another, with an environment and standard input', () => {
    const lab = new HostLab();
    lab.begin('a', `echod 10.0.1.11 10.0.2.10 -e 'sleep 1; read -r peer port; echo "$ECHO_PEER=$peer $port $USER"; exit 3'`);
    lab.pass(seconds(5));
    const lines = lab.terminal('a');
    expect(lines.filter((line) => line.startsWith('script'))).toEqual([
      expect.stringMatching(/^script 1 ended with 3: (10\.\d\.\d\.\d+)=\1 7 root$/),
      expect.stringMatching(/^script 2 ended with 3: (10\.\d\.\d\.\d+)=\1 7 root$/),
    ]);
    const asleep = lab.seen.filter(({ kind, word }) => kind === Kind.timer && word === 'sleep').map(({ at }) => at);
    expect((asleep[1] as number) - (asleep[0] as number)).toBeGreaterThanOrEqual(seconds(1));
  });

  test('that was restarted counts its starts and finds its files', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod 10.0.1.11');
    lab.pass(seconds(2));
    const before = lab.pid('a', 'echod');
    lab.hosts.restart(A, before);
    expect(lab.pid('a', 'echod')).not.toBe(before);
    // A second life numbers its pings from 2³², and knows the silence that it wrote down.
    expect(lab.state('a', 'echod')).toMatchObject({ nextSequence: 2 ** 32, silences: 1 });
  });

  test('that throws ends the run, and the error says who and when', () => {
    class Broken extends Idle {
      override timeout(): void {
        throw new AssertionError('a term went backwards');
      }
    }
    const lab = new HostLab({}, { commands: [daemon('brokend', () => new Broken({ timer: seconds(2) }))] });
    lab.begin('b', 'brokend');
    let thrown: unknown;
    try {
      lab.pass(seconds(5));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ProtocolError);
    const error = thrown as ProtocolError;
    expect(error.message).toBe('idle of brokend on b failed at 2.000000000 s: AssertionError: a term went backwards');
    expect(error.cause).toBeInstanceOf(AssertionError);
    expect(error).toMatchObject({ node: B, at: seconds(2) });
  });
});

describe('a paused process', () => {
  test('takes nothing, and then everything in order', () => {
    const lab = new HostLab(
      {},
      {
        commands: [
          daemon('loggerd', (to, host) => new Logger(to === undefined ? undefined : host.names.endpoint(address(to), 9))),
        ],
      },
    );
    lab.begin('a', 'loggerd 10.0.1.11');
    lab.begin('b', 'loggerd');
    lab.pass(milliseconds(100));
    lab.hosts.pause(B);
    lab.pass(seconds(3));
    const heard = (): string[] => lab.state<{ heard: string[] }>('b', 'loggerd').heard;
    expect(heard()).toEqual([]);
    lab.hosts.resume(B);
    // Its own timer was set before for 1 s and comes once, late; the next one is set by it.
    expect(heard()).toEqual(['timer', 'datagram 1', 'datagram 2', 'datagram 3']);
    lab.pass(seconds(1));
    expect(heard().slice(4)).toEqual(['datagram 4', 'timer']);
  });

  test('is not seen by its kernel: a ping is answered', () => {
    const lab = new HostLab();
    lab.begin('b', 'echod');
    lab.hosts.pause(B);
    expect(lab.type('a', 'ping -c 1 -q 10.0.1.11')[3]).toContain('1 received');
  });

  test('takes a signal first when it goes on', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod; echo $?');
    lab.hosts.pause(A);
    lab.pass(seconds(1));
    lab.type('a', 'pkill echod');
    lab.terminal('a');
    expect(lab.hosts.processes(A)).toHaveLength(1);
    lab.hosts.resume(A);
    expect(lab.terminal('a')).toEqual(['1']);
  });

  test('dies of KILL all the same', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod');
    lab.hosts.pause(A);
    lab.type('a', 'pkill -KILL echod');
    expect(lab.hosts.processes(A)).toEqual([]);
  });
});

describe('a crash', () => {
  test('takes processes, shells and unsynced files; the disk keeps the rest', () => {
    const lab = new HostLab({ a: { files: { '/etc/greeting': 'welcome\n' } } });
    lab.begin('a', 'echod 10.0.1.11 10.0.2.10; echo never');
    lab.pass(seconds(2));
    lab.type('a', 'echo lost > notes');
    lab.terminal('a');
    lab.hosts.crash(A);
    lab.pass(seconds(3));
    expect(lab.hosts.isUp(A)).toBe(false);
    expect(lab.hosts.run(A, 'echo a')).toBeUndefined();
    lab.hosts.boot(A);
    lab.pass(milliseconds(1));
    expect(lab.hosts.file(A, 'notes')).toBeUndefined();
    // Echo syncs each silence; its first life saw two.
    expect(lab.state('a', 'echod')).toMatchObject({ silences: 2 });
    expect(lab.terminal('a')).toEqual(['welcome']);
    expect(lab.lines('boot', 'crash', 'start').filter((line) => line.includes(' a '))).toEqual([
      '0.000 a boot boot',
      '0.000 a start echod',
      '2.000 a crash crash',
      '5.000 a boot boot',
      '5.000 a start echod',
    ]);
  });

  test('leaves programs dead when nobody restarts them, and runs what every boot runs', () => {
    const lab = new HostLab({ a: { boot: ['echod 10.0.1.11'] } });
    lab.begin('a', 'sleep 100');
    lab.hosts.crash(A);
    lab.hosts.boot(A, false);
    expect(lab.hosts.processes(A).map(({ words }) => words.join(' '))).toEqual(['echod 10.0.1.11']);
    lab.hosts.crash(A);
    lab.hosts.boot(A, true);
    expect(lab.hosts.processes(A)).toHaveLength(1);
  });

  test('of a router is a crash too', () => {
    const lab = new HostLab();
    lab.hosts.crash(ROUTER);
    expect(lab.type('a', 'ping -c 1 -W 1 -q 10.0.2.10')[3]).toContain('0 received');
    lab.hosts.boot(ROUTER);
    expect(lab.type('a', 'ping -c 1 -q 10.0.2.10; echo')[3]).toContain('received');
    expect(lab.lines('crash', 'boot').filter((line) => line.includes('gateway'))).toHaveLength(3);
  });

  test('closes nothing, while the end of a process closes its streams, as a kernel does even after KILL', () => {
    const commands = [
      daemon('talkd', (to, host) => new Talker(to === undefined ? undefined : host.names.endpoint(address(to), 9))),
    ];
    const heard = (lab: HostLab): string[] => lab.state<{ heard: string[] }>('a', 'talkd').heard;
    const connected = (): HostLab => {
      const lab = new HostLab({}, { commands });
      lab.begin('b', 'talkd');
      lab.begin('a', 'talkd 10.0.1.11');
      lab.pass(seconds(1));
      expect(heard(lab)).toEqual(['opened', 'data hello back']);
      return lab;
    };
    const killed = connected();
    killed.type('b', 'pkill -KILL talkd');
    killed.pass(seconds(1));
    expect(heard(killed).at(-1)).toBe('closed');
    const crashed = connected();
    crashed.hosts.crash(B);
    crashed.pass(seconds(60));
    expect(heard(crashed)).toHaveLength(2);
  });
});

describe('clocks of hosts', () => {
  test('a timer runs by the clock of its host', () => {
    const lab = new HostLab(
      { a: { drift: 100_000 }, b: { drift: -100_000 } },
      { commands: [daemon('idled', () => new Idle({ timer: seconds(1.1) }))] },
    );
    for (const name of ['a', 'b', 'c']) lab.begin(name, 'idled');
    lab.pass(seconds(2));
    // 1.1 s on a clock that gains a tenth, that loses a tenth (1.1 / 0.9, rounded up to the nanosecond), and on a right one.
    expect(lab.seen.filter(({ kind }) => kind === Kind.timer).map(({ at }) => at)).toEqual([
      1_000_000_000, 1_100_000_000, 1_222_222_223,
    ]);
    const firedAt = (name: string): number => lab.state<{ firedAt: number }>(name, 'idled').firedAt;
    expect(['a', 'b', 'c'].map(firedAt)).toEqual([1_100_000_000, 1_100_000_000, 1_100_000_000]);
  });

  test('a wall clock that is set wrong shows in dates alone', () => {
    const lab = new HostLab({ a: { offset: -seconds(3600) } });
    expect(lab.type('a', 'date +%T')).toEqual(['12:53:31']);
    lab.hosts.jumpClock(A, seconds(60));
    expect(lab.hosts.wallClock(A)).toBe('2013/10/21 12:54:31');
    lab.type('a', 'sleep 2');
    expect(lab.simulation.now).toBe(seconds(2));
  });
});

describe('the journal', () => {
  test('says what follows from what', () => {
    const lab = new HostLab();
    lab.begin('a', 'echod 10.0.1.11');
    lab.pass(seconds(2));
    const chain: string[] = [];
    let at = lab.seen.find(({ kind, word }) => kind === Kind.notice && word === 'silence');
    while (at !== undefined) {
      chain.push(`${Object.keys(Kind)[at.kind]} ${at.word}`);
      const { cause } = at;
      at = cause === NO_CAUSE ? undefined : lab.seen.find(({ id }) => id === cause);
    }
    expect(chain).toEqual(['notice silence', 'written written', 'timer silence', 'timer ping', 'start echod', 'command echod']);
  });
});

describe('a world that was saved and restored', () => {
  const start = (): HostLab => {
    const lab = new HostLab({
      a: { drift: 50 },
      b: { files: { 'h.sh': 'while read -r p n; do echo "$ECHO_PEER $n" >> log; sleep 0.3; done' } },
    });
    lab.begin('b', 'echod 10.0.1.10 10.0.2.10 -e ./h.sh');
    lab.begin('a', 'echod 10.0.1.11 10.0.2.10 > /root/out & ping -i 0.7 10.0.2.10 | cat &');
    lab.begin('a', 'sleep 1.5; for x in 1 2 3; do echod status; ping -c 2 -q 10.0.1.11; done; pkill -INT echod');
    lab.begin('c', 'sleep 2; echod 10.0.1.10; echo never');
    return lab;
  };
  const acts: ((lab: HostLab) => void)[] = [
    (lab) => lab.hosts.isUp(B) && lab.hosts.crash(B),
    (lab) => lab.hosts.isUp(B) || lab.hosts.boot(B),
    (lab) => lab.hosts.pause(A),
    (lab) => lab.hosts.resume(A),
    (lab) => lab.hosts.isUp(B) && lab.hosts.pause(B),
    (lab) => lab.begin('c', 'pkill echod'),
  ];

  test('goes on as it would have', () => {
    const step = fc.record({ act: fc.nat(acts.length - 1), after: fc.integer({ min: 0, max: seconds(3) }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.nat(1500), fc.nat(), (steps, events, place) => {
        const act = (lab: HostLab, { act, after }: { act: number; after: number }): void => {
          lab.pass(after as Duration);
          acts[act]?.(lab);
        };
        const original = start();
        const cut = steps.length === 0 ? 0 : place % steps.length;
        for (const one of steps.slice(0, cut)) act(original, one);
        for (let i = 0; i < events; i++) original.simulation.step();
        const copy = original.copy();
        original.seen.length = 0;
        for (const lab of [original, copy]) {
          for (const one of steps.slice(cut)) act(lab, one);
          lab.simulation.runUntil(Math.max(lab.simulation.now, seconds(12)) as Instant);
        }
        expect(copy.lines(...KINDS)).toEqual(original.lines(...KINDS));
        expect(copy.journal.fingerprint()).toBe(original.journal.fingerprint());
        expect(copy.hosts.state).toEqual(original.hosts.state);
      }),
      { numRuns: 60 },
    );
  });

  test('has no process that was started after it was saved', () => {
    const lab = new HostLab();
    const saved = lab.copy();
    lab.begin('a', 'echod');
    expect(saved.hosts.processes(A)).toEqual([]);
    saved.begin('a', 'echod');
    expect(saved.hosts.processes(A)).toHaveLength(1);
  });
});

const KINDS = Object.keys(Kind) as (keyof typeof Kind)[];

/** A protocol that only waits for one timer. */
class Idle implements Protocol {
  readonly state = { firedAt: 0 };
  readonly cells: readonly string[] = [];
  readonly timers: readonly string[] = ['idle'];
  private readonly after: Duration;

  constructor({ timer }: { timer: Duration }) {
    this.after = timer;
  }

  start(_now: Instant, _boot: Boot, out: Out<unknown>): void {
    out.setTimer(0, 0, this.after);
  }
  receive(): void {}
  stream(): void {}
  timeout(now: Instant): void {
    this.state.firedAt = now;
  }
  command(): void {}
  written(_now: Instant, _write: number, _outcome: WriteOutcome): void {}
}

/** Sends a number each second to its peer, if it has one, and writes down what comes. */
class Logger extends Idle {
  override readonly state = { firedAt: 0, heard: [] as string[], sent: 0 };
  private readonly peer: number | undefined;

  constructor(peer?: number) {
    super({ timer: seconds(1) });
    this.peer = peer;
  }

  override receive(_now?: Instant, _socket?: Socket, _from?: unknown, message?: unknown): void {
    this.state.heard.push(`datagram ${message}`);
  }

  override timeout(now: Instant, _kind?: number, _subject?: number, out?: Out<unknown>): void {
    this.state.firedAt = now;
    this.state.heard.push('timer');
    if (this.peer !== undefined) out?.send(0 as Socket, this.peer as never, ++this.state.sent, 8);
    out?.setTimer(0, 0, seconds(1));
  }
}

/** Opens a stream to its peer and says hello; answers what it is told with `… back`. */
class Talker extends Idle {
  override readonly state = { firedAt: 0, heard: [] as string[] };
  private readonly peer: number | undefined;

  constructor(peer?: number) {
    super({ timer: milliseconds(10) });
    this.peer = peer;
  }

  override timeout(_now: Instant, _kind?: number, _subject?: number, out?: Out<unknown>): void {
    if (this.peer === undefined || out === undefined) return;
    const stream = out.open(0 as Socket, this.peer as never);
    out.transmit(stream, 'hello', 5);
  }

  override stream(_now?: Instant, stream?: StreamId, event?: StreamEvent<unknown>, out?: Out<unknown>): void {
    if (event === undefined || event.type === 'accepted') return;
    this.state.heard.push(event.type === 'data' ? `data ${event.message}` : event.type);
    if (event.type === 'data' && this.peer === undefined) out?.transmit(stream as StreamId, `${event.message} back`, 10);
  }
}

function daemon(
  name: string,
  make: (peer: string | undefined, host: Parameters<NonNullable<Command['program']>>[1]) => Idle,
): Command {
  return {
    name,
    check: () => undefined,
    start: () => becomesProgram,
    program(args, host) {
      const protocol = make(args[0], host);
      const transport = protocol instanceof Talker ? 'stream' : 'udp';
      return { name, parts: [{ name: 'idle', protocol, sockets: [{ transport, port: 9 }] }] };
    },
  };
}
