import type { Path } from '../problem.ts';
import type { Machines } from './machines.ts';
import type { Reporter } from './reporter.ts';

/** Finds nodes by the names that a scenario uses for them. */
export class Cast {
  private readonly machines: Machines;
  private readonly reporter: Reporter;

  constructor(machines: Machines, reporter: Reporter) {
    this.machines = machines;
    this.reporter = reporter;
  }

  /** Host names in the order of their nodes. */
  names(nodes: readonly number[]): string[] {
    return nodes.map((node) => this.machines.all[node]?.name ?? '');
  }

  /** The hosts that a name, a list of names or `all` stands for, each once; unknown ones are reported and left out. */
  hosts(who: string | readonly string[], path: Path): number[] {
    return this.resolve(who, path, (name) => this.machines.hosts.get(name), 'host');
  }

  /** The same with routers. `all` are the hosts only. */
  nodes(who: string | readonly string[], path: Path): number[] {
    const find = (name: string) => {
      const router = this.machines.routers.get(name);
      return router === undefined ? this.machines.hosts.get(name) : [router];
    };
    return this.resolve(who, path, find, 'machine');
  }

  private resolve(
    who: string | readonly string[],
    path: Path,
    find: (name: string) => readonly number[] | undefined,
    kind: 'host' | 'machine',
  ): number[] {
    const found = new Set<number>();
    for (const [index, name] of (typeof who === 'string' ? [who] : who).entries()) {
      const nodes = find(name);
      if (nodes === undefined) this.reporter.unknown(typeof who === 'string' ? path : [...path, index], kind, name);
      for (const node of nodes ?? []) found.add(node);
    }
    return [...found];
  }
}
