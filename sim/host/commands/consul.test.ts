import { describe, expect, test } from 'vitest';
import { prunable } from '../../../core/consul/autopilot.ts';
import { readinessOf } from '../../../core/consul/bootstrap.ts';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { surroundingsWith } from '../../surroundings.ts';
import { RELEASED } from '../rules.ts';

const HOSTS = ['c1', 'c2', 'c3', 'c4', 'c5'];

/** Timers of Raft as advised for production, so that tests are short. */
const FAST = `/etc/fast.json: '{ "performance": { "raft_multiplier": 1 } }'`;

/** Nobody is removed for being dead. */
const KEEP = `/etc/keep.json: '{ "autopilot": { "cleanup_dead_servers": false } }'`;

/** Three are to stay, whoever is dead. */
const THREE = `/etc/three.json: '{ "autopilot": { "min_quorum": 3 } }'`;

/** Signals make it leave, and with the second it drains for a minute. */
const LEAVE = `/etc/leave.json: '{ "leave_on_terminate": true, "skip_leave_on_interrupt": false }'`;
const SLOW = `/etc/slow.json: '{ "skip_leave_on_interrupt": false, "performance": { "leave_drain_time": "60s" } }'`;

/** An agent on data that is kept; the first server is joined again and again until it answers. */
const AGENT = 'consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul';
const JOINING = `${AGENT} -retry-join=10.0.1.11 -retry-interval=2s`;

/** What the expectations of a scenario came to, and what its hosts printed. */
function played(script: string, { profile = 'consul-1.6', seed = 1, moves = '', latency = '500us..2ms', rules = RELEASED } = {}) {
  const { registry } = surroundingsWith(rules);
  const hosts = HOSTS.map((name, i) => {
    const addresses = name === moves ? `[10.0.1.1${i + 1}, 10.0.1.2${i + 1}]` : `[10.0.1.1${i + 1}]`;
    return `  ${name}: { interfaces: { eth0: { on: lan, addresses: ${addresses} } }, disk: { sync: 1ms }, files: { ${FAST}, ${KEEP}, ${THREE}, ${LEAVE}, ${SLOW} } }`;
  });
  const { plan } = loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: ${latency} } } }
profile: ${profile}
seed: ${seed}
hosts:
${hosts.join('\n')}
${script}`,
    { registry },
  );
  const report = run(plan, { registry });
  const failed = report.findings.flatMap(({ verdict, check, says }) =>
    verdict === 'held' ? [] : [`${check}: ${verdict}: ${says ?? ''}`],
  );
  const linesOf = (host: string, command = '') =>
    report.jobs
      .filter((job) => plan.topology.nodes[job.node]?.name === host && job.command.startsWith(command))
      .flatMap(({ lines }) => lines.flatMap((line) => line.split('\n')));
  return { failed, linesOf };
}

describe('servers that start a cluster', () => {
  test('three that expect three make one configuration of three, and elect a leader', () => {
    const { failed, linesOf } = played(`
timeline:
  - { at: 0s, on: [c1, c2, c3], run: "${JOINING} -bootstrap-expect=3" }
  - { at: 10s, on: c2, run: consul operator raft list-peers }
expect:
  - { by: 6s, raft: { on: [c1, c2, c3], leader: any, voters: [c1, c2, c3], commit: { min: 2 } } }`);
    expect(failed).toEqual([]);
    expect(linesOf('c2', 'consul operator')[0]).toBe('Node  ID  Address         State     Voter  RaftProtocol');
    expect(linesOf('c2', 'consul operator').slice(1).sort()).toHaveLength(3);
  });

  test('two that expect three never have a leader; with the third they do', () => {
    const { failed } = played(`
timeline:
  - { at: 0s, on: [c1, c2], run: "${JOINING} -bootstrap-expect=3" }
  - { at: 60s, on: c3, run: "${JOINING} -bootstrap-expect=3" }
