import type { Fault } from '../gossip/ordeal.ts';
import { Broken } from '../gossip/watch/broken.ts';
import { Xoshiro } from '../laws/xoshiro.ts';
import { type Duration, milliseconds, seconds } from '../time.ts';
import { BRISK, SerfOrdeal, type SerfVictims } from './ordeal.ts';

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
    cluster.suffer(faults.filter(({ type }) => type !== 'restart' && type !== 'leave'));
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
];

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
