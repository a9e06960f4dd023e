import type { InterfaceAddress, PortSpec, SegmentSpec } from '../../network/topology.ts';
import type { Path } from '../problem.ts';
import type { HostInput, InterfaceInput, RouterInput, ScenarioInput } from '../schema.ts';
import type { Machine } from './machines.ts';
import type { Reporter } from './reporter.ts';

/** An interface on its way into the topology. */
export interface Port {
  readonly name: string;
  readonly path: Path;
  readonly segment: number;
  readonly port: PortSpec;
  readonly tag: number | undefined;
  readonly switch: number | undefined;
  readonly input: InterfaceInput;
  /** The addresses that the scenario names, with their places. */
  readonly wanted: readonly (readonly [Path, string])[];
  /** Filled in later. */
  readonly addresses: InterfaceAddress[];
}

type Owner = Pick<Machine, 'name' | 'kind' | 'path' | 'input' | 'step'>;

/** A machine's interfaces, those left out that are too wrong to be used. */
export function portsOf(
  owner: Owner,
  segments: readonly SegmentSpec[],
  network: ScenarioInput['network'],
  reporter: Reporter,
): Port[] {
  return new PortBuilder(owner, segments, network, reporter).build();
}

class PortBuilder {
  private readonly owner: Owner;
  private readonly segments: readonly SegmentSpec[];
  private readonly network: ScenarioInput['network'];
  private readonly reporter: Reporter;

  constructor(owner: Owner, segments: readonly SegmentSpec[], network: ScenarioInput['network'], reporter: Reporter) {
    this.owner = owner;
    this.segments = segments;
    this.network = network;
    this.reporter = reporter;
  }

  build(): Port[] {
    const { kind, input, path, name } = this.owner;
    const { interfaces } = input;
    if (interfaces !== undefined) this.refuseShorthand(input);
    let ports: Port[];
    if (interfaces !== undefined) {
      ports = Object.entries(interfaces).flatMap(([each, port]) => this.port(each, port, [...path, 'interfaces', each]));
    } else if (kind === 'router') ports = this.routerPorts(input as RouterInput);
    else ports = this.hostPort(input as HostInput);
    const wired = Object.values(interfaces ?? {}).filter(({ on }) => on !== undefined).length;
    if (kind === 'router' && interfaces !== undefined && ports.length > 0 && ports.length === wired)
      this.joins(ports, [...path, 'interfaces'], name);
    return ports;
  }

  private refuseShorthand(input: HostInput | RouterInput): void {
    const { path } = this.owner;
    for (const key of ['on', 'address', 'addresses']) {
      if ((input as Record<string, unknown>)[key] === undefined) continue;
      this.reporter.say(
        [...path, key],
        `${key} and interfaces say the same thing twice.`,
        `Move ${key} into one of the interfaces.`,
        'key',
      );
    }
  }

  private hostPort({ on, address, addresses, switch: plug }: HostInput): Port[] {
    const { path, name } = this.owner;
    if (on === undefined) {
      this.reporter.say(path, `${name} is on no segment.`, 'Add on, with the name of a segment.', 'key');
      return [];
    }
    return this.port('eth0', { on, address, addresses, switch: plug }, path);
  }

  private routerPorts({ on, addresses = {}, switch: plug }: RouterInput): Port[] {
    const { path, name } = this.owner;
    const place = [...path, 'on'];
    if (on === undefined || on.length === 0) {
      this.reporter.say(path, `${name} is on no segment.`, 'Add on, with the names of the segments that it joins.', 'key');
      return [];
    }
    for (const segment of Object.keys(addresses)) {
      if (on.includes(segment)) continue;
      this.reporter.say(
        [...path, 'addresses', segment],
        `${name} is not on segment ${segment}.`,
        'Add it to on, or take the address away.',
        'key',
      );
    }
    const twice = on.find((segment, index) => on.indexOf(segment) !== index);
    if (twice !== undefined) this.reporter.say(place, `${name} is on segment ${twice} twice.`, 'Name each segment once.');
    else if (on.length < 2)
      this.reporter.say(place, `${name} is a router on one segment only.`, 'A router joins segments; name at least two.');
    return on.flatMap((segment, index) => {
      const given = Object.hasOwn(addresses, segment) ? addresses[segment] : undefined;
      const wanted = (typeof given === 'string' ? [given] : given)?.map(
        (each, nth) => [[...path, 'addresses', segment, ...(typeof given === 'string' ? [] : [nth])], each] as const,
      );
      return this.port(`eth${index}`, { on: segment, switch: plug }, path, [...place, index], wanted ?? []);
    });
  }

  /** A router with interfaces of its own must reach two segments as well. */
  private joins(ports: readonly Port[], path: Path, name: string): void {
    if (new Set(ports.map(({ segment }) => segment)).size >= 2) return;
    this.reporter.say(
      path,
      `${name} is a router on one segment only.`,
      'A router joins segments; give it an interface on another.',
    );
  }

