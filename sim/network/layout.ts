import { type Address, broadcastOf, LOOPBACK, prefixOf } from '../../core/address.ts';
import { assert } from '../../core/assert.ts';
import type { InterfaceSpec, Topology } from './topology.ts';

/** No segment: a frame here is dropped by the port, or nothing arrives. */
export const NOWHERE = -1;

const LOOPBACK_MTU = 65_536;

/**
 * The topology as columns over interfaces and nodes, computed once; but for addresses, which a host may change.
 *
 * Interfaces are numbered world-wide, a node's own in a row; after all of them each node has its loopback interface.
 */
export class Layout {
  readonly topology: Topology;
  readonly nodes: number;
  /** Without loopback interfaces. */
  readonly interfaces: number;
  /** With the addresses that they have now. */
  readonly specs: InterfaceSpec[];
  /** Node of each interface, loopback ones included. */
  readonly node: Int32Array;
  /** First interface of each node, and of the one after the last. */
  readonly first: Int32Array;
  /** Segment that frames from an interface get into, and segment whose frames it sees. The two differ where tags are set up wrong. */
  readonly sends: Int32Array;
  readonly receives: Int32Array;
  /** First interface with the same cable: sub-interfaces share its bandwidth. */
  readonly cable: Int32Array;
  readonly mtu: Int32Array;
  /** For each segment, the interfaces that see its frames, in order. */
  readonly members: readonly (readonly number[])[];
  /** By interface: its place among the members of the segment that it sees, and its first address if nobody else has that, or −1. */
  readonly place: Int32Array;
  readonly unique: Float64Array;
  /** By interface: where its row begins in a table of all pairs of members of that segment. */
  readonly row: Int32Array;
  /** By interface: its first address, or −1. */
  private readonly primaries: Float64Array;
  /** Interfaces that have an address; several only if it was given twice. */
  readonly holders: Map<Address, number[]>;
  /** Whether any address has several. */
  readonly shares: boolean;
  /** By node: 1 for a router, and 1 for a node with filters. */
  readonly forwards: Uint8Array;
  readonly filters: Uint8Array;
  /** Stand for a node and an interface in draws: from their names, so that another host in the list changes no one else's luck. */
  readonly nodeKey: Int32Array;
  readonly interfaceKey: Int32Array;

  constructor(topology: Topology) {
    this.topology = topology;
    this.nodes = topology.nodes.length;
    this.specs = topology.nodes.flatMap((node) => node.interfaces);
    const count = this.specs.length;
    this.interfaces = count;
    this.node = new Int32Array(count + this.nodes);
    this.first = new Int32Array(this.nodes + 1);
    this.sends = new Int32Array(count + this.nodes).fill(NOWHERE);
    this.receives = new Int32Array(count + this.nodes).fill(NOWHERE);
    this.cable = new Int32Array(count + this.nodes);
    this.mtu = new Int32Array(count + this.nodes).fill(LOOPBACK_MTU);
    this.forwards = Uint8Array.from(topology.nodes, (node) => Number(node.forwarding));
    this.filters = Uint8Array.from(topology.nodes, (node) => Number((node.deny?.length ?? 0) > 0));
    this.place = new Int32Array(count);
    this.nodeKey = new Int32Array(this.nodes);
    this.interfaceKey = new Int32Array(count + this.nodes);
    const members: number[][] = topology.segments.map(() => []);
    const holders = new Map<Address, number[]>();
    const taken = new Set<number>();
    let next = 0;
    for (const [node, spec] of topology.nodes.entries()) {
      this.first[node] = next;
      this.nodeKey[node] = keyOf(spec.name, taken);
      this.node[count + node] = node;
      this.cable[count + node] = count + node;
      const cables = new Map<string, number>();
      for (const port of spec.interfaces) {
        const index = next++;
        const segment = topology.segments[port.segment];
        assert(segment !== undefined, () => `${spec.name}'s ${port.name} is on segment ${port.segment}, which does not exist`);
        const cable = port.name.split('.', 1)[0] as string;
        if (!cables.has(cable)) cables.set(cable, index);
        this.node[index] = node;
        this.cable[index] = cables.get(cable) as number;
        this.mtu[index] = port.mtu ?? segment.link.mtu;
        this.interfaceKey[index] = keyOf(`${spec.name} ${port.name}`, taken);
        this.sends[index] = segmentOf(topology, port, vlanOut(port));
        this.receives[index] = segmentOf(topology, port, vlanIn(port));
        const seen = members[this.receives[index] as number];
        if (seen !== undefined) this.place[index] = seen.push(index) - 1;
        for (const { address } of port.addresses) {
          const known = holders.get(address);
          if (known === undefined) holders.set(address, [index]);
          else known.push(index);
        }
      }
    }
    this.first[this.nodes] = next;
    this.members = members;
    this.holders = holders;
    this.row = this.place.map((place, index) => place * (members[this.receives[index] as number]?.length ?? 0));
    this.primaries = new Float64Array(count + this.nodes).fill(LOOPBACK);
    for (const [index, { addresses }] of this.specs.entries()) this.primaries[index] = addresses[0]?.address ?? -1;
    this.unique = Float64Array.from(this.specs, ({ addresses: [first] }) =>
      first !== undefined && holders.get(first.address)?.length === 1 ? first.address : -1,
    );
    this.shares = [...holders.values()].some((several) => several.length > 1);
  }

