import { describe, expect, test } from 'vitest';
import { Gossip, LOCAL, type Profile, QUIRKS } from '../gossip/gossip.ts';
import { gossipInvariants } from '../gossip/invariants.ts';
import { run } from '../laws/world.ts';
import { type Law, laws, type Place } from '../laws.ts';
import type { Endpoint } from '../names.ts';
import type { Boot, Out, Part, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import type { Rng } from '../random.ts';
import { restoreState } from '../state.ts';
import { type Instant, milliseconds, seconds, ZERO } from '../time.ts';
import { AGENT_DEFAULTS } from './config.ts';
import type { SerfCommand } from './interface.ts';
import { serfInvariants } from './invariants.ts';
import { SERF_QUIRKS } from './quirks.ts';
import { Serf } from './serf.ts';
import type { SerfNodeState } from './state.ts';

/** memberlist and Serf as one protocol, because the laws look at one: timers and cells of Serf are numbered behind memberlist's. */
class Agent implements Protocol<unknown, SerfCommand> {
  readonly gossip: Gossip;
  readonly serf: Serf;
  readonly state: { gossip: object; serf: object };
  readonly cells: readonly string[];
  readonly timers: readonly string[];

  constructor(gossip: Gossip, serf: Serf) {
    this.gossip = gossip;
    this.serf = serf;
    this.state = { gossip: gossip.state, serf: serf.state };
    this.cells = [...gossip.cells, ...serf.cells];
    this.timers = [...gossip.timers, ...serf.timers];
  }

  start(now: Instant, boot: Boot, out: Out<unknown>): void {
    this.gossip.start(now, boot, this.outs(out).gossip);
    this.serf.start(now, boot, this.outs(out).serf);
  }

  receive(now: Instant, socket: Socket, from: Endpoint, message: unknown, out: Out<unknown>): void {
    this.gossip.receive(now, socket, from, message as never, this.outs(out).gossip);
  }

  stream(now: Instant, stream: StreamId, event: StreamEvent<unknown>, out: Out<unknown>): void {
    this.gossip.stream(now, stream, event as never, this.outs(out).gossip);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<unknown>): void {
    const first = this.gossip.timers.length;
    if (kind < first) this.gossip.timeout(now, kind, subject, this.outs(out).gossip);
    else this.serf.timeout(now, kind - first, subject, this.outs(out).serf);
  }

  command(now: Instant, id: number, command: SerfCommand, out: Out<unknown>): void {
    this.serf.command(now, id, command, this.outs(out).serf);
  }

  /** memberlist writes nothing. */
  written(now: Instant, write: number, outcome: WriteOutcome, out: Out<unknown>): void {
    this.serf.written(now, write, outcome, this.outs(out).serf);
  }

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    this.gossip.project(visit);
    this.serf.project((subject, field, value) => visit(subject, field + this.gossip.cells.length, value));
  }

  restored(): void {
    restoreState(this.gossip.state, this.state.gossip);
    restoreState(this.serf.state, this.state.serf);
    this.state.gossip = this.gossip.state;
    this.state.serf = this.serf.state;
  }

  private outs(out: Out<unknown>): { gossip: Out<never>; serf: Out<never> } {
    const of = (part: Part): Out<never> => (part === 0 ? gossip : serf);
    const behind = (timers: number, cells: number): Out<never> => ({
      send: (socket, to, message, bytes) => out.send(socket, to, message, bytes),
      open: (socket, to) => out.open(socket, to),
      transmit: (stream, message, bytes) => out.transmit(stream, message, bytes),
      close: (stream) => out.close(stream),
      setTimer: (kind, subject, after) => out.setTimer(kind + timers, subject, after),
      cancelTimer: (kind, subject) => out.cancelTimer(kind + timers, subject),
      append: (file, record, bytes, write) => out.append(file, record, bytes, write),
      replace: (file, records, bytes, write) => out.replace(file, records, bytes, write),
      truncate: (file, length, write) => out.truncate(file, length, write),
      sync: (file, write) => out.sync(file, write),
      reply: (command, result) => out.reply(command, result),
      cell: (subject, field, value) => out.cell(subject, field + cells, value),
      announce: (notice) => out.announce(notice),
      log: (line) => out.log(line),
      of,
    });
    const gossip = behind(0, 0);
    const serf = behind(this.gossip.timers.length, this.gossip.cells.length);
    return { gossip, serf };
  }
}

