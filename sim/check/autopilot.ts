import type { Consul } from '../../core/consul/consul.ts';
import type { ConsulNotice } from '../../core/consul/interface.ts';
import { includes, membersOf } from '../../core/raft/configuration.ts';
import { ConsulAgent } from '../host/commands/consul-program.ts';
import type { World } from '../world.ts';
import { type Check, VACUOUS } from './check.ts';

/** What autopilot may do without risk when it looks for dead servers once. */
interface Pass {
  /** The voters that gossip knows, by name. */
  readonly voters: ReadonlySet<string>;
  /** Servers that have a vote or may get one. */
  readonly potential: number;
  readonly minQuorum: number;
  gone: number;
}

/**
 * Follows whom Consul's autopilot sends away as dead: in one pass less than half of the servers that have a vote or may get one (the library's
 * `(v - 1) / 2`), and none by whom fewer than `min_quorum` would be left.
 */
export function sparesQuorum(name: string, { hosts }: World): Check {
  let pass: Pass | undefined;
  let exercised = false;
  let wrong: string | undefined;
  hosts.observers.push({
    feeding: () => {
      pass = undefined;
    },
    announced: ({ program, node }, notice) => {
      const { type, action, server = '' } = notice as Partial<Extract<ConsulNotice, { type: 'autopilot' }>>;
      if (program !== 'consul' || type !== 'autopilot' || action === 'promote') return;
      const agent = hosts.program(node, 'consul');
      const consul = agent instanceof ConsulAgent ? agent.own.server?.consul : undefined;
      if (consul === undefined) return;
      exercised = true;
      // The first of a pass is announced before anything is done about it.
      pass ??= passOf(consul);
      if (!pass.voters.has(server)) return;
      pass.gone++;
      const { gone, potential, minQuorum } = pass;
      const self = consul.names.text(consul.self.name);
      if (gone > (potential - 1) >> 1) wrong ??= `${self} sends away ${gone} of ${potential} servers at once, ${server} the last`;
      if (potential - gone < minQuorum) wrong ??= `${self} sends ${server} away, and ${minQuorum} servers are to stay`;
    },
  });
  return { kind: 'always', name, judge: () => (exercised ? wrong : VACUOUS) };
}

function passOf(consul: Consul): Pass {
  const { config } = consul.raft.status();
  const members = consul.serversByName();
  const known = membersOf(config).filter((server) => members.get(server.name)?.readReplica === false);
  const voters = known.filter((server) => includes(config.voters, server.name));
  return {
    voters: new Set(voters.map((server) => consul.names.text(server.name))),
    potential: known.length,
    minQuorum: consul.config.autopilot.minQuorum,
    gone: 0,
  };
}
