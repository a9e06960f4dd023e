import { describe, expect, test } from 'vitest';
import { seconds } from '../../../core/time.ts';
import { lan } from '../../network/lab.ts';
import type { HostSpec } from '../hosts.ts';
import { HostLab } from '../lab.ts';
import type { Signal } from '../program.ts';
import { serf } from './serf.ts';

// What is expected here is what Serf 0.9.4 printed in the same situations, but for addresses and times.

const labOf = (hosts: number, specs: Readonly<Record<string, Partial<HostSpec>>> = {}): HostLab =>
  new HostLab(specs, { topology: lan(hosts), commands: [serf] });

/** The lines of the agent's log without their times. */
const logOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^ {4}\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (.*)$/.exec(line)?.[1] ?? []);

function signalled(lab: HostLab, signal: Signal, host = 'n1'): string[] {
  lab.terminal(host);
  lab.hosts.signal(lab.node(host), lab.pid(host, 'serf'), signal);
  lab.pass(seconds(3));
  return lab.terminal(host);
}

describe('an agent that cannot start', () => {
  test('says so, and ends with status 1', () => {
    const lab = labOf(1, { n1: { files: { 'a.json': '# comment\n{"node_name":"x"}\n' } } });
    expect(lab.type('n1', 'serf agent -config-file=a.json; echo $?')).toEqual([
      "==> Error decoding 'a.json': invalid character '#' looking for beginning of value",
      '1',
    ]);
  });

  test('says what it warned of before', () => {
    const lab = labOf(1, { n1: { files: { 'a.json': '{"retry_interval":"1ms","tags_file":"t","tags":{"a":"b"}}' } } });
    expect(lab.type('n1', 'serf agent -config-file=a.json; echo $?')).toEqual([
      "==> Warning: 'RetryInterval' is too low. Setting to 1s",
      '==> Starting Serf agent...',
      '==> Failed to setup the Serf agent: Tags config not allowed while using tag files',
      '1',
    ]);
  });
});

test('the banner tells of encryption, snapshot, profile and compression', () => {
  const lab = labOf(1, { n1: { files: { 'a.json': '{"encrypt_key":"JHzLEQ9NDhLzlYpb5DXpcw==","profile":"wan"}' } } });
  lab.begin('n1', 'serf agent -config-file=a.json -snapshot=s -disable-compression -rpc-addr=127.0.0.1:7400');
  expect(lab.terminal('n1')).toEqual(
    expect.arrayContaining([
      "                       RPC addr: '127.0.0.1:7400'",
      '                      Encrypted: true',
      '                       Snapshot: true',
      '                        Profile: wan',
      '    Message Compression Enabled: false',
    ]),
  );
});

