import { describe, expect, test } from 'vitest';
import { interfaceAddress } from '../../network/lab.ts';
import { type Place, type Placement, parsePlace, placementOf, placeProblem, writtenPlace } from './serf-place.ts';

const ethernet = (name: string, ...addresses: string[]) => ({
  name,
  mac: '02:42:00:00:00:01',
  mtu: 1500,
  addresses: addresses.map(interfaceAddress),
});

describe('where an agent listens and what it advertises', () => {
  const virtualBox = [ethernet('eth0', '10.0.2.15/24'), ethernet('docker0', '172.17.42.1/16')];
  const publicFirst = [ethernet('eth0', '203.0.113.7/24'), ethernet('eth1', '192.168.1.7/24')];
  const place = (text: string | undefined) => (text === undefined ? undefined : parsePlace(text));
  const given = (told: { bind?: string; advertise?: string; interface?: string }) => ({
    bind: place(told.bind ?? '0.0.0.0') as Place,
    advertise: place(told.advertise),
    interface: told.interface,
  });
  const written = ({ bind, advertise, addressBytes }: Placement) => [writtenPlace(bind), writtenPlace(advertise), addressBytes];

  test.each`
    told                                              | interfaces     | places
    ${{}}                                             | ${virtualBox}  | ${['0.0.0.0:7946', '10.0.2.15:7946', 16]}
    ${{}}                                             | ${publicFirst} | ${['0.0.0.0:7946', '192.168.1.7:7946', 16]}
    ${{ interface: 'docker0' }}                       | ${virtualBox}  | ${['172.17.42.1:7946', '172.17.42.1:7946', 4]}
    ${{ interface: 'eth0' }}                          | ${publicFirst} | ${['203.0.113.7:7946', '203.0.113.7:7946', 4]}
    ${{ bind: ':8000' }}                              | ${virtualBox}  | ${['0.0.0.0:8000', '10.0.2.15:8000', 16]}
    ${{ bind: '172.17.42.1:8000' }}                   | ${virtualBox}  | ${['172.17.42.1:8000', '172.17.42.1:8000', 4]}
    ${{ bind: '0.0.0.0:8000', advertise: '1.2.3.4' }} | ${virtualBox}  | ${['0.0.0.0:8000', '1.2.3.4:7946', 4]}
  `('$told gives $places', ({ told, interfaces, places }) => {
    const placement = placementOf(given(told), interfaces);
    expect('says' in placement ? placement.says : written(placement)).toEqual(places);
  });

  test.each`
    told                                          | interfaces                              | says
    ${{}}                                         | ${[ethernet('eth0', '203.0.113.7/24')]} | ${'Failed to get final advertise address: No private IP address found, and explicit IP not provided'}
    ${{ interface: 'eth0', bind: '172.17.42.1' }} | ${virtualBox}                           | ${"Interface 'eth0' has no '172.17.42.1' address"}
    ${{ interface: 'zz' }}                        | ${virtualBox}                           | ${'Invalid network interface: route ip+net: no such network interface'}
    ${{ interface: 'eth0' }}                      | ${[ethernet('eth0')]}                   | ${"Interface 'eth0' has no addresses"}
  `('$told is refused: $says', ({ told, interfaces, says }) => {
    expect(placementOf(given(told), interfaces)).toMatchObject({ says });
  });
});

test.each([
  ['10.9.0.256', 'lookup 10.9.0.256: no such host'],
  ['web1', 'lookup web1: no such host'],
  ['10.0.0.1:99999', 'address 99999: invalid port'],
])('%s is no address: %s', (text, says) => {
  expect(parsePlace(text)).toBeUndefined();
  expect(placeProblem(text)).toBe(says);
});
