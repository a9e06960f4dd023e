import type { Names } from '../names.ts';
import type { Configuration } from './configuration.ts';
import type { Entry } from './entry.ts';
import type { RaftMessage } from './message.ts';
import type { Sessions } from './sessions.ts';
import type { Snapshot } from './state.ts';
import type { WalRecord } from './storage.ts';

/*
 * What the network or a disk brings may be anything. What passes here has all its fields, and its names and endpoints are in the table. For a
 * record of a disk this is its checksum.
 */

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** An index, a term or a size, far from where numbers lose their last digits. */
const isCount = (value: unknown): value is number =>
  typeof value === 'number' && value >= 0 && value <= MOST && Math.trunc(value) === value;

const MOST = 2 ** 48;

const isName = (value: unknown, names: Names): boolean => isCount(value) && value < names.state.texts.length;

const isEndpoint = (value: unknown, names: Names): boolean => isCount(value) && value < names.state.ports.length;

export function isMessage(message: unknown, cluster: number, names: Names): message is RaftMessage {
  if (!isObject(message)) return false;
  return (
    message.cluster === cluster &&
    isName(message.from, names) &&
    isName(message.to, names) &&
    isCount(message.term) &&
    hasItsFields(message, names)
  );
}

function hasItsFields(m: Fields, names: Names): boolean {
  switch (m.type) {
    case 'append':
      return (
        isCount(m.prevIndex) &&
        isCount(m.prevTerm) &&
        isCount(m.commit) &&
        areEntries(m.entries, m.prevIndex + 1, m.term as number, names)
      );
    case 'append-response':
      return typeof m.ok === 'boolean' && isCount(m.index) && isCount(m.hintIndex) && isCount(m.hintTerm);
    case 'heartbeat':
      return isCount(m.commit) && isCount(m.round) && (m.silent === undefined || m.silent === true);
    case 'heartbeat-response':
      return isCount(m.round);
    case 'pre-vote':
    case 'vote':
      return isCount(m.lastIndex) && isCount(m.lastTerm) && (m.type === 'pre-vote' || typeof m.force === 'boolean');
    case 'pre-vote-response':
    case 'vote-response':
      return typeof m.granted === 'boolean';
    case 'snapshot':
      return isChunk(m, names);
    case 'snapshot-response':
      return isCount(m.id) && typeof m.ok === 'boolean' && isCount(m.nextOffset);
    case 'timeout-now':
      return true;
    case 'hello':
      return isEndpoint(m.endpoint, names);
    case 'read-index':
      return isCount(m.request);
    case 'read-index-response':
      return isCount(m.request) && (m.index === undefined || isCount(m.index));
    case 'propose':
      return isCount(m.request) && isCount(m.bytes) && isObject(m.content) && isProposal(m.content);
    case 'propose-refused':
      return isCount(m.request) && typeof m.problem === 'string';
    default:
      return false;
  }
}

const isChunk = (m: Fields, names: Names): boolean =>
  isCount(m.id) &&
  isCount(m.lastIndex) &&
  m.lastIndex > 0 &&
  isCount(m.lastTerm) &&
  isConfiguration(m.config, names) &&
  isCount(m.configIndex) &&
  isInstant(m.at) &&
  isCount(m.offset) &&
  isCount(m.length) &&
  isCount(m.total) &&
  typeof m.done === 'boolean' &&
  (m.sessions === undefined || areSessions(m.sessions));

/** Whether these are entries that follow each other from `first` on, of no term after `term`. */
function areEntries(value: unknown, first: number, term: number, names: Names): value is readonly Entry[] {
  if (!Array.isArray(value)) return false;
  // By place and not with `every`, which passes over places where nothing is.
  for (let i = 0; i < value.length; i++) {
    const entry: unknown = value[i];
    if (!isObject(entry) || entry.index !== first + i || !isCount(entry.term) || entry.term > term) return false;
    if (!isCount(entry.bytes) || !isInstant(entry.at) || !isContent(entry, names)) return false;
    if (entry.origin !== undefined && !isOrigin(entry.origin, names)) return false;
  }
  return true;
}

const isOrigin = (value: unknown, names: Names): boolean =>
  isObject(value) && isName(value.server, names) && isCount(value.request);

const isInstant = (value: unknown): boolean =>
  typeof value === 'number' && value >= 0 && Math.trunc(value) === value && value <= Number.MAX_SAFE_INTEGER;

function isContent(entry: Fields, names: Names): boolean {
  if (entry.type === 'config') return isConfiguration(entry.config, names);
  return entry.type === 'noop' || isProposal(entry);
}

/** Whether it is what somebody may ask for. */
function isProposal(entry: Fields): boolean {
  switch (entry.type) {
    case 'command':
      return entry.session === undefined || isStamp(entry.session);
    case 'keep-alive':
      return isCount(entry.client);
    case 'barrier':
    case 'read':
    case 'register':
      return true;
    default:
      return false;
  }
}

export const isStamp = (value: unknown): boolean =>
  isObject(value) && isCount(value.client) && isCount(value.sequence) && isCount(value.acknowledged);

function isConfiguration(value: unknown, names: Names): value is Configuration {
  if (!isObject(value) || typeof value.autoLeave !== 'boolean') return false;
  const { voters, learners, outgoing, learnersNext } = value;
  return (
    areServers(voters, names) && areServers(learners, names) && areServers(outgoing, names) && areServers(learnersNext, names)
  );
}

function areServers(value: unknown, names: Names): boolean {
  if (!Array.isArray(value)) return false;
  for (let i = 0; i < value.length; i++) {
    const server: unknown = value[i];
    if (!isObject(server) || !isName(server.name, names) || !isEndpoint(server.endpoint, names)) return false;
  }
  return true;
}

function areSessions(value: unknown): value is Sessions {
  if (!(value instanceof Map)) return false;
  for (const [client, session] of value) {
    if (!isCount(client) || !isObject(session)) return false;
    if (!isCount(session.acknowledged) || !isInstant(session.lastActive) || !(session.answers instanceof Map)) return false;
  }
  return true;
}

export function isRecord(value: unknown, names: Names): value is WalRecord {
  if (!isObject(value) || !isCount(value.sequence) || !isCount(value.term) || !isCount(value.commit)) return false;
  if (value.vote !== undefined && !isName(value.vote, names)) return false;
  if (value.type === 'head') {
    return (
      isCount(value.cut) &&
      isCount(value.cutTerm) &&
      typeof value.amnesiac === 'boolean' &&
      areEntries(value.entries, value.cut + 1, value.term, names)
    );
  }
  return value.type === 'batch' && isCount(value.from) && areEntries(value.entries, value.from, value.term, names);
}

export function isStoredSnapshot(value: unknown, names: Names): value is Snapshot {
  if (!isObject(value)) return false;
  const { index, term, config, configIndex, at, sessions, bytes } = value;
  return (
    isCount(index) &&
    isCount(term) &&
    isConfiguration(config, names) &&
    isCount(configIndex) &&
    isInstant(at) &&
    areSessions(sessions) &&
    isCount(bytes)
  );
}
