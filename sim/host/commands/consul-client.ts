import type { ConsulRequest } from '../../../core/consul/interface.ts';
import type { HostView } from '../program.ts';
import type { AgentAnswer, AgentRequest } from './consul-request.ts';
import type { Complain } from './options.ts';
import type { Argument, ToolApi } from './registry.ts';
import type { Flags, FlagTable } from './serf-flags.ts';

/** A command that asks the agent of its host. */
export interface Client {
  /** The words after `consul`: `kv put`. */
  readonly name: string;
  readonly table: FlagTable;
  check(flags: Flags, complain: Complain): void;
  /** Members that it speaks of. */
  mentions?(flags: Flags): readonly Argument[];
  request(flags: Flags, host: HostView): AgentRequest;
  /** Prints the answer. @returns the status to end with */
  heard(answer: AgentAnswer, flags: Flags, tool: ToolApi): number;
  /** What the command asks for, and what it says before the reason when that fails. */
  readonly failure: {
    readonly verb: string;
    readonly path: (flags: Flags) => string;
    readonly says: (flags: Flags) => string;
    /** What stands between that and the reason, unless it is a colon. */
    readonly joins?: string;
  };
}

/** For what is missing. */
export const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };

export const table = (name: string, flags: FlagTable['flags'] = {}): FlagTable => ({
  command: `consul ${name}`,
  flags: { ...flags, 'http-addr': 'text', token: 'text', datacenter: 'text' },
});

export const takesNone =
  (name: string) =>
  ({ operands }: Flags, complain: Complain): void => {
    for (const operand of operands) complain(operand, `\`consul ${name}\` takes flags only, not \`${operand.text}\``);
  };

export const asks = (request: ConsulRequest, stale = false): AgentRequest => ({ type: 'consul', request, stale });
