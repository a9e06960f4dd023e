import { closest } from '../../scenario/closest.ts';
import type { HostView, Program, Signal } from '../program.ts';
import { RELEASED, type Rules } from '../rules.ts';
import type { Complain } from './options.ts';
import { type Argument, becomesProgram, type Command, ended, type ToolApi } from './registry.ts';
import { makeAgent } from './serf-agent.ts';
import { checkAgent } from './serf-check.ts';
import {
  type ClientState,
  checkClient,
  clientAnswered,
  clientDisconnected,
  clientSignalled,
  startClient,
} from './serf-client.ts';
import { CLIENTS } from './serf-clients.ts';
import { helpText, wantsHelp } from './serf-help.ts';
import type { AgentAnswer } from './serf-request.ts';
import { setUp } from './serf-setup.ts';

/** Subcommands that need no agent. What comes after them does not matter. */
const TOOLS: Readonly<Record<string, (tool: ToolApi) => string>> = {
  keygen: newKey,
  // The releases that agents behave as all call themselves so.
  version: () => '0.8.2-dev\nAgent Protocol: 5 (Understands back to: 2)',
};

const KNOWN = ['agent', ...[...CLIENTS.map(({ name }) => name), ...Object.keys(TOOLS)].sort()];

const toolOf = (name: string) => {
  const tool = /^(-v|--?version)$/.test(name) ? 'version' : name;
  return Object.hasOwn(TOOLS, tool) ? TOOLS[tool] : undefined;
};

const clientOf = (name: string) => CLIENTS.find((client) => client.name === name);
const clientIn = ({ name }: ClientState) => clientOf(name) as (typeof CLIENTS)[number];

/** `serf`: the agent, and the commands that ask the agent of their host. */
export const serfWith = (rules: Rules): Command => ({
  name: 'serf',

  check([first, ...rest], context) {
    if (first === undefined) return context.problem(NOWHERE, `\`serf\` needs a subcommand: ${KNOWN.join(', ')}`);
    if (wantsHelp([first, ...rest].map(({ text }) => text))) return;
    if (!first.exact) return context.problem(first, `the subcommand of \`serf\` must be written out: ${KNOWN.join(', ')}`);
    if (first.text === 'agent') return checkAgent(rest, context);
    if (toolOf(first.text) !== undefined) return;
    const client = clientOf(first.text);
    if (client === undefined) return context.problem(first, unknownSubcommand(first.text));
    // What is missing is missing after the subcommand.
    const complain: Complain = (at, says) => context.problem(at.text === '' && !rest.includes(at) ? first : at, says);
    const flags = checkClient(client, rest, complain, (at, says) => context.warn(at, says));
    for (const word of client.mentions?.(flags) ?? []) if (word.exact) context.mention(word, word.text);
  },

  start([first = '', ...words], tool) {
    if (wantsHelp([first, ...words])) {
      tool.complain(helpText(first));
      return ended(0);
    }
    if (first === 'agent') return startAgent(words, tool);
    const client = clientOf(first);
    if (client !== undefined) return startClient(client, words, tool);
    const own = toolOf(first);
    if (own === undefined) tool.complain(unknownSubcommand(first));
    else tool.print(own(tool));
    return ended(own === undefined ? 127 : 0);
  },

  program: ([, ...words], host: HostView): Program => makeAgent(words, host, rules),

  answered(state: ClientState, answer: unknown, last: boolean, tool: ToolApi): void {
    clientAnswered(clientIn(state), state, answer as AgentAnswer, last, tool);
  },

  disconnected(state: ClientState, tool: ToolApi): void {
    clientDisconnected(clientIn(state), state, tool);
  },

  signal(state: ClientState, signal: Signal, tool: ToolApi): void {
    clientSignalled(clientIn(state), signal, tool);
  },
});

export const serf = serfWith(RELEASED);

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

function startAgent(words: readonly string[], tool: ToolApi): ReturnType<Command['start']> {
  const setup = setUp(words, tool.host);
  if (!('refused' in setup)) return becomesProgram;
  for (const line of setup.refused) tool.print(`==> ${line}`);
  return ended(1);
}

function unknownSubcommand(name: string): string {
  const meant = closest(name, KNOWN);
  if (meant !== undefined) return `\`serf\` has no command \`${name}\`; did you mean \`serf ${meant}\`?`;
  return `\`serf\` has no command \`${name}\`; known are ${KNOWN.join(', ')}`;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** 32 random bytes in base 64: 42 letters of six bits, one of the last four and two that are zero. */
function newKey({ host }: ToolApi): string {
  const random = host.random('keygen');
  const letters = Array.from({ length: 42 }, () => LETTERS.charAt(random.integer(64)));
  return `${letters.join('')}${LETTERS.charAt(random.integer(16) * 4)}=`;
}
