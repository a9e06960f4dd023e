import { type Address, contains, type Prefix, parsePrefix } from '../../../core/address.ts';

/** Address blocks for special purposes (RFC 6890 §2.2.2), as memberlist knows them. */
const SPECIAL: readonly Prefix[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '240.0.0.0/4',
].flatMap((text) => parsePrefix(text) ?? []);

/** Whether an agent at this address is warned that strangers can read along. */
export const isPublic = (address: Address): boolean => !SPECIAL.some((block) => contains(block, address));
