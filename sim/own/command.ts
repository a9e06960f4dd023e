import type { Subject } from '../../core/laws.ts';
import type { Protocol } from '../../core/protocol.ts';
import { readPeer } from '../host/commands/kv-flags.ts';
import { type Complain, exactly } from '../host/commands/options.ts';
import { type Argument, becomesProgram, type Command, ended, waits } from '../host/commands/registry.ts';
import type { HostView, Program } from '../host/program.ts';

/** What the program of a protocol is asked by its own command. */
interface OwnRequest {
  readonly command: unknown;
}

/** How the protocol of a subject is started on a host, and given commands. */
export function ownCommand(subject: Subject<never, unknown>): Command {
  const { name } = subject;
  return {
    name,
    check: (args, context) => {
      if (args[0]?.text === 'ask') readAsked(name, args, (at, says) => context.problem(at, says));
      else if (readNodes(name, args, (at, says) => context.problem(at, says)).every((each) => each.name !== context.host.name))
        context.problem(args[0] ?? NOWHERE, `${context.host.name} is not among these nodes`);
    },

    start(words, tool) {
      if (words[0] !== 'ask') return becomesProgram;
      const request: OwnRequest = { command: readAsked(name, exactly(words), () => undefined) };
      if (tool.request(name, request)) return waits({});
      tool.complain(`${name}: not running`);
      return ended(1);
    },

    program: (words, host) => programOf(subject, words, host),

    answered(_state, answer, _last, tool) {
      if (answer !== undefined) tool.print(JSON.stringify(answer));
      tool.end(0);
    },

    disconnected(_state, tool) {
      tool.complain(`${name}: it has ended`);
      tool.end(1);
    },
  };
}

const PART = 0;

function programOf({ name, sockets, make }: Subject<never, unknown>, words: readonly string[], host: HostView): Program {
  const { names } = host;
  const nodes = readNodes(name, exactly(words), () => undefined);
  const neighbours = nodes.map((node) => ({
    name: names.id(node.name),
    endpoints: sockets.map(({ port }) => names.endpoint(node.address, port)),
  }));
  const index = nodes.findIndex((node) => node.name === host.name);
  const protocol = make({ index, names, random: host.random(name), neighbours });
  return {
    name,
    parts: [{ name, protocol: protocol as Protocol<never, never>, sockets }],
    log: (line, process) => process.print(`${process.wallClock()} ${name}: ${line}`),
    request: (id, request, process) => process.command(PART, id, (request as OwnRequest).command),
  };
}

/** All nodes, as they follow the command's name. */
function readNodes(name: string, args: readonly Argument[], complain: Complain) {
  if (args.length === 0)
    complain(NOWHERE, `\`${name}\` needs its nodes: ${name} n1=10.0.0.1 n2=10.0.0.2; or: ${name} ask COMMAND`);
  return args.flatMap((word) => {
    const peer = word.exact ? readPeer(word.text) : undefined;
    if (peer === undefined) complain(word, `\`${word.text}\` is no node such as n1=10.0.0.1`);
    return peer ?? [];
  });
}

function readAsked(name: string, [ask, json, ...more]: readonly Argument[], complain: Complain): unknown {
  if (json === undefined) complain(ask ?? NOWHERE, `\`${name} ask\` needs a command in JSON`);
  for (const extra of more) complain(extra, `\`${name} ask\` takes one command; put it between single quotes`);
  if (json === undefined || !json.exact) return undefined;
  try {
    return JSON.parse(json.text);
  } catch {
    complain(json, `\`${json.text}\` is no JSON`);
    return undefined;
  }
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };
