import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { called } from './called.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const softlayer = `${root}scenarios/softlayer-vlans.yaml`;
const small = `${root}scenarios/two-segments.yaml`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file in the test's folder. */
function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const WORLD = `
network:
  segments:
    left: { subnet: 10.0.1.0/24 }
hosts:
  a: { on: left, address: 10.0.1.10 }
  b: { on: left, address: 10.0.1.11 }
`;

describe('partita run', () => {
  test('prints what the hosts print as data, and what it came to for people', async () => {
    const { exit, data, people } = await called('run', softlayer);
    expect(exit).toBe(0);
    expect(data).toContain('230.000000  serf-test00  $ serf join 10.54.222.131\n');
    expect(data).toContain('serf-test00  Successfully joined cluster by contacting 1 nodes.\n');
    expect(data).toMatch(/64 bytes from 10\.54\.222\.131: icmp_seq=3 ttl=61 time=0\.33\d ms/);
    expect(people).toContain('SoftLayer VLANs: 4 hosts, 240.000 s simulated, seed 2603');
    expect(people).not.toContain('✗');
  });

  test('--json gives the four listings, the measures and the fingerprint, and nothing else', async () => {
    const { exit, data, people } = await called('run', softlayer, '--json');
    const report = JSON.parse(data);
    expect({ exit, people }).toEqual({ exit: 0, people: '' });
    const listings = report.output.filter(
      (job: { at: number; command: string }) => job.command === 'serf members' && job.at === 235,
    );
    expect(listings.map(({ host }: { host: string }) => host)).toEqual([
      'serf-test00',
      'serf-test01',
      'serf-test02',
      'serf-test03',
    ]);
    for (const { lines } of listings) {
      expect(lines.map((line: string) => line.trimEnd())).toEqual([
        'serf-test00  10.91.83.2:7946     alive',
        'serf-test01  10.54.222.131:7946  alive',
        'serf-test02  10.54.222.132:7946  alive',
        'serf-test03  10.54.222.133:7946  alive',
      ]);
    }
    // A newcomer is known everywhere within two seconds, a join within one.
    const measure = (name: string) => report.measures.find((each: { name: string }) => each.name === name).value;
    expect(measure('discovery-serf-test02')).toBeLessThan(2_000);
    expect(measure('discovery-serf-test03')).toBeLessThan(2_000);
    expect(measure('join')).toBeLessThan(1_000);
  });

  test('--seed makes another run, and says which', async () => {
    const [one, other] = await Promise.all([called('run', small, '--json'), called('run', small, '--json', '--seed', '7')]);
    expect(JSON.parse(other.data).seed).toBe(7);
    expect(JSON.parse(other.data).fingerprint).not.toBe(JSON.parse(one.data).fingerprint);
  });

  test('interventions that changed nothing are counted and named, with the reason', async () => {
    const path = file(
      'idle.yaml',
      `${WORLD}
timeline: [{ at: 1s, on: a, run: ping -c1 10.0.1.11 }]
interventions:
  - { kind: link-delay, from: a, to: b, min: 1ms, max: 1ms, at: 0s }
  - { kind: packet-loss, packet: { sender: a, ordinal: 4711, receiver: b, message: ping } }
`,
    );
    const { people } = await called('run', path);
    expect(people).toContain(
      '  did not apply: 1 of 2 interventions\n    1: packet 4711 of a to b (ping) is lost: this packet was never sent\n',
    );
  });

  test('an expectation that fails is exit code 1, with the command that shows it again', async () => {
    const path = file(
      'fails.yaml',
      `${WORLD}\ntimeline:\n  - { at: 1s, on: a, run: ping -c1 10.0.1.11 }\nexpect:\n  - { by: 3s, output: { on: a, includes: Unreachable } }\n`,
    );
    const { exit, people } = await called('run', path);
    expect(exit).toBe(1);
    expect(people).toContain('✗ by 3s a has printed "Unreachable" (line 12)');
    expect(people).toContain('violated at 3.000 s: still missing: a has not printed "Unreachable"');
    expect(people).toContain(`npx partita run ${path} --seed 1 --trace failure.partita`);
  });

  test('a check that had nothing to judge is exit code 2, unless that is allowed', async () => {
    const path = file('idle.yaml', `${WORLD}\ntimeline:\n  - { at: 1s, on: a, run: hostname }\ncheck:\n  sometimes: [Failure]\n`);
    expect((await called('run', path)).exit).toBe(2);
    expect((await called('run', path, '--allow-unexercised')).exit).toBe(0);
  });

  test('--runs prints quantiles with intervals; --json and --csv the same as data', async () => {
    const table = await called('run', small, '--runs', '20');
    expect(table.exit).toBe(0);
    expect(table.data).toMatch(/^measure +reached +min +p50 \(95 % interval\)/);
    expect(table.data).toMatch(/^join +20\/20 /m);
    const { measures } = JSON.parse((await called('run', small, '--runs', '20', '--json')).data);
    const [median] = measures[0].quantiles;
    expect(median.low).toBeLessThanOrEqual(median.value);
    expect(median.high).toBeGreaterThanOrEqual(median.value);
    const rows = (await called('run', small, '--runs', '5', '--csv')).data.trimEnd().split('\n');
    expect(rows).toHaveLength(6);
    expect(rows[0]).toMatch(/^seed,verdict,/);
  });

  test('a scenario may be a module, and its mistakes then have paths', async () => {
    const good = file(
      'world.ts',
      `const address = (n: number): string => \`10.0.1.\${n}\`;
       export default { network: { segments: { left: { subnet: '10.0.1.0/24' } } },
         hosts: { a: { on: 'left', address: address(10) }, b: { on: 'left', address: address(11) } },
         timeline: [{ at: '1s', on: 'a', run: 'ping -c1 10.0.1.11' }],
         expect: [{ by: '3s', output: { on: 'a', includes: '1 received' } }] };`,
    );
    expect((await called('run', good, '-q')).exit).toBe(0);
    const bad = file(
      'bad.ts',
      `export default { network: { segments: { left: { subnet: '10.0.1.0/24', loss: 25 } } }, hosts: { a: { on: 'left' } } };`,
    );
    const { exit, people } = await called('run', bad);
    expect(exit).toBe(65);
    expect(people).toContain('network.segments.left.loss: ');
    expect((await called('run', file('broken.ts', 'export default {'))).exit).toBe(65);
    expect((await called('run', file('none.ts', 'export const a = 1;'))).people).toContain('its default export is no scenario');
  });
});

