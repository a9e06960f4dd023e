import { formatAddress } from '../address.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Out, StreamEvent, StreamId } from '../protocol.ts';
import type { Duration, Instant } from '../time.ts';
import { applyAlive, applyDead, applySuspect } from './claims.ts';
import type { DescriptionId } from './description.ts';
import { openStreamed, postStream, type Refused } from './envelope.ts';
import type { Gossip } from './gossip.ts';
import { descriptionOf, incarnationOf, statusOf } from './members.ts';
import type { Ack, GossipMessage, Incarnation, NodeStates, Ping, PushPull, User } from './message.ts';
import { exchangePeer } from './picks.ts';
import { nodeStates, versionsAgree } from './pushpull.ts';
import { ackSize, errorSize, pushPullHeaderSize, textSize, unsignedSize } from './size.ts';
import type { Conversation, Join } from './state.ts';
import { ALIVE, LEFT, type StatusNumber } from './status.ts';
import { Timer } from './tables.ts';
import { isStreamed } from './wellformed.ts';

/*
 * Everything that goes over streams: exchanges of state (to join, and now and then), and the ping over TCP.
 */

type GossipOut = Out<GossipMessage>;

const UNNAMED = 'memberlist: node names are required by configuration but one was not provided';

/** More exchanges at a time are turned away without an answer. */
const MOST_SERVED = 127;

/** Contacts one address after another, also after a success; whoever asked is told at the end. */
export function join(g: Gossip, now: Instant, id: number, wanted: Join, named: boolean, out: GossipOut): void {
  g.state.joins.set(id, wanted);
  if (g.config.requireNodeNames && !named)
    for (const address of wanted.addresses.splice(0)) wanted.problems.push({ address, problem: UNNAMED });
  joinNext(g, now, id, out);
}

function joinNext(g: Gossip, now: Instant, id: number, out: GossipOut): void {
  const pending = g.state.joins.get(id);
  if (pending === undefined) return;
  const to = pending.addresses.shift();
  if (to !== undefined) return startExchange(g, { role: 'join', join: id, to }, to, out);
  g.state.joins.delete(id);
  const result = { contacted: pending.contacted, problems: pending.problems };
  if (pending.by === 'command') out.reply(id, result);
  else g.delegate?.contacted(now, id, result, out);
}

/** First a random wait, so that the members of a cluster started together do not all exchange at once; then one interval after another. */
export function pushPullTick(g: Gossip, out: GossipOut): void {
  const { state } = g;
  if (state.pushPull === 'staggering') return waitForPushPull(g, out);
  const node = exchangePeer(g);
  if (node === undefined) return waitForPushPull(g, out);
  state.pushPull = 'exchanging';
  const to = g.describe(node).address;
  startExchange(g, { role: 'push-pull', node, to }, to, out);
}

function waitForPushPull(g: Gossip, out: GossipOut): void {
  const { state, config } = g;
  state.pushPull = 'waiting';
  out.setTimer(Timer.pushPull, 0, (config.pushPullInterval * g.rules.pushPullScale(state.estimate)) as Duration);
}

/** The ping over TCP, tried beside the helpers. */
export function openPing(g: Gossip, ping: Ping, bytes: number, out: GossipOut): StreamId {
  const stream = out.open(g.streamSocket, g.describe(ping.node).address);
  g.state.conversations.set(stream, { role: 'ping', ping, bytes });
  return stream;
}

function startExchange(g: Gossip, conversation: Conversation, to: Endpoint, out: GossipOut): void {
  const node = conversation.role === 'push-pull' ? g.names.text(conversation.node) : '';
  out.log(`[DEBUG] memberlist: Initiating push/pull sync with: ${node} ${g.where(to)}`);
  const stream = out.open(g.streamSocket, to);
  g.state.conversations.set(stream, conversation);
  out.setTimer(Timer.stream, stream, g.config.tcpTimeout);
}

/** The peer listens. What we want is said only now, so that nothing of a dial that was given up arrives after all. */
function dialled(g: Gossip, stream: StreamId, conversation: Conversation, out: GossipOut): void {
  if (conversation.role === 'server') return;
  if (conversation.role === 'ping') return postStream(g, stream, conversation.ping, conversation.bytes, true, out);
  // The deadline for dialling is over, that for what follows begins.
  out.setTimer(Timer.stream, stream, g.config.tcpTimeout);
  const { message, bytes } = ownState(g, conversation.role === 'join');
  postStream(g, stream, message, bytes, true, out);
}

function ownState(g: Gossip, isJoin: boolean): { readonly message: PushPull; readonly bytes: number } {
  const nodes = nodeStates(g.state.members);
  const user = g.delegate?.localState(isJoin);
  const message: PushPull = { type: 'push-pull', join: isJoin, nodes, user: user?.state };
  return { message, bytes: bytesOf(g, nodes, user?.bytes ?? 0) };
}

