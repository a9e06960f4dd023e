import { describe, expect, test } from 'vitest';
import { seconds } from '../time.ts';
import { Agents } from './agents.ts';
import type { KeyCommand, KeysReply } from './interface.ts';

/** Keys of 16 bytes, told apart by their first letter. */
const key = (letter: string): string => `${letter}AAAAAAAAAAAAAAAAAAAAA==`;
const [FIRST, SECOND] = [key('A'), key('B')] as const;

const command = (action: KeyCommand['action'], about = ''): KeyCommand => ({ command: 'keys', action, key: about, relay: 0 });

const asked = (agents: Agents, action: KeyCommand['action'], about?: string): KeysReply =>
  agents.answered('n1', command(action, about)) as KeysReply;

const ringOf = (agents: Agents, name: string): readonly string[] => agents.serf(name).gossip.keys();

describe('the keyrings of all members', () => {
  test('are given a key, made to use it and rid of the old one while the cluster runs', () => {
    const agents = new Agents().gather(3, { keys: [FIRST] });
    const done = { messages: [], keys: [], primaryKeys: [], nodes: 3, responses: 3, errors: 0 };
    expect(asked(agents, 'install', SECOND)).toEqual(done);
    for (const name of ['n1', 'n2', 'n3']) expect(ringOf(agents, name)).toEqual([FIRST, SECOND]);
    expect(asked(agents, 'use', SECOND)).toEqual(done);
    for (const name of ['n1', 'n2', 'n3']) expect(ringOf(agents, name)).toEqual([SECOND, FIRST]);
    expect(asked(agents, 'list')).toEqual({
      ...done,
      keys: [
        { key: SECOND, count: 3 },
        { key: FIRST, count: 3 },
      ],
      primaryKeys: [{ key: SECOND, count: 3 }],
    });
    expect(asked(agents, 'remove', FIRST)).toEqual(done);
    agents.run(seconds(30));
    for (const name of ['n1', 'n2', 'n3']) {
      expect(ringOf(agents, name)).toEqual([SECOND]);
      expect(agents.statuses(name)).toEqual(['alive', 'alive', 'alive']);
    }
  });

  test('are answered for as soon as all members have answered', () => {
    const agents = new Agents().gather(3, { keys: [FIRST] });
    const from = agents.now;
    asked(agents, 'list');
    expect(agents.now - from).toBeLessThan(seconds(1));
  });

  test('are answered for at the end of the query when a member does not answer', () => {
    const agents = new Agents().gather(3, { keys: [FIRST] });
    agents.kill('n3', true);
    const from = agents.now;
    expect(asked(agents, 'list')).toMatchObject({ error: '2/3 nodes reported success', nodes: 3, responses: 2, errors: 0 });
    expect(agents.now - from).toBe(seconds(3.2));
  });

  test('are changed by one command after another', () => {
    const agents = new Agents().gather(3, { keys: [FIRST] });
    const commands = [command('install', SECOND), command('use', SECOND), command('install', 'no key'), command('remove', FIRST)];
    const ids = commands.map((one) => agents.ask('n1', one));
    agents.run(seconds(5));
    const errors = ids.map((id) => (agents.node('n1').replies.get(id) as KeysReply).error);
    expect(errors).toEqual([undefined, undefined, 'illegal base64 data at input byte 2', undefined]);
    for (const name of ['n1', 'n2', 'n3']) expect(ringOf(agents, name)).toEqual([SECOND]);
  });

  test.each`
    action       | about             | message
    ${'use'}     | ${SECOND}         | ${'requested key is not in the keyring'}
    ${'remove'}  | ${FIRST}          | ${'removing the primary key is not allowed'}
    ${'install'} | ${'AAAAAAAAAAA='} | ${'key size must be 16, 24 or 32 bytes'}
  `('refuse to $action $about: $message', ({ action, about, message }) => {
    const agents = new Agents().gather(2, { keys: [FIRST] });
    expect(asked(agents, action, about)).toMatchObject({
      error: '2/2 nodes reported failure',
      errors: 2,
      messages: [
        { node: expect.any(String), message },
        { node: expect.any(String), message },
      ],
    });
    expect(ringOf(agents, 'n2')).toEqual([FIRST]);
  });

  test.each`
    text           | byte
    ${'not a key'} | ${3}
    ${'AAAAA'}     | ${4}
    ${'AA=A'}      | ${2}
  `('are asked nothing about "$text", which is no base 64', ({ text, byte }) => {
    const agents = new Agents().gather(1, { keys: [FIRST] });
    expect(asked(agents, 'install', text).error).toBe(`illegal base64 data at input byte ${byte}`);
  });

  test.each`
    action       | message
    ${'install'} | ${'No keyring to modify (encryption not enabled)'}
    ${'use'}     | ${'No keyring to modify (encryption not enabled)'}
    ${'remove'}  | ${'No keyring to modify (encryption not enabled)'}
    ${'list'}    | ${'Keyring is empty (encryption not enabled)'}
  `('there are none in a cluster that does not encrypt: $action is answered $message', ({ action, message }) => {
    const agents = new Agents().gather(1);
    expect(asked(agents, action, FIRST)).toMatchObject({
      error: '1/1 nodes reported failure',
      messages: [{ node: 'n1', message }],
    });
  });

  test('are told as far as they fit into an answer', () => {
    const ring = Array.from({ length: 50 }, (_, i) => key(String.fromCharCode(i < 26 ? 65 + i : 71 + i)));
    const agents = new Agents().gather(1, { keys: ring });
    const { keys, messages, error } = asked(agents, 'list');
    expect(error).toBeUndefined();
    // The answer: 30, time and id 1 + 5, name 3, flags 1, and 3 for the length; in it 34, the message 3 + 55, the primary key 25, and 3 for the
    // number of keys of 25 bytes each.
    expect(keys.length).toBe(Math.floor((1024 - 43 - 34 - 58 - 25 - 3) / 25));
    expect(messages).toEqual([{ node: 'n1', message: 'truncated key list response, showing first 34 of 50 keys' }]);
  });
});

describe('the file of a keyring', () => {
  const config = { keyringFile: 'keyring' };

  test('is a JSON array with the primary key first, written anew after each change', () => {
    const agents = new Agents().gather(2, { keys: [FIRST], config });
    asked(agents, 'install', SECOND);
    expect(agents.node('n2').files.get('keyring')).toEqual([`[\n  "${FIRST}",\n  "${SECOND}"\n]`]);
    asked(agents, 'use', SECOND);
    expect(agents.node('n2').files.get('keyring')).toEqual([`[\n  "${SECOND}",\n  "${FIRST}"\n]`]);
  });

  test('that cannot be written makes a change a failure, although it was made', () => {
    const agents = new Agents().gather(1, { keys: [FIRST], config });
    agents.node('n1').writes = 'full';
    const { error, messages } = asked(agents, 'install', SECOND);
    expect(error).toBe('1/1 nodes reported failure');
    expect(messages[0]?.message).toBe('Failed to write keyring file: write keyring: no space left on device');
    expect(ringOf(agents, 'n1')).toEqual([FIRST, SECOND]);
  });
});
