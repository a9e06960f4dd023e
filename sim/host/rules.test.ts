import { describe, expect, test } from 'vitest';
import { RULES as GOSSIP } from '../../core/gossip/rules.ts';
import { RULES as RAFT } from '../../core/raft/rules.ts';
import { SERF_RULES } from '../../core/serf/rules.ts';
import { run } from '../run/run.ts';
import { scenario } from '../scenario/load.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { surroundings, surroundingsWith } from '../surroundings.ts';
import type { Rules } from './rules.ts';

const world = (line: string): ScenarioInput => ({
  until: '20s',
  network: { segments: { lan: { subnet: '10.0.0.0/24' } } },
  hosts: { n1: { on: 'lan', address: '10.0.0.1' }, n2: { on: 'lan', address: '10.0.0.2' } },
  timeline: [{ at: '0s', on: 'all', run: line }],
});

const WORLDS = {
  'serf agent': world('serf agent -iface=eth0 -discover=blue'),
  'consul agent': world('consul agent -server -data-dir=/data -bootstrap-expect=2 -retry-join=10.0.0.1'),
  kvd: world('kvd -peers=n1=10.0.0.1,n2=10.0.0.2'),
};

const fingerprint = (data: ScenarioInput, rules?: Rules) => {
  const around = rules === undefined ? surroundings : surroundingsWith(rules);
  return run(scenario(data, around).plan, { registry: around.registry }).fingerprint;
};

/** The same rule under another identity, which counts how often it is asked. */
function counted<R extends object>(rules: R, name: keyof R & string, asked: string[]): Partial<R> {
  const rule = rules[name] as (...all: unknown[]) => unknown;
  const counting = (...all: unknown[]) => {
    asked.push(name);
    return rule(...all);
  };
  return { [name]: counting } as Partial<R>;
}

describe('rules in place of the released ones', () => {
  test.each`
    program           | follows
    ${'serf agent'}   | ${['choose', 'witness']}
    ${'consul agent'} | ${['choose', 'witness', 'majorityMatch']}
    ${'kvd'}          | ${['majorityMatch']}
  `('are those that $program hands to its protocols: $follows', ({ program, follows }) => {
    const data = WORLDS[program as keyof typeof WORLDS];
    const asked: string[] = [];
    const gossip = counted(GOSSIP, 'choose', asked);
    const serf = counted(SERF_RULES, 'witness', asked);
    const raft = counted(RAFT, 'majorityMatch', asked);
    expect(fingerprint(data, { gossip, serf, raft })).toBe(fingerprint(data));
    expect([...new Set(asked)].toSorted()).toEqual(follows.toSorted());
  });
});
