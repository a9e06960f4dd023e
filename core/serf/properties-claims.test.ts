import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareState, copyState } from '../state.ts';
import { seconds } from '../time.ts';
import { Agents } from './agents.ts';
import type { LamportTime } from './lamport.ts';
import { statusOf, timeOf } from './members.ts';
import type { Rumour } from './message.ts';

/** One agent that knows another. */
function pair(): { agents: Agents; hears: (message: Rumour) => void } {
  const agents = new Agents().gather(2, { profile: 'fixed' });
  const hears = (message: Rumour): void =>
    agents
      .node('n1')
      .feed(0, { type: 'receive', from: agents.endpoint('n2'), message }, (out) =>
        agents.serf('n1').received(agents.now, message, out),
      );
  return { agents, hears };
}

/** Which of the two, or a third that is unknown. */
const abouts = fc.constantFrom('n1', 'n2', 'x');
const times = fc.integer({ min: 3, max: 40 }).map((time) => time as LamportTime);
const words = fc.constantFrom('deploy', 'load');

interface Said {
  readonly type: Rumour['type'];
  readonly about: string;
  readonly time: LamportTime;
  readonly name: string;
  readonly id: number;
}

const sayings: fc.Arbitrary<Said> = fc.record({
  type: fc.constantFrom('join', 'leave', 'user event', 'query'),
  about: abouts,
  time: times,
  name: words,
  id: fc.integer({ min: 1, max: 3 }),
});

function rumour(agents: Agents, { type, about, time, name, id }: Said): Rumour {
  const node = agents.names.id(about);
  switch (type) {
    case 'join':
      return { type, time, node };
    case 'leave':
      return { type, time, node, prune: false };
    case 'user event':
      return { type, time, name, payload: String(id), coalesce: false };
    case 'query': {
      const source = agents.endpoint('n2');
      const fields = { source, addressBytes: 4, sourceNode: agents.names.id('n2'), filters: [], ack: true } as const;
      return { type, time, id, ...fields, noBroadcast: false, relay: 0, timeout: seconds(3), name, payload: '' };
    }
  }
}

describe('what is gossiped among agents', () => {
  test('said twice in a row changes nothing the second time, and is not told or passed on again', () => {
    fc.assert(
      fc.property(fc.array(sayings, { maxLength: 8 }), sayings, (before, said) => {
        const { agents, hears } = pair();
        for (const earlier of before) hears(rumour(agents, earlier));
        hears(rumour(agents, said));
        // A word that we leave is contradicted with a later time: the second is outdated, and nothing is said.
        const once = copyState(agents.serf('n1').state);
        const told = agents.notices('n1').length;
        hears(rumour(agents, said));
        expect(compareState(once, agents.serf('n1').state)).toBeUndefined();
        expect(agents.notices('n1').length).toBe(told);
      }),
      { numRuns: 200 },
    );
  });

  test('of the intents about a living member the latest counts, in whatever order they come', () => {
    const intents = fc.uniqueArray(fc.tuple(fc.constantFrom('join' as const, 'leave' as const), times), {
      selector: ([, time]) => time,
      minLength: 1,
      maxLength: 5,
    });
    const orders = intents.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(orders, ([all, shuffled]) => {
        const { agents, hears } = pair();
        for (const [type, time] of shuffled) hears(rumour(agents, { type, about: 'n2', time, name: '', id: 1 }));
        const latest = all.reduce((a, b) => (a[1] > b[1] ? a : b));
        const { members } = agents.serf('n1').state;
        const node = agents.names.id('n2');
        expect([statusOf(members, node), timeOf(members, node)]).toEqual([latest[0] === 'join' ? 'alive' : 'leaving', latest[1]]);
      }),
      { numRuns: 200 },
    );
  });

  test('moves the clock beyond its time, and never back', () => {
    fc.assert(
      fc.property(fc.array(sayings, { minLength: 1, maxLength: 8 }), (all) => {
        const { agents, hears } = pair();
        const clocks = (): number[] => {
          const { memberTime, eventTime, queryTime } = agents.serf('n1').state;
          return [memberTime, eventTime, queryTime];
        };
        for (const said of all) {
          const before = clocks();
          hears(rumour(agents, said));
          const after = clocks();
          const clock = said.type === 'user event' ? 1 : said.type === 'query' ? 2 : 0;
          expect(after[clock]).toBeGreaterThan(said.time);
          for (const [i, time] of after.entries()) expect(time).toBeGreaterThanOrEqual(before[i] as number);
        }
      }),
      { numRuns: 200 },
    );
  });
});
