import { describe, expect, test } from 'vitest';
import type { Endpoint, NameId } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { type Duration, formatInstant, type Instant, inSeconds, milliseconds, seconds } from '../time.ts';
import { Cluster, type Passing } from './cluster.ts';
import { type GossipConfig, LAN, LOCAL } from './config.ts';
import { Gossip } from './gossip.ts';
import { descriptionOf } from './members.ts';
import type { Compound, GossipMessage, Incarnation, Single } from './message.ts';
import { type Profile, QUIRKS } from './quirks.ts';

interface Setting {
  readonly config?: GossipConfig;
  readonly profile?: Profile;
  readonly addressBytes?: 4 | 16;
  readonly versions?: readonly [number, number, number, number, number, number];
}

/** memberlist alone on every node, joined through the first. */
class Members extends Cluster {
  readonly setting: Setting;

  constructor(setting: Setting = {}, seed = 1) {
    super(seed);
    this.setting = setting;
  }

  start(
    name: string,
    { config = LAN, profile = 'serf-0.10', addressBytes = 4, versions = [1, 5, 2, 2, 5, 5] as const } = this.setting,
  ) {
    const [gossip] = this.boot(name, (place) => {
      const self = { name: place.name, address: place.endpoint, addressBytes, versions };
      return [new Gossip({ self, config, quirks: QUIRKS[profile], names: place.names, random: place.random })];
    });
    return gossip;
  }

  gossip(name: string): Gossip {
    return this.node(name).parts[0] as unknown as Gossip;
  }

  join(name: string, to: string, id = 1): void {
    this.node(name).command(0, id, { command: 'join', addresses: [this.endpoint(to)] });
  }

  /** Starts so many nodes a while apart and lets them settle. */
  gather(count: number, apart = milliseconds(130)): this {
    for (let i = 1; i <= count; i++) {
      this.start(`n${i}`);
      if (i > 1) this.join(`n${i}`, 'n1');
      this.run(apart);
    }
    this.run(seconds(10));
    return this;
  }

  /** What a node holds of another, such as `alive 1`. */
  view(observer: string, subject: string): string {
    const node = this.node(observer);
    return `${node.cell(subject, 'state') ?? ''} ${node.cell(subject, 'incarnation') ?? ''}`.trim();
  }

  views(subject: string, observers = [...this.nodes.keys()]): string[] {
    return observers.filter((name) => this.node(name).up).map((name) => this.view(name, subject));
  }

  logged(name: string, pattern: RegExp): string[] {
    return this.node(name).log.filter((line) => pattern.test(line));
  }
}

const partsOf = ({ message }: Passing): Single[] =>
  message.type === 'compound' ? [...(message as Compound).parts] : [message as Single];

const has = (passing: Passing, type: string): boolean => partsOf(passing).some((part) => part.type === type);

const cutOff =
  (name: string) =>
  ({ from, to }: Passing): boolean =>
    (from === name) !== (to === name);

