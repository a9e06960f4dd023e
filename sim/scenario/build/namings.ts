import type { Naming } from '../../host/commands/registry.ts';
import { type Path, suggest } from '../problem.ts';
import type { Reporter } from './reporter.ts';

interface Placed extends Naming {
  readonly host: string;
  readonly path: Path;
}

/** The names that commands give their hosts and use, for instance those of members: they should differ, and be somebody's. */
export class Namings {
  private readonly all: Placed[] = [];

  /** Names that commands gave on a host, or on one of several that are alike. */
  add(namings: readonly Naming[], host: string, path: Path): void {
    for (const naming of namings) this.all.push({ ...naming, host, path });
  }

  /** Those that commands gave. */
  given(): readonly string[] {
    return this.all.flatMap(({ does, name }) => (does === 'claim' && name !== undefined ? [name] : []));
  }

  compare(reporter: Reporter): void {
    const owners = new Map<string, string>();
    for (const { does, host, name = host, path, line, column } of this.all) {
      if (does !== 'claim') continue;
      const owner = owners.get(name) ?? host;
      owners.set(name, owner);
      if (owner === host) continue;
      const message = `${name} is the name of an agent on ${owner} already; where two of a name meet, at least one of them stops.`;
      reporter.add({ path, part: { line, column }, message, isWarning: true });
    }
    if (this.all.some(({ does }) => does === 'unknown')) return;
    for (const { does, name, path, line, column } of this.all) {
      if (does !== 'mention' || name === undefined || owners.has(name)) continue;
      const hint = suggest(name, owners.keys(), 'names');
      const message = `No agent is called ${name}.`;
      reporter.add({ path, part: { line, column }, message, ...(hint === undefined ? {} : { hint }), isWarning: true });
    }
  }
}