const brisk = {
  ...AGENT_DEFAULTS,
  reapInterval: seconds(2),
  reconnectInterval: seconds(1),
  reconnectTimeout: seconds(6),
  tombstoneTimeout: seconds(6),
  leavePropagateDelay: milliseconds(300),
  eventBuffer: 2,
  queryBuffer: 2,
  snapshot: 'snapshot',
  keyringFile: 'keyring',
};

const KEYS = ['AAAAAAAAAAAAAAAAAAAAAA==', 'BAAAAAAAAAAAAAAAAAAAAA=='] as const;

const subject = (profile: Profile, events = 600) => ({
  name: `serf as ${profile}`,
  sockets: [{ transport: 'udp', port: 7946 } as const, { transport: 'stream', port: 7946 } as const],
  nodes: 4,
  events,
  make({ neighbours, index, names, random }: Place): Agent {
    const { name, endpoints } = neighbours[index] as Place['neighbours'][number];
    const self = { name, address: endpoints[0] as Endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, 5] } as const;
    const gossip = new Gossip({ self, config: LOCAL, quirks: QUIRKS[profile], names, random, keys: [KEYS[0]] });
    const parts = { gossip: 0 as Part, serf: 1 as Part };
    const tags = [['role', `r${index}`]] as const;
    return new Agent(gossip, new Serf({ gossip, parts, config: brisk, quirks: SERF_QUIRKS[profile], tags, random }));
  },
  command(random: Rng, { neighbours }: Place): SerfCommand {
    const peer = neighbours[random.integer(neighbours.length)] as Place['neighbours'][number];
    const text = `t${random.integer(3)}`;
    switch (random.integer(26)) {
      case 0:
        return { command: 'leave' };
      case 1:
        return { command: 'force-leave', node: peer.name, prune: random.integer(2) === 0 };
      case 2:
        return { command: 'members' };
      case 3:
        return { command: 'info' };
      case 4:
        return { command: 'tags', tags: [['role', text]] };
      case 5:
        return { command: 'shutdown' };
      case 6:
      case 7:
        return { command: 'event', name: text, payload: 'x', coalesce: random.integer(2) === 0 };
      case 8:
      case 9:
        return {
          command: 'query',
          name: text,
          payload: text,
          nodes: [],
          tags: random.integer(2) === 0 ? [] : [['role', '^[rt][0-2]$']],
          ack: random.integer(2) === 0,
          relay: random.integer(3),
          timeout: ZERO,
        };
      case 10:
        return { command: 'respond', query: 1 + random.integer(5), payload: text };
      case 11: {
        const action = (['install', 'use', 'remove', 'list'] as const)[random.integer(4)] ?? 'list';
        return { command: 'keys', action, key: KEYS[random.integer(2)] ?? '', relay: 0 };
      }
      case 12:
        return { command: 'coordinate', node: `n${1 + random.integer(4)}` };
      default:
        return { command: 'join', addresses: [peer.endpoints[0] as Endpoint] };
    }
  },
});

const GARBAGE = 'garbage does no harm';

const profiles = ['serf-0.9', 'serf-0.10', 'fixed'] as const;

/** It takes long until nodes have met all others, their tags and keys, and so what they remember stays as it is. */
const LONG = 1500;

describe.each(profiles.flatMap((profile) => lawsOf(profile).map((law) => ({ ...law, profile }))))(
  'serf as $profile and the laws: $name',
  ({ check }) => {
    test.each([1, 2])('with seed %i', (seed) => check(seed));
  },
);

function lawsOf(profile: Profile): Law[] {
  const patient = laws(subject(profile, LONG)).filter(({ name }) => name === GARBAGE);
  return [...laws(subject(profile)).filter(({ name }) => name !== GARBAGE), ...patient];
}

describe('the invariants of serf', () => {
  test.each(profiles)('hold in the closed world, as %s', (profile) => {
    for (const seed of [1, 2, 3]) {
      const agents: Agent[] = [];
      let most = 0;
      run({ ...subject(profile), events: 2000 }, seed, {
        after({ place, protocol }) {
          agents[place.index] = protocol as Agent;
          const running = agents.filter(Boolean);
          const states: SerfNodeState[] = running.map(({ serf }) => serf.state);
          for (const { name, violation } of serfInvariants) expect(violation(states), name).toBeUndefined();
          for (const { name, violation } of gossipInvariants) {
            expect(violation(running.map(({ gossip }) => gossip.state)), name).toBeUndefined();
          }
          most = Math.max(most, ...states.map(({ members }) => members.count));
        },
      });
      expect(most).toBeGreaterThan(2);
    }
  });
});
