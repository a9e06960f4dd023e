import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { add, between, type Duration, type Instant, ZERO } from '../time.ts';
import { applySuspect } from './claims.ts';
import { sendAlong, sendTogether } from './dissemination.ts';
import type { Gossip } from './gossip.ts';
import { ageOf, descriptionOf, incarnationOf, memberAt, renew, statusOf } from './members.ts';
import type { Ack, GossipMessage, IndirectPing, Nack, Ping, SequenceNumber, Suspect } from './message.ts';
import { phase } from './phase.ts';
import { helpersFor } from './picks.ts';
import { reached } from './reach.ts';
import { ackSize, indirectPingSize, nackSize, pingSize } from './size.ts';
import type { Probe } from './state.ts';
import { isLive } from './status.ts';
import { openPing } from './streams.ts';
import { Cell, Timer } from './tables.ts';

type GossipOut = Out<GossipMessage>;

/** Least protocol versions (pmax) that know a ping over TCP and a nack. */
const FALLBACK_VERSION = 3;
const NACK_VERSION = 4;

/** A new protocol period. While a probe is running, one tick is kept and served when it ends; more are lost. */
export function probeTick(g: Gossip, now: Instant, out: GossipOut): void {
  const { state, config } = g;
  out.setTimer(Timer.probe, 0, (config.probeInterval - phase(now, state.origin, config.probeInterval)) as Duration);
  if (state.probe !== undefined) state.tickPending = true;
  else probeNext(g, now, out);
}

/** Goes on in the probe order until there is somebody to probe, at most once around. */
function probeNext(g: Gossip, now: Instant, out: GossipOut): void {
  const { state } = g;
  const { members } = state;
  for (let checked = 0; checked < members.count; ) {
    if (state.probeIndex >= members.count) {
      renewOrder(g, now, out);
      state.probeIndex = 0;
      checked++;
      continue;
    }
    const node = memberAt(members, state.probeIndex++);
    const status = statusOf(members, node);
    if (node !== g.self.name && status !== undefined && g.rules.mayProbe(status)) return begin(g, now, node, out);
    checked++;
  }
}

/** Once around: forgets who has been gone for long enough, and shuffles. */
function renewOrder(g: Gossip, now: Instant, out: GossipOut): void {
  const { state, config, quirks } = g;
  const { members } = state;
  const isForgotten = (name: NameId): boolean => {
    const status = statusOf(members, name);
    if (status === undefined || isLive(status)) return false;
    return g.rules.isForgotten(status, ageOf(members, name, now), config.gossipToTheDeadTime, !quirks.leftNeverForgotten);
  };
  renew(members, isForgotten, g.random, (name) => {
    out.cell(name, Cell.state, '');
    out.cell(name, Cell.incarnation, '');
  });
  state.estimate = members.count;
}

function begin(g: Gossip, now: Instant, node: NameId, out: GossipOut): void {
  const { state, config } = g;
  const window = g.rules.probeWindow(state.health, config.probeInterval);
  const sequence = g.nextSequence();
  const incarnation = incarnationOf(state.members, node);
  const sent = sendProbe(g, node, sequence, out);
  const probe: Probe = {
    node,
    incarnation,
    sequence,
    startedAt: now,
    deadline: add(now, window),
    unsent: !sent,
    indirect: false,
    expectedNacks: 0,
    nacks: 0,
    fallback: undefined,
    fallbackAnswered: false,
  };
  if (!sent) {
    out.log(`[ERR] memberlist: Failed to send ${kindOfPing(g)}: write udp ${g.whereIs(node)}: sendto: network is unreachable`);
    if (g.quirks.udpErrorEndsProbe) return;
  }
  state.probe = probe;
  const patience = g.quirks.timeoutUnscaled ? config.probeTimeout : config.probeTimeout * (state.health + 1);
  if (sent) out.setTimer(Timer.direct, 0, Math.min(patience, window) as Duration);
  else askHelpers(g, now, probe, out);
}

