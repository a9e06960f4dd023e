import type { Signal } from '../program.ts';
import { SIGNALS } from '../signals.ts';
import { type Complain, exactly } from './options.ts';
import { type Argument, ended, type Started, type ToolApi, waits } from './registry.ts';
import { rpcPlace, tagsOf } from './serf-agent-options.ts';
import { type Flags, type FlagTable, readFlags } from './serf-flags.ts';
import type { AgentAnswer, AgentCall, AgentRequest } from './serf-request.ts';
import { USUAL_RPC, unreached } from './serf-rpc.ts';

/** A subcommand that asks an agent on its host. */
export interface Client {
  readonly name: string;
  readonly table: FlagTable;
  /** What is wrong with its flags and operands. `warn` is for what it would refuse only as it runs, with words of its own. */
  check(flags: Flags, complain: Complain, warn: Complain): void;
  /** What it says of operands and values that it does not take, when they are known only as it runs; the real tool then explains itself at length. */
  refuses(flags: Flags): string | undefined;
  /** Members that it speaks of. */
  mentions?(flags: Flags): readonly Argument[];
  /** What it prints before it asks. */
  before?(flags: Flags): string | undefined;
  /** What to ask; the flags were found to be right. */
  request(flags: Flags): AgentRequest;
  /** Takes an answer; `last` when no other follows, after which it must have ended or asked again. */
  heard(answer: AgentAnswer, last: boolean, at: ClientAt): void;
  /** What to say before the reason when the agent could not do it. */
  readonly failure: string | ((flags: Flags) => string);
}

/** Where a client stands. */
export interface ClientAt {
  readonly flags: Flags;
  readonly state: ClientState;
  readonly tool: ToolApi;
  /** Asks once more. */
  ask(request: AgentRequest): void;
}

/** What a client has to remember while it waits. */
export interface ClientState {
  readonly name: string;
  readonly words: readonly string[];
  /** What has come, as far as it is needed at the end. */
  readonly heard: AgentAnswer[];
  /** When it began to wait for answers, and when the last one came, on the host's clock. */
  began: number;
  latest: number;
}

/** The flags that all of them have, and those of one. */
export const table = (name: string, flags: FlagTable['flags'] = {}): FlagTable => ({
  command: `serf ${name}`,
  flags: { ...flags, 'rpc-addr': 'text', 'rpc-auth': 'text' },
});

/** @returns its flags */
export function checkClient(client: Client, args: readonly Argument[], complain: Complain, warn: Complain): Flags {
  const flags = readFlags(client.table, args, complain);
  for (const word of flags.words('rpc-addr')) {
    if (word.exact && rpcPlace(word.text) === undefined) {
      complain(word, `\`-rpc-addr\` takes an address and a port such as ${USUAL_RPC}, not \`${word.text}\``);
    }
  }
  client.check(flags, complain, warn);
  return flags;
}

const ignore: Complain = () => undefined;

export function startClient(client: Client, words: readonly string[], tool: ToolApi): Started {
  const args = exactly(words);
  const problems: string[] = [];
  const flags = checkClient(client, args, (_, says) => problems.push(says), ignore);
  const refusal = client.refuses(flags);
  if (refusal !== undefined) tool.print(refusal);
  else for (const problem of problems) tool.complain(problem);
  if (refusal !== undefined || problems.length > 0) return ended(1);
  const before = client.before?.(flags);
  if (before !== undefined) tool.print(before);
  const { now } = tool;
  if (call(client.request(flags), flags, tool)) {
    const state: ClientState = { name: client.name, words: [...words], heard: [], began: now, latest: now };
    return waits(state);
  }
  // The real tool tells of failures on its standard output too.
  tool.print(unreached(addressOf(flags, tool)));
  return ended(1);
}

const addressOf = (flags: Flags, tool: ToolApi): string => flags.text('rpc-addr') ?? tool.variable('SERF_RPC_ADDR') ?? USUAL_RPC;

function call(request: AgentRequest, flags: Flags, tool: ToolApi): boolean {
  const token = flags.text('rpc-auth') ?? tool.variable('SERF_RPC_AUTH') ?? '';
  const sent: AgentCall = { request, token };
  return tool.request('serf', sent, addressOf(flags, tool));
}

