import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Xoshiro } from '../laws/xoshiro.ts';
import type { NameId } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { compareState, copyState } from '../state.ts';
import { milliseconds, seconds } from '../time.ts';
import { Cluster, type Passing } from './cluster.ts';
import { type GossipConfig, LAN, LOCAL } from './config.ts';
import { Gossip } from './gossip.ts';
import { gossipInvariants } from './invariants.ts';
import type { Compound, GossipMessage, Incarnation, PushPull, Rumour, Single } from './message.ts';
import { type Profile, QUIRKS } from './quirks.ts';
import type { GossipState } from './state.ts';

const NAMES = ['n1', 'n2', 'n3', 'n4', 'n5'] as const;

function start(cluster: Cluster, name: string, config: GossipConfig, profile: Profile): Gossip {
  const [gossip] = cluster.boot(name, (place) => {
    const self = { name: place.name, address: place.endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, 5] } as const;
    return [new Gossip({ self, config, quirks: QUIRKS[profile], names: place.names, random: place.random })];
  });
  return gossip;
}

function gathered(seed: number, config: GossipConfig, profile: Profile): Cluster {
  const cluster = new Cluster(seed);
  for (const name of NAMES) {
    start(cluster, name, config, profile);
    cluster.node(name).command(0, 1, { command: 'join', addresses: [cluster.endpoint('n1')] });
    cluster.run(milliseconds(170));
  }
  cluster.run(seconds(5));
  // Gossip may miss somebody; the exchange of whole states then tells them.
  cluster.when(
    () => NAMES.every((observer) => NAMES.every((name) => cluster.node(observer).cell(name, 'state') === 'alive')),
    seconds(120),
  );
  return cluster;
}

const stateOf = (cluster: Cluster, name: string): GossipState => cluster.node(name).part(0).state as GossipState;

/** Something bad that happens to a cluster. */
type Fault =
  | { readonly type: 'cut'; readonly names: readonly string[]; readonly lasts: number }
  | { readonly type: 'lose'; readonly probability: number; readonly streams: boolean; readonly lasts: number }
  | { readonly type: 'restart'; readonly name: string; readonly lasts: number }
  | { readonly type: 'slow'; readonly delay: number; readonly lasts: number };

const lasts = fc.integer({ min: 1, max: 40 });
const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc.oneof(
    fc.record({ type: fc.constant('cut' as const), names: fc.subarray([...NAMES]), lasts }),
    fc.record({
      type: fc.constant('lose' as const),
      probability: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
      streams: fc.boolean(),
      lasts,
    }),
    fc.record({ type: fc.constant('restart' as const), name: fc.constantFrom(...NAMES), lasts }),
    fc.record({ type: fc.constant('slow' as const), delay: fc.integer({ min: 1, max: 700 }), lasts }),
  ),
  { minLength: 1, maxLength: 5 },
);

function suffer(cluster: Cluster, fault: Fault, config: GossipConfig, profile: Profile, random: Xoshiro): void {
  switch (fault.type) {
    case 'cut':
      cluster.loses = ({ from, to }) => fault.names.includes(from) !== fault.names.includes(to);
      break;
    case 'lose':
      cluster.loses = ({ streamed }) => (fault.streams || !streamed) && random.chance(fault.probability);
      break;
    case 'slow':
      cluster.delay = milliseconds(fault.delay);
      break;
    case 'restart':
      cluster.kill(fault.name, true);
  }
  cluster.run(seconds(fault.lasts));
  cluster.loses = () => false;
  cluster.delay = milliseconds(1);
  if (fault.type === 'restart') {
    start(cluster, fault.name, config, profile);
    const peer = NAMES.find((name) => name !== fault.name && cluster.node(name).up) ?? 'n1';
    cluster.node(fault.name).command(0, 1, { command: 'join', addresses: [cluster.endpoint(peer)] });
  }
}

const partsOf = ({ message }: Passing): Single[] =>
  message.type === 'compound' ? [...(message as Compound).parts] : [message as Single];

/** What must never happen, whatever the network does; looked for at everything that is sent and shown. */
class Watch {
  private readonly cluster: Cluster;
  /** The highest incarnation that each name ever used. */
  private readonly issued = new Map<number, number>();
  /** What each node last held of each name, until it forgot it. */
  private readonly held = new Map<string, { state: string; incarnation: number }>();

  constructor(cluster: Cluster) {
    this.cluster = cluster;
    for (const name of NAMES) this.issued.set(cluster.names.id(name), stateOf(cluster, name).incarnation);
    cluster.passed = (passing) => this.sees(passing);
    cluster.showed = ({ node, subject, field, value }) => {
      const key = `${node} ${cluster.node(node).boots} ${subject}`;
      if (value === '') this.held.delete(key);
      else if (field === 'incarnation') this.incarnation(key, node, subject, value as number);
      else if (field === 'state') this.state(key, value as string);
    };
  }

