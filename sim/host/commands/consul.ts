import { closest } from '../../scenario/closest.ts';
import type { Rules } from '../rules.ts';
import { makeConsul } from './consul-agent.ts';
import { VERSIONS } from './consul-banner.ts';
import type { Client } from './consul-client.ts';
import { CLIENTS, serverError } from './consul-clients.ts';
import { readConsulFlags } from './consul-options.ts';
import { consulBehaviour } from './consul-profile.ts';
import type { AgentAnswer } from './consul-request.ts';
import { setUpConsul } from './consul-setup.ts';
import { type Complain, exactly } from './options.ts';
import { type Argument, becomesProgram, type CheckContext, type Command, ended, type ToolApi, waits } from './registry.ts';
import { type Flags, readFlags } from './serf-flags.ts';

const KNOWN = ['agent', ...CLIENTS.map(({ name }) => name), 'version'];

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

interface ClientState {
  readonly name: string;
  readonly words: readonly string[];
}

const ignore: Complain = () => undefined;

/** `consul`: the agent, as a server, and the commands that ask the agent of their host. */
export const consulWith = (rules: Rules): Command => ({
  name: 'consul',

  check(args, context) {
    const [first, ...rest] = args;
    if (first === undefined) return context.problem(NOWHERE, `\`consul\` needs a subcommand: ${KNOWN.join(', ')}`);
    if (first.exact && first.text === 'agent') return checkAgent(rest, context);
    if (first.exact && first.text === 'version') return;
    const found = clientIn(args.map(({ text, exact }) => (exact ? text : '')));
    if (found === undefined) return context.problem(first, unknownSubcommand(args.map(({ text }) => text)));
    const words = args.slice(found.words);
    // What is missing is missing after the subcommand.
    const complain: Complain = (at, says) => context.problem(at.text === '' && !words.includes(at) ? first : at, says);
    const flags = readFlags(found.client.table, words, complain);
    found.client.check(flags, complain);
    for (const word of found.client.mentions?.(flags) ?? []) if (word.exact) context.mention(word, word.text);
  },

  start(words, tool) {
    const [first = '', ...rest] = words;
    if (first === 'agent') return startAgent(rest, tool);
    if (first === 'version') {
      tool.print(`Consul v${VERSIONS[consulBehaviour(tool.host.behaviour).profile]}`);
      return ended(0);
    }
    const found = clientIn(words);
    if (found === undefined) {
      tool.complain(unknownSubcommand(words));
      return ended(127);
    }
    const { client } = found;
    const own = words.slice(found.words);
    const problems: string[] = [];
    const flags = readFlags(client.table, exactly(own), (_, says) => problems.push(says));
    client.check(flags, (_, says) => problems.push(says));
    for (const problem of problems) tool.complain(problem);
    if (problems.length > 0) return ended(1);
    const state: ClientState = { name: client.name, words: own };
    if (tool.request('consul', client.request(flags, tool.host))) return waits(state);
    complain(client, state, `${urlOf(client, flags)}: dial tcp 127.0.0.1:8500: connect: connection refused`, tool);
    return ended(1);
  },

  program: ([, ...words], host) => makeConsul(words, host, rules),

  answered(state: ClientState, answered: unknown, _last: boolean, tool: ToolApi): void {
    const client = CLIENTS.find(({ name }) => name === state.name) as Client;
    const answer = answered as AgentAnswer;
    const error =
      answer.type === 'failed' ? answer.error : answer.type === 'consul' && !answer.reply.ok ? answer.reply.error : undefined;
    if (error === undefined) return tool.end(client.heard(answer, readFlags(client.table, exactly(state.words), ignore), tool));
    complain(client, state, serverError(error), tool);
    tool.end(1);
  },

  disconnected(state: ClientState, tool: ToolApi): void {
    const client = CLIENTS.find(({ name }) => name === state.name) as Client;
    const flags = readFlags(client.table, exactly(state.words), ignore);
    complain(client, state, `${urlOf(client, flags)}: EOF`, tool);
    tool.end(1);
  },
});

const urlOf = ({ failure }: Client, flags: Flags): string => `${failure.verb} http://127.0.0.1:8500${failure.path(flags)}`;

function complain({ failure, table, name }: Client, { words }: ClientState, why: string, tool: ToolApi): void {
  tool.complain(`${failure.says(readFlags(table, exactly(words), ignore))}${failure.joins ?? ': '}${why}`);
  if (name === 'join') tool.complain('Failed to join any nodes.');
}

/** The client that the first words name, and how many they are. */
function clientIn(words: readonly string[]): { readonly client: Client; readonly words: number } | undefined {
  for (const client of CLIENTS) {
    const own = client.name.split(' ');
    if (own.every((word, i) => words[i] === word)) return { client, words: own.length };
  }
  return undefined;
}

function checkAgent(args: readonly Argument[], context: CheckContext): void {
  const { settings } = readConsulFlags(args, (at, says) => context.problem(at, says));
  const first = args[0] ?? NOWHERE;
  if (settings.node_name === undefined) context.claim(first);
  else context.claim(first, settings.node_name);
}

function startAgent(words: readonly string[], tool: ToolApi): ReturnType<Command['start']> {
  const problems: string[] = [];
  readConsulFlags(exactly(words), (_, says) => problems.push(says));
  for (const problem of problems) tool.complain(problem);
  if (problems.length > 0) return ended(1);
  const setup = setUpConsul(words, tool.host);
  if (!('refused' in setup)) return becomesProgram;
  for (const line of setup.refused.slice(0, -1)) tool.print(line);
  tool.print(`==> ${setup.refused.at(-1)}`);
  return ended(1);
}

function unknownSubcommand(words: readonly string[]): string {
  const typed = words.slice(0, 3).join(' ');
  const meant = closest(typed, KNOWN) ?? closest(words.slice(0, 2).join(' '), KNOWN) ?? closest(words[0] ?? '', KNOWN);
  if (meant !== undefined) return `\`consul\` has no command \`${words[0]}\` like that; did you mean \`consul ${meant}\`?`;
  return `\`consul\` has no command \`${words[0]}\`; known are ${KNOWN.join(', ')}`;
}