describe('HUP reads the configuration again', () => {
  const NEW = '{"tags":{"new":"t"},"log_level":"debug","event_handlers":["user=echo two"],"broadcast_timeout":"1ms"}';
  const OLD = '{"node_name":"a","tags":{"k":"v"},"event_handlers":["member-join=echo one"],"tags_file":""}';

  /** An agent with a configuration, in whose place another one has come. */
  function changed(before: string, after: string, specs: Partial<HostSpec> = {}): HostLab {
    const lab = labOf(1, { n1: { ...specs, files: { 'a.json': before, 'b.json': after, ...specs.files } } });
    lab.begin('n1', 'serf agent -config-file=a.json');
    lab.pass(seconds(2));
    lab.type('n1', 'cat b.json > a.json');
    return lab;
  }

  test('for the log, the handlers and the tags, and says what it would say at the start', () => {
    const lab = changed(OLD, NEW);
    const lines = signalled(lab, 'HUP');
    expect(lines.slice(0, 3)).toEqual([
      '==> Caught signal: hangup',
      '==> Reloading configuration...',
      "==> Warning: 'BroadcastTimeout' is too low. Setting to 1s",
    ]);
    expect(logOf(lines)).toContain('[INFO] serf: EventMemberUpdate: a');
    expect(lab.type('n1', 'serf members')).toContain('a  10.0.0.1:7946  alive  new=t');
    lab.begin('n1', 'serf event x');
    lab.pass(seconds(4));
    const after = lab.terminal('n1');
    expect(after).toContain('two');
    expect(logOf(after)).toContain("[DEBUG] agent: Event 'user' script output: two");
  });

  test('keeps what it had when a file does not decode', () => {
    const lab = changed(OLD, '{"log_levl":"loud"}');
    expect(signalled(lab, 'HUP')).toEqual([
      '==> Caught signal: hangup',
      '==> Reloading configuration...',
      "==> Error decoding 'a.json': 1 error(s) decoding:",
      '',
      "* '' has invalid keys: log_levl",
      '==> Failed to reload configs',
    ]);
    expect(lab.type('n1', 'serf members')).toContain('a  10.0.0.1:7946  alive  k=v');
  });

  test('keeps the level of the log when the new one is none', () => {
    expect(signalled(changed(OLD, '{"log_level":"loud"}'), 'HUP')[2]).toBe(
      '==> Invalid log level: LOUD. Valid log levels are: [TRACE DEBUG INFO WARN ERR]',
    );
  });

  test('also for what signals do', () => {
    const lab = changed('{}', '{"skip_leave_on_interrupt":true}');
    signalled(lab, 'HUP');
    expect(signalled(lab, 'INT')).not.toContain('==> Gracefully shutting down agent...');
  });

  test.each`
    profile        | tags           | file
    ${'serf-0.10'} | ${''}          | ${'{}'}
    ${'fixed'}     | ${'  role=db'} | ${'{"role":"db"}'}
  `('$profile: tags that are kept in a file become `$tags`', ({ profile, tags, file }) => {
    const config = '{"tags_file":"t"}';
    const lab = changed(config, config, { files: { t: '{"role":"db"}' }, behaviour: { profile, quirks: {} } });
    signalled(lab, 'HUP');
    lab.terminal('n1');
    expect(lab.type('n1', 'serf members')).toEqual([`n1  10.0.0.1:7946  alive${tags}`]);
    expect(lab.hosts.file(0, 't')).toBe(file);
  });

  test('an agent that is saved after it goes on with what it read', () => {
    const lab = changed(OLD, NEW);
    signalled(lab, 'HUP');
    const copy = lab.copy();
    for (const one of [lab, copy]) {
      one.terminal('n1');
      one.begin('n1', 'serf event x');
      one.pass(seconds(4));
    }
    expect(copy.terminal('n1')).toEqual(lab.terminal('n1'));
  });
});

describe('tags in a file', () => {
  test('are there at the start, and follow what is changed', () => {
    const lab = labOf(1, { n1: { files: { t: '{"k":"v","role":"db"}' } } });
    lab.begin('n1', 'serf agent -tags-file=t');
    lab.pass(seconds(1));
    expect(logOf(lab.terminal('n1'))[0]).toBe('[INFO] agent: Restored 2 tag(s) from t');
    lab.type('n1', 'serf tags -set x=1');
    expect(lab.hosts.file(0, 't')).toBe('{\n  "k": "v",\n  "role": "db",\n  "x": "1"\n}');
    lab.hosts.signal(0, lab.pid('n1', 'serf'), 'KILL');
    lab.begin('n1', 'serf agent -tags-file=t');
    lab.terminal('n1');
    expect(lab.type('n1', 'serf members')).toEqual(['n1  10.0.0.1:7946  alive  k=v,role=db,x=1']);
  });

  test('are not changed when the disk is full', () => {
    const lab = labOf(1, { n1: { files: { t: '{}' }, disk: { capacity: 10 } } });
    lab.begin('n1', 'serf agent -tags-file=t');
    lab.pass(seconds(1));
    lab.terminal('n1');
    expect(lab.type('n1', 'serf tags -set role=database').at(-1)).toBe(
      'Error setting tags: Failed to write tags file: write t: no space left on device',
    );
  });
});