export function clientAnswered(client: Client, state: ClientState, answer: AgentAnswer, last: boolean, tool: ToolApi): void {
  const flags = readFlags(client.table, exactly(state.words), ignore);
  switch (answer.type) {
    case 'denied':
      tool.print(`Error connecting to Serf agent: ${answer.error}`);
      return tool.end(1);
    case 'closed':
      return clientDisconnected(client, state, tool);
    case 'failed':
      tool.print(`${failureOf(client, flags)}: ${answer.error}`);
      return tool.end(1);
  }
  const ask = (request: AgentRequest) => {
    if (!call(request, flags, tool)) clientDisconnected(client, state, tool);
  };
  client.heard(answer, last, { flags, state, tool, ask });
}

const failureOf = ({ failure }: Client, flags: Flags): string => (typeof failure === 'string' ? failure : failure(flags));

/** The agent is gone, and with it the connection. */
export function clientDisconnected(client: Client, { words }: ClientState, tool: ToolApi): void {
  const flags = readFlags(client.table, exactly(words), ignore);
  tool.print(
    client.name === 'monitor'
      ? '\nRemote side ended the monitor! This usually means that the\nremote side has exited or crashed.'
      : `${failureOf(client, flags)}: client closed`,
  );
  tool.end(1);
}

/** A monitor runs until it is interrupted, which is no failure. */
export function clientSignalled({ name }: Client, signal: Signal, tool: ToolApi): void {
  if (name === 'reachability' && signal === 'INT') tool.print('Test interrupted');
  const interrupted = signal === 'INT' ? INTERRUPTED[name] : undefined;
  tool.end(interrupted ?? 128 + SIGNALS[signal]);
}

/** The status of those that wait for an interrupt themselves. */
const INTERRUPTED: Readonly<Record<string, number>> = { monitor: 0, query: 1, reachability: 1 };

export function noOperands({ name }: Client, { operands }: Flags, complain: Complain): void {
  for (const operand of operands) complain(operand, `\`serf ${name}\` takes flags only, not \`${operand.text}\``);
}

export function expectFormat(flags: Flags, complain: Complain): void {
  for (const word of flags.words('format')) {
    if (word.exact && word.text !== 'text' && word.text !== 'json') {
      complain(word, `\`-format\` takes text or json, not \`${word.text}\``);
    }
  }
}

export function expectTags(flags: Flags, flag: string, complain: Complain, expected: string): void {
  for (const word of flags.words(flag)) {
    if (word.exact && word.text.indexOf('=') < 1) complain(word, `\`-${flag}\` takes ${expected}, not \`${word.text}\``);
  }
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

/** What the real tool says when there is no name, or something after the payload. */
export function refusedName(what: string, { operands }: Flags): string | undefined {
  if (operands.length === 0) return `${what} name must be specified.`;
  return operands.length > 2 ? 'Too many command line arguments. Only a name and payload must be specified.' : undefined;
}

/** What the real tool says of a tag that is none. */
export function refusedTag(flags: Flags, flag: string): string | undefined {
  const tags = tagsOf(flags.texts(flag));
  return typeof tags === 'string' ? tags : undefined;
}

/** It takes whatever it is given, or is refused by the agent. */
export const refusesNothing = (): undefined => undefined;

/** A name and perhaps a payload. */
export function expectName(what: string, { operands }: Flags, complain: Complain): void {
  if (operands.length === 0) complain(NOWHERE, `\`serf ${what}\` needs a name: serf ${what} NAME PAYLOAD`);
  for (const extra of operands.slice(2)) complain(extra, `\`serf ${what}\` takes a name and a payload, after its flags`);
}

/** Says that an operand is missing. */
export const missing = (complain: Complain, says: string): void => complain(NOWHERE, says);

/** Values as the real tool prints them in columns: as wide as the widest, two blanks between them. */
export function columns(rows: readonly (readonly string[])[]): string {
  const count = rows[0]?.length ?? 0;
  const width = (i: number) => Math.max(...rows.map((row) => [...(row[i] ?? '')].length));
  const widths = Array.from({ length: count }, (_, i) => (i === count - 1 ? 0 : width(i)));
  return rows
    .map((row) => row.map((cell, i) => cell + ' '.repeat(Math.max(0, (widths[i] ?? 0) - [...cell].length))).join('  '))
    .join('\n');
}

/** JSON as Go writes it: indented by two, and what HTML would take for its own is escaped. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value, undefined, 2).replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
