import type { Signal } from '../program.ts';
import { SIGNALS } from '../signals.ts';
import { type Complain, exactly } from './options.ts';
import { type Argument, ended, type Started, type ToolApi, waits } from './registry.ts';
import { DEFAULT_PORT, parseJoin } from './serf-agent-options.ts';
import { type Flags, type FlagTable, readFlags } from './serf-flags.ts';
import { formattedMembers, LEVELS, type MemberFilter, wholeOf } from './serf-output.ts';
import { type AgentAnswer, type AgentRequest, NO_AGENT } from './serf-request.ts';

/** A subcommand that asks the agent on its host. */
export interface Client {
  readonly name: string;
  /** What is wrong with the words after the subcommand. */
  check(args: readonly Argument[], complain: Complain): void;
  /** What to ask; `args` were found to be right. */
  request(args: readonly Argument[]): AgentRequest;
  /** What to print of an answer; undefined for nothing. */
  show(answer: AgentAnswer, args: readonly Argument[]): string | undefined;
  /** What to say when the agent could not do it. */
  readonly failure: string;
}

const absent = ['rpc-addr', 'rpc-auth'];
const table = (name: string, flags: FlagTable['flags'] = {}): FlagTable => ({ command: `serf ${name}`, flags, absent });
const ignore: Complain = () => undefined;

const JOIN = table('join', { replay: 'switch' });
const MEMBERS = table('members', {
  detailed: 'switch',
  format: 'text',
  name: 'text',
  role: 'text',
  status: 'text',
  tag: 'text',
});
const MONITOR = table('monitor', { 'log-level': 'text' });
const LEAVE = table('leave');
const FORCE_LEAVE = table('force-leave', { prune: 'switch' });
const FORMATS = ['text', 'json'];

const join: Client = {
  name: 'join',
  check(args, complain) {
    const { operands } = readFlags(JOIN, args, complain);
    if (operands.length === 0) complain(lastOf(args), '`serf join` needs an address: serf join 10.0.0.1');
    for (const operand of operands) {
      if (operand.exact && parseJoin(operand.text, DEFAULT_PORT) === undefined) {
        complain(operand, `\`${operand.text}\` is no address such as 10.0.0.1 or 10.0.0.1:7946; names are not looked up here`);
      }
    }
  },
  request(args) {
    const flags = readFlags(JOIN, args, ignore);
    return { type: 'join', addresses: flags.operands.map(({ text }) => text), replay: flags.has('replay') };
  },
  show: (answer) =>
    answer.type === 'joined' ? `Successfully joined cluster by contacting ${answer.contacted} nodes.` : undefined,
  failure: 'Error joining the cluster',
};

const members: Client = {
  name: 'members',
  check(args, complain) {
    const flags = readFlags(MEMBERS, args, complain);
    noOperands('members', flags, complain);
    for (const word of flags.words('format')) {
      if (word.exact && !FORMATS.includes(word.text)) complain(word, `\`-format\` takes text or json, not \`${word.text}\``);
    }
    for (const word of flags.words('tag')) {
      if (word.exact && !word.text.includes('=')) complain(word, `\`-tag\` takes KEY=PATTERN, not \`${word.text}\``);
    }
    for (const word of ['name', 'role', 'status', 'tag'].flatMap((flag) => flags.words(flag))) {
      if (word.exact && patternOf(word.text) === undefined) complain(word, `\`${word.text}\` is no regular expression`);
    }
  },
  request: () => ({ type: 'members' }),
  show(answer, args) {
    if (answer.type !== 'members') return undefined;
    const flags = readFlags(MEMBERS, args, ignore);
    const form = { json: flags.text('format') === 'json', detailed: flags.has('detailed') };
    return formattedMembers(answer.members, filterOf(flags), form);
  },
  failure: 'Error retrieving members',
};