describe('bad input', () => {
  test('all mistakes of a scenario are reported at once, each at its line, with exit code 65', async () => {
    const path = file(
      'bad.yaml',
      `network:
  segments:
    left: { subnet: 10.0.1.0/24, loss: 25 }
    right: { subnet: 10.0.1.128/25 }
  routers:
    gateway: { on: [left] }
hosts:
  a: { on: left, address: 10.0.2.10 }
  b: { on: lift, address: 10.0.1.11 }
timeline:
  - { at: 200d, on: a, run: hostname }
  - { at: 1s, on: c, run: hostname }
  - { at: 2s, on: a, run: serf agnet }
`,
    );
    const { exit, people, data } = await called('run', path);
    expect({ exit, data }).toEqual({ exit: 65, data: '' });
    for (const line of [3, 4, 6, 8, 9, 11, 12, 13]) expect(people).toMatch(new RegExp(`bad\\.yaml:${line}:\\d+: `));
    expect(people).toContain('Write 0.25 for 25 %.');
    expect(people).not.toMatch(/\n\s+at .*\.(ts|js):/);
    expect(people).toMatch(/\d+ mistakes; nothing was run\./);
  });

  test.each([
    ['a file that is not there', ['run', 'nowhere.yaml'], 66, 'nowhere.yaml: there is no such file'],
    ['a folder', ['run', root], 66, 'this is a folder'],
    ['an unknown option', ['run', small, '--sed', '7'], 64, "unknown option '--sed'"],
    ['an unknown command', ['rum'], 64, "unknown command 'rum'"],
    ['a number of runs that is none', ['run', small, '--runs', '0'], 64, 'Expected a number of runs, 1 or more.'],
    ['a trace of many runs', ['run', small, '--runs', '2', '--trace', 'x'], 64, '--trace and --page show one run'],
    ['a trace that cannot be written', ['run', small, '--trace', '/nowhere/x'], 66, 'cannot be written'],
    ['a trace that is none', ['log', small], 65, 'two-segments.yaml: '],
    ['a trace that is none, to view', ['view', `${root}README.md`], 65, 'README.md: '],
    ['a time that is none', ['log', small, '--from', 'noon'], 64, 'Expected a time such as 1.5s or 2m.'],
  ])('%s', async (_what, args, exit, says) => {
    const answer = await called(...args);
    expect(answer.exit).toBe(exit);
    expect(answer.people).toContain(says);
    expect(answer.people).not.toMatch(/\n\s+at .*\.(ts|js):/);
  });

  test('a file of 100 MB is refused unread', async () => {
    const { exit, people } = await called('run', file('large.yaml', new Uint8Array(100 * 1024 * 1024)));
    expect(exit).toBe(65);
    expect(people).toContain('The file has 100 MB, and a scenario at most 4 MB.');
  });

  test('bytes that are no UTF-8 are refused', async () => {
    const { exit, people } = await called('run', file('latin.yaml', Uint8Array.of(0x61, 0x3a, 0x20, 0xe9, 0x0a)));
    expect(exit).toBe(65);
    expect(people).toContain('UTF-8');
  });
});

