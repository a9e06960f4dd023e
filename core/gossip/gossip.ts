import { formatAddress } from '../address.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Boot, Out, Protocol, Socket, StreamEvent, StreamId, WriteOutcome } from '../protocol.ts';
import type { Rng } from '../random.ts';
import type { Duration, Instant } from '../time.ts';
import { announceSelf, applyAlive, applyDead, applySuspect, disallowed, isAllowed, suspicionRanOut } from './claims.ts';
import { type Acquaintance, acquaint } from './company.ts';
import type { GossipConfig } from './config.ts';
import type { Delegate } from './delegate.ts';
import { type Description, type DescriptionId, type Descriptions, descriptionsOf } from './description.ts';
import { gossipTick, wake } from './dissemination.ts';
import { needsOpening, openDatagram } from './envelope.ts';
import type { GossipCommand, GossipOptions, MemberView, Self } from './interface.ts';
import { installKey, removeKey, useKey } from './keyring.ts';
import { leave, settle, stopWaiting, update } from './leave.ts';
import { type Lengths, lengthsOf } from './lengths.ts';
import { withoutLifeguard } from './lifeguard.ts';
import { descriptionOf, incarnationOf, memberAt, statusOf } from './members.ts';
import type { Compound, GossipMessage, Rumour, SequenceNumber, Single } from './message.ts';
import { acknowledged, answerPing, deadlinePassed, directTimedOut, help, helpTimedOut, nacked, probeTick } from './probe.ts';
import type { Quirks } from './quirks.ts';
import { notReached, reach } from './reach.ts';
import { type GossipRules, RULES } from './rules.ts';
import { accusationSize, aliveSize, type Dialect, textSize, userHeaderSize } from './size.ts';
import { type GossipState, LEAVE, newJoin, newState, UPDATE } from './state.ts';
import { isLive, STATUSES, type StatusNumber } from './status.ts';
import { join, pushPullTick, streamed, streamTimedOut } from './streams.ts';
import { CELLS, Cell, TIMERS, Timer } from './tables.ts';
import { sendBestEffort, sendReliable, sendToAddress } from './user.ts';
import { isDatagram } from './wellformed.ts';

export { sample } from './choose.ts';
// What an application on top of this needs.
export { at, type Column, put } from './column.ts';
export { type Acquaintance, type Company, companyOf } from './company.ts';
export { type GossipConfig, LAN, LOCAL, WAN } from './config.ts';
export type { Delegate, JoinResult } from './delegate.ts';
export type { Description, DescriptionId, Versions } from './description.ts';
export type { GossipCommand, GossipOptions, MemberView, Self } from './interface.ts';
export { keyBytes, keyProblem } from './keyring.ts';
export type { GossipMessage, Single, User } from './message.ts';
export { enqueue, fetch, newQueue, prune, type QueueState } from './queue.ts';
export { type Profile, QUIRKS, type Quirks } from './quirks.ts';
export { countSize, type Dialect, NIL_SIZE, rawSize, signedSize, textBytes, textSize, unsignedSize } from './size.ts';

/**
 * memberlist: who is a member, who of them is alive, and how the news of it spreads (SWIM with Lifeguard, as HashiCorp's
 * memberlist does it).
 *
 * Sockets: 0 for datagrams, 1 for streams. What is done is in the files beside this one; here inputs find their way.
 */
export class Gossip implements Protocol<GossipMessage, GossipCommand> {
  // What every packet looks at comes first, so that it lies together in memory.
  readonly state: GossipState;
  readonly config: GossipConfig;
  readonly rules: GossipRules;
  readonly quirks: Quirks;
  readonly self: Self;
  /** Set by the application when it is made on top of this. */
  delegate: Delegate | undefined;
  readonly descriptions: Descriptions;
  readonly names: Names;
  readonly random: Rng;
  /** What gossip was sent last: often the same goes to the next one. */
  lastCompound: Compound | undefined;
  private readonly lengths: Lengths;
  readonly ownPort: number;
  readonly ownNameSize: number;
  readonly udp = 0 as Socket;
  readonly streamSocket = 1 as Socket;
  readonly dialect: Dialect;
  readonly cells = CELLS;
  readonly timers = TIMERS;