  private incarnation(key: string, node: string, subject: number, incarnation: number): void {
    const before = this.held.get(key);
    if (before !== undefined) expect(incarnation, 'Incarnation monotone').toBeGreaterThanOrEqual(before.incarnation);
    const revives = before?.state === 'dead' && incarnation > before.incarnation;
    this.held.set(key, { state: revives ? 'may revive' : (before?.state ?? ''), incarnation });
    if (this.cluster.names.id(node) === subject) {
      this.issued.set(subject, Math.max(incarnation, this.issued.get(subject) ?? 0));
    }
    expect(incarnation, 'Only owner raises').toBeLessThanOrEqual(this.issued.get(subject) ?? 0);
  }

  private state(key: string, state: string): void {
    const before = this.held.get(key);
    expect(before?.state === 'dead' && state === 'alive', 'No resurrection').toBe(false);
    this.held.set(key, { state, incarnation: before?.incarnation ?? 0 });
  }

  private sees(passing: Passing): void {
    const states = [...this.cluster.nodes.values()].filter(({ up }) => up).map(({ name }) => stateOf(this.cluster, name));
    for (const { name, violation } of gossipInvariants) expect(violation(states), name).toBeUndefined();
    if (passing.streamed) return;
    const size = partsOf(passing)[0]?.type === 'ping' ? 1402 : 1405;
    expect(passing.bytes, 'Packet budget').toBeLessThanOrEqual(size);
  }
}

describe('under whatever the network does', () => {
  test.each(['serf-0.9', 'serf-0.10', 'fixed'] as const)('nothing unsafe happens, and in the end all agree, as %s', (profile) => {
    fc.assert(
      fc.property(fc.integer(), faults, (seed, plan) => {
        const cluster = gathered(seed, LOCAL, profile);
        new Watch(cluster);
        const random = new Xoshiro(seed, 'faults');
        for (const fault of plan) suffer(cluster, fault, LOCAL, profile, random);
        // memberlist alone never dials those whom it forgot; the application's reconnecting is this join.
        for (const name of NAMES) {
          const addresses = NAMES.map((peer) => cluster.endpoint(peer));
          cluster.node(name).command(0, 2, { command: 'join', addresses });
          cluster.run(seconds(1));
        }
        cluster.run(seconds(60));
        for (const name of NAMES) {
          const own = cluster.node(name).cell(name, 'incarnation');
          const views = NAMES.map(
            (observer) => `${cluster.node(observer).cell(name, 'state')} ${cluster.node(observer).cell(name, 'incarnation')}`,
          );
          expect(views).toEqual(NAMES.map(() => `alive ${own}`));
        }
      }),
      { numRuns: 12 },
    );
  });

  test('losses of datagrams alone let nobody be declared dead, as long as streams get through', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (seed, probability) => {
        const cluster = gathered(seed, LAN, 'serf-0.10');
        const random = new Xoshiro(seed, 'faults');
        cluster.loses = ({ streamed }) => !streamed && random.chance(probability);
        cluster.showed = ({ field, value }) => {
          if (field === 'state') expect(value).toBe('alive');
        };
        cluster.run(seconds(60));
      }),
      { numRuns: 15 },
    );
  });

  test('in quiet nobody is suspected, nobody refutes, and health stays good', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 249 }), (seed, delay) => {
        const cluster = gathered(seed, LAN, 'serf-0.10');
        cluster.delay = milliseconds(delay);
        cluster.showed = ({ field, value }) => expect(value, field).toBe(field === 'state' ? 'alive' : 1);
        cluster.run(seconds(60));
      }),
      { numRuns: 12 },
    );
  });

  test('a crashed member is dead for all who are left, within the bound of its timers', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...NAMES.slice(1)), (seed, name) => {
        const cluster = gathered(seed, LAN, 'serf-0.10');
        cluster.kill(name, true);
        const left = NAMES.filter((other) => other !== name);
        // (2m − 1) P until all have probed it once, 8 P for a slow probe, the longest suspicion, and the news.
        const bound = seconds(2 * left.length - 1 + 8 + 24 + 2);
        const isGone = (observer: string): boolean => /^(dead)?$/.test(String(cluster.node(observer).cell(name, 'state')));
        cluster.when(() => left.every(isGone), bound);
      }),
      { numRuns: 40 },
    );
  });
});

/** One node that knows three others in various states. */
function lone(
  seed: number,
  profile: Profile = 'serf-0.10',
): { cluster: Cluster; give: (m: GossipMessage) => void; gossip: Gossip } {
  const cluster = new Cluster(seed);
  const gossip = start(cluster, 'n1', LAN, profile);
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
