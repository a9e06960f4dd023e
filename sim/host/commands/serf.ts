import { closest } from '../../scenario/closest.ts';
import type { HostView, Program, Signal } from '../program.ts';
import { exactly } from './options.ts';
import { type Argument, becomesProgram, type Command, ended, type ToolApi } from './registry.ts';
import { makeAgent } from './serf-agent.ts';
import { checkAgent, placementOf, readAgent } from './serf-agent-options.ts';
import { CLIENTS, type ClientState, clientAnswered, clientDisconnected, clientSignalled, startClient } from './serf-client.ts';
import type { AgentAnswer } from './serf-request.ts';

/** Subcommands of the real tool that do nothing here yet. */
const ABSENT = ['configtest', 'event', 'info', 'keygen', 'keys', 'query', 'reachability', 'rtt', 'tags', 'version'];
const KNOWN = ['agent', ...CLIENTS.map(({ name }) => name)];

/** `serf`: the agent, and the commands that ask the agent of their host. */
export const serf: Command = {
  name: 'serf',

  check([first, ...rest], context) {
    if (first === undefined) return context.problem(NOWHERE, `\`serf\` needs a subcommand: ${KNOWN.join(', ')}`);
    if (!first.exact) return context.problem(first, `the subcommand of \`serf\` must be written out: ${KNOWN.join(', ')}`);
    if (first.text === 'agent') return checkAgent(rest, context);
    const client = CLIENTS.find(({ name }) => name === first.text);
    if (client === undefined) context.problem(first, unknownSubcommand(first.text));
    // What is missing is missing after the subcommand.
    else client.check(rest, (at, says) => context.problem(at.text === '' && !rest.includes(at) ? first : at, says));
  },

  start([first = '', ...words], tool) {
    if (first === 'agent') return startAgent(words, tool);
    const client = CLIENTS.find(({ name }) => name === first);
    if (client !== undefined) return startClient(client, words, tool);
    tool.complain(unknownSubcommand(first));
    return ended(127);
  },

  program: ([, ...words], host: HostView): Program => makeAgent(words, host),

  answered(state: ClientState, answer: unknown, last: boolean, tool: ToolApi): void {
    clientAnswered(state, answer as AgentAnswer, last, tool);
  },

  disconnected(state: ClientState, tool: ToolApi): void {
    clientDisconnected(state, tool);
  },

  signal(state: ClientState, signal: Signal, tool: ToolApi): void {
    clientSignalled(state, signal, tool);
  },
};

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

function startAgent(words: readonly string[], tool: ToolApi): ReturnType<Command['start']> {
  const problems: string[] = [];
  const options = readAgent(exactly(words), (_, says) => problems.push(says));
  const placement = placementOf(options, tool.host.interfaces);
  for (const problem of problems) tool.complain(problem);
  if (problems.length > 0) return ended(1);
  if (!('says' in placement)) return becomesProgram;
  for (const line of placement.says) tool.print(line);
  return ended(1);
}

function unknownSubcommand(name: string): string {
  if (ABSENT.includes(name)) return `\`serf ${name}\` is a command of Serf that is not there yet; known are ${KNOWN.join(', ')}`;
  const meant = closest(name, KNOWN);
  if (meant !== undefined) return `\`serf\` has no command \`${name}\`; did you mean \`serf ${meant}\`?`;
  return `\`serf\` has no command \`${name}\`; known are ${KNOWN.join(', ')}`;
}
