import type { Duration } from '../../../core/time.ts';
import type { Naming, Registry } from '../../host/commands/registry.ts';
import { absolute } from '../../host/path.ts';
import { check } from '../../host/shell/check.ts';
import { almostMost } from '../../network/distribution.ts';
import type { SegmentSpec } from '../../network/topology.ts';
import type { Beside } from '../build.ts';
import type { Path } from '../problem.ts';
import type { HostInput } from '../schema.ts';
import type { Behaviours } from './behaviours.ts';
import type { Machine } from './machines.ts';
import { Namings } from './namings.ts';
import type { Reporter } from './reporter.ts';

/** A file on a host's disk. */
interface HostFile {
  /** As the scenario names it. */
  readonly key: string;
  readonly text: string;
  /** The real file that it was taken from. */
  readonly from: string | undefined;
}

interface CommandsParts {
  readonly registry: Registry;
  readonly reporter: Reporter;
  readonly behaviours: Behaviours;
  readonly beside: ((name: string) => Beside) | undefined;
  readonly segments: readonly SegmentSpec[];
}

/** Checks command lines, and the scripts and files that they use, on the hosts that they are typed on. */
export class Commands {
  private readonly machines: readonly Machine[];
  private readonly parts: CommandsParts;
  private readonly files: ReadonlyMap<Machine, ReadonlyMap<string, HostFile>>;
  private readonly namings = new Namings();

  constructor(machines: readonly Machine[], parts: CommandsParts) {
    this.machines = machines;
    this.parts = parts;
    this.files = new Map(machines.map((machine) => [machine, filesOf(machine, parts)]));
  }

  /** The host's files by absolute path. */
  filesOf(machine: Machine): ReadonlyMap<string, string> {
    return new Map([...(this.files.get(machine) ?? [])].map(([path, { text }]) => [path, text]));
  }

  /**
   * Reports what is wrong with a command line; among similar hosts the first stands for all.
   *
   * @param typed whether somebody types it while the world runs: who mistypes is told so by the host, and the run goes on
   */
  check(line: string, nodes: readonly number[], path: Path, typed = false): void {
    const { registry, reporter, behaviours } = this.parts;
    const seen = new Map<unknown, Naming[]>();
    for (const node of nodes) {
      const machine = this.machines[node] as Machine;
      const similar = seen.get(machine.input);
      const named: Naming[] = similar ?? [];
      seen.set(machine.input, named);
      if (similar !== undefined) {
        this.namings.add(named, machine.name, path);
        continue;
      }
      const files = this.files.get(machine) ?? new Map<string, HostFile>();
      const host = {
        name: machine.name,
        interfaces: machine.ports,
        behaviour: behaviours.of(machine),
        latency: this.latencyOf(machine),
        file: (file: string) => files.get(absolute(file))?.text,
        files: () => [...files.keys()],
      };
      for (const { file, line: row, column, says, harmless } of check(line, host, registry, (naming) => named.push(naming))) {
        const known = file === undefined ? undefined : files.get(file);
        const message = sentence(says, machine.name);
        const report = { message, part: { line: row, column }, isWarning: typed || harmless === true };
        if (known === undefined) reporter.add({ ...report, path });
        else if (known.from === undefined) reporter.add({ ...report, path: [...machine.path, 'files', known.key] });
        else {
          const where = `${known.from}:${row}:${column}`;
          reporter.add({
            ...report,
            path: [...machine.path, 'files', known.key, 'from'],
            part: 'value',
            message: `${where}: ${message}`,
          });
        }
      }
      this.namings.add(named, machine.name, path);
    }
  }

  private latencyOf({ ports }: Machine): Duration {
    const delays = ports.map(({ segment }) => this.parts.segments[segment]?.link.delay);
    return Math.max(0, ...delays.map((delay) => (delay === undefined ? 0 : almostMost(delay)))) as Duration;
  }

  /** Names that command lines give agents, and their files. */
  namesGiven(): readonly string[] {
    return this.namings.given();
  }

  /** Warns of names that several hosts have, and of names that none has; to be called when all command lines were checked. */
  compareNames(): void {
    this.namings.compare(this.parts.reporter);
  }
}

function filesOf({ input, path, kind }: Machine, { reporter, beside }: CommandsParts): ReadonlyMap<string, HostFile> {
  const files = new Map<string, HostFile>();
  if (kind === 'router') return files;
  for (const [key, given] of Object.entries((input as HostInput).files ?? {})) {
    const file = absolute(key);
    if (files.has(file))
      reporter.say([...path, 'files', key], `${key} is the same file as ${files.get(file)?.key}.`, 'Keep one of them.', 'key');
    else if (typeof given === 'string') files.set(file, { key, text: given, from: undefined });
    else {
      const read = beside?.(given.from) ?? { problem: 'there are no files beside a scenario here' };
      const at = [...path, 'files', key, 'from'];
      if ('problem' in read) reporter.say(at, `${given.from} cannot be taken: ${read.problem}.`, 'Give its text instead.');
      else files.set(file, { key, text: read.text, from: given.from });
    }
  }
  return files;
}

/** Capital letter and full stop; a name at the beginning stays as it is. */
function sentence(says: string, host: string): string {
  const first = says.startsWith(`${host} `) ? says.charAt(0) : says.charAt(0).toUpperCase();
  return `${first}${says.slice(1)}${/[.!?]$/.test(says) ? '' : '.'}`;
}
