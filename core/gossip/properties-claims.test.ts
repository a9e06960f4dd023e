import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { NameId } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { compareState, copyState } from '../state.ts';
import { Cluster } from './cluster.ts';
import { LAN } from './config.ts';
import { Gossip } from './gossip.ts';
import type { GossipMessage, Incarnation, PushPull, Rumour } from './message.ts';
import { type Profile, QUIRKS } from './quirks.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

function start(cluster: Cluster, name: string, profile: Profile): Gossip {
  const [gossip] = cluster.boot(name, (place) => {
    const self = { name: place.name, address: place.endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, 5] } as const;
    return [new Gossip({ self, config: LAN, quirks: QUIRKS[profile], names: place.names, random: place.random })];
  });
  return gossip;
}

/** One node that knows three others in various states. */
function lone(
  seed: number,
  profile: Profile = 'serf-0.10',
): { cluster: Cluster; give: (m: GossipMessage) => void; gossip: Gossip } {
  const cluster = new Cluster(seed);
  const gossip = start(cluster, 'n1', profile);
  for (const name of NAMES) cluster.names.id(name);
  const node = cluster.node('n1');
  const give = (message: GossipMessage): void =>
    gossip.receive(cluster.now, 0 as Socket, cluster.endpoint('n1'), message, node.out(0));
  for (const name of ['n2', 'n3', 'n4']) give(rumour(gossip, { kind: 'alive', about: name, incarnation: 2, from: 'n1' }));
  return { cluster, give, gossip };
}

interface Said {
  readonly kind: 'alive' | 'suspect' | 'dead' | 'left';
  readonly about: string;
  readonly incarnation: number;
  readonly from: string;
}

const sayings: fc.Arbitrary<Said> = fc.record({
  kind: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
  about: fc.constantFrom(...NAMES),
  incarnation: fc.integer({ min: 1, max: 5 }),
  from: fc.constantFrom(...NAMES),
});

function rumour(gossip: Gossip, { kind, about, incarnation: i, from: by }: Said): Rumour {
  const { names, descriptions } = gossip;
  const node = names.id(about);
  const incarnation = i as Incarnation;
  if (kind !== 'alive') {
    return { type: kind === 'suspect' ? 'suspect' : 'dead', incarnation, node, from: kind === 'left' ? node : names.id(by) };
  }
  const address = names.endpoint((0x0a_00_00_00 + Number(about.slice(1))) as never, 7946);
  const description = descriptions.id({ address, addressBytes: 4, versions: [1, 5, 2, 2, 5, 5], meta: '', metaBytes: 0 });
  return { type: 'alive', incarnation, node, description };
}

describe('rumours', () => {
  test('said twice in a row change nothing the second time', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(sayings), sayings, (seed, before, said) => {
        const { give, gossip } = lone(seed);
        for (const earlier of before) give(rumour(gossip, earlier));
        give(rumour(gossip, said));
        const once = copyState(gossip.state);
        give(rumour(gossip, said));
        expect(compareState(once, gossip.state)).toBeUndefined();
      }),
    );
  });

  test('follow the override matrix', () => {
    fc.assert(
      fc.property(sayings, sayings, (first, second) => {
        const { give, gossip } = lone(1);
        const about = 'n2';
        give(rumour(gossip, { ...first, about, incarnation: Math.max(2, first.incarnation) }));
        const before = gossip.members().find(({ name }) => name === gossip.names.id(about));
        give(rumour(gossip, { ...second, about }));
        const after = gossip.members().find(({ name }) => name === gossip.names.id(about));
        const [held, i, j] = [before?.status, second.incarnation, before?.incarnation ?? 0];
        const applies =
          second.kind === 'alive'
            ? i > j
            : second.kind === 'suspect'
              ? held === 'alive' && i >= j
              : (held === 'alive' || held === 'suspect') && i >= j;
        const status = second.kind === 'dead' && second.from === about ? 'left' : second.kind;
        expect(after).toMatchObject(applies ? { status, incarnation: i } : { status: held, incarnation: j });
      }),
      { numRuns: 500 },
    );
  });

  test('about a name that nobody introduced come to nothing, unless it is alive', () => {
    fc.assert(
      fc.property(sayings, (said) => {
        const { give, gossip } = lone(1);
        give(rumour(gossip, { ...said, about: 'n5' }));
        expect(gossip.members().length).toBe(said.kind === 'alive' ? 5 : 4);
      }),
    );
  });
});

describe('an exchange of states', () => {
  const statuses = fc.constantFrom(0, 1, 2, 3);
  const records = fc.uniqueArray(
    fc.record({ name: fc.constantFrom('n2', 'n3', 'n4'), status: statuses, i: fc.integer({ min: 1, max: 4 }) }),
    {
      selector: ({ name }) => name,
      maxLength: 3,
    },
  );
  type Records = { name: string; status: number; i: number }[];

  function exchange(gossip: Gossip, all: Records): PushPull {
    const described = (name: string): number => {
      const alive = rumour(gossip, { kind: 'alive', about: name, incarnation: 1, from: name });
      return alive.type === 'alive' ? alive.description : 0;
    };
    const nodes = {
      names: Uint32Array.from(all, ({ name }) => gossip.names.id(name)),
      states: Uint8Array.from(all, ({ status }) => status),
      incarnations: Uint32Array.from(all, ({ i }) => i),
      descriptions: Uint32Array.from(all, ({ name }) => described(name)),
    };
    return { type: 'push-pull', join: false, nodes, user: undefined };
  }

  function merge(given: ReturnType<typeof lone>, all: Records): void {
    const { cluster, gossip } = given;
    const out = cluster.node('n1').out(0);
    const stream = cluster.node('n1').newStream(0);
    gossip.stream(cluster.now, stream, { type: 'accepted', socket: 1 as Socket, from: cluster.endpoint('n1') }, out);
    gossip.stream(cluster.now, stream, { type: 'data', message: exchange(gossip, all), bytes: 100 }, out);
  }

  const view = ({ gossip }: ReturnType<typeof lone>): Map<NameId, string> =>
    new Map(gossip.members().map(({ name, status, incarnation }) => [name, `${status} ${incarnation}`]));

  test('never makes a living member dead', () => {
    fc.assert(
      fc.property(fc.array(sayings), records, (before, all) => {
        const given = lone(1);
        for (const said of before) given.give(rumour(given.gossip, said));
        const alive = given.gossip.members().filter(({ status }) => status === 'alive');
        merge(given, all);
        const after = view(given);
        for (const { name } of alive) expect(after.get(name)).not.toMatch(/^dead/);
      }),
    );
  });

  test('with another commutes about those who are alive or left in both', () => {
    const settled = records.map((all) => all.map((record) => ({ ...record, status: record.status < 2 ? 0 : 3 })));
    fc.assert(
      fc.property(settled, settled, (a, b) => {
        // As the originals do it the incarnation of one who left is that of the first such record.
        const [one, two] = [lone(1, 'fixed'), lone(1, 'fixed')];
        merge(one, a);
        merge(one, b);
        merge(two, b);
        merge(two, a);
        const both = new Set(a.map(({ name }) => name).filter((name) => b.some((other) => other.name === name)));
        for (const name of both) {
          const id = one.gossip.names.id(name);
          expect(view(one).get(id)).toBe(view(two).get(id));
        }
      }),
      { numRuns: 300 },
    );
  });
});
