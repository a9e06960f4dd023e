import { formatAddress } from '../address.ts';
import {
  type Delegate,
  type DescriptionId,
  fetch,
  type Gossip,
  type GossipMessage,
  type JoinResult,
  prune as pruneQueue,
  type Single,
} from '../gossip/gossip.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Part, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import type { Rng } from '../random.ts';
import { type Duration, type Instant, inSeconds } from '../time.ts';
import type { SerfConfig } from './config.ts';
import { isCoordinate, observe } from './coordinate.ts';
import { deathSpread, forceLeave, forceLeaveSpread, intentSpread, leave, propagated, settle } from './departure.ts';
import type { NoticedMember } from './events.ts';
import { localState, merge } from './exchange.ts';
import { announceJoin, applyJoin, applyLeave, become, broadcast } from './intents.ts';
import type { InfoReply, MemberInfo, SerfCommand } from './interface.ts';
import { namesOf, setTime, statusOf } from './members.ts';
import { isSerfMessage, isSerfState } from './message.ts';
import { announceGathered, memberEvent } from './pipeline.ts';
import type { SerfQuirks } from './quirks.ts';
import { pruneNow, reapTick, reconnectTick, waitForReconnect } from './reap.ts';
import { SERF_RULES, type SerfRules } from './rules.ts';
import { COORDINATE_SIZE, tagsSize } from './size.ts';
import { newState, type SerfNodeState } from './state.ts';
import { CELLS, Cell, TIMERS, Timer } from './tables.ts';
import { readTags, type Tags, writeTags } from './tags.ts';

/** What one process is made of, by the places of its protocols. */
export interface SerfParts {
  readonly gossip: Part;
  readonly serf: Part;
}

export interface SerfOptions {
  readonly gossip: Gossip;
  readonly parts: SerfParts;
  readonly config: SerfConfig;
  readonly quirks: SerfQuirks;
  readonly tags: Tags;
  readonly random: Rng;
  readonly rules?: SerfRules;
}

/** At this many queued broadcasts somebody should know. */
const WARN_DEPTH = 128;

/**
 * Serf on top of memberlist: members that left told from members that failed, kept and dialled for long after memberlist forgot them, and
 * events for an agent.
 *
 * It has no sockets. It is memberlist's delegate: called by it in the middle of its inputs, and calling it directly.
 */
export class Serf implements Protocol<never, SerfCommand>, Delegate {
  readonly state: SerfNodeState;
  readonly cells = CELLS;
  readonly timers = TIMERS;

  readonly gossip: Gossip;
  readonly parts: SerfParts;
  readonly config: SerfConfig;
  readonly quirks: SerfQuirks;
  readonly rules: SerfRules;
  readonly random: Rng;
  readonly names: Names;

  constructor({ gossip, parts, config, quirks, tags, random, rules = SERF_RULES }: SerfOptions) {
    this.state = newState(gossip.self.name, tags);
    this.gossip = gossip;
    this.parts = parts;
    this.config = config;
    this.quirks = quirks;
    this.rules = rules;
    this.random = random;
    this.names = gossip.names;
    gossip.delegate = this;
  }

  // Inputs.

  start(_now: Instant, _boot: Boot, out: Out<never>): void {
    const { reapInterval, reconnectInterval, queueCheckInterval } = this.config;
    out.setTimer(Timer.reap, 0, reapInterval);
    out.setTimer(Timer.reconnect, 0, reconnectInterval);
    out.setTimer(Timer.queueCheck, 0, queueCheckInterval);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<never>): void {
    switch (kind) {
      case Timer.reap:
        return reapTick(this, now, out);
      case Timer.reconnect:
        return reconnectTick(this, now, out);
      case Timer.queueCheck:
        return this.checkQueue(out);
      case Timer.quantum:
      case Timer.quiescence:
        return announceGathered(this, out);
      case Timer.leave:
        return intentSpread(this, now, false, out);
      case Timer.propagate:
        return propagated(this, out);
      case Timer.forceLeave:
        return forceLeaveSpread(this, subject, false, out);
      case Timer.prune:
        return pruneNow(this, subject as NameId, out);
    }
  }