const monitor: Client = {
  name: 'monitor',
  check(args, complain) {
    const flags = readFlags(MONITOR, args, complain);
    noOperands('monitor', flags, complain);
    for (const word of flags.words('log-level')) {
      if (word.exact && !LEVELS.includes(word.text.toUpperCase())) {
        complain(word, `\`-log-level\` takes ${LEVELS.join(', ')}, not \`${word.text}\``);
      }
    }
  },
  request: (args) => ({ type: 'monitor', level: (readFlags(MONITOR, args, ignore).text('log-level') ?? 'INFO').toUpperCase() }),
  show: (answer) => (answer.type === 'line' ? answer.line : undefined),
  failure: 'Error starting monitor',
};

const leave: Client = {
  name: 'leave',
  check: (args, complain) => noOperands('leave', readFlags(LEAVE, args, complain), complain),
  request: () => ({ type: 'leave' }),
  show: () => 'Graceful leave complete',
  failure: 'Error leaving',
};

const forceLeave: Client = {
  name: 'force-leave',
  check(args, complain) {
    const { operands } = readFlags(FORCE_LEAVE, args, complain);
    if (operands.length === 0) complain(lastOf(args), '`serf force-leave` needs the name of a member');
    for (const extra of operands.slice(1)) complain(extra, '`serf force-leave` takes one name, after its flags');
  },
  request(args) {
    const flags = readFlags(FORCE_LEAVE, args, ignore);
    return { type: 'force-leave', node: flags.operands[0]?.text ?? '', prune: flags.has('prune') };
  },
  show: () => undefined,
  failure: 'Error force leaving',
};

export const CLIENTS: readonly Client[] = [join, members, monitor, leave, forceLeave];

/** What a client has to remember while it waits. */
export interface ClientState {
  readonly name: string;
  readonly words: readonly string[];
}

export function startClient(client: Client, words: readonly string[], tool: ToolApi): Started {
  const args = exactly(words);
  const problems: string[] = [];
  client.check(args, (_, says) => problems.push(says));
  for (const problem of problems) tool.complain(problem);
  if (problems.length > 0) return ended(1);
  if (!tool.request('serf', client.request(args))) {
    // The real tool tells of failures on its standard output too.
    tool.print(NO_AGENT);
    return ended(1);
  }
  const state: ClientState = { name: client.name, words: [...words] };
  return waits(state);
}

export function clientAnswered({ name, words }: ClientState, answer: AgentAnswer, last: boolean, tool: ToolApi): void {
  const client = CLIENTS.find((other) => other.name === name) as Client;
  if (answer.type === 'failed') {
    tool.print(`${client.failure}: ${answer.error}`);
    return tool.end(1);
  }
  const text = client.show(answer, exactly(words));
  if (text !== undefined) tool.print(text);
  if (last) tool.end(0);
}

/** The agent is gone, and with it the connection. */
export function clientDisconnected({ name }: ClientState, tool: ToolApi): void {
  const client = CLIENTS.find((other) => other.name === name) as Client;
  tool.print(
    name === 'monitor'
      ? '\nRemote side ended the monitor! This usually means that the\nremote side has exited or crashed.'
      : `${client.failure}: client closed`,
  );
  tool.end(1);
}

/** A monitor runs until it is interrupted, which is no failure. */
export function clientSignalled({ name }: ClientState, signal: Signal, tool: ToolApi): void {
  tool.end(name === 'monitor' && signal === 'INT' ? 0 : 128 + SIGNALS[signal]);
}

function noOperands(name: string, { operands }: Flags, complain: Complain): void {
  for (const operand of operands) complain(operand, `\`serf ${name}\` takes flags only, not \`${operand.text}\``);
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };
const lastOf = (args: readonly Argument[]): Argument => args.at(-1) ?? NOWHERE;

function patternOf(text: string): RegExp | undefined {
  try {
    return wholeOf(text);
  } catch {
    return undefined;
  }
}

function filterOf(flags: Flags): MemberFilter {
  const pattern = (flag: string): RegExp | undefined => {
    const text = flags.text(flag);
    return text === undefined ? undefined : wholeOf(text);
  };
  const tags = flags.texts('tag').map((text): readonly [string, RegExp] => {
    const split = text.indexOf('=');
    return [text.slice(0, split), wholeOf(text.slice(split + 1))];
  });
  const role = pattern('role');
  return { status: pattern('status'), name: pattern('name'), tags: role === undefined ? tags : [...tags, ['role', role]] };
}
