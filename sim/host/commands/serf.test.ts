import { describe, expect, test } from 'vitest';
import { milliseconds, seconds } from '../../../core/time.ts';
import { host, lan, port, segment } from '../../network/lab.ts';
import { HostLab } from '../lab.ts';
import { serf } from './serf.ts';

const labOf = (hosts: number, files: Readonly<Record<string, string>> = {}): HostLab =>
  new HostLab({ n1: { files } }, { topology: lan(hosts), commands: [serf] });

/** The lines of the agent's log without their times. */
const logOf = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /^ {4}\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d (.*)$/.exec(line)?.[1] ?? []);

/** A cluster of two: n2 has joined n1. What happened up to then is off the terminals. */
function pair(flags = '', files: Readonly<Record<string, string>> = {}): HostLab {
  const lab = labOf(2, files);
  lab.begin('n1', `serf agent ${flags}`);
  lab.pass(seconds(1));
  lab.begin('n2', 'serf agent -join 10.0.0.1');
  lab.pass(seconds(5));
  lab.terminal('n1');
  lab.terminal('n2');
  return lab;
}

describe('serf agent', () => {
  test('tells who it is, and then its log', () => {
    const lab = labOf(1);
    lab.begin('n1', 'serf agent -node=serf-test01 -discover=test-cluster');
    expect(lab.terminal('n1')).toEqual([
      '==> Starting Serf agent...',
      '==> Starting Serf agent RPC...',
      '==> Serf agent running!',
      "                      Node name: 'serf-test01'",
      "                      Bind addr: '0.0.0.0:7946'",
      "                       RPC addr: '127.0.0.1:7373'",
      '                      Encrypted: false',
      '                       Snapshot: false',
      '                        Profile: lan',
      '    Message Compression Enabled: true',
      '                   mDNS cluster: test-cluster',
      '',
      '==> Log data will now stream in as it occurs:',
      '',
      '    2013/10/21 13:53:31 [INFO] agent: Serf agent starting',
      '    2013/10/21 13:53:31 [INFO] serf: EventMemberJoin: serf-test01 10.0.0.1',
    ]);
    lab.pass(seconds(2));
    expect(logOf(lab.terminal('n1'))).toEqual([
      '[INFO] agent: joining: [10.0.0.1:7946] replay: false',
      '[INFO] agent: joined: 1 nodes',
      '[INFO] agent.mdns: Joined 1 hosts',
      '[INFO] agent: Received event: member-join',
    ]);
  });

  test('holds its log back until it has joined as it was told', () => {
    const lab = labOf(2);
    lab.begin('n1', 'serf agent');
    lab.pass(seconds(1));
    lab.begin('n2', 'serf agent -join=10.0.0.1 -iface eth0');
    expect(lab.terminal('n2').slice(-1)).toEqual(['==> Joining cluster...(replay: false)']);
    lab.pass(milliseconds(100));
    const lines = lab.terminal('n2');
    expect(lines.slice(0, 4)).toEqual([
      '    Join completed. Synced with 1 initial agents',
      '',
      '==> Log data will now stream in as it occurs:',
      '',
    ]);
    expect(logOf(lines)).toEqual([
      '[INFO] agent: Serf agent starting',
      '[INFO] serf: EventMemberJoin: n2 10.0.0.2',
      '[INFO] agent: joining: [10.0.0.1] replay: false',
      '[INFO] serf: EventMemberJoin: n1 10.0.0.1',
      '[INFO] agent: joined: 1 nodes',
    ]);
  });

  test('gives up when it cannot join as it was told', () => {
    const lab = labOf(2);
    const lines = lab.type('n2', 'serf agent -join 10.0.0.1; echo $?');
    expect(lines.slice(lines.indexOf('==> Joining cluster...(replay: false)') + 1)).toEqual([
      '==> 1 error occurred:',
      '\t* Failed to join 10.0.0.1: dial tcp 10.0.0.1:7946: connect: connection refused',
      '',
      '',
      '1',
    ]);
  });

  test('tries again and again when it is told to, once more than it was told', () => {
    const lab = labOf(2);
    const lines = lab.type('n2', 'serf agent -retry-join 10.0.0.1 -retry-interval 5s -retry-max 1; echo $?');
    expect(lines.at(-1)).toBe('1');
    const attempts = lines.filter((line) => line.includes('agent: Joining cluster...')).map((line) => line.slice(4, 23));
    expect(attempts).toEqual(['2013/10/21 13:53:31', '2013/10/21 13:53:36']);
    const failed = lines.indexOf('    2013/10/21 13:53:31 [WARN] agent: Join failed: 1 error occurred:');
    expect(lines.slice(failed + 1, failed + 4)).toEqual([
      '\t* Failed to join 10.0.0.1: dial tcp 10.0.0.1:7946: connect: connection refused',
      '',
      ', retrying in 5s',
    ]);
    expect(logOf(lines)).toContain('[ERR] agent: maximum retry join attempts made, exiting');
  });

  test('cannot have a port that is taken', () => {
    const lab = labOf(1);
    lab.begin('n1', 'serf agent');
    lab.terminal('n1');
    expect(lab.type('n1', 'serf agent; echo $?')).toEqual([
      '==> Starting Serf agent...',
      '==> Failed to start the Serf agent: Error creating Serf: Failed to create memberlist: Could not set up network transport: ' +
        'failed to obtain an address: Failed to start TCP listener on "0.0.0.0" port 7946: ' +
        'listen tcp 0.0.0.0:7946: bind: address already in use',
      '1',
    ]);
  });

  test('cannot have an address that the host has not', () => {
    expect(labOf(1).type('n1', 'serf agent -bind 10.0.0.77; echo $?')).toEqual([
      '==> Starting Serf agent...',
      '==> Failed to start the Serf agent: Error creating Serf: Failed to create memberlist: Could not set up network transport: ' +
        'failed to obtain an address: Failed to start TCP listener on "10.0.0.77" port 7946: ' +
        'listen tcp 10.0.0.77:7946: bind: cannot assign requested address',
      '1',
    ]);
  });

  test('warns when everybody could reach it', () => {
    const lab = labOf(1);
    lab.begin('n1', 'serf agent -advertise 8.8.4.4');
    const lines = lab.terminal('n1');
    expect(lines).toContain("    Advertise addr: '8.8.4.4:7946'");
    expect(logOf(lines)).toEqual([
      '[INFO] agent: Serf agent starting',
      '[WARN] memberlist: Binding to public address without encryption!',
      '[INFO] serf: EventMemberJoin: n1 8.8.4.4',
    ]);
  });
});

