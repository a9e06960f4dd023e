import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../core/address.ts';
import { seconds } from '../../core/time.ts';
import { Kind } from '../engine/journal.ts';
import { scenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { World } from '../world.ts';
import { agreementBound } from './agreement.ts';
import { Cells } from './cells.ts';
import { VACUOUS } from './check.ts';
import { containment } from './containment.ts';
import { checkOf } from './properties.ts';

const { plan } = scenario(
  {
    network: { segments: { lan: { subnet: '10.0.1.0/24' } } },
    hosts: {
      a: { on: 'lan', address: '10.0.1.10' },
      b: { on: 'lan', address: '10.0.1.11' },
      c: { on: 'lan', address: '10.0.1.12' },
    },
    timeline: [
      { at: '0s', on: 'a', run: 'serf agent' },
      { at: '1s', on: 'b', run: 'serf agent -join 10.0.1.10' },
    ],
  },
  surroundings,
);
const [A, B] = [0, 1] as const;

/** A check of a property, and a way to show a cell's value as an agent would. */
function held(property: string) {
  let cells: Cells | undefined;
  const world = new World(plan, {
    registry: surroundings.registry,
    listen: ({ names }) => {
      cells = new Cells(names);
      return [cells];
    },
  });
  const check = checkOf({ name: property }, { world, cells: cells as Cells, plan });
  const show = (node: number, member: string, field: string, value: number | string) =>
    world.journal.cell(node, world.names.id(member), world.names.id(field), value);
  const judge = () =>
    check.kind === 'always'
      ? check.judge()
      : check.kind === 'sometimes'
        ? check.reached()
        : (check as { missing(): unknown }).missing();
  return { world, show, judge };
}

describe('MulticastStays', () => {
  const { plan: apart } = scenario(
    {
      network: {
        segments: { left: { subnet: '10.0.1.0/24' }, right: { subnet: '10.0.2.0/24' } },
        routers: { gateway: { on: ['left', 'right'] } },
      },
      hosts: { a: { on: 'left' }, b: { on: 'left' }, c: { on: 'right' } },
      timeline: [{ at: '0s', on: 'all', run: 'serf agent -iface=eth0 -discover=blue' }],
    },
    surroundings,
  );

  test('holds where members ask for each other by multicast, and breaks when one on another segment hears it', () => {
    const world = new World(apart, { registry: surroundings.registry });
    const check = containment('MulticastStays', world, apart.topology);
    const judge = () => (check.kind === 'always' ? check.judge() : undefined);
    expect(judge()).toBe(VACUOUS);
    world.simulation.runUntil(seconds(5) as number as typeof world.now);
    expect(judge()).toBeUndefined();
    const [from, to] = ['10.0.1.1', '224.0.0.251'].map((text) => world.names.endpoint(parseAddress(text) as never, 5353));
    world.journal.record(Kind.deliver, 2, 0, world.names.id('question'), 60, { source: 0, from, to });
    expect(judge()).toBe('c received what a sent to 224.0.0.251 on another segment');
  });
});

describe('Agreement', () => {
  const joined = () => {
    const all = held('Agreement');
    all.world.simulation.runUntil(seconds(10) as number as typeof all.world.now);
    return all;
  };

  test('holds when both agents show each other as alive', () => {
    expect(joined().judge()).toBeUndefined();
  });

  test('breaks when one shows the other, which runs, as failed', () => {
    const { show, judge } = joined();
    show(B, 'a', 'serf.status', 'failed');
    expect(judge()).toBe('b shows a as failed, and it runs');
  });

  test('breaks when one shows somebody as alive who does not run', () => {
    const { show, judge } = joined();
    show(A, 'c', 'serf.status', 'alive');
    expect(judge()).toBe('a shows c as alive, and it does not run');
  });

  test('asks nothing of those who do not know each other', () => {
    const { show, judge } = joined();
    show(A, 'b', 'serf.status', '');
    show(B, 'a', 'serf.status', '');
    expect(judge()).toBeUndefined();
  });

  test('its bound covers the longest suspicion and what finding and healing take', () => {
    // 3 members: 1 + 2 · (2·2 − 1) probes of at most 8 s, a suspicion of 24 s, 21 reconnect ticks and 4 exchanges of 30 s.
    expect(agreementBound(plan)).toBe(seconds(7 * 8 + 24 + 630 + 120));
  });
});

describe('what a run must have reached', () => {
  test.each([
    ['Suspicion', 'gossip.state', ['suspect']],
    ['Refutation', 'gossip.state', ['suspect', 'alive']],
    ['Failure', 'serf.status', ['failed']],
    ['Departure', 'serf.status', ['left']],
  ] as const)('%s', (property, field, values) => {
    const { show, judge } = held(property);
    show(A, 'b', field, 'alive');
    expect(judge()).toBe(false);
    for (const value of values) show(A, 'b', field, value);
    expect(judge()).toBe(true);
  });
});

describe('Linearizable', () => {
  const answered = (...outcomes: readonly (string | null)[]) => {
    const world = new World(plan, { registry: surroundings.registry });
    const check = checkOf({ name: 'Linearizable' }, { world, cells: new Cells(world.names), plan });
    const say = (notice: { readonly type: string }) =>
      world.journal.record(Kind.notice, A, -1, world.names.id(notice.type), 0, notice);
    const call = (number: number, operation: object, outcome: unknown) => {
      say({ type: 'kv-invoked', client: 'c', call: number, operation } as never);
      say({ type: 'kv-returned', client: 'c', call: number, outcome } as never);
    };
    call(0, { type: 'put', key: 'x', value: '1' }, true);
    for (const [i, outcome] of outcomes.entries()) call(i + 1, { type: 'get', key: 'x' }, outcome);
    return (check as Extract<typeof check, { kind: 'whole' }>).judge();
  };

  test('holds when one store could have answered so, and counts the answers', () => {
    expect(answered('1', '1')).toEqual({ exercised: 3, verdict: 'held', says: '' });
  });

  test('is violated when none could, and says what shows it', () => {
    const { verdict, says } = answered('1', null);
    expect(verdict).toBe('violated');
    expect(says).toMatch(
      /^key x is not linearizable; before, it was "1":\n(.*\n)*.*c: get -> absent {2}<- nothing explains this$/,
    );
  });
});

describe('NoSlander', () => {
  test('breaks when an agent that is well is shown as failed, and not for one that does not run', () => {
    const { world, show, judge } = held('NoSlander');
    world.simulation.runUntil(seconds(2) as number as typeof world.now);
    judge();
    show(A, 'c', 'serf.status', 'failed');
    expect(judge()).toBeUndefined();
    show(A, 'b', 'serf.status', 'failed');
    expect(judge()).toBe('a about b: failed, though it is well');
  });
});
