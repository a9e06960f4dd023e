import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Duration, milliseconds, seconds } from '../../core/time.ts';
import { retransmissionTimeout } from './connection.ts';
import { address, host, Lab, lan, link, port, router, segment } from './lab.ts';
import type { LinkSpec, Topology } from './topology.ts';
import type { Adversary, StreamHandle } from './upcalls.ts';

/** n1 and n2 that know each other; n2 listens on port 80 and closes when it hears that n1 has. */
function pair(changes: Partial<LinkSpec> = {}, options: { topology?: Topology; seed?: number; adversary?: Adversary } = {}): Lab {
  const lab = new Lab(options.topology ?? lan(2, changes), options.seed, options.adversary);
  lab.bind('n2', { transport: 'stream', port: 80 });
  lab.onStream = (stream, event) => {
    if (event.type === 'closed') lab.network.close(stream);
  };
  return lab;
}

/** Lets n1 and n2 learn each other's hardware addresses. */
function acquaint(lab: Lab): void {
  lab.network.echo(0, address('10.0.0.2'), { id: 1, sequence: 1, bytes: 56 });
  lab.run(milliseconds(999));
  lab.run(seconds(1));
  lab.seen.length = 0;
}

const open = (lab: Lab, to = '10.0.0.2:80'): StreamHandle => lab.network.connect(0, undefined, lab.endpoint(to));

const events = (lab: Lab, stream: StreamHandle): string[] =>
  lab.events.filter((each) => each.stream === stream).map(({ event }) => event.type);

/** What one host sent, as `seconds since one word`. */
const sent = (lab: Lab, node = 0): string[] =>
  lab.seen.filter((each) => each.kind === 6 && each.node === node).map(({ at, word }) => `${(at - 1e9) / 1e9} ${word}`);

describe('a stream', () => {
  test('opens with SYN, SYN-ACK and ACK, carries messages both ways, and ends with a FIN from either side', () => {
    const lab = pair();
    acquaint(lab);
    const stream = open(lab);
    lab.network.transmit(stream, { type: 'question' }, 100);
    lab.onStream = (handle, event) => {
      if (event.type === 'data' && handle !== stream) lab.network.transmit(handle, { type: 'answer' }, 50);
      if (event.type === 'data' && handle === stream) lab.network.close(stream);
      if (event.type === 'closed') lab.network.close(handle);
    };
    lab.run(seconds(2));
    expect(lab.lines('deliver').map((line) => line.slice(5))).toEqual([
      '100 n2 deliver syn n1',
      '200 n1 deliver syn-ack n2',
      '300 n2 deliver ack n1',
      '300 n2 deliver question n1',
      '400 n1 deliver ack n2',
      '400 n1 deliver answer n2',
      '500 n2 deliver ack n1',
      '500 n2 deliver fin n1',
      '600 n1 deliver ack n2',
      '600 n1 deliver fin n2',
      '700 n2 deliver ack n1',
    ]);
    expect(lab.events.map(({ event }) => event)).toEqual([
      { type: 'opened' },
      { type: 'accepted', socket: 0, from: lab.endpoint('10.0.0.1:32768') },
      { type: 'data', message: { type: 'question' }, bytes: 100 },
      { type: 'data', message: { type: 'answer' }, bytes: 50 },
      { type: 'closed' },
    ]);
    expect([...lab.network.state.streams.values()].map(({ phase }) => phase)).toEqual(['time-wait']);
    lab.run(seconds(70));
    expect(lab.network.state.streams.size).toBe(0);
    expect(lab.simulation.pending).toBe(0);
  });

  test('to a port where nobody listens is refused', () => {
    const lab = pair();
    const stream = open(lab, '10.0.0.2:81');
    lab.run(seconds(5));
    expect(events(lab, stream)).toEqual(['refused']);
    expect(lab.lines('deliver').slice(-2)).toEqual(['0.000300 n2 deliver syn n1', '0.000400 n1 deliver rst n2']);
  });

  test('to a host whose neighbours find no answer to ARP is unreachable after three seconds', () => {
    const lab = pair();
    const stream = open(lab, '10.0.0.9:80');
    lab.run(milliseconds(2_999));
    expect(events(lab, stream)).toEqual([]);
    lab.run(seconds(200));
    expect(lab.events).toEqual([{ at: seconds(3), stream, event: { type: 'unreachable' } }]);
  });

  test('without a route is unreachable, but never during the call itself', () => {
    const lab = pair();
    const stream = open(lab, '9.9.9.9:80');
    expect(lab.events).toEqual([]);
    lab.run(0 as Duration);
    expect(events(lab, stream)).toEqual(['unreachable']);
  });

  test('is unreachable when a router on the way has no route', () => {
    const lab = pair(
      {},
      {
        topology: {
          segments: [segment('lan', '10.0.0.0/24')],
          nodes: [
            host('n1', [port(0, '10.0.0.1/24')], 'default via 10.0.0.254'),
            host('n2', [port(0, '10.0.0.2/24')]),
            router('r', [port(0, '10.0.0.254/24')]),
          ],
        },
      },
    );
    const stream = open(lab, '9.9.9.9:80');
    lab.run(seconds(1));
    expect(lab.events).toEqual([{ at: 400_000, stream, event: { type: 'unreachable' } }]);
  });

  test('over loopback needs no link', () => {
    const lab = new Lab(lan(1));
    lab.bind('n1', { transport: 'stream', port: 80 });
    const stream = open(lab, '127.0.0.1:80');
    lab.network.transmit(stream, 'hello', 200_000);
    lab.run(seconds(1));
    expect(lab.events.map(({ event }) => event.type)).toEqual(['opened', 'accepted', 'data']);
  });
});

