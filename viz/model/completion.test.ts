import { expect, test } from 'vitest';
import { scenario } from '../../sim/scenario/load.ts';
import { ScenarioError } from '../../sim/scenario/problem.ts';
import { surroundings } from '../../sim/surroundings.ts';
import { completions, PHRASES, shared } from './completion.ts';

test.each`
  line                  | continued
  ${'serf m'}           | ${['serf members', 'serf monitor']}
  ${'consul operator'}  | ${['consul operator autopilot get-config', 'consul operator autopilot state', 'consul operator raft list-peers', 'consul operator raft remove-peer ', 'consul operator raft transfer-leader']}
  ${'serf members'}     | ${[]}
  ${'raft transfer n'}  | ${['raft transfer n1', 'raft transfer n2']}
  ${'raft transfer n1'} | ${[]}
  ${'n'}                | ${[]}
  ${''}                 | ${[]}
`('“$line” goes on as $continued', ({ line, continued }) => {
  expect(completions(line, ['n1', 'n2', 'gateway'])).toEqual(continued);
});

test('what is shared is the longest beginning of all', () => {
  expect(shared(['serf members', 'serf monitor'])).toBe('serf m');
  expect(shared(['date'])).toBe('date');
  expect(shared([])).toBe('');
});

/** What a host says to a command line; empty when it can be run. */
function saidTo(run: string): string {
  const input = {
    network: { segments: { lan: { subnet: '10.0.0.0/24' } } },
    hosts: { a: { on: 'lan' } },
    timeline: [{ at: '1s', on: 'a', run }],
  };
  try {
    scenario(input, surroundings);
    return '';
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
}
const UNKNOWN = /No command is called|has no (?:sub)?command|needs one of .*, not `/;

// It may lack what comes behind it.
test.each(PHRASES)('hosts know `%s`', (phrase) => expect(saidTo(phrase)).not.toMatch(UNKNOWN));

test.each(['frob', 'serf frob', 'consul frob', 'raft frob', 'kv frob'])('hosts do not know `%s`', (phrase) =>
  expect(saidTo(phrase)).toMatch(UNKNOWN),
);
