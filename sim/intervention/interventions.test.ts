import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NameId, Names } from '../../core/names.ts';
import { type Instant, milliseconds, seconds } from '../../core/time.ts';
import { Draws } from '../draws.ts';
import { NOBODY } from '../engine/journal.ts';
import type { PacketFate } from '../network/network.ts';
import { describeIntervention, type Intervention } from './intervention.ts';
import { Interventions } from './interventions.ts';

const NODES = ['a', 'b', 'gateway', 'c'];
const [A, B, GATEWAY, C] = [0, 1, 2, 3] as const;

interface Crossing {
  readonly at?: number;
  readonly from?: number;
  readonly to?: number;
  readonly source?: number;
  readonly destination?: number;
  readonly hop?: number;
  readonly boot?: number;
  readonly word?: NameId;
  readonly bytes?: number;
  readonly frame?: number;
  readonly strays?: boolean;
}

/** An adversary with the list, and a way to send it a ping across one link. */
function adversary(interventions: readonly Intervention[], recording = false) {
  const names = new Names();
  const subject = new Interventions({ interventions, draws: new Draws(7), names, nodes: NODES, recording });
  const ping = names.id('ping');
  const cross = (ordinal: number, crossing: Crossing = {}): PacketFate | undefined => {
    const { at = 0, from = A, to = B, hop = 0, boot = 0, word = ping } = crossing;
    const { source = from, destination = to, bytes = 100, frame = bytes, strays = true } = crossing;
    return subject.packets.fate(at as Instant, source, boot, ordinal, destination, from, to, hop, word, bytes, frame, strays);
  };
  return { subject, cross, names };
}

const packet = { sender: 'a', boot: 0, ordinal: 4711, receiver: 'b', hop: 0, message: 'ping' };
const at = (n: number) => seconds(n) as number as Instant;

describe('an entry for one packet', () => {
  test('loses that packet and no other', () => {
    const { cross, subject } = adversary([{ kind: 'packet-loss', packet }]);
    expect(cross(4710)).toBeUndefined();
    expect(cross(4711, { boot: 1 })).toBeUndefined();
    expect(cross(4711, { from: B, to: A })).toBeUndefined();
    expect(cross(4711, { hop: 1 })).toBeUndefined();
    expect(subject.unapplied()).toHaveLength(1);
    expect(cross(4711)).toEqual({ drop: true });
    expect(subject.unapplied()).toEqual([]);
  });

  test('delays that packet by what it says', () => {
    expect(adversary([{ kind: 'packet-delay', packet, by: milliseconds(3) }]).cross(4711)).toEqual({ delay: milliseconds(3) });
  });

  test('leaves a packet alone that carries another kind of message, and says which', () => {
    const { cross, subject, names } = adversary([{ kind: 'packet-loss', packet }]);
    expect(cross(4711, { word: names.id('ack') })).toBeUndefined();
    expect(subject.unapplied()).toMatchObject([{ index: 0, reason: 'this packet carried ack' }]);
  });

  test('is reported when its packet was never sent', () => {
    expect(adversary([{ kind: 'packet-loss', packet }]).subject.unapplied()).toMatchObject([
      { index: 0, reason: 'this packet was never sent' },
    ]);
  });
});

