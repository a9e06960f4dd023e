import { describe, expect, test } from 'vitest';
import type { LamportTime } from '../../../core/serf/lamport.ts';
import type { Instant } from '../../../core/time.ts';
import { eventInfo } from './serf-event-info.ts';
import { lineRank, rankOf } from './serf-log.ts';
import { formattedMembers, type MemberPatterns, type MemberRow, matches, memberFilter } from './serf-output.ts';

const protocol = { min: 2, max: 5, version: 5 };
const alpha: MemberRow = {
  name: 'alpha',
  address: '10.0.0.1',
  port: 7946,
  status: 'alive',
  tags: [
    ['role', 'web'],
    ['dc', 'a'],
  ],
  protocol,
};
const beta: MemberRow = { name: 'beta', address: '10.0.0.2', port: 7946, status: 'failed', tags: [], protocol };

const plain = { json: false, detailed: false };
const print = (rows: readonly MemberRow[], form = {}) => formattedMembers(rows, { ...plain, ...form });

describe('serf members', () => {
  test('has columns as wide as they must be, and two blanks between them', () => {
    expect(print([alpha, beta])).toBe('alpha  10.0.0.1:7946  alive   role=web,dc=a\nbeta   10.0.0.2:7946  failed');
  });

  test('keeps the blanks before tags that are not there, but for the last row', () => {
    expect(print([beta, alpha, { ...beta, name: 'c' }])).toBe(
      'beta   10.0.0.2:7946  failed  \nalpha  10.0.0.1:7946  alive   role=web,dc=a\nc      10.0.0.2:7946  failed',
    );
  });

  test('shows versions when asked for details', () => {
    expect(print([alpha], { detailed: true })).toBe(
      'alpha  10.0.0.1:7946  alive  role=web,dc=a  Protocol Version: 5  Available Protocol Range: [2, 5]',
    );
  });

  test('prints an empty line when nobody matches', () => {
    expect(print([])).toBe('');
  });

  test('prints JSON, indented by two', () => {
    expect(print([alpha], { json: true })).toBe(`{
  "members": [
    {
      "name": "alpha",
      "addr": "10.0.0.1:7946",
      "port": 7946,
      "tags": {
        "dc": "a",
        "role": "web"
      },
      "status": "alive",
      "protocol": {
        "max": 5,
        "min": 2,
        "version": 5
      }
    }
  ]
}`);
    expect(print([{ ...beta, tags: [['x', 'a<b']] }], { json: true })).toContain('"x": "a\\u003cb"');
    expect(print([], { json: true })).toBe('{\n  "members": null\n}');
  });

  test.each`
    filter                       | names
    ${{ status: 'alive' }}       | ${['alpha']}
    ${{ status: 'live' }}        | ${[]}
    ${{ name: '.*a' }}           | ${['alpha', 'beta']}
    ${{ name: 'al|xx' }}         | ${['alpha']}
    ${{ tags: { dc: 'a' } }}     | ${['alpha']}
    ${{ tags: { dc: '' } }}      | ${['beta']}
    ${{ tags: { dc: '[^a]?' } }} | ${['beta']}
  `('of alpha and beta $filter leaves $names', ({ filter, names }) => {
    const patterns: MemberPatterns = { status: '', name: '', tags: {}, ...filter };
    const made = memberFilter(patterns);
    const shown = [alpha, beta].filter((row) => typeof made === 'object' && matches(made, row));
    expect(shown.map(({ name }) => name)).toEqual(names);
  });
});

test('serf monitor prints an event as Go literals', () => {
  const tags = [
    ['role', 'web'],
    ['x', 'a<b'],
    ['dc', 'b'],
  ] as const;
  const event = { type: 'member-update', members: [{ name: 'n2', address: '10.9.0.2', port: 7946, tags }] } as const;
  // As Serf 0.9.4 printed it.
  expect(eventInfo(event, 0, () => ({ status: 'alive', versions: [1, 5, 2, 2, 5, 5] }))).toEqual([
    'Event Info:',
    '\tEvent: "member-update"',
    '\tMembers: []interface {}{map[interface {}]interface {}{"Addr":[]uint8{0xa, 0x9, 0x0, 0x2}, "DelegateCur":5, ' +
      '"DelegateMax":5, "DelegateMin":2, "Name":"n2", "Port":0x1f0a, "ProtocolCur":2, "ProtocolMax":5, "ProtocolMin":1, ' +
      '"Status":"alive", "Tags":map[interface {}]interface {}{"dc":"b", "role":"web", "x":"a<b"}}}',
  ]);
});

test.each([
  [
    { type: 'user', time: 2 as LamportTime, name: 'deploy', payload: 'v 2', coalesce: false } as const,
    ['Coalesce: false', 'Event: "user"', 'LTime: 2', 'Name: "deploy"', 'Payload: []byte{0x76, 0x20, 0x32}'],
  ],
  [
    {
      type: 'query',
      query: 5,
      time: 3 as LamportTime,
      id: 9,
      name: 'load',
      payload: '',
      source: 'a',
      deadline: 0 as Instant,
    } as const,
    ['Event: "query"', 'ID: 1', 'LTime: 3', 'Name: "load"', 'Payload: <nil>'],
  ],
])('so are user events and queries (Serf 0.9.4)', (event, fields) => {
  const nobody = () => expect.fail('no member is in it');
  expect(eventInfo(event, 1, nobody)).toEqual(['Event Info:', ...fields.map((field) => `\t${field}`)]);
});

test.each`
  level     | line                     | shown
  ${'INFO'} | ${'[INFO] serf: x'}      | ${true}
  ${'INFO'} | ${'[DEBUG] agent: x'}    | ${false}
  ${'WARN'} | ${'[INFO] serf: x'}      | ${false}
  ${'WARN'} | ${'[ERR] memberlist: x'} | ${true}
  ${'ERR'}  | ${'something else'}      | ${true}
`('at level $level the line $line is shown: $shown', ({ level, line, shown }) => {
  expect(lineRank(line) >= rankOf(level)).toBe(shown);
});
