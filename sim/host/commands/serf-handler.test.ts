import { describe, expect, test } from 'vitest';
import type { LamportTime } from '../../../core/serf/lamport.ts';
import type { Instant } from '../../../core/time.ts';
import { handlerEnvironment, handlerInput, handlerProblem, handles, parseHandlers, refusedHandler } from './serf-handler.ts';

describe('specs of event handlers', () => {
  test.each`
    spec                                 | handlers
    ${'/root/handler.sh'}                | ${[{ event: '*', name: '', script: '/root/handler.sh' }]}
    ${'*=a=b'}                           | ${[{ event: '*', name: '', script: 'a=b' }]}
    ${'user:deploy=s'}                   | ${[{ event: 'user', name: 'deploy', script: 's' }]}
    ${'query:a:b=s'}                     | ${[{ event: 'query', name: 'a:b', script: 's' }]}
    ${'member-failed,member-leave=s -x'} | ${[{ event: 'member-failed', name: '', script: 's -x' }, { event: 'member-leave', name: '', script: 's -x' }]}
  `('$spec', ({ spec, handlers }) => {
    expect(parseHandlers(spec)).toEqual(handlers);
  });

  test.each(['ls', '=ls', 'user:=ls', 'user,user:x=s', '*=A=1 run'])('%s is one', (spec) => {
    expect(handlerProblem(spec)).toBeUndefined();
  });

  test.each`
    spec                 | says
    ${' member-join=s'}  | ${"Invalid event script: Event ' member-join' invoking 's'"}
    ${'member-joined=s'} | ${"Invalid event script: Event 'member-joined' invoking 's'"}
    ${'member-join:a=s'} | ${"Invalid event script: Event 'member-join:a' invoking 's'"}
    ${'A=1 run'}         | ${"Invalid event script: Event 'A' invoking '1 run'"}
    ${'user,foo:x=ls'}   | ${"Invalid event script: Event 'foo:x' invoking 'ls'"}
  `('$spec is none, and refused as Serf 0.9.4 refuses it', ({ spec, says }) => {
    expect(handlerProblem(spec)).toBeDefined();
    expect(refusedHandler(parseHandlers(spec))).toBe(says);
  });

  test.each`
    event     | name        | happened                             | runs
    ${'*'}    | ${''}       | ${{ type: 'member-reap' }}           | ${true}
    ${'user'} | ${''}       | ${{ type: 'user', name: 'deploy' }}  | ${true}
    ${'user'} | ${'deploy'} | ${{ type: 'user', name: 'deploy' }}  | ${true}
    ${'user'} | ${'deploy'} | ${{ type: 'user', name: 'deploy2' }} | ${false}
    ${'user'} | ${'deploy'} | ${{ type: 'query', name: 'deploy' }} | ${false}
    ${'user'} | ${''}       | ${{ type: 'member-join' }}           | ${false}
  `('a handler for $event $name runs for $happened: $runs', ({ event, name, happened, runs }) => {
    expect(handles({ event, name, script: 's' }, happened)).toBe(runs);
  });
});

test('a handler finds the event, the member and its tags in its environment', () => {
  const tags = [
    ['role', 'web'],
    ['data-center', 'a'],
  ] as const;
  expect(handlerEnvironment({ type: 'member-join', members: [] }, { name: 'n1', tags })).toEqual(
    new Map([
      ['SERF_EVENT', 'member-join'],
      ['SERF_SELF_NAME', 'n1'],
      ['SERF_SELF_ROLE', 'web'],
      ['SERF_TAG_ROLE', 'web'],
      ['SERF_TAG_DATA_CENTER', 'a'],
    ]),
  );
});

test('a handler reads a line per member', () => {
  const members = [
    {
      name: 'n1',
      address: '10.0.0.1',
      port: 7946,
      tags: [
        ['role', 'web'],
        ['dc', 'a\tb\n'],
      ],
    },
    { name: 'n2', address: '10.0.0.2', port: 7946, tags: [] },
  ] as const;
  expect(handlerInput({ type: 'member-join', members })).toBe('n1\t10.0.0.1\tweb\trole=web,dc=a\\tb\\n\nn2\t10.0.0.2\t\t\n');
});

describe('what a handler is told of user events and queries, as Serf 0.9.4 tells it', () => {
  const user = { type: 'user', time: 2 as LamportTime, name: 'deploy', payload: 'v 2', coalesce: false } as const;
  const query = {
    type: 'query',
    query: 0,
    time: 3 as LamportTime,
    id: 7,
    name: 'load',
    payload: '',
    source: 'n2',
    deadline: 0 as Instant,
  } as const;

  test('its name and time are in the environment', () => {
    const self = { name: 'n1', tags: [] };
    expect([...handlerEnvironment(user, self)].slice(3)).toEqual([
      ['SERF_USER_EVENT', 'deploy'],
      ['SERF_USER_LTIME', '2'],
    ]);
    expect([...handlerEnvironment(query, self)].slice(3)).toEqual([
      ['SERF_QUERY_NAME', 'load'],
      ['SERF_QUERY_LTIME', '3'],
    ]);
  });

  test.each([
    ['v 2', 'v 2\n'],
    ['v 2\n', 'v 2\n'],
    ['', ''],
  ])('the payload %j is read as %j', (payload, input) => {
    expect(handlerInput({ ...user, payload })).toBe(input);
    expect(handlerInput({ ...query, payload })).toBe(input);
  });
});
