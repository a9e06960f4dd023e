import type { Address } from '../address.ts';
import { FIRST_ADDRESS, PORT } from '../gossip/cluster.ts';
import type { DescriptionId } from '../gossip/description.ts';
import type { GossipMessage, Incarnation, Single } from '../gossip/message.ts';
import type { Fault } from '../gossip/ordeal.ts';
import { Broken } from '../gossip/watch/broken.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import type { Socket } from '../protocol.ts';
import { type Duration, milliseconds, seconds } from '../time.ts';
import type { LamportTime } from './lamport.ts';
import type { Filter, SerfMessage } from './message.ts';
import { BRISK, SerfOrdeal, type SerfVictims, SNAPSHOT } from './ordeal.ts';

/** A way to hold a cluster of agents to their properties: one case of it. Throws `Broken` when one does not hold. */
export interface SerfTrial {
  readonly name: string;
  /** The work of a case, in cases of the others. */
  readonly weight: number;
  /** Whether it holds whatever memberlist's timers are. */
  readonly anyTimers?: boolean;
  run(victims: SerfVictims, seed: number, faults: readonly Fault[]): void;
}

/** Whatever is done to agents and asked of them, they are sound all the time, and in the end they agree. */
const faulty: SerfTrial = {
  name: 'faults of all kinds',
  weight: 1,
  anyTimers: true,
  run: (victims, seed, faults) => {
    new SerfOrdeal(seed, victims).gather().use(60_000).suffer(faults).recover();
  },
};

/** Three agents, whose gossip reaches both others in its first round. */
function three(victims: SerfVictims, seed: number): { cluster: SerfOrdeal; chosen: readonly [string, string, string] } {
  const config = { ...victims.config, retransmitMult: 4 };
  const cluster = new SerfOrdeal(seed, { ...victims, config, names: victims.names.slice(0, 3) }).gather();
  const names = [...cluster.victims.names];
  const first = new Xoshiro(seed, 'chosen').integer(names.length);
  const chosen = [...names.slice(first), ...names.slice(0, first)] as [string, string, string];
  cluster.run(seconds(2));
  return { cluster, chosen };
}

/** Who leaves, and stays until that is answered, has left for everybody, and never failed. */
const departure: SerfTrial = {
  name: 'a departure',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const [leaver, ...others] = chosen;
    leave(cluster, leaver);
    cluster.run(seconds(30));
    for (const other of others) {
      const told = cluster.events(other, leaver).slice(1).join(', ');
      if (told !== 'member-leave') throw new Broken('Left, not failed', `${other} was told ${told || 'nothing'} of ${leaver}`);
    }
  },
};

/** The news of a departure may take almost as long as the departing agent stays for it. */
const lateDeparture: SerfTrial = {
  name: 'a departure that one hears of late',
  weight: 1,
  run: (victims, seed) => {
    const config = {
      ...victims.config,
      probeInterval: milliseconds(200),
      probeTimeout: milliseconds(50),
      gossipInterval: milliseconds(50),
      suspicionMult: 2,
    };
    const stays = seconds(4);
    const late = seconds(3);
    const { cluster, chosen } = three({ ...victims, config, serf: { ...victims.serf, leavePropagateDelay: stays } }, seed);
    const [leaver, slow] = chosen;
    const { copies } = cluster;
    // Its answers come in time and the news late.
    cluster.loses = ({ to, streamed, message }) => to === slow && !streamed && isMixed(message as Packet);
    cluster.copies = (passing) => (passing.to === slow && isNews(passing.message as Packet) ? [late] : copies(passing));
    leave(cluster, leaver);
    cluster.run(seconds(20));
    const told = cluster.events(slow, leaver).slice(1).join(', ');
    if (told !== 'member-leave') throw new Broken('Left, not failed', `${slow} was told ${told || 'nothing'} of ${leaver}`);
  },
};

