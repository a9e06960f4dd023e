import { keyBytes } from '../gossip/gossip.ts';
import type { Out, WriteOutcome } from '../protocol.ts';
import { type Instant, ZERO } from '../time.ts';
import { answerInTime, fits, respond } from './answering.ts';
import { ask } from './asking.ts';
import type { KeyCommand, KeysReply } from './interface.ts';
import { PREFIX } from './internal.ts';
import type { KeyResponse, Payload } from './message.ts';
import type { Serf } from './serf.ts';
import { Write } from './tables.ts';

/*
 * The keyrings of all members, changed by queries. memberlist holds this node's; here it is changed, written to its file and told of.
 */

type KeyQuery = 'install-key' | 'use-key' | 'remove-key' | 'list-keys';

export const isKeyQuery = (kind: string): kind is KeyQuery =>
  kind === 'install-key' || kind === 'use-key' || kind === 'remove-key' || kind === 'list-keys';

/** An answer that waits until the changed keyring is in its file. */
export interface PendingKeys {
  /** The number of the query. */
  readonly handle: number;
  readonly response: KeyResponse;
}

const EMPTY: KeyResponse = { type: 'key response', ok: false, text: '', keys: [], primary: '' };

/** Does to this node's keyring what a query asks for, and answers it. */
export function changeKeys(s: Serf, now: Instant, handle: number, kind: KeyQuery, payload: Payload, out: Out<never>): void {
  if (kind === 'list-keys') return answerList(s, now, handle, listed(s, out), out);
  if (typeof payload === 'string' || payload.type !== 'key request') {
    out.log('[ERR] serf: Failed to decode key request');
    return answer(s, now, handle, EMPTY, out);
  }
  if (!s.gossip.hasKeys) {
    const text = 'No keyring to modify (encryption not enabled)';
    out.log(`[ERR] serf: ${text}`);
    return answer(s, now, handle, { ...EMPTY, text }, out);
  }
  out.log(`[INFO] serf: Received ${kind} query`);
  const problem = change(s, kind, payload.key);
  if (problem !== undefined) {
    out.log(`[ERR] serf: Failed to ${kind === 'use-key' ? 'change primary key' : kind.replace('-', ' ')}: ${problem}`);
    return answer(s, now, handle, { ...EMPTY, text: problem }, out);
  }
  const response = { ...EMPTY, ok: true };
  if (s.config.keyringFile === undefined) return answer(s, now, handle, response, out);
  s.state.pendingKeys.push({ handle, response });
  const text = keyringText(s.gossip.keys());
  out.replace(s.config.keyringFile, [text], text.length, Write.keyring);
}

function change(s: Serf, kind: KeyQuery, key: string): string | undefined {
  switch (kind) {
    case 'install-key':
      return s.gossip.installKey(key);
    case 'use-key':
      return s.gossip.useKey(key);
    case 'remove-key':
      return s.gossip.removeKey(key);
    case 'list-keys':
      return undefined;
  }
}

/** A keyring as its file has it: a JSON array, the primary key first. */
const keyringText = (keys: readonly string[]): string => JSON.stringify(keys, undefined, 2);

/** The changed keyring is in its file, or could not be written. */
export function keyringWritten(s: Serf, now: Instant, outcome: WriteOutcome, out: Out<never>): void {
  const pending = s.state.pendingKeys.shift();
  if (pending === undefined) return;
  if (outcome === 'ok') return answer(s, now, pending.handle, pending.response, out);
  const reason = outcome === 'full' ? 'no space left on device' : 'input/output error';
  const text = `Failed to write keyring file: write ${s.config.keyringFile}: ${reason}`;
  out.log(`[ERR] serf: Failed to write keyring file: ${text}`);
  answer(s, now, pending.handle, { ...EMPTY, text }, out);
}

function listed(s: Serf, out: Out<never>): KeyResponse {
  const keys = s.gossip.keys();
  if (!s.gossip.hasKeys) {
    const text = 'Keyring is empty (encryption not enabled)';
    out.log(`[ERR] serf: ${text}`);
    return { ...EMPTY, text };
  }
  out.log('[INFO] serf: Received list-keys query');
  return { ...EMPTY, ok: true, keys: [...keys], primary: keys[0] ?? '' };
}

/** A key in a list takes so many bytes at least. */
const LEAST_KEY = 25;

/** Answers with as many keys as there is room for. */
function answerList(s: Serf, now: Instant, handle: number, whole: KeyResponse, out: Out<never>): void {
  const count = whole.keys.length;
  let response = whole;
  for (let most = Math.min(Math.floor(s.config.queryResponseSizeLimit / LEAST_KEY), count); most >= 0; most--) {
    if (fits(s, handle, response)) {
      if (count > most) out.log(`[WARN] serf: ${response.text}`);
      const problem = answerInTime(s, now, handle, response, out);
      if (problem !== undefined) out.log(`[ERR] serf: Failed to respond to key query: ${problem}`);
      return;
    }
    const text = `truncated key list response, showing first ${most} of ${count} keys`;
    response = { ...response, keys: response.keys.slice(0, most), text };
  }
  out.log('[ERR] serf: Failed to truncate response so that it fits into message');
}

