import { Xoshiro } from '../laws/xoshiro.ts';
import type { NameId } from '../names.ts';
import type { Socket } from '../protocol.ts';
import { type Duration, type Instant, milliseconds, seconds } from '../time.ts';
import type { DescriptionId } from './description.ts';
import { descriptionOf } from './members.ts';
import type { Alive, Compound, GossipMessage, Incarnation, Rumour, SequenceNumber, Single, Suspect } from './message.ts';
import { type Fault, Ordeal, type Victims } from './ordeal.ts';
import { expectedConfirmations, suspicionMinimum } from './suspicion.ts';
import { Broken } from './watch/broken.ts';

/** A way to hold a cluster to its properties: one case of it. Throws `Broken` when one does not hold. */
export interface Trial {
  readonly name: string;
  /** The work of a case, in cases of the others. */
  readonly weight: number;
  /** Whether it holds whatever the timers are. */
  readonly anyTimers?: boolean;
  run(victims: Victims, seed: number, faults: readonly Fault[]): void;
}

/** One way from one node to another takes so long. */
const DELAY = milliseconds(1);

/** Whatever is done to it, a cluster is safe all the time, and in the end its members agree. */
const faulty: Trial = {
  name: 'faults of all kinds',
  weight: 1,
  anyTimers: true,
  run: (victims, seed, faults) => {
    new Ordeal(seed, victims).gather().suffer(faults).recover();
  },
};

/** As long as answers come in time nobody is suspected, nobody refutes, and health stays good. */
const quiet: Trial = {
  name: 'quiet',
  weight: 1,
  anyTimers: true,
  run: (victims, seed) => {
    const cluster = new Ordeal(seed, victims).gather();
    const { probeTimeout, probeInterval } = victims.config;
    const inTime = Math.floor(Math.min(probeTimeout, probeInterval) / 2 / milliseconds(1));
    cluster.copies = () => [milliseconds(1 + (Math.abs(seed) % (inTime - 1)))];
    undisturbed(cluster, 'Accuracy', seconds(60));
  },
};

/** What streams carry keeps everybody alive, whatever becomes of datagrams; also where they never pass between two. */
const datagramsLost: Trial = {
  name: 'datagrams lost',
  weight: 1,
  run: (victims, seed) => {
    const cluster = new Ordeal(seed, victims).gather();
    const random = new Xoshiro(seed, 'losses');
    const probability = random.fraction();
    const [one, other] = [random.pick(victims.names), random.pick(victims.names)];
    const between = random.chance(0.3);
    cluster.loses = ({ from, to, streamed }) =>
      !streamed && (between ? (from === one && to === other) || (from === other && to === one) : random.chance(probability));
    undisturbed(cluster, 'Fallback saves', seconds(60));
  },
};

/** A crashed member is dead for everybody who is left, however its host behaves, as soon as each of them has probed it and waited. */
const crash: Trial = {
  name: 'a crash',
  weight: 1,
  run: (victims, seed) => {
    const { names, config } = victims;
    const cluster = new Ordeal(seed, victims).gather();
    const random = new Xoshiro(seed, 'crash');
    cluster.run(milliseconds(random.integer(3000)));
    const victim = random.pick(names);
    cluster.kill(victim, random.chance(0.5));
    if (random.chance(0.5)) cluster.refuses = ({ to }) => to === victim;
    const peers = names.length - 1;
    const longest = config.suspicionMaxTimeoutMult * suspicionMinimum(config.suspicionMult, names.length, config.probeInterval);
    const bound = (2 * peers - 1 + 1) * config.probeInterval + longest;
    cluster.run(bound as Duration);
    for (const observer of names) {
      const state = cluster.node(observer).cell(victim, 'state');
      if (observer === victim || state === 'dead' || state === '') continue;
      throw new Broken('Completeness', `${observer} holds ${victim} ${state}, ${bound} ns after its crash`);
    }
  },
};

const SAMPLES = 10;

/**
 * A crashed member is declared dead as soon as enough have probed it in vain and the shortest suspicion is over. By chance their word may be
 * lost: of two accusations at once one takes the place of the other in a queue. So most of some crashes have to go well.
 */
const confirmed: Trial = {
  name: 'crashes that enough notice',
  weight: 5,
  run: (victims, seed) => {
    let inTime = 0;
    for (let sample = 0; sample < SAMPLES; sample++) inTime += declaredInTime(victims, seed + sample) ? 1 : 0;
    if (inTime < SAMPLES / 2) {
      throw new Broken('Confirmations shorten', `declared ${inTime} of ${SAMPLES} crashes when enough had noticed them`);
    }
  },
};

