import { describe, expect, test } from 'vitest';
import { eventInfo } from './serf-event-info.ts';
import { formattedMembers, isShownAt, type MemberRow, wholeOf } from './serf-output.ts';

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

const all = { status: undefined, name: undefined, tags: [] };
const plain = { json: false, detailed: false };
const print = (rows: readonly MemberRow[], filter = {}, form = {}) =>
  formattedMembers(rows, { ...all, ...filter }, { ...plain, ...form });

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
    expect(print([alpha], {}, { detailed: true })).toBe(
      'alpha  10.0.0.1:7946  alive  role=web,dc=a  Protocol Version: 5  Available Protocol Range: [2, 5]',
    );
  });

  test('prints an empty line when nobody matches', () => {
    expect(print([alpha], { name: wholeOf('gamma') })).toBe('');
  });

  test('prints JSON, indented by two', () => {
    expect(print([alpha], {}, { json: true })).toBe(`{
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
    expect(print([{ ...beta, tags: [['x', 'a<b']] }], {}, { json: true })).toContain('"x": "a\\u003cb"');
    expect(print([], {}, { json: true })).toBe('{\n  "members": null\n}');
  });

  test.each`
    filter                                  | names
    ${{ status: wholeOf('alive') }}         | ${['alpha']}
    ${{ status: wholeOf('live') }}          | ${[]}
    ${{ name: wholeOf('.*a') }}             | ${['alpha', 'beta']}
    ${{ name: wholeOf('al|xx') }}           | ${['alpha']}
    ${{ tags: [['dc', wholeOf('a')]] }}     | ${['alpha']}
    ${{ tags: [['dc', wholeOf('')]] }}      | ${['beta']}
    ${{ tags: [['dc', wholeOf('[^a]?')]] }} | ${['beta']}
  `('of alpha and beta $filter leaves $names', ({ filter, names }) => {
    const lines = print([alpha, beta], filter).split('\n');
    expect(lines.map((line) => line.split(' ')[0]).filter((name) => name !== '')).toEqual(names);
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
  expect(eventInfo(event, () => ({ status: 'alive', versions: [1, 5, 2, 2, 5, 5] }))).toEqual([
    'Event Info:',
    '\tEvent: "member-update"',
    '\tMembers: []interface {}{map[interface {}]interface {}{"Addr":[]uint8{0xa, 0x9, 0x0, 0x2}, "DelegateCur":5, ' +
      '"DelegateMax":5, "DelegateMin":2, "Name":"n2", "Port":0x1f0a, "ProtocolCur":2, "ProtocolMax":5, "ProtocolMin":1, ' +
      '"Status":"alive", "Tags":map[interface {}]interface {}{"dc":"b", "role":"web", "x":"a<b"}}}',
  ]);
});

test.each`
  level     | line                     | shown
  ${'INFO'} | ${'[INFO] serf: x'}      | ${true}
  ${'INFO'} | ${'[DEBUG] agent: x'}    | ${false}
  ${'WARN'} | ${'[INFO] serf: x'}      | ${false}
  ${'WARN'} | ${'[ERR] memberlist: x'} | ${true}
  ${'ERR'}  | ${'something else'}      | ${true}
`('at level $level the line $line is shown: $shown', ({ level, line, shown }) => {
  expect(isShownAt(level, line)).toBe(shown);
});
