import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AgentConfig, mergeConfig, readConfig } from './serf-config.ts';

const errorOf = (text: string, old = true): string | undefined => {
  const result = readConfig(text, old);
  return result.ok ? undefined : result.error;
};
const config = (text: string): AgentConfig => {
  const result = readConfig(text, false);
  return result.ok ? result.config : expect.fail(result.error);
};
const decoding = (...points: string[]): string =>
  `${points.length} error(s) decoding:\n\n${points.map((point) => `* ${point}`).join('\n')}`;

describe('a configuration that does not decode is refused in the words of Serf 0.9.4', () => {
  test.each([
    ['# comment\n{"node_name":"x"}', "invalid character '#' looking for beginning of value"],
    ['{"node_nam":"x"}', decoding("'' has invalid keys: node_nam")],
    ['{"foo":1,"bar":2}', decoding("'' has invalid keys: bar, foo")],
    ['{"node_name":5}', decoding("'node_name' expected type 'string', got unconvertible type 'float64', value: '5'")],
    [
      '{"foo":1,"node_name":5}',
      decoding("'' has invalid keys: foo", "'node_name' expected type 'string', got unconvertible type 'float64', value: '5'"),
    ],
    [
      '{"leave_on_terminate":"yes"}',
      decoding("'leave_on_terminate' expected type 'bool', got unconvertible type 'string', value: 'yes'"),
    ],
    ['{"protocol":"5"}', decoding("'protocol' expected type 'int', got unconvertible type 'string', value: '5'")],
    ['{"tags":["a"]}', decoding("'tags' expected a map, got 'slice'")],
    ['{"tags":{"a":5}}', decoding("'tags[a]' expected type 'string', got unconvertible type 'float64', value: '5'")],
    ['{"start_join":"10.9.0.1"}', decoding("'start_join': source data must be an array or slice, got string")],
    ['{"start_join":[5]}', decoding("'start_join[0]' expected type 'string', got unconvertible type 'float64', value: '5'")],
    [
      '{"reconnect_interval":4}',
      decoding("'reconnect_interval' expected type 'string', got unconvertible type 'float64', value: '4'"),
    ],
    ['[]', "'' expected a map, got 'slice'"],
    ['5', "'' expected a map, got 'float64'"],
    ['{"reconnect_interval":"4x"}', 'time: unknown unit "x" in duration "4x"'],
    ['{"retry_interval":"30"}', 'time: missing unit in duration "30"'],
    ['{"mdns":{"interface":"lo"}}', decoding("'' has invalid keys: mdns")],
    ['{"validate_node_names":true}', decoding("'' has invalid keys: validate_node_names")],
    ['{"node_name":"x","NODE_NAME":"y"}', decoding("'' has invalid keys: NODE_NAME")],
  ])('%s', (text, error) => {
    expect(errorOf(text)).toBe(error);
  });

  test('the keys that came later are refused by older agents only', () => {
    expect(errorOf('{"mdns":{"interface":"lo"},"validate_node_names":true}', false)).toBeUndefined();
    expect(errorOf('{"mdns":{"foo":1}}', false)).toBe(decoding("'mdns' has invalid keys: foo"));
  });

  test('each mistake has its place', () => {
    const result = readConfig('{\n  "foo": 1,\n  "protocol": "5"\n}', true);
    expect(!result.ok && result.mistakes.map(({ at, unknown }) => [at, unknown])).toEqual([
      [28, undefined],
      [4, 'foo'],
    ]);
  });
});

describe('a configuration that decodes', () => {
  test.each([
    ['{"Node_Name":"cased"}', { node_name: 'cased' }],
    ['{"node_name":"x"} trailing', { node_name: 'x' }],
    ['{"protocol":4.5}', { protocol: 4 }],
    ['{"tags":null,"node_name":null}', {}],
    ['null', {}],
    ['{"tombstone_timeout":"","node_name":"","protocol":0}', {}],
    ['{"reconnect_interval":"4s","reconnect_timeout":"-1s"}', { reconnect_interval: 4e9, reconnect_timeout: -1e9 }],
    ['{"mdns":{"interface":"eth1","disable_ipv6":true}}', { mdns: { interface: 'eth1', disable_ipv6: true } }],
  ])('%s', (text, expected) => {
    expect(config(text)).toEqual(expected);
  });
});

describe('a later source is put over an earlier one', () => {
  const merged = (...texts: string[]): AgentConfig => texts.map(config).reduce(mergeConfig);

  test('texts, numbers and durations count where they are given', () => {
    expect(merged('{"node_name":"a","protocol":4,"retry_interval":"5s"}', '{"node_name":"","retry_interval":"7s"}')).toEqual({
      node_name: 'a',
      protocol: 4,
      retry_interval: 7e9,
    });
  });

  test('a switch that is on stays on', () => {
    expect(merged('{"leave_on_terminate":true}', '{"leave_on_terminate":false}')).toEqual({ leave_on_terminate: true });
  });

  test('lists are joined, tags merged', () => {
    const first = '{"start_join":["1.1.1.1"],"event_handlers":["a"],"tags":{"a":"1","b":"1"}}';
    const second = '{"start_join":["2.2.2.2"],"event_handlers":["b"],"tags":{"b":"2","c":"2"}}';
    expect(merged(first, second)).toEqual({
      start_join: ['1.1.1.1', '2.2.2.2'],
      event_handlers: ['a', 'b'],
      tags: { a: '1', b: '2', c: '2' },
    });
  });

  test('so are the settings of multicast DNS', () => {
    expect(merged('{"mdns":{"interface":"eth0","disable_ipv4":true}}', '{"mdns":{"disable_ipv6":true}}')).toEqual({
      mdns: { interface: 'eth0', disable_ipv4: true, disable_ipv6: true },
    });
  });
});

test('of three sources it does not matter which two are put together first', () => {
  const text = fc.constantFrom('', 'a', 'b');
  const source = fc.record(
    {
      node_name: text,
      protocol: fc.integer({ min: 0, max: 5 }),
      leave_on_terminate: fc.boolean(),
      enable_compression: fc.boolean(),
      start_join: fc.array(text, { maxLength: 2 }),
      tags: fc.dictionary(fc.constantFrom('x', 'y'), text),
      retry_interval: fc.constantFrom('', '5s', '1m'),
      mdns: fc.record({ interface: text, disable_ipv4: fc.boolean() }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(source, source, source, (...sources) => {
      const [a = {}, b = {}, c = {}] = sources.map((each) => config(JSON.stringify(each)));
      expect(mergeConfig(mergeConfig(a, b), c)).toEqual(mergeConfig(a, mergeConfig(b, c)));
    }),
  );
});
