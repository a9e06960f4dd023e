import { formatAddress, parseAddress } from '../address.ts';
import { textBytes } from '../gossip/gossip.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { Out, WriteOutcome } from '../protocol.ts';
import { between, type Instant, milliseconds, seconds } from '../time.ts';
import type { MemberEvent } from './coalesce.ts';
import { isLamportTime, type LamportTime } from './lamport.ts';
import { namesOf } from './members.ts';
import type { Serf } from './serf.ts';
import { Timer, Write } from './tables.ts';

/*
 * The snapshot: lines in a file that say who was there and what was heard, so that a node that starts again joins by itself and
 * hears nothing twice.
 */

/** What is written waits in memory, and goes out with the first line after that time. */
const FLUSH_INTERVAL = milliseconds(500);
/** Between looks at the member clock. */
const CLOCK_INTERVAL = milliseconds(500);
/** What waits goes out before it is longer. */
const BUFFER = 4096;
/** After a write has failed, how long until a new file is tried. */
const RECOVERY_INTERVAL = seconds(30);

export interface SnapshotState {
  /** Where the living members are. */
  readonly alive: Map<string, Endpoint>;
  memberTime: LamportTime;
  eventTime: LamportTime;
  queryTime: LamportTime;
  leaving: boolean;
  /** What is not written yet, and how long the file and this are together. */
  buffer: string;
  bytes: number;
  flushedAt: Instant | undefined;
  /** Whether what waits is old, and long in the file with a real agent. */
  isOld: boolean;
  /** Why the file cannot be written any more, and when a new one was tried last. */
  broken: string | undefined;
  triedAt: Instant | undefined;
  recovering: boolean;
}

/** What a snapshot says. */
interface Replayed {
  readonly alive: Map<string, Endpoint>;
  readonly memberTime: LamportTime;
  readonly eventTime: LamportTime;
  readonly queryTime: LamportTime;
}

const NEVER = 0 as LamportTime;

/**
 * Reads the text of a snapshot; later lines win. A last line without its end is none.
 *
 * @param rejoins whether a departure is to be overlooked; else nothing of before it counts
 * @param warn is told of what cannot be read
 */
export function replay(text: string, names: Names, rejoins: boolean, warn: (line: string) => void): Replayed {
  const alive = new Map<string, Endpoint>();
  const times = { clock: NEVER, 'event-clock': NEVER, 'query-clock': NEVER };
  for (const line of text.split('\n').slice(0, -1)) {
    const [, key = '', value = ''] = /^(alive|not-alive|clock|event-clock|query-clock|coordinate): (.*)$/s.exec(line) ?? [];
    if (key === 'alive') {
      const split = value.lastIndexOf(' ');
      const place = split < 0 ? undefined : readPlace(value.slice(split + 1), names);
      if (place === undefined) warn(`[WARN] serf: Failed to parse address: ${line}`);
      else alive.set(value.slice(0, split), place);
    } else if (key === 'not-alive') alive.delete(value);
    else if (key === 'clock' || key === 'event-clock' || key === 'query-clock') {
      const time = /^\d+$/.test(value) ? Number(value) : undefined;
      if (isLamportTime(time)) times[key] = time;
      else
        warn(
          `[WARN] serf: Failed to convert ${key.replace('-', ' ')} time: strconv.ParseUint: parsing "${value}": invalid syntax`,
        );
    } else if (line === 'leave') {
      if (rejoins) warn('[INFO] serf: Ignoring previous leave in snapshot');
      else {
        alive.clear();
        Object.assign(times, { clock: NEVER, 'event-clock': NEVER, 'query-clock': NEVER });
      }
    } else if (key === '' && !line.startsWith('#')) warn(`[WARN] serf: Unrecognized snapshot line: ${line}`);
  }
  return { alive, memberTime: times.clock, eventTime: times['event-clock'], queryTime: times['query-clock'] };
}

function readPlace(text: string, names: Names): Endpoint | undefined {
  const [, host = '', port = ''] = /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  const address = parseAddress(host);
  return address === undefined || Number(port) > 0xff_ff ? undefined : names.endpoint(address, Number(port));
}

