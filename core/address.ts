import type { Brand } from './brand.ts';

/**
 * An IP address as a number. An IPv4 address is its own 32 bits (0 … 2³²−1); larger numbers are left free for
 * IPv6 addresses, which will be handles into a table of the world.
 */
export type Address = Brand<number, 'Address'>;

/** A range of addresses: the first `length` bits of `base`; the other bits of `base` are zero. */
export interface Prefix {
  readonly base: Address;
  readonly length: number;
}

/** 0.0.0.0: any local address when bound to. */
export const ANY = 0 as Address;
/** 255.255.255.255: every host of the segment. */
export const BROADCAST = 0xff_ff_ff_ff as Address;
/** 127.0.0.1. */
export const LOOPBACK = 0x7f_00_00_01 as Address;

/** A leading zero is no decimal number: some systems read it as octal. */
const DOTTED = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const PREFIX = /^([\d.]+)\/(0|[1-9]\d?)$/;

/** @returns undefined when the text is no dotted IPv4 address */
export function parseAddress(text: string): Address | undefined {
  const match = DOTTED.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (let i = 1; i <= 4; i++) {
    const byte = Number(match[i]);
    if (byte > 255) return undefined;
    value = value * 256 + byte;
  }
  return value as Address;
}

export function formatAddress(address: Address): string {
  return `${Math.floor(address / 0x1_00_00_00)}.${(address >>> 16) & 0xff}.${(address >>> 8) & 0xff}.${address & 0xff}`;
}

const maskOf = (length: number): number => (length === 0 ? 0 : (0xff_ff_ff_ff << (32 - length)) >>> 0);

/** @returns undefined when the text is no `10.0.1.0/24`; host bits may be set and are cleared */
export function parsePrefix(text: string): Prefix | undefined {
  const [, base = '', length] = PREFIX.exec(text) ?? [];
  const address = parseAddress(base);
  return address === undefined || Number(length) > 32 ? undefined : prefixOf(address, Number(length));
}

/** The range of this length that an address is in. */
export function prefixOf(address: Address, length: number): Prefix {
  return { base: ((address & maskOf(length)) >>> 0) as Address, length };
}

export const formatPrefix = (prefix: Prefix): string => `${formatAddress(prefix.base)}/${prefix.length}`;

export function contains(prefix: Prefix, address: Address): boolean {
  return (address & maskOf(prefix.length)) >>> 0 === prefix.base;
}

/** Whether the two have an address in common: then the longer one lies in the shorter one. */
export const overlap = (a: Prefix, b: Prefix): boolean =>
  contains(a.length <= b.length ? a : b, a.length <= b.length ? b.base : a.base);

/** The directed broadcast address of a subnet: all host bits set. */
export const broadcastOf = (prefix: Prefix): Address => ((prefix.base | ~maskOf(prefix.length)) >>> 0) as Address;

/** `length` ones and then zeros: 255.255.255.0 for 24. */
export const netmaskOf = (prefix: Prefix): Address => maskOf(prefix.length) as Address;

/** 224.0.0.0/4. */
export const isMulticast = (address: Address): boolean => address >>> 28 === 0xe;

/** 224.0.0.0/24: never forwarded, whatever its TTL (RFC 5771 §4). */
export const isLinkLocalMulticast = (address: Address): boolean => address >>> 8 === 0xe0_00_00;

export const isLoopback = (address: Address): boolean => address >>> 24 === 127;

/** 10/8, 172.16/12 and 192.168/16 (RFC 1918). */
export const isPrivate = (address: Address): boolean =>
  address >>> 24 === 10 || address >>> 20 === 0xac1 || address >>> 16 === 0xc0a8;
