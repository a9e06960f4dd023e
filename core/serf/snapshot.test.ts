import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { append, filesBelow, finish, loseUnsynced, newDisk, replace, sync } from '../../sim/host/disk.ts';
import type { Address } from '../address.ts';
import { CollectingOut } from '../collect.ts';
import { companyOf, Gossip, LAN, QUIRKS } from '../gossip/gossip.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { Names } from '../names.ts';
import type { Part } from '../protocol.ts';
import { type Instant, milliseconds, minutes, START, seconds } from '../time.ts';
import { Agents, type Setting } from './agents.ts';
import { SERF_DEFAULTS } from './config.ts';
import { SERF_QUIRKS } from './quirks.ts';
import { SERF_RULES } from './rules.ts';
import { Serf } from './serf.ts';
import { replay } from './snapshot.ts';

const FILE = 'serf.snapshot';
const keeping: Setting = { config: { snapshot: FILE } };
const rejoining: Setting = { config: { snapshot: FILE, rejoinAfterLeave: true } };

const textOf = (agents: Agents, name: string): string => (agents.node(name).files.get(FILE) ?? []).join('');

const lines = (agents: Agents, name: string): string[] => textOf(agents, name).split('\n').slice(0, -1);

/** A snapshot as people read it. */
function read(text: string, rejoins = false): { alive: string[]; clocks: number[]; warnings: string[] } {
  const names = new Names();
  const warnings: string[] = [];
  const { alive, memberTime, eventTime, queryTime } = replay(text, names, rejoins, (line) => warnings.push(line));
  return {
    alive: [...alive].map(([name, at]) => `${name} ${names.address(at).toString(16)} ${names.port(at)}`),
    clocks: [memberTime, eventTime, queryTime],
    warnings,
  };
}