function declaredInTime(victims: Victims, seed: number): boolean {
  const { config } = victims;
  const names = victims.names.slice(0, 4);
  const cluster = new Ordeal(seed, { ...victims, names }).gather();
  const [victim, ...observers] = names as [string, ...string[]];
  cluster.kill(victim, true);
  const name = cluster.names.id(victim);
  const enough = expectedConfirmations(config.suspicionMult, names.length) + 1;
  const noticed: Instant[] = [];
  const noticing = (observer: string): boolean => {
    const gossip = cluster.gossip(observer);
    return gossip.state.suspicions.get(name)?.seen.includes(gossip.self.name) ?? false;
  };
  const waiting = new Set(observers);
  const step = milliseconds(5);
  const isDead = (): boolean => observers.some((observer) => cluster.node(observer).cell(victim, 'state') === 'dead');
  while (noticed.length < enough) {
    cluster.run(step);
    if (isDead()) return true;
    for (const observer of [...waiting]) {
      if (!noticing(observer)) continue;
      waiting.delete(observer);
      noticed.push(cluster.now);
    }
  }
  const spread = config.gossipInterval + DELAY;
  const shortest = suspicionMinimum(config.suspicionMult, names.length, config.probeInterval);
  const due = Math.max((noticed[0] as Instant) + spread + shortest, (noticed[enough - 1] as Instant) + spread) + step;
  cluster.runUntil(Math.max(due, cluster.now) as Instant);
  return isDead();
}

/** A living member that is accused has cleared its name, for all, when the news was with it and back. */
const accused: Trial = {
  name: 'a false accusation',
  weight: 1,
  run: (victims, seed) => {
    const { names, config } = three(victims);
    const cluster = new Ordeal(seed, { ...victims, names, config }).gather();
    cluster.run(seconds(2));
    const random = new Xoshiro(seed, 'accusation');
    const victim = random.pick(names);
    const observer = random.pick(names.filter((name) => name !== victim));
    const incarnation = cluster.node(victim).cell(victim, 'incarnation') as Incarnation;
    const node = cluster.names.id(victim);
    give(cluster, observer, { type: 'suspect', incarnation, node, from: cluster.names.id(observer) } satisfies Suspect);
    cluster.run((2 * (config.gossipInterval + DELAY)) as Duration);
    for (const name of names) {
      const held = `${cluster.node(name).cell(victim, 'state')} ${cluster.node(name).cell(victim, 'incarnation')}`;
      if (held !== `alive ${incarnation + 1}`) throw new Broken('Refutation wins', `${name} holds ${victim} ${held}`);
    }
  },
};

/** While one is dead for long, there goes on to be news: what is told to the dead ends, and then they are forgotten. */
const absence: Trial = {
  name: 'a long absence',
  weight: 4,
  run: (victims, seed) => {
    const cluster = new Ordeal(seed, victims).gather();
    const [victim, ...others] = victims.names as [string, ...string[]];
    const random = new Xoshiro(seed, 'news');
    cluster.kill(victim, true);
    const { gossipToTheDeadTime } = victims.config;
    const end = cluster.now + 2 * gossipToTheDeadTime + cluster.patience();
    while (cluster.now < end) {
      const node = cluster.node(random.pick(others));
      const gossip = cluster.gossip(node.name);
      node.feed(0, { type: 'command', command: 'update' }, (out) => gossip.update(cluster.now, seconds(5), out));
      cluster.run(milliseconds(random.integer(1500)));
    }
    const held = others.find((name) => cluster.node(name).cell(victim, 'state') !== '');
    if (held !== undefined)
      throw new Broken('The dead are forgotten', `${held} still holds ${victim} ${cluster.node(held).cell(victim, 'state')}`);
  },
};