/** Opens the snapshot: what it says is known from here on, and the file is continued. */
export function openSnapshot(s: Serf, records: readonly unknown[], out: Out<never>): SnapshotState {
  const text = records.filter((record) => typeof record === 'string').join('');
  const { alive, memberTime, eventTime, queryTime } = replay(text, s.names, s.config.rejoinAfterLeave, (line) => out.log(line));
  const snapshot: SnapshotState = {
    alive,
    memberTime,
    eventTime,
    queryTime,
    leaving: false,
    buffer: '',
    bytes: textBytes(text),
    flushedAt: undefined,
    isOld: false,
    broken: undefined,
    triedAt: undefined,
    recovering: false,
  };
  s.state.snapshot = snapshot;
  out.setTimer(Timer.clock, 0, CLOCK_INTERVAL);
  return snapshot;
}

export function clockTick(s: Serf, now: Instant, out: Out<never>): void {
  out.setTimer(Timer.clock, 0, CLOCK_INTERVAL);
  const { snapshot } = s.state;
  if (snapshot === undefined) return;
  recordClock(s, snapshot, now, out);
  if (snapshot.isOld && snapshot.broken === undefined) flush(s, snapshot, snapshot.buffer.length, out);
  snapshot.isOld = false;
}

/** This node has been put among members that it is to have known for long. */
export function recordCompany(s: Serf): void {
  const { snapshot, members } = s.state;
  if (snapshot === undefined) return;
  for (const node of namesOf(members)) {
    const name = s.names.text(node);
    const { address } = s.gossip.describe(node);
    if (snapshot.alive.get(name) === address) continue;
    snapshot.alive.set(name, address);
    const line = aliveLine(s, name, address);
    snapshot.buffer += line;
    snapshot.bytes += textBytes(line);
  }
  snapshot.isOld = true;
}

export function recordMember(s: Serf, now: Instant, node: NameId, event: MemberEvent, out: Out<never>): void {
  const { snapshot } = s.state;
  if (snapshot === undefined || snapshot.leaving) return;
  const name = s.names.text(node);
  if (event === 'member-join') {
    const { address } = s.gossip.describe(node);
    snapshot.alive.set(name, address);
    append(s, snapshot, now, aliveLine(s, name, address), out);
  } else if (event === 'member-leave' || event === 'member-failed') {
    snapshot.alive.delete(name);
    append(s, snapshot, now, `not-alive: ${name}\n`, out);
  }
  recordClock(s, snapshot, now, out);
}

export function recordEvent(s: Serf, now: Instant, time: LamportTime, out: Out<never>): void {
  const { snapshot } = s.state;
  if (snapshot === undefined || snapshot.leaving || time <= snapshot.eventTime) return;
  snapshot.eventTime = time;
  append(s, snapshot, now, `event-clock: ${time}\n`, out);
}

export function recordQuery(s: Serf, now: Instant, time: LamportTime, out: Out<never>): void {
  const { snapshot } = s.state;
  if (snapshot === undefined || snapshot.leaving || time <= snapshot.queryTime) return;
  snapshot.queryTime = time;
  append(s, snapshot, now, `query-clock: ${time}\n`, out);
}

/** We leave: from now on it is to be forgotten who was there, unless we are to come back. */
export function recordLeave(s: Serf, now: Instant, out: Out<never>): void {
  const { snapshot } = s.state;
  if (snapshot === undefined) return;
  snapshot.leaving = true;
  if (!s.config.rejoinAfterLeave) snapshot.alive.clear();
  append(s, snapshot, now, 'leave\n', out);
  finishFile(s, snapshot, out);
}

/** We stop. */
export function closeSnapshot(s: Serf, now: Instant, out: Out<never>): void {
  const { snapshot } = s.state;
  if (snapshot === undefined) return;
  out.cancelTimer(Timer.clock, 0);
  recordClock(s, snapshot, now, out);
  finishFile(s, snapshot, out);
}

function recordClock(s: Serf, snapshot: SnapshotState, now: Instant, out: Out<never>): void {
  if (snapshot.leaving && !s.quirks.leaveThenClock) return;
  const used = (s.state.memberTime - 1) as LamportTime;
  if (used <= snapshot.memberTime) return;
  snapshot.memberTime = used;
  append(s, snapshot, now, `clock: ${used}\n`, out);
}

