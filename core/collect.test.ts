import { describe, expect, test } from 'vitest';
import { CollectingOut } from './collect.ts';
import type { Endpoint } from './names.ts';
import type { Part, Socket } from './protocol.ts';
import { seconds } from './time.ts';

const socket = 0 as Socket;
const peer = 4 as Endpoint;

describe('a collecting out', () => {
  test('keeps each call as data, in order and with its part, until it is taken', () => {
    const out = new CollectingOut<string>();
    expect(out.send(socket, peer, 'ping', 8)).toBe(true);
    const stream = out.open(socket, peer);
    out.transmit(stream, 'hello', 5);
    out.close(stream);
    out.setTimer(1, 2, seconds(3));
    out.cancelTimer(1, 2);
    out.append('log', { term: 1 }, 12, 0);
    out.replace('vote', [1], 4, 1);
    out.truncate('log', 7, 2);
    out.sync('log', 3);
    out.reply(5, 'done');
    out.cell(6, 0, 'alive');
    out.announce({ type: 'joined' });
    out.log('a line');
    expect(out.take()).toEqual([
      { part: 0, type: 'send', socket: 0, to: 4, message: 'ping', bytes: 8 },
      { part: 0, type: 'open', socket: 0, to: 4, stream: 1 },
      { part: 0, type: 'transmit', stream: 1, message: 'hello', bytes: 5 },
      { part: 0, type: 'close', stream: 1 },
      { part: 0, type: 'setTimer', kind: 1, subject: 2, after: 3_000_000_000 },
      { part: 0, type: 'cancelTimer', kind: 1, subject: 2 },
      { part: 0, type: 'append', file: 'log', record: { term: 1 }, bytes: 12, write: 0 },
      { part: 0, type: 'replace', file: 'vote', records: [1], bytes: 4, write: 1 },
      { part: 0, type: 'truncate', file: 'log', length: 7, write: 2 },
      { part: 0, type: 'sync', file: 'log', write: 3 },
      { part: 0, type: 'reply', command: 5, result: 'done' },
      { part: 0, type: 'cell', subject: 6, field: 0, value: 'alive' },
      { part: 0, type: 'announce', notice: { type: 'joined' } },
      { part: 0, type: 'log', line: 'a line' },
    ]);
    expect(out.take()).toEqual([]);
  });

  test('collects the calls of another part in the same list, and counts streams over both', () => {
    const out = new CollectingOut();
    const other = out.of(1 as Part);
    out.log('parent');
    other.log('child');
    expect([out.open(socket, peer), other.open(socket, peer), out.open(socket, peer)]).toEqual([1, 2, 3]);
    expect(out.take().map((call) => [call.part, call.type])).toEqual([
      [0, 'log'],
      [1, 'log'],
      [0, 'open'],
      [1, 'open'],
      [0, 'open'],
    ]);
  });

  test('refuses what it is told to refuse', () => {
    const out = new CollectingOut((_, to, bytes) => to === peer && bytes > 65_507);
    expect(out.send(socket, peer, 'large', 65_508)).toBe(false);
    expect(out.send(socket, peer, 'small', 65_507)).toBe(true);
    expect(out.take()).toHaveLength(2);
  });
});
