import type { Address } from '../../core/address.ts';
import { readServer } from '../host/commands/kvd-options.ts';
import { exactly } from '../host/commands/options.ts';
import type { Plan } from '../scenario/plan.ts';

/** Who plays which part in a scenario. */
export interface Cast {
  /** The hosts that servers and agents run on; all when there are none that we know. */
  readonly hosts: readonly string[];
  /** The others: clients and bystanders. */
  readonly others: readonly string[];
  /** Those of them that agents of Serf run on. */
  readonly agents: readonly string[];
  /** The servers of a store, by their names in the cluster. */
  readonly peers: readonly { readonly name: string; readonly address: Address; readonly host: string | undefined }[];
  /** Whether any of them lets its leader answer by a lease, which rests on clocks. */
  readonly leases: boolean;
  /** Whether any of them writes to its disk. */
  readonly writes: boolean;
  /** Which changes of members the servers of the store take. */
  readonly changes: 'single' | 'joint' | 'both' | undefined;
}

const PROGRAM = /^\s*(kvd|serf +agent|consul +agent)\b/;

export function castOf(plan: Plan): Cast {
  const lines = plan.timeline.flatMap((step) => (step.type === 'run' && PROGRAM.test(step.line) ? [step] : []));
  const nodes = new Set(lines.map(({ node }) => node));
  const known = plan.hosts.filter(({ node }) => nodes.has(node)).map(({ name }) => name);
  const all = plan.hosts.map(({ name }) => name);
  const hosts = known.length > 0 ? known : all;
  const servers = lines.flatMap(({ node, line }) => {
    const [command, ...words] = wordsOf(line);
    return command === 'kvd' ? [{ node, options: readServer(exactly(words), () => undefined) }] : [];
  });
  const listed = servers.flatMap(({ options }) => options.peers);
  const hostOf = (name: string) => servers.find(({ node, options }) => (options.name ?? nameOf(plan, node)) === name)?.node;
  const peers = listed
    .filter(({ name }, index) => listed.findIndex((other) => other.name === name) === index)
    .map(({ name, address }) => ({ name, address, host: nameOf(plan, hostOf(name)) }));
  return {
    hosts,
    others: all.filter((name) => !hosts.includes(name)),
    agents: hosts.filter((name) => lines.some(({ node, line }) => nameOf(plan, node) === name && /^\s*serf\b/.test(line))),
    peers,
    leases: servers.some(({ options }) => options.config.leaseReads),
    writes: lines.some(({ line }) => /^\s*kvd\b|-server\b|-snapshot\b/.test(line)),
    changes: servers[0]?.options.config.changes,
  };
}

const nameOf = (plan: Plan, node: number | undefined): string | undefined =>
  node === undefined ? undefined : plan.topology.nodes[node]?.name;

/** The words of a simple command line, without their quotes. */
const wordsOf = (line: string): string[] =>
  (line.match(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g) ?? []).map((word) => word.replace(/["']/g, ''));