function append(s: Serf, snapshot: SnapshotState, now: Instant, line: string, out: Out<never>): void {
  if (snapshot.broken !== undefined) return failed(s, snapshot, now, snapshot.broken, out);
  snapshot.buffer += line;
  snapshot.bytes += textBytes(line);
  while (textBytes(snapshot.buffer) > BUFFER) flush(s, snapshot, BUFFER, out);
  if (snapshot.flushedAt === undefined || between(snapshot.flushedAt, now) > FLUSH_INTERVAL) {
    snapshot.flushedAt = now;
    flush(s, snapshot, snapshot.buffer.length, out);
  }
  if (s.rules.isCompacted(snapshot.bytes, snapshot.alive.size)) compact(s, snapshot, now, out);
}

/** Writes the first characters of what waits. */
function flush(s: Serf, snapshot: SnapshotState, length: number, out: Out<never>): void {
  const text = snapshot.buffer.slice(0, length);
  snapshot.buffer = snapshot.buffer.slice(length);
  if (text !== '') out.append(fileOf(s), text, textBytes(text), Write.append);
}

function finishFile(s: Serf, snapshot: SnapshotState, out: Out<never>): void {
  if (snapshot.broken === undefined) flush(s, snapshot, snapshot.buffer.length, out);
  out.sync(fileOf(s), Write.sync);
}

/** Writes a new file with what is known now in the place of the old one. */
function compact(s: Serf, snapshot: SnapshotState, now: Instant, out: Out<never>): void {
  const { alive, memberTime, eventTime, queryTime } = snapshot;
  const lines = [...alive].map(([name, address]) => aliveLine(s, name, address));
  const text = `${lines.join('')}clock: ${memberTime}\nevent-clock: ${eventTime}\nquery-clock: ${queryTime}\n`;
  snapshot.buffer = '';
  snapshot.bytes = textBytes(text);
  snapshot.flushedAt = now;
  out.replace(fileOf(s), [text], snapshot.bytes, Write.compact);
  if (s.rules.syncsCompaction()) out.sync(fileOf(s), Write.sync);
}

/** The file could not be written. */
function failed(s: Serf, snapshot: SnapshotState, now: Instant, problem: string, out: Out<never>): void {
  out.log(`[ERR] serf: Failed to update snapshot: ${problem}`);
  if (snapshot.triedAt !== undefined && between(snapshot.triedAt, now) <= RECOVERY_INTERVAL) return;
  snapshot.triedAt = now;
  snapshot.recovering = true;
  out.log('[INFO] serf: Attempting compaction to recover from error...');
  compact(s, snapshot, now, out);
}

/** What a write to the snapshot came to. */
export function snapshotWritten(s: Serf, now: Instant, write: number, outcome: WriteOutcome, out: Out<never>): void {
  const { snapshot } = s.state;
  if (snapshot === undefined || write === Write.sync) return;
  const problem = `write ${fileOf(s)}: ${outcome === 'full' ? 'no space left on device' : 'input/output error'}`;
  if (write === Write.append) {
    if (outcome === 'ok' || snapshot.broken !== undefined) return;
    snapshot.broken = problem;
    return failed(s, snapshot, now, problem, out);
  }
  const wasRecovering = snapshot.recovering;
  snapshot.recovering = false;
  if (outcome === 'ok') {
    snapshot.broken = undefined;
    if (wasRecovering) out.log('[INFO] serf: Finished compaction, successfully recovered from error state');
  } else if (wasRecovering) {
    out.log(`[ERR] serf: Compaction failed, will reattempt after 30s: failed to flush new snapshot: ${problem}`);
  } else {
    snapshot.broken = problem;
    failed(s, snapshot, now, `failed to flush new snapshot: ${problem}`, out);
  }
}

const aliveLine = (s: Serf, name: string, address: Endpoint): string =>
  `alive: ${name} ${formatAddress(s.names.address(address))}:${s.names.port(address)}\n`;

const fileOf = (s: Serf): string => s.config.snapshot ?? '';