describe('joining', () => {
  test('is one exchange of state with one member; gossip tells the others', () => {
    const cluster = new Members();
    for (const name of ['n1', 'n2', 'n3']) cluster.start(name);
    cluster.join('n2', 'n1');
    cluster.run(milliseconds(10));
    expect(cluster.views('n2')).toEqual(['alive 1', 'alive 1', '']);
    cluster.join('n3', 'n1', 2);
    cluster.run(seconds(1));
    for (const name of ['n1', 'n2', 'n3']) expect(cluster.views(name)).toEqual(['alive 1', 'alive 1', 'alive 1']);
    expect(cluster.node('n3').replies.get(2)).toEqual({ contacted: 1, problems: [] });
  });

  test('tries every address and tells which failed and how', () => {
    const cluster = new Members();
    for (const name of ['n1', 'n2', 'n3']) cluster.start(name);
    cluster.kill('n3');
    const nowhere = cluster.names.endpoint(0x0a_00_00_63 as never, 7946);
    const addresses = [cluster.endpoint('n3'), cluster.endpoint('n2'), nowhere];
    cluster.node('n1').command(0, 1, { command: 'join', addresses });
    cluster.run(seconds(60));
    expect(cluster.node('n1').replies.get(1)).toEqual({
      contacted: 1,
      problems: [
        { address: addresses[0], problem: 'dial tcp 10.0.0.3:7946: connect: connection refused' },
        { address: nowhere, problem: 'dial tcp 10.0.0.99:7946: i/o timeout' },
      ],
    });
  });

  test('takes only addresses that came with a name, where names are required', () => {
    const cluster = new Members();
    cluster.start('n1');
    cluster.start('n2', { config: { ...LAN, requireNodeNames: true } });
    const [node, addresses] = [cluster.node('n2'), [cluster.endpoint('n1')]];
    node.command(0, 1, { command: 'join', addresses });
    const problem = 'memberlist: node names are required by configuration but one was not provided';
    expect(node.replies.get(1)).toEqual({ contacted: 0, problems: [{ address: addresses[0], problem }] });
    node.command(0, 2, { command: 'join', addresses, named: true });
    cluster.run(seconds(1));
    expect(node.replies.get(2)).toEqual({ contacted: 1, problems: [] });
  });

  test('of an unanswered address is given up after the TCP timeout', () => {
    const cluster = new Members();
    cluster.start('n1');
    const addresses = [cluster.names.endpoint(0x0a_00_00_63 as never, 7946)];
    cluster.node('n1').command(0, 1, { command: 'join', addresses });
    expect(cluster.when(() => cluster.node('n1').replies.has(1), seconds(60))).toBe(seconds(10));
  });

  test('fails where the versions spoken exclude each other, and changes nothing', () => {
    const cluster = new Members();
    cluster.start('n1');
    cluster.start('n2', { versions: [3, 5, 3, 2, 5, 5] });
    cluster.join('n2', 'n1');
    cluster.run(seconds(5));
    expect(cluster.node('n2').replies.get(1)).toMatchObject({ contacted: 0 });
    expect([cluster.view('n1', 'n2'), cluster.view('n2', 'n1')]).toEqual(['', '']);
  });
});