/** Who was cut off when another left hears of it by an exchange of states. */
const missedDeparture: SerfTrial = {
  name: 'a departure that one misses',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const [leaver, absent, present] = chosen;
    cluster.loses = ({ from, to }) => from === absent || to === absent;
    leave(cluster, leaver);
    cluster.run(seconds(30));
    cluster.loses = () => false;
    cluster.join(absent, [present]);
    cluster.run(seconds(5));
    const status = cluster.status(absent, leaver);
    if (status !== 'left')
      throw new Broken('Left stays left', `${absent} shows ${leaver}, which left, as ${status || 'unknown'}`);
  },
};

/** A living member that somebody says has left contradicts, and is alive for all. */
const forced: SerfTrial = {
  name: 'a force-leave of the living',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const [operator, victim] = chosen;
    cluster.ask(operator, { command: 'force-leave', node: cluster.names.id(victim), prune: false });
    cluster.run((4 * cluster.victims.config.gossipInterval) as Duration);
    for (const name of chosen) {
      const status = cluster.status(name, victim);
      if (status !== 'alive') throw new Broken('Force-leave is safe', `${name} shows ${victim} as ${status || 'unknown'}`);
    }
  },
};

/** After so many intervals a failed member that is back has been dialled, but for once in 10⁹: all together miss it in one with at most 1/e. */
const RECONNECTS = 21;

/** A member that comes back without a word is dialled. */
const forgotten: SerfTrial = {
  name: 'a failed member that comes back',
  weight: 1,
  run: (victims, seed) => {
    const quick = { reconnectInterval: seconds(1), reconnectTimeout: seconds(600) };
    const { cluster, chosen } = three({ ...victims, serf: { ...victims.serf, ...quick } }, seed);
    const [victim, ...others] = chosen;
    cluster.kill(victim);
    cluster.when(() => others.every((other) => cluster.status(other, victim) === 'failed'), cluster.detection());
    cluster.start(victim);
    cluster.run((RECONNECTS * quick.reconnectInterval + seconds(2)) as Duration);
    for (const name of chosen) {
      const status = cluster.status(name, victim);
      if (status !== 'alive') throw new Broken('Healing', `${name} shows ${victim}, which is back, as ${status || 'unknown'}`);
    }
  },
};

/** Two sides that hold each other to have failed find together when they can, though nobody tells them to. */
const healed: SerfTrial = {
  name: 'a partition that heals',
  weight: 1,
  run: (victims, seed) => {
    const quick = { reconnectInterval: seconds(1), reconnectTimeout: seconds(600) };
    const { cluster, chosen } = three({ ...victims, serf: { ...victims.serf, ...quick } }, seed);
    const [alone, ...others] = chosen;
    cluster.loses = ({ from, to }) => (from === alone) !== (to === alone);
    const isOver = (): boolean =>
      others.every((other) => cluster.status(other, alone) === 'failed' && cluster.status(alone, other) === 'failed');
    cluster.when(isOver, cluster.detection());
    cluster.loses = () => false;
    // Whoever is dialling just then first waits until TCP tries again.
    cluster.run((RECONNECTS * quick.reconnectInterval + cluster.victims.config.tcpTimeout) as Duration);
    for (const observer of chosen) {
      for (const name of chosen) {
        const status = cluster.status(observer, name);
        if (status !== 'alive')
          throw new Broken('Healing', `${observer} shows ${name} as ${status || 'unknown'} after a partition`);
      }
    }
  },
};

/** Every user event comes to everybody who lives all the time, by gossip or by an exchange of states, and once. */
const events: SerfTrial = {
  name: 'user events under faults',
  weight: 3,
  anyTimers: true,
  run: (victims, seed, faults) => {
    const serf = { ...victims.serf, eventBuffer: 512 };
    const cluster = new SerfOrdeal(seed, { ...victims, serf }).gather();
    const random = new Xoshiro(seed, 'events');
    let said = 0;
    for (let at = 0; at < 60_000; at += 1 + random.integer(6000)) {
      const name = random.pick(victims.names);
      const command = { command: 'event', name: 'deploy', payload: String(said++), coalesce: false } as const;
      cluster.schedule(milliseconds(at), () => cluster.ask(name, command));
    }
    cluster.suffer(faults.filter(({ type }) => type !== 'restart' && type !== 'power' && type !== 'leave'));
    cluster.run(seconds(60));
    cluster.recover();
    for (const name of victims.names) {
      const heard = cluster.notices(name).filter(({ type }) => type === 'user').length;
      if (heard !== said) throw new Broken('Event delivery', `${name} has heard ${heard} of ${said} user events`);
    }
  },
};