test('a host has room for one agent, whatever port it takes', () => {
  const lab = labOf(1);
  lab.begin('n1', 'serf agent');
  lab.terminal('n1');
  expect(lab.type('n1', 'serf agent -bind :8000; echo $?')).toEqual([
    '==> Starting Serf agent...',
    '==> Error starting RPC listener: listen tcp 127.0.0.1:7373: bind: address already in use',
    '1',
  ]);
});

describe('multicast DNS', () => {
  test('two agents of one segment find each other', () => {
    const lab = labOf(2);
    lab.begin('n1', 'serf agent -iface=eth0 -discover=blue');
    lab.pass(seconds(10));
    lab.begin('n2', 'serf agent -iface=eth0 -discover=blue');
    lab.pass(seconds(2));
    const members = ['n1  10.0.0.1:7946  alive  ', 'n2  10.0.0.2:7946  alive'];
    lab.terminal('n1');
    lab.terminal('n2');
    expect(lab.type('n1', 'serf members')).toEqual(members);
    expect(lab.type('n2', 'serf members')).toEqual(members);
  });

  test('agents of other clusters, and of other segments, do not', () => {
    const topology = {
      segments: [segment('left', '10.0.1.0/24'), segment('right', '10.0.2.0/24')],
      nodes: [host('a', [port(0, '10.0.1.10/24')]), host('b', [port(0, '10.0.1.11/24')]), host('c', [port(1, '10.0.2.10/24')])],
    };
    const lab = new HostLab({}, { topology, commands: [serf] });
    lab.begin('a', 'serf agent -discover=blue');
    lab.begin('b', 'serf agent -discover=red');
    lab.begin('c', 'serf agent -discover=blue');
    lab.pass(seconds(130));
    lab.terminal('a');
    expect(lab.type('a', 'serf members')).toEqual(['a  10.0.1.10:7946  alive']);
  });
});