describe('the schedule of retransmissions', () => {
  test('a SYN is repeated after 1, 3, 7, 15, 31 and 63 s and given up after 127 s', () => {
    const lab = new Lab({
      segments: [segment('lan', '10.0.0.0/24')],
      nodes: [
        host('n1', [port(0, '10.0.0.1/24')], 'default via 10.0.0.254'),
        router('wall', [port(0, '10.0.0.254/24')], '', { deny: [{ to: { base: address('9.0.0.0'), length: 8 } }] }),
      ],
    });
    const stream = open(lab, '9.9.9.9:80');
    lab.run(seconds(200));
    const syns = lab.seen.filter((each) => each.kind === 6 && each.word === 'syn');
    expect(syns.map(({ at }) => at / 1e9)).toEqual([0, 1, 3, 7, 15, 31, 63]);
    expect(lab.events).toEqual([{ at: seconds(127), stream, event: { type: 'timed-out' } }]);
    expect(lab.network.state.streams.size).toBe(0);
  });

  test('to a host that died on the same segment it may end sooner, when ARP finds out', () => {
    const lab = pair();
    acquaint(lab);
    lab.network.down(1);
    const stream = open(lab);
    lab.run(seconds(200));
    expect(events(lab, stream)).toEqual(['unreachable']);
    // The neighbour entry is reachable for 15 to 45 s; the next SYN after that starts 5 s of delay and 3 s of probes, and the one
    // after these has to wait for 3 s of requests.
    expect(sent(lab).filter((line) => line.endsWith('syn'))).toEqual([
      '0 syn',
      '1 syn',
      '3 syn',
      '7 syn',
      '15 syn',
      '31 syn',
      '63 syn',
    ]);
    expect(lab.events[0]?.at).toBe(seconds(67));
  });

  test('a SYN-ACK is repeated after 1, 3, 7, 15 and 31 s and forgotten after 63 s', () => {
    const lab = pair();
    acquaint(lab);
    open(lab);
    lab.run(milliseconds(1_000.05));
    lab.network.down(0);
    lab.run(seconds(64));
    expect(sent(lab, 1).filter((line) => line.endsWith('syn-ack'))).toEqual(
      [0, 1, 3, 7, 15, 31].map((at) => `${at + 0.0001} syn-ack`),
    );
    expect(lab.network.state.streams.size).toBe(1);
    lab.run(seconds(65));
    expect(lab.network.state.streams.size).toBe(0);
    expect(lab.events).toEqual([]);
  });

  test('data is repeated after the smoothed round trip and 200 ms, doubling up to 120 s, and given up after 15 times', () => {
    const lab = pair();
    acquaint(lab);
    const stream = open(lab);
    lab.run(milliseconds(1_500));
    lab.network.setLink(0, 1, false);
    lab.network.transmit(stream, { type: 'lost' }, 10);
    lab.run(seconds(1_200));
    // Round trip 200 µs, so 200.2 ms at first; the tenth doubling would exceed 120 s (RFC 6298, Linux's TCP_RTO_MIN and TCP_RTO_MAX).
    const waits = Array.from({ length: 16 }, (_, i) => Math.min(200_200_000 * 2 ** i, 120_000_000_000));
    const times = waits.map((_, i) => 1_500_000_000 + waits.slice(0, i).reduce((sum, wait) => sum + wait, 0));
    const seen = lab.seen.filter((each) => each.kind === 6 && each.word === 'lost').map(({ at }) => at);
    expect(seen).toEqual(times);
    const end = 1_500_000_000 + waits.reduce((sum, wait) => sum + wait, 0);
    expect(lab.events.slice(2)).toEqual([{ at: end, stream, event: { type: 'timed-out' } }]);
  });

  test('with the shortest round trip a stream is given up after 924.6 s', () => {
    let sum = 0;
    for (let tries = 0; tries <= 15; tries++) sum += retransmissionTimeout(0 as Duration, 0 as Duration, tries);
    expect(sum).toBe(924_600_000_000);
  });

  test.each`
    smoothed | variation | tries | timeout
    ${150}   | ${10}     | ${0}  | ${350}
    ${150}   | ${75}     | ${0}  | ${450}
    ${150}   | ${75}     | ${3}  | ${3_600}
    ${0}     | ${0}      | ${20} | ${120_000}
  `('after $tries tries with $smoothed ± $variation ms: $timeout ms', ({ smoothed, variation, tries, timeout }) => {
    expect(retransmissionTimeout(milliseconds(smoothed), milliseconds(variation), tries)).toBe(milliseconds(timeout));
  });

  test('a lost message followed by others is repeated as soon as three later segments have arrived', () => {
    const lab = pair(
      {},
      {
        adversary: {
          fate: (now, _s, _b, _o, _d, _f, _t, _h, word) =>
            now === 2e9 && lab.names.text(word) === 'm0' ? { drop: true } : undefined,
        },
      },
    );
    acquaint(lab);
    const stream = open(lab);
    lab.run(seconds(2));
    for (let i = 0; i < 4; i++) lab.network.transmit(stream, { type: `m${i}` }, 10);
    lab.run(seconds(3));
    expect(sent(lab).filter((line) => /m\d/.test(line))).toEqual(['1 m0', '1 m1', '1 m2', '1 m3', '1.0002 m0']);
    expect(lab.events.slice(2).map(({ at, event }) => [at - 2e9, event.type === 'data' ? event.message : event])).toEqual(
      [0, 1, 2, 3].map((i) => [300_000, { type: `m${i}` }]),
    );
  });
});