describe('what signals do is configured', () => {
  test.each`
    config                                | signal    | leaves
    ${'{}'}                               | ${'INT'}  | ${true}
    ${'{"skip_leave_on_interrupt":true}'} | ${'INT'}  | ${false}
    ${'{}'}                               | ${'TERM'} | ${false}
    ${'{"leave_on_terminate":true}'}      | ${'TERM'} | ${true}
  `('$config: after $signal it leaves: $leaves', ({ config, signal, leaves }) => {
    const lab = labOf(1, { n1: { files: { 'a.json': config } } });
    lab.begin('n1', 'serf agent -config-file=a.json');
    lab.pass(seconds(1));
    expect(signalled(lab, signal).includes('==> Gracefully shutting down agent...')).toBe(leaves);
  });
});

describe('a snapshot', () => {
  test('brings an agent back to those it knew', () => {
    const lab = labOf(3);
    lab.begin('n1', 'serf agent');
    lab.pass(seconds(1));
    lab.begin('n2', 'serf agent -join 10.0.0.1 -snapshot=/var/serf.snap');
    lab.pass(seconds(5));
    // What is written waits in memory until more follows.
    lab.begin('n3', 'serf agent -join 10.0.0.1');
    lab.pass(seconds(5));
    expect(lab.hosts.file(1, '/var/serf.snap')?.split('\n')).toEqual(
      expect.arrayContaining(['alive: n2 10.0.0.2:7946', 'alive: n1 10.0.0.1:7946']),
    );
    lab.hosts.signal(1, lab.pid('n2', 'serf'), 'KILL');
    lab.begin('n2', 'serf agent -snapshot=/var/serf.snap');
    lab.pass(seconds(5));
    lab.terminal('n2');
    expect(lab.type('n2', 'serf members -name n1')).toEqual(['n1  10.0.0.1:7946  alive']);
  });

  test.each`
    flags        | members
    ${''}        | ${['n2  10.0.0.2:7946  alive']}
    ${'-rejoin'} | ${['n1  10.0.0.1:7946  alive  ', 'n2  10.0.0.2:7946  alive']}
  `('after a departure it does with `$flags`: $members', ({ flags, members }) => {
    const lab = labOf(2);
    lab.begin('n1', 'serf agent');
    lab.pass(seconds(1));
    lab.begin('n2', 'serf agent -join 10.0.0.1 -snapshot=/var/serf.snap');
    lab.pass(seconds(5));
    lab.type('n2', 'serf leave');
    lab.pass(seconds(5));
    lab.begin('n2', `serf agent -snapshot=/var/serf.snap ${flags}`);
    lab.pass(seconds(5));
    lab.terminal('n2');
    expect(lab.type('n2', 'serf members')).toEqual(members);
  });
});

test('two agents of one name ask the others, and both go when nobody knows either', () => {
  const lab = labOf(2);
  lab.begin('n1', 'serf agent -node a; echo "= $?"');
  lab.pass(seconds(1));
  lab.begin('n2', 'serf agent -node a -retry-join 10.0.0.1; echo "= $?"');
  lab.pass(seconds(10));
  for (const host of ['n1', 'n2']) {
    const lines = lab.terminal(host);
    // Spelled as in the source; Debian's package has mended it.
    expect(logOf(lines).slice(-5)).toEqual([
      '[WARN] serf: minority in name conflict resolution, quiting [0 / 0]',
      '[WARN] serf: Shutdown without a Leave',
      '[WARN] agent: Serf shutdown detected, quitting',
      '[INFO] agent: requesting serf shutdown',
      '[INFO] agent: shutdown complete',
    ]);
    expect(lines.at(-1)).toBe('= 0');
  }
});

test('no vote is held about a name when the configuration says so', () => {
  const lab = labOf(2, { n1: { files: { 'a.json': '{"disable_name_resolution":true,"node_name":"a"}' } } });
  lab.begin('n1', 'serf agent -config-file=a.json');
  lab.pass(seconds(1));
  lab.begin('n2', 'serf agent -node a -retry-join 10.0.0.1');
  lab.pass(seconds(10));
  const told = logOf(lab.terminal('n1')).filter((line) => line.includes('serf: Node name conflicts'));
  expect(new Set(told)).toEqual(
    new Set([
      '[ERR] serf: Node name conflicts with another node at 10.0.0.2:7946. Names must be unique! (Resolution enabled: false)',
    ]),
  );
  expect(lab.hosts.processes(0)).toHaveLength(1);
});