/** Pings the member; a suspect is told so in the same packet, so that it can refute at once (Lifeguard's buddy system). */
function sendProbe(g: Gossip, node: NameId, sequence: SequenceNumber, out: GossipOut): boolean {
  const address = g.descriptions.addressOf(descriptionOf(g.state.members, node));
  const { name } = g.self;
  const ping: Ping = { type: 'ping', sequence, node, source: g.self.address, sourceNode: name };
  const bytes = sizeOfPing(g, ping);
  const status = statusOf(g.state.members, node);
  if (status === undefined || !g.rules.warnsAccused(status)) return sendAlong(g, address, ping, bytes, out);
  const suspect: Suspect = { type: 'suspect', incarnation: incarnationOf(g.state.members, node), node, from: name };
  return sendTogether(g, node, [ping, suspect], bytes + g.rumourSize(suspect), out);
}

const sizeOfPing = (g: Gossip, { sequence, node }: Ping): number =>
  pingSize(sequence, g.nameSize(node), g.self.addressBytes, g.ownPort, g.ownNameSize);

/** What the log calls a direct ping: it did not say how it went before the versions of the new dialect. */
const kindOfPing = ({ dialect }: Gossip): string => (dialect === 'old' ? 'ping' : 'UDP ping');

/** The direct answer is late: helpers ping for us, and we ourselves try TCP. */
export function directTimedOut(g: Gossip, now: Instant, out: GossipOut): void {
  const { probe } = g.state;
  if (probe === undefined || probe.indirect) return;
  out.log(`[DEBUG] memberlist: Failed ${kindOfPing(g)}: ${g.names.text(probe.node)} (timeout reached)`);
  askHelpers(g, now, probe, out);
}

function askHelpers(g: Gossip, now: Instant, probe: Probe, out: GossipOut): void {
  const { config } = g;
  const { node, sequence } = probe;
  probe.indirect = true;
  // On a busy host the direct time-out may come after the deadline.
  out.setTimer(Timer.deadline, 0, now < probe.deadline ? between(now, probe.deadline) : ZERO);
  for (const helper of helpersFor(g, node)) {
    const { address, versions } = g.describe(helper);
    const nack = versions[1] >= NACK_VERSION;
    if (nack) probe.expectedNacks++;
    const request = indirectPing(g, node, sequence, nack);
    sendAlong(g, address, request.message, request.bytes, out);
  }
  const isDisabled = config.disableTcpPings || config.disableTcpPingsFor?.(node) === true;
  if (!isDisabled && g.describe(node).versions[1] >= FALLBACK_VERSION) {
    const source = g.self;
    const ping: Ping = { type: 'ping', sequence, node, source: source.address, sourceNode: source.name };
    probe.fallback = openPing(g, ping, sizeOfPing(g, ping), out);
  }
}

function indirectPing(
  g: Gossip,
  node: NameId,
  sequence: SequenceNumber,
  nack: boolean,
): { readonly message: IndirectPing; readonly bytes: number } {
  const { address, addressBytes } = g.describe(node);
  const bytes = indirectPingSize({
    sequence,
    targetBytes: addressBytes,
    targetPort: g.names.port(address),
    node: g.nameSize(node),
    sourceBytes: g.self.addressBytes,
    sourcePort: g.ownPort,
    self: g.ownNameSize,
  });
  const { address: source, name: sourceNode } = g.self;
  return { message: { type: 'indirect-ping', sequence, target: address, node, nack, source, sourceNode }, bytes };
}

/** The time for the probe is over. */
export function deadlinePassed(g: Gossip, now: Instant, out: GossipOut): void {
  const { probe } = g.state;
  if (probe === undefined || !probe.indirect) return;
  const name = g.names.text(probe.node);
  if (probe.fallbackAnswered) {
    out.log(`[WARN] memberlist: Was able to connect to ${name} over TCP but UDP probes failed, network may be misconfigured`);
    return succeed(g, now, probe, out);
  }
  g.changeHealth(g.rules.failedProbeDelta(probe.expectedNacks, probe.nacks), out);
  out.log(`[INFO] memberlist: Suspect ${name} has failed, no acks received`);
  const { incarnation, node } = probe;
  applySuspect(g, now, { type: 'suspect', incarnation, node, from: g.self.name }, out);
  finish(g, now, probe, out);
}

