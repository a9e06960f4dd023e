import type { Endpoint, Names } from '../names.ts';
import type { RaftProblem, ReadMode, SessionStamp } from '../raft/interface.ts';
import { isOperation, type Operation, type Outcome, sizeOf } from './operation.ts';

/** What clients and servers of a store say to each other, as whole messages. An answer has the number of what it answers. */
export type KvMessage =
  /** Opens a session. Answered with its number. */
  | { readonly type: 'kv-register'; readonly call: number }
  /** Asks for an operation; a `get` may come without a session and says how fresh its answer must be. */
  | {
      readonly type: 'kv-request';
      readonly call: number;
      readonly operation: Operation;
      readonly mode: ReadMode;
      readonly session?: SessionStamp;
    }
  | { readonly type: 'kv-done'; readonly call: number; readonly result: Outcome | number }
  /** `isCertain`: nothing was done about this copy of the request. `leader`: where to ask instead. */
  | {
      readonly type: 'kv-refused';
      readonly call: number;
      readonly problem: RaftProblem;
      readonly isCertain: boolean;
      readonly leader?: Endpoint;
    };

/** Type, number and lengths. */
const HEAD = 16;

export function bytesOf(message: KvMessage): number {
  switch (message.type) {
    case 'kv-register':
      return HEAD;
    case 'kv-request':
      return HEAD + sizeOf(message.operation) + (message.session === undefined ? 0 : 24);
    case 'kv-done':
      return HEAD + (typeof message.result === 'string' ? message.result.length : 8);
    case 'kv-refused':
      return HEAD + message.problem.length + (message.leader === undefined ? 0 : 6);
  }
}

const MODES: readonly unknown[] = ['index', 'lease', 'log', 'default', 'stale'] satisfies ReadMode[];

/** Whether something that came from the network is a message, all of whose fields can be used. */
export function isMessage(value: unknown, names: Names): value is KvMessage {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  if (!isNumber(fields.call)) return false;
  switch (fields.type) {
    case 'kv-register':
      return true;
    case 'kv-request':
      return (
        isOperation(fields.operation) && MODES.includes(fields.mode) && (fields.session === undefined || isStamp(fields.session))
      );
    case 'kv-done':
      return fields.result === null || ['string', 'boolean'].includes(typeof fields.result) || isNumber(fields.result);
    case 'kv-refused':
      return (
        typeof fields.problem === 'string' &&
        typeof fields.isCertain === 'boolean' &&
        (fields.leader === undefined || (isNumber(fields.leader) && fields.leader < names.state.ports.length))
      );
    default:
      return false;
  }
}

const isNumber = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function isStamp(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { client, sequence, acknowledged } = value as Readonly<Record<string, unknown>>;
  return isNumber(client) && isNumber(sequence) && isNumber(acknowledged);
}