expect:
  - { from: 0s, until: 60s, raft: { on: [c1, c2], leader: none, term: 0 } }
  - { by: 66s, raft: { on: [c1, c2, c3], leader: any, voters: [c1, c2, c3] } }`);
    expect(failed).toEqual([]);
  });

  test('servers that expect different numbers say so, and start nothing', () => {
    const { failed, linesOf } = played(`
timeline:
  - { at: 0s, on: [c1, c2], run: "${JOINING} -bootstrap-expect=3" }
  - { at: 1s, on: c3, run: "${JOINING} -bootstrap-expect=2" }
expect:
  - { from: 0s, until: 60s, raft: { on: [c1, c2], leader: none, term: 0 } }
  - { from: 1s, until: 60s, raft: { on: c3, leader: none, term: 0 } }`);
    expect(failed).toEqual([]);
    const conflict = 'has a conflicting expect value. All nodes should expect the same number.';
    expect(linesOf('c1').some((line) => line.includes(`[ERR] consul: Member c3 ${conflict}`))).toBe(true);
    expect(linesOf('c3').some((line) => line.includes(conflict))).toBe(true);
  });

  test('one that bootstraps leads alone, and two others become voters after ten seconds of health', () => {
    const { failed } = played(`
timeline:
  - { at: 0s, on: c1, run: "${AGENT} -bootstrap" }
  - { at: 25s, on: [c2, c3], run: "${JOINING}" }
expect:
  - { by: 4s, raft: { on: c1, leader: c1, voters: [c1] } }
  - { from: 25s, until: 35s, raft: { on: c1, leader: c1, voters: [c1] } }
  - { by: 49s, raft: { on: [c1, c2, c3], leader: c1, voters: [c1, c2, c3] } }`);
    expect(failed).toEqual([]);
  });

  test('two that bootstrap each lead themselves, and refuse each other', () => {
    const { failed, linesOf } = played(`
timeline:
  - { at: 0s, on: [c1, c2], run: "${JOINING} -bootstrap" }
expect:
  - { from: 5s, until: 100s, raft: { on: c1, leader: c1, voters: [c1] } }
  - { from: 5s, until: 100s, raft: { on: c2, leader: c2, voters: [c2] } }`);
    expect(failed).toEqual([]);
    const refusal = 'are both in bootstrap mode. Only one node should be in bootstrap mode, not adding Raft peer.';
    expect(linesOf('c1').some((line) => line.includes(`'c2' and 'c1' ${refusal}`))).toBe(true);
    expect(linesOf('c2').some((line) => line.includes(`'c1' and 'c2' ${refusal}`))).toBe(true);
  });

  test('three that neither bootstrap nor expect anybody wait for ever, until one is started with -bootstrap', () => {
    const { failed, linesOf } = played(`
timeline:
  - { at: 0s, on: [c1, c2, c3], run: "${JOINING}" }
  - { at: 100s, on: c2, run: consul kv put a b }
  - { at: 200s, on: c1, signal: KILL, of: consul agent }
  - { at: 202s, on: c1, run: "${AGENT} -bootstrap -join=10.0.1.12" }
expect:
  - { from: 0s, until: 199s, raft: { on: [c1, c2, c3], leader: none, term: 0, voters: [] } }
  - { by: 240s, raft: { on: [c1, c2, c3], leader: c1, voters: [c1, c2, c3] } }`);
    expect(failed).toEqual([]);
    expect(linesOf('c2', 'consul kv')).toEqual(['Error! Failed writing data: Unexpected response code: 500 (No cluster leader)']);
    expect(linesOf('c3').some((line) => line.endsWith('[WARN] raft: no known peers, aborting election'))).toBe(true);
  });

  test('a fourth that starts beside three that expect three is in the first configuration or comes into it later', () => {
    const { failed } = played(`
timeline:
  - { at: 0s, on: c1, run: "${JOINING} -bootstrap-expect=3" }
  - { at: 1s, on: c2, run: "${JOINING} -bootstrap-expect=3" }
  - { at: 2s, on: c3, run: "${JOINING} -bootstrap-expect=3" }
  - { at: 3s, on: c4, run: "${JOINING} -bootstrap-expect=3" }
