import { describe, expect, test } from 'vitest';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { surroundings } from '../../surroundings.ts';

const { registry } = surroundings;

/** What command lines on a host alone print, in order, without the log; times are those of the lines. */
function typed(lines: readonly string[], { file = '', profile = 'consul-1.6', addresses = '10.0.1.11' } = {}): string[][] {
  const timeline = lines.map((line, i) => `  - { at: ${i * 30}s, on: c1, run: ${JSON.stringify(line)} }`);
  const { plan } = loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
profile: ${profile}
hosts:
  c1:
    interfaces: { eth0: { on: lan, addresses: [${addresses}] } }
    files: { /etc/consul.json: ${JSON.stringify(file)}, /data/raft/peers.info: "" }
timeline:
${timeline.join('\n')}`,
    { registry },
  );
  const { jobs } = run(plan, { registry });
  return jobs.map((job) => job.lines.map(String).filter((line) => !/\[(INFO|WARN|ERR)\]/.test(line)));
}

const first = (line: string, more = {}): string[] => typed([line], more)[0] ?? [];

describe('what an agent refuses, in the words of the original', () => {
  test.each([
    ['-server', 'data_dir cannot be empty'],
    ['-data-dir=/data -bootstrap', "'bootstrap = true' requires 'server = true'"],
    ['-data-dir=/data -bootstrap-expect=3', "'bootstrap_expect > 0' requires 'server = true'"],
    ['-server -data-dir=/data -bootstrap-expect=-1', 'bootstrap_expect cannot be -1. Must be greater than or equal to zero'],
    ['-dev -bootstrap-expect=3', "'bootstrap_expect > 0' not allowed in dev mode"],
    [
      '-server -data-dir=/data -bootstrap -bootstrap-expect=3',
      "'bootstrap_expect > 0' and 'bootstrap = true' are mutually exclusive",
    ],
    ['-server -data-dir=/data -datacenter=DC1', 'datacenter cannot be "DC1". Please use only [a-z0-9-_].'],
    ['-server -data-dir=/data -config-file=/no', 'config: Open failed on /no. open /no: no such file or directory'],
  ])('consul agent %s', (flags, says) => {
    expect(first(`consul agent ${flags}`)).toEqual([`==> ${says}`]);
  });

  test.each([
    ['{ "performance": { "raft_multiplier": 11 } }', 'performance.raft_multiplier cannot be 11. Must be between 1 and 10'],
    [
      '{ "bootstrap_expects": 3 }',
      'Error parsing /etc/consul.json: invalid config key bootstrap_expects; did you mean bootstrap_expect?',
    ],
    ['{ "autopilot": { "min_quorum": "3" } }', 'Error parsing /etc/consul.json: autopilot.min_quorum: expected a whole number'],
    ['[]', 'Error parsing /etc/consul.json: expected an object'],
  ])('a configuration file of %s', (file, says) => {
    expect(first('consul agent -server -data-dir=/data -config-file=/etc/consul.json', { file })).toEqual([`==> ${says}`]);
  });

  test('more than one private address', () => {
    const says = "Multiple private IPv4 addresses found. Please configure one with 'bind' and/or 'advertise'.";
    expect(first('consul agent -server -data-dir=/data', { addresses: '10.0.1.11, 10.0.1.12' })).toEqual([`==> ${says}`]);
  });
});

describe('what an agent warns of', () => {
  const TABLE = 'See https://www.consul.io/docs/internals/consensus.html#deployment-table';

  test.each([
    [
      '1',
      ['BootstrapExpect is set to 1; this is the same as Bootstrap mode.', 'bootstrap = true: do not enable unless necessary'],
    ],
    [
      '2',
      [
        `bootstrap_expect = 2: A cluster with 2 servers will provide no failure tolerance. ${TABLE}`,
        'bootstrap_expect > 0: expecting 2 servers',
      ],
    ],
    ['3', ['bootstrap_expect > 0: expecting 3 servers']],
    [
      '4',
      [
        `bootstrap_expect is even number: A cluster with an even number of servers does not achieve optimum fault tolerance. ${TABLE}`,
        'bootstrap_expect > 0: expecting 4 servers',
      ],
    ],
  ])('-bootstrap-expect=%s', (count, says) => {
    const lines = first(`consul agent -server -data-dir=/data -bootstrap-expect=${count}`);
    expect(lines.slice(0, says.length + 1)).toEqual([...says, '==> Starting Consul agent...']);
  });
});

describe('peers.json', () => {
  const start = 'consul agent -server -data-dir=/data';
  const prefix = '==> Error starting agent: Failed to start Consul server: Failed to start Raft: recovery failed';

  test('is refused by a server that never was in a cluster', () => {
    const peers = `echo '[{"id": "c1", "address": "10.0.1.11:8300"}]' > /data/raft/peers.json`;
    const why = 'refused to recover cluster with no initial state, this is probably an operator error';
    expect(typed([peers, start])[1]?.at(-1)).toBe(`${prefix}: ${why}`);
  });

  test.each([
    ['[]', 'need at least one voter in configuration'],
    ['[{"id": "c1", "address": "10.0.1.11:8300", "non_voter": true}]', 'need at least one voter in configuration'],
    ['[{"id": "c1"}]', 'empty address in configuration: {"id":"c1"}'],
    ['[{"address": "10.0.1.11:8300"}]', 'empty ID in configuration: {"address":"10.0.1.11:8300"}'],
    [
      '[{"id": "c1", "address": "10.0.1.11:8300"}, {"id": "c1", "address": "10.0.1.12:8300"}]',
      'found duplicate ID in configuration: c1',
    ],
    [
      '[{"id": "c1", "address": "10.0.1.11:8300"}, {"id": "c2", "address": "10.0.1.11:8300"}]',
      'found duplicate address in configuration: 10.0.1.11:8300',
    ],
  ])('%s is refused', (text, why) => {
    const [, said] = typed([`echo '${text}' > /data/raft/peers.json`, start]);
    expect(said).toEqual([`${prefix} to parse peers.json: ${why}`]);
  });
});

describe('commands of an operator', () => {
  test('say that no agent runs', () => {
    const refused = (verb: string, path: string) =>
      `${verb} http://127.0.0.1:8500${path}: dial tcp 127.0.0.1:8500: connect: connection refused`;
    expect(first('consul members')).toEqual([`Error retrieving members: ${refused('Get', '/v1/agent/members?segment=_all')}`]);
    expect(first('consul leave')).toEqual([`Error leaving: ${refused('Put', '/v1/agent/leave')}`]);
    expect(first('consul kv put a b')).toEqual([`Error! Failed writing data: ${refused('Put', '/v1/kv/a')}`]);
  });

  test('reach a leader that is alone', () => {
    const start = 'consul agent -server -data-dir=/data -bootstrap';
    const [, put, got, none, gone, removed, unknown, joined, version] = typed([
      start,
      'consul kv put a/b c',
      'consul kv get a/b',
      'consul kv get x',
      'consul kv delete a/b',
      'consul operator raft remove-peer -id=c9',
      'consul operator raft remove-peer -address=10.0.1.99:8300',
      'consul join 10.0.1.99',
      'consul version',
    ]);
    expect(put).toEqual(['Success! Data written to: a/b']);
    expect(got).toEqual(['c']);
    expect(none).toEqual(['Error! No key exists at: x']);
    expect(gone).toEqual(['Success! Deleted key: a/b']);
    const failure = 'Error removing peer: Failed to remove raft peer: Unexpected response code: 500';
    expect(removed).toEqual([`${failure} (id "c9" was not found in the Raft configuration)`]);
    expect(unknown).toEqual([`${failure} (address "10.0.1.99:8300" was not found in the Raft configuration)`]);
    expect(joined?.[0]).toMatch(/^Error joining address '10\.0\.1\.99': Unexpected response code: 500 \(1 error occurred:/);
    expect(joined?.at(-1)).toBe('Failed to join any nodes.');
    expect(version).toEqual(['Consul v1.6.2']);
  });

  test('in development mode a server leads within a second, and forgets everything', () => {
    const lines = typed(['consul agent -dev', 'consul kv put a b', 'pkill consul', 'consul agent -dev', 'consul kv get a']);
    expect([lines[1], lines[4]]).toEqual([['Success! Data written to: a'], ['Error! No key exists at: a']]);
  });
});
