import { expect, test } from 'vitest';
import { gossipMutants } from '../../core/gossip/mutants.ts';
import { raftMutants } from '../../core/raft/mutants.ts';
import { serfMutants } from '../../core/serf/mutants.ts';
import { rulesWith } from './bugs.ts';

test.each([
  ['raft', raftMutants],
  ['gossip', gossipMutants],
  ['serf', serfMutants],
] as const)('every bug of %s is found by its name', (protocol, mutants) => {
  for (const { name, rules } of mutants) expect(rulesWith(`${protocol}: ${name}`)).toEqual({ [protocol]: rules });
});

test('what is no bug is none', () => {
  for (const name of ['raft: none', 'late votes count', 'quic: late votes count', '']) expect(rulesWith(name)).toBeUndefined();
});
