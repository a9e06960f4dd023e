import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seconds } from '../../../core/time.ts';
import { HostLab } from '../lab.ts';
import { check } from './check.ts';
import { quote } from './quote.ts';

const host = {
  name: 'a',
  interfaces: [{ name: 'eth0' }],
  behaviour: { profile: undefined, quirks: {} },
  files: () => [],
  file: (path: string) => ({ '/root/ok.sh': '#!/bin/sh\necho ok\n', '/root/bad.sh': 'echo\nfrobnicate\n' })[path],
};
const { registry } = new HostLab();
const problems = (text: string): string[] =>
  check(text, host, registry).map(
    ({ file, line, column, says }) => `${file === undefined ? '' : `${file}:`}${line}:${column} ${says}`,
  );

// dash.txt holds scripts of the subset and what dash 0.5.12 printed for them.
const fixtures = readFileSync(new URL('dash.txt', import.meta.url), 'utf8')
  .split('\n====\n')
  .filter((block) => block.trim() !== '')
  .map((block) => {
    const [script = '', output = ''] = block.trim().split('\n----\n');
    const [name = '', ...lines] = script.split('\n');
    return { name: name.slice(2), script: lines.join('\n'), output };
  });

describe('a script prints what dash prints', () => {
  test.each(fixtures)('$name', ({ script, output }) => {
    expect(problems(script)).toEqual([]);
    expect(new HostLab().type('a', script).join('\n')).toBe(output);
  });
});