describe('probing (SWIM §4.3)', () => {
  test('pings one member in each protocol period, each once in a round', () => {
    const cluster = new Members().gather(4);
    const pinged: string[] = [];
    cluster.passed = ({ from, to, message }) => {
      if (from === 'n1' && (message as Single).type === 'ping') pinged.push(`${formatInstant(cluster.now, 3)} ${to}`);
    };
    cluster.run(seconds(30));
    expect(pinged).toHaveLength(30);
    // n1 started at 0, so that its ticks come with the seconds.
    for (const ping of pinged) expect(ping).toMatch(/\.(000|520) n[234]$/);
    const gaps = ['n2', 'n3', 'n4'].map((name) => {
      const at = pinged.flatMap((ping, i) => (ping.endsWith(name) ? [i] : []));
      return Math.max(...at.map((place, i) => place - (at[i - 1] ?? place)));
    });
    for (const gap of gaps) expect(gap).toBeLessThanOrEqual(2 * 3 - 1);
  });

  test('a killed member of three is suspected a period after the probe and dead four seconds later', () => {
    const cluster = new Members().gather(3);
    const killed = cluster.now;
    cluster.kill('n3', true);
    const suspected = cluster.when(() => cluster.view('n1', 'n3') === 'suspect 1', seconds(10));
    const dead = cluster.when(() => cluster.view('n1', 'n3') === 'dead 1', seconds(10));
    expect(inSeconds((suspected - killed) as Duration)).toBeLessThan(1 + 2 * 2 - 1);
    expect(inSeconds((dead - suspected) as Duration)).toBe(4);
    cluster.run(seconds(1));
    expect(cluster.view('n2', 'n3')).toBe('dead 1');
    expect(cluster.logged('n1', /Marking n3 as failed, suspect timeout reached \(0 peer confirmations\)/)).toHaveLength(1);
  });

  test('a refusing TCP port does not shorten the probe', () => {
    const time = (silent: boolean): number => {
      const cluster = new Members().gather(3);
      cluster.kill('n3', silent);
      return cluster.when(() => cluster.view('n1', 'n3') === 'dead 1', seconds(20));
    };
    expect(time(false)).toBe(time(true));
  });

  test('two observers left of four need 11.381 s, since only one can confirm', () => {
    const cluster = new Members().gather(4);
    cluster.kill('n3', true);
    cluster.kill('n4', true);
    const suspected = cluster.when(() => /suspect/.test(cluster.views('n3').join()), seconds(30));
    const dead = cluster.when(() => /dead/.test(cluster.views('n3').join()), seconds(40));
    expect(inSeconds((dead - suspected) as Duration)).toBe(11.381);
  });

  test('a member that lost its direct link is reached through others, and nobody suspects it', () => {
    const cluster = new Members().gather(4);
    cluster.loses = ({ from, to, streamed }) => !streamed && from === 'n1' && to === 'n2';
    cluster.run(seconds(60));
    expect(cluster.logged('n1', /Failed UDP ping: n2/).length).toBeGreaterThan(5);
    expect(cluster.logged('n1', /Suspect n2/)).toEqual([]);
    expect(cluster.views('n2')).toEqual(['alive 1', 'alive 1', 'alive 1', 'alive 1']);
  });

  test('with UDP blocked between all and TCP open nobody is suspected', () => {
    const cluster = new Members().gather(3);
    cluster.loses = ({ streamed }) => !streamed;
    cluster.run(seconds(60));
    for (const name of ['n1', 'n2', 'n3']) {
      expect(cluster.views(name)).toEqual(['alive 1', 'alive 1', 'alive 1']);
      expect(cluster.logged(name, /over TCP but UDP probes failed/).length).toBeGreaterThan(10);
    }
  });

  test('without the ping over TCP the same members are lost', () => {
    const cluster = new Members({ config: { ...LAN, disableTcpPings: true, pushPullInterval: 0 as Duration } }).gather(3);
    cluster.loses = ({ streamed }) => !streamed;
    cluster.run(seconds(25));
    expect(cluster.views('n1', ['n2', 'n3'])).toEqual(['dead 1', 'dead 1']);
  });

  test('without the ping over TCP to one member only that one is lost', () => {
    const isThird = (node: NameId): boolean => cluster.names.text(node) === 'n3';
    const config = { ...LAN, disableTcpPingsFor: isThird, pushPullInterval: 0 as Duration };
    const cluster: Members = new Members({ config }).gather(3);
    cluster.loses = ({ streamed }) => !streamed;
    cluster.run(seconds(25));
    expect([cluster.view('n1', 'n2'), cluster.view('n1', 'n3')]).toEqual(['alive 1', 'dead 1']);
  });

  test('while a long probe runs one tick is kept and served when it ends', () => {
    const cluster = new Members({ config: { ...LAN, indirectChecks: 0, disableTcpPings: true } }).gather(3);
    cluster.gossip('n1').state.health = 2;
    const pings: string[] = [];
    cluster.passed = (passing) => {
      if (passing.from === 'n1' && partsOf(passing)[0]?.type === 'ping')
        pings.push(`${formatInstant(cluster.now, 3)} ${passing.to}`);
    };
    cluster.loses = ({ from, streamed }) => !streamed && from === 'n3';
    const first = cluster.when(() => pings.some((ping) => ping.endsWith('n3')), seconds(10));
    const periods = cluster.gossip('n1').state.health + 1;
    expect(periods).toBeGreaterThan(1);
    pings.length = 0;
    cluster.run(seconds(periods));
    // The next probe begins in the instant in which the failing one ends.
    expect(pings.map((ping) => ping.split(' ')[0])).toEqual([formatInstant((first + periods * 1e9) as Instant, 3)]);
  });
});

