import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readDelay, readDrift, readHostAddress, readRate, readSignedTime, readSize } from './quantity.ts';

describe('quantities as people write them', () => {
  test.each`
    read               | text              | value
    ${readRate}        | ${'100Mbit'}      | ${100_000_000}
    ${readRate}        | ${'1.5Gbit/s'}    | ${1_500_000_000}
    ${readRate}        | ${'64 kbit'}      | ${64_000}
    ${readRate}        | ${'0bit'}         | ${undefined}
    ${readRate}        | ${'100MB'}        | ${undefined}
    ${readRate}        | ${'100'}          | ${undefined}
    ${readSize}        | ${'64KiB'}        | ${65_536}
    ${readSize}        | ${'1MB'}          | ${1_000_000}
    ${readSize}        | ${1500}           | ${1500}
    ${readSize}        | ${1.5}            | ${undefined}
    ${readSize}        | ${0}              | ${undefined}
    ${readSize}        | ${'9999999999GB'} | ${undefined}
    ${readDrift}       | ${'50ppm'}        | ${50}
    ${readDrift}       | ${'-20 ppm'}      | ${-20}
    ${readDrift}       | ${'0.5ppm'}       | ${undefined}
    ${readSignedTime}  | ${'-200ms'}       | ${-200_000_000}
    ${readSignedTime}  | ${'+1s'}          | ${1_000_000_000}
    ${readSignedTime}  | ${'-0s'}          | ${0}
    ${readSignedTime}  | ${'--1s'}         | ${undefined}
    ${readDelay}       | ${'1ms..1ms'}     | ${{ type: 'uniform', min: 1_000_000, max: 1_000_000 }}
    ${readDelay}       | ${'1ms..'}        | ${undefined}
    ${readDelay}       | ${'1ms..2ms..3s'} | ${undefined}
    ${readHostAddress} | ${'10.0.1.9'}     | ${{ address: 0x0a000109 }}
    ${readHostAddress} | ${'10.0.1.9/24'}  | ${{ address: 0x0a000109, length: 24 }}
    ${readHostAddress} | ${'10.0.1.9/33'}  | ${undefined}
    ${readHostAddress} | ${'10.0.1.9/'}    | ${undefined}
  `('$text is $value', ({ read, text, value }) => {
    expect(read(text)).toEqual(value);
  });

  test('a range of whole microseconds keeps both ends', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (a, b) => {
        const [min, max] = a < b ? [a, b] : [b, a];
        expect(readDelay(`${min}us..${max}us`)).toEqual({ type: 'uniform', min: min * 1000, max: max * 1000 });
      }),
    );
  });
});
