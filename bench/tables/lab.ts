import { type Acquaintance, companyOf, Gossip, type GossipConfig, type Quirks } from '../../core/gossip/gossip.ts';
import { type GossipRules, RULES } from '../../core/gossip/rules.ts';
import type { Protocol } from '../../core/protocol.ts';
import type { Duration, Instant } from '../../core/time.ts';
import type { Sink } from '../../sim/engine/journal.ts';
import { becomesProgram, type Command, Registry } from '../../sim/host/commands/registry.ts';
import { standardCommands } from '../../sim/host/commands/standard.ts';
import type { HostView, Program } from '../../sim/host/program.ts';
import { scenario } from '../../sim/scenario/load.ts';
import type { ScenarioInput } from '../../sim/scenario/schema.ts';
import { World } from '../../sim/world.ts';

/** A cluster to be measured. */
export interface Cluster {
  readonly nodes: number;
  readonly config: GossipConfig;
  readonly quirks: Quirks;
  readonly rules?: Partial<GossipRules>;
  readonly seed: number;
  /** Probability that a packet is lost. */
  readonly loss?: number;
  readonly timeline?: ScenarioInput['timeline'];
  /** Stands between a node and the network. */
  readonly wrap?: (gossip: Gossip, node: number) => Protocol<never, never>;
  readonly listen?: readonly Partial<Sink>[];
}

/** A cluster of memberlist nodes, n1 to nN, on one segment, that have long been together; time begins at 0. */
export class Lab {
  readonly world: World;
  /** By node number, which is the host's number less 1. */
  readonly gossips: Gossip[] = [];

  constructor(cluster: Cluster) {
    const input: ScenarioInput = {
      seed: cluster.seed,
      until: '10000s',
      network: { segments: { lan: { subnet: '10.0.0.0/16', latency: '100us..200us', loss: cluster.loss ?? 0 } } },
      hosts: { n: { on: 'lan', count: cluster.nodes } },
      timeline: [{ at: '0s', on: 'all', run: 'memberlist' }, ...(cluster.timeline ?? [])],
    };
    const registry = new Registry([...standardCommands, this.memberlist(cluster)]);
    const { plan } = scenario(input, { registry, properties: new Map() });
    const sinks = (cluster.listen ?? []).map((sink) => ({ record: nothing, cell: nothing, ...sink }));
    this.world = new World({ ...plan, start: 'converged' }, { registry, fingerprint: false, listen: () => sinks });
    this.runUntil(0 as Instant);
  }

  get now(): Instant {
    return this.world.now;
  }

  runUntil(end: Instant): void {
    this.world.simulation.runUntil(end);
  }

  run(lasts: Duration): void {
    this.runUntil((this.now + lasts) as Instant);
  }

  /** Runs until something is so, at the latest for a time. @returns whether it came to be so */
  runTo(isSo: () => boolean, atMost: Duration): boolean {
    this.world.simulation.runWhile(() => !isSo(), (this.now + atMost) as Instant);
    return isSo();
  }

  name(node: number): number {
    return this.world.names.id(`n${node + 1}`);
  }

  private memberlist(cluster: Cluster): Command {
    return {
      name: 'memberlist',
      check: () => undefined,
      start: () => becomesProgram,
      program: (_args, host) => this.program(cluster, host),
    };
  }

  private program({ config, quirks, rules, wrap }: Cluster, host: HostView): Program {
    const { names, node } = host;
    const { address } = host.interfaces[0]?.addresses[0] ?? { address: 0 as never };
    const self = {
      name: names.id(host.name),
      address: names.endpoint(address, PORT),
      addressBytes: 4,
      versions: VERSIONS,
    } as const;
    const random = host.random('gossip');
    const gossip = new Gossip({ self, config, quirks, names, random, rules: { ...RULES, ...rules } });
    this.gossips[node] = gossip;
    const all = this.gossips;
    const protocol = wrap?.(gossip, node) ?? (gossip as unknown as Protocol<never, never>);
    return {
      name: 'memberlist',
      parts: [{ name: 'gossip', protocol, sockets: SOCKETS }],
      signal: (signal, process) => {
        if (signal === 'INT') process.command(0, process.nextId(), { command: 'leave', timeout: 0 });
        else process.end(1);
      },
      replied: () => undefined,
      converge: (programs) => {
        const everybody = all.map(({ self: { name, ...own }, descriptions }): Acquaintance => {
          const description = descriptions.id({ ...own, meta: '', metaBytes: 0 });
          return { name, description, incarnation: 1 as Acquaintance['incarnation'] };
        });
        const company = companyOf(everybody, names);
        for (const { process } of programs) process.command(0, process.nextId(), { command: 'acquaint', company });
      },
    };
  }
}

const PORT = 7946;
const VERSIONS = [1, 5, 2, 2, 5, 5] as const;
const SOCKETS = [
  { transport: 'udp', port: PORT },
  { transport: 'stream', port: PORT },
] as const;

const nothing = (): void => undefined;

/** A time as a scenario has it. */
export const at = (instant: number): string => `${Math.round(instant)}ns`;
