import type { SegmentSpec } from '../../network/topology.ts';
import type { Path } from '../problem.ts';
import type { HostInput, RouterInput, ScenarioInput } from '../schema.ts';
import { type Port, portsOf } from './ports.ts';
import type { Reporter } from './reporter.ts';

/** A host or router on its way into the topology. */
export interface Machine {
  readonly name: string;
  readonly kind: 'host' | 'router';
  readonly path: Path;
  readonly input: HostInput | RouterInput;
  readonly forwarding: boolean;
  /** Its place in a row of similar hosts; 0 for a host of its own. */
  readonly step: number;
  readonly ports: readonly Port[];
}

/** Node numbers by the names that a timeline may use: a host, a row of hosts, a router, `all`. */
export interface Machines {
  readonly all: readonly Machine[];
  readonly hosts: ReadonlyMap<string, readonly number[]>;
  readonly routers: ReadonlyMap<string, number>;
}

/** All machines, hosts first; their names are distinct. */
export function buildMachines(data: ScenarioInput, segments: readonly SegmentSpec[], reporter: Reporter): Machines {
  const all: Machine[] = [];
  const hosts = new Map<string, readonly number[]>();
  const routers = new Map<string, number>();
  const taken = new Map<string, string>();

  const add = (machine: Omit<Machine, 'ports'>): number | undefined => {
    const { name, path } = machine;
    const other = taken.get(name);
    if (name === 'all')
      reporter.say(path, 'all stands for every host, so no machine can be called that.', 'Choose another name.', 'key');
    else if (other !== undefined)
      reporter.say(path, `${name} is the name of ${other} already.`, 'Names of hosts and routers must differ.', 'key');
    else {
      taken.set(
        name,
        machine.kind === 'router'
          ? 'a router'
          : machine.path[1] === name
            ? 'a host'
            : `a host that ${String(machine.path[1])} makes`,
      );
      return all.push({ ...machine, ports: portsOf(machine, segments, data.network, reporter) }) - 1;
    }
    return undefined;
  };

  for (const [name, input] of Object.entries(data.hosts)) {
    const path: Path = ['hosts', name];
    const row = input.count === undefined ? [name] : Array.from({ length: input.count }, (_, step) => `${name}${step + 1}`);
    const nodes = row.flatMap((each, step) => {
      const node = add({ name: each, kind: 'host', path, input, forwarding: input.forwarding ?? false, step });
      if (node !== undefined && each !== name) hosts.set(each, [node]);
      return node === undefined ? [] : [node];
    });
    if (input.count !== undefined && taken.has(name)) {
      reporter.say(path, `${name} is the name of ${taken.get(name)} already.`, 'A row of hosts needs a name of its own.', 'key');
    } else if (nodes.length > 0) {
      hosts.set(name, nodes);
      if (input.count !== undefined) taken.set(name, 'a row of hosts');
    }
  }
  hosts.set('all', [...all.keys()]);
  for (const [name, input] of Object.entries(data.network.routers ?? {})) {
    const node = add({ name, kind: 'router', path: ['network', 'routers', name], input, forwarding: true, step: 0 });
    if (node !== undefined) routers.set(name, node);
  }
  return { all, hosts, routers };
}
