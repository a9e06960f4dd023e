import { describe, expect, test } from 'vitest';
import { seconds } from '../../../core/time.ts';
import { lan } from '../../network/lab.ts';
import { HostLab } from '../lab.ts';
import { serf } from './serf.ts';

// What is expected here is what Serf 0.9.4 printed in the same situations, but for addresses, times and the order of maps.

const HANDLER = `#!/bin/sh
echo "$SERF_EVENT $SERF_USER_EVENT$SERF_QUERY_NAME $SERF_USER_LTIME$SERF_QUERY_LTIME" >> /root/seen
cat >> /root/seen
if [ "$SERF_EVENT" = query ]; then echo "up since ever"; fi
`;

/** Three agents, a with handlers for everything, b with one for the query load, that know each other. */
function three(): HostLab {
  const files = {
    '/etc/serf.json': '{"node_name":"a","tags":{"role":"web","dc":"x"},"event_handlers":["/root/handler.sh"]}',
    '/root/handler.sh': HANDLER,
  };
  const lab = new HostLab({ n1: { files } }, { topology: lan(3), commands: [serf] });
  lab.begin('n1', 'serf agent -config-file /etc/serf.json');
  lab.pass(seconds(1));
  lab.begin('n2', "serf agent -node b -join 10.0.0.1 -tag role=db -event-handler 'query:load=echo 0.5'");
  lab.begin('n3', 'serf agent -node c -join 10.0.0.1');
  lab.pass(seconds(5));
  for (const name of ['n1', 'n2', 'n3']) lab.terminal(name);
  return lab;
}

/** What a command prints, and its status, without the log of the agent on the same terminal and what its handlers print. */
function typed(lab: HostLab, host: string, line: string): string[] {
  lab.terminal(host);
  const lines = lab.type(host, `${line}; echo "= $?"`);
  return lines
    .slice(0, lines.findIndex((each) => each.startsWith('= ')) + 1)
    .filter((each) => !/^( {4}\d{4}\/|up since)/.test(each));
}

describe('serf event', () => {
  test('reaches everybody, and the handlers with its payload to read', () => {
    const lab = three();
    expect(typed(lab, 'n1', 'serf event deploy v1')).toEqual(["Event 'deploy' dispatched! Coalescing enabled: true", '= 0']);
    expect(typed(lab, 'n1', 'serf event -coalesce=false deploy "v 2"')).toEqual([
      "Event 'deploy' dispatched! Coalescing enabled: false",
      '= 0',
    ]);
    lab.pass(seconds(4));
    const seen = lab.type('n1', 'cat /root/seen').filter((line) => !line.startsWith(' '));
    expect(seen.slice(seen.indexOf('user deploy 2'))).toEqual(['user deploy 2', 'v 2', 'user deploy 1', 'v1']);
    expect(lab.terminal('n3').filter((line) => line.includes('Received event: user-event: deploy'))).toHaveLength(2);
  });

  test.each`
    length | says
    ${600} | ${'Error sending event: user event exceeds configured limit of 512 bytes before encoding'}
    ${505} | ${'Error sending event: encoded user event exceeds configured limit of 512 bytes after encoding'}
  `('of $length bytes is refused: $says', ({ length, says }) => {
    expect(typed(three(), 'n1', `serf event big ${'x'.repeat(length)}`)).toEqual([says, '= 1']);
  });

  test('may be larger when the agent is told so', () => {
    const files = { 'a.json': '{"user_event_size_limit":1000}' };
    const lab = new HostLab({ n1: { files } }, { topology: lan(1), commands: [serf] });
    lab.begin('n1', 'serf agent -config-file a.json');
    lab.pass(seconds(1));
    expect(typed(lab, 'n1', `serf event big ${'x'.repeat(900)}`).at(-1)).toBe('= 0');
  });
});