/** A query that nothing is lost of is heard by everybody in time. */
const asked: SerfTrial = {
  name: 'a query',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const [asker] = chosen;
    const query = {
      command: 'query',
      name: 'load',
      payload: '',
      nodes: [],
      tags: [],
      ack: true,
      relay: 0,
      timeout: seconds(0),
    } as const;
    const id = cluster.ask(asker, query);
    cluster.run(seconds(10));
    const closed = cluster.notices(asker).find((notice) => notice.type === 'query-closed' && notice.command === id);
    const acks = closed?.type === 'query-closed' ? closed.acks : 0;
    if (acks !== chosen.length) throw new Broken('Query coverage', `${acks} of ${chosen.length} heard a query`);
  },
};

/** A peer that has never heard of anything tells nothing of the time. */
const fresh: SerfTrial = {
  name: 'a peer with clocks at nought',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const [name] = chosen;
    const none = new Uint32Array(0);
    const nothing = {
      memberTime: 0,
      eventTime: 0,
      queryTime: 0,
      names: none,
      times: new Float64Array(0),
      left: none,
      events: [],
    };
    const { serf } = { serf: cluster.node(name).parts[1] as never as { merge(...args: unknown[]): void } };
    const from = cluster.endpoint(name);
    cluster.node(name).feed(0, { type: 'receive', from, message: { type: 'user', message: nothing } }, (out) => {
      serf.merge(cluster.now, nothing, false, out);
    });
  },
};

/** More user events than are remembered, some of them again and again: none is told twice. */
const flood: SerfTrial = {
  name: 'more events than are remembered',
  weight: 1,
  run: (victims, seed) => {
    const cluster = new SerfOrdeal(seed, victims).gather();
    const random = new Xoshiro(seed, 'flood');
    const { copies } = cluster;
    cluster.copies = (passing) => [...copies(passing), ...(random.chance(0.3) ? [milliseconds(random.integer(4000))] : [])];
    for (let i = 0; i < 4 * BRISK.eventBuffer; i++) {
      const payload = String(i);
      cluster.ask(random.pick(victims.names), { command: 'event', name: 'deploy', payload, coalesce: false });
      cluster.run(milliseconds(random.integer(300)));
    }
    cluster.run(seconds(8));
  },
};

/** As long as nothing is lost, exactly those answer a query for whom it is, and everybody's answer comes once, straight or through others. */
const filtered: SerfTrial = {
  name: 'queries for some',
  weight: 2,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const random = new Xoshiro(seed, 'filters');
    const roles = new Map(chosen.map((name) => [name, random.pick(['web', 'db', ''])]));
    for (const [name, role] of roles) if (role !== '') cluster.ask(name, { command: 'tags', tags: [['role', role]] });
    cluster.run(seconds(5));
    cluster.answers = () => 'pong';
    for (let i = 0; i < 3; i++) {
      const nodes = random.chance(0.5) ? chosen.filter(() => random.chance(0.6)) : [];
      const expression = random.chance(0.5) ? random.pick(['web', '^d', 'nobody']) : undefined;
      const tags: [string, string][] = expression === undefined ? [] : [['role', expression]];
      const isMeant = (name: string): boolean =>
        (nodes.length === 0 || nodes.includes(name)) &&
        (expression === undefined || new RegExp(expression).test(roles.get(name) ?? ''));
      const relay = random.integer(3);
      const query = {
        command: 'query',
        name: 'load',
        payload: String(i),
        nodes,
        tags,
        ack: true,
        relay,
        timeout: seconds(0),
      } as const;
      const asker = random.pick(chosen);
      const id = cluster.ask(asker, query);
      cluster.run(seconds(12));
      const closed = cluster.notices(asker).find((notice) => notice.type === 'query-closed' && notice.command === id);
      const meant = chosen.filter(isMeant).length;
      const found = closed?.type === 'query-closed' ? `${closed.acks} acks and ${closed.responses} answers` : 'no end';
      if (found !== `${meant} acks and ${meant} answers`)
        throw new Broken('Query coverage', `a query for ${meant} of ${chosen.length} came to ${found}`);
    }
  },
};

