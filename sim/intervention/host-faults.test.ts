import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NameId } from '../../core/names.ts';
import type { Boot, Out, Protocol } from '../../core/protocol.ts';
import { type Duration, type Instant, inSeconds, milliseconds, seconds } from '../../core/time.ts';
import { becomesProgram, type Command, Registry } from '../host/commands/registry.ts';
import { standardCommands } from '../host/commands/standard.ts';
import { run } from '../run/run.ts';
import { loadScenario } from '../scenario/load.ts';
import { World } from '../world.ts';
import { describeIntervention, type Intervention } from './intervention.ts';

const FILE = '/var/lib/ledger/ledger/entries';

interface LedgerState {
  /** How many records it found when it started, and how many of them were damaged. */
  found: number;
  damaged: number;
  next: number;
  /** What came back: writes as 2 n, syncs as 2 n + 1; when, on its own clock, and how. */
  readonly came: { readonly write: number; readonly at: number; readonly outcome: string }[];
  /** When its timer came, on its own clock. */
  readonly ticks: number[];
}

/** Writes an entry every 100 ms and syncs it. */
class Ledger implements Protocol<never, never> {
  readonly state: LedgerState = { found: 0, damaged: 0, next: 0, came: [], ticks: [] };
  readonly cells = ['found', 'damaged'];
  readonly timers = ['tick'];
  private readonly self: NameId;

  constructor(self: NameId) {
    this.self = self;
  }

  start(_now: Instant, boot: Boot, out: Out<never>): void {
    const entries = boot.files.get('entries') ?? [];
    this.state.found = entries.length;
    this.state.damaged = entries.filter((entry) => entry === null).length;
    out.cell(this.self, 0, this.state.found);
    out.cell(this.self, 1, this.state.damaged);
    out.setTimer(0, 0, milliseconds(100));
  }
  timeout(now: Instant, _kind: number, _subject: number, out: Out<never>): void {
    const n = this.state.next++;
    this.state.ticks.push(now);
    out.append('entries', { n }, 100, 2 * n);
    out.sync('entries', 2 * n + 1);
    out.setTimer(0, 0, milliseconds(100));
  }
  written(now: Instant, write: number, outcome: string): void {
    this.state.came.push({ write, at: now, outcome });
  }
  receive(): void {}
  stream(): void {}
  command(): void {}
}

const ledger: Command = {
  name: 'ledger',
  check: () => undefined,
  start: () => becomesProgram,
  program: (_, host) => ({
    name: 'ledger',
    parts: [{ name: 'ledger', protocol: new Ledger(host.names.id(host.name)), sockets: [] }],
  }),
};

const registry = new Registry([...standardCommands, ledger]);

const planOf = (timeline = '') =>
  loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts:
  a: { on: lan, disk: { write: 1ms, sync: 5ms }, files: { /etc/motd: hello } }
  b: { on: lan, disk: { write: 1ms, sync: 5ms }, clock: { drift: 100ppm } }
until: 5s
timeline:
  - { at: 0s, on: all, run: ledger }
