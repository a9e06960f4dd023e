import { describe, expect, test } from 'vitest';
import { installKey, keyBytes, removeKey, useKey } from './keyring.ts';

// The keys of upstream's own examples: 16 and 32 bytes.
const A = 'cg8StVXbQJ0gPvMd9o7yrg==';
const B = 'T9jncgl9mbLus+baTTa7q7nPSUrXwbDi2dhbtqir37s=';
const C = 'HvY8ubRZMgafUOWvrOadwOckVa1wN3QWAo46FVKbVN8=';

describe('keys', () => {
  test.each([
    [A, 16],
    [B, 32],
    ['AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 24],
    ['AAA=', 2],
    ['', 0],
    ['not base64!', undefined],
    ['AAA', undefined],
  ])('%s has %s bytes', (key, bytes) => {
    expect(keyBytes(key)).toBe(bytes);
  });

  test('of another size than AES has are refused', () => {
    const keys = [A];
    expect(installKey(keys, 'AAA=')).toBe('key size must be 16, 24 or 32 bytes');
    expect(keys).toEqual([A]);
  });

  test('are added behind the primary one, once', () => {
    const keys: string[] = [];
    for (const key of [A, B, A]) expect(installKey(keys, key)).toBeUndefined();
    expect(keys).toEqual([A, B]);
  });

  test('that are used come first', () => {
    const keys = [A, B, C];
    expect(useKey(keys, C)).toBeUndefined();
    expect(keys).toEqual([C, A, B]);
    expect(useKey([A], B)).toBe('requested key is not in the keyring');
  });

  test('are removed, except the primary one', () => {
    const keys = [A, B];
    expect(removeKey(keys, A)).toBe('removing the primary key is not allowed');
    expect(removeKey(keys, C)).toBeUndefined();
    expect(removeKey(keys, B)).toBeUndefined();
    expect(keys).toEqual([A]);
  });
});