/** What a member says of itself is soon known to all, and they are told that it changed. */
const retagged: SerfTrial = {
  name: 'tags that change',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three(victims, seed);
    const [name, ...others] = chosen;
    const id = cluster.ask(name, { command: 'tags', tags: [['role', 'web']] });
    cluster.run((4 * (cluster.victims.config.gossipInterval + milliseconds(1))) as Duration);
    const wrong = cluster.disagreement();
    if (wrong !== undefined) throw new Broken('Tags are told', wrong);
    for (const other of others) {
      const told = cluster.events(other, name).slice(1).join(', ');
      if (told !== 'member-update') throw new Broken('Tags are told', `${other} was told ${told || 'nothing'} of ${name}`);
    }
    cluster.run(seconds(10));
    if (!cluster.isAnswered(name, id)) throw new Broken('Tags are told', `${name} never hears that its tags are told`);
  },
};

/** A failed member that an operator erases is gone for all, and what is told of it. */
const pruned: SerfTrial = {
  name: 'a failed member that is erased',
  weight: 1,
  run: (victims, seed) => {
    const quick = { reconnectTimeout: seconds(6000), tombstoneTimeout: seconds(6000) };
    const { cluster, chosen } = three({ ...victims, serf: { ...victims.serf, ...quick } }, seed);
    const [victim, ...others] = chosen;
    cluster.kill(victim);
    cluster.when(() => others.every((other) => cluster.status(other, victim) === 'failed'), cluster.detection());
    // memberlist has to forget it too, or it comes back with the next exchange.
    const prune = new Xoshiro(seed, 'prune').chance(0.7);
    cluster.ask(others[0] as string, { command: 'force-leave', node: cluster.names.id(victim), prune });
    cluster.run(seconds(8));
    for (const other of others) {
      const status = cluster.status(other, victim);
      const last = cluster.events(other, victim).at(-1);
      if (status === (prune ? '' : 'left') && last === (prune ? 'member-reap' : 'member-leave')) continue;
      throw new Broken('Force-leave decides', `${other} shows ${victim} as ${status || 'unknown'} and was told ${last} last`);
    }
  },
};

/** Who joins anew and wants nothing from before hears no event of before, and who does not say so hears all that is remembered, in both cases once. */
const newcomer: SerfTrial = {
  name: 'a newcomer and what was said before',
  weight: 1,
  run: (victims, seed) => {
    const { cluster, chosen } = three({ ...victims, serf: { ...victims.serf, eventBuffer: 64 } }, seed);
    const [victim, ...others] = chosen;
    const random = new Xoshiro(seed, 'newcomer');
    cluster.kill(victim);
    cluster.when(() => others.every((other) => cluster.status(other, victim) === 'failed'), cluster.detection());
    const count = 1 + random.integer(5);
    for (let i = 0; i < count; i++) {
      // At one instant two may be as late as each other.
      for (const other of others)
        cluster.ask(other, { command: 'event', name: 'deploy', payload: `${i} ${other}`, coalesce: false });
      cluster.run(seconds(2));
    }
    const ignoreOld = random.chance(0.5);
    cluster.start(victim);
    cluster.ask(victim, { command: 'join', addresses: others.map((other) => cluster.endpoint(other)), ignoreOld });
    cluster.run(seconds(4));
    const heard = cluster.notices(victim).filter(({ type }) => type === 'user').length;
    const due = ignoreOld ? 0 : count * others.length;
    if (heard !== due) throw new Broken('Event delivery', `${victim} joins and hears ${heard} events of ${due}`);
  },
};