describe('serf query', () => {
  test('shows who heard of it and what handlers printed', () => {
    const lines = typed(three(), 'n1', 'serf query load');
    expect(lines[0]).toBe("Query 'load' dispatched");
    expect(lines.slice(1, -3).sort()).toEqual([
      "Ack from 'a'",
      "Ack from 'b'",
      "Ack from 'c'",
      "Response from 'a': up since ever",
      "Response from 'b': 0.5",
    ]);
    expect(lines.slice(-3)).toEqual(['Total Acks: 3', 'Total Responses: 2', '= 0']);
  });

  test.each`
    flags                          | lines
    ${'-node b'}                   | ${["Query 'load' dispatched", "Ack from 'b'", "Response from 'b': 0.5", 'Total Acks: 1', 'Total Responses: 1', '= 0']}
    ${'-tag role=d'}               | ${["Query 'load' dispatched", "Ack from 'b'", "Response from 'b': 0.5", 'Total Acks: 1', 'Total Responses: 1', '= 0']}
    ${'-no-ack -node b -node c'}   | ${["Query 'load' dispatched", "Response from 'b': 0.5", 'Total Responses: 1', '= 0']}
    ${'-node nobody'}              | ${["Query 'load' dispatched", 'Total Acks: 0', 'Total Responses: 0', '= 0']}
    ${"-tag 'role=('"}             | ${["Query 'load' dispatched", 'Total Acks: 0', 'Total Responses: 0', '= 0']}
    ${'-node b -relay-factor 1'}   | ${["Query 'load' dispatched", "Ack from 'b'", "Response from 'b': 0.5", 'Total Acks: 1', 'Total Responses: 1', '= 0']}
    ${'-node b -format json'}      | ${['{', '  "Acks": [', '    "b"', '  ],', '  "Responses": {', '    "b": "0.5\\n"', '  }', '}', '= 0']}
    ${'-node nobody -format json'} | ${['{', '  "Acks": null,', '  "Responses": {}', '}', '= 0']}
  `('$flags', ({ flags, lines }) => {
    expect(typed(three(), 'n1', `serf query ${flags} load`)).toEqual(lines);
  });

  test.each`
    line                         | says
    ${'_serf_foo'}               | ${"Error sending query: Queries cannot contain the '_serf_' prefix"}
    ${`big ${'x'.repeat(1100)}`} | ${'Error sending query: query exceeds limit of 1024 bytes'}
  `('$line is refused: $says', ({ line, says }) => {
    expect(typed(three(), 'n1', `serf query ${line}`)).toEqual([says, '= 1']);
  });

  test('takes as long as it was told', () => {
    const lab = three();
    const began = lab.simulation.now;
    typed(lab, 'n1', 'serf query -timeout 1s load');
    expect(lab.simulation.now - began).toBe(seconds(1));
  });

  test('a handler that fails or prints nothing does not answer', () => {
    const lab = new HostLab({}, { topology: lan(1), commands: [serf] });
    lab.begin('n1', "serf agent -event-handler 'query:a=echo no; exit 3' -event-handler 'query:b=true'");
    lab.pass(seconds(1));
    for (const name of ['a', 'b']) expect(typed(lab, 'n1', `serf query ${name}`).at(-2)).toBe('Total Responses: 0');
  });

  test('of several handlers the first that prints something answers', () => {
    const lab = new HostLab({}, { topology: lan(1), commands: [serf] });
    lab.begin('n1', "serf agent -event-handler 'query=true' -event-handler 'query=echo one' -event-handler 'query=echo two'");
    lab.pass(seconds(1));
    expect(typed(lab, 'n1', 'serf query a')).toContain("Response from 'n1': one");
    expect(lab.terminal('n1').filter((line) => line.includes('Failed to respond'))).toEqual([]);
  });
});

test.each`
  line                                | says
  ${'serf event'}                     | ${'An event name must be specified.'}
  ${'serf event a b c'}               | ${'Too many command line arguments. Only a name and payload must be specified.'}
  ${'serf query'}                     | ${'A query name must be specified.'}
  ${'serf query -tag role a'}         | ${"Error: Invalid tag: 'role'"}
  ${'serf query -relay-factor 300 a'} | ${'Relay factor must be between 0 and 255'}
  ${'serf query -format xml a'}       | ${'Invalid format: xml'}
  ${'serf members -tag role'}         | ${"Error: Invalid tag: 'role'"}
  ${'serf tags -set x'}               | ${"Error: Invalid tag: 'x'"}
  ${'serf join'}                      | ${'At least one address to join must be specified.'}
  ${'serf force-leave a b'}           | ${'A node name must be specified to force leave.'}
  ${'serf rtt a b c'}                 | ${'One or two node names must be specified'}
  ${'serf keys -list -install abc'}   | ${'Only one of -install, -use, -remove, or -list allowed'}
`('$line, when variables made it so, is refused: $says', ({ line, says }) => {
  const lab = new HostLab({}, { topology: lan(1), commands: [serf] });
  expect(lab.type('n1', `${line}; echo "= $?"`)).toEqual([says, '= 1']);
});