function succeed(g: Gossip, now: Instant, probe: Probe, out: GossipOut): void {
  if (!(probe.unsent && g.quirks.probeErrorNoCredit)) g.changeHealth(-1, out);
  finish(g, now, probe, out);
}

/** Ends the probe; a tick that came meanwhile is served at once. */
function finish(g: Gossip, now: Instant, probe: Probe, out: GossipOut): void {
  const { state } = g;
  out.cancelTimer(probe.indirect ? Timer.deadline : Timer.direct, 0);
  if (probe.fallback !== undefined && state.conversations.delete(probe.fallback)) out.close(probe.fallback);
  state.probe = undefined;
  if (!state.tickPending) return;
  state.tickPending = false;
  probeNext(g, now, out);
}

/** Somebody asks whether we are there. */
export function answerPing(g: Gossip, { sequence, node, source, sourceNode }: Ping, out: GossipOut): void {
  if (node !== g.self.name) {
    out.log(
      `[WARN] memberlist: Got ping for unexpected node '${g.names.text(node)}' from=${g.where(source)} (${g.names.text(sourceNode)})`,
    );
    return;
  }
  const addition = g.delegate?.ackPayload();
  const ack: Ack = addition === undefined ? { type: 'ack', sequence } : { type: 'ack', sequence, payload: addition.payload };
  sendAlong(g, source, ack, ackSize(sequence, addition?.bytes), out);
}

/** Somebody else could not reach a member and asks us to try. */
export function help(g: Gossip, request: IndirectPing, out: GossipOut): void {
  const { state, config, quirks } = g;
  const sequence = g.nextSequence();
  state.helping.set(sequence, { requester: request.source, sequence: request.sequence, nack: request.nack });
  const { address: source, name: sourceNode } = g.self;
  const ping: Ping = { type: 'ping', sequence, node: request.node, source, sourceNode };
  sendAlong(g, request.target, ping, sizeOfPing(g, ping), out);
  out.setTimer(Timer.helper, sequence, quirks.lateNack ? config.probeTimeout : nackAfter(config.probeTimeout));
}

/** Four fifths of the timeout: early enough to arrive before the asker's deadline (Lifeguard, LHA-Probe). */
const nackAfter = (timeout: Duration): Duration => Math.round(timeout * 0.8) as Duration;

/** A member that we pinged for another has not answered. */
export function helpTimedOut(g: Gossip, sequence: SequenceNumber, out: GossipOut): void {
  const { state, config, quirks } = g;
  const helping = state.helping.get(sequence);
  if (helping === undefined) return;
  if (!helping.nack) {
    state.helping.delete(sequence);
    return;
  }
  helping.nack = false;
  // An answer may still come, if the nack went out early.
  if (quirks.lateNack) state.helping.delete(sequence);
  else out.setTimer(Timer.helper, sequence, (config.probeTimeout - nackAfter(config.probeTimeout)) as Duration);
  const nack: Nack = { type: 'nack', sequence: helping.sequence };
  sendAlong(g, helping.requester, nack, nackSize(nack.sequence), out);
}

export function acknowledged(g: Gossip, now: Instant, { sequence, payload }: Ack, out: GossipOut): void {
  const { state } = g;
  const { probe } = state;
  if (probe?.sequence === sequence) {
    if (!probe.indirect) g.delegate?.pinged(now, probe.node, between(probe.startedAt, now), payload);
    return succeed(g, now, probe, out);
  }
  const helping = state.helping.get(sequence);
  if (helping === undefined) {
    reached(g, now, sequence, out);
    return;
  }
  state.helping.delete(sequence);
  out.cancelTimer(Timer.helper, sequence);
  const ack: Ack = { type: 'ack', sequence: helping.sequence };
  sendAlong(g, helping.requester, ack, ackSize(ack.sequence), out);
}

/** A helper reports that it had no answer either: so at least our link to it is well. */
export function nacked(g: Gossip, { sequence }: Nack): void {
  const { probe } = g.state;
  if (probe?.sequence === sequence) probe.nacks++;
}