${timeline}`,
    { registry },
  ).plan;

const plan = planOf();
const at = (second: number) => Math.round(second * 1e9) as Instant;
const [A] = [0];

/** A run to its end: the ledger on a, and what it had kept when its last process started. */
function ledgerOn(interventions: readonly Intervention[], thePlan = plan) {
  const world = new World(thePlan, { registry, interventions, recording: true });
  world.simulation.runUntil(thePlan.end);
  const state = world.hosts.program(A, 'ledger')?.parts[0]?.protocol.state as LedgerState | undefined;
  return { world, state, fingerprint: world.fingerprint() };
}

const nominal = ledgerOn([]).fingerprint;
/** The entry that is written at 2.0 s is the 20th; its operations have the ordinals 38 and 39. */
const append = (n: number) => ({ host: 'a', boot: 0, ordinal: 2 * n, does: `append ${FILE}` });
const sync = (n: number) => ({ host: 'a', boot: 0, ordinal: 2 * n + 1, does: `sync ${FILE}` });
const crash = (second: number): Intervention => ({ kind: 'host-crash', host: 'a', at: at(second), until: at(second + 1) });

test('without faults every entry comes back after 1 ms and its sync after 5 ms more', () => {
  const { state } = ledgerOn([]);
  expect(state?.came.slice(0, 2)).toEqual([
    { write: 0, at: milliseconds(101), outcome: 'ok' },
    { write: 1, at: milliseconds(106), outcome: 'ok' },
  ]);
});

describe('a fault of a disk', () => {
  const cameAt = (interventions: Intervention[], write: number) =>
    ledgerOn(interventions).state?.came.find((each) => each.write === write);

  test('a stall keeps everything back, and then the disk goes on where it was', () => {
    const stall: Intervention = { kind: 'disk-stall', host: 'a', at: at(2.003), until: at(3) };
    // Written at 2.0 s: the append is done at 2.001, the sync has 3 ms left at 2.003.
    expect(cameAt([stall], 2 * 19)).toMatchObject({ at: at(2.001) });
    expect(cameAt([stall], 2 * 19 + 1)).toMatchObject({ at: at(3.003) });
    expect(cameAt([stall], 2 * 20)).toMatchObject({ at: at(3.004) });
  });

  test('a stall without an end keeps everything back for good', () => {
    const { state } = ledgerOn([{ kind: 'disk-stall', host: 'a', at: at(2) }]);
    expect(state?.came.length).toBe(2 * 19);
    expect(state?.ticks.length).toBe(50);
  });

  test('a slow disk takes longer for each operation', () => {
    const slow: Intervention = { kind: 'disk-delay', host: 'a', min: milliseconds(7), max: milliseconds(7), at: at(2) };
    expect(cameAt([slow], 2 * 19)).toMatchObject({ at: at(2.008) });
    expect(cameAt([slow], 2 * 19 + 1)).toMatchObject({ at: at(2.02) });
  });

  test('a full disk takes no appends, and syncs what it has', () => {
    const full: Intervention = { kind: 'disk-full', host: 'a', at: at(2), until: at(3) };
    expect(cameAt([full], 2 * 19)).toMatchObject({ outcome: 'full' });
    expect(cameAt([full], 2 * 19 + 1)).toMatchObject({ outcome: 'ok' });
    expect(ledgerOn([full, crash(4)]).state?.found).toBe(39 - 10);
  });

  test('a failing disk does nothing of what fails', () => {
    const error: Intervention = { kind: 'disk-error', host: 'a', rate: 1, at: at(2) };
    expect(cameAt([error], 2 * 19 + 1)).toMatchObject({ outcome: 'error' });
    expect(ledgerOn([error, crash(3)]).state?.found).toBe(19);
  });

  test('syncs that lie lose what they said to have synced, and the next honest one keeps it all', () => {
    const lie = (from: number, until: number): Intervention => ({
      kind: 'disk-lie',
      host: 'a',
      rate: 1,
      at: at(from),
      until: at(until),
    });
    expect(cameAt([lie(2, 5)], 2 * 19 + 1)).toMatchObject({ outcome: 'ok', at: at(2.006) });
    expect(ledgerOn([lie(2, 5), crash(3.05)]).state?.found).toBe(19);
    expect(ledgerOn([lie(2, 2.5), crash(3.05)]).state?.found).toBe(30);
  });

  test('a wipe leaves what the scenario puts on the disk', () => {
    const { state, world } = ledgerOn([crash(2.05), { kind: 'disk-wipe', host: 'a', at: at(2.5) }]);
    expect(state?.found).toBe(0);
    expect(world.hosts.file(A, '/etc/motd')).toBe('hello');
  });

  test('a damaged record is found when its file is read', () => {
    const rot = (record: number): Intervention => ({ kind: 'corrupt-record', host: 'a', file: FILE, record, at: at(2.01) });
    expect(ledgerOn([rot(3), rot(-1), crash(2.05)]).state).toMatchObject({ found: 20, damaged: 2 });
    expect(ledgerOn([rot(20)]).world.interventions.unapplied()).toMatchObject([{ reason: 'there was no such record' }]);
  });
});

describe('a fault of one operation', () => {
  test('lets it fail, and no other', () => {
    const { state } = ledgerOn([{ kind: 'write-failure', operation: append(19), outcome: 'error' }]);
    expect(state?.came.filter(({ outcome }) => outcome !== 'ok')).toEqual([{ write: 38, at: at(2.001), outcome: 'error' }]);
  });

  test('of a sync that lies loses that entry', () => {
    const lie: Intervention = { kind: 'sync-lie', operation: sync(19) };
    expect(ledgerOn([lie, crash(2.05)]).state?.found).toBe(19);
    expect(ledgerOn([lie, crash(2.15)]).state?.found).toBe(21);
  });

  test('tears an append that a crash found unsynced, and leaves those before it', () => {
    const torn: Intervention = { kind: 'torn-write', operation: append(19) };
    // At 2.003 s the entry of 2.0 s is written and not synced.
    expect(ledgerOn([crash(2.003)]).state).toMatchObject({ found: 19, damaged: 0 });
    expect(ledgerOn([torn, crash(2.003)]).state).toMatchObject({ found: 20, damaged: 1 });
    expect(ledgerOn([torn, crash(2.05)]).world.interventions.unapplied()).toMatchObject([
      { reason: 'no crash found this append unsynced' },
    ]);
  });

  test('takes the power before its effect, or after', () => {
    const fails = (done: boolean): Intervention => ({ kind: 'write-crash', operation: sync(19), done, for: seconds(1) });
    expect(ledgerOn([fails(false)]).state?.found).toBe(19);
    const after = ledgerOn([fails(true)]);
    expect(after.state?.found).toBe(20);
    expect(after.state?.ticks[0]).toBe(at(3.106));
  });

  test('is reported when the disk did something else at that place', () => {
    const other: Intervention = { kind: 'sync-lie', operation: { ...append(19), does: `sync ${FILE}` } };
    const { world, fingerprint } = ledgerOn([other]);
    expect(fingerprint).toBe(nominal);
    expect(world.interventions.unapplied()).toMatchObject([{ reason: `this operation was append ${FILE}` }]);
  });
});

describe('a fault of a host', () => {
  test('a crash in the middle of writes leaves some of them, the last one damaged', () => {
    const lies: Intervention = { kind: 'disk-lie', host: 'a', rate: 1, at: at(0) };
    const { state } = ledgerOn([lies, { ...crash(2.05), torn: true } as Intervention]);
    expect(state?.damaged).toBe(1);
    expect(state?.found).toBeGreaterThan(0);
    expect(state?.found).toBeLessThanOrEqual(20);
  });

  test('a busy CPU takes what comes later, in order', () => {
    const busy: Intervention = {
      kind: 'cpu-delay',
      host: 'a',
      min: milliseconds(30),
      max: milliseconds(30),
      at: at(2.05),
      until: at(3),
    };
    const { state } = ledgerOn([busy]);
    const inMilliseconds = state?.ticks.slice(19, 23).map((tick) => Math.round(inSeconds(tick as Instant) * 1000));
    // Each timer is 30 ms late, and the next is set 100 ms after that.
    expect(inMilliseconds).toEqual([2000, 2130, 2260, 2390]);
    expect(state?.came.map(({ write }) => write)).toEqual(state?.came.map((_, i) => i));
  });

  test('processes that stand still take in order what came meanwhile', () => {
    const { state } = ledgerOn([{ kind: 'host-pause', host: 'a', at: at(2.0005), until: at(3) }]);
    expect(state?.came.slice(38, 40)).toEqual([
      { write: 38, at: at(3), outcome: 'ok' },
      { write: 39, at: at(3), outcome: 'ok' },
    ]);
  });

  test('a program that is started again finds all that it wrote, synced or not', () => {
    const again: Intervention = { kind: 'process-restart', host: 'a', at: at(2.0005), of: 'ledger' };
    expect(ledgerOn([again]).state).toMatchObject({ found: 20, damaged: 0 });
    const other: Intervention = { ...again, of: 'serf' } as Intervention;
    expect(ledgerOn([other]).world.interventions.unapplied()).toHaveLength(1);
  });

  test('a wall clock that is set moves no timer', () => {
    const { state, world } = ledgerOn([{ kind: 'clock-jump', host: 'a', by: -seconds(3600), at: at(2) }]);
    expect(world.hosts.wallClock(A)).toBe('1999/12/31 23:00:05');
    expect(state?.ticks.length).toBe(50);
  });

  test('a clock that runs at double speed from then on halves what is left of its timers', () => {
    const double: Intervention = { kind: 'clock-drift', host: 'a', drift: 500_000, at: at(2.04) };
    const { state } = ledgerOn([double]);
    // The timer that was due at 2.1 s of its clock comes 40 ms later of virtual time; the clock shows what it always would.
    expect(state?.ticks[20]).toBe(at(2.1));
    expect(state?.ticks.length).toBe(20 + Math.floor((0.04 + 2.96 * 1.5) / 0.1));
  });
});

const during = fc.tuple(fc.integer({ min: 0, max: 4_500 }), fc.integer({ min: 1, max: 1_500 })).map(([start, length]) => ({
  at: milliseconds(start) as number as Instant,
  until: milliseconds(start + length) as number as Instant,
}));
const host = fc.constantFrom('a', 'b');
const range = fc.tuple(fc.nat(50), fc.nat(50)).map(([min, more]) => ({ min: milliseconds(min), max: milliseconds(min + more) }));
/** The operations of the ledger alternate. */
const operation = fc.tuple(host, fc.nat(1), fc.nat(90)).map(([name, boot, ordinal]) => ({
  host: name,
  boot,
  ordinal,
  does: `${ordinal % 2 === 0 ? 'append' : 'sync'} ${FILE}`,
}));
const fault: fc.Arbitrary<Intervention> = fc.oneof(
  operation.map((each): Intervention => ({ kind: 'write-delay', operation: each, by: milliseconds(70) })),
  operation.map((each): Intervention => ({ kind: 'write-failure', operation: each, outcome: 'full' })),
  operation.map((each): Intervention => ({ kind: 'sync-lie', operation: each })),
  operation.map((each): Intervention => ({ kind: 'torn-write', operation: each })),
  fc
    .tuple(operation, fc.boolean())
    .map(([each, done]): Intervention => ({ kind: 'write-crash', operation: each, done, for: milliseconds(300) })),
  fc
    .tuple(host, during)
    .map(([name, times]): Intervention => ({ kind: 'clock-jump', host: name, by: -seconds(7), at: times.at })),
  fc
    .record({ kind: fc.constantFrom('disk-stall' as const, 'disk-full' as const, 'host-pause' as const), host })
    .chain((each) => during.map((times): Intervention => ({ ...each, ...times }))),
  fc
    .tuple(fc.constantFrom('disk-delay' as const, 'cpu-delay' as const), host, during, range)
    .map(([kind, name, times, by]): Intervention => ({ kind, host: name, ...times, ...by })),
  fc
    .tuple(fc.constantFrom('disk-error' as const, 'disk-lie' as const), host, during, fc.integer({ min: 1, max: 10 }))
    .map(([kind, name, times, tenths]): Intervention => ({ kind, host: name, ...times, rate: tenths / 10 })),
  fc
    .tuple(host, during, fc.boolean())
    .map(([name, times, torn]): Intervention => ({ kind: 'host-crash', host: name, torn, ...times })),
  fc
    .tuple(host, during, fc.integer({ min: -1000, max: 1000 }))
    .map(([name, times, drift]): Intervention => ({ kind: 'clock-drift', host: name, drift, at: times.at })),
  fc.tuple(host, during).map(([name, times]): Intervention => ({ kind: 'disk-wipe', host: name, at: times.at })),
  fc.tuple(host, during).map(([name, times]): Intervention => ({ kind: 'process-restart', host: name, at: times.at })),
  fc
    .tuple(host, during, fc.nat(30))
    .map(([name, times, record]): Intervention => ({ kind: 'corrupt-record', host: name, file: FILE, record, at: times.at })),
);

describe('any faults of hosts', () => {
  test('come to the same run again from what was recorded of them, operation by operation', () => {
    fc.assert(
      fc.property(fc.array(fault, { minLength: 1, maxLength: 6 }), (interventions) => {
        const first = ledgerOn(interventions);
        const recorded = first.world.interventions.recorded();
        const again = ledgerOn(recorded);
        expect(again.fingerprint).toBe(first.fingerprint);
        expect(again.world.interventions.recorded()).toEqual(recorded);
        const idle = recorded.filter((_, i) => again.world.interventions.unapplied().some(({ index }) => index === i));
        expect(idle.filter((entry) => 'operation' in entry && entry.kind !== 'write-crash')).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('go on in the same way when the world was saved between any two events', () => {
    fc.assert(
      fc.property(fc.array(fault, { minLength: 1, maxLength: 6 }), fc.integer({ min: 0, max: 5_000 }), (interventions, when) => {
        const world = new World(plan, { registry, interventions });
        world.simulation.runUntil(milliseconds(when) as number as Instant);
        const other = new World(plan, { registry, interventions });
        other.restore(world.save());
        for (const each of [world, other]) each.simulation.runUntil(plan.end);
        expect(other.fingerprint()).toBe(world.fingerprint());
      }),
      { numRuns: 30 },
    );
  });
});

test.each([
  ['disk: a, fault: stall, until: 3s', { kind: 'disk-stall', host: 'a', at: at(2), until: at(3) }],
  [
    'disk: a, fault: slow, by: 5ms..20ms',
    { kind: 'disk-delay', host: 'a', min: milliseconds(5), max: milliseconds(20), at: at(2) },
  ],
  ['disk: a, fault: full', { kind: 'disk-full', host: 'a', at: at(2) }],
  ['disk: a, fault: error, rate: 0.5', { kind: 'disk-error', host: 'a', rate: 0.5, at: at(2) }],
  ['disk: a, fault: lie', { kind: 'disk-lie', host: 'a', rate: 1, at: at(2) }],
  ['disk: a, fault: wipe', { kind: 'disk-wipe', host: 'a', at: at(2) }],
  [`disk: a, fault: corrupt, file: ${FILE}, record: 2`, { kind: 'corrupt-record', host: 'a', file: FILE, record: 2, at: at(2) }],
  ['slow: a, by: 10ms..30ms', { kind: 'cpu-delay', host: 'a', min: milliseconds(10), max: milliseconds(30), at: at(2) }],
  [
    'slow: a, by: 10ms..30ms, only: network',
    { kind: 'cpu-delay', host: 'a', min: milliseconds(10), max: milliseconds(30), only: 'network', at: at(2) },
  ],
  ['restart: a, of: ledger', { kind: 'process-restart', host: 'a', of: 'ledger', at: at(2) }],
  ['clock: a, jump: -1s', { kind: 'clock-jump', host: 'a', by: -seconds(1), at: at(2) }],
  ['clock: a, drift: 300ppm', { kind: 'clock-drift', host: 'a', drift: 300, at: at(2) }],
  ['crash: a, torn: true, until: 3s', { kind: 'host-crash', host: 'a', torn: true, at: at(2), until: at(3) }],
] as const)('a timeline says %s, and does what an intervention does', (entry, intervention) => {
  const own = ledgerOn([crash(4)], planOf(`  - { at: 2s, ${entry} }`));
  const other = ledgerOn([crash(4), intervention as Intervention]);
  expect(own.state).toEqual(other.state);
  expect(own.fingerprint).not.toBe(ledgerOn([crash(4)]).fingerprint);
});

test('a run says what its scenario does to hosts', () => {
  const said: string[] = [];
  const report = run(planOf('  - { at: 2s, disk: b, fault: stall, until: 3s }\n  - { at: 2s, slow: a, by: 5ms }'), {
    registry,
    listen: ({ names }) => [
      {
        record: (_id, _at, _kind, _node, _peer, _cause, word, _size, payload) => {
          if (names.text(word) === 'fault') said.push((payload as { readonly does: string }).does);
        },
        cell: () => undefined,
      },
    ],
  });
  expect(report.fingerprint).not.toBe(nominal);
  expect(said).toEqual(['the disk of b stands still from 2.000 s to 3.000 s', 'processes of a are 5ms late from 2.000 s on']);
});

test.each([
  [{ kind: 'write-delay', operation: sync(19), by: milliseconds(5) }, `operation 39 of the disk of a (sync ${FILE}) is 5ms late`],
  [
    { kind: 'write-crash', operation: { ...sync(2), boot: 1 }, done: true, for: seconds(2) as Duration },
    `a crashes after operation 5 of the disk of a (boot 1) (sync ${FILE}) and boots 2s later`,
  ],
  [{ kind: 'clock-jump', host: 'a', by: -seconds(5), at: at(1) }, 'the wall clock of a is set 5s back at 1.000 s'],
  [
    { kind: 'disk-lie', host: 'a', rate: 0.5, at: at(1) },
    'the disk of a only says to have synced, 50 % of times, from 1.000 s on',
  ],
] as const)('%j in words', (intervention, words) => {
  expect(describeIntervention(intervention as Intervention)).toBe(words);
});
