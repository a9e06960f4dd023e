import { describe, expect, test } from 'vitest';
import { Echo } from '../../core/echo/echo.ts';
import type { EchoCommand } from '../../core/echo/interface.ts';
import { echoInvariants } from '../../core/echo/invariants.ts';
import type { EchoMessage } from '../../core/echo/message.ts';
import { echoRules } from '../../core/echo/rules.ts';
import type { EchoState } from '../../core/echo/state.ts';
import type { Endpoint } from '../../core/names.ts';
import { milliseconds, seconds } from '../../core/time.ts';
import { run } from '../run/run.ts';
import { scenario } from '../scenario/load.ts';
import { ScenarioError } from '../scenario/problem.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { surroundings } from '../surroundings.ts';
import { ownWorld } from '../testing/own-world.ts';
import { extended, ownProtocol } from './own-protocol.ts';

/** Echo, as if somebody had written it for himself. */
const echoes = (rules = echoRules) =>
  ownProtocol<EchoMessage, EchoCommand, EchoState>({
    name: 'echoes',
    sockets: [{ transport: 'udp', port: 7 }],
    make: ({ index, neighbours, random }) => {
      const peers = neighbours
        .filter((_, place) => place !== index)
        .map(({ name, endpoints }) => ({ name, endpoint: endpoints[0] as Endpoint }));
      return new Echo({ peers, period: seconds(1), patience: milliseconds(200) }, random, rules);
    },
    command: () => ({ type: 'status' }),
    invariants: echoInvariants,
    goals: [
      {
        name: 'AllHeard',
        within: seconds(5),
        missing: (states) =>
          states.some(({ peers }) => peers.some(({ heard }) => heard === 0)) ? 'somebody was never heard' : undefined,
      },
    ],
  });

const own = echoes();
const kit = extended(surroundings, own);
const world = ownWorld(own, { nodes: 3, lasts: seconds(20), commands: 4, seed: 1 });

const findings = (data: ScenarioInput, checks: ScenarioInput['check'], of = kit) =>
  run(scenario({ ...data, check: checks }, of).plan, of).findings.map(({ check, verdict, says }) => ({ check, verdict, says }));

describe('a protocol of one’s own', () => {
  test('runs on hosts by its name, and answers commands in JSON', () => {
    const { jobs } = run(scenario(world, kit).plan, kit);
    const asked = jobs.filter(({ command }) => command.startsWith('echoes ask'));
    expect(asked).toHaveLength(4);
    for (const { command, lines, status } of asked) {
      expect(command).toBe(`echoes ask '{"type":"status"}'`);
      expect(JSON.parse(lines.join('\n'))).toEqual([
        { peer: expect.any(Number), heard: expect.any(Number), status: 'answering' },
        { peer: expect.any(Number), heard: expect.any(Number), status: 'answering' },
      ]);
      expect(status).toBe(0);
    }
  });

  test('is held to its invariants after each input, and to its goals', () => {
    const names = [...echoInvariants.map(({ name }) => name)];
    expect(Object.keys(own.properties)).toEqual([...names, 'AllHeard']);
    const held = findings(world, { eventually: ['AllHeard'] });
    expect(held).toEqual([{ check: 'AllHeard', verdict: 'held', says: '' }]);
  });

  test('a goal that is not reached says what is missing', () => {
    const alone = { ...world, timeline: [...(world.timeline ?? []), { at: '0s', pause: 'n2' }] } as ScenarioInput;
    const [found] = findings(alone, { eventually: [{ name: 'AllHeard', within: '3s' }] });
    expect(found).toEqual({ check: 'AllHeard', verdict: 'violated', says: 'still missing: somebody was never heard' });
  });

  test.each([
    ['echoes', '`echoes` needs its nodes'],
    ['echoes n1=10.0.1.11 n2', '`n2` is no node such as n1=10.0.0.1'],
    ['echoes n2=10.0.1.12', 'n1 is not among these nodes'],
    ['echoes ask', '`echoes ask` needs a command in JSON'],
    ['echoes ask status', '`status` is no JSON'],
    ['echoes ask 1 2', '`echoes ask` takes one command'],
  ])('`%s` is refused before anything runs', (line, says) => {
    const wrong = () => scenario({ ...world, timeline: [{ at: '0s', on: 'n1', run: line }] }, kit);
    expect(wrong).toThrow(ScenarioError);
    expect(wrong).toThrow(expect.objectContaining({ message: expect.stringContaining(says) }));
  });
});
