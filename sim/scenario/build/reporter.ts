import { type Path, suggest } from '../problem.ts';
import type { Part } from '../yaml/places.ts';

/** A mistake in what the parts of a scenario mean together. */
export interface Report {
  readonly path: Path;
  readonly part: Part;
  readonly message: string;
  readonly hint?: string;
  /** Nothing that keeps the scenario from being run. */
  readonly isWarning: boolean;
}

/** Names that the scenario as it was written gives, also to entries that are too broken to be looked at. */
export interface Declared {
  readonly segments: ReadonlySet<string>;
  readonly routers: ReadonlySet<string>;
  readonly switches: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
}

/** Collects what is wrong; each mistake once. */
export class Reporter {
  readonly reports: Report[] = [];
  readonly declared: Declared;
  private readonly said = new Set<string>();

  constructor(declared: Declared) {
    this.declared = declared;
  }

  say(path: Path, message: string, hint?: string, part: Part = 'value'): void {
    this.add({ path, part, message, ...(hint === undefined ? {} : { hint }), isWarning: false });
  }

  add(report: Report): void {
    const { path, part, message } = report;
    const key = JSON.stringify([path, part, message]);
    if (this.said.has(key)) return;
    this.said.add(key);
    this.reports.push(report);
  }

  /** Says that a name is none of those that exist. */
  unknownName(path: Path, what: string, name: string, known: Iterable<string>): void {
    this.say(
      path,
      `No ${what} is called ${name}.`,
      suggest(name, known, what.endsWith('y') ? `${what.slice(0, -1)}ies` : `${what}s`),
    );
  }

  /** Says that a name stands for nothing, unless its entry is there and merely broken. */
  unknown(path: Path, kind: 'segment' | 'switch' | 'host' | 'machine', name: string): void {
    const { segments, switches, hosts, routers } = this.declared;
    const known = { segment: segments, switch: switches, host: hosts, machine: new Set([...hosts, ...routers]) }[kind];
    if (known.has(name)) return;
    if (kind === 'host' && routers.has(name)) return this.say(path, `${name} is a router, and a host is needed here.`);
    const what = kind === 'machine' ? 'host or router' : kind;
    const plural = { segment: 'segments', switch: 'switches', host: 'hosts', machine: 'hosts and routers' }[kind];
    this.say(path, `No ${what} is called ${name}.`, suggest(name, known, plural));
  }
}