describe('an entry for one direction of a link', () => {
  const cut: Intervention = { kind: 'link-cut', from: 'a', to: 'b', at: at(3), until: at(9) };

  test.each`
    second | drop
    ${2}   | ${false}
    ${3}   | ${true}
    ${8}   | ${true}
    ${9}   | ${false}
  `('holds from its first instant up to, not including, its last: at $second s $drop', ({ second, drop }) => {
    expect(adversary([cut]).cross(1, { at: at(second) })?.drop ?? false).toBe(drop);
  });

  test('holds this way only', () => {
    expect(adversary([cut]).cross(1, { at: at(5), from: B, to: A })).toBeUndefined();
  });

  test('between hosts that are no neighbours means their traffic, judged once at its first link', () => {
    const far: Intervention = { kind: 'link-cut', from: 'a', to: 'c', at: at(0) };
    expect(adversary([far]).cross(1, { from: A, to: GATEWAY, destination: C })).toEqual({ drop: true });
    expect(adversary([far]).cross(1, { from: A, to: GATEWAY, destination: GATEWAY })).toBeUndefined();
    expect(adversary([far]).cross(1, { from: GATEWAY, to: C, source: A, destination: C, hop: 1 })).toBeUndefined();
  });

  test('between two hosts does not touch what one of them sends to a group elsewhere', () => {
    const last: Intervention = { kind: 'link-cut', from: 'a', to: 'c', at: at(0) };
    expect(adversary([last]).cross(1, { source: B, from: B, to: A, destination: NOBODY })).toBeUndefined();
    expect(adversary([last]).cross(1, { from: A, to: C, destination: NOBODY })).toEqual({ drop: true });
  });

  const lossy = (rate: number): Intervention => ({ kind: 'link-loss', from: 'a', to: 'b', rate, at: at(0) });
  const lostOf = (rate: number, count: number): number[] => {
    const { cross } = adversary([lossy(rate)]);
    return Array.from({ length: count }, (_, ordinal) => ordinal).filter((ordinal) => cross(ordinal)?.drop === true);
  };

  test('loses about its rate', () => {
    // 10 000 draws at 30 %: five standard deviations are 229.
    expect(Math.abs(lostOf(0.3, 10_000).length - 3_000)).toBeLessThan(229);
  });

  test('loses at a lower rate a part of what it loses at a higher one', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (one, other) => {
        const more = new Set(lostOf(Math.max(one, other), 200));
        expect(lostOf(Math.min(one, other), 200).every((ordinal) => more.has(ordinal))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('that slows a link adds between its bounds', () => {
    const { cross } = adversary([
      { kind: 'link-delay', from: 'a', to: 'b', min: milliseconds(10), max: milliseconds(20), at: at(0) },
    ]);
    for (let ordinal = 0; ordinal < 1_000; ordinal++) {
      const delay = cross(ordinal)?.delay as number;
      expect(delay).toBeGreaterThanOrEqual(milliseconds(10));
      expect(delay).toBeLessThanOrEqual(milliseconds(20));
    }
  });
});

test('what was recorded has, packet for packet, the effects of what was applied', () => {
  const names = ['a', 'b', 'c'] as const;
  const entry = fc.record({
    from: fc.constantFrom(...names),
    to: fc.constantFrom(...names),
    at: fc.integer({ min: 0, max: 50 }).map(at),
    until: fc.integer({ min: 0, max: 50 }).map(at),
  });
  const coarse: fc.Arbitrary<Intervention> = fc.oneof(
    entry.map((link) => ({ kind: 'link-cut' as const, ...link })),
    fc
      .tuple(entry, fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([link, rate]) => ({ kind: 'link-loss' as const, rate, ...link })),
    entry.map((link) => ({ kind: 'link-delay' as const, min: milliseconds(1), max: milliseconds(9), ...link })),
  );
  const crossing = fc.record({
    from: fc.constantFrom(A, B, C),
    to: fc.constantFrom(A, B, C),
    at: fc.integer({ min: 0, max: 50 }).map(at),
  });
  fc.assert(
    fc.property(fc.array(coarse, { maxLength: 6 }), fc.array(crossing, { maxLength: 60 }), (plan, crossings) => {
      const first = adversary(plan, true);
      const fates = crossings.map((each, ordinal) => first.cross(ordinal, each));
      const again = adversary(first.subject.recorded());
      expect(crossings.map((each, ordinal) => again.cross(ordinal, each))).toEqual(fates);
      expect(again.subject.unapplied()).toEqual([]);
    }),
  );
});

describe('an intervention in words', () => {
  test.each<[Intervention, string]>([
    [{ kind: 'packet-loss', packet }, 'packet 4711 of a to b (ping) is lost'],
    [
      { kind: 'packet-delay', packet: { ...packet, boot: 1, hop: 2 }, by: milliseconds(5) },
      'packet 4711 of a (boot 1) to b at hop 2 (ping) is 5ms late',
    ],
    [{ kind: 'link-loss', from: 'a', to: 'b', rate: 0.3, at: at(3), until: at(9) }, 'a → b loses 30 % from 3.000 s to 9.000 s'],
    [{ kind: 'link-cut', from: 'a', to: 'b', at: at(3) }, 'a → b is cut from 3.000 s on'],
    [{ kind: 'host-crash', host: 'c', at: at(4), until: at(9) }, 'c crashes at 4.000 s and boots at 9.000 s'],
  ])('%j', (intervention, words) => {
    expect(describeIntervention(intervention)).toBe(words);
  });
});
