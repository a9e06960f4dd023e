import { formatAddress } from '../address.ts';
import type { Company, Delegate, DescriptionId, Gossip, GossipMessage, JoinResult, Single } from '../gossip/gossip.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Part, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import type { Rng } from '../random.ts';
import { type Duration, type Instant, inSeconds } from '../time.ts';
import { respond } from './answering.ts';
import { askForCommand, queryClosed } from './asking.ts';
import type { SerfConfig } from './config.ts';
import { isCoordinate, observe } from './coordinate.ts';
import { deathSpread, forceLeave, forceLeaveSpread, intentSpread, leave, propagated, settle, shutDown } from './departure.ts';
import type { NoticedMember } from './events.ts';
import { localState, merge } from './exchange.ts';
import type { DoneReply, MembersReply, SerfCommand } from './interface.ts';
import { contacted, join, restore } from './joining.ts';
import { askForKeys, keyringWritten } from './keys.ts';
import { know, namesOf, statusOf } from './members.ts';
import { nameClaimed, nodeJoined, nodeLeft, nodeUpdated } from './membership.ts';
import { announceGathered, announceGatheredEvents } from './pipeline.ts';
import { postpone } from './postponed.ts';
import { checkQueues, fetchRumours, isAnythingQueued } from './queues.ts';
import type { SerfQuirks } from './quirks.ts';
import { pruneDue, reapTick, reconnectTick } from './reap.ts';
import { receive } from './receiving.ts';
import { info, listMembers, tellCoordinate } from './reports.ts';
import { SERF_RULES, type SerfRules } from './rules.ts';
import { COORDINATE_SIZE } from './size.ts';
import { clockTick, recordCompany, snapshotWritten } from './snapshot.ts';
import { newState, type SerfNodeState } from './state.ts';
import { CELLS, Cell, TIMERS, Timer, Write } from './tables.ts';
import { describeTags, readTags, type Tags, tagsProblem } from './tags.ts';
import { sendEvent } from './user-events.ts';
import { isSerfMessage, isSerfState } from './wellformed.ts';

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
  /** At most 512 bytes of them, see `tagsProblem`. */
  readonly tags: Tags;
  readonly random: Rng;
  readonly rules?: SerfRules;
}

