import { BROADCAST, isLoopback, isMulticast } from '../../core/address.ts';
import type { Endpoint, Names } from '../../core/names.ts';
import { NOBODY } from '../engine/journal.ts';
import type { Layout } from './layout.ts';

/** What an endpoint's address is to everybody, beside being an interface's: those are interface numbers, from 0. */
export const Owner = {
  /** No interface has the address. It may still be the directed broadcast of a subnet. */
  none: -1,
  multicast: -2,
  /** 255.255.255.255. */
  broadcast: -3,
  /** 127.0.0.0/8: each node's own. */
  loopback: -4,
} as const;

const UNKNOWN = -5;

/** No interface has this, and nobody else, as its first address. */
const NOBODYS = -1;

/** Which interface has the address of an endpoint: looked up once and kept by the endpoint's number. */
export class Endpoints {
  private readonly names: Names;
  private readonly layout: Layout;
  private owners = new Int32Array(256).fill(UNKNOWN);
  private residents = new Int32Array(256).fill(UNKNOWN);

  constructor(names: Names, layout: Layout) {
    this.names = names;
    this.layout = layout;
  }

  /** The first interface that has the address, or one of `Owner`. */
  owner(endpoint: Endpoint): number {
    const known = endpoint < this.owners.length ? (this.owners[endpoint] as number) : UNKNOWN;
    return known === UNKNOWN ? this.find(endpoint) : known;
  }

  /** The interface that, and that alone, has the address as its first; else a negative number. */
  resident(endpoint: Endpoint): number {
    const known = endpoint < this.residents.length ? (this.residents[endpoint] as number) : UNKNOWN;
    if (known !== UNKNOWN) return known;
    const owner = this.find(endpoint);
    const found = owner >= 0 && this.layout.unique[owner] === this.names.address(endpoint) ? owner : NOBODYS;
    this.residents[endpoint] = found;
    return found;
  }

  /** The node that has the address; NOBODY for a group, a broadcast, or an address that nobody has. */
  node(endpoint: Endpoint, sender: number): number {
    const owner = this.owner(endpoint);
    if (owner >= 0) return this.layout.node[owner] as number;
    return owner === Owner.loopback ? sender : NOBODY;
  }

  isMulticast(endpoint: Endpoint): boolean {
    return this.owner(endpoint) === Owner.multicast;
  }

  /** Numbers of endpoints belong to the name table, which is restored with the world. */
  restored(): void {
    this.owners.fill(UNKNOWN);
    this.residents.fill(UNKNOWN);
  }

  private find(endpoint: Endpoint): number {
    while (endpoint >= this.owners.length) {
      this.owners = longer(this.owners);
      this.residents = longer(this.residents);
    }
    const address = this.names.address(endpoint);
    const owner = isMulticast(address)
      ? Owner.multicast
      : address === BROADCAST
        ? Owner.broadcast
        : isLoopback(address)
          ? Owner.loopback
          : (this.layout.holders.get(address)?.[0] ?? Owner.none);
    this.owners[endpoint] = owner;
    return owner;
  }
}

function longer(column: Int32Array): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(column.length * 2).fill(UNKNOWN);
  grown.set(column);
  return grown;
}
