import { describe, expect, test } from 'vitest';
import { run } from '../../run/run.ts';
import { loadScenario } from '../../scenario/load.ts';
import { surroundings } from '../../surroundings.ts';

const { registry } = surroundings;

const load = (lines: string) =>
  loadScenario(
    `
network: { segments: { lan: { subnet: 10.0.1.0/24, latency: 500us..2ms } } }
until: 60s
hosts:
  c: { count: 3, on: lan, address: 10.0.1.11, disk: { sync: 1ms }, files: { /etc/fast.json: '{ "performance": { "raft_multiplier": 1 } }' } }
  w: { on: lan, address: 10.0.1.21 }
timeline:
  - { at: 0s, on: c, run: "consul agent -server -config-file=/etc/fast.json -data-dir=/opt/consul -bootstrap-expect=3 -retry-join=10.0.1.11 -retry-interval=2s" }
  - { at: 5s, on: w, run: "consul agent -data-dir=/opt/consul -retry-join=10.0.1.12 -retry-interval=2s" }
${lines}`,
    surroundings,
  ).plan;

/** What `curl` printed and how it ended, in order. */
const curled = (lines: string) =>
  run(load(lines), { registry }).jobs.flatMap(({ command, lines: printed, status }) =>
    command.startsWith('curl') ? [[printed.join('\n'), status]] : [],
  );

const ask = (at: number, host: string, words: string) => `  - { at: ${at}s, on: ${host}, run: "curl ${words}" }`;

describe('the HTTP interface of an agent', () => {
  test('tells who leads and who the peers are, on clients as on servers', () => {
    const [leader, same, peers] = curled(
      [
        ask(10, 'c1', 'http://127.0.0.1:8500/v1/status/leader'),
        ask(11, 'w', '127.0.0.1:8500/v1/status/leader'),
        ask(12, 'w', '-s 127.0.0.1:8500/v1/status/peers'),
      ].join('\n'),
    );
    expect(leader?.[0]).toMatch(/^"10\.0\.1\.1[123]:8300"$/);
    expect(same).toEqual(leader);
    expect(JSON.parse(String(peers?.[0])).sort()).toEqual(['10.0.1.11:8300', '10.0.1.12:8300', '10.0.1.13:8300']);
  });

  test('writes, reads and deletes keys', () => {
    const key = '127.0.0.1:8500/v1/kv/a';
    expect(
      curled(
        [
          ask(10, 'w', `-X PUT -d hello ${key}`),
          ask(11, 'c1', `'${key}?raw'`),
          ask(12, 'w', `'${key}?raw&stale'`),
          ask(13, 'w', `'${key}?raw&consistent'`),
          ask(14, 'w', `-X DELETE ${key}`),
          ask(15, 'w', `'${key}?raw'`),
          ask(16, 'w', `-sf '${key}?raw'`),
        ].join('\n'),
      ),
    ).toEqual([
      ['true', 0],
      ['hello', 0],
      ['hello', 0],
      ['hello', 0],
      ['true', 0],
      ['', 0],
      ['', 22],
    ]);
  });

  test('is not there without an agent, or for other hosts', () => {
    expect(curled(`  - { at: 1s, on: w, run: "curl 127.0.0.1:8500/v1/status/leader" }`)).toEqual([
      ['curl: (7) Failed to connect to 127.0.0.1 port 8500: Connection refused', 7],
    ]);
    expect(() => load(ask(1, 'w', '10.0.1.11:8500/v1/status/leader'))).toThrow(
      /is not served here: known are GET 127\.0\.0\.1:8500/,
    );
    expect(() => load(ask(1, 'w', '127.0.0.1:8500/v1/catalog/nodes'))).toThrow(/is not served here/);
  });

  test('a consistent read finds out that its server leads no more, where another one tells what was', () => {
    // The leader is cut off with nobody but itself; for its lease it believes to lead.
    const lines = (words: string) => `${ask(10, 'c', `-s -X PUT -d old 127.0.0.1:8500/v1/kv/a`)}
  - { at: 12s, on: c1, run: consul operator raft transfer-leader -id c2 }
  - { at: 20s, partition: [[c2], [c1, c3, w]] }
${ask(20.2, 'c2', words)}`;
    expect(curled(lines("-s '127.0.0.1:8500/v1/kv/a?raw'")).at(-1)).toEqual(['old', 0]);
    expect(curled(lines("-s '127.0.0.1:8500/v1/kv/a?raw&consistent'")).at(-1)).toEqual(['No cluster leader', 0]);
  });
});
