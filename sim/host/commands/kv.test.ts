import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Operation } from '../../../core/kv/operation.ts';
import { execute } from '../../../core/kv/table.ts';
import type { SessionStamp } from '../../../core/raft/interface.ts';
import type { RaftState } from '../../../core/raft/state.ts';
import { type Instant, milliseconds, seconds } from '../../../core/time.ts';
import type { Intervention } from '../../intervention/intervention.ts';
import { StoreHistory } from '../../linearizability/history.ts';
import { checkStore } from '../../linearizability/store.ts';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { World } from '../../world.ts';
import { kv } from './kv.ts';
import { kvd } from './kvd.ts';
import { raft } from './raft.ts';
import { Registry } from './registry.ts';
import { standardCommands } from './standard.ts';

const registry = new Registry([...standardCommands, kv, kvd, raft]);
const PEERS = '-peers=n1=10.0.1.11,n2=10.0.1.12,n3=10.0.1.13';
const SERVERS = '-servers=10.0.1.11,10.0.1.12,10.0.1.13';

const planOf = (timeline: string, { flags = '', disk = '{ sync: 1ms }', until = '60s' } = {}) =>
  loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 1ms..3ms } } }
until: ${until}
hosts:
  n1: { on: lan, address: 10.0.1.11, disk: ${disk} }
  n2: { on: lan, address: 10.0.1.12, disk: ${disk} }
  n3: { on: lan, address: 10.0.1.13, disk: ${disk} }
  c: { on: lan, address: 10.0.1.20 }
timeline:
  - { at: 0s, on: [n1, n2, n3], run: "kvd ${PEERS} ${flags}" }
