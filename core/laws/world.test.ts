import { describe, expect, test } from 'vitest';
import type { Call } from '../collect.ts';
import type { Endpoint } from '../names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import { type Instant, milliseconds } from '../time.ts';
import type { Happened } from './member.ts';
import type { Place, Subject } from './subject.ts';
import { run } from './world.ts';

/** Uses all there is: datagrams, streams, files, timers, commands. */
class Everything implements Protocol<number, string> {
  readonly state = { sent: 0 };
  readonly cells = [];
  readonly timers = ['tick', 'never'];
  private readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  start(_now: Instant, boot: Boot, out: Out<number>): void {
    this.state.sent = boot.count * 100_000;
    this.tick(out);
  }

  timeout(_now: Instant, _kind: number, _subject: number, out: Out<number>): void {
    const { neighbours, index, names } = this.place;
    const endpoints = neighbours[(index + 1) % neighbours.length]?.endpoints as readonly Endpoint[];
    out.send(0 as Socket, endpoints[0] as Endpoint, this.state.sent++, 8);
    const stream = out.open(1 as Socket, endpoints[1] as Endpoint);
    for (let i = 0; i < 4; i++) out.transmit(stream, this.state.sent++, 8);
    if (this.state.sent % 3 === 0) out.close(stream);
    out.close(out.open(1 as Socket, names.endpoint(0x0a_00_00_63 as never, 9)));
    out.append('log', this.state.sent, 8, 1);
    if (this.state.sent % 2 === 0) out.sync('log', 2);
    if (this.state.sent % 5 === 0) out.replace('log', [], 0, 3);
    this.tick(out);
  }

  private tick(out: Out<number>): void {
    out.setTimer(1, 0, milliseconds(1));
    out.setTimer(0, 0, milliseconds(500));
    out.setTimer(0, 0, milliseconds(200));
    out.cancelTimer(1, 0);
  }

  receive(): void {}
  stream(_now: Instant, _stream: StreamId, _event: StreamEvent<number>): void {}
  command(_now: Instant, id: number, _command: string, out: Out<number>): void {
    out.reply(id, 1);
  }
  written(_now: Instant, _write: number, _outcome: WriteOutcome): void {}
}

const subject: Subject<number, string> = {
  name: 'everything',
  sockets: [
    { transport: 'udp', port: 7 },
    { transport: 'stream', port: 7 },
  ],
  events: 4000,
  make: (place) => new Everything(place),
  command: () => 'ask',
};

const happened: Happened<number, string>[] = [1, 2, 3].flatMap((seed) => run(subject, seed));
const calls = happened.flatMap(({ calls }) => calls);
const called = <T extends Call['type']>(type: T) =>
  calls.filter((call): call is Extract<Call<number>, { type: T }> => call.type === type);
const inputs = happened.map(({ input }) => input);

describe('the closed world', () => {
  test('brings about all that can happen to a protocol', () => {
    const types = inputs.map((input) =>
      input.type === 'stream' ? `stream ${input.event.type}` : input.type === 'written' ? `written ${input.outcome}` : input.type,
    );
    expect([...new Set(types)].toSorted()).toEqual([
      'command',
      'receive',
      'start',
      'stream accepted',
      'stream closed',
      'stream data',
      'stream opened',
      'stream refused',
      'stream reset',
      'stream timed-out',
      'stream unreachable',
      'timeout',
      'written error',
      'written full',
      'written ok',
    ]);
  });

  test('loses some datagrams and doubles a few', () => {
    const copies = new Map<number, number>();
    for (const { node, input } of run(subject, 1)) {
      if (node === 0 && input.type === 'receive') copies.set(input.message, (copies.get(input.message) ?? 0) + 1);
    }
    const sent = called('send').length / 9; // by one of three nodes, with one of three seeds
    expect(copies.size / sent).toBeGreaterThan(0.7);
    expect(copies.size / sent).toBeLessThan(0.95);
    const doubled = [...copies.values()].filter((count) => count === 2).length;
    expect(doubled / copies.size).toBeGreaterThan(0.01);
    expect(doubled / copies.size).toBeLessThan(0.15);
  });

  test('reorders datagrams', () => {
    const order = run(subject, 1).flatMap(({ node, input }) => (node === 0 && input.type === 'receive' ? [input.message] : []));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  });

  test('keeps streams in order, from accepted to the end', () => {
    for (const seed of [1, 2, 3]) {
      const streams = new Map<string, string[]>();
      for (const { node, input } of run(subject, seed)) {
        if (input.type !== 'stream') continue;
        const { event } = input;
        const key = `${node} ${input.stream}`;
        streams.set(key, [...(streams.get(key) ?? []), event.type === 'data' ? `data ${event.message}` : event.type]);
      }
      for (const events of streams.values()) {
        expect(events.slice(1)).not.toContain('accepted');
        expect(events.slice(1)).not.toContain('opened');
        const ends = events.findIndex((event) => !/accepted|opened|data/.test(event));
        if (ends >= 0) expect(ends).toBe(events.length - 1);
        const data = events.filter((event) => event.startsWith('data')).map((event) => Number(event.slice(5)));
        expect(data).toEqual(data.map((_, i) => (data[0] as number) + i));
      }
    }
  });

  test('fires a timer once, where it was last set, and never a cancelled one', () => {
    for (const seed of [1, 2, 3]) {
      const last = new Map<number, Instant>();
      for (const { node, now, input } of run(subject, seed)) {
        if (input.type === 'timeout') expect([input.kind, now]).toEqual([0, (last.get(node) as number) + milliseconds(200)]);
        if (input.type === 'timeout' || input.type === 'start') last.set(node, now);
      }
    }
  });

  test('restarts nodes, with what their disks kept', () => {
    const boots = inputs.flatMap((input) => (input.type === 'start' ? [input.boot] : []));
    expect(Math.max(...boots.map(({ count }) => count))).toBeGreaterThan(1);
    expect(boots.some(({ files }) => (files.get('log')?.length ?? 0) > 0)).toBe(true);
  });

  test('is another one with another seed, and the same with the same', () => {
    expect(run(subject, 1)).toEqual(run(subject, 1));
    expect(run(subject, 1)).not.toEqual(run(subject, 2));
  });
});
