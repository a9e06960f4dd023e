import { describe, expect, test } from 'vitest';
import type { Instant } from '../../../core/time.ts';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { surroundings } from '../../surroundings.ts';
import { World } from '../../world.ts';

const { registry } = surroundings;
const FAST = `'{ "performance": { "raft_multiplier": 1 } }'`;
const SERVER =
  'consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul -bootstrap-expect=3 -retry-join=10.0.1.11 -retry-interval=2s';
const CLIENT = 'consul agent -data-dir=/opt/consul -retry-join=10.0.1.12 -retry-interval=2s';

const planOf = (lines: string, until = '60s') =>
  loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 500us..2ms } } }
until: ${until}
hosts:
  c: { count: 3, on: lan, address: 10.0.1.11, disk: { sync: 1ms }, files: { /etc/fast.json: ${FAST} } }
  w: { count: 2, on: lan, address: 10.0.1.21, disk: { sync: 1ms } }
timeline:
  - { at: 0s, on: c, run: "${SERVER}" }
${lines}`,
    { registry },
  ).plan;

function printed(lines: string, until?: string) {
  const { jobs, findings } = run(planOf(lines, until), { registry });
  expect(findings.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
  return (command: string) => jobs.filter((job) => job.command.startsWith(command)).flatMap(({ lines }) => lines);
}

describe('an agent that is no server', () => {
  test('has servers do what its host asks, and shows who is there', () => {
    const linesOf = printed(`  - { at: 10s, on: w1, run: ${CLIENT} }
  - { at: 15s, on: w1, run: consul kv put a 1 }
  - { at: 16s, on: w1, run: consul kv get a }
  - { at: 17s, on: w1, run: consul kv get -stale b }
  - { at: 18s, on: w1, run: consul members }
  - { at: 19s, on: w1, run: consul operator raft list-peers }`);
    expect(linesOf('consul kv put')).toEqual(['Success! Data written to: a']);
    expect(linesOf('consul kv get')).toEqual(['1', 'Error! No key exists at: b']);
    expect(linesOf('consul members').at(-1)).toMatch(/^w1 +10\.0\.1\.21:8301 +alive +client +1\.6\.2 +2 +dc1 +<default>$/);
    expect(linesOf('consul operator raft').filter((line) => line.includes('leader'))).toHaveLength(1);
  });

  test('says that it knows no server when it knows none', () => {
    const linesOf = printed(`  - { at: 10s, on: w1, run: consul agent -data-dir=/opt/consul }
  - { at: 12s, on: w1, run: consul kv get a }`);
    expect(linesOf('consul kv get')).toEqual([
      'Error querying Consul agent: Unexpected response code: 500 (No known Consul servers)',
    ]);
    expect(linesOf('consul agent -data-dir').join('\n')).toContain('[WARN] manager: No servers available');
  });

  test('waits with what it was asked until there is a leader, as long as requests are held', () => {
    const linesOf = printed(`  - { at: 500ms, on: w1, run: ${CLIENT} }
  - { at: 1s, on: c2, run: consul operator raft list-peers -stale }
  - { at: 1s, on: w1, run: consul kv put a 2 }
  - { at: 25s, on: w1, run: consul kv get a }`);
    expect(linesOf('consul operator').filter((line) => line.includes('leader'))).toEqual([]);
    expect(linesOf('consul kv put')).toEqual(['Success! Data written to: a']);
    expect(linesOf('consul kv get')).toEqual(['2']);
  });

  test('leaves when it is told to end, by either signal, and is removed from nobody’s configuration', () => {
    const linesOf = printed(`  - { at: 10s, on: [w1, w2], run: ${CLIENT} }
  - { at: 20s, on: w1, signal: TERM, of: consul }
  - { at: 20s, on: w2, signal: INT, of: consul }
  - { at: 40s, on: c1, run: consul members }`);
    expect(
      linesOf('consul members')
        .filter((line) => line.startsWith('w'))
        .map((line) => line.split(/ +/)[2]),
    ).toEqual(['left', 'left']);
    expect(linesOf(CLIENT).filter((line) => line.includes('client starting leave'))).toHaveLength(2);
  });

  test('asks another server now and then, so that those that started together do not ask the same for ever', () => {
    const { jobs } = run(planOf(`  - { at: 10s, on: [w1, w2], run: ${CLIENT} -log-level=debug }`, '20m'), { registry });
    const lines = jobs
      .filter(({ command }) => command.startsWith(CLIENT))
      .map(({ lines }) => lines.filter((line) => line.includes('Rebalanced 3 servers')));
    for (const each of lines) {
      expect(each.length).toBeGreaterThanOrEqual(6);
      expect(each.length).toBeLessThanOrEqual(10);
      expect(new Set(each.map((line) => /next active server is (c\d)/.exec(line)?.[1])).size).toBeGreaterThan(1);
    }
  });

  test('goes on in the same way when it was saved at any instant and restored into another world', () => {
    const plan = planOf(`  - { at: 10s, on: w1, run: ${CLIENT} }
  - { at: 15s, on: w1, run: consul kv put a 1 }
  - { at: 16s, crash: c1 }
  - { at: 17s, on: w1, run: consul kv get a }
  - { at: 30s, on: w1, run: consul operator autopilot state }`);
    const whole = new World(plan, { registry });
    whole.simulation.runUntil(plan.end);
    const first = new World(plan, { registry });
    for (const at of [10.003, 15.0005, 17.002, 20, 30.0005]) {
      first.simulation.runUntil(Math.round(at * 1e9) as Instant);
      const second = new World(plan, { registry });
      second.restore(first.save());
      second.simulation.runUntil(plan.end);
      expect(second.fingerprint()).toBe(whole.fingerprint());
    }
  });
});

describe('what operators ask', () => {
  test('that cannot be done is said as the library says it, on a client agent too', () => {
    const { jobs } = run(
      loadScenario(
        `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 1ms } } }
