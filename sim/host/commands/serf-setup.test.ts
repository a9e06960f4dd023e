import { describe, expect, test } from 'vitest';
import { seconds } from '../../../core/time.ts';
import { lan } from '../../network/lab.ts';
import { HostLab } from '../lab.ts';
import { absolute } from '../path.ts';
import type { Behaviour, HostView } from '../program.ts';
import { serf } from './serf.ts';
import { configure, type FullConfig, setUp } from './serf-setup.ts';

const KEY = 'JHzLEQ9NDhLzlYpb5DXpcw==';

/** A host with these files, and nothing else that matters. */
function hostWith(files: Readonly<Record<string, string>>, behaviour: Behaviour = { profile: undefined, quirks: {} }): HostView {
  const lab = new HostLab({ n1: { files, behaviour } }, { topology: lan(1), commands: [serf] });
  const paths = Object.keys(files).map(absolute);
  return {
    node: 0,
    name: 'n1',
    interfaces: lab.network.interfaces(0).filter(({ loopback }) => !loopback),
    names: lab.names,
    behaviour,
    random: (purpose) => lab.randomness.stream(purpose),
    file: (path) => lab.hosts.file(0, path),
    list(directory) {
      const inside = paths.filter((path) => path.startsWith(`${absolute(directory)}/`));
      return inside.length === 0 ? undefined : inside.map((path) => path.slice(absolute(directory).length + 1)).sort();
    },
  };
}

const words = (line: string): string[] => line.split(' ').filter((word) => word !== '');

function configOf(line: string, files: Readonly<Record<string, string>> = {}, behaviour?: Behaviour): FullConfig {
  const configured = configure(words(line), hostWith(files, behaviour));
  return configured.ok ? configured.config : expect.fail(configured.says.join('\n'));
}

describe('the configuration of an agent', () => {
  test('has its usual values when nothing is said', () => {
    expect(configOf('')).toMatchObject({
      node_name: 'n1',
      profile: 'lan',
      protocol: 5,
      log_level: 'INFO',
      retry_interval: seconds(30),
      retry_max_attempts: 0,
      enable_compression: true,
    });
  });

  test('comes from files in their order and last from the command line', () => {
    const files = {
      '/etc/serf/b.json': '{"node_name":"b","tags":{"x":"b"},"start_join":["10.0.0.3"],"protocol":4}',
      '/etc/serf/a.json': '{"node_name":"a","tags":{"x":"a","y":"a"},"start_join":["10.0.0.2"],"log_level":"warn"}',
      '/etc/serf/readme.txt': 'no configuration',
      'c.json': '{"node_name":"c"}',
    };
    expect(configOf('-config-dir /etc/serf -config-file c.json -join 10.0.0.4 -tag z=1', files)).toMatchObject({
      node_name: 'c',
      tags: { x: 'b', y: 'a', z: '1' },
      start_join: ['10.0.0.2', '10.0.0.3', '10.0.0.4'],
      protocol: 4,
      log_level: 'warn',
    });
    expect(configOf('-config-file c.json -config-file /etc/serf -node d', files).node_name).toBe('d');
    expect(configOf('-config-file c.json -config-file /etc/serf', files).node_name).toBe('b');
  });

  test('the last of several flags counts, and lists grow', () => {
    expect(configOf('-node a -join 10.0.0.1 -node b -join 10.0.0.2')).toMatchObject({
      node_name: 'b',
      start_join: ['10.0.0.1', '10.0.0.2'],
    });
  });

  test.each`
    line                         | says
    ${'-role web'}               | ${"Deprecation warning: 'Role' has been replaced with 'Tags'"}
    ${'-retry-interval 10ms'}    | ${"Warning: 'RetryInterval' is too low. Setting to 1s"}
    ${'-broadcast-timeout 10ms'} | ${"Warning: 'BroadcastTimeout' is too low. Setting to 1s"}
    ${'-rejoin'}                 | ${"Warning: 'RejoinAfterLeave' enabled without snapshot file"}
  `('with $line it goes on, and says: $says', ({ line, says }) => {
    expect(configure(words(line), hostWith({}))).toMatchObject({ ok: true, says: [says] });
  });

  test('a role is a tag', () => {
    expect(configOf('-tag role=web -role db -tag dc=a').tags).toEqual({ role: 'db', dc: 'a' });
  });

  test('attempts to join and broadcasts take a second at least', () => {
    expect(configOf('-retry-interval 10ms -broadcast-timeout 1us')).toMatchObject({
      retry_interval: seconds(1),
      broadcast_timeout: seconds(1),
    });
  });
});

describe('settings of files that the original reads and never uses (configCompressionMerge)', () => {
  const files = { 'a.json': '{"enable_compression":false}' };
  const compressed = (line: string, profile: string) =>
    configOf(`-config-file a.json ${line}`, files, { profile, quirks: {} }).enable_compression;

  test.each`
    line                      | profile        | compressed
    ${''}                     | ${'serf-0.10'} | ${true}
    ${'-disable-compression'} | ${'serf-0.10'} | ${false}
    ${''}                     | ${'fixed'}     | ${false}
  `('$profile with a file that says no, and $line: $compressed', ({ line, profile, compressed: expected }) => {
    expect(compressed(line, profile)).toBe(expected);
  });

  test.each`
    profile        | says
    ${'serf-0.10'} | ${undefined}
    ${'fixed'}     | ${"==> Node name contains invalid characters a_b , Valid characters include all alpha-numerics and dashes and '.' "}
  `('$profile checks names when a file says so: $says', ({ profile, says }) => {
    const host = hostWith({ 'a.json': '{"validate_node_names":true}' }, { profile, quirks: {} });
    const setup = setUp(words('-config-file a.json -node a_b'), host);
    const prefix = 'Failed to start the Serf agent: Error creating Serf: ';
    expect('refused' in setup ? `==> ${setup.refused.at(-1)?.slice(prefix.length)}` : undefined).toBe(says);
  });
});

