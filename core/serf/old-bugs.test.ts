import { describe, expect, test } from 'vitest';
import { LAN } from '../gossip/gossip.ts';
import { milliseconds, seconds, ZERO } from '../time.ts';
import { Agents, type Setting } from './agents.ts';
import type { LamportTime } from './lamport.ts';
import type { SerfRules } from './rules.ts';

/*
 * Bugs that early versions of Serf had and later ones do not: what each rule is for is seen when it is replaced by what was there before.
 * That of the snapshot which was not on the disk yet is shown beside the snapshot.
 */

const REPAIRED: Setting = { profile: 'fixed' };
const without = (rules: Partial<SerfRules>): Setting => ({ profile: 'fixed', rules });

describe('a departure that a peer tells of in an exchange of states', () => {
  /** n3 leaves while n2 is cut off from everybody; then n2 hears of it by an exchange alone. */
  function heardLate(setting: Setting): string {
    const agents = new Agents().gather(3, setting);
    agents.loses = ({ from, to }) => from === 'n2' || to === 'n2';
    agents.answered('n3', { command: 'leave' });
    agents.kill('n3');
    agents.run(seconds(60));
    agents.loses = () => false;
    agents.ask('n2', { command: 'join', addresses: [agents.endpoint('n1')] });
    agents.run(seconds(5));
    return agents.statuses('n3')[1] ?? '';
  }

  test('is later than the last word of the member, so that it counts', () => {
    expect(heardLate(REPAIRED)).toBe('left');
  });

  test('of no later time is no news, and the member stays failed (serf 1350eab)', () => {
    // The time that peers know is that of the leave intent; the bug shows where they know that of the join.
    const asJoin = (claimed: LamportTime): LamportTime => Math.max(0, claimed - 1) as LamportTime;
    expect(heardLate(without({ replayedLeaveTime: asJoin }))).toBe('failed');
  });
});

describe('the clock of a peer that has not heard anything yet', () => {
  test('tells nothing', () => {
    const agents = new Agents();
    agents.start('n1', REPAIRED);
    const { state } = agents.serf('n1');
    const fresh = {
      memberTime: 0,
      eventTime: 0,
      queryTime: 0,
      names: new Uint32Array(0),
      times: new Float64Array(0),
      left: new Uint32Array(0),
      events: [],
    };
    agents
      .node('n1')
      .feed(0, { type: 'receive', from: agents.endpoint('n1'), message: fresh }, (out) =>
        agents.serf('n1').merge(agents.now, fresh, false, out),
      );
    expect([state.memberTime, state.eventTime, state.queryTime]).toEqual([1, 1, 1]);
  });

  test('less one is the largest of all times where it wraps (serf 190d8c6)', () => {
    const LARGEST = Number.MAX_SAFE_INTEGER - 1;
    const wraps = (peer: LamportTime): LamportTime => (peer > 0 ? peer - 1 : LARGEST) as LamportTime;
    const agents = new Agents();
    agents.start('n1', without({ witnessedInMerge: wraps }));
    agents.start('n2', without({ witnessedInMerge: wraps }));
    agents.serf('n2').state.memberTime = 0 as LamportTime;
    agents.ask('n1', { command: 'join', addresses: [agents.endpoint('n2')] });
    agents.run(seconds(1));
    expect(agents.serf('n1').state.memberTime).toBeGreaterThan(LARGEST);
  });
});

describe('whoever leaves', () => {
  /** What n3 is told of n2, which leaves and ends as soon as it may. To n3 gossip takes three seconds, and nothing of it comes along with pings. */
  function toldLate(setting: Setting): string[] {
    const gossip = {
      ...LAN,
      probeInterval: milliseconds(200),
      probeTimeout: milliseconds(50),
      gossipInterval: milliseconds(50),
      suspicionMult: 2,
    };
    const agents = new Agents().gather(4, { ...setting, gossip, config: { leavePropagateDelay: seconds(4) } });
    agents.loses = ({ to, streamed, message }) => to === 'n3' && !streamed && message.type === 'compound' && !isNews(message);
    agents.copies = ({ to, message }) => [to === 'n3' && isNews(message) ? seconds(3) : agents.delay];
    agents.answered('n2', { command: 'leave' });
    agents.kill('n2');
    agents.run(seconds(10));
    return agents.events('n3');
  }

  test('waits until that has got around, and is held to have left', () => {
    expect(toldLate(REPAIRED)).toEqual(['member-leave n2']);
  });

  test('and does not wait is taken for failed by those who hear of it late (serf#510)', () => {
    expect(toldLate(without({ propagationDelay: () => ZERO }))).toEqual(['member-failed n2', 'member-leave n2']);
  });
});

/** Whether a packet is gossip and nothing else. */
function isNews(message: object & { readonly type?: string; readonly parts?: readonly { readonly type: string }[] }): boolean {
  const [first] = message.parts ?? [message];
  return ['user', 'alive', 'suspect', 'dead'].includes(first?.type ?? '');
}

describe('a living member that somebody says has left', () => {
  function forced(setting: Setting): string[] {
    const agents = new Agents().gather(3, setting);
    agents.forceLeave('n1', 'n3');
    agents.run(seconds(10));
    return agents.statuses('n3');
  }

  test('contradicts, and is alive again everywhere', () => {
    expect(forced(REPAIRED)).toEqual(['alive', 'alive', 'alive']);
  });

  test('and does not contradict is leaving for ever (serf#359)', () => {
    expect(forced(without({ refutesLeave: () => false }))).toEqual(['leaving', 'leaving', 'leaving']);
  });
});
