import { type Address, ANY, BROADCAST, isMulticast } from '../../core/address.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import type { SocketSpec } from '../../core/protocol.ts';
import { type Layout, NOWHERE } from './layout.ts';
import { groupKey, type NetworkState } from './state.ts';
import type { BindProblem, SocketHandle } from './upcalls.ts';

/** The transports that have ports, as the small numbers that keys are made of. */
export const TRANSPORTS = { udp: 0, stream: 1, message: 2 } as const;
const KINDS = 3;

/** Linux's ip_local_port_range. */
const FIRST_EPHEMERAL = 32_768;
const LAST_EPHEMERAL = 60_999;

/** A bound socket. */
export interface SocketState {
  readonly node: number;
  readonly transport: keyof typeof TRANSPORTS;
  /** ANY for all addresses of the host. */
  readonly address: Address;
  readonly port: number;
  /** Interface for multicast, or NOWHERE for the first. */
  readonly out: number;
  readonly multicastTtl: number;
  readonly shared: boolean;
  readonly groups: readonly Address[];
  /** The interface that the groups are joined on, or NOWHERE. */
  readonly joinedOn: number;
}

const NOT_CACHED = -2;
const NOTHING = -1;

/** All bound sockets of a network: who has which port, and who has joined which group. */
export class Sockets {
  private readonly names: Names;
  private readonly layout: Layout;
  private readonly state: NetworkState;
  /** Derived: the socket of an endpoint that belongs to one host, by transport. Dropped when any socket is bound or closed. */
  private readonly cache: Int32Array[] = [];
  private cached = false;
  /** Another one whenever a socket was bound or closed. */
  version = 1;

  constructor(names: Names, layout: Layout, state: NetworkState) {
    this.names = names;
    this.layout = layout;
    this.state = state;
    for (let kind = 0; kind < KINDS; kind++) this.cache.push(new Int32Array(256).fill(NOT_CACHED));
  }

  get(handle: SocketHandle): SocketState | undefined {
    return this.state.sockets[handle];
  }

  bind(node: number, spec: SocketSpec): SocketHandle | BindProblem {
    const address = spec.address ?? ANY;
    if (!this.canBind(node, address)) return 'Cannot assign requested address';
    const out = spec.interface === undefined ? NOWHERE : this.layout.find(node, spec.interface);
    if (spec.interface !== undefined && out === NOWHERE) return 'No such device';
    const groups = spec.groups ?? [];
    const first = this.layout.first[node] as number;
    const joinedOn = groups.length === 0 ? NOWHERE : out !== NOWHERE ? out : first;
    if (groups.length > 0 && joinedOn >= (this.layout.first[node + 1] as number)) return 'No such device';
    const shared = spec.shared ?? false;
    const port = spec.port === 0 ? this.ephemeral(node, spec.transport, address) : spec.port;
    if (port === undefined || !this.isFree(node, spec.transport, address, port, shared)) return 'Address already in use';

    const handle = this.state.sockets.length as SocketHandle;
    const multicastTtl = spec.multicastTtl ?? 1;
    this.state.sockets.push({ node, transport: spec.transport, address, port, out, multicastTtl, shared, groups, joinedOn });
    const key = portKey(node, spec.transport, port);
    const holders = this.state.ports.get(key);
    if (holders === undefined) this.state.ports.set(key, [handle]);
    else holders.push(handle);
    for (const group of groups) this.join(joinedOn, group);
    this.forget();
    return handle;
  }

  unbind(handle: SocketHandle): void {
    const socket = this.state.sockets[handle];
    if (socket === undefined) return;
    this.state.sockets[handle] = undefined;
    const key = portKey(socket.node, socket.transport, socket.port);
    remove(this.state.ports, key, handle);
    for (const group of socket.groups) {
      remove(this.state.groups, groupKey(this.layout.receives[socket.joinedOn] as number, group), socket.joinedOn);
    }
    this.forget();
  }

  /** All sockets of a host are gone. */
  down(node: number): void {
    for (let handle = 0; handle < this.state.sockets.length; handle++) {
      if (this.state.sockets[handle]?.node === node) this.unbind(handle as SocketHandle);
    }
  }

  /** The socket that a packet for an own address of the node is for: one bound to that very address before one bound to any. */
  find(node: number, transport: keyof typeof TRANSPORTS, to: Endpoint, owned: boolean): SocketHandle | undefined {
    if (!owned) return this.search(node, transport, to);
    const cache = this.cache[TRANSPORTS[transport]] as Int32Array;
    const known = to < cache.length ? (cache[to] as number) : NOT_CACHED;
    if (known === NOTHING) return undefined;
    if (known !== NOT_CACHED) return known as SocketHandle;
    const found = this.search(node, transport, to);
    this.remember(transport, to, found);
    return found;
  }