until: 30s
hosts:
  c: { on: lan, address: 10.0.1.11, disk: { sync: 1ms } }
  w: { on: lan, address: 10.0.1.21 }
timeline:
  - { at: 0s, on: c, run: consul agent -server -bootstrap -data-dir=/opt/consul }
  - { at: 15s, on: w, run: consul agent -data-dir=/opt/consul -join 10.0.1.11 }
  - { at: 20s, on: w, run: consul operator raft remove-peer -id c }
  - { at: 21s, on: c, run: consul operator raft transfer-leader }
  - { at: 22s, on: c, run: consul operator raft transfer-leader -id c }
  - { at: 23s, on: c, run: consul kv put still here }`,
        { registry },
      ).plan,
      { registry },
    );
    const says = jobs.flatMap(({ command, lines }) => (command.startsWith('consul agent') ? [] : lines));
    const failed = 'Unexpected response code: 500';
    expect(says).toEqual([
      `Error removing peer: Failed to remove raft peer: ${failed} (rpc error making call: need at least one voter in configuration: {[]})`,
      `Error transfering leadership: Failed to transfer leadership ${failed} (cannot find peer)`,
      `Error transfering leadership: Failed to transfer leadership ${failed} (cannot transfer leadership to itself)`,
      'Success! Data written to: still',
    ]);
    const log = jobs.find(({ command }) => command.includes('-join'))?.lines.join('\n');
    expect(log).toContain(
      '[ERR] consul: "Operator.RaftRemovePeerByID" RPC failed to server 10.0.1.11:8300: rpc error making call: need',
    );
  });

  test('leadership goes to the server that they name, and not to one that nobody knows', () => {
    const linesOf = printed(`  - { at: 10s, on: c1, run: consul operator raft transfer-leader -id c2 }
  - { at: 13s, on: c1, run: consul operator raft list-peers }
  - { at: 14s, on: c3, run: consul operator raft transfer-leader -id nobody }`);
    expect(linesOf('consul operator raft list-peers').find((line) => line.includes('leader'))).toMatch(/^c2 /);
    expect(linesOf('consul operator raft transfer-leader').at(-1)).toMatch(
      /^Error transfering leadership: Failed to transfer leadership Unexpected response code: 500 \((rpc error making call: )?Could not find address for server id nobody\)$/,
    );
  });

  test('autopilot says how it is set, and how it finds the servers', () => {
    const linesOf = printed(`  - { at: 10s, on: c1, run: consul operator autopilot get-config }
  - { at: 11s, on: c1, run: consul operator autopilot state }
  - { at: 12s, crash: c3 }
  - { at: 30s, on: c1, run: consul operator autopilot state -format=pretty }`);
    expect(linesOf('consul operator autopilot get-config')).toEqual([
      'CleanupDeadServers = true',
      'LastContactThreshold = 200ms',
      'MaxTrailingLogs = 250',
      'MinQuorum = 0',
      'ServerStabilizationTime = 10s',
      'RedundancyZoneTag = ""',
      'DisableUpgradeMigration = false',
      'UpgradeVersionTag = ""',
    ]);
    const state = linesOf('consul operator autopilot state');
    expect(state.slice(0, 3)).toEqual([
      'Healthy:                      true',
      'Failure Tolerance:            1',
      'Optimistic Failure Tolerance: 1',
    ]);
    expect(state).toContain('      Status:          leader');
  });
});
