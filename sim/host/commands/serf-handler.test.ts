import { describe, expect, test } from 'vitest';
import { handlerEnvironment, handlerInput, handles, parseHandlers } from './serf-handler.ts';

describe('specs of event handlers', () => {
  test.each`
    spec                                 | handlers
    ${'/root/handler.sh'}                | ${[{ event: '*', name: undefined, script: '/root/handler.sh' }]}
    ${'*=a=b'}                           | ${[{ event: '*', name: undefined, script: 'a=b' }]}
    ${'user:deploy=s'}                   | ${[{ event: 'user', name: 'deploy', script: 's' }]}
    ${'query:a:b=s'}                     | ${[{ event: 'query', name: 'a:b', script: 's' }]}
    ${'member-failed,member-leave=s -x'} | ${[{ event: 'member-failed', name: undefined, script: 's -x' }, { event: 'member-leave', name: undefined, script: 's -x' }]}
  `('$spec', ({ spec, handlers }) => {
    expect(parseHandlers(spec)).toEqual(handlers);
  });

  test.each([' member-join=s', 'member-joined=s', 'member-join:a=s', 'A=1 run', '=s'])('%s is none', (spec) => {
    expect(typeof parseHandlers(spec)).toBe('string');
  });

  test.each`
    event     | name         | happened                             | runs
    ${'*'}    | ${undefined} | ${{ type: 'member-reap' }}           | ${true}
    ${'user'} | ${undefined} | ${{ type: 'user', name: 'deploy' }}  | ${true}
    ${'user'} | ${'deploy'}  | ${{ type: 'user', name: 'deploy' }}  | ${true}
    ${'user'} | ${'deploy'}  | ${{ type: 'user', name: 'deploy2' }} | ${false}
    ${'user'} | ${'deploy'}  | ${{ type: 'query', name: 'deploy' }} | ${false}
    ${'user'} | ${undefined} | ${{ type: 'member-join' }}           | ${false}
  `('a handler for $event $name runs for $happened: $runs', ({ event, name, happened, runs }) => {
    expect(handles({ event, name, script: 's' }, happened)).toBe(runs);
  });
});

test('a handler finds the event, the member and its tags in its environment', () => {
  const tags = [
    ['role', 'web'],
    ['data-center', 'a'],
  ] as const;
  expect(handlerEnvironment('member-join', { name: 'n1', tags })).toEqual(
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
  expect(handlerInput(members)).toBe('n1\t10.0.0.1\tweb\trole=web,dc=a\\tb\\n\nn2\t10.0.0.2\t\t\n');
});
