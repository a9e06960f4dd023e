import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Instant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import type { Intervention } from '../../sim/intervention/intervention.ts';
import { readRun } from '../model/read.ts';
import { sourceOf } from '../model/source.ts';
import { runTo, simulator } from '../testing/simulator.ts';
import { cook } from './cook.ts';
import { Live } from './live.ts';

const FILE = 'raft-failover.yaml';
const shipped = new Map([[FILE, readFileSync(new URL(`../../scenarios/${FILE}`, import.meta.url), 'utf8')]]);

describe('a run that goes on while somebody does things to it', () => {
  test('is repeated by the file that is saved of it, with the same fingerprint', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 5e9);
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'host-crash', host: 'n2' }] } });
    await runTo(ask, 7e9);
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'command', host: 'n1', run: 'kv put x 1' }] } });
    await ask('act', {
      act: {
        type: 'do',
        inputs: [
          { kind: 'link-cut', from: 'n1', to: 'n3' },
          { kind: 'link-cut', from: 'n3', to: 'n1' },
        ],
      },
    });
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'link-loss', from: 'client', to: 'n1', rate: 0.3 }] } });
    await runTo(ask, 9e9);
    await ask('act', { act: { type: 'heal', pairs: [] } });
    await ask('act', { act: { type: 'boot', host: 'n2' } });
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'clock-drift', host: 'n3', drift: '500ppm' }] } });
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'host-pause', host: 'n1' }] } });
    await runTo(ask, 11e9);
    await ask('act', { act: { type: 'resume', host: 'n1' } });
    const { now } = await runTo(ask, 14e9);
    expect(now).toBe(14e9);
    const saved = await ask('save', {});
    const again = await ask('judge', { recipe: { text: saved.file } });
    expect(again.fingerprint).toBe(saved.fingerprint);
  });

  test('shows a trace of what has happened so far', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 3e9);
    const { trace, now, records } = await runTo(ask, 4e9);
    const read = await readRun(sourceOf({ blob: trace }));
    expect('run' in read && [read.run.end, read.run.records.count, read.run.gaps]).toEqual([now, records, []]);
  });

  test('goes on from an instant of its past as if what was done later had not been done', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 3e9);
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'host-crash', host: 'n1' }] } });
    await runTo(ask, 4e9);
    await ask('act', { act: { type: 'boot', host: 'n1' } });
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'host-crash', host: 'n3' }] } });
    await runTo(ask, 6e9);
    expect(await ask('fork', { at: 3.5e9 })).toEqual({ at: 3.5e9 });
    const { entries, now } = await ask('look', {});
    expect(entries.map(({ says }) => says)).toEqual(['n1 crashes at 3.000 s']);
    expect(now).toBe(3.5e9);
    const untouched = new Live(cook({ shipped: FILE }, shipped), [], '1.2.3', () => 0);
    while (!untouched.advance(6e9, 1000));
    await ask('fork', { at: 2e9 });
    await runTo(ask, 6e9);
    const plain = await ask('save', {});
    expect(plain.fingerprint).toBe(untouched.fingerprint());
  });

  test('starts again what was stopped', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 1.5e9);
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'signal', host: 'n1', signal: 'KILL' }] } });
    await runTo(ask, 2e9);
    await ask('act', { act: { type: 'do', inputs: [{ kind: 'revive', host: 'n1' }] } });
    const { trace } = await runTo(ask, 2.5e9);
    const read = await readRun(sourceOf({ blob: trace }));
    if ('problem' in read) throw new Error(read.problem);
    const { run } = read;
    const lives = [...run.records.kind.entries()].flatMap(([i, kind]) =>
      run.records.node[i] === 0 && (kind === Kind.start || kind === Kind.stop) ? [kind] : [],
    );
    expect(lives).toEqual([Kind.start, Kind.stop, Kind.start]);
  });

  test('boots a host that its scenario has crashed', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 12e9);
    await ask('act', { act: { type: 'boot', host: 'n1' } });
    const { entries } = await ask('look', {});
    expect(entries.map(({ kind }) => kind)).toEqual(['revive']);
    const { trace } = await runTo(ask, 12.1e9);
    const read = await readRun(sourceOf({ blob: trace }));
    if ('problem' in read) throw new Error(read.problem);
    const { kind, at } = read.run.records;
    expect([...kind.entries()].some(([i, each]) => each === Kind.boot && at[i] === 12e9 + 1)).toBe(true);
  });

  test('is the same run whether it goes back to a save or begins at the start again, record by record', async () => {
    const dish = cook({ shipped: FILE }, shipped);
    const wiped: Intervention = { kind: 'host-pause', host: 'n2', at: 4e9 as Instant, until: 5e9 as Instant };
    let time = 0;
    // Much seems to have been done, and there are many saves.
    const live = new Live(dish, [], '1', () => (time += 40));
    for (const _ of live.to(3.9e9));
    live.act({ type: 'do', inputs: [{ kind: 'host-pause', host: 'n2' }], for: 1e9 }, () => [wiped]);
    for (const _ of live.to(9e9));
    const from = live.saves.nearest(6e9);
    expect(from?.at).toBeGreaterThan(5e9);
    expect(live.saves.instants.length).toBeLessThanOrEqual(16);
    const list = live.listAt(6e9);
    const again = new Live(dish, list, '1', () => time, live.saves.upTo(6e9), from);
    const anew = new Live(dish, list, '1', () => time);
    for (const each of [again, anew]) for (const _ of each.to(8e9));
    expect(again.fingerprint()).toBe(anew.fingerprint());
    const [one, other] = await Promise.all(
      [again, anew].map(async (each) => {
        const read = await readRun(sourceOf({ blob: each.look(1, true).trace }));
        if ('problem' in read) throw new Error(read.problem);
        const { run } = read;
        const payloads = [...run.records.at.keys()].map((i) => run.payload(i));
        return { records: run.records, payloads, cells: run.cells, gaps: run.gaps };
      }),
    );
    expect(one).toEqual(other);
  });

  test('can be begun at any instant', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    expect(await ask('fork', { at: 2.5e9 })).toEqual({ at: 2.5e9 });
    expect(await ask('look', {})).toMatchObject({ now: 2.5e9, paused: true, entries: [] });
  });

  test('refuses what cannot be done, in a sentence, and goes on', async () => {
    const ask = simulator(shipped);
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 1e9);
    await expect(ask('act', { act: { type: 'boot', host: 'n1' } })).rejects.toThrow('n1 was not crashed here.');
    await expect(ask('act', { act: { type: 'heal', pairs: [] } })).rejects.toThrow('Nothing is cut');
    expect((await runTo(ask, 2e9)).now).toBe(2e9);
  });
});

test('mistakes in a scenario are told with their lines and columns', async () => {
  const ask = simulator(shipped);
  const text = 'network:\n  segments:\n    lan: { subnet: 10.0.1.0/24, loss: 25 }\nhosts:\n  a: { on: lon }\n';
  await expect(ask('prepare', { recipe: { text } })).rejects.toThrow(/3:\d+ Expected a probability(?:.|\n)*5:\d+ /);
  await expect(ask('prepare', { recipe: { shipped: 'none.yaml' } })).rejects.toThrow('No scenario that ships');
});
