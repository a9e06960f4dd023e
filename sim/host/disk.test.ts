import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Instant, milliseconds, START, ZERO } from '../../core/time.ts';
import {
  append,
  corrupt,
  type DiskFate,
  type DiskState,
  filesBelow,
  finish,
  install,
  loseUnsynced,
  newDisk,
  readText,
  replace,
  sync,
  truncate,
  utf8Length,
  wipe,
} from './disk.ts';

const FILE = '/var/lib/store/log';
const at = (milli: number): Instant => milliseconds(milli) as number as Instant;
const by = (write: number, now: Instant = START) => ({ owner: 0, write, now });
const records = (disk: DiskState): readonly unknown[] | undefined => filesBelow(disk, '/var/lib/store').get('log');
const drain = (disk: DiskState): void => {
  while (disk.operations.length > 0) finish(disk);
};

describe('a crash of the host', () => {
  test('loses what was appended after the last sync', () => {
    const disk = newDisk();
    append(disk, FILE, 'a', 1, by(1));
    sync(disk, FILE, by(2));
    append(disk, FILE, 'b', 1, by(3));
    drain(disk);
    expect(records(disk)).toEqual(['a', 'b']);
    loseUnsynced(disk);
    expect(records(disk)).toEqual(['a']);
    expect(disk.used).toBe(1);
  });

  test('loses what was to be synced, when the sync has not come back', () => {
    const disk = newDisk();
    append(disk, FILE, 'a', 1, by(1));
    sync(disk, FILE, by(2));
    finish(disk);
    loseUnsynced(disk);
    expect(records(disk)).toBeUndefined();
    expect(disk.operations).toEqual([]);
  });

  test('leaves the old file or the new one, never a mixture, when a replacement was not synced', () => {
    const disk = newDisk();
    append(disk, FILE, 'old', 3, by(1));
    sync(disk, FILE, by(2));
    drain(disk);
    replace(disk, FILE, ['new', 'er'], 5, by(3));
    drain(disk);
    expect(records(disk)).toEqual(['new', 'er']);
    loseUnsynced(disk);
    expect(records(disk)).toEqual(['old']);
  });

  test('leaves what a sync promised, although the file was truncated while it was under way', () => {
    const disk = newDisk();
    append(disk, FILE, 'a', 1, by(1));
    append(disk, FILE, 'b', 1, by(2));
    sync(disk, FILE, by(3));
    truncate(disk, FILE, 1, by(4));
    append(disk, FILE, 'c', 1, by(5));
    drain(disk);
    expect(records(disk)).toEqual(['a', 'c']);
    loseUnsynced(disk);
    expect(records(disk)).toEqual(['a', 'b']);
  });

  test('leaves exactly what the last finished sync of each file saw, whatever was done', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('append' as const), file: fc.constantFrom('log', 'term') }),
      fc.record({ do: fc.constant('replace' as const), file: fc.constantFrom('log', 'term'), length: fc.nat(3) }),
      fc.record({ do: fc.constant('truncate' as const), file: fc.constantFrom('log', 'term'), length: fc.nat(3) }),
      fc.record({ do: fc.constant('sync' as const), file: fc.constantFrom('log', 'term') }),
      fc.record({ do: fc.constant('finish' as const) }),
      fc.record({ do: fc.constant('crash' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const disk = newDisk();
        // The model copies whole files.
        let seen = new Map<string, number[]>();
        let durable = new Map<string, number[]>();
        let waiting: { file: string; snapshot: number[] | undefined }[] = [];
        let next = 0;
        for (const action of actions) {
          const path = 'file' in action ? `/d/${action.file}` : '';
          const old = 'file' in action ? seen.get(action.file) : undefined;
          if (action.do === 'append') {
            append(disk, path, next, 1, by(0));
            seen.set(action.file, [...(old ?? []), next++]);
            waiting.push({ file: action.file, snapshot: undefined });
          } else if (action.do === 'replace') {
            const fresh = Array.from({ length: action.length }, () => next++);
            replace(disk, path, fresh, action.length, by(0));
            seen.set(action.file, fresh);
            waiting.push({ file: action.file, snapshot: undefined });
          } else if (action.do === 'truncate') {
            truncate(disk, path, action.length, by(0));
            if (old !== undefined) seen.set(action.file, old.slice(0, action.length));
            waiting.push({ file: action.file, snapshot: undefined });
          } else if (action.do === 'sync') {
            sync(disk, path, by(0));
            waiting.push({ file: action.file, snapshot: old });
          } else if (action.do === 'finish') {
            const done = waiting.shift();
            if (done === undefined) continue;
            finish(disk);
            if (done.snapshot !== undefined) durable.set(done.file, done.snapshot);
          } else {
            loseUnsynced(disk);
            waiting = [];
            seen = new Map(durable);
            durable = new Map(durable);
          }
          const sorted = (files: ReadonlyMap<string, readonly unknown[]>) => [...files].sort(([a], [b]) => (a < b ? -1 : 1));
          expect(sorted(filesBelow(disk, '/d'))).toEqual(sorted(seen));
          expect(disk.used).toBe([...seen.values()].flat().length);
        }
      }),
    );
  });
});