  constructor({ self, config, quirks, names, random, dialect = 'new', rules = RULES, keys = [] }: GossipOptions) {
    this.state = newState(self.name, keys);
    this.self = self;
    this.config = config;
    this.quirks = quirks;
    this.rules = quirks.noLifeguard ? withoutLifeguard(rules) : rules;
    this.names = names;
    this.random = random;
    this.dialect = dialect;
    this.descriptions = descriptionsOf(names);
    this.lengths = lengthsOf(names);
    this.ownPort = names.port(self.address);
    this.ownNameSize = textSize(names.text(self.name));
  }

  start(now: Instant, _boot: Boot, out: Out<GossipMessage>): void {
    const { state, config } = this;
    const { probeInterval, pushPullInterval } = config;
    // Up to a period ago, so that the first tick comes at a random time within one.
    const head = this.quirks.probeStaggerNoop ? 0 : probeInterval - this.draw(probeInterval);
    state.origin = (now - head) as Instant;
    out.cell(this.self.name, Cell.health, state.health);
    announceSelf(this, now, out);
    if (pushPullInterval > 0) {
      state.pushPull = 'staggering';
      out.setTimer(Timer.pushPull, 0, this.draw(pushPullInterval));
    }
    if (probeInterval > 0) out.setTimer(Timer.probe, 0, (probeInterval - head) as Duration);
  }

  receive(now: Instant, _socket: Socket, from: Endpoint, message: GossipMessage, out: Out<GossipMessage>): void {
    const content = needsOpening(this, message) ? openDatagram(this, from, message, out) : message;
    if (content === undefined) return;
    if (!isDatagram(content, this.names, this.descriptions)) {
      out.log(`[ERR] memberlist: msg type not supported from=${this.where(from)}`);
      return;
    }
    if (content.type !== 'compound') this.handle(now, from, content, out);
    else if (this.quirks.handoffLifo) this.handleLatestFirst(now, from, content.parts, out);
    else for (let i = 0; i < content.parts.length; i++) this.handle(now, from, content.parts[i] as Single, out);
    if (this.state.touched) settle(this, now, out);
  }

  stream(now: Instant, stream: StreamId, event: StreamEvent<GossipMessage>, out: Out<GossipMessage>): void {
    streamed(this, now, stream, event, out);
    if (this.state.touched) settle(this, now, out);
  }

  timeout(now: Instant, kind: number, subject: number, out: Out<GossipMessage>): void {
    this.ring(now, kind, subject, out);
    if (this.state.touched) settle(this, now, out);
  }

  command(now: Instant, id: number, command: GossipCommand, out: Out<GossipMessage>): void {
    switch (command.command) {
      case 'join':
        return join(this, now, id, newJoin('command', command.addresses), command.named === true, out);
      case 'leave':
        return leave(this, now, { by: 'command', id }, command.timeout, out);
      case 'ping':
        return reach(this, now, id, command.node, command.address, out);
      case 'acquaint':
        return acquaint(this, command.company, now, out);
      case 'members':
        return out.reply(id, this.members());
    }
  }

  project(visit: (subject: number, field: number, value: number | string) => void): void {
    for (const { name, status, incarnation } of this.members()) {
      visit(name, Cell.state, status);
      visit(name, Cell.incarnation, incarnation);
    }
    visit(this.self.name, Cell.health, this.state.health);
  }

  written(_now: Instant, _write: number, _outcome: WriteOutcome, _out: Out<GossipMessage>): void {}

  /** Who this node says it is. */
  get acquaintance(): Acquaintance {
    const { name } = this.self;
    return { name, description: descriptionOf(this.state.members, name), incarnation: this.state.incarnation };
  }

