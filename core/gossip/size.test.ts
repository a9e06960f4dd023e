import { describe, expect, test } from 'vitest';
import {
  accusationSize,
  ackSize,
  aliveSize,
  barePingSize,
  COMPOUND_HEADER,
  COMPOUND_OVERHEAD,
  CRC_OVERHEAD,
  countSize,
  indirectPingSize,
  nackSize,
  pingSize,
  pushPullHeaderSize,
  pushPullNodeSize,
  rawSize,
  signedSize,
  textBytes,
  textSize,
  unsignedSize,
  userHeaderSize,
} from './size.ts';

/** What real agents sent, in hex. */
const SENT = {
  'push/pull header': '0683a44a6f696ec3a54e6f64657301ac5573657253746174654c656ecd0276',
  'push/pull node':
    '87a441646472a47f00000eab496e6361726e6174696f6e01a44d657461a6ff81a16ba176a44e616d65a564656c7461a4506f7274cd1f0aa5537461746500a356736ea6010502020505',
  alive:
    '0486a441646472a47f00000eab496e6361726e6174696f6e01a44d657461a6ff81a16ba176a44e6f6465a564656c7461a4506f7274cd1f0aa356736ea6010502020505',
  ping: '0085a44e6f6465a466616b65a55365714e6f01aa536f7572636541646472a47f00000eaa536f757263654e6f6465a564656c7461aa536f75726365506f7274cd1f0a',
  nack: '0b81a55365714e6f4e',
  'ack nil': '0282a75061796c6f6164c0a55365714e6f09',
  suspect: '0383a446726f6da462657461ab496e6361726e6174696f6e01a44e6f6465a566616b6532',
  compound: '0702000900240b81a55365714e6f4e0383a446726f6da462657461ab496e6361726e6174696f6e01a44e6f6465a566616b6532',
  'compressed ping over TCP, expanded':
    '0085a44e6f6465a172a55365714e6f01aa536f7572636541646472a47f000010aa536f757263654e6f6465a17aaa536f75726365506f7274cd1f0a',
};
/** The head of an ack with a coordinate; eight doubles of nine bytes and a sequence number of 501 follow. */
const ACK_HEAD =
  '0282a75061796c6f6164da00820184aa41646a7573746d656e74cb0000000000000000a54572726f72cb3ff8000000000000a6486569676874cb3ee4f8b588e368f1a356656398';
const ACK_TAIL = 'a55365714e6fcd01f5';
/** The state of a Serf agent that followed the header above had this length. */
const USER_STATE = 0x0276;
const META = 6;

const lengthOf = (hex: string): number => hex.length / 2;

describe('sizes of messages, by what real agents sent', () => {
  test.each`
    message                                 | size
    ${'push/pull header'}                   | ${pushPullHeaderSize(1, USER_STATE, 'old')}
    ${'push/pull node'}                     | ${pushPullNodeSize(1, textSize('delta'), 4, 7946, META)}
    ${'alive'}                              | ${aliveSize(1, textSize('delta'), 4, 7946, META)}
    ${'ping'}                               | ${pingSize(1, textSize('fake'), 4, 7946, textSize('delta'))}
    ${'compressed ping over TCP, expanded'} | ${pingSize(1, textSize('r'), 4, 7946, textSize('z'))}
    ${'nack'}                               | ${nackSize(0x4e)}
    ${'ack nil'}                            | ${ackSize(9)}
    ${'suspect'}                            | ${accusationSize(1, textSize('fake2'), textSize('beta'))}
    ${'compound'}                           | ${COMPOUND_HEADER + 2 * COMPOUND_OVERHEAD + nackSize(0x4e) + accusationSize(1, textSize('fake2'), textSize('beta'))}
  `('$message', ({ message, size }: { message: keyof typeof SENT; size: number }) => {
    expect(size).toBe(lengthOf(SENT[message]));
  });

  test('an ack with a coordinate', () => {
    expect(ackSize(501, 130)).toBe(lengthOf(ACK_HEAD) + 8 * 9 + lengthOf(ACK_TAIL));
  });

  test('a checksum adds its type byte and four bytes', () => {
    expect(CRC_OVERHEAD + lengthOf(SENT.alive)).toBe(lengthOf(`0c888d6f2a${SENT.alive}`));
  });

  test('seventeen alives of short names fill a packet of 1345 bytes', () => {
    const alive = aliveSize(1, textSize('node-01'), 16, 7946, 2);
    expect(alive).toBe(77);
    expect(COMPOUND_HEADER + 17 * (COMPOUND_OVERHEAD + alive)).toBe(1345);
    expect(COMPOUND_HEADER + 18 * (COMPOUND_OVERHEAD + alive)).toBeGreaterThan(1400);
  });

  test('what no recorded message shows follows from its field names', () => {
    // Each key costs its length and one byte; the map and the type byte one each.
    const keys = (...names: string[]): number => names.reduce((sum, name) => sum + name.length + 1, 1);
    const indirect = { sequence: 1, targetBytes: 4, targetPort: 7946, node: 5, sourceBytes: 16, sourcePort: 7946, self: 6 };
    const fields = keys('SeqNo', 'Target', 'Port', 'Node', 'Nack', 'SourceAddr', 'SourcePort', 'SourceNode');
    expect(indirectPingSize(indirect)).toBe(1 + fields + 1 + 5 + 3 + 5 + 1 + 17 + 3 + 6);
    expect(barePingSize(1, 5)).toBe(1 + keys('SeqNo', 'Node') + 1 + 5);
    expect(userHeaderSize(100, 'new')).toBe(1 + keys('UserMsgLen') + 1);
  });
});

describe('sizes of values (msgpack, with the old raw family)', () => {
  test.each([
    [0, 1],
    [31, 32],
    [32, 35],
    [65_535, 65_538],
    [65_536, 65_541],
  ])('%i bytes take %i', (bytes, size) => expect(rawSize(bytes)).toBe(size));

  test.each([
    [127, 1, 1, 1],
    [128, 2, 2, 3],
    [255, 2, 2, 3],
    [256, 3, 3, 3],
    [32_767, 3, 3, 3],
    [32_768, 3, 3, 5],
    [65_535, 3, 3, 5],
    [65_536, 5, 5, 5],
    [2_147_483_647, 5, 5, 5],
    [2_147_483_648, 5, 5, 9],
    [4_294_967_295, 5, 5, 9],
    [4_294_967_296, 9, 9, 9],
  ])('%i takes %i unsigned, %i signed by old agents and %i by new ones', (value, unsigned, old, recent) => {
    expect([unsignedSize(value), signedSize(value, 'old'), signedSize(value, 'new')]).toEqual([unsigned, old, recent]);
  });

  test.each([
    [15, 1],
    [16, 3],
    [65_535, 3],
    [65_536, 5],
  ])('the header of %i entries takes %i', (entries, size) => expect(countSize(entries)).toBe(size));

  test.each(['n1', 'Zürich', '東京', '🦊 fox'])('%s is measured in UTF-8', (text) => {
    expect(textBytes(text)).toBe(new TextEncoder().encode(text).length);
  });
});
