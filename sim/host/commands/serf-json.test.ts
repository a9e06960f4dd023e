import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type JsonNode, readJson } from './serf-json.ts';

/** The value without places. */
function plain({ value }: JsonNode): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, { node }]) => [key, plain(node)]));
  return Array.isArray(value) ? value.map(plain) : value;
}

describe('mistakes are told in the words of Go, which `serf agent` prints (Serf 0.9.4)', () => {
  test.each`
    text                    | at    | error
    ${'# comment\n{}'}      | ${0}  | ${"invalid character '#' looking for beginning of value"}
    ${'// comment\n{}'}     | ${0}  | ${"invalid character '/' looking for beginning of value"}
    ${'{"node_name":"x",}'} | ${17} | ${"invalid character '}' looking for beginning of object key string"}
    ${'{"node_name":"x"'}   | ${16} | ${'unexpected EOF'}
    ${''}                   | ${0}  | ${'EOF'}
    ${' \n'}                | ${2}  | ${'EOF'}
    ${'{"a":"x\ny"}'}       | ${7}  | ${"invalid character '\\n' in string literal"}
    ${'{"a":"\\q"}'}        | ${7}  | ${"invalid character 'q' in string escape code"}
    ${'{"a" 5}'}            | ${5}  | ${"invalid character '5' after object key"}
    ${'{"a":5 "b":6}'}      | ${7}  | ${"invalid character '\"' after object key:value pair"}
    ${'{"a":tru}'}          | ${8}  | ${"invalid character '}' in literal true (expecting 'e')"}
    ${'{"a":01}'}           | ${6}  | ${"invalid character '1' after object key:value pair"}
    ${'{"a":[1,]}'}         | ${8}  | ${"invalid character ']' looking for beginning of value"}
    ${'{a:1}'}              | ${1}  | ${"invalid character 'a' looking for beginning of object key string"}
    ${"{'a':1}"}            | ${1}  | ${"invalid character '\\'' looking for beginning of object key string"}
  `('$text', ({ text, at, error }) => {
    expect(readJson(text, 'first')).toEqual({ ok: false, at, error });
  });

  test('a file that is read as a whole may not go on', () => {
    expect(readJson('{} x', 'whole')).toEqual({ ok: false, at: 3, error: "invalid character 'x' after top-level value" });
    expect(readJson('{', 'whole')).toEqual({ ok: false, at: 1, error: 'unexpected end of JSON input' });
    expect(readJson('{} x', 'first').ok).toBe(true);
  });
});

test('whatever is JSON reads as its value', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const result = readJson(text, 'whole');
      expect(result.ok && JSON.stringify(plain(result.node))).toBe(JSON.stringify(JSON.parse(text)));
    }),
  );
});

test('whatever is no JSON is refused', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom(...'{}[]",:x1 '), (json, place, character) => {
      const at = place % json.length;
      const text = json.slice(0, at) + character + json.slice(at + 1);
      let isJson = true;
      try {
        // A number that is too large is none for Go.
        JSON.parse(text, (_key, value) => (value === Infinity || value === -Infinity ? JSON.parse('no') : value));
      } catch {
        isJson = false;
      }
      expect(readJson(text, 'whole').ok).toBe(isJson);
    }),
  );
});

test('keys and values have their places', () => {
  const result = readJson('{\n  "a": [1, true]\n}', 'first');
  const entry = result.ok && result.node.value instanceof Map ? result.node.value.get('a') : undefined;
  expect(entry).toEqual({
    at: 4,
    node: {
      at: 9,
      value: [
        { at: 10, value: 1 },
        { at: 13, value: true },
      ],
    },
  });
});