  /**
   * One interface, or none when its segment cannot be told.
   *
   * @param place where its segment is named
   */
  private port(
    name: string,
    input: InterfaceInput,
    path: Path,
    place: Path = [...path, 'on'],
    wanted = this.wantedOf(input, path),
  ): Port[] {
    const plug = this.plug(input.switch, name, path);
    const parent = this.parentTrunk(name, path);
    if (input.on === undefined) {
      if (input.trunk === undefined)
        this.reporter.say(path, `${name} of ${this.owner.name} is on no segment.`, 'Add on, with the name of a segment.', 'key');
      return [];
    }
    const segment = this.segments.findIndex((each) => each.name === input.on);
    if (segment < 0) {
      this.reporter.unknown(place, 'segment', input.on);
      return [];
    }
    const { vlan } = this.segments[segment] as SegmentSpec;
    if (this.network.switches !== undefined && vlan === undefined) {
      this.reporter.say(place, `Segment ${input.on} has no VLAN, so no switch can carry it.`, 'Add vlan to the segment.');
    }
    const tag = name.includes('.') ? Number(name.slice(name.indexOf('.') + 1)) : undefined;
    const port = this.portSpec(name, input, parent, tag, vlan, path, place);
    return [{ name, path, segment, port, tag, switch: plug, input, wanted, addresses: [] }];
  }

  private wantedOf({ address, addresses }: InterfaceInput, path: Path): (readonly [Path, string])[] {
    if (address !== undefined && addresses !== undefined) {
      this.reporter.say([...path, 'addresses'], 'It has both address and addresses.', 'Put all into addresses.', 'key');
    }
    const several = (addresses ?? []).map((each, index) => [[...path, 'addresses', index], each] as const);
    return address === undefined ? several : [[[...path, 'address'], address], ...several];
  }

  private portSpec(
    name: string,
    { trunk }: InterfaceInput,
    parent: InterfaceInput['trunk'],
    tag: number | undefined,
    vlan: number | undefined,
    path: Path,
    place: Path,
  ): PortSpec {
    if (tag !== undefined && parent !== undefined) {
      if (vlan !== tag) {
        const is = vlan === undefined ? 'has no VLAN' : `is VLAN ${vlan}`;
        this.reporter.say(
          place,
          `${name} carries VLAN ${tag}, and its segment ${is}.`,
          'The number after the dot is the VLAN of the segment.',
        );
      } else if (!parent.allowed.includes(tag) || parent.native === tag) {
        this.reporter.say(
          path,
          `The trunk of ${name} does not carry VLAN ${tag} with a tag.`,
          `Add ${tag} to its allowed VLANs.`,
          'key',
        );
      }
      return { mode: 'trunk', allowed: parent.allowed, ...(parent.native === undefined ? {} : { native: parent.native }) };
    }
    if (trunk === undefined) return { mode: 'access' };
    if (trunk.native === undefined || trunk.native !== vlan) {
      const untagged = trunk.native === undefined ? 'nothing' : `VLAN ${trunk.native}`;
      this.reporter.say(
        place,
        `${name} is a trunk, and without a tag it carries ${untagged}.`,
        'Set native to the VLAN of the segment, or put the segment on a sub-interface.',
      );
    }
    return { mode: 'trunk', allowed: trunk.allowed, ...(trunk.native === undefined ? {} : { native: trunk.native }) };
  }

  /** For a sub-interface such as eth0.20: the trunk of eth0. */
  private parentTrunk(name: string, path: Path): InterfaceInput['trunk'] {
    if (!name.includes('.')) return undefined;
    const [parent = '', tag = '', ...more] = name.split('.');
    const number = /^\d{1,4}$/.test(tag) ? Number(tag) : 0;
    if (more.length > 0 || parent === '' || number < 1 || number > 4094) {
      this.reporter.say(
        path,
        `${name} is no name of a sub-interface.`,
        'Write the parent, a dot and a VLAN from 1 to 4094, as in eth0.20.',
        'key',
      );
      return undefined;
    }
    const { interfaces = {} } = this.owner.input;
    const trunk = Object.hasOwn(interfaces, parent) ? interfaces[parent]?.trunk : undefined;
    if (trunk === undefined) {
      this.reporter.say(
        path,
        `${name} needs ${parent} to be a trunk.`,
        `Add ${parent} with trunk: { allowed: [${number}] }.`,
        'key',
      );
    }
    return trunk;
  }

  private plug(own: string | undefined, port: string, path: Path): number | undefined {
    const switches = this.network.switches ?? [];
    const name = own ?? this.owner.input.switch;
    if (name === undefined) {
      if (switches.length > 1) {
        this.reporter.say(
          path,
          `${port} of ${this.owner.name} is plugged into no switch.`,
          `Add switch, one of ${switches.join(', ')}.`,
          'key',
        );
      }
      return switches.length === 0 ? undefined : 0;
    }
    const index = switches.indexOf(name);
    if (index < 0) this.reporter.unknown([...(own === undefined ? this.owner.path : path), 'switch'], 'switch', name);
    return index < 0 ? undefined : index;
  }
}
