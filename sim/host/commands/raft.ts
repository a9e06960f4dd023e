import type { NameId } from '../../../core/names.ts';
import type { ChangeStep } from '../../../core/raft/interface.ts';
import type { RaftCommand, RaftReply, RaftStatus, Server } from '../../../core/raft/raft.ts';
import type { HostView } from '../program.ts';
import { RAFT_PORT, readPeer } from './kv-flags.ts';
import { type Complain, exactly } from './options.ts';
import type { RaftRequest } from './raft-request.ts';
import { type Argument, type Command, ended, type ToolApi, waits } from './registry.ts';

/** A subcommand: what it takes, and what it asks. */
interface Subcommand {
  readonly takes: 'nothing' | 'a server' | 'a name' | 'perhaps a name' | 'servers' | 'steps';
  ask(operands: readonly string[], host: HostView): RaftCommand;
}

const serverOf = (text: string, { names }: HostView): Server => {
  const peer = readPeer(text);
  if (peer === undefined) throw new RangeError(`${text} was checked before`);
  return { name: names.id(peer.name), endpoint: names.endpoint(peer.address, RAFT_PORT) };
};

const change = (...steps: readonly ChangeStep[]): RaftCommand => ({ command: 'change', steps });

/** One step of several: `+n4=10.0.0.4` adds a voter, `-n4` removes a server. */
const stepOf = (text: string, host: HostView): ChangeStep =>
  text.startsWith('+')
    ? { type: 'voter', server: serverOf(text.slice(1), host) }
    : { type: 'remove', name: host.names.id(text.slice(1)) };

const isStep = (text: string): boolean =>
  text.startsWith('+') ? readPeer(text.slice(1)) !== undefined : /^-[A-Za-z0-9]/.test(text);

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  status: { takes: 'nothing', ask: () => ({ command: 'status' }) },
  'add-voter': { takes: 'a server', ask: ([text = ''], host) => change({ type: 'voter', server: serverOf(text, host) }) },
  'add-learner': { takes: 'a server', ask: ([text = ''], host) => change({ type: 'learner', server: serverOf(text, host) }) },
  admit: { takes: 'a server', ask: ([text = ''], host) => ({ command: 'admit', server: serverOf(text, host) }) },
  remove: { takes: 'a name', ask: ([text = ''], { names }) => change({ type: 'remove', name: names.id(text) }) },
  change: { takes: 'steps', ask: (texts, host) => change(...texts.map((text) => stepOf(text, host))) },
  bootstrap: {
    takes: 'servers',
    ask: (texts, host) => ({ command: 'bootstrap', voters: texts.map((text) => serverOf(text, host)) }),
  },
  transfer: {
    takes: 'perhaps a name',
    ask: ([text], { names }) => (text === undefined ? { command: 'transfer' } : { command: 'transfer', target: names.id(text) }),
  },
  snapshot: { takes: 'nothing', ask: () => ({ command: 'snapshot' }) },
};

const KNOWN = Object.keys(SUBCOMMANDS).join(', ');

interface RaftState {
  readonly subcommand: string;
}

/** `raft`: an operator asks the server of a cluster on this host. */
export const raft: Command = {
  name: 'raft',

  check(args, context) {
    readOperand(args, (at, says) => context.problem(at, says));
  },

  start(words, tool) {
    const problems: string[] = [];
    const read = readOperand(exactly(words), (_, says) => problems.push(says));
    for (const problem of problems) tool.complain(problem);
    if (read === undefined) return ended(1);
    const request: RaftRequest = { command: read.subcommand.ask(read.operands, tool.host) };
    const state: RaftState = { subcommand: words[0] as string };
    if (tool.request('kvd', request)) return waits(state);
    tool.complain('raft: no kvd runs here');
    return ended(1);
  },

  answered({ subcommand }: RaftState, answer: unknown, _last: boolean, tool: ToolApi) {
    const reply = answer as RaftReply;
    const { names } = tool.host;
    if (reply.outcome !== 'ok') {
      const { problem, leader } = reply;
      tool.print(`raft: ${problem}${leader === undefined ? '' : `; ${names.text(leader)} leads`}`);
      return tool.end(1);
    }
    if (subcommand === 'status') tool.print(statusText(reply.result as RaftStatus, (name) => names.text(name)));
    else tool.print('done');
    tool.end(0);
  },

  disconnected(_state: RaftState, tool: ToolApi) {
    tool.complain('raft: kvd has ended');
    tool.end(1);
  },
};

function readOperand(
  args: readonly Argument[],
  complain: Complain,
): { readonly subcommand: Subcommand; readonly operands: readonly string[] } | undefined {
  const [first, ...rest] = args;
  const [second, ...more] = rest;
  let bad = false;
  const say: Complain = (at, says) => {
    bad = true;
    complain(at, says);
  };
  if (first === undefined) {
    say({ text: '', exact: true, line: 1, column: 1 }, `\`raft\` needs a subcommand: ${KNOWN}`);
    return undefined;
  }
  const subcommand = Object.hasOwn(SUBCOMMANDS, first.text) ? SUBCOMMANDS[first.text] : undefined;
  if (subcommand === undefined) say(first, `\`raft\` has no subcommand \`${first.text}\`; known are ${KNOWN}`);
  const { takes } = subcommand ?? { takes: 'nothing' };
  if (takes === 'nothing' && second !== undefined) say(second, `\`raft ${first.text}\` takes nothing`);
  if (takes.startsWith('a ') && second === undefined) say(first, `\`raft ${first.text}\` needs ${takes}`);
  if (takes === 'a server' && second?.exact === true && readPeer(second.text) === undefined)
    say(second, `\`${second.text}\` is no server such as n4=10.0.0.4`);
  const isList = takes === 'servers' || takes === 'steps';
  if (isList && second === undefined) say(first, `\`raft ${first.text}\` needs ${takes}`);
  for (const word of isList ? rest : []) {
    if (!word.exact) continue;
    if (takes === 'servers' && readPeer(word.text) === undefined) say(word, `\`${word.text}\` is no server such as n4=10.0.0.4`);
    if (takes === 'steps' && !isStep(word.text)) say(word, `\`${word.text}\` is no step such as +n4=10.0.0.4 or -n4`);
  }
  for (const extra of isList ? [] : more) say(extra, `\`raft ${first.text}\` takes ${takes}, and no more`);
  return bad || subcommand === undefined ? undefined : { subcommand, operands: rest.map(({ text }) => text) };
}

/** A few lines for people. */
function statusText(status: RaftStatus, text: (name: NameId) => string): string {
  const { role, term, leader, lastIndex, commitIndex, appliedIndex, snapshotIndex, config } = status;
  const names = (servers: readonly Server[]) => servers.map(({ name }) => text(name)).join(' ');
  return [
    `role      ${role}`,
    `term      ${term}`,
    `leader    ${leader === undefined ? 'none' : text(leader)}`,
    `log       last ${lastIndex}, committed ${commitIndex}, applied ${appliedIndex}, snapshot ${snapshotIndex}`,
    `voters    ${names(config.voters)}${config.outgoing.length === 0 ? '' : ` (joint with ${names(config.outgoing)})`}`,
    ...(config.learners.length === 0 ? [] : [`learners  ${names(config.learners)}`]),
  ].join('\n');
}
