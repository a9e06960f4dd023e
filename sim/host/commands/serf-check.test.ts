import { describe, expect, test } from 'vitest';
import { check } from '../shell/check.ts';
import { registry } from './all.ts';

const host = {
  name: 'a',
  interfaces: [{ name: 'eth0' }, { name: 'eth1' }],
  behaviour: { profile: undefined, quirks: {} },
  file: (path: string) => ({ '/etc/serf/agent.json': '{}', '/root/keys.json': '[]' })[path],
  files: () => ['/etc/serf/agent.json'],
};

/** What is said about a command line before the run, each with its column. */
const said = (line: string): string[] => check(line, host, registry).map(({ column, says }) => `${column}: ${says}`);

describe('a good command line of serf has no problems', () => {
  test.each([
    'serf agent',
    'serf agent -iface=eth0 -discover=test-cluster',
    'serf agent --iface eth1 --discover blue',
    'serf agent -node=web1 -bind=10.0.0.1:8000 -advertise 10.0.0.1 -profile=wan -protocol=4 -log-level=debug',
    'serf agent -join 172.17.42.1:7946 -join=172.17.42.2 -replay',
    'serf agent -retry-join 10.0.0.1 -retry-interval 1m30s -retry-max=3 -replay=false',
    'serf agent -tag role=web -tag dc=a=b -role db',
    "serf agent -event-handler 'member-failed,user:deploy=echo $SERF_EVENT' -event-handler 'sleep 1'",
    'serf agent -node "$NAME" -join "$SEED"',
    'serf join 10.54.222.131',
    'serf join -replay 10.54.222.131:7946 b/10.54.222.132',
    "serf members -status alive -name 'web.*' -tag dc=a -format json -detailed",
    'serf monitor -log-level=DEBUG',
    'serf leave',
    'serf force-leave -prune b',
    'serf agent -config-file=/etc/serf/agent.json -config-dir /etc/serf -node "$NAME"',
    'serf agent -snapshot=/var/lib/serf.snap -rejoin -encrypt JHzLEQ9NDhLzlYpb5DXpcw== -broadcast-timeout 3s -disable-compression',
    'serf agent -keyring-file keys.json -tags-file=tags.json -rpc-addr=127.0.0.1:7400 -syslog -mdns-iface=eth1 -mdns-disable-ipv6',
    'serf event -coalesce=false deploy "$VERSION"',
    "serf query -node a -node b -tag 'role=web|db' -timeout 5s -no-ack -relay-factor 2 -format=json load now",
    'serf tags -set role=web -delete dc -rpc-addr 127.0.0.1:7400 -rpc-auth secret',
    'serf reachability -verbose',
    'serf rtt a',
    'serf info -format=json',
    'serf keys -use JHzLEQ9NDhLzlYpb5DXpcw==',
    'serf keygen',
    'serf version',
  ])('%s', (line) => {
    expect(said(line)).toEqual([]);
  });
});

