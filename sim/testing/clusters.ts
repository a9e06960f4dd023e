import fc from 'fast-check';
import type { Subject } from '../../core/laws.ts';
import type { EntryInput, ScenarioInput } from '../scenario/schema.ts';
import { type Site, type SiteSpace, sites } from './sites.ts';

/**
 * Scenarios in which every host of a generated network runs a program.
 *
 * @param line the command line of a host, by its name
 */
export const clusters = (line: (host: string, site: Site) => string, space?: SiteSpace): fc.Arbitrary<ScenarioInput> =>
  fc.tuple(sites(space), fc.integer({ min: 0, max: 3_000 })).map(([site, spread]) => {
    const names = Object.keys(site.hosts);
    const timeline = names.map((name, index) => ({
      at: `${Math.floor((index * spread) / names.length)}ms`,
      on: name,
      run: line(name, site),
    }));
    return { network: site.network, hosts: site.hosts, timeline };
  });

/** Agents of Serf that join the first of them. */
export const serfClusters = (space?: SiteSpace): fc.Arbitrary<ScenarioInput> =>
  clusters((host, { addresses }) => (host === 'n1' ? 'serf agent' : `serf agent -join ${addresses.n1}`), space);

const nodes = ({ addresses }: Site): string[] => Object.entries(addresses).map(([name, address]) => `${name}=${address}`);

/** Servers of a store on Raft, all of them voters. */
export const raftClusters = (space: SiteSpace = { hosts: { least: 3, most: 5 } }): fc.Arbitrary<ScenarioInput> =>
  clusters((_, site) => `kvd -peers=${nodes(site).join(',')}`, space);

/** Nodes of a protocol of one's own that know of each other. */
export const clustersOf = ({ name }: Pick<Subject, 'name'>, space?: SiteSpace): fc.Arbitrary<ScenarioInput> =>
  clusters((_, site) => `${name} ${nodes(site).join(' ')}`, space);

/** What people do on hosts. */
export interface WorkloadSpace {
  readonly hosts: readonly string[];
  /** Command lines that they type. */
  readonly lines: fc.Arbitrary<string>;
  /** In milliseconds; nothing is typed before, and nothing after. */
  readonly from: number;
  readonly until: number;
  /** At most so many command lines; 10 unless said otherwise. */
  readonly most?: number;
}

/** Steps of a timeline in which people type command lines, in the order in which they do. Shrinks to fewer and earlier ones. */
export const workloads = ({ hosts, lines, from, until, most = 10 }: WorkloadSpace): fc.Arbitrary<EntryInput[]> =>
  fc
    .array(fc.tuple(fc.integer({ min: from, max: until }), fc.constantFrom(...hosts), lines), { maxLength: most })
    .map((steps) => steps.toSorted(([a], [b]) => a - b).map(([at, on, run]): EntryInput => ({ at: `${at}ms`, on, run })));