/** @param userBytes of the application's part */
function bytesOf(g: Gossip, { names, incarnations, descriptions }: NodeStates, userBytes: number): number {
  const { length } = names;
  let bytes = pushPullHeaderSize(length, userBytes, g.dialect) + userBytes;
  for (let i = 0; i < length; i++) {
    bytes += g.descriptions.recordBytesOf(descriptions[i] as number);
    bytes += g.nameSize(names[i] as NameId) + unsignedSize(incarnations[i] as number);
  }
  return bytes;
}

export function streamed(g: Gossip, now: Instant, stream: StreamId, event: StreamEvent<GossipMessage>, out: GossipOut): void {
  if (event.type === 'accepted') return accept(g, stream, event.from, out);
  const conversation = g.state.conversations.get(stream);
  if (conversation === undefined) return;
  switch (event.type) {
    case 'opened':
      return dialled(g, stream, conversation, out);
    case 'data':
      return received(g, now, stream, conversation, event.message, out);
    default:
      return ended(g, now, stream, conversation, problemOf(g, conversation, event.type), out);
  }
}

/** The other side took too long. */
export function streamTimedOut(g: Gossip, now: Instant, stream: StreamId, out: GossipOut): void {
  const conversation = g.state.conversations.get(stream);
  if (conversation === undefined) return;
  out.close(stream);
  ended(g, now, stream, conversation, problemOf(g, conversation, 'timed-out'), out);
}

function accept(g: Gossip, stream: StreamId, from: Endpoint, out: GossipOut): void {
  out.log(`[DEBUG] memberlist: Stream connection from=${g.where(from)}`);
  g.state.conversations.set(stream, { role: 'server', from });
  out.setTimer(Timer.stream, stream, g.config.tcpTimeout);
}

function received(g: Gossip, now: Instant, stream: StreamId, conversation: Conversation, message: unknown, out: GossipOut): void {
  const opened = openStreamed(g, message, conversation.role === 'server');
  if (opened.problem !== undefined) {
    if (conversation.role === 'server') return turnAway(g, stream, conversation.from, opened, out);
    out.close(stream);
    return ended(g, now, stream, conversation, opened.problem, out);
  }
  const { content } = opened;
  if (!isStreamed(content, g.names, g.descriptions)) {
    out.log('[ERR] memberlist: Received invalid msgType');
    out.close(stream);
    return ended(g, now, stream, conversation, 'received invalid msgType', out);
  }
  if (content.type === 'err') {
    out.close(stream);
    return ended(g, now, stream, conversation, `remote error: ${content.text}`, out);
  }
  return understood(g, now, stream, conversation, content, out);
}

/** Whoever opened a stream to us in an envelope that we cannot open hears so, unless it is of another label. */
function turnAway(g: Gossip, stream: StreamId, from: Endpoint, refused: Refused, out: GossipOut): void {
  const { problem, answered } = refused;
  out.log(`[ERR] memberlist: ${answered ? `failed to receive: ${problem}` : problem} from=${g.where(from)}`);
  if (answered) postStream(g, stream, { type: 'err', text: problem }, errorSize(textSize(problem)), false, out);
  out.close(stream);
  forget(g, stream, out);
}

function understood(
  g: Gossip,
  now: Instant,
  stream: StreamId,
  conversation: Conversation,
  message: Ping | Ack | User | PushPull,
  out: GossipOut,
): void {
  switch (conversation.role) {
    case 'server':
      return serve(g, now, stream, conversation.from, message, out);
    case 'ping':
      if (message.type === 'ack' && message.sequence === conversation.ping.sequence) fallbackAnswered(g, stream);
      out.close(stream);
      return forget(g, stream, out);
    default:
      if (message.type !== 'push-pull') return;
      return replied(g, now, stream, conversation, message, out);
  }
}

/** The peer's request: a state to exchange, or a ping. */
function serve(g: Gossip, now: Instant, stream: StreamId, from: Endpoint, message: GossipMessage, out: GossipOut): void {
  if (message.type === 'ping' && message.node === g.self.name) {
    postStream(g, stream, { type: 'ack', sequence: message.sequence }, ackSize(message.sequence), false, out);
  }
  const isExchange = message.type === 'push-pull' && served(g) <= MOST_SERVED;
  if (isExchange) {
    const reply = ownState(g, message.join);
    postStream(g, stream, reply.message, reply.bytes, false, out);
  }
  out.close(stream);
  forget(g, stream, out);
  if (message.type === 'user') return g.delegate?.received(now, message.message, out);
  if (!isExchange) return;
  const problem = merge(g, now, message, out);
  if (problem !== undefined) out.log(`[ERR] memberlist: Failed push/pull merge: ${problem} from=${g.where(from)}`);
}