describe('what is wrong with a script is found before it runs', () => {
  test.each`
    script                                 | problem
    ${'frobnicate'}                        | ${'1:1 no command is called `frobnicate` here; known are arp, break'}
    ${'echo a; frob b'}                    | ${'1:9 no command is called `frob` here'}
    ${'echo a\n  frob b'}                  | ${'2:3 no command is called `frob` here'}
    ${'$x a'}                              | ${'1:1 a command must be written out, not taken from a variable: `$x`'}
    ${'echo "a'}                           | ${'1:6 a quote that is never closed; add the missing "'}
    ${"echo 'a\nb"}                        | ${"1:6 a quote that is never closed; add the missing '"}
    ${'echo `date`'}                       | ${'1:6 command substitution is not supported here; pipe the output into `while read`'}
    ${'x=$(date)'}                         | ${'1:3 command substitution is not supported here'}
    ${'x=$((1+1))'}                        | ${'1:3 arithmetic is not supported here'}
    ${'echo \u0024{x:-1}'}                 | ${'1:6 only the name of a variable is supported between braces'}
    ${'echo $$'}                           | ${'1:6 $$ is not supported here'}
    ${'(echo a)'}                          | ${'1:1 subshells are not supported here; write { …; }'}
    ${'f() { echo a; }'}                   | ${'1:2 functions are not supported here'}
    ${'cat <<E'}                           | ${'1:5 here-documents are not supported here'}
    ${'echo a 3> f'}                       | ${'1:8 only <, >, >>, 2>, 2>> and 2>&1 are supported here'}
    ${'echo *.txt'}                        | ${"1:6 `*` would be a pattern of file names; quote the word: '…'"}
    ${'set -e'}                            | ${'1:1 `set` is not supported here'}
    ${'if true; then echo a'}              | ${'1:21 expected `elif` or `else` or `fi`, got end of text'}
    ${'while true; echo a; done'}          | ${'1:21 unexpected `done`'}
    ${'for 1 in a; do echo; done'}         | ${'1:5 `for` needs a name: for NAME in WORDS; do …'}
    ${'case a in a) echo;; '}              | ${'1:21 unexpected end of text'}
    ${'if true; then fi'}                  | ${'1:15 `then` without a command in it'}
    ${'echo a | | cat'}                    | ${'1:10 unexpected `|`'}
    ${'echo a &&'}                         | ${'1:10 unexpected end of text'}
    ${'; echo'}                            | ${'1:1 unexpected `;`'}
    ${'echo a )'}                          | ${'1:8 unexpected `)`'}
    ${'done'}                              | ${'1:1 unexpected `done`'}
    ${'break'}                             | ${'1:1 `break` outside of a loop'}
    ${'while true; do echo | break; done'} | ${'1:23 `break` outside of a loop'}
    ${'read -p x y'}                       | ${'1:6 `read` knows only -r and names of variables, not `-p`'}
    ${'read'}                              | ${'1:1 `read` needs a name: read -r line'}
    ${'[ a = b'}                           | ${'1:7 a test that begins with [ ends with a word of its own: ]'}
    ${'[ a == b ]'}                        | ${'1:5 `==` compares nothing here; known are = != -eq'}
    ${'[ -d /tmp ]'}                       | ${'1:3 `-d` is no test that is known here'}
    ${'echo -e a'}                         | ${'1:6 `echo -e` would print -e, as in /bin/sh'}
    ${'printf %q a'}                       | ${'1:8 `%q` is no conversion of printf that is known here'}
    ${'exit now'}                          | ${'1:6 `exit` takes a number, not `now`'}
    ${'#!/usr/bin/python\nprint(1)'}       | ${'1:1 only scripts for sh can be run here, not for `/usr/bin/python`'}
    ${'./nosuch.sh'}                       | ${'1:1 a has no file /root/nosuch.sh; give it under `files`'}
    ${'./bad.sh'}                          | ${'/root/bad.sh:2:1 no command is called `frobnicate` here'}
    ${"sh -c 'frob'"}                      | ${'1:7 in `frob`: no command is called `frob` here'}
    ${'sh -x ok.sh'}                       | ${'1:4 `sh` knows only -c here, not `-x`'}
    ${'echo a > /dev/ttyS0'}               | ${'1:10 `/dev/ttyS0` is no file of the host; of the devices only /dev/null is known'}
    ${'ping -x 10.0.0.1'}                  | ${'1:6 `ping` has no option -x here; known are -4 -W -c -i -n -q -s -t -w'}
    ${'ping -c 0 10.0.0.1'}                | ${'1:9 expected a whole number from 1 to 9007199254740991, got `0`'}
    ${'ping -c 1'}                         | ${'1:9 usage error: Destination address required'}
    ${'ping -c 1 b'}                       | ${'1:11 b: Name or service not known; there is no name service here, write an IPv4 address'}
    ${'arp -d 10.0.0.1'}                   | ${'1:5 `arp` has no option -d here; known are -a -n'}
    ${'ip addr add 10.0.0.1/8'}            | ${'1:13 `ip address` takes nothing more here than the name of a device'}
    ${'ip frob'}                           | ${'1:4 Object "frob" is unknown, try "ip help"; known here are address, route, neighbour, link'}
    ${'ip addr show eth7'}                 | ${'1:14 a has no interface `eth7`, but lo, eth0'}
    ${'ifconfig eth7'}                     | ${'1:10 a has no interface `eth7`, but lo, eth0'}
    ${'ifconfig eth0 down'}                | ${'1:15 `ifconfig` only shows interfaces here; to cut a link use an intervention'}
    ${'kill -FOO 1000'}                    | ${'1:6 `FOO` is no signal that is known here; known are HUP INT QUIT KILL USR1 USR2 TERM CONT STOP'}
    ${'kill serf'}                         | ${'1:6 `kill` takes numbers of processes, not `serf`; to signal by name use pkill'}
    ${'pkill'}                             | ${'1:1 `pkill` needs a name: pkill -TERM serf'}
    ${'sleep soon'}                        | ${'1:7 `soon` is no time; write 1.5, 10s, 2m, 1h'}
    ${'date +%j'}                          | ${'1:6 `%j` is no conversion that is known here'}
  `('$script', ({ script, problem }) => {
    const [first = ''] = problems(script);
    expect(first.slice(0, problem.length)).toBe(problem);
  });

  test('all commands that nobody knows are told at once', () => {
    expect(problems('foo\nbar | { baz; }').map((text) => text.slice(0, 12))).toEqual([
      '1:1 no comma',
      '2:1 no comma',
      '2:9 no comma',
    ]);
  });

  test('what is right has no problem', () => {
    for (const script of [
      '',
      '# nothing',
      './ok.sh arg; sh ok.sh; /root/ok.sh',
      '/bin/ping -c1 10.0.0.1; /usr/local/bin/echod 10.0.0.1',
      'ping -c $count $address',
      'ip a; ip -4 addr show dev eth0; ip r; ip route show; ip neigh; ip n s; ip link; ip addr ls eth0',
      'kill -9 $!; kill -s TERM 1000; pkill -x -HUP serf; pidof serf',
      'while read -r x; do case $x in a) break;; esac; done < ok.sh',
      'hostname -I; date; date "+%F %T"; sleep 1m',
      'ping 10.0.0.1 > /dev/null 2>&1 &',
    ]) {
      expect(problems(script)).toEqual([]);
    }
  });
});

