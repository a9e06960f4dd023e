import { expect, test } from 'vitest';
import { parseAddress } from '../../../core/address.ts';
import { isPublic } from './serf-public.ts';

// What Serf 0.9.4 warned of when it was told to advertise each of them.
test.each`
  addresses                                                                                         | warned
  ${['0.1.2.3', '10.1.1.1', '127.0.0.1', '169.254.1.1', '172.16.1.1', '192.168.1.1', '100.64.1.1']} | ${false}
  ${['192.0.0.1', '192.0.2.1', '192.88.99.1', '198.18.1.1', '198.51.100.1', '203.0.113.7']}         | ${false}
  ${['240.0.0.1', '255.255.255.254']}                                                               | ${false}
  ${['8.8.8.8', '100.128.1.1', '172.32.1.1', '192.0.1.1', '198.20.1.1', '224.0.0.1', '239.1.1.1']}  | ${true}
`('agents at $addresses are warned: $warned', ({ addresses, warned }) => {
  for (const text of addresses) {
    const address = parseAddress(text);
    expect(address !== undefined && isPublic(address), text).toBe(warned);
  }
});