describe('serf tags', () => {
  test('changes what the others see', () => {
    const lab = three();
    expect(typed(lab, 'n1', 'serf tags -set x=y -delete dc')).toEqual(['Successfully updated agent tags', '= 0']);
    lab.pass(seconds(1));
    expect(typed(lab, 'n2', 'serf members -name a')).toEqual(['a  10.0.0.1:7946  alive  role=web,x=y', '= 0']);
  });

  test('does not take more than 512 bytes', () => {
    expect(typed(three(), 'n1', `serf tags -set z=${'x'.repeat(600)}`)).toEqual([
      'Error setting tags: Encoded length of tags exceeds limit of 512 bytes',
      '= 1',
    ]);
  });
});

describe('serf members', () => {
  test.each`
    flags                            | lines
    ${'-role web'}                   | ${["Deprecation warning: 'Role' has been replaced with 'Tags'", 'a  10.0.0.1:7946  alive  role=web,dc=x']}
    ${'-tag role=w'}                 | ${['']}
    ${'-tag role=w.b'}               | ${['a  10.0.0.1:7946  alive  role=web,dc=x']}
    ${'-status al'}                  | ${['']}
    ${"-status 'alive|foo' -name c"} | ${['c  10.0.0.3:7946  alive']}
  `('$flags', ({ flags, lines }) => {
    expect(typed(three(), 'n1', `serf members ${flags}`)).toEqual([...lines, '= 0']);
  });

  test('loses the agent over an expression that is none', () => {
    const lab = three();
    expect(lab.type('n1', "serf members -name '('; echo $?")).toEqual([
      '    2013/10/21 13:53:37 [ERR] agent.ipc: Failed to evaluate request: Failed to compile regex: ' +
        'error parsing regexp: missing closing ): `^($`',
      'Error retrieving members: client closed',
      '1',
    ]);
  });
});

describe('serf reachability', () => {
  test('counts who answers a ping through gossip', () => {
    const lines = typed(three(), 'n1', 'serf reachability -verbose');
    expect(lines.slice(0, 2)).toEqual(['Total members: 3, live members: 3', 'Starting reachability test...']);
    expect(lines.slice(2, 5).sort()).toEqual(["\tAck from 'a'", "\tAck from 'b'", "\tAck from 'c'"]);
    expect(lines[5]).toMatch(/^Query time: 3\.20 sec, time to last response: 0\.\d\d sec$/);
    expect(lines.slice(6)).toEqual(['Successfully contacted all live nodes', '= 0']);
  });

  test('names those who do not', () => {
    const lab = three();
    lab.hosts.signal(lab.node('n3'), lab.pid('n3', 'serf'), 'STOP');
    const lines = typed(lab, 'n1', 'serf reachability');
    expect(lines.slice(2, 6)).toEqual([
      'Received less acks than live nodes! Missing acks from:',
      '\tc',
      'This could mean Serf gossip packets are being lost due to a misconfiguration or network issue.',
      '',
    ]);
    expect(lines.at(-1)).toBe('= 1');
  });
});

test('serf rtt estimates the time between two members', () => {
  const lab = three();
  lab.pass(seconds(30));
  expect(typed(lab, 'n1', 'serf rtt b')[0]).toMatch(/^Estimated b <-> a rtt: 0\.\d{3} ms$/);
  expect(typed(lab, 'n1', 'serf rtt b c')[0]).toMatch(/^Estimated b <-> c rtt: 0\.\d{3} ms$/);
  expect(typed(lab, 'n1', 'serf rtt zz')).toEqual(['Could not find a coordinate for node "zz"', '= 1']);
});

test('serf info tells figures', () => {
  const lines = typed(three(), 'n1', 'serf info');
  expect(lines.slice(0, 5)).toEqual(['agent:', '\tname = a', 'event_handlers:', '\t*: = /root/handler.sh', 'runtime:']);
  expect(lines.slice(lines.indexOf('serf:'))).toEqual([
    'serf:',
    '\tcoordinate_resets = 0',
    '\tencrypted = false',
    '\tevent_queue = 0',
    '\tevent_time = 1',
    '\tfailed = 0',
    '\thealth_score = 0',
    '\tintent_queue = 0',
    '\tleft = 0',
    '\tmember_time = 2',
    '\tmembers = 3',
    '\tquery_queue = 0',
    '\tquery_time = 1',
    'tags:',
    '\tdc = x',
    '\trole = web',
    '= 0',
  ]);
  expect(JSON.parse(typed(three(), 'n1', 'serf info -format json').slice(0, -1).join(''))).toMatchObject({
    agent: { name: 'a' },
    serf: { members: '3', encrypted: 'false' },
    tags: { role: 'web', dc: 'x' },
  });
});

