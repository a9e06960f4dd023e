import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Address,
  broadcastOf,
  contains,
  formatAddress,
  formatPrefix,
  isLinkLocalMulticast,
  isLoopback,
  isMulticast,
  isPrivate,
  netmaskOf,
  overlap,
  type Prefix,
  parseAddress,
  parsePrefix,
  prefixOf,
} from './address.ts';

const addresses = fc.nat(0xff_ff_ff_ff).map((n) => n as Address);
const prefixes = fc.tuple(addresses, fc.integer({ min: 0, max: 32 })).map(([address, length]) => prefixOf(address, length));
const address = (text: string): Address => parseAddress(text) as Address;
const prefix = (text: string): Prefix => parsePrefix(text) as Prefix;

describe('an address', () => {
  test.each`
    text                 | number
    ${'0.0.0.0'}         | ${0}
    ${'0.0.0.1'}         | ${1}
    ${'10.54.222.131'}   | ${0x0a_36_de_83}
    ${'127.0.0.1'}       | ${0x7f_00_00_01}
    ${'224.0.0.251'}     | ${0xe0_00_00_fb}
    ${'255.255.255.255'} | ${0xff_ff_ff_ff}
  `('$text is the number $number', ({ text, number }) => {
    expect(parseAddress(text)).toBe(number);
    expect(formatAddress(number)).toBe(text);
  });

  test.each([
    '',
    '1',
    '1.2.3',
    '1.2.3.4.5',
    '256.0.0.0',
    '1.2.3.1000',
    '-1.0.0.0',
    '1.2.3.4 ',
    ' 1.2.3.4',
    '1.2..4',
    '01.2.3.4',
    '1.2.3.x',
    '::1',
    '1.2.3.4\n',
  ])('"%s" is none', (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  test('is read as it was written', () => {
    fc.assert(fc.property(addresses, (each) => parseAddress(formatAddress(each)) === each));
  });

  // The first and the last address of each block, and their neighbours (RFC 1918, RFC 1122 §3.2.1.3, RFC 5771).
  test.each`
    what                      | is                      | inside                                                                             | outside
    ${'private'}              | ${isPrivate}            | ${'10.0.0.0 10.255.255.255 172.16.0.0 172.31.255.255 192.168.0.0 192.168.255.255'} | ${'9.255.255.255 11.0.0.0 172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0'}
    ${'loopback'}             | ${isLoopback}           | ${'127.0.0.0 127.255.255.255'}                                                     | ${'126.255.255.255 128.0.0.0'}
    ${'multicast'}            | ${isMulticast}          | ${'224.0.0.0 239.255.255.255'}                                                     | ${'223.255.255.255 240.0.0.0 255.255.255.255'}
    ${'link-local multicast'} | ${isLinkLocalMulticast} | ${'224.0.0.0 224.0.0.255'}                                                         | ${'223.255.255.255 224.0.1.0 239.0.0.1'}
  `('is $what within its blocks', ({ is, inside, outside }) => {
    for (const text of inside.split(' ')) expect([text, is(address(text))]).toEqual([text, true]);
    for (const text of outside.split(' ')) expect([text, is(address(text))]).toEqual([text, false]);
  });
});

describe('a prefix', () => {
  test.each`
    text                    | first                | last                 | netmask
    ${'0.0.0.0/0'}          | ${'0.0.0.0'}         | ${'255.255.255.255'} | ${'0.0.0.0'}
    ${'10.0.1.0/24'}        | ${'10.0.1.0'}        | ${'10.0.1.255'}      | ${'255.255.255.0'}
    ${'10.54.222.128/26'}   | ${'10.54.222.128'}   | ${'10.54.222.191'}   | ${'255.255.255.192'}
    ${'192.168.4.0/31'}     | ${'192.168.4.0'}     | ${'192.168.4.1'}     | ${'255.255.255.254'}
    ${'255.255.255.255/32'} | ${'255.255.255.255'} | ${'255.255.255.255'} | ${'255.255.255.255'}
  `('$text runs from $first to $last', ({ text, first, last, netmask }) => {
    expect(formatPrefix(prefix(text))).toBe(text);
    expect([prefix(text).base, broadcastOf(prefix(text)), netmaskOf(prefix(text))].map(formatAddress)).toEqual([
      first,
      last,
      netmask,
    ]);
  });

  test.each([
    '',
    '10.0.0.0',
    '10.0.0.0/',
    '/24',
    '10.0.0.0/33',
    '10.0.0.0/024',
    '10.0.0/24',
    '10.0.0.0/-1',
    '10.0.0.0/2 ',
    '10.0.0.256/8',
  ])('"%s" is none', (text) => {
    expect(parsePrefix(text)).toBeUndefined();
  });

  test('forgets the bits of the host', () => {
    expect(formatPrefix(prefix('10.0.1.77/24'))).toBe('10.0.1.0/24');
  });

  test('contains the addresses from its first to its last', () => {
    fc.assert(
      fc.property(prefixes, addresses, (each, one) => contains(each, one) === (one >= each.base && one <= broadcastOf(each))),
    );
    fc.assert(fc.property(addresses, fc.integer({ min: 0, max: 32 }), (one, length) => contains(prefixOf(one, length), one)));
  });

  test('overlaps another exactly when one has the first address of the other', () => {
    fc.assert(
      fc.property(
        prefixes,
        prefixes,
        (a, b) => overlap(a, b) === (contains(a, b.base) || contains(b, a.base)) && overlap(a, b) === overlap(b, a),
      ),
    );
    expect(overlap(prefix('10.0.0.0/8'), prefix('10.1.0.0/16'))).toBe(true);
    expect(overlap(prefix('10.0.0.0/16'), prefix('10.1.0.0/16'))).toBe(false);
  });
});