/** Streams that peers opened to us and that are not finished, the present one included. */
function served(g: Gossip): number {
  let count = 0;
  for (const conversation of g.state.conversations.values()) {
    if (conversation.role === 'server') count++;
  }
  return count;
}

function replied(g: Gossip, now: Instant, stream: StreamId, conversation: Conversation, message: PushPull, out: GossipOut): void {
  out.close(stream);
  const problem = merge(g, now, message, out);
  ended(g, now, stream, conversation, problem, out);
}

/** What a stream's end means for what it was used for. @param problem undefined when it served its purpose */
function ended(
  g: Gossip,
  now: Instant,
  stream: StreamId,
  conversation: Conversation,
  problem: string | undefined,
  out: GossipOut,
): void {
  forget(g, stream, out);
  if (conversation.role === 'join') {
    const pending = g.state.joins.get(conversation.join);
    if (problem === undefined) {
      if (pending !== undefined) pending.contacted++;
    } else {
      pending?.problems.push({ address: conversation.to, problem });
      out.log(`[DEBUG] memberlist: Failed to join ${formatAddress(g.names.address(conversation.to))}: ${problem}`);
    }
    joinNext(g, now, conversation.join, out);
  } else if (conversation.role === 'push-pull') {
    if (problem !== undefined) {
      out.log(`[ERR] memberlist: Push/Pull with ${g.names.text(conversation.node)} failed: ${problem}`);
    }
    waitForPushPull(g, out);
  }
}

function forget(g: Gossip, stream: StreamId, out: GossipOut): void {
  g.state.conversations.delete(stream);
  out.cancelTimer(Timer.stream, stream);
}

function fallbackAnswered(g: Gossip, stream: StreamId): void {
  const { probe } = g.state;
  if (probe?.fallback === stream) probe.fallbackAnswered = true;
}

/** As Go's net package words it. */
function problemOf(
  g: Gossip,
  conversation: Conversation,
  type: Exclude<StreamEvent<unknown>['type'], 'data' | 'accepted' | 'opened'>,
): string {
  const to = 'to' in conversation ? g.where(conversation.to) : '';
  switch (type) {
    case 'refused':
      return `dial tcp ${to}: connect: connection refused`;
    case 'unreachable':
      return `dial tcp ${to}: connect: no route to host`;
    case 'timed-out':
      return `dial tcp ${to}: i/o timeout`;
    case 'reset':
      return `read tcp ${to}: read: connection reset by peer`;
    case 'closed':
      return 'EOF';
  }
}

/**
 * Takes over what another member knows, by the ordinary rules, as if it had been gossiped: except that deaths are only suspected.
 *
 * @returns why nothing was taken over
 */
function merge(g: Gossip, now: Instant, remote: PushPull, out: GossipOut): string | undefined {
  if (!versionsAgree(g.state.members, remote.nodes, g.descriptions)) {
    return 'Node protocol version or delegate protocol version is not compatible with the rest of the cluster';
  }
  const { nodes } = remote;
  const refusal = remote.join ? g.delegate?.refusesMerge?.(now, nodes) : undefined;
  if (refusal !== undefined) return refusal;
  for (let i = 0; i < nodes.names.length; i++) {
    if (!isOldNews(g, nodes, i)) mergeRecord(g, now, nodes, i, out);
  }
  if (remote.user !== undefined) g.delegate?.merge(now, remote.user, remote.join, out);
  return undefined;
}

/** The common case, without making a message of it: what we know too. */
function isOldNews(g: Gossip, nodes: NodeStates, i: number): boolean {
  const { members } = g.state;
  const node = nodes.names[i] as NameId;
  return (
    nodes.states[i] === ALIVE &&
    node !== g.self.name &&
    statusOf(members, node) === ALIVE &&
    descriptionOf(members, node) === nodes.descriptions[i] &&
    !g.rules.aliveOverrides(incarnationOf(members, node), nodes.incarnations[i] as number, false)
  );
}

function mergeRecord(g: Gossip, now: Instant, nodes: NodeStates, i: number, out: GossipOut): void {
  const node = nodes.names[i] as NameId;
  const incarnation = nodes.incarnations[i] as Incarnation;
  const status = g.rules.mergesAs(nodes.states[i] as StatusNumber);
  if (status === ALIVE) {
    const description = nodes.descriptions[i] as DescriptionId;
    applyAlive(g, now, { type: 'alive', incarnation, node, description }, out);
  } else if (status === LEFT) {
    applyDead(g, now, { type: 'dead', incarnation, node, from: node }, out);
  } else {
    applySuspect(g, now, { type: 'suspect', incarnation, node, from: g.self.name }, out);
  }
}
