import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { crc32 } from './crc.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

test.each`
  text                                             | crc
  ${''}                                            | ${0}
  ${'a'}                                           | ${0xe8b7be43}
  ${'123456789'}                                   | ${0xcbf43926}
  ${'The quick brown fox jumps over the lazy dog'} | ${0x414fa339}
`('the published CRC-32 of "$text"', ({ text, crc }) => {
  expect(crc32(bytesOf(text))).toBe(crc);
});

test('is the one at the end of every gzip file (RFC 1952)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const zipped = gzipSync(bytes);
      expect(crc32(bytes)).toBe(zipped.readUInt32LE(zipped.length - 8));
    }),
  );
});