${timeline}`,
    { registry },
  ).plan;

function runOf(plan: ReturnType<typeof planOf>, options: { seed?: number; interventions?: readonly Intervention[] } = {}) {
  let history: StoreHistory | undefined;
  const report = run(plan, {
    registry,
    ...options,
    listen: ({ names }) => {
      history = new StoreHistory(names);
      return [history];
    },
  });
  const calls = history?.calls ?? [];
  const linesOf = (command: string) =>
    report.jobs.filter(({ command: typed }) => typed.startsWith(command)).flatMap(({ lines }) => lines);
  return { report, calls, answered: history?.answered ?? 0, verdict: checkStore(calls), linesOf };
}

describe('a store on three servers', () => {
  test('keeps what one client wrote for the next', () => {
    const { linesOf } = runOf(
      planOf(`
  - { at: 10s, on: c, run: "kv put ${SERVERS} x 1" }
  - { at: 11s, on: c, run: "kv append ${SERVERS} x 2" }
  - { at: 12s, on: c, run: "kv cas ${SERVERS} x 12 3" }
  - { at: 13s, on: c, run: "kv get ${SERVERS} x" }
  - { at: 14s, on: c, run: "kv delete ${SERVERS} x" }
  - { at: 15s, on: c, run: "kv get ${SERVERS} x" }`),
    );
    expect(linesOf('kv ')).toEqual(['done', 'done', 'done', '3', 'done', 'no such key']);
  });

  test('answers everything that many clients ask, as one store would', () => {
    const { calls, answered, verdict, linesOf } = runOf(
      planOf(`  - { at: 5s, on: c, run: "kv load ${SERVERS} -clients=5 -operations=200" }`),
    );
    expect(answered).toBe(1000);
    expect(calls).toHaveLength(1000);
    expect(verdict).toEqual({ verdict: 'linearizable', keys: 3, operations: 1000 });
    expect(linesOf('kv load')[0]).toMatch(/^5 clients: 1000 operations answered, 0 of unknown outcome; /);
  });

  test('elects another leader when one crashes, and loses nothing that it had answered', () => {
    const load = `  - { at: 5s, on: c, run: "kv load ${SERVERS} -clients=4 -operations=300" }`;
    const { calls, answered, verdict, linesOf } = runOf(planOf(`${load}\n  - { at: 9s, crash: n2, until: 15s }`));
    expect(linesOf('kvd')).toContain('2000/01/01 00:00:01 raft: n2 leads in term 2');
    expect(linesOf('kvd').filter((line) => line.includes('leads in term 3'))).toHaveLength(3);
    expect(calls.length).toBe(1200);
    expect(answered).toBe(1200);
    expect(verdict.verdict).toBe('linearizable');
  });

  test('has its configuration changed by an operator, and says why not', () => {
    const { linesOf } = runOf(
      planOf(`
  - { at: 5s, on: n2, run: raft status }
  - { at: 6s, on: n1, run: raft remove n3 }
  - { at: 7s, on: n2, run: raft remove n3 }
  - { at: 8s, on: n2, run: raft transfer n1 }
  - { at: 9s, on: n1, run: raft status }`),
    );
    expect(linesOf('raft status')).toEqual([
      'role      leader',
      'term      2',
      'leader    n2',
      'log       last 2, committed 2, applied 2, snapshot 0',
      'voters    n1 n2 n3',
      'role      leader',
      'term      3',
      'leader    n1',
      'log       last 4, committed 4, applied 4, snapshot 0',
      'voters    n1 n2',
    ]);
    expect(linesOf('raft remove')).toEqual(['raft: not leader; n2 leads', 'done']);
    expect(linesOf('raft transfer')).toEqual(['done']);
  });
});

const WAL = '/var/lib/kvd/raft/wal';
const BUSY = `  - { at: 4s, on: c, run: "kv load ${SERVERS} -clients=3 -operations=200 -think=20ms -timeout=20s" }`;

describe('a server whose disk went wrong', () => {
  const saidBy = (timeline: string, options = {}) => {
    const { report, verdict } = runOf(planOf(`${BUSY}\n${timeline}`, options));
    expect(verdict.verdict).toBe('linearizable');
    const jobs = report.jobs.filter(({ node, command }) => node === 2 && command.startsWith('kvd'));
    return { lines: jobs.at(-1)?.lines.map((line) => line.slice(20)) ?? [], status: jobs.at(-1)?.status };
  };

  test('cuts off a record that a crash tore, and takes part again', () => {
    const { lines, status } = saidBy('  - { at: 6.0005s, crash: n3, torn: true, until: 8s }', { disk: '{ sync: 30ms }' });
    expect(lines[1]).toMatch(/^\[WARN\] raft: the log was cut at a torn record, after \d+ good ones$/);
    expect(lines.at(-1)).toMatch(/^raft: n\d leads in term \d$/);
    expect(status).toBeUndefined();
  });

  test('does not start with a damaged record in the middle of its log, and says why', () => {
    const rot = `  - { at: 6s, crash: n3, until: 8s }\n  - { at: 7s, disk: n3, fault: corrupt, file: ${WAL}, record: 5 }`;
    expect(saidBy(rot)).toEqual({
      lines: [
        'kvd: n3 is running',
        '[ERR] raft: stops: record 5 of the log is damaged, and others follow it: the disk is not to be trusted',
      ],
      status: 1,
    });
  });

  test('does not vote when its disk was replaced, as it may have voted before', () => {
    const { lines } = saidBy(`  - { at: 6s, crash: n3, until: 8s }
  - { at: 7s, disk: n3, fault: wipe }
  - { at: 15s, crash: n2 }
  - { at: 25s, boot: n2 }`);
    expect(lines[1]).toBe(
      '[WARN] raft: the disk is empty and this server ran before: it takes no part in elections until it has joined anew',
    );
    // n2 led. While it is down n1 is alone: no leader until it is back.
    const elections = lines.filter((line) => line.includes('leads'));
    expect(elections[0]).toBe('raft: n2 leads in term 2');
    expect(elections.slice(1).every((line) => !line.includes('n3 leads'))).toBe(true);
  });

  test('stops when the disk is full, says so, and goes on when it is started again with room', () => {
    const full = '  - { at: 6s, disk: n3, fault: full, until: 9s }';
    const { lines, status } = saidBy(full);
    expect(lines.at(-1)).toBe('[ERR] raft: stops: no space left on device');
    expect(status).toBe(1);
    const again = saidBy(`${full}\n  - { at: 10s, on: n3, run: "kvd ${PEERS}" }`);
    expect(again.lines).toEqual(['kvd: n3 is running', 'raft: n2 leads in term 2']);
  });

  test('that leads and cannot write is noticed by nobody while two others can', () => {
    const { calls, linesOf } = runOf(planOf(`${BUSY}\n  - { at: 6s, disk: n2, fault: stall, until: 30s }`));
    expect(linesOf('kvd').filter((line) => line.includes('leads'))).toEqual(
      Array.from({ length: 3 }, () => '2000/01/01 00:00:01 raft: n2 leads in term 2'),
    );
    const slowest = Math.max(...calls.map(({ invokedAt, done }) => (done?.returnedAt ?? Number.POSITIVE_INFINITY) - invokedAt));
    expect(slowest).toBeLessThan(milliseconds(100));
  });
});

const LOAD = `kv load ${SERVERS} -clients=3 -operations=60 -keys=2 -think=100ms`;
const fromServers = (rate: number): Intervention[] =>
  ['n1', 'n2', 'n3'].map((from) => ({ kind: 'link-loss', from, to: 'c', rate, at: 0 as Instant }));

describe('what makes a store linearizable', () => {
  test('sessions: with them a request that is repeated is executed once', () => {
    const plan = planOf(`  - { at: 5s, on: c, run: "${LOAD}" }`);
    const { verdict, answered } = runOf(plan, { interventions: fromServers(0.3) });
    expect(verdict.verdict).toBe('linearizable');
    expect(answered).toBeGreaterThan(170);
  });

  test('without them a repeated request may be executed twice, which the history shows', () => {
    const plan = planOf(`  - { at: 5s, on: c, run: "${LOAD} -retries=blind" }`);
    expect(runOf(plan, { interventions: fromServers(0.3) }).verdict.verdict).toBe('violated');
  });

  test('without them and without repeating, what was not answered is of unknown outcome, and the history holds', () => {
    const plan = planOf(`  - { at: 5s, on: c, run: "${LOAD} -retries=none -timeout=1s" }`);
    const { verdict, calls, answered } = runOf(plan, { interventions: fromServers(0.2) });
    expect(answered).toBeLessThan(calls.length);
    expect(verdict.verdict).toBe('linearizable');
  });

  test.each([
    ['index', 'linearizable'],
    ['log', 'linearizable'],
    ['default', 'violated'],
  ])('reads: with %s an old leader that is cut off with a client is %s', (reads, expected) => {
    const plan = planOf(
      `
  - { at: 5s, on: n1, run: "kv load -servers=10.0.1.11,10.0.1.13 -clients=2 -keys=1 -operations=400 -think=20ms" }
  - { at: 8s, partition: [[n2, c], [n1, n3]], until: 20s }
  - { at: 12s, on: c, run: "kv get -servers=10.0.1.12 -reads=${reads} -timeout=30s x1" }`,
      { flags: '-pre-vote=false -check-quorum=off -stickiness=off' },
    );
    expect(runOf(plan).verdict.verdict).toBe(expected);
  });
});

test.each([
  ['right', '0ppm', 'linearizable'],
  ['that runs at half speed', '-500000ppm', 'violated'],
])('leases are as good as clocks: a leader with a clock %s, cut off with its readers', (_, drift, expected) => {
  const reads = Array.from(
    { length: 20 },
    (__, i) => `  - { at: ${8050 + i * 100}ms, on: c, run: "kv get -servers=10.0.1.12 -reads=lease -timeout=50ms x1" }`,
  );
  const plan = planOf(`
  - { at: 2s, clock: n2, drift: ${drift} }
  - { at: 5s, on: n1, run: "kv load -servers=10.0.1.11,10.0.1.13 -clients=2 -keys=1 -operations=600 -think=10ms -patience=50ms" }
  - { at: 8s, partition: [[n2, c], [n1, n3]], until: 20s }