expect:
  - { by: 40s, raft: { on: [c1, c2, c3, c4], leader: any, voters: [c1, c2, c3, c4] } }`);
    expect(failed).toEqual([]);
  });
});

describe('who starts with whom', () => {
  const crowd = (members: string) => `
timeline:
  - { at: 0s, on: ${members}, run: "${JOINING} -bootstrap-expect=3" }
check: { always: [BootstrapAgreement] }`;
  const slow = { latency: '200ms..800ms' };

  test('as many servers as are expected all start with the same ones, however slow their links are', () => {
    for (const seed of [1, 2, 3, 4]) expect(played(crowd('[c1, c2, c3]'), { ...slow, seed }).failed).toEqual([]);
  });

  test('a server that does not wait for the last one is found out', () => {
    const hasty: typeof readinessOf = (known, expected, datacenter) => {
      const readiness = readinessOf(known, expected, datacenter);
      return readiness.type === 'wait' && known.length === expected - 1 ? { type: 'ask', servers: known } : readiness;
    };
    const two = `
timeline:
  - { at: 0s, on: [c1, c2], run: "${JOINING} -bootstrap-expect=3" }
until: 20s
check: { always: [BootstrapExpected] }`;
    expect(played(two, { rules: { consul: { readinessOf: hasty } } }).failed).toEqual([
      expect.stringMatching(/^BootstrapExpected: violated: c\d starts with 2 servers, and was to expect 3$/),
    ]);
    expect(played(crowd('[c1, c2, c3]').replace('BootstrapAgreement', 'BootstrapExpected')).failed).toEqual([]);
  });

  test('of five that expect three, some start with three and some with more, in one world of a few', () => {
    const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
    const differ = seeds.find((seed) => played(crowd('[c1, c2, c3, c4, c5]'), { ...slow, seed }).failed.length > 0);
    const [failed] = played(crowd('[c1, c2, c3, c4, c5]'), { ...slow, seed: differ ?? 0 }).failed;
    expect(failed).toMatch(/^BootstrapAgreement: violated: c\d starts with [c\d, ]+, and c\d with [c\d, ]+$/);
  });
});

describe('servers of a cluster that runs', () => {
  const START = `  - { at: 0s, on: [c1, c2, c3], run: "${JOINING} -bootstrap-expect=3" }`;

  test('elect a leader as usual when all are killed and started again, whatever number they expect then', () => {
    const { failed } = played(`
timeline:
${START}
  - { at: 20s, on: [c1, c2, c3], signal: KILL, of: consul agent }
  - { at: 25s, on: [c1, c2, c3], run: "${JOINING} -bootstrap-expect=5" }
expect:
  - { at: 19s, raft: { on: [c1, c2, c3], leader: any, term: 2 } }
  - { by: 32s, raft: { on: [c1, c2, c3], leader: any, voters: [c1, c2, c3], term: { min: 3 } } }`);
    expect(failed).toEqual([]);
  });

  test('tell a new one that expects three of their cluster, and make it a learner and then a voter', () => {
    const { failed, linesOf } = played(`
timeline:
${START}
  - { at: 30s, on: c4, run: "${JOINING} -bootstrap-expect=3" }
expect:
  - { from: 31s, until: 40s, raft: { on: [c1, c2, c3, c4], leader: any, voters: [c1, c2, c3] } }
  - { by: 54s, raft: { on: [c1, c2, c3, c4], leader: any, voters: [c1, c2, c3, c4] } }`);
    expect(failed).toEqual([]);
    expect(linesOf('c4').some((line) => /Existing Raft peers reported by c\d, disabling bootstrap mode/.test(line))).toBe(true);
  });

  test('remove a killed one when gossip has found it dead and another has joined', () => {
    const { failed } = played(`