describe('event handlers', () => {
  // 64 events wait before the agent and 1024 before each of three stations, one is in the hand of each of these, and one is being handled.
  test.each`
    flag                          | handled
    ${''}                         | ${3_200}
    ${'-snapshot=/var/serf.snap'} | ${64 + 3 * 1_025 + 1}
  `('that are far behind hear of $handled events of 3200 with `$flag`', ({ flag, handled }) => {
    const lab = labOf(1);
    lab.begin('n1', `serf agent ${flag} -event-handler 'user=test -f /go || sleep 10; echo $SERF_USER_EVENT >> /seen'`);
    lab.pass(seconds(2));
    for (let event = 0; event < 3_200; event++) lab.begin('n1', `serf event -coalesce=false e${event}`);
    lab.begin('n1', 'echo > /go');
    lab.pass(seconds(30));
    const seen = lab.hosts.file(0, '/seen')?.trimEnd().split('\n') ?? [];
    expect(seen).toHaveLength(handled);
    expect(seen.at(-1)).toBe(`e${handled - 1}`);
  });

  test('hold later events up, and are complained about when they are slow', () => {
    const lab = labOf(1);
    lab.begin('n1', "serf agent -event-handler 'user=sleep 3; cat'");
    lab.pass(seconds(2));
    lab.terminal('n1');
    lab.begin('n1', 'serf event -coalesce=false one 1');
    lab.begin('n1', 'serf event -coalesce=false two 2');
    lab.pass(seconds(7));
    const lines = lab.terminal('n1').filter((line) => !line.startsWith('Event'));
    expect(lines.map((line) => line.replace(/^ {4}\d{4}\/\d\d\/\d\d /, ''))).toEqual([
      '13:53:33 [INFO] agent: Received event: user-event: one',
      "13:53:34 [WARN] agent: Script 'sleep 3; cat' slow, execution exceeding 1s",
      '1',
      '13:53:36 [INFO] agent: Received event: user-event: two',
      "13:53:37 [WARN] agent: Script 'sleep 3; cat' slow, execution exceeding 1s",
      '2',
    ]);
  });

  test('run once for each filter that fits', () => {
    const lab = labOf(1);
    lab.begin('n1', "serf agent -event-handler 'user,user:x=echo ran'");
    lab.pass(seconds(2));
    lab.begin('n1', 'serf event -coalesce=false x');
    lab.begin('n1', 'serf event -coalesce=false y');
    lab.pass(seconds(2));
    expect(lab.terminal('n1').filter((line) => line === 'ran')).toHaveLength(3);
  });
});

describe('the log', () => {
  test('keeps nothing below its level, unless a monitor listens', () => {
    const lab = labOf(2);
    lab.begin('n1', 'serf agent -log-level=warn');
    lab.begin('n2', 'serf agent -retry-join 10.0.0.1');
    lab.pass(seconds(5));
    const kept = () => lab.seen.filter(({ kind, node, payload }) => kind === 13 && node === 0 && payload !== undefined).length;
    expect(kept()).toBe(0);
    lab.begin('n1', 'serf monitor -log-level=debug');
    lab.pass(seconds(30));
    expect(kept()).toBeGreaterThan(0);
    expect(lab.terminal('n1').some((line) => line.includes('[DEBUG] memberlist:'))).toBe(true);
  });
});

describe('multicast DNS by an interface of its own', () => {
  test.each`
    mdns                       | found
    ${'{}'}                    | ${true}
    ${'{"interface":"eth0"}'}  | ${true}
    ${'{"disable_ipv6":true}'} | ${true}
    ${'{"disable_ipv4":true}'} | ${false}
  `('mdns $mdns finds others: $found', ({ mdns, found }) => {
    const lab = labOf(2, { n2: { files: { 'a.json': `{"discover":"blue","mdns":${mdns}}` } } });
    lab.begin('n1', 'serf agent -discover=blue');
    lab.pass(seconds(10));
    lab.begin('n2', 'serf agent -config-file=a.json');
    lab.pass(seconds(5));
    lab.terminal('n2');
    expect(lab.type('n2', 'serf members').length).toBe(found ? 2 : 1);
  });
});

