import { type Address, ANY, formatAddress, isPrivate, parseAddress } from '../../../core/address.ts';
import type { HostInterface } from '../program.ts';

/** Where members listen unless told otherwise. */
export const DEFAULT_PORT = 7946;

/** An address and a port, as flags and files give them. */
export interface Place {
  readonly address: Address;
  readonly port: number;
}

/** `10.0.0.1`, `10.0.0.1:7946` or `:7946`. */
export function parsePlace(text: string, port = DEFAULT_PORT): Place | undefined {
  const [, host = '', given] = /^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === '' && given === undefined) return undefined;
  const address = host === '' ? ANY : parseAddress(host);
  const number = given === undefined ? port : Number(given);
  return address === undefined || number < 1 || number > 0xff_ff ? undefined : { address, port: number };
}

/** An address to join: as above, and before it the member's name and a slash, or nothing. */
export const parseJoin = (text: string, port: number): Place | undefined => parsePlace(text.replace(/^[^/]*\//, ''), port);

/** `0.0.0.0:7946`, as Go writes it: any address is not written when it was not given. */
export const writtenPlace = ({ address, port }: Place): string => `${formatAddress(address)}:${port}`;

/** Why a text is no place, as Go's resolver puts it. */
export function placeProblem(text: string): string {
  const [, host = text, port] = /^([^:]*):([^:]*)$/.exec(text) ?? [];
  if (port !== undefined && !(/^\d+$/.test(port) && Number(port) <= 0xff_ff)) return `address ${port}: invalid port`;
  return `lookup ${host}: no such host`;
}

/** Where an agent binds, and where it tells the others to reach it. */
export interface Placement {
  readonly bind: Place;
  readonly advertise: Place;
  /** Bytes of the advertised address on the wire. */
  readonly addressBytes: 4 | 16;
  /** Said when the address was picked from an interface. */
  readonly picked: string | undefined;
}

/** An agent has no addresses to run at. */
export interface NoPlacement {
  /** What the real agent says. */
  readonly says: string;
  /** Whether it finds out when memberlist starts, and not before. */
  readonly late: boolean;
}

/**
 * Finds an agent's addresses as the real one does. Bound to no address in particular it takes that of its interface; else it advertises
 * the first private address (RFC 1918), in the order of the interfaces.
 */
export function placementOf(
  {
    bind: bound,
    advertise,
    interface: named,
  }: { readonly bind: Place; readonly advertise: Place | undefined; readonly interface: string | undefined },
  interfaces: readonly HostInterface[],
): Placement | NoPlacement {
  let bind = bound;
  let picked: string | undefined;
  if (named !== undefined) {
    const found = interfaces.find(({ name }) => name === named);
    if (found === undefined) return { says: NO_INTERFACE, late: false };
    const [first] = found.addresses;
    if (first === undefined) return { says: `Interface '${named}' has no addresses`, late: false };
    if (bind.address === ANY) {
      bind = { ...bind, address: first.address };
      picked = `Using interface '${named}' address '${formatAddress(first.address)}'`;
    } else if (!found.addresses.some(({ address }) => address === bind.address)) {
      return { says: `Interface '${named}' has no '${formatAddress(bind.address)}' address`, late: false };
    }
  }
  if (advertise !== undefined && advertise.address !== ANY) return { bind, advertise, addressBytes: 4, picked };
  if (bind.address !== ANY) return { bind, advertise: bind, addressBytes: 4, picked };
  const all = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  const address = all.find(isPrivate);
  if (address === undefined) return { says: NO_PRIVATE, late: true };
  return { bind, advertise: { address, port: bind.port }, addressBytes: 16, picked };
}

export const NO_INTERFACE = 'Invalid network interface: route ip+net: no such network interface';
const NO_PRIVATE = 'Failed to get final advertise address: No private IP address found, and explicit IP not provided';