  /** Gives interfaces other addresses in place of their first ones, and all others those of the topology. @returns the nodes that have changed */
  readdress(moved: ReadonlyMap<number, number>): number[] {
    const given = this.topology.nodes.flatMap((node) => node.interfaces);
    return this.specs.flatMap((spec, index) => {
      const { addresses } = given[index] as InterfaceSpec;
      const [first, ...rest] = addresses;
      const [before] = spec.addresses;
      if (first === undefined || before === undefined) return [];
      const address = (moved.get(index) ?? first.address) as Address;
      if (address === before.address) return [];
      this.specs[index] = { ...spec, addresses: [{ ...first, address }, ...rest] };
      this.holders.set(
        before.address,
        (this.holders.get(before.address) ?? []).filter((each) => each !== index),
      );
      if (this.holders.get(before.address)?.length === 0) this.holders.delete(before.address);
      this.holders.set(address, [...(this.holders.get(address) ?? []), index]);
      this.primaries[index] = address;
      this.unique[index] = this.holders.get(address)?.length === 1 ? address : -1;
      return [this.node[index] as number];
    });
  }

  loopback(node: number): number {
    return this.interfaces + node;
  }

  name(index: number): string {
    return index >= this.interfaces ? 'lo' : (this.specs[index] as InterfaceSpec).name;
  }

  /** The node's interface of that name, or NOWHERE. */
  find(node: number, name: string): number {
    for (let index = this.first[node] as number; index < (this.first[node + 1] as number); index++) {
      if (this.name(index) === name) return index;
    }
    return NOWHERE;
  }

  /**
   * The interface through which a node of the segment answers for an address: a host answers for any of its addresses on any of its
   * interfaces (the weak host model, arp_ignore = 0). NOWHERE if nobody does.
   *
   * @param up the nodes that are up: among several holders of an address the first of these answers
   */
  answers(segment: number, address: Address, up: Uint8Array): number {
    const holders = this.holders.get(address);
    if (holders === undefined || segment === NOWHERE) return NOWHERE;
    let found = NOWHERE;
    for (let i = 0; i < holders.length; i++) {
      const holder = holders[i] as number;
      const node = this.node[holder] as number;
      const through = this.receives[holder] === segment ? holder : this.attached(node, segment);
      if (through === NOWHERE) continue;
      if (up[node] === 1) return through;
      if (found === NOWHERE) found = through;
    }
    return found;
  }

  /** Whether the address is one of the node's own, 127.0.0.0/8 included. */
  owns(node: number, address: Address): boolean {
    if (address >>> 24 === LOOPBACK >>> 24) return true;
    const holders = this.holders.get(address);
    if (holders === undefined) return false;
    for (let i = 0; i < holders.length; i++) if (this.node[holders[i] as number] === node) return true;
    return false;
  }

  /** All addresses of a node's interfaces, in order, without the loopback one. */
  addresses(node: number): Address[] {
    return this.specs
      .slice(this.first[node], this.first[node + 1])
      .flatMap((spec) => spec.addresses.map(({ address }) => address));
  }

  /** Whether the address is the directed broadcast of one of the interface's subnets. */
  broadcasts(index: number, address: Address): boolean {
    if (index >= this.interfaces) return false;
    return (this.specs[index] as InterfaceSpec).addresses.some(
      (own) => own.length < 31 && broadcastOf(prefixOf(own.address, own.length)) === address,
    );
  }

  /** The interface's first address, or undefined. */
  primary(index: number): Address | undefined {
    const address = this.primaries[index] as number;
    return address < 0 ? undefined : (address as Address);
  }

  /** `02:42:` and the first address, as container engines make them; by number where there is none. */
  mac(index: number): string {
    if (index >= this.interfaces) return '00:00:00:00:00:00';
    const spec = this.specs[this.cable[index] as number] as InterfaceSpec;
    const own = spec.addresses[0]?.address;
    const hex = (own ?? index).toString(16).padStart(8, '0');
    return `02:${own === undefined ? '00' : '42'}:${hex.match(/../g)?.join(':')}`;
  }

  private attached(node: number, segment: number): number {
    for (let index = this.first[node] as number; index < (this.first[node + 1] as number); index++) {
      if (this.receives[index] === segment) return index;
    }
    return NOWHERE;
  }
}

/** FNV-1a of a name; a name whose hash is taken gets the next free number. */
function keyOf(name: string, taken: Set<number>): number {
  let hash = 0x811c_9dc5 | 0;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  while (taken.has(hash)) hash = (hash + 1) | 0;
  taken.add(hash);
  return hash;
}

/** What a frame's VLAN is after the port: an identifier, the segment's own, or none because it is dropped. */
type Vlan = number | 'own' | 'dropped';

function vlanOut({ port, tag }: InterfaceSpec): Vlan {
  if (port.mode === 'access') return tag === undefined ? 'own' : 'dropped';
  if (tag === undefined) return port.native ?? 'dropped';
  return port.allowed.includes(tag) || tag === port.native ? tag : 'dropped';
}

/** Which VLAN's frames the port hands to this interface: the native one arrives without a tag, so no sub-interface sees it. */
function vlanIn({ port, tag }: InterfaceSpec): Vlan {
  if (port.mode === 'access') return tag === undefined ? 'own' : 'dropped';
  if (tag === undefined) return port.native ?? 'dropped';
  return port.allowed.includes(tag) && tag !== port.native ? tag : 'dropped';
}

function segmentOf(topology: Topology, { segment }: InterfaceSpec, vlan: Vlan): number {
  if (vlan === 'own') return segment;
  if (vlan === 'dropped') return NOWHERE;
  if (topology.segments[segment]?.vlan === vlan) return segment;
  return topology.segments.findIndex((other) => other.vlan === vlan);
}