/** Memory that reaches back beyond one start: who was there, and what was said. */
const remembered: SerfTrial = {
  name: 'a snapshot and a new start',
  weight: 2,
  run: (victims, seed) => {
    const random = new Xoshiro(seed, 'snapshot');
    const rejoinAfterLeave = random.chance(0.5);
    const serf = { ...victims.serf, snapshot: SNAPSHOT, rejoinAfterLeave, eventBuffer: 64, reconnectInterval: seconds(6000) };
    const { cluster, chosen } = three({ ...victims, serf: { ...serf, reconnectTimeout: seconds(6000) } }, seed);
    const [victim, ...others] = chosen;
    let said = 0;
    const say = (): void => {
      cluster.ask(others[0] as string, { command: 'event', name: 'deploy', payload: String(said++), coalesce: false });
      cluster.run(seconds(2));
    };
    say();
    say();
    const before = said;
    // Until what was written has reached the disk by itself.
    cluster.run(seconds(35));
    const way = random.pick(['crash', 'power', 'leave'] as const);
    if (way === 'crash') cluster.kill(victim);
    else if (way === 'power') cluster.cutPower(victim);
    else leave(cluster, victim);
    cluster.when(() => others.every((other) => /failed|left/.test(cluster.status(other, victim))), cluster.detection());
    say();
    cluster.start(victim);
    cluster.run(seconds(5));
    say();
    const comesBack = way !== 'leave' || rejoinAfterLeave;
    const due = comesBack ? 'alive' : 'left';
    for (const other of others) {
      const status = cluster.status(other, victim);
      if (status !== due)
        throw new Broken('Snapshots bring back', `${other} shows ${victim} as ${status}, after a ${way}, not as ${due}`);
    }
    if (!comesBack) return;
    const heard = cluster.notices(victim).flatMap((notice) => (notice.type === 'user' ? [notice.payload] : []));
    const missed = Array.from({ length: said - before }, (_, i) => String(before + i));
    if (heard.join() !== missed.join())
      throw new Broken(
        'Snapshots remember',
        `${victim} hears ${heard.join(', ') || 'nothing'} after its start, of ${missed.join(', ')}`,
      );
  },
};

const SAID = 80;