test('a name in a configuration is not looked up', () => {
  const lab = labOf(1, { n1: { files: { 'a.json': '{"start_join":["web1"]}' } } });
  expect(lab.type('n1', 'serf agent -config-file a.json; echo $?').slice(-5)).toEqual([
    '==> 1 error occurred:',
    '\t* Failed to resolve web1: lookup web1: no such host',
    '',
    '',
    '1',
  ]);
});

test('coordinates can be switched off, if the configuration is heeded', () => {
  const rtt = (profile: string): string => {
    const files = { 'a.json': '{"disable_coordinates":true}' };
    const lab = labOf(2, { n1: { files, behaviour: { profile, quirks: {} } } });
    lab.begin('n1', 'serf agent -config-file=a.json');
    lab.begin('n2', 'serf agent -retry-join 10.0.0.1');
    lab.pass(seconds(10));
    lab.terminal('n1');
    return lab.type('n1', 'serf rtt n2').at(-1) ?? '';
  };
  expect(rtt('serf-0.10')).toMatch(/^Estimated n2 <-> n1/);
  expect(rtt('fixed')).toBe('Could not find a coordinate for node "n2"');
});

test('a keyring in a file follows what is changed, and is there at the next start', () => {
  const [first, second] = ['JHzLEQ9NDhLzlYpb5DXpcw==', '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4='];
  const lab = labOf(1, { n1: { files: { '/etc/ring': JSON.stringify([first]) } } });
  lab.begin('n1', 'serf agent -keyring-file /etc/ring');
  lab.pass(seconds(1));
  lab.type('n1', `serf keys -install ${second}; serf keys -use ${second}`);
  expect(lab.hosts.file(0, '/etc/ring')).toBe(JSON.stringify([second, first], undefined, 2));
  lab.hosts.signal(0, lab.pid('n1', 'serf'), 'KILL');
  lab.begin('n1', 'serf agent -keyring-file /etc/ring');
  lab.pass(seconds(1));
  expect(logOf(lab.terminal('n1'))).toContain('[INFO] agent: Restored keyring with 2 keys from /etc/ring');
});

describe('user events of before a join', () => {
  test.each`
    flags        | heard
    ${''}        | ${false}
    ${'-replay'} | ${true}
  `('with `$flags` they are heard: $heard', ({ flags, heard }) => {
    const lab = labOf(2);
    lab.begin('n1', 'serf agent');
    lab.pass(seconds(1));
    lab.type('n1', 'serf event deploy v1');
    lab.begin('n2', `serf agent -join 10.0.0.1 ${flags}`);
    lab.pass(seconds(5));
    expect(logOf(lab.terminal('n2')).includes('[INFO] agent: Received event: user-event: deploy')).toBe(heard);
  });
});

describe('a member that multicast DNS found and nobody reached', () => {
  test.each`
    profile        | dialled
    ${'serf-0.10'} | ${1}
    ${'fixed'}     | ${3}
  `('$profile: is dialled $dialled times in three polls', ({ profile, dialled }) => {
    const lab = labOf(2, { n2: { behaviour: { profile, quirks: { probeStaggerNoop: true } } } });
    lab.begin('n1', 'serf agent -discover=blue -advertise 10.0.0.99');
    lab.pass(seconds(1));
    lab.begin('n2', 'serf agent -discover=blue');
    lab.pass(seconds(170));
    const log = logOf(lab.terminal('n2')).filter((line) => line.includes('joining: [') && line.includes('10.0.0.99:7946'));
    expect(log).toHaveLength(dialled);
  });
});

test('commands of Serf that need a newer protocol are refused', () => {
  const lab = labOf(1);
  lab.begin('n1', 'serf agent -protocol 3');
  lab.pass(seconds(1));
  lab.terminal('n1');
  expect(lab.type('n1', 'serf query load').slice(-1)).toEqual(['Error sending query: Feature not supported']);
});
