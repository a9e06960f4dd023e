import { describe, expect, test } from 'vitest';
import { textSize } from '../gossip/gossip.ts';
import { COORDINATE_SIZE, joinSize, leaveSize, stateSize, tagsSize } from './size.ts';

const lengthOf = (hex: string): number => hex.length / 2;

describe('sizes of messages, by what real agents sent', () => {
  test('a join intent', () => {
    // The recorded one is a datagram of its own, with memberlist's type byte before it.
    expect(1 + joinSize(9, textSize('fake2'))).toBe(lengthOf('080182a54c54696d6509a44e6f6465a566616b6532'));
  });

  test('tags', () => {
    expect(tagsSize([['k', 'v']])).toBe(lengthOf('ff81a16ba176'));
    expect(tagsSize([])).toBe(lengthOf('ff80'));
  });

  test('a coordinate', () => {
    const head =
      '0184aa41646a7573746d656e74cb0000000000000000a54572726f72cb3ff8000000000000a6486569676874cb3ee4f8b588e368f1a356656398';
    expect(COORDINATE_SIZE).toBe(lengthOf(head) + 8 * 9);
  });
});

describe('what no recorded message shows follows from its field names', () => {
  // Each key costs its length and one byte; the map and the type byte one each.
  const keys = (...names: string[]): number => names.reduce((sum, name) => sum + name.length + 1, 2);

  test('a leave intent', () => {
    expect(leaveSize(300, textSize('n1'))).toBe(keys('LTime', 'Node', 'Prune') + 3 + 3 + 1);
  });

  test('the state of an agent, with an empty place for each of 512 user events', () => {
    const state = { memberTime: 1, eventTime: 1, queryTime: 1, members: [{ name: 'n1', time: 200 }], left: ['n2'] };
    const fields = keys('LTime', 'StatusLTimes', 'LeftMembers', 'EventLTime', 'Events', 'QueryLTime');
    expect(stateSize(state)).toBe(fields + 3 + (1 + 3 + 2) + (1 + 3) + (3 + 512));
  });
});
