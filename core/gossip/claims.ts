import { contains, formatAddress } from '../address.ts';
import type { Endpoint, NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { type Duration, type Instant, LAST_INSTANT } from '../time.ts';
import { checksumSize, isNamedAsAddress } from './checksum.ts';
import type { Description } from './description.ts';
import { broadcast } from './dissemination.ts';
import { post } from './envelope.ts';
import type { Gossip } from './gossip.ts';
import { ageOf, descriptionOf, incarnationOf, insert, setClaim, setDescription, statusOf } from './members.ts';
import type { Alive, Dead, GossipMessage, Incarnation, Suspect } from './message.ts';
import { LEAVE, type Waiter } from './state.ts';
import { ALIVE, DEAD, isLive, LEFT, STATUSES, type StatusNumber, SUSPECT } from './status.ts';
import { newSuspicion, remaining } from './suspicion.ts';
import { Cell, Timer } from './tables.ts';

/*
 * What a claim about a member does to what a node knows: memberlist's aliveNode, suspectNode and deadNode, step by step.
 */

type GossipOut = Out<GossipMessage>;

/** Where a claim comes from that is no rumour: this node speaks of itself, and refutes nothing. */
export interface Own {
  readonly waiter?: Waiter;
}

export function applyAlive(g: Gossip, now: Instant, alive: Alive, out: GossipOut, own?: Own): void {
  const { members } = g.state;
  const { node, incarnation } = alive;
  if (isRepeated(g, alive)) return;
  const isSelf = node === g.self.name;
  if (isSelf && g.state.leaving) return;
  const claimed = g.descriptions.of(alive.description);
  if (!hasSaneVersions(claimed)) return;
  const refusal = g.delegate?.refusesAlive?.(now, node, claimed);
  if (refusal !== undefined) {
    out.log(`[WARN] memberlist: ignoring alive message for '${g.names.text(node)}': ${refusal}`);
    return;
  }

  let status = statusOf(members, node);
  let moved = false;
  const isNew = status === undefined;
  if (status === undefined) {
    if (!isAllowed(g, claimed.address)) {
      out.log(
        `[WARN] memberlist: Rejected node ${g.names.text(node)} (${addressText(g, claimed.address)}): ${disallowed(g, claimed.address)}`,
      );
      return;
    }
    // Enters as long dead, so that the rest of this makes it a newcomer.
    status = DEAD;
    setClaim(members, node, DEAD, 0 as Incarnation);
    setDescription(members, node, alive.description);
    members.changedAt.set(node, -LAST_INSTANT as Instant);
    insert(members, node, g.random);
    g.state.estimate++;
    if (isNamedAsAddress(g.names, node)) g.state.namedAsAddress = true;
  } else if (!sameAddress(g, alive)) {
    if (!isAllowed(g, claimed.address)) {
      out.log(
        `[WARN] memberlist: Rejected IP update from ${addressText(g, g.describe(node).address)} to ${addressText(g, claimed.address)} for node ${g.names.text(node)}: ${disallowed(g, claimed.address)}`,
      );
      return;
    }
    moved = g.rules.mayChangeAddress(status, ageOf(members, node, now), g.config.deadNodeReclaimTime);
    if (!moved) return conflict(g, now, alive, status, out);
    logMove(g, alive, out);
  }

  const held = incarnationOf(members, node);
  const overrides = isSelf ? g.rules.aliveAboutSelfCounts(held, incarnation) : g.rules.aliveOverrides(held, incarnation, moved);
  if (g.rules.aliveClearsSuspicion(overrides)) endSuspicion(g, node, out);
  if (!overrides) {
    // Of incarnation 0, which no member ever has: such a newcomer stays dead.
    if (isNew) showClaim(g, node, out);
    else if (!isLive(status) && !g.quirks.staleAliveUnanswered) answerStale(g, alive, status, out);
    return;
  }

  const before = descriptionOf(members, node);
  if (isSelf && own === undefined) {
    if (incarnation === held && sameContent(g.descriptions.of(before), claimed)) return;
    out.log(
      `[WARN] memberlist: Refuting an alive message for '${g.names.text(node)}' (${g.where(claimed.address)}) meta:(${claimed.meta} VS ${g.descriptions.of(before).meta})`,
    );
    return refute(g, now, incarnation, out);
  }

  broadcast(g, now, alive, node, out, own?.waiter);
  setClaim(members, node, ALIVE, incarnation);
  setDescription(members, node, alive.description);
  members.changedAt.delete(node);
  out.cell(node, Cell.incarnation, incarnation);
  if (status !== ALIVE) out.cell(node, Cell.state, 'alive');
  if (!isLive(status)) g.delegate?.joined(now, node, out);
  else if (g.descriptions.of(before).meta !== claimed.meta) g.delegate?.updated(now, node, out);
}

/** The common case: a rumour that has been here before, about somebody who is alive. All that follows would find nothing to do. */
function isRepeated(g: Gossip, { node, incarnation, description }: Alive): boolean {
  const { members } = g.state;
  if (statusOf(members, node) !== ALIVE || node === g.self.name || descriptionOf(members, node) !== description) return false;
  return !g.rules.aliveOverrides(incarnationOf(members, node), incarnation, false) && g.delegate?.refusesAlive === undefined;
}

export function applySuspect(g: Gossip, now: Instant, suspect: Suspect, out: GossipOut): void {
  const { members } = g.state;
  const { node, incarnation } = suspect;
  const status = statusOf(members, node);
  if (status === undefined || !g.rules.accusationCounts(incarnationOf(members, node), incarnation)) return;
  if (g.state.suspicions.has(node)) return confirmSuspicion(g, now, suspect, out);
  if (status !== ALIVE) return;
  if (node === g.self.name) {
    out.log(`[WARN] memberlist: Refuting a suspect message (from: ${g.names.text(suspect.from)})`);
    return refute(g, now, incarnation, out);
  }
  broadcast(g, now, suspect, node, out);
  setClaim(members, node, SUSPECT, incarnation);
  members.changedAt.set(node, now);
  out.cell(node, Cell.incarnation, incarnation);
  out.cell(node, Cell.state, 'suspect');
  beginSuspicion(g, now, node, suspect.from, out);
}

export function applyDead(g: Gossip, now: Instant, dead: Dead, out: GossipOut): void {
  const { members } = g.state;
  const { node, incarnation } = dead;
  const status = statusOf(members, node);
  if (status === undefined || !g.rules.accusationCounts(incarnationOf(members, node), incarnation)) return;
  endSuspicion(g, node, out);
  if (!isLive(status)) {
    if (!g.quirks.staleAliveRevives) raise(g, node, status, incarnation, out);
    return;
  }
  const isSelf = node === g.self.name;
  if (isSelf && !g.state.leaving) {
    out.log(`[WARN] memberlist: Refuting a dead message (from: ${g.names.text(dead.from)})`);
    return refute(g, now, incarnation, out);
  }
  broadcast(g, now, dead, node, out, isSelf ? LEAVE : undefined);
  const ended = dead.from === node ? LEFT : DEAD;
  setClaim(members, node, ended, incarnation);
  members.changedAt.set(node, now);
  out.cell(node, Cell.incarnation, incarnation);
  out.cell(node, Cell.state, STATUSES[ended]);
  g.delegate?.left(now, node, out);
}

/** Says that this node is alive, more recently than the accusation: the only way to clear it. */
function refute(g: Gossip, now: Instant, accused: number, out: GossipOut): void {
  const { state } = g;
  const { name } = g.self;
  const incarnation = (g.rules.refutation(state.incarnation + 1, accused) >>> 0) as Incarnation;
  state.incarnation = incarnation;
  setClaim(state.members, name, ALIVE, incarnation);
  out.cell(name, Cell.incarnation, incarnation);
  g.changeHealth(+1, out);
  const description = descriptionOf(state.members, name);
  const key = g.quirks.refuteKeyIsAddress ? g.names.id(g.whereIs(name)) : name;
  broadcast(g, now, { type: 'alive', incarnation, node: name, description }, key, out);
}

/**
 * Tells a member that still says it is alive that it is held to be gone, so that it refutes. Restarted, it begins with a low
 * incarnation again, and if those it joined were restarted too nobody else may tell it.
 */
function answerStale(g: Gossip, { node, description }: Alive, status: StatusNumber, out: GossipOut): void {
  const { address, versions } = g.descriptions.of(description);
  const from = status === LEFT ? node : g.self.name;
  const dead: Dead = { type: 'dead', incarnation: incarnationOf(g.state.members, node), node, from };
  post(g, address, dead, g.rumourSize(dead) + checksumSize(versions), out);
}

/** Whether members may be at an address, or speak from it. */
export function isAllowed(g: Gossip, endpoint: Endpoint): boolean {
  const { cidrsAllowed } = g.config;
  if (cidrsAllowed.length === 0) return true;
  const address = g.names.address(endpoint);
  return cidrsAllowed.some((prefix) => contains(prefix, address));
}

const addressText = (g: Gossip, endpoint: Endpoint): string => formatAddress(g.names.address(endpoint));

/** As Go words it. */
export const disallowed = (g: Gossip, endpoint: Endpoint): string => `${addressText(g, endpoint)} is not allowed`;

/** This node's first word about itself, or a new description of it. */
export function announceSelf(g: Gossip, now: Instant, out: GossipOut, waiter?: Waiter): void {
  const { state } = g;
  state.incarnation++;
  const description = g.ownDescription();
  const alive: Alive = { type: 'alive', incarnation: state.incarnation, node: g.self.name, description };
  applyAlive(g, now, alive, out, waiter === undefined ? {} : { waiter });
}

function hasSaneVersions({ versions: [least, most] }: Description): boolean {
  return least !== 0 && most !== 0 && least <= most;
}

function sameAddress(g: Gossip, { node, description }: Alive): boolean {
  const held = descriptionOf(g.state.members, node);
  if (held === description) return true;
  const [known, claimed] = [g.descriptions.of(held), g.descriptions.of(description)];
  const sameBytes = known.addressBytes === claimed.addressBytes || !g.quirks.addrBytesStrict;
  return known.address === claimed.address && sameBytes;
}

const sameContent = (a: Description, b: Description): boolean =>
  a.meta === b.meta && a.versions.every((version, i) => version === b.versions[i]);

function conflict(g: Gossip, now: Instant, { node, description }: Alive, status: StatusNumber, out: GossipOut): void {
  const theirs = g.where(g.descriptions.of(description).address);
  out.log(
    `[ERR] memberlist: Conflicting address for ${g.names.text(node)}. Mine: ${g.whereIs(node)} Theirs: ${theirs} Old state: ${status}`,
  );
  g.delegate?.conflicted(now, node, description, out);
}

function logMove(g: Gossip, { node, description }: Alive, out: GossipOut): void {
  const to = g.where(g.descriptions.of(description).address);
  out.log(`[INFO] memberlist: Updating address for left or failed node ${g.names.text(node)} from ${g.whereIs(node)} to ${to}`);
}

/** Shows what is held of a member. */
function showClaim(g: Gossip, node: NameId, out: GossipOut): void {
  const { members } = g.state;
  out.cell(node, Cell.state, STATUSES[statusOf(members, node) as StatusNumber]);
  out.cell(node, Cell.incarnation, incarnationOf(members, node));
}

/** Takes the higher incarnation of evidence that changes nothing else, so that an alive between the two cannot revive. */
function raise(g: Gossip, node: NameId, status: StatusNumber, incarnation: Incarnation, out: GossipOut): void {
  if (incarnation <= incarnationOf(g.state.members, node)) return;
  setClaim(g.state.members, node, status, incarnation);
  out.cell(node, Cell.incarnation, incarnation);
}

function beginSuspicion(g: Gossip, now: Instant, node: NameId, accuser: NameId, out: GossipOut): void {
  const { suspicionMult, probeInterval, suspicionMaxTimeoutMult } = g.config;
  const { estimate } = g.state;
  const min = g.rules.suspicionMinimum(suspicionMult, estimate, probeInterval);
  const range = {
    expected: g.rules.expectedConfirmations(suspicionMult, estimate),
    min,
    max: (min * suspicionMaxTimeoutMult) as Duration,
  };
  g.state.suspicions.set(node, newSuspicion(now, accuser, range));
  out.setTimer(Timer.suspicion, node, g.rules.suspicionTimeout(0, range));
}

function confirmSuspicion(g: Gossip, now: Instant, suspect: Suspect, out: GossipOut): void {
  const { node } = suspect;
  const suspicion = g.state.suspicions.get(node);
  if (suspicion === undefined) return;
  if (!g.quirks.confirmationKeepsIncarnation) raise(g, node, SUSPECT, suspect.incarnation, out);
  const isNews = g.rules.confirm(suspicion, suspect.from);
  if (g.rules.confirmationIsPassedOn(isNews)) broadcast(g, now, suspect, node, out);
  if (!isNews) return;
  const left = remaining(suspicion, g.rules.suspicionTimeout(suspicion.confirmations, suspicion), now);
  if (left > 0) out.setTimer(Timer.suspicion, node, left as Duration);
  else {
    out.cancelTimer(Timer.suspicion, node);
    suspicionRanOut(g, now, node, out);
  }
}

function endSuspicion(g: Gossip, node: NameId, out: GossipOut): void {
  if (g.state.suspicions.delete(node)) out.cancelTimer(Timer.suspicion, node);
}

/** The suspect stayed silent for too long. */
export function suspicionRanOut(g: Gossip, now: Instant, node: NameId, out: GossipOut): void {
  const suspicion = g.state.suspicions.get(node);
  if (suspicion === undefined || statusOf(g.state.members, node) !== SUSPECT) return;
  out.log(
    `[INFO] memberlist: Marking ${g.names.text(node)} as failed, suspect timeout reached (${suspicion.confirmations} peer confirmations)`,
  );
  const incarnation = incarnationOf(g.state.members, node);
  applyDead(g, now, { type: 'dead', incarnation, node, from: g.self.name }, out);
}
