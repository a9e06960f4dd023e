import { describe, expect, test } from 'vitest';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { formatProblem } from '../../scenario/problem.ts';
import { surroundings } from '../../surroundings.ts';

const PEERS = '-peers=n1=10.0.1.11,n2=10.0.1.12,n3=10.0.1.13,n4=10.0.1.14';
const SERVERS = '-servers=10.0.1.11,10.0.1.12,10.0.1.13';

const scenarioOf = (timeline: string, latency = '1ms..3ms') =>
  loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: ${latency} } } }
until: 40s
hosts:
  n: { count: 4, on: lan, address: 10.0.1.11, disk: { sync: 1ms } }
  c: { on: lan, address: 10.0.1.20 }
timeline:
${timeline}`,
    surroundings,
  );

/** What a command printed, wherever it was typed. */
function printed(timeline: string, ...commands: readonly string[]): string[][] {
  const report = run(scenarioOf(timeline).plan, { registry: surroundings.registry });
  expect(report.findings.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
  return commands.map((command) => report.jobs.filter((job) => job.command.startsWith(command)).flatMap(({ lines }) => lines));
}

const THREE = `  - { at: 0s, on: [n1, n2, n3], run: "kvd ${PEERS} -voters=n1,n2,n3 -election-spread=1s" }
  - { at: 0s, on: n4, run: "kvd ${PEERS} -bootstrap=false" }`;

describe('what cannot be done is said at the terminal of whoever asked', () => {
  test('the last voter is not removed', () => {
    const lines = `  - { at: 0s, on: n1, run: "kvd -peers=n1=10.0.1.11" }
  - { at: 5s, on: n1, run: raft remove n1 }
  - { at: 6s, on: c, run: "kv put -servers=10.0.1.11 x 1" }`;
    expect(printed(lines, 'raft remove', 'kv put')).toEqual([['raft: no voter left; n1 leads'], ['done']]);
  });

  test('leadership does not go to a learner', () => {
    const lines = `${THREE}
  - { at: 5s, on: [n1, n2, n3], run: raft add-learner n4=10.0.1.14 }
  - { at: 8s, on: [n1, n2, n3], run: raft transfer n4 }`;
    const [transfer = []] = printed(lines, 'raft transfer');
    expect(transfer.filter((line) => !line.startsWith('raft: not leader'))).toEqual([
      expect.stringMatching(/^raft: transfer to a learner; n\d leads$/),
    ]);
  });

  test('what is larger than a proposal may be is not written, and what was committed stays', () => {
    const lines = `  - { at: 0s, on: [n1, n2, n3], run: "kvd ${PEERS} -voters=n1,n2,n3 -max-proposal=40" }
  - { at: 5s, on: c, run: "kv put ${SERVERS} x small" }
  - { at: 6s, on: c, run: "kv put ${SERVERS} x ${'large'.repeat(20)}" }
  - { at: 7s, on: c, run: "kv get ${SERVERS} x" }`;
    expect(printed(lines, 'kv put', 'kv get')).toEqual([['done', 'kv: too large'], ['small']]);
  });

  test('a server with a log starts no cluster, one without does', () => {
    const lines = `  - { at: 0s, on: [n1, n2], run: "kvd ${PEERS} -bootstrap=false" }
  - { at: 5s, on: n1, run: "raft bootstrap n1=10.0.1.11 n2=10.0.1.12" }
  - { at: 10s, on: [n1, n2], run: "raft bootstrap n1=10.0.1.11 n2=10.0.1.12" }
  - { at: 11s, on: c, run: "kv put -servers=10.0.1.11,10.0.1.12 x 1" }`;
    const [bootstrap = [], put] = printed(lines, 'raft bootstrap', 'kv put');
    expect([bootstrap.map((line) => line.replace(/; n\d leads/, '')), put]).toEqual([
      ['done', 'raft: not empty', 'raft: not empty'],
      ['done'],
    ]);
  });
});

describe('timers that cannot work, and those that will disappoint', () => {
  const told = (line: string, latency?: string) => {
    try {
      return scenarioOf(`  - { at: 0s, on: n1, run: "${line}" }`, latency).warnings.map(formatProblem);
    } catch (error) {
      return (error as { problems: Parameters<typeof formatProblem>[0][] }).problems.map(formatProblem);
    }
  };

  test.each([
    ['kvd -peers=n1=10.0.1.11 -heartbeat=2s', /8:53.*heartbeats every 2s come too late for an election timeout of 1s/i],
    ['kvd -peers=n1=10.0.1.11 -heartbeat=300ms', /8:53.*less than five heartbeats of 300ms/],
    ['kvd -peers=n1=10.0.1.11 -check-quorum=off', /8:53.*never replaced/],
  ])('%s', (line, says) => {
    expect(told(line)).toEqual([expect.stringMatching(says)]);
  });

  test('messages that take longer than an election are warned of, where the network is as slow as that', () => {
    expect(told('kvd -peers=n1=10.0.1.11 -election-timeout=1s', '400ms..600ms')).toEqual([
      expect.stringMatching(
        /8:53.*a round trip and a write take 1\.2s, and elections time out after 1s: do not expect a leader/i,
      ),
    ]);
    expect(told('kvd -peers=n1=10.0.1.11 -election-timeout=2s', '400ms..600ms')).toEqual([]);
  });

  test('profiles as they are are not warned of', () => {
    expect(told('kvd -peers=n1=10.0.1.11 -profile=paper')).toEqual([]);
  });
});

describe('several members at once', () => {
  test('are exchanged by a joint change, which ends by itself', () => {
    const lines = `${THREE}
  - { at: 5s, on: [n1, n2, n3], run: raft change +n4=10.0.1.14 -n3 }
  - { at: 20s, on: n4, run: raft status }`;
    const [change = [], status] = printed(`${lines}`, 'raft change', 'raft status');
    expect(change.filter((line) => !line.startsWith('raft: not leader'))).toEqual(['done']);
    expect(status?.at(-1)?.split(/ +/).slice(1).sort()).toEqual(['n1', 'n2', 'n4']);
  });

  test('what is no step is refused, at its place', () => {
    const words = `  - { at: 0s, on: n1, run: "raft change +n4 n5=10.0.1.15" }`;
    expect(() => scenarioOf(words)).toThrow(
      'line 8:41: timeline[0].run: `+n4` is no step such as +n4=10.0.0.4 or -n4.\nline 8:45: timeline[0].run: `n5=10.0.1.15` is no step such as +n4=10.0.0.4 or -n4.',
    );
  });
});

describe('a store whose followers send on what they are asked for', () => {
  test('answers a client at any server, also without a leader’s address', () => {
    const lines = `  - { at: 0s, on: [n1, n2, n3], run: "kvd -forward=repeatable ${PEERS} -voters=n1,n2,n3" }
  - { at: 5s, on: c, run: "kv put -servers=10.0.1.11 x 1" }
  - { at: 6s, on: c, run: "kv put -servers=10.0.1.12 x 2" }
  - { at: 7s, on: c, run: "kv append -servers=10.0.1.13 x 3" }
  - { at: 8s, on: c, run: "kv get -servers=10.0.1.13 x" }
  - { at: 9s, on: c, run: "kv load ${SERVERS} -clients=4 -operations=50" }
  - { at: 10s, crash: n1, until: 15s }`;
    const [put, append, get, load] = printed(
      `${lines}\ncheck: { always: [Linearizable] }`,
      'kv put',
      'kv append',
      'kv get',
      'kv load',
    );
    expect([put, append, get]).toEqual([['done', 'done'], ['done'], ['23']]);
    expect(load?.[0]).toMatch(/^4 clients: 200 operations answered, 0 of unknown outcome/);
  });
});

describe('a store that falls silent', () => {
  test('sends nothing while nobody asks, and answers as ever', () => {
    const lines = (flag: string) => `  - { at: 0s, on: [n1, n2, n3], run: "kvd ${flag} ${PEERS} -voters=n1,n2,n3" }
  - { at: 30s, on: c, run: "kv put ${SERVERS} x 1" }`;
    const packets = (flag: string) => {
      const report = run(scenarioOf(lines(flag)).plan, { registry: surroundings.registry });
      expect(report.jobs.find(({ command }) => command.startsWith('kv put'))?.lines).toEqual(['done']);
      return report.packets.sent;
    };
    expect(packets('')).toBeGreaterThan(1500);
    expect(packets('-quiesce')).toBeLessThan(150);
  });
});
