import { Gossip, LOCAL, QUIRKS } from '../gossip/gossip.ts';
import type { Place } from '../laws/subject.ts';
import type { Endpoint } from '../names.ts';
import type { Boot, Out, Part, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import { consul as consulTimers } from '../raft/profiles.ts';
import { Raft } from '../raft/raft.ts';
import { SERF_DEFAULTS } from '../serf/config.ts';
import type { MemberNotice } from '../serf/events.ts';
import type { SerfCommand } from '../serf/interface.ts';
import { SERF_QUIRKS } from '../serf/quirks.ts';
import { Serf } from '../serf/serf.ts';
import { restoreState } from '../state.ts';
import { type Instant, milliseconds, seconds } from '../time.ts';
import { CONSUL_DEFAULTS, type ConsulConfig } from './config.ts';
import { Consul } from './consul.ts';
import type { ConsulCommand } from './interface.ts';
import { raftRules } from './raft-rules.ts';
import { serverTags } from './servers.ts';

const PARTS = { gossip: 0 as Part, serf: 1 as Part, raft: 2 as Part, consul: 3 as Part };

/** The part that each socket of a server belongs to, and its number there: gossip by packets and by streams, Raft, Consul. */
const SOCKETS = [
  { part: 0, socket: 0 },
  { part: 0, socket: 1 },
  { part: 2, socket: 0 },
  { part: 3, socket: 0 },
] as const;

export const RAFT_PORT = 8300;

export const SERVER_SOCKETS = [
  { transport: 'udp', port: 8301 },
  { transport: 'stream', port: 8301 },
  { transport: 'stream', port: RAFT_PORT },
  { transport: 'stream', port: RAFT_PORT + 100 },
] as const;

type Any = Protocol<unknown, unknown>;

/** Of Consul, or of its Serf. */
export type WholeCommand = ConsulCommand | Extract<SerfCommand, { command: 'join' | 'leave' | 'force-leave' }>;

/** What happens to streams that live on. */
const LIVES: readonly string[] = ['accepted', 'opened', 'data'];

const EVENTS: readonly string[] = ['member-join', 'member-leave', 'member-failed', 'member-update', 'member-reap'];

/**
 * All parts of a Consul server as one protocol, for tests that look at one: sockets, timers, cells and writes of a part are numbered behind those of
 * the parts before it. What Serf announces is given to Consul, as an agent does.
 */
export class WholeServer implements Protocol<unknown, WholeCommand> {
  readonly state: { parts: object[]; readonly owners: Map<StreamId, number>; heard: MemberNotice[] };
  readonly cells: readonly string[];
  readonly timers: readonly string[];
  readonly consul: Consul;
  readonly raft: Raft;
  private readonly parts: readonly Any[];

  constructor({ neighbours, index, names, random }: Place, config: Partial<ConsulConfig>) {
    const { name, endpoints } = neighbours[index] as Place['neighbours'][number];
    const all = { ...CONSUL_DEFAULTS, ...config };
    const gossip = new Gossip({
      self: { name, address: endpoints[0] as Endpoint, addressBytes: 4, versions: [1, 5, 2, 2, 5, 4] },
      config: LOCAL,
      quirks: QUIRKS.fixed,
      names,
      random,
    });
    const brisk = { leavePropagateDelay: milliseconds(300), reconnectTimeout: seconds(20), tombstoneTimeout: seconds(20) };
    const serf = new Serf({
      gossip,
      parts: PARTS,
      config: { ...SERF_DEFAULTS, ...brisk },
      quirks: SERF_QUIRKS.fixed,
      tags: serverTags(names.text(name), RAFT_PORT, all),
      random,
    });
    const self = { name, endpoint: endpoints[2] as Endpoint };
    this.consul = new Consul({ self, config: all, parts: PARTS, serf, names, random });
    const rules = raftRules(all);
    this.raft = new Raft({
      self,
      config: { ...consulTimers(1), snapshotThreshold: 20, snapshotTrailing: 5 },
      names,
      random,
      machine: this.consul,
      rules,
    });
    this.consul.raft = this.raft;
    this.parts = [gossip, serf, this.raft, this.consul] as readonly unknown[] as readonly Any[];
    this.state = { parts: this.parts.map(({ state }) => state), owners: new Map(), heard: [] };
    this.cells = this.parts.flatMap(({ cells }) => cells);
    this.timers = this.parts.flatMap(({ timers }) => timers);
  }

  start(now: Instant, boot: Boot, out: Out<unknown>): void {
    this.parts.forEach((part, i) => {
      part.start(now, boot, this.outOf(i, out));
    });
    this.tell(now, out);
  }

  receive(now: Instant, socket: Socket, from: Endpoint, message: unknown, out: Out<unknown>): void {
    const { part, socket: own } = SOCKETS[socket] as (typeof SOCKETS)[number];
    this.part(part).receive(now, own as Socket, from, message, this.outOf(part, out));
    this.tell(now, out);
  }

  stream(now: Instant, stream: StreamId, event: StreamEvent<unknown>, out: Out<unknown>): void {
    const { owners } = this.state;
    let given = event;
    if (event.type === 'accepted') {
      const { part, socket } = SOCKETS[event.socket] as (typeof SOCKETS)[number];
      owners.set(stream, part);
      given = { ...event, socket: socket as Socket };
    }
    const owner = owners.get(stream);
    if (owner !== undefined) this.part(owner).stream(now, stream, given, this.outOf(owner, out));
    if (!LIVES.includes(event.type) && event.type !== 'closed') owners.delete(stream);
    this.tell(now, out);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<unknown>): void {
    const [part, own] = this.find(kind, ({ timers }) => timers.length);
    this.part(part).timeout(now, own, subject, this.outOf(part, out));
    this.tell(now, out);
  }

  command(now: Instant, id: number, command: WholeCommand, out: Out<unknown>): void {
    const part = command.command === 'join' || command.command === 'leave' || command.command === 'force-leave' ? 1 : 3;
    this.part(part).command(now, id, command, this.outOf(part, out));
    this.tell(now, out);
  }

  written(now: Instant, write: number, outcome: WriteOutcome, out: Out<unknown>): void {
    const part = Math.abs(write) % this.parts.length;
    this.part(part).written(now, Math.floor(write / this.parts.length), outcome, this.outOf(part, out));
    this.tell(now, out);
  }

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    let first = 0;
    for (const part of this.parts) {
      const from = first;
      part.project?.((subject, field, value) => visit(subject, field + from, value));
      first += part.cells.length;
    }
  }

  restored(): void {
    this.parts.forEach((part, i) => {
      restoreState(part.state, this.state.parts[i] as object);
      this.state.parts[i] = part.state;
      part.restored?.();
    });
  }

  /** What Serf has announced comes to Consul between two inputs. */
  private tell(now: Instant, out: Out<unknown>): void {
    for (let notice = this.state.heard.shift(); notice !== undefined; notice = this.state.heard.shift()) {
      const members = notice.members.map(({ name }) => name);
      this.consul.command(now, 0, { command: 'event', event: notice.type, members }, this.outOf(3, out) as Out<never>);
    }
  }

  /** A number that is nobody's is the last part's, which knows it no more than the others. */
  private part(place: number): Any {
    return this.parts.at(place) as Any;
  }

  /** Whose number this is, and which of its own. */
  private find(number: number, count: (part: Any) => number): [place: number, own: number] {
    let own = number;
    const place = this.parts.findIndex((part) => {
      if (own < count(part)) return true;
      own -= count(part);
      return false;
    });
    return [place, own];
  }

  private outOf(place: number, out: Out<unknown>): Out<never> {
    const before = this.parts.slice(0, place);
    const timers = before.reduce((sum, part) => sum + part.timers.length, 0);
    const cells = before.reduce((sum, part) => sum + part.cells.length, 0);
    const socket = (own: Socket) => SOCKETS.findIndex((each) => each.part === place && each.socket === (own as number)) as Socket;
    const numbered = (write: number) => write * this.parts.length + place;
    return {
      send: (own, to, message, bytes) => out.send(socket(own), to, message, bytes),
      open: (own, to) => {
        const stream = out.open(socket(own), to);
        this.state.owners.set(stream, place);
        return stream;
      },
      transmit: (stream, message, bytes) => out.transmit(stream, message, bytes),
      close: (stream) => {
        this.state.owners.delete(stream);
        out.close(stream);
      },
      setTimer: (kind, subject, after) => out.setTimer(kind + timers, subject, after),
      cancelTimer: (kind, subject) => out.cancelTimer(kind + timers, subject),
      append: (file, record, bytes, write) => out.append(file, record, bytes, numbered(write)),
      replace: (file, records, bytes, write) => out.replace(file, records, bytes, numbered(write)),
      truncate: (file, length, write) => out.truncate(file, length, numbered(write)),
      sync: (file, write) => out.sync(file, numbered(write)),
      reply: (command, result) => out.reply(command, result),
      cell: (subject, field, value) => out.cell(subject, field + cells, value),
      announce: (notice) => {
        if (EVENTS.includes(notice.type)) this.state.heard.push(notice as MemberNotice);
        out.announce(notice);
      },
      log: (line) => out.log(line),
      of: (part) => this.outOf(part, out),
    };
  }
}