test('what was given up for lost and is then reported as arrived is not sent again', () => {
  const tries = { m0: 0 };
  const lab: Lab = pair(
    {},
    {
      adversary: {
        fate: (now, source, _boot, _ordinal, _to, _from, _hopTo, _hop, word) => {
          if (lab.names.text(word) === 'm0' && tries.m0++ < 2) return { drop: true };
          // The acknowledgement of m1 comes after the time-out, while m0 is on its way again.
          return source === 1 && now > 1.999e9 && now < 2.1e9 ? { delay: milliseconds(250) } : undefined;
        },
      },
    },
  );
  acquaint(lab);
  const stream = open(lab);
  lab.run(seconds(2));
  for (const type of ['m0', 'm1']) lab.network.transmit(stream, { type }, 10);
  lab.run(seconds(5));
  expect(sent(lab).filter((line) => /m\d/.test(line))).toEqual(['1 m0', '1 m1', '1.2002 m0', '1.6006 m0']);
  expect(lab.events.slice(2).map(({ event }) => event.type)).toEqual(['data', 'data']);
});

describe('large messages', () => {
  test('take as many segments as their bytes need, ten at first and twice as many with each round trip', () => {
    const lab = pair({ delay: { type: 'constant', value: milliseconds(50) } });
    acquaint(lab);
    const stream = open(lab);
    lab.network.transmit(stream, { type: 'snapshot' }, 1_460 * 64 + 1);
    lab.run(seconds(30));
    const trains = lab.seen.filter((each) => each.kind === 6 && each.node === 0 && each.size > 40);
    expect(trains.map(({ at, size, packet }) => [(at - 1e9) / 1e6, packet.header?.segments, size])).toEqual([
      [100, 10, 15_000],
      [200, 20, 30_000],
      [300, 35, 34 * 1_500 + 41],
    ]);
    expect(lab.events.slice(2).map(({ at, event }) => [(at - 1e9) / 1e6, event])).toEqual([
      [350, { type: 'data', message: { type: 'snapshot' }, bytes: 1_460 * 64 + 1 }],
    ]);
  });

  test('have segments that fit the smallest MTU on the way', () => {
    const lab = pair(
      {},
      {
        topology: {
          segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.0.0/24', { link: link({ mtu: 1_414 }) })],
          nodes: [
            host('n1', [port(0, '10.0.1.1/24')], 'default via 10.0.1.254'),
            host('n2', [port(1, '10.0.0.2/24')], 'default via 10.0.0.254'),
            router('r', [port(0, '10.0.1.254/24'), port(1, '10.0.0.254/24')]),
          ],
        },
      },
    );
    const stream = open(lab);
    lab.network.transmit(stream, 'x', 1_374 * 3);
    lab.run(seconds(5));
    const data = lab.seen.filter((each) => each.kind === 6 && each.size > 40);
    expect(data.map(({ packet, size }) => [packet.header?.segments, size])).toEqual([[3, 3 * 1_414]]);
    expect(lab.lines('drop')).toEqual([]);
  });

  test('take their bandwidth', () => {
    // 10 segments of 1 518 bytes with Ethernet at 12.144 Mbit/s: 1 ms each, on the way out and on the way in.
    const lab = pair({ bandwidth: 12_144_000, queue: 1_000_000, delay: { type: 'constant', value: 0 as Duration } });
    acquaint(lab);
    const stream = open(lab);
    lab.run(seconds(2));
    lab.network.transmit(stream, 'x', 1_460 * 10);
    lab.run(seconds(3));
    expect(lab.events.slice(2).map(({ at }) => at - 2e9)).toEqual([20_000_000]);
  });

  test('get through a queue that is much smaller than they are', () => {
    const lab = pair({ bandwidth: 10_000_000, queue: 20_000 });
    acquaint(lab);
    const stream = open(lab);
    lab.network.transmit(stream, 'x', 1_000_000);
    lab.run(seconds(100));
    expect(events(lab, stream)).toEqual(['opened']);
    expect(lab.events.filter(({ event }) => event.type === 'data').map(({ event }) => event)).toEqual([
      { type: 'data', message: 'x', bytes: 1_000_000 },
    ]);
    expect(new Set(lab.seen.filter((each) => each.kind === 9).map((each) => each.word))).toEqual(new Set(['queue-full']));
  });

  test('of no bytes arrive too', () => {
    const lab = pair();
    const stream = open(lab);
    lab.network.transmit(stream, 'empty', 0);
    lab.run(seconds(1));
    expect(lab.events.slice(2).map(({ event }) => event)).toEqual([{ type: 'data', message: 'empty', bytes: 0 }]);
  });
});