${reads.join('\n')}`);
  const { verdict, calls } = runOf(plan);
  expect(verdict.verdict).toBe(expected);
  expect(calls.filter(({ client, done }) => client === 'c' && done !== undefined).length).toBeGreaterThan(3);
});

/** Faults that Raft is made for: whatever is lost, late, cut, crashed, torn or slow, but no disk that lies and no clock beyond its bounds. */
const FAULTS = fc.tuple(
  fc.constantFrom('n1', 'n2', 'n3'),
  fc.constantFrom('n1', 'n2', 'n3', 'c'),
  fc.integer({ min: 0, max: 20_000 }),
  fc.integer({ min: 1, max: 6_000 }),
  fc.nat(12),
);

const faultOf = ([host, other, start, length, kind]: [string, string, number, number, number]): Intervention[] => {
  const at = milliseconds(start) as number as Instant;
  const until = milliseconds(start + length) as number as Instant;
  const range = { min: milliseconds(1), max: milliseconds(300) };
  const link = { from: host, to: other, at, until };
  const faults: Intervention[] = [
    { kind: 'host-crash', host, at, until },
    { kind: 'host-crash', host, at, until, torn: true },
    { kind: 'host-pause', host, at, until },
    { kind: 'cpu-delay', host, at, until, ...range },
    { kind: 'disk-stall', host, at, until },
    { kind: 'disk-delay', host, at, until, ...range },
    { kind: 'process-restart', host, at, of: 'kvd' },
    { kind: 'clock-drift', host, at, drift: 400 },
    { kind: 'clock-jump', host, at, by: -seconds(20) },
    { kind: 'link-cut', ...link },
    { kind: 'link-loss', ...link, rate: 0.5 },
    { kind: 'link-delay', ...link, ...range },
    { kind: 'disk-full', host, at, until },
  ];
  const fault = faults[kind] as Intervention;
  return host === other && 'from' in fault ? [] : [fault];
};

test.each(['index', 'lease', 'log'])('whatever befalls the servers, clients that read by %s see one store', (reads) => {
  const plan = planOf(`  - { at: 2s, on: c, run: "${LOAD} -reads=${reads}" }`, {
    flags: '-snapshot-threshold=40 -snapshot-trailing=10',
    disk: '{ write: 100us, sync: 3ms }',
    until: '40s',
  });
  fc.assert(
    fc.property(fc.array(FAULTS, { minLength: 1, maxLength: 8 }), fc.nat(1_000), (faults, seed) => {
      const { verdict, answered } = runOf(plan, { seed, interventions: faults.flatMap(faultOf) });
      expect(verdict.verdict).toBe('linearizable');
      expect(answered).toBeGreaterThan(0);
    }),
    { numRuns: 8 },
  );
});

/**
 * The other way to judge a history: the log says in which order writes were carried out. That order must respect real time, and give
 * each write the outcome that its client was told.
 */
test('the log itself is an order that explains every write', () => {
  const plan = planOf(`  - { at: 2s, on: c, run: "${LOAD} -keys=3 -operations=150" }`, {
    flags: '-snapshot-threshold=100000',
    until: '50s',
  });
  fc.assert(
    fc.property(fc.array(FAULTS, { maxLength: 6 }), fc.nat(1_000), (faults, seed) => {
      const world = new World(plan, {
        registry,
        seed,
        // Without wiped or full disks, so that all of the log is still there.
        interventions: faults.flatMap(faultOf).filter(({ kind }) => kind !== 'disk-full'),
      });
      const history = new StoreHistory(world.names);
      world.journal.sinks.push(history);
      world.simulation.runUntil(plan.end);
      const logs = [0, 1, 2].map((node) => {
        const state = world.hosts.program(node, 'kvd')?.parts[0]?.protocol.state as RaftState;
        return state.log.entries.slice(0, state.commitIndex);
      });
      const longest = logs.reduce((a, b) => (b.length > a.length ? b : a));
      const table = new Map<string, string>();
      const outcomes = new Map<string, { index: number; outcome: unknown }>();
      const executed = new Set<string>();
      for (const entry of longest) {
        if (entry.type !== 'command') continue;
        const { client, sequence } = entry.session as SessionStamp;
        if (executed.has(`${client}/${sequence}`)) continue;
        executed.add(`${client}/${sequence}`);
        const operation = entry.payload as Operation;
        const outcome = execute(table, operation);
        if ('value' in operation) outcomes.set(operation.value, { index: entry.index, outcome });
      }
      const writes = history.calls.flatMap(({ request, invoked, done }) => {
        if (!('value' in request) || done === undefined) return [];
        const found = outcomes.get(request.value);
        expect(found?.outcome).toBe(done.outcome);
        return [{ index: found?.index as number, invoked, returned: done.returned }];
      });
      expect(writes.length).toBeGreaterThan(20);
      let latest = 0;
      for (const { index, invoked, returned } of writes.toSorted((a, b) => a.index - b.index)) {
        expect(returned).toBeGreaterThan(latest);
        latest = Math.max(latest, invoked);
        expect(index).toBeGreaterThan(0);
      }
    }),
    { numRuns: 6 },
  );
});