describe('a shell on a host', () => {
  test('writes into files, which cat shows and which last', () => {
    const lab = new HostLab({ a: { files: { notes: 'first\n' } } });
    lab.type('a', 'echo second >> notes; echo new > /tmp/other');
    expect(lab.type('a', 'cat notes /tmp/other none')).toEqual([
      'first',
      'second',
      'new',
      'cat: none: No such file or directory',
    ]);
    expect(lab.hosts.file(0, '/root/notes')).toBe('first\nsecond\n');
  });

  test('says so when the disk is full', () => {
    const lab = new HostLab({ a: { disk: { capacity: 4 } } });
    expect(lab.type('a', 'echo four > f; echo $?; echo abc > f; echo $?; cat f')).toEqual([
      'sh: 1: echo: I/O error',
      '1',
      '0',
      'abc',
    ]);
  });

  test('runs a script with its arguments', () => {
    const lab = new HostLab({ a: { files: { 'hello.sh': '#!/bin/sh\necho "$0: hello $1"\nexit 4\n' } } });
    expect(lab.type('a', './hello.sh you; echo $?')).toEqual(['./hello.sh: hello you', '4']);
  });

  test('says where a script is wrong that was written while it ran', () => {
    const lab = new HostLab({ a: { files: { 'x.sh': 'true' } } });
    expect(lab.type('a', "echo 'if' > x.sh; ./x.sh; echo $?")).toEqual(['./x.sh: 1: `if` without a command in it', '2']);
    expect(lab.type('a', 'echo frob > x.sh; ./x.sh; echo $?')).toEqual(['./x.sh: 1: frob: not found', '127']);
  });

  test('stops a script that would never let time pass', () => {
    const lab = new HostLab();
    expect(lab.type('a', 'while true; do :; done')).toEqual(['sh: stopped after 1000000 steps in which no time passed']);
  });

  test('lets a command in the background run and goes on', () => {
    const lab = new HostLab();
    expect(lab.type('a', '{ sleep 2; echo late; } & echo early')).toEqual(['early']);
    lab.pass(seconds(3));
    expect(lab.terminal('a')).toEqual(['late']);
  });

  test('knows the process of the last command in the background', () => {
    const lab = new HostLab();
    expect(lab.type('a', 'sleep 100 & kill $!; pidof sleep; echo $?')).toEqual(['1']);
  });

  test('prints what is on a line without a line feed when it ends', () => {
    expect(new HostLab().type('a', 'printf abc')).toEqual(['abc']);
  });

  test('a word that was quoted is read as it was', () => {
    for (const word of ['a', 'a b', "it's", '$x `date` "', '', '*', '\n', "-e=echo 'x'"]) {
      expect(new HostLab().type('a', `printf '%s|' ${quote(word)}`).join('\n')).toBe(`${word}|`);
    }
  });
});
