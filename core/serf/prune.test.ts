import { describe, expect, test } from 'vitest';
import type { Duration } from '../time.ts';
import { seconds } from '../time.ts';
import { Agents, type Setting } from './agents.ts';
import type { MembersReply } from './interface.ts';

/** A living member is pruned by n1; it hears nothing of it, so that it does not contradict. */
function pruned(setting: Setting): Agents {
  const agents = new Agents().gather(4, setting);
  agents.loses = ({ to, from }) => to === 'n3' || from === 'n3';
  agents.ask('n1', { command: 'force-leave', node: agents.names.id('n3'), prune: true });
  return agents;
}

/** When something is so for the first time from now on. */
const untilThen = (agents: Agents, condition: () => boolean): Duration => {
  const from = agents.now;
  return (agents.when(condition, seconds(60)) - from) as Duration;
};

describe('a leaving member that is to be erased', () => {
  test.each(['serf-0.10', 'fixed'] as const)('is so when its departure had time to get around, as %s', (profile) => {
    const agents = pruned({ profile });
    expect(agents.statuses('n3')[0]).toBe('leaving');
    expect(untilThen(agents, () => agents.statuses('n3')[0] === '')).toBe(seconds(6));
    expect(agents.events('n1').at(-1)).toBe('member-reap n3');
    expect(agents.logged('n1', /EventMemberReap \(forced\): n3 10\.0\.0\.3$/)).toHaveLength(1);
  });

  describe('(pruneBlocks)', () => {
    test.each([
      ['serf-0.10', ['', '', 'alive', '']],
      ['fixed', ['alive', 'alive', 'alive', 'alive']],
    ] as const)(
      'that lives and contradicts is heard too late by all others, or in time: as %s they hold it to be %j',
      (profile, statuses) => {
        const agents = new Agents().gather(4, { profile });
        agents.ask('n1', { command: 'force-leave', node: agents.names.id('n3'), prune: true });
        agents.run(seconds(30));
        expect(agents.statuses('n3')).toEqual(statuses);
      },
    );

    test('makes whoever asks wait in the original', () => {
      const agents = pruned({ profile: 'serf-0.10' });
      const asked = agents.ask('n1', { command: 'members' });
      expect(untilThen(agents, () => agents.node('n1').replies.has(asked))).toBe(seconds(6));
      const { members } = agents.node('n1').replies.get(asked) as MembersReply;
      expect(members.map(({ name }) => name)).toEqual(['n1', 'n2', 'n4']);
    });

    test('makes nobody wait in the repaired one', () => {
      const agents = pruned({ profile: 'fixed' });
      const asked = agents.ask('n1', { command: 'members' });
      expect(agents.node('n1').replies.get(asked)).toMatchObject({ members: [{}, {}, { name: 'n3', status: 'leaving' }, {}] });
    });

    test.each([
      ['serf-0.10', 6],
      ['fixed', 0],
    ] as const)('is told to the others after the wait or at once: as %s they hear of it %i s later', (profile, wait) => {
      const agents = pruned({ profile });
      const heard = untilThen(agents, () => agents.logged('n2', /messageLeaveType: n3$/).length > 0);
      expect(Math.floor(heard / seconds(1))).toBe(wait);
    });

    test('lets what memberlist tells wait too, and loses nothing of it', () => {
      const agents = pruned({ profile: 'serf-0.10' });
      agents.loses = () => false;
      agents.start('n5');
      agents.ask('n5', { command: 'join', addresses: [agents.endpoint('n1')] });
      agents.run(seconds(5));
      expect(agents.statuses('n5')[0]).toBe('');
      agents.run(seconds(20));
      expect(agents.statuses('n5')).toEqual(['alive', 'alive', 'alive', 'alive', 'alive']);
      expect(agents.events('n1').filter((line) => line.endsWith('n5'))).toEqual(['member-join n5']);
    });
  });
});
