import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { called } from './called.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const broken = `${root}docs/own-protocol/broken.yaml`;
const payments = `${root}docs/own-protocol/payments.yaml`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'partita-check-'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/partita'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const check = (...args: string[]) => called('check', '--out', join(folder, 'failures'), ...args);

/** A scenario of two nodes of a protocol that ticks once a second, and does something more with its fifth tick. */
function mischief(name: string, deed: string, before = ''): string {
  writeFileSync(
    join(folder, `${name}.ts`),
    `import { ownProtocol } from 'partita';
    ${before}
    class Ticker {
      state = { ticks: 0, kept: [] as string[] };
      cells = [];
      timers = ['tick'];
      start(now: number, boot: object, out: any) { out.setTimer(0, 0, 1e9); }
      timeout(now: number, kind: number, subject: number, out: any) {
        const { state } = this;
        if (++state.ticks >= 5) { ${deed} }
        out.setTimer(0, 0, 1e9);
      }
      receive() {} stream() {} command() {} written() {}
    }
    export default ownProtocol({
      name: 'ticker', sockets: [{ transport: 'udp', port: 7 }], make: () => new Ticker(),
      invariants: [{ name: 'FewTicks', violation: (states) => states.some(({ ticks }) => ticks > 1e6) ? 'too many' : undefined }],
    });`,
  );
  const path = join(folder, `${name}.yaml`);
  writeFileSync(
    path,
    `protocols: [${name}.ts]
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts: { n: { count: 2, on: lan, address: 10.0.1.11 } }
timeline: [{ at: 0s, on: n, run: ticker n1=10.0.1.11 n2=10.0.1.12 }]
until: 20s
`,
  );
  return path;
}