describe('how streams end', () => {
  const opened = (): { lab: Lab; near: StreamHandle; far: StreamHandle } => {
    const lab = pair();
    acquaint(lab);
    const near = open(lab);
    lab.run(seconds(2));
    const far = lab.events.find(({ event }) => event.type === 'accepted')?.stream as StreamHandle;
    lab.seen.length = 0;
    return { lab, near, far };
  };

  test('a process that dies with work unfinished resets its peer', () => {
    const { lab, near, far } = opened();
    lab.network.abort(near);
    lab.run(seconds(3));
    expect(events(lab, far)).toEqual(['accepted', 'reset']);
    expect(lab.network.state.streams.size).toBe(0);
  });

  test('a host that dies says nothing: its peer keeps trying until it gives up', () => {
    const { lab, far } = opened();
    lab.network.down(0);
    lab.network.transmit(far, 'anybody there?', 10);
    lab.run(seconds(900));
    expect(events(lab, far)).toEqual(['accepted']);
    lab.run(seconds(1_000));
    expect(events(lab, far)).toEqual(['accepted', 'timed-out']);
  });

  test('a host that has come back knows no such connection and resets it', () => {
    const { lab, far } = opened();
    lab.network.down(0);
    lab.network.up(0);
    lab.network.transmit(far, 'still there?', 10);
    lab.run(seconds(3));
    expect(events(lab, far)).toEqual(['accepted', 'reset']);
  });

  test('what is sent before closing arrives before the end', () => {
    const { lab, near, far } = opened();
    for (let i = 0; i < 30; i++) lab.network.transmit(near, i, 3_000);
    lab.network.close(near);
    lab.network.transmit(near, 'too late', 1);
    lab.run(seconds(3));
    const heard = lab.events
      .filter(({ stream }) => stream === far)
      .map(({ event }) => (event.type === 'data' ? event.message : event.type));
    expect(heard).toEqual(['accepted', ...Array.from({ length: 30 }, (_, i) => i), 'closed']);
    expect(events(lab, near)).toEqual(['opened']);
  });

  test('after the peer has closed one can still send, but a peer that reads no more resets', () => {
    const { lab, near, far } = opened();
    lab.onStream = () => undefined;
    lab.network.close(near);
    lab.run(seconds(3));
    expect(events(lab, far)).toEqual(['accepted', 'closed']);
    lab.network.transmit(far, 'anyway', 10);
    lab.run(seconds(4));
    expect(events(lab, far)).toEqual(['accepted', 'closed', 'reset']);
  });

  test('a peer that never closes is forgotten after 60 s', () => {
    const { lab, near } = opened();
    lab.onStream = () => undefined;
    lab.network.close(near);
    lab.run(seconds(61));
    expect(lab.network.state.streams.has(near)).toBe(true);
    lab.run(seconds(63));
    expect(lab.network.state.streams.has(near)).toBe(false);
  });

  test('a stream that is closed before it opened ends without a word, unless something is to be sent', () => {
    const lab = pair();
    lab.network.close(open(lab));
    const second = open(lab);
    lab.network.transmit(second, 'quick', 5);
    lab.network.close(second);
    lab.run(seconds(5));
    expect(lab.events.map(({ event }) => event.type)).toEqual(['accepted', 'data', 'closed']);
  });

  test('a lost FIN is repeated like data', () => {
    const { lab, near, far } = opened();
    lab.network.setLink(0, 1, false);
    lab.network.close(near);
    lab.run(milliseconds(2_100));
    lab.network.setLink(0, 1, true);
    lab.run(seconds(5));
    expect(events(lab, far)).toEqual(['accepted', 'closed']);
    expect(sent(lab).filter((line) => line.includes('fin'))).toEqual(['1 fin', '1.2002 fin']);
  });

  test('a connection from a host that has rebooted ends an old one from the same port', () => {
    const { lab, far } = opened();
    lab.network.down(0);
    lab.network.up(0);
    lab.network.state.nextPort[0] = 0; // as if the range had been gone through once
    const again = open(lab);
    lab.run(seconds(10));
    expect(events(lab, far)).toEqual(['accepted', 'reset']);
    expect(events(lab, again)).toEqual(['opened']);
  });

  test('closing the listening socket refuses new streams and leaves the old ones', () => {
    const { lab, near, far } = opened();
    lab.network.unbind(0 as never);
    const late = open(lab);
    lab.network.transmit(near, 'old', 3);
    lab.run(seconds(3));
    expect(events(lab, late)).toEqual(['refused']);
    expect(events(lab, far)).toEqual(['accepted', 'data']);
  });
});