describe('suspicion and refutation (SWIM §4.2, Lifeguard)', () => {
  test('a member that hears that it is suspected refutes with a higher incarnation', () => {
    const cluster = new Members().gather(3);
    const [n1, n2] = ['n1', 'n2'].map((name) => cluster.names.id(name)) as [never, never];
    const suspect: GossipMessage = { type: 'suspect', incarnation: 1 as Incarnation, node: n2, from: n1 };
    const node = cluster.node('n3');
    node.part(0).receive(cluster.now, 0 as Socket, cluster.endpoint('n1'), suspect as never, node.out(0));
    expect(cluster.view('n3', 'n2')).toBe('suspect 1');
    cluster.run(seconds(2));
    expect(cluster.views('n2')).toEqual(['alive 2', 'alive 2', 'alive 2']);
    expect(cluster.logged('n2', /Refuting a suspect message \(from: n1\)/)).toHaveLength(1);
    expect(cluster.gossip('n2').state.health).toBe(0);
  });

  test('a probe tells a suspect so in the same packet, and nothing else with it', () => {
    const cluster = new Members().gather(4);
    cluster.loses = (passing) => cutOff('n4')(passing) && !passing.streamed;
    const buddies: string[] = [];
    const losing = cluster.loses;
    cluster.loses = (passing) => {
      if (passing.to === 'n4' && partsOf(passing)[0]?.type === 'ping' && has(passing, 'suspect')) {
        buddies.push(
          partsOf(passing)
            .map(({ type }) => type)
            .join('+'),
        );
      }
      return losing(passing) || passing.streamed;
    };
    cluster.run(seconds(12));
    expect(new Set(buddies)).toEqual(new Set(['ping+suspect']));
  });

  test('a member that was cut off for a while is told of its death and comes back', () => {
    const cluster = new Members().gather(5);
    cluster.loses = cutOff('n5');
    cluster.run(seconds(25));
    expect(cluster.views('n5', ['n1', 'n2', 'n3', 'n4'])).toEqual(['dead 1', 'dead 1', 'dead 1', 'dead 1']);
    cluster.loses = () => false;
    cluster.run(seconds(40));
    expect(cluster.views('n5')).toEqual(['alive 2', 'alive 2', 'alive 2', 'alive 2', 'alive 2']);
  });

  test('an outdated alive does not stop the timer of a real crash', () => {
    const cluster = new Members().gather(3);
    cluster.kill('n3', true);
    cluster.when(() => cluster.view('n1', 'n3') === 'suspect 1', seconds(10));
    const since = cluster.now;
    const { state } = cluster.gossip('n1');
    const n3 = cluster.names.id('n3');
    const description = descriptionOf(state.members, n3);
    const node = cluster.node('n1');
    const alive: GossipMessage = { type: 'alive', incarnation: 1 as Incarnation, node: n3, description };
    node.part(0).receive(cluster.now, 0 as Socket, cluster.endpoint('n2'), alive as never, node.out(0));
    const dead = cluster.when(() => cluster.view('n1', 'n3') === 'dead 1', seconds(10));
    expect(inSeconds((dead - since) as Duration)).toBe(4);
  });
});

describe('local health', () => {
  test('late nacks cost a healthy LAN member three points for a dead one; early ones cost nothing', () => {
    const worst = (profile: Profile, config = LAN): number => {
      const cluster = new Members({ profile, config }).gather(6);
      cluster.kill('n6', true);
      let health = 0;
      cluster.passed = () => {
        health = Math.max(health, cluster.gossip('n1').state.health);
      };
      cluster.run(seconds(10));
      return health;
    };
    expect(worst('serf-0.10')).toBe(3);
    expect(worst('fixed')).toBe(0);
    // With the timers of one machine the nacks come in time anyway.
    expect(worst('serf-0.10', LOCAL)).toBe(0);
  });
});