describe('what is wrong with a command line of serf is found before the run, where it stands', () => {
  test.each`
    line                                     | problem
    ${'serf'}                                | ${'1: `serf` needs a subcommand: agent, event, force-leave, info, join, keygen, keys, leave, members, monitor, query, reachability, rtt, tags, version'}
    ${'serf agnet -join 10.0.0.1'}           | ${'6: `serf` has no command `agnet`; did you mean `serf agent`?'}
    ${'serf event'}                          | ${'6: `serf event` needs a name: serf event NAME PAYLOAD'}
    ${'serf event deploy a b'}               | ${'21: `serf event` takes a name and a payload, after its flags'}
    ${'serf event -coalesce=maybe deploy'}   | ${'12: `-coalesce` takes true or false, not `maybe`'}
    ${'serf query'}                          | ${'6: `serf query` needs a name: serf query NAME PAYLOAD'}
    ${'serf query -timeout 1x load'}         | ${'21: `-timeout` takes a duration such as 15s, not `1x`'}
    ${'serf query -relay-factor 300 load'}   | ${'26: `-relay-factor` takes a number from 0 to 255, not 300'}
    ${'serf query -tag role load'}           | ${'17: `-tag` takes KEY=PATTERN, not `role`'}
    ${'serf query -format=xml load'}         | ${'12: `-format` takes text or json, not `xml`'}
    ${'serf tags'}                           | ${'6: `serf tags` needs a tag to change: serf tags -set KEY=VALUE, or -delete KEY'}
    ${'serf tags -set web'}                  | ${'16: `-set` takes KEY=VALUE, not `web`'}
    ${'serf rtt'}                            | ${'6: `serf rtt` needs the name of a member, or of two'}
    ${'serf keys'}                           | ${'6: `serf keys` needs one of -list, -install KEY, -use KEY and -remove KEY'}
    ${'serf keys -list -install=x'}          | ${'6: `serf keys` takes only one of -list, -install, -use and -remove'}
    ${'serf members -rpc-addr=localhost'}    | ${'14: `-rpc-addr` takes an address and a port such as 127.0.0.1:7373, not `localhost`'}
    ${'serf agent -dicsover=blue'}           | ${'12: `serf agent` has no flag -dicsover; did you mean -discover?'}
    ${'serf agent -rpc-adr=abc'}             | ${'12: `serf agent` has no flag -rpc-adr; did you mean -rpc-addr?'}
    ${'serf agent -iface=eth7'}              | ${'12: a has no interface `eth7`; it has eth0, eth1'}
    ${'serf agent -iface eth7'}              | ${'19: a has no interface `eth7`; it has eth0, eth1'}
    ${'serf agent -discover'}                | ${'12: `serf agent -discover` needs a value'}
    ${'serf agent -bind 10.0.0.256'}         | ${'18: `-bind` takes an address such as 10.0.0.1 or 10.0.0.1:7946, not `10.0.0.256`'}
    ${'serf agent -bind 10.0.0.1:70000'}     | ${'18: `-bind` takes an address such as 10.0.0.1 or 10.0.0.1:7946, not `10.0.0.1:70000`'}
    ${'serf agent -join web1'}               | ${'18: `-join` takes an address such as 10.0.0.1 or 10.0.0.1:7946; names are not looked up here, not `web1`'}
    ${'serf agent -profile=wna'}             | ${'12: `-profile` takes lan, wan, local, not `wna`; did you mean wan?'}
    ${'serf agent -protocol 6'}              | ${'22: `-protocol` takes a version from 2 to 5, not `6`'}
    ${'serf agent -retry-interval 30'}       | ${'28: `-retry-interval` takes a duration such as 30s, not `30`'}
    ${'serf agent -retry-max -1'}            | ${'23: `-retry-max` takes a whole number, not `-1`'}
    ${'serf agent -replay=maybe'}            | ${'12: `-replay` takes true or false, not `maybe`'}
    ${'serf agent -tag web'}                 | ${'17: `-tag` takes KEY=VALUE, not `web`'}
    ${'serf agent web'}                      | ${'12: `serf agent` takes flags only, not `web`'}
    ${'serf agent -event-handler joined=ls'} | ${'27: `joined` is no kind of event; known are member-join, member-leave, member-failed, member-update, member-reap, user, query, user:NAME, query:NAME and *'}
    ${'serf join'}                           | ${'6: `serf join` needs an address: serf join 10.0.0.1'}
    ${'serf join web1'}                      | ${'11: `web1` is no address such as 10.0.0.1 or 10.0.0.1:7946; names are not looked up here'}
    ${'serf members -format=xml'}            | ${'14: `-format` takes text or json, not `xml`'}
    ${'serf members -name "("'}              | ${'20: `(` is no regular expression'}
    ${'serf members web1'}                   | ${'14: `serf members` takes flags only, not `web1`'}
    ${'serf monitor -log-level=loud'}        | ${'14: `-log-level` takes TRACE, DEBUG, INFO, WARN, ERR, not `loud`'}
    ${'serf leave now'}                      | ${'12: `serf leave` takes flags only, not `now`'}
    ${'serf leave -now'}                     | ${'12: `serf leave` has no flag -now; known are -rpc-addr -rpc-auth'}
    ${'serf force-leave'}                    | ${'6: `serf force-leave` needs the name of a member'}
    ${'serf force-leave b -prune'}           | ${'20: `serf force-leave` takes one name, after its flags'}
  `('$line', ({ line, problem }) => {
    expect(said(line)).toEqual([problem]);
  });

  test('all at once', () => {
    expect(said('serf agent -iface=eth7 -profil=lan -retry-max=x')).toHaveLength(3);
  });

  test('the script of an event handler is looked at too', () => {
    expect(said("serf agent -event-handler='member-join=mail root'")[0]).toMatch(
      /^12: in `mail root`: no command is called `mail` here/,
    );
  });
});

describe('what the agent itself will refuse is a warning, where it stands in the file', () => {
  /** What is said about `serf agent -config-file a.json` with this file. */
  const warned = (text: string, profile?: string): string[] => {
    const files: Readonly<Record<string, string>> = { '/root/a.json': text };
    const own = {
      ...host,
      behaviour: { profile, quirks: {} },
      file: (path: string) => files[path],
      files: () => Object.keys(files),
    };
    const problems = check('serf agent -config-file a.json', own, registry);
    expect(problems.every(({ harmless, file }) => harmless === true && file === '/root/a.json')).toBe(true);
    return problems.map(({ line, column, says }) => `${line}:${column} ${says}`);
  };

  test.each`
    text                                            | problem
    ${'# the agent of web1\n{}'}                    | ${"1:1 the agent will not start: invalid character '#' looking for beginning of value; JSON has no comments"}
    ${'{\n  "node_name": "a",\n}'}                  | ${"3:1 the agent will not start: invalid character '}' looking for beginning of object key string"}
    ${'{\n  "node_nam": "a"\n}'}                    | ${'2:3 the agent will not start: nobody knows the key `node_nam`'}
    ${'{ "protocol": "5" }'}                        | ${"1:15 the agent will not start: 'protocol' expected type 'int', got unconvertible type 'string', value: '5'"}
    ${'{ "reconnect_interval": "4x" }'}             | ${'1:25 the agent will not start: time: unknown unit "x" in duration "4x"'}
    ${'{ "reconnect_timeout": "-4s" }'}             | ${'1:3 the time is negative'}
    ${'{ "profile": "lna" }'}                       | ${'1:3 no profile is called `lna`; known are lan, wan, local'}
    ${'{ "log_level": "loud" }'}                    | ${'1:3 no level is called `loud`; known are TRACE, DEBUG, INFO, WARN, ERR'}
    ${'{ "protocol": 9 }'}                          | ${'1:3 the protocol has versions from 2 to 5, and no 9'}
    ${'{ "interface": "eth9" }'}                    | ${'1:3 there is no interface `eth9`; there are eth0, eth1'}
    ${'{ "encrypt_key": "abc" }'}                   | ${'1:3 `abc` is no key of 16, 24 or 32 bytes in base 64'}
    ${'{ "user_event_size_limit": 10000 }'}         | ${'1:3 events have at most 9216 bytes'}
    ${'{ "event_handlers": ["up=ls"] }'}            | ${'1:3 `up` is no kind of event; known are member-join, member-leave, member-failed, member-update, member-reap, user, query, user:NAME, query:NAME and *'}
    ${'{ "tags_file": "t", "tags": { "a": "b" } }'} | ${'1:3 an agent has tags of its own or in a file, not both'}
    ${`{ "tags": { "a": "${'x'.repeat(600)}" } }`}  | ${'1:3 tags have at most 512 bytes together'}
  `('$text', ({ text, problem }) => {
    expect(warned(text)).toEqual([problem]);
  });

  test('a key that came later is unknown to an older agent', () => {
    expect(warned('{ "validate_node_names": true }')).toEqual([]);
    expect(warned('{ "validate_node_names": true }', 'serf-0.9')).toHaveLength(1);
  });

  test('so are tags, keys and events that are too long on the command line', () => {
    expect(said(`serf agent -tag a=${'x'.repeat(600)}`)).toEqual([
      '17: the agent will not start: encoded length of tags exceeds limit of 512 bytes',
    ]);
    expect(said('serf agent -encrypt=abc')).toEqual(['12: `abc` is no key of 16, 24 or 32 bytes in base 64']);
    expect(said(`serf event big ${'x'.repeat(600)}`)).toEqual([
      '12: the event has 603 bytes, and agents take 512 unless user_event_size_limit says otherwise',
    ]);
  });

  test('and files that are not there yet', () => {
    expect(said('serf agent -config-file b.json')).toEqual([
      '25: a has no file /root/b.json; give it under `files`, or write it before the agent starts',
    ]);
  });
});
