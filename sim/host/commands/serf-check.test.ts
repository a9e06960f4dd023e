import { describe, expect, test } from 'vitest';
import { check } from '../shell/check.ts';
import { registry } from './all.ts';

const host = {
  name: 'a',
  interfaces: [{ name: 'eth0' }, { name: 'eth1' }],
  behaviour: { profile: undefined, quirks: {} },
  file: () => undefined,
  files: () => [],
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
  ])('%s', (line) => {
    expect(said(line)).toEqual([]);
  });
});

describe('what is wrong with a command line of serf is found before the run, where it stands', () => {
  test.each`
    line                                     | problem
    ${'serf'}                                | ${'1: `serf` needs a subcommand: agent, join, members, monitor, leave, force-leave'}
    ${'serf agnet -join 10.0.0.1'}           | ${'6: `serf` has no command `agnet`; did you mean `serf agent`?'}
    ${'serf event deploy'}                   | ${'6: `serf event` is a command of Serf that is not there yet; known are agent, join, members, monitor, leave, force-leave'}
    ${'serf agent -dicsover=blue'}           | ${'12: `serf agent` has no flag -dicsover; did you mean -discover?'}
    ${'serf agent -encrypt=abc'}             | ${'12: `serf agent -encrypt` is a flag of Serf that is not there yet; leave it out'}
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
    ${'serf leave -rpc-addr=127.0.0.1:1'}    | ${'12: `serf leave -rpc-addr` is a flag of Serf that is not there yet; leave it out'}
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