describe('leaving', () => {
  test('is announced, and the others hold it for left, not dead', () => {
    const cluster = new Members().gather(4);
    cluster.node('n2').command(0, 9, { command: 'leave', timeout: seconds(5) });
    const asked = cluster.now;
    const answered = cluster.when(() => cluster.node('n2').replies.has(9), seconds(5));
    expect(cluster.node('n2').replies.get(9)).toEqual({ spread: true });
    // Four packets to three others take two rounds of gossip.
    expect(inSeconds((answered - asked) as Duration)).toBeLessThanOrEqual(0.4);
    cluster.run(seconds(1));
    expect(cluster.views('n2')).toEqual(['left 1', 'left 1', 'left 1', 'left 1']);
  });

  test('alone takes no time', () => {
    const cluster = new Members();
    cluster.start('n1');
    cluster.node('n1').command(0, 9, { command: 'leave', timeout: seconds(5) });
    expect(cluster.node('n1').replies.get(9)).toEqual({ spread: true });
  });

  test.each([
    ['serf-0.10', ''],
    ['serf-0.9', 'left 1'],
  ] as const)('as %s those who left long ago are held to be "%s"', (profile, view) => {
    const cluster = new Members({ profile }).gather(3);
    cluster.node('n3').command(0, 9, { command: 'leave', timeout: seconds(5) });
    cluster.run(seconds(2));
    cluster.kill('n3');
    cluster.run(seconds(40));
    expect(cluster.view('n1', 'n3')).toBe(view);
    expect(cluster.gossip('n1').state.estimate).toBe(view === '' ? 2 : 3);
  });
});

describe('a restart', () => {
  test('that is fast and joins is not noticed', () => {
    const cluster = new Members().gather(3);
    cluster.kill('n3');
    cluster.start('n3');
    cluster.join('n3', 'n1');
    cluster.run(seconds(20));
    expect(cluster.views('n3')).toEqual(['alive 1', 'alive 1', 'alive 1']);
    expect(cluster.logged('n1', /Suspect n3/)).toEqual([]);
  });

  test('after it was declared dead is alive again everywhere, above what was said of it', () => {
    const cluster = new Members().gather(3);
    cluster.kill('n3', true);
    cluster.run(seconds(12));
    expect(cluster.views('n3')).toEqual(['dead 1', 'dead 1']);
    cluster.start('n3');
    cluster.join('n3', 'n1');
    cluster.run(seconds(2));
    expect(cluster.views('n3')).toEqual(['alive 2', 'alive 2', 'alive 2']);
  });

  test('after everybody forgot it begins anew', () => {
    const cluster = new Members().gather(3);
    cluster.kill('n3', true);
    cluster.run(seconds(60));
    expect(cluster.views('n3')).toEqual(['', '']);
    cluster.start('n3');
    cluster.join('n3', 'n1');
    cluster.run(seconds(2));
    expect(cluster.views('n3')).toEqual(['alive 1', 'alive 1', 'alive 1']);
  });
});

describe('a name', () => {
  const claim = (cluster: Members, observer: string, incarnation: number, port: number, addressBytes: 4 | 16 = 4): void => {
    const { descriptions, names } = cluster.gossip(observer);
    const address = names.endpoint(cluster.node('n3').address, port);
    const description = descriptions.id({ address, addressBytes, versions: [1, 5, 2, 2, 5, 5], meta: '', metaBytes: 0 });
    const alive: GossipMessage = { type: 'alive', incarnation: incarnation as Incarnation, node: names.id('n3'), description };
    const node = cluster.node(observer);
    node.part(0).receive(cluster.now, 0 as Socket, 0 as Endpoint, alive as never, node.out(0));
  };

  test('belongs to the first address while its member lives', () => {
    const cluster = new Members().gather(3);
    claim(cluster, 'n1', 9, 8000);
    expect(cluster.view('n1', 'n3')).toBe('alive 1');
    expect(cluster.logged('n1', /Conflicting address for n3\. Mine: 10\.0\.0\.3:7946 Theirs: 10\.0\.0\.3:8000/)).toHaveLength(1);
  });

  test('of a member that left can be taken over from another address, even with a lower incarnation', () => {
    const cluster = new Members().gather(3);
    cluster.node('n3').command(0, 9, { command: 'leave', timeout: seconds(5) });
    cluster.run(seconds(2));
    cluster.kill('n3');
    claim(cluster, 'n1', 1, 8000);
    expect(cluster.view('n1', 'n3')).toBe('alive 1');
    expect(
      cluster
        .gossip('n1')
        .members()
        .find(({ name }) => name === cluster.names.id('n3'))?.address,
    ).toBe(cluster.names.endpoint(cluster.node('n3').address, 8000));
  });

  test.each([
    ['serf-0.10', 'alive 1'],
    ['fixed', 'alive 5'],
  ] as const)('as %s the long form of its own address leaves it %s', (profile, view) => {
    const cluster = new Members({ profile }).gather(3);
    claim(cluster, 'n1', 5, 7946, 16);
    expect(cluster.view('n1', 'n3')).toBe(view);
  });
});