/** Two sides that hold each other to be dead agree again when one of them joins one of the others. */
const partition: Trial = {
  name: 'a partition and a join',
  weight: 2,
  run: (victims, seed) => {
    const { names } = victims;
    const cluster = new Ordeal(seed, victims).gather();
    const size = 1 + new Xoshiro(seed, 'sides').integer(names.length - 1);
    const [here, there] = [names.slice(0, size), names.slice(size)] as [string[], string[]];
    cluster.loses = ({ from, to }) => here.includes(from) !== here.includes(to);
    // Dead, or forgotten already.
    const isLost = (observer: string, member: string): boolean =>
      /^(dead)?$/.test(String(cluster.node(observer).cell(member, 'state')));
    const [one, other] = [here[0] as string, there[0] as string];
    const isOver = (): boolean => isLost(one, other) && isLost(other, one);
    cluster.when(isOver, cluster.detection());
    cluster.loses = () => false;
    cluster.join(one, [other]);
    cluster.run(cluster.patience());
    const wrong = cluster.disagreement();
    if (wrong !== undefined) throw new Broken('Agreement', wrong);
  },
};

const CLAIMS = 60;

/** Whatever is said to a node of others and of itself, true or not, late or early, alone or together. */
const rumours: Trial = {
  name: 'whatever is said',
  weight: 1,
  anyTimers: true,
  run: (victims, seed) => {
    // What nobody ever was is said too.
    const known = [...(victims.known ?? []), 'Only owner raises'];
    const cluster = new Ordeal(seed, { ...victims, known }).gather();
    const [first, ...others] = victims.names as [string, ...string[]];
    for (const name of others) cluster.kill(name, true);
    const gossip = cluster.gossip(first);
    const random = new Xoshiro(seed, 'claims');
    // A name that is claimed from another address.
    const elsewhere = (node: NameId): DescriptionId => {
      const address = cluster.names.endpoint((0x0a_00_02_00 + node) as never, 7946);
      return gossip.descriptions.id({ address, addressBytes: 4, versions: gossip.self.versions, meta: '', metaBytes: 0 });
    };
    const claim = (): Rumour => {
      const node = cluster.names.id(random.pick(victims.names));
      const incarnation = (1 + random.integer(5)) as Incarnation;
      const description = random.chance(0.15) ? elsewhere(node) : descriptionOf(gossip.state.members, node);
      if (random.chance(0.4)) return { type: 'alive', incarnation, node, description };
      const from = random.chance(0.2) ? node : cluster.names.id(random.pick(victims.names));
      return { type: random.chance(0.5) ? 'suspect' : 'dead', incarnation, node, from };
    };
    // What belongs to no probe of its own, and what is meant for somebody else.
    const errand = (): Single => {
      const node = cluster.names.id(random.pick(victims.names));
      const source = cluster.endpoint(random.pick(others));
      const sequence = random.integer(40) as SequenceNumber;
      const sourceNode = cluster.names.id(random.pick(others));
      switch (random.integer(4)) {
        case 0:
          return { type: 'ping', sequence, node, source, sourceNode };
        case 1: {
          const target = cluster.endpoint(random.pick(others));
          return { type: 'indirect-ping', sequence, target, node, nack: random.chance(0.7), source, sourceNode };
        }
        case 2:
          return { type: 'ack', sequence };
        default:
          return { type: 'nack', sequence };
      }
    };
    const said = (): Single => (random.chance(0.7) ? claim() : errand());
    for (let i = 0; i < CLAIMS; i++) {
      give(cluster, first, random.chance(0.8) ? said() : { type: 'compound', parts: [said(), said(), said()] });
      cluster.run(milliseconds(random.integer(400)));
    }
  },
};

/** The same over streams: pings for whomever, answers to nothing, and acks that are not the one. */
const streamed: Trial = {
  name: 'whatever is said over streams',
  weight: 1,
  anyTimers: true,
  run: (victims, seed) => {
    const cluster = new Ordeal(seed, victims).gather();
    const random = new Xoshiro(seed, 'streams');
    cluster.loses = ({ streamed: isStream }) => !isStream && random.chance(0.7);
    for (let i = 0; i < CLAIMS; i++) {
      const name = random.pick(victims.names);
      const other = random.pick(victims.names.filter((each) => each !== name));
      const { state } = cluster.gossip(name);
      const sequence = Math.max(0, state.sequence - random.integer(3)) as SequenceNumber;
      const pings = [...state.conversations].filter(([, { role }]) => role === 'ping');
      const answered = pings.length > 0 && random.chance(0.5) ? random.pick(pings)[0] : undefined;
      if (answered !== undefined)
        cluster.node(name).bring(answered, { type: 'data', message: { type: 'ack', sequence } as never, bytes: 10 });
      else {
        const node = cluster.names.id(random.pick(victims.names));
        const ping = { type: 'ping', sequence, node, source: cluster.endpoint(other), sourceNode: cluster.names.id(other) };
        const id = cluster.connect(other, name);
        cluster.node(name).bring(id, { type: 'accepted', socket: 1 as Socket, from: cluster.endpoint(other) });
        cluster.node(name).bring(id, { type: 'data', message: ping as never, bytes: 30 });
      }
      cluster.run(milliseconds(random.integer(700)));
    }
    cluster.loses = () => false;
    cluster.recover();
  },
};