describe('serf keys', () => {
  const [first, second] = ['JHzLEQ9NDhLzlYpb5DXpcw==', '5K9OtfP7efFrNKe5WCQvXvnaXJ5cWP0SvXiwe0kkjM4='];

  function encrypted(): HostLab {
    const lab = new HostLab({}, { topology: lan(3), commands: [serf] });
    lab.begin('n1', `serf agent -encrypt ${first}`);
    lab.pass(seconds(1));
    lab.begin('n2', `serf agent -encrypt ${first} -join 10.0.0.1`);
    lab.pass(seconds(3));
    return lab;
  }

  test('are rolled from one to the other', () => {
    const lab = encrypted();
    const list = ['==> Asking all members for installed keys...', '==> Keys gathered, listing cluster keys...', ''];
    expect(typed(lab, 'n1', 'serf keys -list')).toEqual([...list, `${first}  [2/2]`, '= 0']);
    expect(typed(lab, 'n1', `serf keys -install ${second}`)).toEqual([
      '==> Installing key on all members...',
      '==> Successfully installed key!',
      '= 0',
    ]);
    expect(typed(lab, 'n1', 'serf keys -list')).toEqual([
      ...list,
      `${first}                      [2/2]`,
      `${second}  [2/2]`,
      '= 0',
    ]);
    expect(typed(lab, 'n1', `serf keys -use ${second}`).slice(1)).toEqual(['==> Successfully changed primary key!', '= 0']);
    expect(typed(lab, 'n1', `serf keys -remove ${first}`).slice(1)).toEqual(['==> Successfully removed key!', '= 0']);
    expect(typed(lab, 'n1', 'serf keys -list')).toEqual([...list, `${second}  [2/2]`, '= 0']);
  });

  test('a key of a wrong size is refused by everybody', () => {
    const lines = typed(encrypted(), 'n1', 'serf keys -install AAAA');
    expect(lines.slice(1, 3).sort()).toEqual([
      'failed:  n1  key size must be 16, 24 or 32 bytes',
      'failed:  n2  key size must be 16, 24 or 32 bytes',
    ]);
    expect(lines.slice(3)).toEqual(['', 'Error installing key: 2/2 nodes reported failure', '= 1']);
  });

  test('there are none without encryption', () => {
    expect(typed(three(), 'n3', 'serf keys -list').slice(-3)).toEqual([
      '',
      'Failed to gather member keys: 3/3 nodes reported failure',
      '= 1',
    ]);
  });

  test('who has none cannot join those who have one', () => {
    const lines = encrypted().type('n3', 'serf agent -join 10.0.0.1; echo "= $?"');
    expect(lines).toContain('\t* Failed to join 10.0.0.1: Remote state is encrypted and encryption is not configured');
    expect(lines.at(-1)).toBe('= 1');
  });
});

test('serf keygen draws a key of 32 bytes from the host', () => {
  const lab = new HostLab({}, { topology: lan(2), commands: [serf] });
  const keys = [...lab.type('n1', 'serf keygen; serf keygen'), ...lab.type('n2', 'serf keygen')];
  expect(new Set(keys).size).toBe(3);
  for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/);
});

test('serf version', () => {
  const lab = new HostLab({}, { topology: lan(1), commands: [serf] });
  for (const line of ['serf version', 'serf --version', 'serf -v']) {
    expect(lab.type('n1', line)).toEqual(['0.8.2-dev', 'Agent Protocol: 5 (Understands back to: 2)']);
  }
});

test('a query that is saved in the middle goes on as before', () => {
  const lab = three();
  lab.begin('n1', 'serf query load');
  lab.begin('n1', 'serf reachability -verbose');
  lab.pass(seconds(0.1));
  const copy = lab.copy();
  for (const one of [lab, copy]) {
    one.terminal('n1');
    one.pass(seconds(10));
  }
  expect(copy.terminal('n1')).toEqual(lab.terminal('n1'));
  expect(copy.journal.fingerprint()).toBe(lab.journal.fingerprint());
});
