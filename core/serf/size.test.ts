import { describe, expect, test } from 'vitest';
import { textSize } from '../gossip/gossip.ts';
import type { Endpoint, NameId } from '../names.ts';
import { type Duration, seconds } from '../time.ts';
import type { LamportTime } from './lamport.ts';
import type { Payload, Query } from './message.ts';
import {
  COORDINATE_SIZE,
  joinSize,
  leaveSize,
  memberRecordSize,
  NO_MEMBER_SIZE,
  querySize,
  relaySize,
  responseSize,
  stateSize,
  tagsSize,
  userEventSize,
} from './size.ts';

const lengthOf = (hex: string): number => hex.length / 2;

const QUESTION: Query = {
  type: 'query',
  time: 50 as LamportTime,
  id: 12_345,
  source: 0 as Endpoint,
  addressBytes: 4,
  sourceNode: 0 as NameId,
  filters: [],
  ack: false,
  noBroadcast: false,
  relay: 0,
  timeout: seconds(5),
  name: 'load',
  payload: '',
};

describe('sizes of messages, by what real agents sent', () => {
  test('a join intent', () => {
    // The recorded one is a datagram of its own, with memberlist's type byte before it.
    expect(1 + joinSize(9, textSize('fake2'))).toBe(lengthOf('080182a54c54696d6509a44e6f6465a566616b6532'));
  });

  test('a user event', () => {
    const event = { time: 1 as LamportTime, name: 'hello', payload: 'world' };
    expect(1 + userEventSize(event)).toBe(
      lengthOf('080384a24343c3a54c54696d6501a44e616d65a568656c6c6fa75061796c6f6164a5776f726c64'),
    );
  });

  test('a query for one member by its name, with acks and five seconds to answer', () => {
    const query = { ...QUESTION, ack: true, filters: [{ type: 'nodes', nodes: ['alpha'] }], payload: 'x' } as const;
    expect(1 + querySize(query, 7946, textSize('fake2'), 'new')).toBe(
      lengthOf(
        '08048ba54c54696d6532a24944cd3039a441646472a47f000016a4506f7274cd1f0aaa536f757263654e6f6465a566616b6532a746696c7465727391a80091a5616c706861a5466c61677301ab52656c6179466163746f7200a754696d656f7574cf000000012a05f200a44e616d65a46c6f6164a75061796c6f6164a178',
      ),
    );
  });

  test('an ack and a response to it', () => {
    const from = textSize('alpha');
    const ack = { type: 'query response', time: 50 as LamportTime, id: 12_345, from: 0 as NameId, ack: true } as const;
    expect(1 + responseSize(ack, from)).toBe(
      lengthOf('080585a5466c61677301a446726f6da5616c706861a24944cd3039a54c54696d6532a75061796c6f6164c0'),
    );
    expect(1 + responseSize({ ...ack, ack: false, payload: 'resp from alpha\n' }, from)).toBe(
      lengthOf(
        '080585a5466c61677300a446726f6da5616c706861a24944cd3039a54c54696d6532a75061796c6f6164b0726573702066726f6d20616c7068610a',
      ),
    );
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
    const state = {
      memberTime: 1,
      eventTime: 1,
      queryTime: 1,
      members: 1,
      membersBytes: 3 + 2,
      left: 1,
      leftBytes: 3,
      events: [],
      slots: 512,
      flags: false,
    };
    const fields = keys('LTime', 'StatusLTimes', 'LeftMembers', 'EventLTime', 'Events', 'QueryLTime');
    expect(stateSize(state)).toBe(fields + 3 + (1 + 3 + 2) + (1 + 3) + (3 + 512));
    // A slot with one event takes a map of its own instead of the one byte.
    const slot = { time: 3 as LamportTime, events: [{ name: 'deploy', payload: 'v1', coalesce: true }] };
    const event = keys('Name', 'Payload') - 1 + 7 + 3;
    const held = keys('LTime', 'Events') - 1 + 1 + (1 + event);
    expect(stateSize({ ...state, events: [slot] })).toBe(stateSize(state) - 1 + held);
    expect(stateSize({ ...state, events: [slot], flags: true })).toBe(stateSize(state) - 1 + held + 'CC'.length + 1 + 1);
  });

  test('the filters of a query, each a byte string with a byte for its kind', () => {
    const size = (filters: Query['filters']): number => querySize({ ...QUESTION, filters }, 7946, textSize('a'), 'new');
    const one = 1 + keys('Tag', 'Expr') - 1 + 5 + 3;
    expect(size([{ type: 'tag', tag: 'role', expression: '^w' }]) - size([])).toBe(1 + 1 + one - 1);
    const long = 'x'.repeat(40);
    expect(size([{ type: 'nodes', nodes: [long] }]) - size([])).toBe(1 + 3 + (1 + 1 + 3 + 40) - 1);
  });

  test('what is relayed, with the address it is for', () => {
    // A map in the map: DestAddr with IP, Port and an empty Zone.
    const address = keys('IP', 'Port', 'Zone') - 1 + 5 + 3 + 1;
    expect(relaySize(4, 7946, textSize('n1'), 100, 'new')).toBe(keys('DestAddr', 'DestName') + address + 3 + 100);
  });

  test('what agents carry in queries among themselves', () => {
    const carried = (payload: Payload): number =>
      querySize({ ...QUESTION, payload }, 7946, textSize('a'), 'new') - querySize(QUESTION, 7946, textSize('a'), 'new');
    const key = 'AAAAAAAAAAAAAAAAAAAAAA==';
    expect(carried({ type: 'key request', key })).toBe(keys('Key') + 1 + 16);
    const response = keys('Result', 'Message', 'Keys', 'PrimaryKey') + 1 + 1 + (1 + 25) + 25;
    expect(carried({ type: 'key response', ok: true, text: '', keys: [key], primary: key })).toBe(response + 2);
    const numbers = ['ProtocolMin', 'ProtocolMax', 'ProtocolCur', 'DelegateMin', 'DelegateMax', 'DelegateCur', 'Status'];
    const fields = keys('Name', 'Addr', 'Port', 'Tags', ...numbers) + numbers.length;
    expect(memberRecordSize(textSize('n1'), 4, 7946, [['k', 'v']])).toBe(fields + 3 + 5 + 3 + 5);
    expect(NO_MEMBER_SIZE).toBe(2);
  });

  test('a time-out as signed number, which agents before 0.10 wrote shorter', () => {
    const size = (timeout: number, dialect: 'old' | 'new'): number =>
      querySize({ ...QUESTION, timeout: timeout as Duration }, 7946, textSize('a'), dialect);
    expect(size(3_000_000_000, 'new') - size(3_000_000_000, 'old')).toBe(4);
  });
});