timeline:
${START}
  - { at: 20s, on: c3, signal: KILL, of: consul agent }
  - { at: 20.5s, on: c4, run: "${JOINING}" }
expect:
  - { by: 60s, raft: { on: [c1, c2, c4], leader: any, voters: [c1, c2, c4] } }`);
    expect(failed).toEqual([]);
  });

  test('are held to sending away as few of the dead as is no risk', () => {
    // One of three goes with the dead one though it lives.
    const reckless: typeof prunable = (config, members, minQuorum) => {
      const { remove, forceLeave } = prunable(config, members, minQuorum);
      const other = config.voters.find(({ name }) => members.get(name)?.status === 'alive');
      return { remove, forceLeave: forceLeave.length > 0 && other !== undefined ? [...forceLeave, other.name] : forceLeave };
    };
    const killed = `
timeline:
${START}
  - { at: 20s, on: c3, signal: KILL, of: consul agent }
until: 60s
check: { always: [AutopilotQuorum] }`;
    expect(played(killed).failed).toEqual([]);
    expect(played(killed, { rules: { consul: { prunable: reckless } } }).failed).toEqual([
      expect.stringMatching(/^AutopilotQuorum: violated: c\d sends away 2 of 3 servers at once, c\d the last$/),
    ]);
    const bold: typeof prunable = (config, members) => prunable(config, members, 0);
    const careful = killed.replaceAll('-retry-interval', '-config-file=/etc/three.json -retry-interval');
    expect(played(careful, { rules: { consul: { prunable: bold } } }).failed).toEqual([
      expect.stringMatching(/^AutopilotQuorum: violated: c\d sends c3 away, and 3 servers are to stay$/),
    ]);
  });

  test('have no leader and remove nobody when two of three are killed; peers.json lets the one that is left go on', () => {
    const { failed, linesOf } = played(`
timeline:
${START}
  - { at: 10s, on: c1, run: consul kv put before 1 }
  - { at: 20s, on: [c2, c3], signal: KILL, of: consul agent }
  - { at: 100s, on: c1, signal: TERM, of: consul agent }
  - { at: 101s, on: c1, run: "echo '[{\\"id\\": \\"c1\\", \\"address\\": \\"10.0.1.11:8300\\"}]' > /opt/consul/raft/peers.json" }
  - { at: 102s, on: c1, run: "${AGENT}" }
  - { at: 120s, on: c1, run: consul kv get before }
  - { at: 121s, on: c1, run: "cat /opt/consul/raft/peers.json" }
expect:
  - { from: 23s, until: 99s, raft: { on: c1, leader: none, voters: [c1, c2, c3] } }
  - { by: 108s, raft: { on: c1, leader: c1, voters: [c1] } }`);
    expect(failed).toEqual([]);
    expect(linesOf('c1', 'consul kv get')).toEqual(['1']);
    expect(linesOf('c1', 'cat')).toEqual([]);
  });

  test('go on with the one alone that left last, when all have left in order; the others wait until they join it', () => {
    const { failed } = played(`
timeline:
${START}
  - { at: 20s, on: c1, run: consul leave }
  - { at: 50s, on: c2, run: consul leave }
  - { at: 80s, on: c3, run: consul leave }
  - { at: 110s, on: [c1, c2, c3], run: "${AGENT} -bootstrap-expect=3" }
  - { at: 160s, on: [c1, c2], run: consul join 10.0.1.13 }
expect:
  - { by: 45s, exit: { on: c1, of: consul leave, code: 0 } }
  - { from: 118s, until: 160s, raft: { on: c3, leader: c3, voters: [c3] } }
  - { from: 110s, until: 160s, raft: { on: [c1, c2], leader: none } }
  - { by: 190s, raft: { on: [c1, c2, c3], leader: c3, voters: [c1, c2, c3] } }`);
    expect(failed).toEqual([]);
  });

  test('know one that comes back with another address by its id', () => {
    const { failed } = played(
      `