function answer(s: Serf, now: Instant, handle: number, response: KeyResponse, out: Out<never>): void {
  const problem = respond(s, now, handle, response, out);
  if (problem !== undefined) out.log(`[ERR] serf: Failed to respond to key query: ${problem}`);
}

// The side of the one who asks.

/** What the members have answered so far. */
export interface Tally {
  readonly for: 'keys';
  /** The command that waits for it; undefined once it was answered. */
  command: number | undefined;
  readonly nodes: number;
  responses: number;
  errors: number;
  readonly messages: { readonly node: string; readonly message: string }[];
  /** How many have each key, and encrypt with it. */
  readonly keys: Map<string, number>;
  readonly primaryKeys: Map<string, number>;
}

/** A command that waits until those before it are done. */
export interface WaitingKeys {
  readonly id: number;
  readonly command: KeyCommand;
}

/** Changes the keyrings of all members, or looks at them: one after another. */
export function askForKeys(s: Serf, now: Instant, id: number, command: KeyCommand, out: Out<never>): void {
  if (isAsking(s)) s.state.waitingKeys.push({ id, command });
  else startKeys(s, now, id, command, out);
}

function isAsking(s: Serf): boolean {
  for (const { purpose } of s.state.queries.values()) if (purpose.for === 'keys' && purpose.command !== undefined) return true;
  return false;
}

/** A command was answered. */
function nextKeys(s: Serf, now: Instant, out: Out<never>): void {
  const waiting = s.state.waitingKeys.shift();
  if (waiting !== undefined) startKeys(s, now, waiting.id, waiting.command, out);
}

function startKeys(s: Serf, now: Instant, id: number, { action, key, relay }: KeyCommand, out: Out<never>): void {
  const tally: Tally = {
    for: 'keys',
    command: id,
    nodes: s.gossip.countLive(),
    responses: 0,
    errors: 0,
    messages: [],
    keys: new Map(),
    primaryKeys: new Map(),
  };
  const sent = action === 'list' ? '' : key;
  const illegal = base64Problem(sent);
  if (illegal !== undefined) {
    out.reply(id, { ...resultOf(tally, illegal), nodes: 0 });
    return nextKeys(s, now, out);
  }
  const name = `${PREFIX}${action}-key${action === 'list' ? 's' : ''}`;
  const payload = { type: 'key request' as const, key: sent };
  const question = { name, payload, filters: [], ack: false, relay, timeout: ZERO };
  const { error } = ask(s, now, question, tally, out);
  if (error === undefined) return;
  out.reply(id, { ...resultOf(tally, error), nodes: 0 });
  nextKeys(s, now, out);
}

/** What Go's decoder says of a text that is no base 64. */
export function base64Problem(text: string): string | undefined {
  if (keyBytes(text) !== undefined) return undefined;
  const illegal = text.search(/[^A-Za-z0-9+/]/);
  return `illegal base64 data at input byte ${illegal < 0 ? text.length - (text.length % 4) : illegal}`;
}

export function keysAnswered(s: Serf, now: Instant, tally: Tally, from: string, payload: Payload, out: Out<never>): void {
  if (tally.command === undefined) return;
  tally.responses++;
  if (typeof payload === 'string' || payload.type !== 'key response') {
    tally.errors++;
    tally.messages.push({ node: from, message: 'Invalid key query response type' });
  } else count(tally, from, payload, out);
  if (tally.responses === tally.nodes) keysClosed(s, now, tally, out);
}

function count(tally: Tally, from: string, { ok, text, keys, primary }: KeyResponse, out: Out<never>): void {
  if (!ok) tally.errors++;
  if (!ok || text !== '') tally.messages.push({ node: from, message: text });
  if (ok && text !== '') out.log(`[WARN] serf: ${text}`);
  for (const key of keys) tally.keys.set(key, (tally.keys.get(key) ?? 0) + 1);
  if (primary !== '') tally.primaryKeys.set(primary, (tally.primaryKeys.get(primary) ?? 0) + 1);
}

/** All have answered, or the time is over. */
export function keysClosed(s: Serf, now: Instant, tally: Tally, out: Out<never>): void {
  const { command, nodes, responses, errors } = tally;
  if (command === undefined) return;
  tally.command = undefined;
  const failed = errors > 0 ? `${errors}/${nodes} nodes reported failure` : undefined;
  const missing = responses !== nodes ? `${responses}/${nodes} nodes reported success` : undefined;
  out.reply(command, resultOf(tally, failed ?? missing));
  nextKeys(s, now, out);
}

function resultOf({ nodes, responses, errors, messages, keys, primaryKeys }: Tally, error: string | undefined): KeysReply {
  const counted = (map: ReadonlyMap<string, number>) => Array.from(map, ([key, count]) => ({ key, count }));
  return {
    ...(error === undefined ? {} : { error }),
    messages: [...messages],
    keys: counted(keys),
    primaryKeys: counted(primaryKeys),
    nodes,
    responses,
    errors,
  };
}