describe('partita check', () => {
  test('comes to the same with one thread, with two and with three', async () => {
    const args = [broken, '--runs', '6', '--failures', '3', '--seed', 'a', '--json', '--budget', '8'];
    const [one, two, three] = [
      await check(...args, '--workers', '1'),
      await check(...args, '--workers', '2'),
      await check(...args, '--workers', '3'),
    ];
    expect(JSON.parse(one.data)).toMatchObject({ runs: 6, failures: [{ check: 'BookedOnce' }] });
    expect([two.data, three.data]).toEqual([one.data, one.data]);
    expect(one.exit).toBe(1);
  });

  test('ends a failure with what, when, seed, interventions and the command that repeats it, and leaves reports', async () => {
    const [junit, csv] = [join(folder, 'report.xml'), join(folder, 'runs.csv')];
    const { exit, people } = await check(broken, '--runs', '50', '--junit', junit, '--csv', csv);
    expect(exit).toBe(1);
    const [, replay] =
      /^✗ BookedOnce violated at \d+\.\d{3} s: payment \S+ is booked twice\n {2}run \d+ of seed 1, which has the seed 1\/\d+.*\n {2}shrunk from \d+ to \d intervention.*\n(?: {4}.*\n)+ {2}The trace is in .*\.partita\n {2}To see it again:\n {4}npx partita replay (.*)\n/.exec(
        people,
      ) ?? [];
    expect(readFileSync(replay as string, 'utf8')).toMatch(/^# BookedOnce: payment /);
    expect(readFileSync(junit, 'utf8')).toMatch(/<failure type="violated" message="payment \S+ is booked twice">/);
    const rows = readFileSync(csv, 'utf8').trimEnd().split('\n');
    expect(rows[0]).toBe('run,seed,verdict,check,at (s),says,interventions,applied,records,simulated (s)');
    expect(rows.at(-1)).toMatch(/^\d+,1\/\d+,violated,BookedOnce,/);
  });

  test('is inconclusive about what was never exercised, unless that is allowed', async () => {
    const { exit, people } = await check(payments, '--runs', '1', '--workers', '1');
    expect(exit).toBe(2);
    expect(people).toContain('? faults that never changed a run: ');
    expect((await check(payments, '--runs', '1', '--workers', '1', '--allow-unexercised')).exit).toBe(0);
  });

  test.each([
    ['throws', "throw new TypeError('tick ' + state.ticks);", 1, /NoException .*: ticker on n\d at .* s: TypeError: tick 5/],
    [
      'rolls dice',
      'state.ticks += Math.random();',
      3,
      /NoImpurity .*: ticker on n\d at .* s: ImpurityError: Math\.random is impure/,
    ],
    [
      'looks at a clock that it took hold of',
      'state.ticks += clock();',
      3,
      /NoImpurity .* Date\.now is impure/,
      'const { now: clock } = Date;',
    ],
    [
      'never gets on',
      'return out.setTimer(0, 0, 0);',
      1,
      /NoLivelock violated at [\d.]+ s: half a million events at one instant/,
    ],
    [
      'holds more and more',
      "for (;;) state.kept.push('kept ' + state.kept.length);",
      1,
      /BoundedMemory .* ticker on n\d was at work at/,
    ],
  ])('catches and names a protocol that %s', async (name, deed, exit, says, before = '') => {
    const path = mischief(name.replaceAll(' ', '-'), deed, before);
    const { exit: code, people } = await check(path, '--runs', '3', '--workers', '1', '--memory', '64', '--budget', '0');
    expect(people).toMatch(says);
    expect(code).toBe(exit);
  });

  test('stops a protocol that does not come back, and names it', async () => {
    const path = mischief('endless', 'for (;;) state.ticks = 5;');
    const { exit, people } = await check(path, '--runs', '1', '--workers', '1', '--patience', '800ms', '--budget', '2');
    expect(people).toMatch(/NoEndlessLoop violated at [\d.]+ s: ticker on n\d is busy with one thing from [\d.]+ s on/);
    expect(people).toMatch(/shrunk from \d+ to 0 interventions in 2 runs: then the budget of 2 runs was used up/);
    expect(exit).toBe(1);
  });

  test('says where the time for making something smaller ended it', async () => {
    const { people } = await check(broken, '--runs', '50', '--workers', '1', '--shrink-time', '1ms');
    expect(people).toMatch(/shrunk from \d+ to \d+ interventions? in \d+ runs: then its 0\.001 s were used up/);
  });

  test('--determinism names the first event that differs, and what it followed from', async () => {
    const path = mischief(
      'erratic',
      'return out.setTimer(0, 0, 1e9 + run);',
      'let run = 0; const { log10 } = Math; run = Number(String(process.hrtime.bigint()).slice(-6));',
    );
    const { exit, people } = await check(path, '--runs', '4', '--workers', '2', '--determinism');
    expect(people).toMatch(/run \d of seed 1, which has the seed 1\/\d, is not the same twice\n {2}The runs part at /);
    expect(people).toMatch(/ {2}one: .* timer tick .*\n {2}other: .* timer tick .*\n {4}after .* timer tick/);
    expect(exit).toBe(3);
    expect((await check(payments, '--runs', '4', '--workers', '2', '--determinism')).exit).toBe(0);
  });

  test('takes scenarios that are modules themselves, with protocols in other modules, to its threads', async () => {
    mischief('harmless', '');
    const path = join(folder, 'world.ts');
    writeFileSync(
      path,
      `const nodes: string[] = ['n1=10.0.1.11', 'n2=10.0.1.12'];
      export default { protocols: ['harmless.ts'], network: { segments: { lan: { subnet: '10.0.1.0/24' } } },
        hosts: { n: { count: 2, on: 'lan', address: '10.0.1.11' } },
        timeline: [{ at: '0s', on: 'n', run: \`ticker \${nodes.join(' ')}\` }], check: { always: ['FewTicks'] }, until: '10s' };`,
    );
    const { exit, people } = await check(path, '--runs', '4', '--workers', '2', '--allow-unexercised');
    expect(people).toContain('checks, by the runs that exercised them: FewTicks 4');
    expect(exit).toBe(0);
  });

  test('a scenario that is not the same each time it is read is refused', async () => {
    const path = join(folder, 'dice.ts');
    writeFileSync(
      path,
      `export default { network: { segments: { lan: { subnet: '10.0.1.0/24' } } }, hosts: { a: { on: 'lan' }, b: { on: 'lan' } },
        timeline: [{ at: '0s', on: 'a', run: 'serf agent' }], until: \`\${10 + Number(process.hrtime.bigint() % 1000000n)}s\` };`,
    );
    const { exit, people } = await check(path, '--runs', '4', '--workers', '2');
    expect(people).toContain('not the same each time it is read');
    expect(exit).toBe(3);
  });

  test('keeps what it found when it is interrupted', async () => {
    const csv = join(folder, 'interrupted.csv');
    const args = ['check', payments, '--runs', '100000000', '--workers', '1', '--csv', csv, '--json'];
    const child = spawn(process.execPath, [`${root}sim/cli/partita.mjs`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [data, people] = ['', ''];
    child.stdout.on('data', (chunk) => {
      data += chunk;
    });
    child.stderr.on('data', (chunk) => {
      people += chunk;
    });
    const watch = setInterval(() => {
      try {
        if (readFileSync(csv, 'utf8').split('\n').length <= 5) return;
        clearInterval(watch);
        child.kill('SIGINT');
      } catch {
        // It is not there yet.
      }
    }, 100);
    const exit = await new Promise((resolve) => child.on('close', resolve));
    clearInterval(watch);
    expect(people).toContain('Interrupted; this is what was found until then.');
    expect(JSON.parse(data).runs).toBeGreaterThanOrEqual(4);
    expect(exit).toBe(130);
  });

  test.each([
    [['--runs', '0'], 'Expected a number of runs, 1 or more.'],
    [['--time', 'soon'], 'Expected a time such as 30s or 10m.'],
    [['--determinism', '--failures', '2'], '--failures and --determinism exclude each other'],
  ])('refuses %j', async (args, says) => {
    const { exit, people } = await check(payments, ...args);
    expect([exit, people]).toEqual([64, expect.stringContaining(says)]);
  });
});