describe('partita log and view', () => {
  let trace: string;
  beforeAll(async () => {
    trace = join(folder, 'run.partita');
    await called('run', small, '-q', '--trace', trace);
  });

  test('a trace is read as text, within its bounds', async () => {
    const { exit, data } = await called('log', trace, '--from', '90s', '--to', '90.01s', '--node', 'b');
    expect(exit).toBe(0);
    const lines = data.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^ 90\.000000 +b +\$ serf join 10\.0\.1\.10$/);
    for (const line of lines) expect(line).toMatch(/^ 90\.0(0\d{4}|10000) /);
  });

  test('--kind chooses; an unknown node or kind is named', async () => {
    const { data } = await called('log', trace, '--kind', 'command');
    expect(data.trimEnd().split('\n')).toHaveLength(3);
    expect((await called('log', trace, '--kind', 'nonsense')).exit).toBe(64);
    expect((await called('log', trace, '--node', 'z')).people).toContain('has no node z. It has: a, b, gateway');
  });

  test('--json gives an object per line', async () => {
    const { data } = await called('log', trace, '--kind', 'command', '--json');
    const [first] = data
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toMatchObject({
      kind: 'command',
      node: 'a',
      at: 0,
      payload: { line: 'serf agent -iface=eth0 -discover=blue' },
    });
  });

  test('a trace that was cut off is read as far as it goes, and that is said', async () => {
    const whole = readFileSync(trace);
    const { exit, people } = await called('log', file('cut.partita', whole.subarray(0, whole.length - 10)));
    expect(exit).toBe(65);
    expect(people).toContain('cut.partita: ');
  });

  test('diff says of equal runs that they are the same, and of others where they part', async () => {
    const [again, other] = [join(folder, 'again.partita'), join(folder, 'other.partita')];
    await called('run', small, '-q', '--trace', again);
    await called('run', small, '-q', '--seed', '7', '--trace', other);
    expect(await called('diff', trace, again)).toMatchObject({
      exit: 0,
      data: '',
      people: expect.stringMatching(/hold the same \d+ events/),
    });
    const { exit, data, people } = await called('diff', trace, other);
    expect(exit).toBe(1);
    expect(people).toMatch(/^The traces are the same up to event \d+, and then they part:\n$/);
    expect(data).toMatch(/^( {2}.*\n)*< .*\n> .*\n$/);
    const { same, common, a, b } = JSON.parse((await called('diff', trace, other, '--json')).data);
    expect(same).toBe(false);
    expect(common.length).toBeLessThanOrEqual(3);
    expect(a).not.toEqual(b);
    expect((await called('diff', trace, join(folder, 'none.partita'))).exit).toBe(66);
    expect((await called('diff', trace, file('no.partita', 'no trace'))).exit).toBe(65);
  });

  test('--out writes a page that holds the trace', async () => {
    const page = join(folder, 'run.html');
    const { exit, people } = await called('view', trace, '--out', page);
    expect({ exit, people }).toEqual({ exit: 0, people: `Written to ${page}\n` });
    expect(readFileSync(page, 'utf8')).toContain(readFileSync(trace).toString('base64'));
  });

  test('of a scenario is a page that can run it by itself', async () => {
    const page = join(folder, 'scenario.html');
    expect((await called('view', small, '--out', page)).exit).toBe(0);
    const [, held = ''] = /id="trace">([^<]*)</.exec(readFileSync(page, 'utf8')) ?? [];
    expect(Buffer.from(held, 'base64').toString()).toContain('serf join 10.0.1.10');
  });
});

describe('what there is to know', () => {
  test('--help shows every command and examples, --version the version', async () => {
    const { exit, data } = await called('--help');
    expect(exit).toBe(0);
    for (const word of ['run', 'check', 'log', 'view', 'schema', 'doctor', 'Examples:', 'Exit codes:'])
      expect(data).toContain(word);
    expect((await called('--version')).data).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each(['run', 'check', 'log', 'view', 'schema', 'doctor'])('%s --help has an example', async (command) => {
    expect((await called(command, '--help')).data).toMatch(/Examples?:\n {2}partita /);
  });

  test('schema prints a JSON Schema that knows every key of a scenario', async () => {
    const schema = JSON.parse((await called('schema')).data);
    expect(schema.$schema).toContain('json-schema.org');
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(['network', 'hosts', 'timeline', 'expect', 'check', 'measure']),
    );
  });

  test('doctor says what is there', async () => {
    const { facts } = JSON.parse((await called('doctor', '--json')).data);
    expect(facts.map(({ what }: { what: string }) => what)).toEqual(['Partita', 'Node', 'viewer', 'test browser']);
  });
});
