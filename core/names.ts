import type { Address } from './address.ts';
import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

/** A name as a small integer: a member, a host, a message kind. */
export type NameId = Brand<number, 'NameId'>;

/** An address and a port as a small integer. */
export type Endpoint = Brand<number, 'Endpoint'>;

interface NamesState {
  readonly texts: string[];
  readonly ids: Map<string, NameId>;
  readonly addresses: Address[];
  readonly ports: number[];
  readonly endpoints: Map<number, Endpoint>;
}

/**
 * The name table that one world shares: small integers inside, words for people.
 *
 * Ids are given in the order of first use, so the table belongs to the world's state and is saved and restored with it.
 */
export class Names {
  readonly state: NamesState = { texts: [], ids: new Map(), addresses: [], ports: [], endpoints: new Map() };

  id(text: string): NameId {
    let id = this.state.ids.get(text);
    if (id === undefined) {
      id = this.state.texts.length as NameId;
      this.state.texts.push(text);
      this.state.ids.set(text, id);
    }
    return id;
  }

  text(id: NameId): string {
    const text = this.state.texts[id];
    assert(text !== undefined, () => `name ${id} was never given`);
    return text;
  }

  /** @param port 0 to 65535 */
  endpoint(address: Address, port: number): Endpoint {
    assert(port >= 0 && port <= 0xff_ff, () => `port ${port} is none`);
    const key = address * 0x1_00_00 + port;
    let endpoint = this.state.endpoints.get(key);
    if (endpoint === undefined) {
      endpoint = this.state.ports.length as Endpoint;
      this.state.addresses.push(address);
      this.state.ports.push(port);
      this.state.endpoints.set(key, endpoint);
    }
    return endpoint;
  }

  address(endpoint: Endpoint): Address {
    const address = this.state.addresses[endpoint];
    assert(address !== undefined, () => `endpoint ${endpoint} was never given`);
    return address;
  }

  port(endpoint: Endpoint): number {
    const port = this.state.ports[endpoint];
    assert(port !== undefined, () => `endpoint ${endpoint} was never given`);
    return port;
  }
}