describe('the commands that ask the agent', () => {
  test.each(['serf members', 'serf join 10.0.0.1', 'serf leave', 'serf monitor', 'serf force-leave n2'])(
    '`%s` fails where none runs',
    (line) => {
      expect(labOf(1).type('n1', `${line}; echo $?`)).toEqual([
        'Error connecting to Serf agent: dial tcp 127.0.0.1:7373: connect: connection refused',
        '1',
      ]);
    },
  );

  test('serf join says how many were contacted', () => {
    const lab = labOf(2);
    lab.begin('n1', 'serf agent');
    lab.begin('n2', 'serf agent');
    lab.pass(seconds(1));
    lab.terminal('n2');
    const lines = lab.type('n2', 'serf join 10.0.0.1; echo $?');
    expect(lines.slice(-2)).toEqual(['Successfully joined cluster by contacting 1 nodes.', '0']);
  });

  test('serf join says why it failed', () => {
    const lab = labOf(2);
    lab.begin('n2', 'serf agent -log-level=ERR');
    lab.pass(seconds(1));
    lab.terminal('n2');
    expect(lab.type('n2', 'serf join 10.0.0.1; echo $?')).toEqual([
      'Error joining the cluster: 1 error occurred:',
      '\t* Failed to join 10.0.0.1: dial tcp 10.0.0.1:7946: connect: connection refused',
      '',
      '',
      '1',
    ]);
  });

  test('serf join says why each of several failed, and so does the log', () => {
    const lab = labOf(2);
    lab.begin('n2', 'serf agent');
    lab.pass(seconds(2));
    lab.terminal('n2');
    lab.begin('n2', 'serf join 10.0.0.1 n7/10.0.0.7:99 > /root/out');
    lab.pass(seconds(10));
    const problems = [
      '\t* Failed to join 10.0.0.1: dial tcp 10.0.0.1:7946: connect: connection refused',
      '\t* Failed to join 10.0.0.7: dial tcp 10.0.0.7:99: connect: no route to host',
      '',
    ];
    const [joining, error, ...rest] = lab.terminal('n2');
    expect(joining).toMatch(/ \[INFO\] agent: joining: \[10\.0\.0\.1 n7\/10\.0\.0\.7:99\] replay: false$/);
    expect(error).toMatch(/ \[WARN\] agent: error joining: 2 errors occurred:$/);
    expect(rest).toEqual(problems);
    expect(lab.type('n2', 'cat /root/out')).toEqual(['Error joining the cluster: 2 errors occurred:', ...problems, '']);
  });

  test('serf monitor shows the log so far, and what comes', () => {
    const lab = pair();
    lab.begin('n1', 'serf monitor');
    const before = lab.terminal('n1');
    expect(before[0]).toBe('2013/10/21 13:53:31 [INFO] agent: Serf agent starting');
    lab.type('n2', 'serf leave');
    lab.pass(seconds(2));
    const after = lab.terminal('n1');
    expect(after).toContain('2013/10/21 13:53:38 [INFO] agent: Received event: member-leave');
    expect(after).toContain('\tEvent: "member-leave"');
    expect(after).toContain(
      '\tMembers: []interface {}{map[interface {}]interface {}{"Addr":[]uint8{0xa, 0x0, 0x0, 0x2}, "DelegateCur":5, ' +
        '"DelegateMax":5, "DelegateMin":2, "Name":"n2", "Port":0x1f0a, "ProtocolCur":2, "ProtocolMax":5, "ProtocolMin":1, ' +
        '"Status":"left", "Tags":map[interface {}]interface {}{}}}',
    );
  });

  test('serf monitor ends with the agent', () => {
    const lab = pair();
    const agent = lab.pid('n1', 'serf');
    lab.begin('n1', 'serf monitor; echo $?');
    lab.terminal('n1');
    lab.hosts.signal(lab.node('n1'), agent, 'KILL');
    lab.pass(seconds(1));
    expect(lab.terminal('n1').slice(-4)).toEqual([
      '',
      'Remote side ended the monitor! This usually means that the',
      'remote side has exited or crashed.',
      '1',
    ]);
  });

  test('serf leave ends the agent, and the others list it as left', () => {
    const lab = pair();
    const lines = lab.type('n2', 'serf leave; echo $?');
    expect(lines).toContain('Graceful leave complete');
    expect(lines).toContain('0');
    lab.pass(seconds(5));
    lab.terminal('n1');
    expect(lab.hosts.processes(lab.node('n2'))).toEqual([]);
    expect(lab.type('n1', 'serf members -status left')).toEqual(['n2  10.0.0.2:7946  left']);
  });

  test('serf force-leave makes a failed member one that left, and says nothing', () => {
    const lab = pair();
    lab.hosts.signal(lab.node('n2'), lab.pid('n2', 'serf'), 'KILL');
    lab.pass(seconds(20));
    lab.terminal('n1');
    expect(lab.type('n1', 'serf members -status failed -format json')).toContain('      "name": "n2",');
    expect(lab.type('n1', 'serf force-leave n2; echo $?').filter((line) => !line.startsWith('    '))).toEqual(['0']);
    expect(lab.type('n1', 'serf members -name n2')).toEqual(['n2  10.0.0.2:7946  left']);
  });
});