/** Whatever is said to an agent of others and of itself, of those it knows and of those it does not, late or early. */
const gossipOfAgents: SerfTrial = {
  name: 'whatever is said among agents',
  weight: 1,
  anyTimers: true,
  run: (victims, seed) => {
    const known = [...(victims.known ?? []), 'Only owner raises', 'Clocks stay together'];
    const cluster = new SerfOrdeal(seed, { ...victims, known }).gather();
    const [first, ...others] = victims.names as [string, ...string[]];
    for (const name of others) cluster.kill(name, true);
    const random = new Xoshiro(seed, 'said');
    const strangers = ['x1', 'x2'];
    const { self, descriptions } = cluster.gossip(first);
    const describe = (name: string): DescriptionId => {
      const number = Number(name.slice(1)) + (name.startsWith('x') ? 100 : 0);
      const address = cluster.names.endpoint((FIRST_ADDRESS + number - 1) as Address, PORT);
      return descriptions.id({ address, addressBytes: 4, versions: self.versions, meta: '', metaBytes: 0 });
    };
    const { state } = cluster.serf(first);
    const near = (clock: number): LamportTime => Math.max(0, clock + 2 - random.integer(12)) as LamportTime;
    const message = (): SerfMessage => {
      const node = cluster.names.id(random.pick([...victims.names, ...strangers]));
      switch (random.integer(6)) {
        case 0:
          return { type: 'join', time: near(state.memberTime), node };
        case 1:
          return { type: 'leave', time: near(state.memberTime), node, prune: random.chance(0.1) };
        case 2: {
          const [name, payload] = [random.pick(['deploy', 'load']), String(random.integer(2))];
          return { type: 'user event', time: near(state.eventTime), name, payload, coalesce: random.chance(0.5) };
        }
        case 3: {
          const filters: Filter[] = random.chance(0.5)
            ? [{ type: 'nodes', nodes: victims.names.filter(() => random.chance(0.5)) }]
            : [{ type: 'tag', tag: 'role', expression: random.pick(['^$', 'web']) }];
          const source = cluster.endpoint(random.pick(others));
          const [id, relay] = [random.integer(4), random.integer(3)];
          const more = { ack: random.chance(0.7), noBroadcast: random.chance(0.1), relay, timeout: seconds(5) };
          const said = {
            source,
            addressBytes: 4,
            sourceNode: cluster.names.id(random.pick(others)),
            name: 'load',
            payload: '',
          } as const;
          return { type: 'query', time: near(state.queryTime), id, filters: random.chance(0.5) ? filters : [], ...said, ...more };
        }
        default:
          return {
            type: 'query response',
            time: near(state.queryTime),
            id: random.integer(4),
            from: node,
            ack: random.chance(0.5),
            payload: '',
          };
      }
    };
    const said = (): Single => {
      const kind = random.integer(8);
      const name = random.pick([...others, ...strangers]);
      const node = cluster.names.id(name);
      const incarnation = (1 + random.integer(5)) as Incarnation;
      if (kind === 0) return { type: 'alive', incarnation, node, description: describe(name) };
      if (kind === 1) return { type: 'dead', incarnation, node, from: random.chance(0.5) ? node : cluster.names.id(first) };
      return { type: 'user', message: message() };
    };
    for (let i = 0; i < SAID; i++) {
      give(cluster, first, random.chance(0.9) ? said() : { type: 'compound', parts: [said(), said()] });
      cluster.run(milliseconds(random.integer(600)));
    }
  },
};

export const SERF_TRIALS: readonly SerfTrial[] = [
  faulty,
  departure,
  lateDeparture,
  missedDeparture,
  forced,
  forgotten,
  healed,
  events,
  asked,
  fresh,
  flood,
  filtered,
  retagged,
  pruned,
  newcomer,
  remembered,
  gossipOfAgents,
];

function give(cluster: SerfOrdeal, name: string, message: GossipMessage): void {
  const node = cluster.node(name);
  const from = cluster.endpoint(name);
  node.feed(0, { type: 'receive', from, message }, (out) =>
    node.part(0).receive(cluster.now, 0 as Socket, from, message as never, out),
  );
}

/** Has somebody leave, and ends its process when that is answered. */
function leave(cluster: SerfOrdeal, name: string): void {
  const { broadcastTimeout } = BRISK;
  const since = cluster.now;
  const id = cluster.ask(name, { command: 'leave' });
  const stays = (cluster.agents.serf?.leavePropagateDelay ?? BRISK.leavePropagateDelay) as Duration;
  const limit = (2 * broadcastTimeout + stays) as Duration;
  while (!cluster.isAnswered(name, id)) {
    if (cluster.now - since > limit) throw new Broken('Leave duration', `${name} leaves for more than ${limit} ns`);
    cluster.run(milliseconds(1));
  }
  cluster.kill(name);
}

interface Packet {
  readonly type: string;
  readonly parts?: readonly { readonly type: string }[];
}

const NEWS: readonly string[] = ['user', 'alive', 'suspect', 'dead'];
const firstOf = ({ type, parts }: Packet): string => parts?.[0]?.type ?? type;
/** Whether a packet is gossip and nothing else. */
const isNews = (packet: Packet): boolean => NEWS.includes(firstOf(packet));
/** Whether gossip goes along with something else. */
const isMixed = (packet: Packet): boolean => packet.parts !== undefined && !isNews(packet);