timeline:
  - { at: 0s, on: [c1, c2], run: "${JOINING} -config-file=/etc/keep.json -bootstrap-expect=3" }
  - { at: 0s, on: c3, run: "${JOINING} -config-file=/etc/keep.json -bootstrap-expect=3 -advertise=10.0.1.13" }
  - { at: 20s, on: c3, signal: KILL, of: consul agent }
  - { at: 22s, on: c3, run: "${JOINING} -config-file=/etc/keep.json -advertise=10.0.1.23" }
  - { at: 99s, on: c1, run: consul operator raft list-peers }
expect:
  - { from: 5s, until: 100s, raft: { on: [c1, c2], voters: [c1, c2, c3] } }
  - { by: 100s, raft: { on: [c1, c2, c3], leader: any, voters: [c1, c2, c3] } }
  - { by: 100s, output: { on: c1, of: consul operator, includes: "c3    c3  10.0.1.23:8300" } }`,
      { moves: 'c3' },
    );
    expect(failed).toEqual([]);
  });

  test('remove the one whose address another has now, before that one is added', () => {
    const { failed } = played(`
timeline:
${START}
  - { at: 20s, on: c3, signal: KILL, of: consul agent }
  - { at: 21s, on: c3, run: "consul agent -server -config-file=/etc/fast.json -data-dir=/opt/other -node=d3 -retry-join=10.0.1.11" }
expect:
  - { by: 25s, raft: { on: [c1, c2], leader: any, voters: [c1, c2] } }
  - { by: 50s, raft: { on: [c1, c2], leader: any, voters: [c1, c2, d3] } }`);
    expect(failed).toEqual([]);
  });
});

describe('signals', () => {
  /** Three servers, one of which is sent a signal; later, what the others list it as. */
  const signalled = (signal: string, { profile = 'consul-1.6', file = '' } = {}) =>
    played(
      `
timeline:
  - { at: 0s, on: [c1, c2, c3], run: "${JOINING} -bootstrap-expect=3${file === '' ? '' : ` -config-file=${file}`}" }
  - { at: 10s, on: c3, signal: ${signal}, of: consul agent }
  - { at: 30s, on: c1, run: consul members }`,
      { profile },
    );
  const listed = ({ linesOf }: ReturnType<typeof played>): string | undefined =>
    linesOf('c1', 'consul members')
      .find((line) => line.startsWith('c3'))
      ?.split(/ +/)[2];

  test.each([
    ['TERM', 'consul-1.6', '', 'failed'],
    ['INT', 'consul-1.6', '', 'failed'],
    ['KILL', 'consul-1.6', '', 'failed'],
    ['TERM', 'consul-1.6', '/etc/leave.json', 'left'],
    ['INT', 'consul-1.6', '/etc/leave.json', 'left'],
    ['TERM', 'consul-0.6', '', 'failed'],
    ['INT', 'consul-0.6', '', 'left'],
  ])('%s as %s with "%s": %s', (signal, profile, file, status) => {
    // Autopilot would tell gossip that a server that failed has left.
    const kept = profile === 'consul-1.6' && file === '' ? '/etc/keep.json' : file;
    expect(listed(signalled(signal, { profile, file: kept }))).toBe(status);
  });

  test('a departure that lasts longer than 15 s is given up, and a second signal ends it at once', () => {
    const { linesOf } = played(`
until: 30s
timeline:
  - { at: 0s, on: [c1, c2], run: "${AGENT} -bootstrap -config-file=/etc/slow.json" }
  - { at: 10s, on: [c1, c2], signal: INT, of: consul agent }
  - { at: 12s, on: c2, signal: INT, of: consul agent }`);
    expect(linesOf('c1').some((line) => line.includes('00:00:25 [INFO] agent: Timeout on graceful leave. Exiting'))).toBe(true);
    expect(linesOf('c2').some((line) => line.includes('00:00:12 [INFO] agent: Caught second signal interrupt. Exiting'))).toBe(
      true,
    );
  });
});