describe('whatever the network does', () => {
  const weather: fc.Arbitrary<Partial<LinkSpec>> = fc.record({
    loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
    corrupt: fc.double({ min: 0, max: 0.2, noNaN: true }),
    duplicate: fc.double({ min: 0, max: 1, noNaN: true }),
    delay: fc.constantFrom<LinkSpec['delay']>(
      { type: 'constant', value: milliseconds(1) },
      { type: 'uniform', min: 0 as Duration, max: milliseconds(40) },
      { type: 'exponential', min: milliseconds(1), mean: milliseconds(20) },
    ),
    mtu: fc.constantFrom(576, 1_500, 9_000),
  });
  const load = fc.array(fc.tuple(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 3_000 })), {
    minLength: 1,
    maxLength: 12,
  });

  test('a stream delivers what was sent, once and in order, or says how it ended', () => {
    fc.assert(
      fc.property(weather, load, load, fc.integer(), (changes, there, back, seed) => {
        const lab = pair(changes, { seed });
        const near = open(lab);
        let far: StreamHandle | undefined;
        lab.onStream = (stream, event) => {
          if (event.type !== 'accepted') return;
          far = stream;
          for (const [i, [bytes]] of back.entries()) lab.network.transmit(stream, i, bytes);
        };
        for (const [i, [bytes, pause]] of there.entries()) {
          lab.network.transmit(near, i, bytes);
          lab.run((lab.simulation.now + milliseconds(pause)) as Duration);
        }
        lab.run(seconds(40_000));
        for (const [stream, load] of [
          [far, there],
          [near, back],
        ] as const) {
          const own = lab.events.filter((each) => each.stream === stream).map(({ event }) => event);
          const got = own.filter((event) => event.type === 'data').map(({ message, bytes }) => [message, bytes]);
          expect(got).toEqual(load.slice(0, got.length).map(([bytes], i) => [i, bytes]));
          const ended = lab.events.some(({ event }) => ['timed-out', 'reset', 'unreachable', 'refused'].includes(event.type));
          if (!ended) expect(got).toHaveLength(load.length);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('five per cent of loss end no stream and lose no message', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 20 }),
        (seed, sizes) => {
          const lab = pair({ loss: 0.05 }, { seed });
          const near = open(lab);
          for (const bytes of sizes) lab.network.transmit(near, 'x', bytes);
          lab.network.close(near);
          lab.run(seconds(2_000));
          const heard = lab.events
            .filter(({ stream }) => stream !== near)
            .map(({ event }) => (event.type === 'data' ? event.bytes : event.type));
          expect(heard).toEqual(['accepted', ...sizes, 'closed']);
          expect(lab.network.state.streams.size).toBe(0);
        },
      ),
      { numRuns: 40 },
    );
  });
});