describe('an agent that cannot start says what Serf 0.9.4 says', () => {
  const creating = 'Failed to start the Serf agent: Error creating Serf: ';
  const setup = 'Failed to setup the Serf agent: ';
  test.each`
    file                                     | line                        | says
    ${'{"node_nam":"x"}'}                    | ${''}                       | ${"Error decoding 'a.json': 1 error(s) decoding:\n\n* '' has invalid keys: node_nam"}
    ${'# x'}                                 | ${''}                       | ${"Error decoding 'a.json': invalid character '#' looking for beginning of value"}
    ${'{}'}                                  | ${'-config-file nope.json'} | ${"Error reading 'nope.json': open nope.json: no such file or directory"}
    ${'{"event_handlers":["foo=bar"]}'}      | ${''}                       | ${"Invalid event script: Event 'foo' invoking 'bar'"}
    ${'{"profile":"bogus"}'}                 | ${''}                       | ${'Unknown profile: bogus'}
    ${'{"log_level":"loud"}'}                | ${''}                       | ${'Invalid log level: LOUD. Valid log levels are: [TRACE DEBUG INFO WARN ERR]'}
    ${'{"encrypt_key":"abc"}'}               | ${''}                       | ${'Invalid encryption key: illegal base64 data at input byte 0'}
    ${'{"encrypt_key":"abcd"}'}              | ${''}                       | ${`${creating}Failed to create memberlist: key size must be 16, 24 or 32 bytes`}
    ${'{"interface":"zz"}'}                  | ${''}                       | ${'Invalid network interface: route ip+net: no such network interface'}
    ${'{"bind":"10.9.0.256"}'}               | ${''}                       | ${'Invalid bind address: lookup 10.9.0.256: no such host'}
    ${'{"protocol":1}'}                      | ${''}                       | ${`${creating}Protocol version '1' too low. Must be in range: [2, 5]`}
    ${'{"protocol":6}'}                      | ${''}                       | ${`${creating}Protocol version '6' too high. Must be in range: [2, 5]`}
    ${'{"user_event_size_limit":10000}'}     | ${''}                       | ${`${creating}user event size limit exceeds limit of 9216 bytes`}
    ${`{"tags":{"x":"${'x'.repeat(600)}"}}`} | ${''}                       | ${`${creating}Encoded length of tags exceeds limit of 512 bytes`}
    ${'{"rpc_addr":"foo"}'}                  | ${''}                       | ${'Error starting RPC listener: listen tcp: address foo: missing port in address'}
    ${'{"tags_file":"tt"}'}                  | ${'-tag a=b'}               | ${`${setup}Tags config not allowed while using tag files`}
    ${'{"tags_file":"bad"}'}                 | ${''}                       | ${`${setup}Failed to decode tags file: invalid character 'z' looking for beginning of value`}
    ${`{"encrypt_key":"${KEY}"}`}            | ${'-keyring-file kk'}       | ${`${setup}Encryption key not allowed while using a keyring`}
    ${'{"keyring_file":"nope"}'}             | ${''}                       | ${`${setup}stat nope: no such file or directory`}
    ${'{"keyring_file":"bad"}'}              | ${''}                       | ${`${setup}Failed to decode keyring file: invalid character 'z' looking for beginning of value`}
    ${'{"keyring_file":"none"}'}             | ${''}                       | ${`${setup}Keyring file contains no keys`}
    ${'{"keyring_file":"short"}'}            | ${''}                       | ${`${setup}Failed to restore keyring: key size must be 16, 24 or 32 bytes`}
    ${'{"mdns":{"interface":"eth0"}}'}       | ${''}                       | ${'mDNS interface specified without enabling mDNS discovery'}
  `('$file $line: $says', ({ file, line, says }) => {
    const host = hostWith({ 'a.json': file, bad: 'zz', none: '[]', short: '["abcd"]' });
    const made = setUp(words(`-config-file a.json ${line}`), host);
    expect('refused' in made && made.refused.at(-1)).toBe(says);
  });
});

test.each(['-nod a', '-retry-max x', '-join'])('the flags %s, which came from a variable, keep it from starting', (line) => {
  expect(configure(words(line), hostWith({})).ok).toBe(false);
});

test.each([
  ['-tag foo', "Error: Invalid tag: 'foo'"],
  ['-retry-interval 30', 'Error: time: missing unit in duration "30"'],
  ['-broadcast-timeout zz', 'Error: time: invalid duration "zz"'],
])('%s is refused: %s', (line, says) => {
  expect(configure(words(line), hostWith({}))).toEqual({ ok: false, says: [says] });
});

describe('files that an agent keeps', () => {
  test('its tags are those of its file', () => {
    const made = setUp(words('-tags-file /etc/tags'), hostWith({ '/etc/tags': '{"role":"db","k":"v"}' }));
    expect(made).toMatchObject({
      tags: [
        ['role', 'db'],
        ['k', 'v'],
      ],
      logs: ['[INFO] agent: Restored 2 tag(s) from /etc/tags'],
    });
  });

  test('it has none when the file is not there yet', () => {
    expect(setUp(words('-tags-file /etc/tags'), hostWith({}))).toMatchObject({ tags: [], logs: [] });
  });

  test('its keys are those of its file, the primary one first', () => {
    const other = '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4=';
    const made = setUp(words('-keyring-file ring'), hostWith({ ring: JSON.stringify([other, KEY]) }));
    expect(made).toMatchObject({ keys: [other, KEY], logs: ['[INFO] agent: Restored keyring with 2 keys from ring'] });
  });
});
