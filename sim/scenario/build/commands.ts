import type { Registry } from '../../host/commands/registry.ts';
import { absolute } from '../../host/path.ts';
import { check } from '../../host/shell/check.ts';
import type { Path } from '../problem.ts';
import type { HostInput } from '../schema.ts';
import type { Machine } from './machines.ts';
import type { Reporter } from './reporter.ts';

/** Checks command lines, and the scripts that they run, on the hosts that they are typed on. */
export class Commands {
  private readonly machines: readonly Machine[];
  private readonly registry: Registry;
  private readonly reporter: Reporter;
  private readonly files: ReadonlyMap<Machine, ReadonlyMap<string, { readonly key: string; readonly text: string }>>;

  constructor(machines: readonly Machine[], registry: Registry, reporter: Reporter) {
    this.machines = machines;
    this.registry = registry;
    this.reporter = reporter;
    this.files = new Map(machines.map((machine) => [machine, filesOf(machine, reporter)]));
  }

  /** The host's files by absolute path. */
  filesOf(machine: Machine): ReadonlyMap<string, string> {
    return new Map([...(this.files.get(machine) ?? [])].map(([path, { text }]) => [path, text]));
  }

  /** Reports what is wrong with a command line; among similar hosts the first stands for all. */
  check(line: string, nodes: readonly number[], path: Path): void {
    const seen = new Set<unknown>();
    for (const node of nodes) {
      const machine = this.machines[node] as Machine;
      if (seen.has(machine.input)) continue;
      seen.add(machine.input);
      const files = this.files.get(machine);
      const host = { name: machine.name, interfaces: machine.ports, file: (file: string) => files?.get(absolute(file))?.text };
      for (const { file, line: row, column, says } of check(line, host, this.registry)) {
        const key = file === undefined ? undefined : files?.get(file)?.key;
        const place = key === undefined ? path : [...machine.path, 'files', key];
        this.reporter.say(place, sentence(says, machine.name), undefined, { line: row, column });
      }
    }
  }
}

function filesOf({ input, path, kind }: Machine, reporter: Reporter): ReadonlyMap<string, { key: string; text: string }> {
  const files = new Map<string, { key: string; text: string }>();
  if (kind === 'router') return files;
  for (const [key, text] of Object.entries((input as HostInput).files ?? {})) {
    const file = absolute(key);
    if (files.has(file))
      reporter.say([...path, 'files', key], `${key} is the same file as ${files.get(file)?.key}.`, 'Keep one of them.', 'key');
    else files.set(file, { key, text });
  }
  return files;
}

/** Capital letter and full stop; a name at the beginning stays as it is. */
function sentence(says: string, host: string): string {
  const first = says.startsWith(`${host} `) ? says.charAt(0) : says.charAt(0).toUpperCase();
  return `${first}${says.slice(1)}${/[.!?]$/.test(says) ? '' : '.'}`;
}