/**
 * Serf on top of memberlist: members that left told from members that failed, kept and dialled for long after memberlist forgot them, user
 * events and queries for everybody, and events for an agent.
 *
 * It has no sockets. It is memberlist's delegate: called by it in the middle of its inputs, and calling it directly. What is done is in
 * the files beside this one; here inputs find their way.
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

  start(now: Instant, boot: Boot, out: Out<never>): void {
    const { reapInterval, reconnectInterval, queueCheckInterval, snapshot } = this.config;
    out.setTimer(Timer.reap, 0, reapInterval);
    out.setTimer(Timer.reconnect, 0, reconnectInterval);
    out.setTimer(Timer.queueCheck, 0, queueCheckInterval);
    if (snapshot !== undefined) restore(this, now, boot.files.get(snapshot) ?? [], out);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<never>): void {
    switch (kind) {
      case Timer.reap:
        return reapTick(this, now, out);
      case Timer.reconnect:
        return reconnectTick(this, now, out);
      case Timer.queueCheck:
        return checkQueues(this, out);
      case Timer.quantum:
      case Timer.quiescence:
        return announceGathered(this, out);
      case Timer.userQuantum:
      case Timer.userQuiescence:
        return announceGatheredEvents(this, out);
      case Timer.leave:
        return intentSpread(this, now, false, out);
      case Timer.propagate:
        return propagated(this, out);
      case Timer.forceLeave:
        return forceLeaveSpread(this, subject, false, out);
      case Timer.prune:
        return pruneDue(this, now, subject as NameId, out);
      case Timer.query:
        return queryClosed(this, now, subject, out);
      case Timer.clock:
        return clockTick(this, now, out);
    }
  }

  command(now: Instant, id: number, command: SerfCommand, out: Out<never>): void {
    if (postpone(this, { type: 'command', id, command })) return;
    switch (command.command) {
      case 'join':
        return join(this, now, id, command, out);
      case 'members': {
        const reply: MembersReply = { members: listMembers(this) };
        return out.reply(id, reply);
      }
      case 'leave':
        return leave(this, now, id, out);
      case 'force-leave':
        return forceLeave(this, now, id, command.node, command.prune, out);
      case 'tags':
        return this.retag(now, id, command.tags, out);
      case 'shutdown':
        shutDown(this, now, out);
        return out.reply(id, {});
      case 'info':
        return out.reply(id, info(this));
      case 'event':
        return sendEvent(this, now, id, command, out);
      case 'query':
        return askForCommand(this, now, id, command, out);
      case 'respond': {
        const error = respond(this, now, command.query, command.payload, out);
        const reply: DoneReply = error === undefined ? {} : { error };
        return out.reply(id, reply);
      }
      case 'keys':
        return askForKeys(this, now, id, command, out);
      case 'coordinate':
        return tellCoordinate(this, id, command.node, out);
    }
  }

  written(now: Instant, write: number, outcome: WriteOutcome, out: Out<never>): void {
    if (write === Write.keyring) keyringWritten(this, now, outcome, out);
    else snapshotWritten(this, now, write, outcome, out);
  }

  receive(_now: Instant, _socket: Socket, _from: Endpoint, _message: never, _out: Out<never>): void {}
  stream(_now: Instant, _stream: StreamId, _event: StreamEvent<never>, _out: Out<never>): void {}

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    const { members, self } = this.state;
    for (const name of namesOf(members)) visit(name, Cell.status, statusOf(members, name) as string);
    if (members.flaps > 0) visit(self, Cell.flaps, members.flaps);
  }

  private retag(now: Instant, id: number, tags: Tags, out: Out<never>): void {
    const error = tagsProblem(tags, this.gossip.self.versions[5]);
    if (error !== undefined) return out.reply(id, { error });
    this.state.tags = tags;
    this.state.retagging.push(id);
    this.gossip.update(now, this.config.broadcastTimeout, out.of(this.parts.gossip));
  }

  // What memberlist tells and asks (Delegate).

  meta(): { readonly text: string; readonly bytes: number } {
    return describeTags(this.state.tags, this.gossip.self.versions[5]);
  }

  received(now: Instant, message: unknown, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    if (!isSerfMessage(message, this.names)) return out.log('[WARN] serf: Received message of unknown type');
    if (this.state.blocked === undefined) receive(this, now, message, out);
    else postpone(this, { type: 'received', message });
  }

  hasBroadcasts(): boolean {
    return isAnythingQueued(this.state.queues);
  }

  broadcasts(overhead: number, budget: number, into: Single[]): number {
    return fetchRumours(this, overhead, budget, into);
  }

  settle(now: Instant, memberlist: Out<GossipMessage>): void {
    if (this.state.queues.intents.completed.length > 0) settle(this, now, memberlist.of(this.parts.serf));
  }

  ackPayload(): { readonly payload: unknown; readonly bytes: number } | undefined {
    if (this.config.disableCoordinates) return undefined;
    return { payload: this.state.coordinates.own, bytes: COORDINATE_SIZE };
  }

  pinged(_now: Instant, node: NameId, took: Duration, payload: unknown): void {
    if (this.config.disableCoordinates || !isCoordinate(payload)) return;
    observe(this.state.coordinates, node, payload, inSeconds(took), this.random);
  }

  localState(): { readonly state: unknown; readonly bytes: number } {
    return localState(this);
  }

  merge(now: Instant, state: unknown, isJoin: boolean, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    if (!isSerfState(state, this.names)) return out.log('[ERR] serf: Failed to decode remote state');
    if (!postpone(this, { type: 'merge', state, join: isJoin })) merge(this, now, state, isJoin, out);
  }

  acquainted({ view }: Company): void {
    know(this.state.members, view);
    recordCompany(this);
  }

  joined(now: Instant, node: NameId, memberlist: Out<GossipMessage>): void {
    if (!postpone(this, { type: 'joined', node })) nodeJoined(this, now, node, memberlist.of(this.parts.serf));
  }

  left(now: Instant, node: NameId, memberlist: Out<GossipMessage>): void {
    if (!postpone(this, { type: 'left', node })) nodeLeft(this, now, node, memberlist.of(this.parts.serf));
  }

  updated(now: Instant, node: NameId, memberlist: Out<GossipMessage>): void {
    if (!postpone(this, { type: 'updated', node })) nodeUpdated(this, now, node, memberlist.of(this.parts.serf));
  }

  conflicted(now: Instant, node: NameId, claimed: DescriptionId, memberlist: Out<GossipMessage>): void {
    nameClaimed(this, now, node, claimed, memberlist.of(this.parts.serf));
  }

  contacted(now: Instant, id: number, result: JoinResult, memberlist: Out<GossipMessage>): void {
    contacted(this, now, id, result, memberlist.of(this.parts.serf));
  }

  departed(_now: Instant, spread: boolean, memberlist: Out<GossipMessage>): void {
    deathSpread(this, spread, memberlist.of(this.parts.serf));
  }

  described(_now: Instant, spread: boolean, memberlist: Out<GossipMessage>): void {
    const out = memberlist.of(this.parts.serf);
    const reply: DoneReply = spread ? {} : { error: 'timeout waiting for update broadcast' };
    for (const id of this.state.retagging.splice(0)) out.reply(id, reply);
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
}