describe('what a snapshot says', () => {
  const WHOLE = 'alive: n1 10.0.0.1:7946\nalive: my node 10.0.0.2:80\nclock: 7\nevent-clock: 3\nquery-clock: 2\n';
  const [N1, MINE] = ['n1 a000001 7946', 'my node a000002 80'];

  test.each`
    what                                  | text                                           | alive                      | clocks
    ${'nothing'}                          | ${''}                                          | ${[]}                      | ${[0, 0, 0]}
    ${'who is there, and the clocks'}     | ${WHOLE}                                       | ${[N1, MINE]}              | ${[7, 3, 2]}
    ${'who is gone'}                      | ${`${WHOLE}not-alive: my node\n`}              | ${[N1]}                    | ${[7, 3, 2]}
    ${'the latest of all'}                | ${`${WHOLE}clock: 5\nalive: n1 10.0.0.1:80\n`} | ${['n1 a000001 80', MINE]} | ${[5, 3, 2]}
    ${'nothing of before a departure'}    | ${`${WHOLE}leave\n`}                           | ${[]}                      | ${[0, 0, 0]}
    ${'the clock after a departure'}      | ${`${WHOLE}leave\nclock: 9\n`}                 | ${[]}                      | ${[9, 0, 0]}
    ${'nothing by a line without an end'} | ${`${WHOLE}not-alive: n1`}                     | ${[N1, MINE]}              | ${[7, 3, 2]}
    ${'nothing by comments'}              | ${`# once\ncoordinate: {"Vec":[]}\n${WHOLE}`}  | ${[N1, MINE]}              | ${[7, 3, 2]}
  `('$what', ({ text, alive, clocks }) => {
    expect(read(text)).toEqual({ alive, clocks, warnings: [] });
  });

  test('overlooks a departure where one is to come back', () => {
    expect(read(`${WHOLE}leave\nclock: 9\n`, true)).toEqual({
      alive: [N1, MINE],
      clocks: [9, 3, 2],
      warnings: ['[INFO] serf: Ignoring previous leave in snapshot'],
    });
  });

  test.each`
    line                 | warning
    ${'alive: n1'}       | ${'Failed to parse address: alive: n1'}
    ${'clock: soon'}     | ${'Failed to convert clock time: strconv.ParseUint: parsing "soon": invalid syntax'}
    ${'event-clock: -1'} | ${'Failed to convert event clock time: strconv.ParseUint: parsing "-1": invalid syntax'}
    ${'query-clock: '}   | ${'Failed to convert query clock time: strconv.ParseUint: parsing "": invalid syntax'}
    ${'dead: n1'}        | ${'Unrecognized snapshot line: dead: n1'}
    ${'leaves'}          | ${'Unrecognized snapshot line: leaves'}
  `('warns of "$line"', ({ line, warning }) => {
    expect(read(`${WHOLE}${line}\n`)).toEqual({ alive: [N1, MINE], clocks: [7, 3, 2], warnings: [`[WARN] serf: ${warning}`] });
  });

  test('is what its lines up to any of them say, the later ones before the earlier', () => {
    const name = fc.constantFrom('n1', 'n2', 'my node');
    const line = fc.oneof(
      fc.tuple(name, fc.integer({ min: 1, max: 9 })).map(([who, port]) => `alive: ${who} 10.0.0.1:${port}`),
      name.map((who) => `not-alive: ${who}`),
      fc.tuple(fc.constantFrom('clock', 'event-clock', 'query-clock'), fc.nat(99)).map(([which, time]) => `${which}: ${time}`),
      fc.constant('leave'),
    );
    const said = (all: readonly string[]): { alive: string[]; clocks: number[] } => {
      const since = all.slice(all.lastIndexOf('leave') + 1);
      const last = (which: string): number =>
        Number(since.findLast((one) => one.startsWith(`${which}: `))?.slice(which.length + 2) ?? 0);
      const alive = ['n1', 'n2', 'my node'].flatMap((who) => {
        const word = since.findLast((one) => one.startsWith(`alive: ${who} `) || one === `not-alive: ${who}`);
        return word?.startsWith('alive') === true ? [`${who} a000001 ${word.at(-1)}`] : [];
      });
      return { alive, clocks: [last('clock'), last('event-clock'), last('query-clock')] };
    };
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.nat(30), (all, cut) => {
        const kept = all.slice(0, cut);
        const { alive, clocks, warnings } = read(kept.map((one) => `${one}\n`).join(''));
        expect(warnings).toEqual([]);
        expect({ alive: alive.toSorted(), clocks }).toEqual({ alive: said(kept).alive.toSorted(), clocks: said(kept).clocks });
      }),
    );
  });

  test('is never more than a text, whatever is written in it', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('alive: ', 'clock: ', 'leave', 'n1', ' 1.2.3.4:5', '\n', '9', 'ü') }),
        (text) => {
          expect(read(text).clocks.every(Number.isSafeInteger)).toBe(true);
        },
      ),
    );
  });
});

describe('the file', () => {
  test('begins with the node itself, and tells of joins, failures and clocks as they come', () => {
    const agents = new Agents().gather(3, keeping);
    agents.ask('n2', { command: 'event', name: 'deploy', payload: '', coalesce: false });
    agents.kill('n3');
    agents.run(seconds(20));
    expect(lines(agents, 'n1')).toEqual([
      'alive: n1 10.0.0.1:7946',
      'alive: n2 10.0.0.2:7946',
      'alive: n3 10.0.0.3:7946',
      // Of the join intents, both of time 1, which came by gossip only then.
      'clock: 1',
      'event-clock: 1',
      'not-alive: n3',
    ]);
  });

  test('is written when something comes half a second after the last write: a process that dies before loses it', () => {
    const agents = new Agents().gather(1, keeping);
    const sends = (): number => agents.ask('n1', { command: 'event', name: 'deploy', payload: '', coalesce: false });
    sends();
    agents.run(milliseconds(500));
    sends();
    expect(lines(agents, 'n1').at(-1)).toBe('event-clock: 1');
    agents.run(milliseconds(1));
    sends();
    expect(lines(agents, 'n1').slice(-2)).toEqual(['event-clock: 2', 'event-clock: 3']);
  });

  test('is complete when the agent stops in order', () => {
    const agents = new Agents().gather(1, keeping);
    agents.ask('n1', { command: 'event', name: 'a', payload: '', coalesce: false });
    agents.ask('n1', { command: 'event', name: 'b', payload: '', coalesce: false });
    agents.answered('n1', { command: 'shutdown' });
    expect(lines(agents, 'n1').at(-1)).toBe('event-clock: 2');
  });

  test('says at any time what was known when it was written', () => {
    const agents = new Agents().gather(4, keeping);
    const steps = [
      () => agents.ask('n2', { command: 'event', name: 'x', payload: '', coalesce: false }),
      () => agents.kill('n4'),
      () => agents.ask('n2', { command: 'leave' }),
      () => agents.start('n4', keeping),
      () => agents.forceLeave('n1', 'n2', true),
    ];
    for (const step of steps) {
      step();
      agents.run(seconds(25));
      const { snapshot } = agents.serf('n1').state;
      const warned: string[] = [];
      const said = replay(textOf(agents, 'n1') + snapshot?.buffer, agents.names, false, (line) => warned.push(line));
      expect(warned).toEqual([]);
      expect([...said.alive]).toEqual([...(snapshot?.alive ?? [])]);
      expect([said.memberTime, said.eventTime, said.queryTime]).toEqual([
        snapshot?.memberTime,
        snapshot?.eventTime,
        snapshot?.queryTime,
      ]);
    }
  });

  test.each([
    [131_072, 0, false],
    [131_073, 0, true],
    [131_073, 512, true],
    [131_328, 513, false],
    [131_329, 513, true],
  ])('of %i bytes for %i living members is written anew: %s', (bytes, alive, anew) => {
    expect(SERF_RULES.isCompacted(bytes, alive)).toBe(anew);
  });

  test('that is written anew says the same in fewer lines', () => {
    const rules = { isCompacted: (bytes: number) => bytes > 300 };
    const agents = new Agents().gather(3, { ...keeping, rules });
    for (let i = 0; i < 30; i++) {
      agents.ask('n1', { command: 'event', name: `e${i}`, payload: '', coalesce: false });
      agents.run(seconds(1));
    }
    expect(textOf(agents, 'n1').length).toBeLessThanOrEqual(300);
    const { alive, clocks } = read(textOf(agents, 'n1'));
    expect(alive.map((line) => line.split(' ')[0])).toEqual(['n1', 'n2', 'n3']);
    expect(clocks).toEqual([1, 30, 0]);
    expect(lines(agents, 'n1').slice(0, 3)).toEqual([
      'alive: n1 10.0.0.1:7946',
      'alive: n2 10.0.0.2:7946',
      'alive: n3 10.0.0.3:7946',
    ]);
  });

  test('that could not be written is written anew, at most every half minute, until that succeeds', () => {
    const agents = new Agents().gather(2, keeping);
    agents.node('n1').writes = 'full';
    for (let i = 0; i < 40; i++) {
      agents.ask('n1', { command: 'event', name: `e${i}`, payload: '', coalesce: false });
      agents.run(seconds(1));
      if (i === 20) agents.node('n1').writes = 'ok';
    }
    const said = (pattern: RegExp): string[] => agents.logged('n1', pattern).map((line) => line.replace(/^\S+ /, ''));
    expect(said(/Attempting compaction/)).toHaveLength(2);
    expect(said(/Failed to update snapshot/)[0]).toBe(
      '[ERR] serf: Failed to update snapshot: write serf.snapshot: no space left on device',
    );
    expect(said(/Compaction failed/)).toEqual([
      '[ERR] serf: Compaction failed, will reattempt after 30s: failed to flush new snapshot: write serf.snapshot: no space left on device',
    ]);
    expect(said(/Finished compaction/)).toEqual(['[INFO] serf: Finished compaction, successfully recovered from error state']);
    expect(read(textOf(agents, 'n1'))).toMatchObject({ alive: [expect.any(String), expect.any(String)], clocks: [1, 40, 0] });
  });
});

describe('a node that starts again', () => {
  test('comes back by itself, to the first known node that is there', () => {
    const agents = new Agents().gather(4, keeping);
    // Something has to come after the joins, or they are not written yet.
    agents.ask('n1', { command: 'event', name: 'a', payload: '', coalesce: false });
    agents.run(seconds(5));
    agents.kill('n4');
    agents.kill('n1');
    agents.run(seconds(60));
    agents.start('n4', keeping);
    agents.run(seconds(60));
    expect(agents.statuses('n4')).toEqual(['alive', 'alive', 'alive']);
    const tried = agents.logged('n4', /Attempting re-join to previously known node: n\d: 10\.0\.0\.\d:7946$/);
    expect(tried.length).toBeGreaterThan(0);
    expect(tried.some((line) => line.includes(' n4: '))).toBe(false);
    expect(agents.logged('n4', /\[INFO\] serf: Re-joined to previously known node: n[23]: 10\.0\.0\.\d:7946$/)).toHaveLength(1);
  });

  test('says so when nobody is there any more, and goes on alone', () => {
    const agents = new Agents().gather(2, keeping);
    agents.run(seconds(5));
    agents.kill('n1');
    agents.kill('n2');
    agents.start('n2', keeping);
    agents.run(seconds(60));
    expect(agents.logged('n2', /\[WARN\] serf: Failed to re-join any previously known node$/)).toHaveLength(1);
    expect(agents.members('n2')).toEqual(['n2 alive']);
  });

  test('goes on with its clocks, and hears no event or query twice', () => {
    const agents = new Agents().gather(3, keeping);
    for (const name of ['a', 'b']) {
      agents.ask('n1', { command: 'event', name, payload: '', coalesce: false });
      agents.run(seconds(2));
    }
    agents.kill('n3');
    agents.run(seconds(2));
    agents.ask('n1', { command: 'event', name: 'c', payload: '', coalesce: false });
    agents.run(seconds(2));
    agents.start('n3', keeping);
    expect(agents.serf('n3').state).toMatchObject({ memberTime: 2, eventTime: 3, eventMinTime: 3, queryMinTime: 1 });
    agents.run(seconds(10));
    expect(agents.userEvents('n3')).toEqual(['c ']);
  });

  test('without a snapshot hears them all again', () => {
    const agents = new Agents().gather(3);
    agents.ask('n1', { command: 'event', name: 'a', payload: '', coalesce: false });
    agents.run(seconds(2));
    agents.kill('n3');
    agents.start('n3');
    agents.ask('n3', { command: 'join', addresses: [agents.endpoint('n1')] });
    agents.run(seconds(5));
    expect(agents.userEvents('n3')).toEqual(['a ']);
  });

  test.each([
    ['does not come back', keeping, 1],
    ['comes back where that is wanted', rejoining, 3],
  ] as const)('after a departure %s', (_, setting, members) => {
    const agents = new Agents().gather(3, setting);
    agents.run(seconds(1));
    agents.answered('n3', { command: 'leave' });
    agents.answered('n3', { command: 'shutdown' });
    agents.kill('n3');
    agents.run(seconds(5));
    agents.start('n3', setting);
    agents.run(seconds(10));
    expect(agents.members('n3')).toHaveLength(members);
  });

  test('after a line that a crash tore, loses what the next line says too', () => {
    const agents = new Agents().gather(2, keeping);
    agents.run(seconds(5));
    agents.kill('n2');
    agents.node('n2').files.set(FILE, ['alive: n1 10.0.0.1:7946\nclo']);
    agents.start('n2', keeping);
    agents.run(seconds(60));
    expect(agents.members('n2')).toEqual(['n1 alive', 'n2 alive']);
    expect(lines(agents, 'n2')[1]).toBe('cloalive: n2 10.0.0.2:7946');
  });
});

test('a node that is put among members it is to have known for long has them in its file soon', () => {
  const agents = new Agents();
  for (const name of ['n1', 'n2', 'n3']) agents.start(name, keeping);
  const acquaintances = [...agents.nodes.keys()].map((name) => agents.serf(name).gossip.acquaintance);
  const company = companyOf(acquaintances, agents.names);
  for (const node of agents.nodes.values()) node.command(0, 1, { command: 'acquaint', company });
  agents.run(seconds(1));
  expect(lines(agents, 'n2').toSorted()).toEqual([
    'alive: n1 10.0.0.1:7946',
    'alive: n2 10.0.0.2:7946',
    'alive: n3 10.0.0.3:7946',
  ]);
});

describe('after a departure', () => {
  test.each([
    ['serf-0.10', ['leave', 'clock: 2']],
    ['fixed', ['leave']],
  ] as const)('the file of %s ends with %j (leaveThenClock)', (profile, end) => {
    const agents = new Agents().gather(3, { ...keeping, profile });
    agents.run(minutes(1));
    agents.answered('n3', { command: 'leave' });
    agents.answered('n3', { command: 'shutdown' });
    expect(lines(agents, 'n3').slice(-end.length)).toEqual(end);
    const { alive, clocks } = read(textOf(agents, 'n3'));
    expect({ alive, clocks }).toEqual({ alive: [], clocks: [profile === 'fixed' ? 0 : 2, 0, 0] });
  });
});

describe('a snapshot that is written anew and a power cut', () => {
  /** What the disk holds after the host lost its power right behind the first compaction. */
  function afterPowerCut(syncs: boolean): ReadonlyMap<string, readonly unknown[]> {
    const names = new Names();
    const random = new Xoshiro(1, 'n1');
    const self = {
      name: names.id('n1'),
      address: names.endpoint(0x0a_00_00_01 as Address, 7946),
      addressBytes: 4,
      versions: [1, 5, 2, 2, 5, 5],
    } as const;
    const gossip = new Gossip({ self, config: LAN, quirks: QUIRKS['serf-0.10'], names, random });
    const serf = new Serf({
      gossip,
      parts: { gossip: 0 as Part, serf: 1 as Part },
      config: { ...SERF_DEFAULTS, snapshot: FILE },
      quirks: SERF_QUIRKS['serf-0.10'],
      rules: { ...SERF_RULES, isCompacted: () => true, ...(syncs ? {} : { syncsCompaction: () => false }) },
      tags: [],
      random,
    });
    const disk = newDisk();
    const ask = { owner: 1, write: 0, now: START };
    append(disk, `/d/${FILE}`, 'alive: n2 10.0.0.2:7946\n', 24, ask);
    const out = new CollectingOut<never>();
    gossip.start(START, { count: 0, files: new Map() }, out);
    out.take();
    serf.start(START as Instant, { count: 0, files: filesBelow(disk, '/d') }, out.of(1 as Part));
    for (const call of out.take()) {
      if (call.type === 'append') append(disk, `/d/${call.file}`, call.record, call.bytes, ask);
      if (call.type === 'replace') replace(disk, `/d/${call.file}`, call.records, call.bytes, ask);
      if (call.type === 'sync') sync(disk, `/d/${call.file}`, ask);
    }
    while (disk.operations.length > 0) finish(disk);
    loseUnsynced(disk);
    return filesBelow(disk, '/d');
  }

  test('leave the new one, because it was on the disk before it took the place of the old', () => {
    const text = String(afterPowerCut(true).get(FILE)?.join(''));
    expect(read(text).alive).toEqual(['n2 a000002 7946', 'n1 a000001 7946']);
  });

  test('leave nothing to come back by, if it was not (as before 0.7)', () => {
    expect(afterPowerCut(false).get(FILE)).toBeUndefined();
  });
});
