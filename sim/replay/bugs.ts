import { gossipMutants } from '../../core/gossip/mutants.ts';
import { raftMutants } from '../../core/raft/mutants.ts';
import { serfMutants } from '../../core/serf/mutants.ts';
import type { Rules } from '../host/rules.ts';

/**
 * The rules of a world into which a bug was put, by the name that replay files have for it: the protocol and the name of the bug,
 * `raft: late votes count`.
 *
 * @returns undefined when there is no such bug
 */
export function rulesWith(bug: string): Rules | undefined {
  const [protocol, name] = bug.split(': ');
  const named = (each: { readonly name: string }) => each.name === name;
  switch (protocol) {
    case 'raft':
      return rulesOf('raft', raftMutants.find(named));
    case 'gossip':
      return rulesOf('gossip', gossipMutants.find(named));
    case 'serf':
      return rulesOf('serf', serfMutants.find(named));
    default:
      return undefined;
  }
}

const rulesOf = <K extends keyof Rules>(protocol: K, mutant: { readonly rules: Rules[K] } | undefined): Rules | undefined =>
  mutant === undefined ? undefined : { [protocol]: mutant.rules };
