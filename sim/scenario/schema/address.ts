import { z } from 'zod';
import { formatAddress, formatPrefix, parseAddress, parsePrefix } from '../../../core/address.ts';
import { readHostAddress, readPrefix } from '../quantity.ts';
import { quote, readable } from './field.ts';

function addressSays(value: unknown, example: string): string {
  const expected = `Expected an IPv4 address such as ${example}, got ${quote(value)}.`;
  return typeof value === 'string' && /^[\da-f]*:[\da-f:.]*(?:\/\d+)?$/i.test(value)
    ? `${expected}\nIPv6 is not simulated.`
    : expected;
}

export const address = readable(parseAddress, (value) => addressSays(value, '10.0.1.10'), ['10.0.1.10']);
export const hostAddress = readable(readHostAddress, (value) => addressSays(value, '10.0.1.10'), ['10.0.1.10', '10.0.1.10/24']);
export const prefix = readable(readPrefix, (value) => addressSays(value, '10.0.1.10 or a prefix such as 10.0.1.0/24'), [
  '10.0.1.0/24',
]);

function subnetSays(value: unknown): string {
  const read = typeof value === 'string' ? parsePrefix(value) : undefined;
  if (read !== undefined) {
    if (read.length > 31)
      return `${value} holds a single address, so it is no subnet of a segment.\nWrite a shorter prefix, such as ${formatPrefix({ ...read, length: 24 })}.`;
    if (read.length < 8) return `${value} is too large for a subnet.\nWrite a prefix of at least 8 bits.`;
    if (isReserved(read.base))
      return `${value} is reserved and holds no hosts.\nTake one from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.`;
    return `${value} has bits set after the first ${read.length}.\nWrite ${formatPrefix(read)}.`;
  }
  if (typeof value === 'string' && parseAddress(value) !== undefined)
    return `The subnet ${value} has no length.\nWrite its number of network bits after it, as in ${value.replace(/\d+$/, '0')}/24.`;
  return addressSays(value, '10.0.1.0/24').replace('IPv4 address', 'IPv4 subnet');
}

/** 0/8, 127/8 and everything from 224 on. */
const isReserved = (base: number): boolean => base >>> 24 === 0 || base >>> 24 === 127 || base >>> 24 >= 224;

export const subnet = readable(
  (text) => {
    const read = parsePrefix(text);
    if (read === undefined || read.length > 31 || read.length < 8 || isReserved(read.base)) return undefined;
    return text.startsWith(`${formatAddress(read.base)}/`) || undefined;
  },
  subnetSays,
  ['10.0.1.0/24'],
);

function vlanSays(value: unknown): string {
  if (value === 0) return 'VLAN 0 is reserved: it marks frames without a VLAN.\nTake a number from 1 to 4094.';
  if (value === 4095) return 'VLAN 4095 is reserved by IEEE 802.1Q.\nTake a number from 1 to 4094.';
  return `Expected a VLAN number from 1 to 4094, got ${quote(value)}.`;
}

export const vlan = z
  .number({ error: (issue) => vlanSays(issue.input) })
  .refine((value) => Number.isInteger(value) && value >= 1 && value <= 4094, { error: (issue) => vlanSays(issue.input) })
  .meta({ type: 'integer', minimum: 1, maximum: 4094 });