  /**
   * Contacts the addresses one after another; the delegate hears of the result.
   *
   * @param named whether each came with the name of its member
   */
  join(now: Instant, id: number, addresses: readonly Endpoint[], named: boolean, out: Out<GossipMessage>): void {
    join(this, now, id, newJoin('delegate', addresses), named, out);
  }

  /** Tells everybody that this node leaves; the delegate hears when that is done. */
  leave(now: Instant, timeout: Duration, out: Out<GossipMessage>): void {
    leave(this, now, { by: 'delegate', id: 0 }, timeout, out);
  }

  /** Tells everybody what the delegate says about this node now; it hears when that is done. */
  update(now: Instant, timeout: Duration, out: Out<GossipMessage>): void {
    update(this, now, { by: 'delegate', id: 0 }, timeout, out);
  }

  /** The delegate has something to send along. */
  wake(now: Instant, out: Out<GossipMessage>): void {
    this.state.offered = true;
    wake(this, now, out);
  }

  /**
   * Sends one message of the application straight to an address, also to this node's own, in one datagram that nothing goes along with.
   *
   * @param bytes of the message alone
   * @returns false when the own host refused
   */
  sendToAddress(to: Endpoint, message: unknown, bytes: number, out: Out<GossipMessage>): boolean {
    return sendToAddress(this, to, message, bytes, out);
  }

  /** The same to a member in the list, which makes a difference for the checksum. */
  sendBestEffort(node: NameId, message: unknown, bytes: number, out: Out<GossipMessage>): boolean {
    return sendBestEffort(this, node, message, bytes, out);
  }

  /** The same over a stream of its own. What becomes of it nobody is told. */
  sendReliable(node: NameId, message: unknown, bytes: number, out: Out<GossipMessage>): void {
    sendReliable(this, node, message, bytes, out);
  }

  /** How many in the node list are alive or suspect, this node among them. */
  countLive(): number {
    const { members } = this.state;
    let count = 0;
    for (let place = 0; place < members.count; place++) {
      if (isLive(statusOf(members, memberAt(members, place)) as StatusNumber)) count++;
    }
    return count;
  }

  /** Whether packets can be encrypted: there is a key. */
  get hasKeys(): boolean {
    return this.state.keys !== undefined;
  }

  /** In base64, the primary one first. */
  keys(): readonly string[] {
    return this.state.keys ?? [];
  }

  /** Adds a key that opens what others sealed. @returns why not */
  installKey(key: string): string | undefined {
    this.state.keys ??= [];
    return installKey(this.state.keys, key);
  }

  /** Makes a key the one that seals. @returns why not */
  useKey(key: string): string | undefined {
    return useKey(this.state.keys ?? [], key);
  }

  /** @returns why it was not removed */
  removeKey(key: string): string | undefined {
    return removeKey(this.state.keys ?? [], key);
  }

  /** All in the node list, in its order. */
  members(): MemberView[] {
    const { members } = this.state;
    return Array.from({ length: members.count }, (_, place) => {
      const name = memberAt(members, place);
      const status = STATUSES[statusOf(members, name) as StatusNumber];
      return { name, status, incarnation: incarnationOf(members, name), address: this.describe(name).address };
    });
  }

  /** How a member describes itself, as far as this node knows. */
  describe(name: NameId): Description {
    return this.descriptions.of(descriptionOf(this.state.members, name));
  }

  private handle(now: Instant, from: Endpoint, message: Single, out: Out<GossipMessage>): void {
    switch (message.type) {
      case 'ping':
        return answerPing(this, message, out);
      case 'indirect-ping':
        return help(this, message, out);
      case 'ack':
        return acknowledged(this, now, message, out);
      case 'nack':
        return nacked(this, message);
      case 'alive':
        if (isAllowed(this, from)) return applyAlive(this, now, message, out);
        return out.log(`[DEBUG] memberlist: Blocked alive message: ${disallowed(this, from)} from=${this.where(from)}`);
      case 'suspect':
        return applySuspect(this, now, message, out);
      case 'dead':
        return applyDead(this, now, message, out);
      case 'user':
        return this.delegate?.received(now, message.message, out);
    }
  }