  command(now: Instant, id: number, command: SerfCommand, out: Out<never>): void {
    switch (command.command) {
      case 'join':
        return this.join(now, id, command.addresses, out);
      case 'members':
        return out.reply(id, { members: namesOf(this.state.members).map((name) => this.memberInfo(name)) });
      case 'leave':
        return leave(this, now, id, out);
      case 'force-leave':
        return forceLeave(this, now, id, command.node, command.prune, out);
      case 'tags':
        return this.retag(now, id, command.tags, out);
      case 'shutdown':
        return this.shutdown(id, out);
      case 'info':
        return out.reply(id, this.info());
    }
  }

  receive(_now: Instant, _socket: Socket, _from: Endpoint, _message: never, _out: Out<never>): void {}
  stream(_now: Instant, _stream: StreamId, _event: StreamEvent<never>, _out: Out<never>): void {}
  written(_now: Instant, _write: number, _outcome: WriteOutcome, _out: Out<never>): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    for (const name of namesOf(this.state.members)) visit(name, Cell.status, statusOf(this.state.members, name) as string);
  }

  // What is asked of Serf.

  /** Joins one after another. */
  private join(now: Instant, command: number, addresses: readonly Endpoint[], out: Out<never>): void {
    const { state } = this;
    if (state.life !== 'alive') {
      const error = "Serf can't Join after Leave or Shutdown";
      return out.reply(command, { contacted: 0, problems: [], error });
    }
    state.joins.push({ id: state.nextJoin++, command, addresses });
    if (state.joins.length === 1) this.nextJoin(now, out);
  }

  private nextJoin(now: Instant, out: Out<never>): void {
    const [join] = this.state.joins;
    if (join !== undefined) this.gossip.join(now, join.id, join.addresses, out.of(this.parts.gossip));
  }

  private retag(now: Instant, id: number, tags: Tags, out: Out<never>): void {
    this.state.tags = tags;
    this.state.retagging.push(id);
    this.gossip.update(now, this.config.broadcastTimeout, out.of(this.parts.gossip));
  }

  private shutdown(id: number, out: Out<never>): void {
    if (this.state.life !== 'left') out.log('[WARN] serf: Shutdown without a Leave');
    this.state.life = 'shutdown';
    out.reply(id, {});
  }

  // What memberlist tells and asks (Delegate).

  meta(): { readonly text: string; readonly bytes: number } {
    return { text: writeTags(this.state.tags), bytes: tagsSize(this.state.tags) };
  }

  received(now: Instant, message: unknown, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    if (!isSerfMessage(message, this.names)) return out.log('[WARN] serf: Received message of unknown type');
    out.log(`[DEBUG] serf: message${message.type === 'join' ? 'Join' : 'Leave'}Type: ${this.names.text(message.node)}`);
    const isNews = message.type === 'join' ? applyJoin(this, now, message, out) : applyLeave(this, now, message, out);
    if (isNews) broadcast(this, now, message, out);
  }

  hasBroadcasts(): boolean {
    return this.state.queue.count > 0;
  }

  broadcasts(overhead: number, budget: number, into: Single[]): number {
    const { queue, members } = this.state;
    const { rules, config, quirks } = this.gossip;
    const limit = rules.transmitLimit(config.retransmitMult, members.count);
    return fetch(queue, { limit, overhead, budget, ranksRestart: quirks.queueIdReset }, into);
  }

  settle(now: Instant, memberlist: Out<GossipMessage>): void {
    if (this.state.queue.completed.length > 0) settle(this, now, memberlist.of(this.parts.serf));
  }

  ackPayload(): { readonly payload: unknown; readonly bytes: number } {
    return { payload: this.state.coordinates.own, bytes: COORDINATE_SIZE };
  }

  pinged(_now: Instant, node: NameId, took: Duration, payload: unknown): void {
    if (isCoordinate(payload)) observe(this.state.coordinates, node, payload, inSeconds(took), this.random);
  }

  localState(): { readonly state: unknown; readonly bytes: number } {
    return localState(this);
  }

  merge(now: Instant, state: unknown, _join: boolean, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    if (isSerfState(state, this.names)) merge(this, now, state, out);
    else out.log('[ERR] serf: Failed to decode remote state');
  }

  joined(_now: Instant, node: NameId, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    const { members, intents } = this.state;
    const intent = statusOf(members, node) === undefined ? intents.get(node) : undefined;
    become(this, node, intent?.type === 'leave' ? 'leaving' : 'alive', out);
    if (intent !== undefined) setTime(members, node, intent.time);
    members.goneSince.delete(node);
    out.log(`[INFO] serf: EventMemberJoin: ${this.label(node)}`);
    memberEvent(this, node, 'member-join', out);
  }

  left(now: Instant, node: NameId, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    const { members } = this.state;
    const status = statusOf(members, node);
    if (status === undefined) return;
    const lost = this.rules.afterLoss(status);
    if (lost === undefined) return out.log(`[WARN] serf: Bad state when leave: ${status}`);
    become(this, node, lost, out);
    members.goneSince.set(node, now);
    out.log(`[INFO] serf: EventMember${lost === 'left' ? 'Leave' : 'Failed'}: ${this.label(node)}`);
    memberEvent(this, node, lost === 'left' ? 'member-leave' : 'member-failed', out);
  }

  updated(_now: Instant, node: NameId, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    if (statusOf(this.state.members, node) === undefined) return;
    out.log(`[INFO] serf: EventMemberUpdate: ${this.names.text(node)}`);
    memberEvent(this, node, 'member-update', out);
  }

  conflicted(_now: Instant, node: NameId, claimed: DescriptionId, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    const other = this.gossip.where(this.gossip.descriptions.of(claimed).address);
    const name = this.names.text(node);
    if (node === this.state.self) {
      out.log(`[ERR] serf: Node name conflicts with another node at ${other}. Names must be unique! (Resolution enabled: false)`);
    } else {
      out.log(`[WARN] serf: Name conflict for '${name}' both ${this.gossip.whereIs(node)} and ${other} are claiming`);
    }
  }

  contacted(now: Instant, join: number, result: JoinResult, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    const { state } = this;
    if (join === state.reconnect) return waitForReconnect(this, out);
    const done = state.joins.shift();
    if (done === undefined) return;
    if (result.contacted > 0) announceJoin(this, now, out);
    out.reply(done.command, result);
    this.nextJoin(now, out);
  }

  departed(_now: Instant, spread: boolean, memberlist: Out<GossipMessage>): void {
    deathSpread(this, spread, memberlist.of(this.parts.serf));
  }

  described(_now: Instant, spread: boolean, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    for (const id of this.state.retagging.splice(0)) {
      out.reply(id, spread ? {} : { error: 'timeout waiting for update broadcast' });
    }
  }

  private checkQueue(out: Out<never>): void {
    const { config, state } = this;
    out.setTimer(Timer.queueCheck, 0, config.queueCheckInterval);
    const depth = state.queue.count;
    if (depth >= WARN_DEPTH) out.log(`[WARN] serf: Intent queue depth: ${depth}`);
    const most = config.minQueueDepth > 0 ? Math.max(config.minQueueDepth, 2 * state.members.count) : config.maxQueueDepth;
    if (depth <= most) return;
    out.log(`[WARN] serf: Intent queue depth (${depth}) exceeds limit (${most}), dropping messages!`);
    pruneQueue(state.queue, most);
  }

  // What follows serves the files beside this one.

  /** A member as the log has it: name and address. */
  label(node: NameId): string {
    return `${this.names.text(node)} ${formatAddress(this.names.address(this.gossip.describe(node).address))}`;
  }

  noticed(node: NameId): NoticedMember {
    const { address, meta } = this.gossip.describe(node);
    return {
      name: this.names.text(node),
      address: formatAddress(this.names.address(address)),
      port: this.names.port(address),
      tags: readTags(meta),
    };
  }

  private memberInfo(node: NameId): MemberInfo {
    const { versions } = this.gossip.describe(node);
    return {
      ...this.noticed(node),
      status: statusOf(this.state.members, node) ?? 'alive',
      protocol: { min: versions[3], max: versions[4], version: versions[5] },
    };
  }

  private info(): InfoReply {
    const { members, memberTime, eventTime, queryTime, queue, coordinates, tags } = this.state;
    return {
      members: members.count,
      failed: members.failed.length,
      left: members.left.length,
      health: this.gossip.state.health,
      memberTime,
      eventTime,
      queryTime,
      intentQueue: queue.count,
      eventQueue: 0,
      queryQueue: 0,
      encrypted: false,
      coordinateResets: coordinates.resets,
      tags,
    };
  }
}
