import { isOperation, sizeOf } from '../kv/operation.ts';
import type { Names } from '../names.ts';
import type { Stats } from './autopilot.ts';
import { AUTOPILOT_DEFAULTS } from './config.ts';
import type { ConsulReply, ConsulRequest } from './interface.ts';

/** What servers ask of each other, each on a stream, and are answered on the same. An answer has the number of its call. */
export type ConsulMessage =
  /** How many servers are in your configuration? */
  | { readonly type: 'peers-call'; readonly call: number }
  | { readonly type: 'peers'; readonly call: number; readonly count: number }
  /** How is your Raft? */
  | { readonly type: 'stats-call'; readonly call: number }
  | ({ readonly type: 'stats'; readonly call: number } & Stats)
  /** To a leader: what somebody asked of the sender. */
  | { readonly type: 'forward'; readonly call: number; readonly request: ConsulRequest }
  /** From an agent that is no server, which asks any server to see to it. `stale`: by itself. */
  | { readonly type: 'ask'; readonly call: number; readonly request: ConsulRequest; readonly stale: boolean }
  /** `leads`: whether the answer is a leader's; else another server is to be asked. */
  | { readonly type: 'forwarded'; readonly call: number; readonly leads: boolean; readonly reply: ConsulReply };

/** Method name, number and the encoding's own. */
const HEAD = 64;

export function bytesOf(message: ConsulMessage): number {
  if ((message.type === 'forward' || message.type === 'ask') && message.request.type === 'kv')
    return HEAD + sizeOf(message.request.operation);
  if (message.type === 'forwarded' && message.reply.ok && typeof message.reply.result === 'string')
    return HEAD + message.reply.result.length;
  return HEAD;
}

/** Whether something that came from the network is a message, all of whose fields can be used. */
export function isMessage(value: unknown, names: Names): value is ConsulMessage {
  if (!isRecord(value) || !isCount(value.call)) return false;
  switch (value.type) {
    case 'peers-call':
    case 'stats-call':
      return true;
    case 'peers':
      return isCount(value.count);
    case 'stats':
      return Number.isSafeInteger(value.lastContact) && isCount(value.lastTerm) && isCount(value.lastIndex);
    case 'forward':
      return isRequest(value.request, names);
    case 'ask':
      return isRequest(value.request, names) && typeof value.stale === 'boolean';
    case 'forwarded':
      return typeof value.leads === 'boolean' && isReply(value.reply, names);
    default:
      return false;
  }
}

function isRequest(value: unknown, { state }: Names): boolean {
  if (!isRecord(value)) return false;
  switch (value.type) {
    case 'kv':
      return isOperation(value.operation) && (value.consistent === undefined || typeof value.consistent === 'boolean');
    case 'configuration':
    case 'autopilot-config':
    case 'autopilot-state':
      return true;
    case 'transfer':
      return value.id === undefined || typeof value.id === 'string';
    case 'remove-peer': {
      const { id, address } = value;
      return (
        (id === undefined || typeof id === 'string') &&
        (address === undefined || (isCount(address) && address < state.ports.length))
      );
    }
    default:
      return false;
  }
}

function isReply(value: unknown, names: Names): boolean {
  if (!isRecord(value)) return false;
  if (value.ok === false) return typeof value.error === 'string';
  const { result } = value;
  if (value.ok !== true) return false;
  return result === null || typeof result === 'string' || typeof result === 'boolean' || isTold(result, names);
}

/** Whether it is one of the longer answers. */
const isTold = (value: unknown, names: Names): boolean => isServers(value, names) || isSettings(value) || isReport(value, names);

const SETTINGS = Object.entries(AUTOPILOT_DEFAULTS);

const isSettings = (value: unknown): boolean =>
  isRecord(value) && SETTINGS.every(([key, usual]) => typeof value[key] === typeof usual);

function isReport(value: unknown, { state }: Names): boolean {
  if (!isRecord(value) || !Array.isArray(value.voters) || !Array.isArray(value.servers)) return false;
  const isName = (name: unknown) => isCount(name) && name < state.texts.length;
  const isServer = (server: unknown) =>
    isRecord(server) &&
    isName(server.name) &&
    isCount(server.endpoint) &&
    server.endpoint < state.ports.length &&
    [server.status, server.member].every((text) => typeof text === 'string') &&
    [server.healthy, server.readReplica].every((is) => typeof is === 'boolean') &&
    [server.lastContact, server.lastTerm, server.lastIndex].every(Number.isSafeInteger);
  const { healthy, tolerance, leader, voters, servers } = value;
  return typeof healthy === 'boolean' && isCount(tolerance) && isName(leader) && voters.every(isName) && servers.every(isServer);
}

function isServers(value: unknown, { state }: Names): boolean {
  if (!isRecord(value) || !isRecord(value.config)) return false;
  const isName = (name: unknown) => isCount(name) && name < state.texts.length;
  const isServer = (server: unknown) =>
    isRecord(server) && isName(server.name) && isCount(server.endpoint) && server.endpoint < state.ports.length;
  const { voters, learners } = value.config;
  if (value.leader !== undefined && !isName(value.leader)) return false;
  return [voters, learners].every((servers) => Array.isArray(servers) && servers.every(isServer));
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