  /** Failure detection is handled at once, the rest handed to a worker that takes alives first and the newest first. */
  private handleLatestFirst(now: Instant, from: Endpoint, parts: readonly Single[], out: Out<GossipMessage>): void {
    let alives = 0;
    for (const part of parts) {
      if (part.type === 'alive') alives++;
      else if (!isHandedOff(part)) this.handle(now, from, part, out);
    }
    for (let i = parts.length - 1; i >= 0 && alives > 0; i--) {
      const part = parts[i] as Single;
      if (part.type === 'alive') this.handle(now, from, part, out);
    }
    for (let i = parts.length - 1; i >= 0; i--) {
      const part = parts[i] as Single;
      if (part.type !== 'alive' && isHandedOff(part)) this.handle(now, from, part, out);
    }
  }

  private ring(now: Instant, kind: number, subject: number, out: Out<GossipMessage>): void {
    switch (kind) {
      case Timer.probe:
        return probeTick(this, now, out);
      case Timer.direct:
        return directTimedOut(this, now, out);
      case Timer.deadline:
        return deadlinePassed(this, now, out);
      case Timer.helper:
        return helpTimedOut(this, subject as SequenceNumber, out);
      case Timer.gossip:
        return gossipTick(this, now, out);
      case Timer.pushPull:
        return pushPullTick(this, out);
      case Timer.suspicion:
        return suspicionRanOut(this, now, subject as NameId, out);
      case Timer.stream:
        return streamTimedOut(this, now, subject as StreamId, out);
      case Timer.leave:
        return stopWaiting(this, now, LEAVE, false, out);
      case Timer.update:
        return stopWaiting(this, now, UPDATE, false, out);
      case Timer.reach:
        return notReached(this, subject as SequenceNumber, out);
    }
  }

  // What follows serves the files beside this one.

  ownDescription(): DescriptionId {
    const { address, addressBytes, versions } = this.self;
    const meta = this.delegate?.meta();
    return this.descriptions.id({ address, addressBytes, versions, meta: meta?.text ?? '', metaBytes: meta?.bytes ?? 0 });
  }

  nextSequence(): SequenceNumber {
    this.state.sequence = ((this.state.sequence + 1) >>> 0) as SequenceNumber;
    return this.state.sequence;
  }

  changeHealth(delta: number, out: Out<GossipMessage>): void {
    const { state } = this;
    const { awarenessMaxMultiplier: multiplier } = this.config;
    const scores = multiplier > 1 && !this.quirks.healthMax7 ? multiplier + 1 : multiplier;
    const health = this.rules.healthAfter(state.health, delta, scores);
    if (health === state.health) return;
    state.health = health;
    out.cell(this.self.name, Cell.health, health);
  }

  /** A random time below the one given. */
  private draw(below: Duration): Duration {
    return Math.floor(this.random.fraction() * below) as Duration;
  }

  where(endpoint: Endpoint): string {
    return `${formatAddress(this.names.address(endpoint))}:${this.names.port(endpoint)}`;
  }

  whereIs(name: NameId): string {
    return this.where(this.describe(name).address);
  }

  nameSize(name: NameId): number {
    return this.lengths.of(name);
  }

  rumourSize(rumour: Rumour): number {
    switch (rumour.type) {
      case 'alive': {
        const { address, addressBytes, metaBytes } = this.descriptions.of(rumour.description);
        const port = this.names.port(address);
        return aliveSize(rumour.incarnation, this.nameSize(rumour.node), addressBytes, port, metaBytes);
      }
      case 'suspect':
      case 'dead':
        return accusationSize(rumour.incarnation, this.nameSize(rumour.node), this.nameSize(rumour.from));
    }
  }

  /** An application's message on a stream. */
  userBytes(bytes: number): number {
    return userHeaderSize(bytes, this.dialect) + bytes;
  }
}

/** Whether a message goes to the worker and is not handled where it was received. */
const isHandedOff = ({ type }: Single): boolean => type === 'alive' || type === 'suspect' || type === 'dead' || type === 'user';
