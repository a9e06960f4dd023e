import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../core/address.ts';
import { seconds } from '../../../core/time.ts';
import { interfaceAddress } from '../../network/lab.ts';
import { exactly } from './options.ts';
import { type Placement, placementOf, readAgent } from './serf-agent-options.ts';

const ethernet = (name: string, ...addresses: string[]) => ({
  name,
  mac: '02:42:00:00:00:01',
  mtu: 1500,
  addresses: addresses.map(interfaceAddress),
});
const read = (line: string) => readAgent(exactly(line.split(' ').filter((word) => word !== '')), (_, says) => expect.fail(says));

describe('where an agent listens and what it advertises', () => {
  const virtualBox = [ethernet('eth0', '10.0.2.15/24'), ethernet('docker0', '172.17.42.1/16')];
  const publicFirst = [ethernet('eth0', '203.0.113.7/24'), ethernet('eth1', '192.168.1.7/24')];
  const place = ({ bind, advertise, addressBytes }: Placement) =>
    [bind, advertise].map(({ address, port }) => `${formatAddress(address)}:${port}`).concat(String(addressBytes));

  test.each`
    flags                                      | interfaces     | places
    ${''}                                      | ${virtualBox}  | ${['0.0.0.0:7946', '10.0.2.15:7946', '16']}
    ${''}                                      | ${publicFirst} | ${['0.0.0.0:7946', '192.168.1.7:7946', '16']}
    ${'-iface docker0'}                        | ${virtualBox}  | ${['172.17.42.1:7946', '172.17.42.1:7946', '4']}
    ${'-iface eth0'}                           | ${publicFirst} | ${['203.0.113.7:7946', '203.0.113.7:7946', '4']}
    ${'-bind :8000'}                           | ${virtualBox}  | ${['0.0.0.0:8000', '10.0.2.15:8000', '16']}
    ${'-bind 172.17.42.1:8000'}                | ${virtualBox}  | ${['172.17.42.1:8000', '172.17.42.1:8000', '4']}
    ${'-bind 0.0.0.0:8000 -advertise 1.2.3.4'} | ${virtualBox}  | ${['0.0.0.0:8000', '1.2.3.4:7946', '4']}
  `('`$flags` gives $places', ({ flags, interfaces, places }) => {
    const placement = placementOf(read(flags), interfaces);
    expect('says' in placement ? placement.says : place(placement)).toEqual(places);
  });

  test('it needs a private address when it is told none', () => {
    expect(placementOf(read(''), [ethernet('eth0', '203.0.113.7/24')])).toEqual({
      says: [
        '==> Starting Serf agent...',
        '==> Failed to start the Serf agent: Error creating Serf: Failed to create memberlist: ' +
          'Failed to get final advertise address: No private IP address found, and explicit IP not provided',
      ],
    });
  });

  test('an interface must have the address that is bound', () => {
    expect(placementOf(read('-iface eth0 -bind 172.17.42.1'), virtualBox)).toEqual({
      says: ["==> Interface 'eth0' has no '172.17.42.1' address"],
    });
  });
});

test('what is not said has its usual value', () => {
  expect(read('')).toMatchObject({
    profile: 'lan',
    protocol: 5,
    level: 'INFO',
    retryInterval: seconds(30),
    retryMax: 0,
    replay: false,
  });
});

test('the last of several counts, and lists grow', () => {
  expect(read('-node a -join 10.0.0.1 -node b -join 10.0.0.2')).toMatchObject({ node: 'b', join: ['10.0.0.1', '10.0.0.2'] });
});

test('attempts to join are a second apart at least', () => {
  expect(read('-retry-interval 10ms').retryInterval).toBe(seconds(1));
});

test('a role is a tag', () => {
  expect(read('-tag role=web -role db -tag dc=a').tags).toEqual([
    ['dc', 'a'],
    ['role', 'db'],
  ]);
});
