import type { Mutant } from '../mutant.ts';
import type { EchoRules } from './rules.ts';

/** Bugs that the invariants must notice. */
export const echoMutants: readonly Mutant<EchoRules>[] = [
  {
    name: 'any pong counts',
    bug: 'A pong is counted whether or not its ping is open, so a duplicated one is counted twice. Takes one duplicated packet.',
    rules: { isAnswer: () => true },
    noticedBy: 'a ping is answered once at most',
  },
];
