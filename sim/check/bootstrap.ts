import type { ConsulNotice } from '../../core/consul/interface.ts';
import { Kind, kindsOf } from '../engine/journal.ts';
import { ConsulAgent } from '../host/commands/consul-program.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import { type Check, VACUOUS } from './check.ts';

/** A server that starts a cluster, and with whom. */
interface Start {
  readonly node: number;
  readonly on: string;
  readonly servers: readonly string[];
}

/** Consul servers that start their cluster, each by itself, when they have waited for each other (`-bootstrap-expect`): all with the same ones. */
export function agreesOnStart(name: string, world: World, plan: Plan): Check {
  let first: (Start & { readonly list: string }) | undefined;
  return onStart(name, world, plan, (start) => {
    const list = start.servers.toSorted().join(', ');
    first ??= { ...start, list };
    return list === first.list ? undefined : `${first.on} starts with ${first.list}, and ${start.on} with ${list}`;
  });
}

/** The same: each with as many as it was told to expect, or more. */
export function startsWithEnough(name: string, world: World, plan: Plan): Check {
  return onStart(name, world, plan, ({ node, on, servers }) => {
    const program = world.hosts.program(node, 'consul');
    const expect = program instanceof ConsulAgent ? (program.own.server?.consul.config.expect ?? 0) : 0;
    return servers.length >= expect ? undefined : `${on} starts with ${servers.length} servers, and was to expect ${expect}`;
  });
}

function onStart(name: string, world: World, { topology }: Plan, wrongWith: (start: Start) => string | undefined): Check {
  let exercised = false;
  let wrong: string | undefined;
  world.journal.sinks.push({
    kinds: kindsOf(Kind.notice),
    record: (_id, _at, kind, node, _peer, _cause, _word, _size, payload) => {
      const notice = payload as ConsulNotice;
      if (kind !== Kind.notice || notice.type !== 'consul-bootstrap') return;
      exercised = true;
      wrong ??= wrongWith({ node, on: topology.nodes[node]?.name ?? '', servers: notice.servers });
    },
    cell: () => undefined,
  });
  return { kind: 'always', name, judge: () => (exercised ? wrong : VACUOUS) };
}
