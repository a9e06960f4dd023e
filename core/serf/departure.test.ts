import { expect, test } from 'vitest';
import { formatInstant, milliseconds, seconds } from '../time.ts';
import { Agents } from './agents.ts';

test('the death of an agent that leaves goes out in the round that had room left after its intent', () => {
  const agents = new Agents().gather(5);
  agents.run(milliseconds(50));
  const rounds = new Map<string, string[]>();
  agents.passed = ({ from, message }) => {
    const { type } = message;
    if (from !== 'n2' || (type !== 'user' && type !== 'dead')) return;
    const at = formatInstant(agents.now, 3);
    rounds.set(at, [...(rounds.get(at) ?? []), type === 'user' ? 'leave' : 'dead']);
  };
  agents.ask('n2', { command: 'leave' });
  agents.run(seconds(2));
  // Four copies of each, three members a round.
  expect([...rounds.values()].slice(0, 2)).toEqual([
    ['leave', 'leave', 'leave'],
    ['leave', 'dead', 'dead'],
  ]);
});