describe('signals', () => {
  const signalled = (lab: HostLab, ...signals: readonly ('INT' | 'TERM')[]): string[] => {
    const pid = lab.pid('n2', 'serf');
    for (const signal of signals) lab.hosts.signal(lab.node('n2'), pid, signal);
    lab.pass(seconds(20));
    lab.terminal('n1');
    return lab.type('n1', 'serf members -name n2');
  };

  test('INT leaves, and ends well', () => {
    const lab = pair();
    expect(signalled(lab, 'INT')).toEqual(['n2  10.0.0.2:7946  left']);
    const lines = lab.terminal('n2');
    expect(lines.slice(0, 2)).toEqual(['==> Caught signal: interrupt', '==> Gracefully shutting down agent...']);
    expect(logOf(lines).at(-1)).toBe('[INFO] agent: shutdown complete');
  });

  test('TERM ends at once, which the others take for a failure', () => {
    const lab = pair();
    expect(signalled(lab, 'TERM')).toEqual(['n2  10.0.0.2:7946  failed']);
    expect(lab.terminal('n2')[0]).toBe('==> Caught signal: terminated');
  });

  test('a second INT does not wait', () => {
    const lab = pair();
    const began = lab.simulation.now;
    lab.hosts.signal(lab.node('n2'), lab.pid('n2', 'serf'), 'INT');
    lab.hosts.signal(lab.node('n2'), lab.pid('n2', 'serf'), 'INT');
    expect(lab.hosts.processes(lab.node('n2'))).toEqual([]);
    expect(lab.simulation.now).toBe(began);
  });

  test.each`
    signal    | status
    ${'INT'}  | ${0}
    ${'TERM'} | ${1}
    ${'HUP'}  | ${undefined}
    ${'QUIT'} | ${131}
  `('after $signal the status is $status', ({ signal, status }) => {
    const lab = labOf(1);
    lab.begin('n1', 'serf agent; echo status $?');
    lab.hosts.signal(lab.node('n1'), lab.pid('n1', 'serf'), signal);
    lab.pass(seconds(5));
    expect(lab.terminal('n1').find((line) => line.startsWith('status'))).toBe(
      status === undefined ? undefined : `status ${status}`,
    );
  });
});

describe('event handlers', () => {
  const handler = `#!/bin/sh
echo "event: $SERF_EVENT of $SERF_SELF_NAME as $SERF_SELF_ROLE in $SERF_TAG_DC"
while read line; do echo "member: $line"; done
serf members
`;

  test('run with the event in their environment, the members to read, and the agent to ask', () => {
    const lab = labOf(2, { '/root/handler.sh': handler });
    lab.begin('n1', 'serf agent -tag role=web -tag dc=a -event-handler=/root/handler.sh');
    lab.pass(seconds(3));
    lab.terminal('n1');
    lab.begin('n2', 'serf agent -join 10.0.0.1');
    lab.pass(seconds(3));
    expect(lab.terminal('n1').filter((line) => !line.startsWith('    '))).toEqual([
      'event: member-join of n1 as web in a',
      'member: n2\t10.0.0.2',
      'n1  10.0.0.1:7946  alive  role=web,dc=a',
      'n2  10.0.0.2:7946  alive',
    ]);
  });

  test('run for the events that they are for, and tell the log what they printed', () => {
    const lab = pair("-log-level debug -event-handler 'member-failed=echo gone; exit 3' -event-handler 'user=echo never'");
    lab.hosts.signal(lab.node('n2'), lab.pid('n2', 'serf'), 'TERM');
    lab.pass(seconds(20));
    const lines = lab.terminal('n1');
    expect(lines).not.toContain('');
    expect(lines.filter((line) => line === 'gone')).toHaveLength(1);
    expect(lines).not.toContain('never');
    expect(logOf(lines)).toContain("[DEBUG] agent: Event 'member-failed' script output: gone");
    expect(logOf(lines)).toContain("[ERR] agent: Error invoking script 'echo gone; exit 3': exit status 3");
  });
});

test('an agent that is saved and made again goes on as before', () => {
  const lab = pair("-event-handler 'member-leave=echo bye'");
  lab.begin('n1', 'serf monitor');
  lab.begin('n2', 'serf leave');
  lab.pass(milliseconds(300));
  const copy = lab.copy();
  for (const one of [lab, copy]) {
    one.terminal('n1');
    one.pass(seconds(10));
  }
  expect(copy.terminal('n1')).toEqual(lab.terminal('n1'));
  expect(copy.journal.fingerprint()).toBe(lab.journal.fingerprint());
});