describe('the disk', () => {
  test('works one thing after another, each for its time', () => {
    const disk = newDisk({ write: milliseconds(1), sync: milliseconds(10) });
    expect(append(disk, FILE, 'a', 1, by(1, at(0)))).toBe(milliseconds(1));
    expect(sync(disk, FILE, by(2, at(0)))).toBe(milliseconds(11));
    expect(append(disk, FILE, 'b', 1, by(3, at(5)))).toBe(milliseconds(12));
    drain(disk);
    expect(append(disk, FILE, 'c', 1, by(4, at(100)))).toBe(milliseconds(101));
  });

  test('refuses what does not fit, and the file stays as it was', () => {
    const disk = newDisk({ capacity: 10 });
    append(disk, FILE, 'a', 6, by(1));
    append(disk, FILE, 'b', 5, by(2));
    replace(disk, FILE, ['c'], 5, by(3));
    expect(disk.operations.map(({ outcome }) => outcome)).toEqual(['ok', 'full', 'full']);
    expect(records(disk)).toEqual(['a']);
    truncate(disk, FILE, 0, by(4));
    append(disk, FILE, 'b', 5, by(5));
    expect(records(disk)).toEqual(['b']);
  });

  test('holds texts, which scripts append to', () => {
    const disk = newDisk();
    install(disk, '/root/events', 'first\n');
    append(disk, '/root/events', 'second\n', 7, by(1));
    expect(readText(disk, '/root/events')).toBe('first\nsecond\n');
    expect(readText(disk, '/root/none')).toBeUndefined();
    append(disk, FILE, { term: 1 }, 8, by(2));
    expect(readText(disk, FILE)).toBeUndefined();
    loseUnsynced(disk);
    expect(readText(disk, '/root/events')).toBe('first\n');
  });

  test('counts bytes as UTF-8 does', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
      }),
    );
  });
});

describe('a disk that does not do what it should', () => {
  const fate = (more: Partial<DiskFate>): DiskFate => ({ delay: ZERO, outcome: 'ok', lies: false, ...more });

  test('a sync that lies leaves all as it was, and one that fails too', () => {
    for (const bad of [fate({ lies: true }), fate({ outcome: 'error' })]) {
      const disk = newDisk();
      append(disk, FILE, 'a', 1, by(1));
      sync(disk, FILE, { ...by(2), fate: bad });
      drain(disk);
      loseUnsynced(disk);
      expect(records(disk)).toBeUndefined();
    }
  });

  test('what fails does nothing, and comes back when it would', () => {
    const disk = newDisk({ write: milliseconds(1) });
    append(disk, FILE, 'a', 1, by(1));
    const due = append(disk, FILE, 'b', 1, { ...by(2), fate: fate({ outcome: 'full', delay: milliseconds(5) }) });
    truncate(disk, FILE, 0, { ...by(3), fate: fate({ outcome: 'error' }) });
    replace(disk, FILE, ['c'], 1, { ...by(4), fate: fate({ outcome: 'error' }) });
    expect(due).toBe(milliseconds(7));
    expect(disk.operations.map(({ outcome }) => outcome)).toEqual(['ok', 'full', 'error', 'error']);
    expect(records(disk)).toEqual(['a']);
  });

  test('a torn crash keeps a part of the appends since the last sync, the last one damaged', () => {
    const disk = newDisk();
    append(disk, FILE, 'a', 1, by(1));
    sync(disk, FILE, by(2));
    for (const [i, record] of ['b', 'c', 'd'].entries()) append(disk, FILE, record, 1, by(3 + i));
    drain(disk);
    const asked: (readonly number[])[] = [];
    loseUnsynced(disk, (_, writers) => {
      asked.push(writers);
      return { kept: 2, damaged: true };
    });
    // The append of a and the sync are the operations 0 and 1.
    expect(asked).toEqual([[2, 3, 4]]);
    expect(records(disk)).toEqual(['a', 'b', null]);
    expect(disk.used).toBe(3);
  });

  test('a file that was replaced is never torn: a rename happens or does not', () => {
    const disk = newDisk();
    replace(disk, FILE, ['a', 'b'], 2, by(1));
    append(disk, FILE, 'c', 1, by(2));
    drain(disk);
    loseUnsynced(disk, () => ({ kept: 1, damaged: true }));
    expect(records(disk)).toBeUndefined();
  });

  test('a record that rots is damaged, also in what a crash leaves', () => {
    const disk = newDisk();
    for (const record of ['a', 'b', 'c']) append(disk, FILE, record, 1, by(1));
    sync(disk, FILE, by(2));
    drain(disk);
    corrupt(disk, FILE, -2);
    corrupt(disk, FILE, 3);
    corrupt(disk, '/nowhere', 0);
    loseUnsynced(disk);
    expect(records(disk)).toEqual(['a', null, 'c']);
  });

  test('a wiped disk is empty, and syncs that were under way make nothing durable', () => {
    const disk = newDisk();
    append(disk, FILE, 'a', 1, by(1));
    sync(disk, FILE, by(2));
    wipe(disk);
    append(disk, FILE, 'b', 1, by(3));
    drain(disk);
    expect(records(disk)).toEqual(['b']);
    expect(disk.used).toBe(1);
    loseUnsynced(disk);
    expect(records(disk)).toBeUndefined();
  });
});
