import type { ConsulNotice } from '../../core/consul/interface.ts';
import { Kind, kindsOf } from '../engine/journal.ts';
import type { Plan } from '../scenario/plan.ts';
import type { World } from '../world.ts';
import { type Check, VACUOUS } from './check.ts';

/** Follows with whom Consul servers start their cluster, each by itself, when they have waited for each other (`-bootstrap-expect`). */
export function bootstraps(name: string, world: World, { topology }: Plan): Check {
  const started: { readonly on: string; readonly servers: string }[] = [];
  let wrong: string | undefined;
  world.journal.sinks.push({
    kinds: kindsOf(Kind.notice),
    record: (_id, _at, kind, node, _peer, _cause, _word, _size, payload) => {
      const notice = payload as ConsulNotice;
      if (kind !== Kind.notice || notice.type !== 'consul-bootstrap') return;
      const own = { on: topology.nodes[node]?.name ?? '', servers: [...notice.servers].sort().join(', ') };
      const other = started.find(({ servers }) => servers !== own.servers);
      if (other !== undefined) wrong ??= `${other.on} starts with ${other.servers}, and ${own.on} with ${own.servers}`;
      started.push(own);
    },
    cell: () => undefined,
  });
  return { kind: 'always', name, judge: () => (started.length > 0 ? wrong : VACUOUS) };
}
