import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Kind } from '../../sim/engine/journal.ts';
import { readRun } from '../model/read.ts';
import { sourceOf } from '../model/source.ts';
import { cook } from './cook.ts';
import { Driver } from './driver.ts';
import { Live } from './live.ts';
import type { Call, Calls, FromWorker } from './messages.ts';

const FILE = 'raft-failover.yaml';
const shipped = new Map([[FILE, readFileSync(new URL(`../../scenarios/${FILE}`, import.meta.url), 'utf8')]]);

/** A worker without a thread: calls and answers, and a clock that says it is always late. */
function simulator() {
  const waiting = new Map<number, (message: FromWorker) => void>();
  let time = 0;
  const driver = new Driver({
    post: (message) => {
      if (!('part' in message)) waiting.get(message.id)?.(message);
    },
    clock: () => (time += 0.5),
    rest: () => new Promise((resolve) => setImmediate(resolve)),
    version: '1.2.3',
    shipped,
  });
  let id = 0;
  return <C extends Call>(call: C, ask: Calls[C]['ask']): Promise<Calls[C]['answer']> =>
    new Promise((resolve, reject) => {
      const own = ++id;
      waiting.set(own, (message) => {
        if ('answer' in message) resolve(message.answer as Calls[C]['answer']);
        else if ('problem' in message)
          reject(
            new Error(
              [message.problem, ...message.mistakes.map((each) => `${each.line}:${each.column} ${each.message}`)].join('\n'),
            ),
          );
      });
      void driver.take({ id: own, call, ask } as never);
    });
}

/** Lets the run go on until an instant, and comes back when it waits there. */
async function runTo(ask: ReturnType<typeof simulator>, until: number): Promise<Calls['look']['answer']> {
  await ask('pace', { speed: Number.POSITIVE_INFINITY, until });
  for (;;) {
    const standing = await ask('look', {});
    if (standing.paused) return standing;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a run that goes on while somebody does things to it', () => {
  test('is repeated by the file that is saved of it, with the same fingerprint', async () => {
    const ask = simulator();
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 5e9);
    await ask('act', { act: { type: 'crash', host: 'n2' } });
    await runTo(ask, 7e9);
    await ask('act', { act: { type: 'command', host: 'n1', line: 'kv put x 1' } });
    await ask('act', {
      act: {
        type: 'cut',
        pairs: [
          ['n1', 'n3'],
          ['n3', 'n1'],
        ],
      },
    });
    await ask('act', { act: { type: 'loss', pairs: [['client', 'n1']], rate: 0.3 } });
    await runTo(ask, 9e9);
    await ask('act', { act: { type: 'heal', pairs: [] } });
    await ask('act', { act: { type: 'boot', host: 'n2' } });
    await ask('act', { act: { type: 'drift', host: 'n3', ppm: 500 } });
    await ask('act', { act: { type: 'pause', host: 'n1' } });
    await runTo(ask, 11e9);
    await ask('act', { act: { type: 'resume', host: 'n1' } });
    const { now } = await runTo(ask, 14e9);
    expect(now).toBe(14e9);
    const saved = await ask('save', {});
    const again = await ask('judge', { recipe: { text: saved.file } });
    expect(again.fingerprint).toBe(saved.fingerprint);
  });

  test('shows a trace of what has happened so far', async () => {
    const ask = simulator();
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 3e9);
    const { trace, now, records } = await runTo(ask, 4e9);
    const read = await readRun(sourceOf({ blob: trace }));
    expect('run' in read && [read.run.end, read.run.records.count, read.run.gaps]).toEqual([now, records, []]);
  });

  test('goes on from an instant of its past as if what was done later had not been done', async () => {
    const ask = simulator();
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 3e9);
    await ask('act', { act: { type: 'crash', host: 'n1' } });
    await runTo(ask, 4e9);
    await ask('act', { act: { type: 'boot', host: 'n1' } });
    await ask('act', { act: { type: 'crash', host: 'n3' } });
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
    const ask = simulator();
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 1.5e9);
    await ask('act', { act: { type: 'signal', host: 'n1', signal: 'KILL' } });
    await runTo(ask, 2e9);
    await ask('act', { act: { type: 'revive', host: 'n1' } });
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
    const ask = simulator();
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

  test('can be begun at any instant', async () => {
    const ask = simulator();
    await ask('start', { recipe: { shipped: FILE } });
    expect(await ask('fork', { at: 2.5e9 })).toEqual({ at: 2.5e9 });
    expect(await ask('look', {})).toMatchObject({ now: 2.5e9, paused: true, entries: [] });
  });

  test('refuses what cannot be done, in a sentence, and goes on', async () => {
    const ask = simulator();
    await ask('start', { recipe: { shipped: FILE } });
    await runTo(ask, 1e9);
    await expect(ask('act', { act: { type: 'boot', host: 'n1' } })).rejects.toThrow('n1 was not crashed here.');
    await expect(ask('act', { act: { type: 'heal', pairs: [] } })).rejects.toThrow('Nothing is cut');
    expect((await runTo(ask, 2e9)).now).toBe(2e9);
  });
});

test('mistakes in a scenario are told with their lines and columns', async () => {
  const ask = simulator();
  const text = 'network:\n  segments:\n    lan: { subnet: 10.0.1.0/24, loss: 25 }\nhosts:\n  a: { on: lon }\n';
  await expect(ask('prepare', { recipe: { text } })).rejects.toThrow(/3:\d+ Expected a probability(?:.|\n)*5:\d+ /);
  await expect(ask('prepare', { recipe: { shipped: 'none.yaml' } })).rejects.toThrow('No scenario that ships');
});
