import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seconds } from '../time.ts';
import { Agents, type Setting } from './agents.ts';
import { SERF_RULES } from './rules.ts';

describe('who wins a vote', () => {
  test.each`
    matching | responses | stays
    ${0}     | ${0}      | ${false}
    ${1}     | ${1}      | ${true}
    ${1}     | ${2}      | ${false}
    ${2}     | ${3}      | ${true}
    ${2}     | ${4}      | ${false}
    ${3}     | ${4}      | ${true}
  `('$matching of $responses: stays $stays', ({ matching, responses, stays }) => {
    expect(SERF_RULES.winsVote(matching, responses)).toBe(stays);
  });

  test('of two that the same members are asked about at most one', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(100), (first, second, neither) => {
        const responses = first + second + neither;
        expect(SERF_RULES.winsVote(first, responses) && SERF_RULES.winsVote(second, responses)).toBe(false);
      }),
    );
  });
});

/** A cluster of four, and somebody who calls himself as one of them and joins. */
function impostor(setting: Setting = {}): Agents {
  const agents = new Agents().gather(4, setting);
  agents.start('x', { ...setting, calls: 'n2' });
  agents.ask('x', { command: 'join', addresses: [agents.endpoint('n1')] });
  return agents;
}

const stopped = (agents: Agents): string[] =>
  [...agents.nodes.keys()].filter((name) => agents.notices(name).some(({ type }) => type === 'serf-shutdown'));

describe('two nodes of one name', () => {
  test('are told apart by the others: the newcomer stops when its query is over', () => {
    const agents = impostor();
    const from = agents.now;
    const at = agents.when(() => stopped(agents).length > 0, seconds(10));
    // The way to join and back takes some milliseconds, then the query is open for 3.2 s.
    expect(at - from).toBeGreaterThanOrEqual(seconds(3.2));
    expect(at - from).toBeLessThan(seconds(3.3));
    agents.run(seconds(10));
    expect(stopped(agents)).toEqual(['x']);
    expect(agents.serf('x').state.life).toBe('shutdown');
    expect(agents.logged('x', /\[WARN\] serf: minority in name conflict resolution, quiting \[0 \/ 3\]$/).length).toBeGreaterThan(
      0,
    );
    const met =
      /\[ERR\] serf: Node name conflicts with another node at 10\.0\.0\.2:7946\. Names must be unique! \(Resolution enabled: true\)$/;
    expect(agents.logged('x', met).length).toBeGreaterThan(0);
  });

  test('are only logged by the others', () => {
    const agents = impostor();
    agents.run(seconds(5));
    const both = /\[WARN\] serf: Name conflict for 'n2' both 10\.0\.0\.2:7946 and 10\.0\.0\.5:7946 are claiming$/;
    expect(agents.logged('n3', both).length).toBeGreaterThan(0);
  });

  test('both stay where nobody is to resolve it', () => {
    const agents = impostor({ config: { enableNameConflictResolution: false } });
    agents.run(seconds(20));
    expect(stopped(agents)).toEqual([]);
    expect(agents.logged('x', /\(Resolution enabled: false\)$/).length).toBeGreaterThan(0);
  });

  test('both ask when they meet, and the one whom the others know stays', () => {
    const agents = impostor();
    agents.ask('n2', { command: 'join', addresses: [agents.endpoint('x')] });
    agents.run(seconds(10));
    expect(stopped(agents)).toEqual(['x']);
    expect(agents.logged('n2', /\[INFO\] serf: majority in name conflict resolution \[3 \/ 3\]$/).length).toBeGreaterThan(0);
  });

  test('stop both when nobody answers, since nobody knows either', () => {
    const agents = impostor();
    agents.ask('n2', { command: 'join', addresses: [agents.endpoint('x')] });
    agents.loses = ({ message }) =>
      'message' in message && (message.message as { type?: string } | undefined)?.type === 'query response';
    agents.run(seconds(20));
    expect(stopped(agents)).toEqual(['n2', 'x']);
    expect(agents.logged('n2', /quiting \[0 \/ 0\]$/).length).toBeGreaterThan(0);
  });

  test('cannot be told apart before version 4 of the protocol', () => {
    const agents = impostor({ version: 3 });
    agents.run(seconds(20));
    expect(stopped(agents)).toEqual([]);
    expect(
      agents.logged('x', /\[ERR\] serf: Failed to start name resolution query: Feature not supported$/).length,
    ).toBeGreaterThan(0);
  });
});
