import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { closest } from './closest.ts';

describe('the name that was meant', () => {
  test.each`
    typed          | known                             | meant
    ${'mulitcast'} | ${['multicast', 'broadcast']}     | ${'multicast'}
    ${'adress'}    | ${['address', 'addresses']}       | ${'address'}
    ${'Left'}      | ${['right', 'left']}              | ${'left'}
    ${'rnu'}       | ${['on', 'run']}                  | ${'run'}
    ${'serf-test'} | ${['serf-test01', 'other']}       | ${'serf-test01'}
    ${'x'}         | ${['a', 'b']}                     | ${undefined}
    ${'gateway'}   | ${['interfaces', 'on']}           | ${undefined}
    ${'lfet'}      | ${['left', 'lift']}               | ${'left'}
    ${'hosst'}     | ${['hosts', 'hosst2', 'network']} | ${'hosts'}
  `('$typed of $known is $meant', ({ typed, known, meant }) => {
    expect(closest(typed, known)).toBe(meant);
  });

  test('two swapped letters of a longer name never hide it', () => {
    const word = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), (name, at) => {
        const i = at % (name.length - 1);
        const swapped = `${name.slice(0, i)}${name[i + 1]}${name[i]}${name.slice(i + 2)}`;
        expect(closest(swapped, ['0000000000000', name])).toBe(name);
      }),
    );
  });
});