  /** The same for an endpoint whose address belongs to one host alone, if it was found before and there is one. */
  known(transport: 'udp' | 'message', to: Endpoint): SocketHandle | undefined {
    const cache = this.cache[transport === 'udp' ? TRANSPORTS.udp : TRANSPORTS.message] as Int32Array;
    const known = to < cache.length ? (cache[to] as number) : NOT_CACHED;
    return known >= 0 ? (known as SocketHandle) : undefined;
  }

  /** The sockets that a multicast or broadcast is for, in the order of binding: of a multicast those that have joined on this interface. */
  audience(node: number, transport: keyof typeof TRANSPORTS, to: Endpoint, index: number): SocketHandle[] {
    const address = this.names.address(to);
    const multicast = isMulticast(address);
    return (this.state.ports.get(portKey(node, transport, this.names.port(to))) ?? []).filter((handle) => {
      const socket = this.state.sockets[handle] as SocketState;
      if (socket.address !== ANY && socket.address !== address) return false;
      return !multicast || (socket.joinedOn === index && socket.groups.includes(address));
    }) as SocketHandle[];
  }

  /** Groups joined on an interface, sorted. */
  groups(index: number): Address[] {
    if (this.state.groups.size === 0) return [];
    const found = new Set<Address>();
    for (const socket of this.state.sockets) {
      if (socket?.joinedOn === index) for (const group of socket.groups) found.add(group);
    }
    return [...found].sort((a, b) => a - b);
  }

  /** The next free ephemeral port, in a row around the range as long as the host exists; undefined when all are taken. */
  ephemeral(
    node: number,
    transport: keyof typeof TRANSPORTS,
    address: Address,
    usable: (port: number) => boolean = () => true,
  ): number | undefined {
    const range = LAST_EPHEMERAL - FIRST_EPHEMERAL + 1;
    const start = this.state.nextPort[node] as number;
    for (let i = 0; i < range; i++) {
      const offset = (start + i) % range;
      const port = FIRST_EPHEMERAL + offset;
      if (!this.isFree(node, transport, address, port, false) || !usable(port)) continue;
      this.state.nextPort[node] = (offset + 1) % range;
      return port;
    }
    return undefined;
  }

  /** Drops what was derived from the state. */
  forget(): void {
    this.version++;
    if (!this.cached) return;
    this.cached = false;
    for (const cache of this.cache) cache.fill(NOT_CACHED);
  }

  private search(node: number, transport: keyof typeof TRANSPORTS, to: Endpoint): SocketHandle | undefined {
    const address = this.names.address(to);
    const handles = this.state.ports.get(portKey(node, transport, this.names.port(to))) ?? [];
    let found: number | undefined;
    // Among shared sockets the one that was bound last gets it, as on Linux.
    for (const handle of handles) if (this.state.sockets[handle]?.address === ANY) found = handle;
    for (const handle of handles) if (this.state.sockets[handle]?.address === address) found = handle;
    return found as SocketHandle | undefined;
  }

  private remember(transport: keyof typeof TRANSPORTS, to: Endpoint, found: SocketHandle | undefined): void {
    const kind = TRANSPORTS[transport];
    let cache = this.cache[kind] as Int32Array;
    while (to >= cache.length) {
      const grown = new Int32Array(cache.length * 2).fill(NOT_CACHED);
      grown.set(cache);
      this.cache[kind] = grown;
      cache = grown;
    }
    cache[to] = found ?? NOTHING;
    this.cached = true;
  }

  private canBind(node: number, address: Address): boolean {
    if (address === ANY || address === BROADCAST || isMulticast(address) || this.layout.owns(node, address)) return true;
    for (let index = this.layout.first[node] as number; index < (this.layout.first[node + 1] as number); index++) {
      if (this.layout.broadcasts(index, address)) return true;
    }
    return false;
  }

  private isFree(node: number, transport: keyof typeof TRANSPORTS, address: Address, port: number, shared: boolean): boolean {
    return !(this.state.ports.get(portKey(node, transport, port)) ?? []).some((handle) => {
      const other = this.state.sockets[handle] as SocketState;
      const overlaps = other.address === address || other.address === ANY || address === ANY;
      return overlaps && !(shared && other.shared);
    });
  }

  private join(index: number, group: Address): void {
    const key = groupKey(this.layout.receives[index] as number, group);
    const joined = this.state.groups.get(key);
    if (joined === undefined) {
      this.state.groups.set(key, [index]);
    } else {
      let place = joined.length;
      while (place > 0 && (joined[place - 1] as number) > index) place--;
      joined.splice(place, 0, index);
    }
  }
}

function remove(map: Map<number, number[]>, key: number, item: number): void {
  const items = map.get(key);
  if (items === undefined) return;
  items.splice(items.indexOf(item), 1);
  if (items.length === 0) map.delete(key);
}

const portKey = (node: number, transport: keyof typeof TRANSPORTS, port: number): number =>
  (node * KINDS + TRANSPORTS[transport]) * 0x1_0000 + port;