const BURST = 300;
const LARGE_PACKETS = 65_000;

/** However much there is to tell at once, packets can be read. */
const burst: Trial = {
  name: 'much news at once',
  weight: 3,
  run: (victims, seed) => {
    const config = { ...victims.config, udpBufferSize: LARGE_PACKETS };
    // Of members that nobody ever was.
    const known = [...(victims.known ?? []), 'Only owner raises'];
    const cluster = new Ordeal(seed, { ...victims, config, known }).gather();
    const [first] = victims.names as [string];
    const gossip = cluster.gossip(first);
    const parts = Array.from({ length: BURST }, (_, i): Alive => {
      const address = cluster.names.endpoint((0x0a_00_01_00 + i) as never, 7946);
      const described = { address, addressBytes: 4, versions: gossip.self.versions, meta: '', metaBytes: 0 } as const;
      const description = gossip.descriptions.id(described);
      return { type: 'alive', incarnation: 1 as Incarnation, node: cluster.names.id(`x${i}`), description };
    });
    // In readable pieces.
    for (let i = 0; i < BURST; i += 100) give(cluster, first, { type: 'compound', parts: parts.slice(i, i + 100) } as Compound);
    cluster.run(seconds(1));
  },
};

/**
 * Members that restart one after another, each after the others have given it up, and join only one that did so before, are alive for all
 * within a few rounds of gossip: those who hold an older life to be dead say so, and are contradicted.
 */
const restarts: Trial = {
  name: 'restarts one after another',
  weight: 1,
  run: (victims, seed) => {
    const { names, config } = three(victims);
    const cluster = new Ordeal(seed, { ...victims, names, config }).gather();
    const [victim, restarted, old] = names as [string, string, string];
    const longest = config.suspicionMaxTimeoutMult * suspicionMinimum(config.suspicionMult, names.length, config.probeInterval);
    cluster.kill(victim, true);
    cluster.run((2 * names.length * config.probeInterval + longest) as Duration);
    // Who restarts now has never heard of the victim.
    cluster.kill(restarted);
    cluster.start(restarted);
    cluster.join(restarted, [old]);
    cluster.run(seconds(1));
    cluster.start(victim);
    cluster.join(victim, [restarted]);
    cluster.run((6 * (config.gossipInterval + DELAY)) as Duration);
    const wrong = cluster.disagreement();
    if (wrong !== undefined) throw new Broken('Agreement after restarts', wrong);
  },
};

export const TRIALS: readonly Trial[] = [
  faulty,
  quiet,
  datagramsLost,
  crash,
  confirmed,
  accused,
  absence,
  partition,
  rumours,
  streamed,
  burst,
  restarts,
];

/** Three whose rumours reach both others in their first round, even if some went along with pings before. */
const three = ({ names, config }: Victims): Pick<Victims, 'names' | 'config'> => ({
  names: names.slice(0, 3),
  config: { ...config, retransmitMult: Math.max(4, config.retransmitMult) },
});

function give(cluster: Ordeal, name: string, message: GossipMessage): void {
  const node = cluster.node(name);
  const from = cluster.endpoint(name);
  node.feed(0, { type: 'receive', from, message }, (out) =>
    node.part(0).receive(cluster.now, 0 as Socket, from, message as never, out),
  );
}

/** Nothing may change for a time: nobody is held to be anything but alive, nobody raises its incarnation, health stays good. */
function undisturbed(cluster: Ordeal, property: string, lasts: Duration): void {
  const { showed } = cluster;
  cluster.showed = (change) => {
    showed(change);
    const { node, field, subject, value, before } = change;
    const fine = field === 'state' ? value === 'alive' : field === 'incarnation' ? value === before : property !== 'Accuracy';
    if (!fine) throw new Broken(property, `${node} shows ${field} ${value} of ${nameOf(cluster, subject)}`);
  };
  cluster.run(lasts);
}

const nameOf = (cluster: Ordeal, subject: number): string => cluster.names.text(subject as NameId);