describe('evidence about the dead', () => {
  test.each([
    ['serf-0.10', 'alive 4'],
    ['fixed', 'dead 5'],
  ] as const)('as %s a late alive below it leaves %s', (profile, view) => {
    const cluster = new Members({ profile, config: { ...LAN, pushPullInterval: 0 as Duration } }).gather(3);
    cluster.kill('n3', true);
    cluster.run(seconds(12));
    const node = cluster.node('n1');
    const { names, state } = cluster.gossip('n1');
    const [n2, n3] = [names.id('n2'), names.id('n3')];
    const tell = (message: GossipMessage): void =>
      node.part(0).receive(cluster.now, 0 as Socket, cluster.endpoint('n2'), message as never, node.out(0));
    tell({ type: 'dead', incarnation: 5 as Incarnation, node: n3, from: n2 });
    tell({ type: 'alive', incarnation: 4 as Incarnation, node: n3, description: descriptionOf(state.members, n3) });
    expect(cluster.view('n1', 'n3')).toBe(view);
  });
});

describe('packets', () => {
  test('of gossip stay within 1400 bytes and a checksum, those with a passenger within 1402', () => {
    const cluster = new Members();
    const sizes = { gossip: 0, piggyback: 0 };
    cluster.passed = (passing) => {
      if (passing.streamed) return;
      const first = partsOf(passing)[0]?.type ?? '';
      const kind = ['ping', 'ack', 'nack', 'indirect-ping'].includes(first) ? 'piggyback' : 'gossip';
      sizes[kind] = Math.max(sizes[kind], passing.bytes);
    };
    cluster.gather(60, milliseconds(3));
    expect(sizes.gossip).toBeGreaterThan(1300);
    expect(sizes.gossip).toBeLessThanOrEqual(1405);
    expect(sizes.piggyback).toBeGreaterThan(1300);
    expect(sizes.piggyback).toBeLessThanOrEqual(1402);
    expect(cluster.views('n60').every((view) => view === 'alive 1')).toBe(true);
  });

  test('a rumour that everybody passes on is received as often as there are members times packets each', () => {
    const cluster = new Members({ config: { ...LAN, pushPullInterval: 0 as Duration } }).gather(20);
    let received = 0;
    cluster.passed = (passing) => {
      for (const part of partsOf(passing)) if (part.type === 'dead') received++;
    };
    cluster.node('n7').command(0, 1, { command: 'leave', timeout: seconds(5) });
    cluster.run(seconds(20));
    expect(cluster.views('n7')).toEqual(new Array(20).fill('left 1'));
    expect(received).toBe(20 * 8);
  });
});

test('without news no gossip is sent, and with news it leaves on the grid of ticks', () => {
  const cluster = new Members().gather(3);
  cluster.run(seconds(20));
  const gossip: string[] = [];
  cluster.passed = (passing) => {
    if (!passing.streamed && !/ping|ack/.test(partsOf(passing)[0]?.type ?? '')) gossip.push(formatInstant(cluster.now, 3));
  };
  cluster.run(seconds(5));
  expect(gossip).toEqual([]);
  const now = formatInstant(cluster.now, 3);
  cluster.node('n1').command(0, 1, { command: 'leave', timeout: seconds(5) });
  cluster.run(seconds(1));
  // n1 started at 0: its ticks come at multiples of 200 ms.
  expect(now).toMatch(/\.390$/);
  expect(gossip[0]).toMatch(/\.400$/);
});
