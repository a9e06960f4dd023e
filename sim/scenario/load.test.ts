import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Registry } from '../host/commands/registry.ts';
import { loadScenario, printScenario, scenario } from './load.ts';
import { formatProblem, formatReport, ScenarioError } from './problem.ts';
import type { ScenarioInput } from './schema.ts';

const surroundings = { registry: new Registry([]) };

function errorOf(load: () => unknown): ScenarioError | undefined {
  try {
    load();
    return undefined;
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
}

const problemsOf = (yaml: string): string[] =>
  errorOf(() => loadScenario(yaml, surroundings, 'w.yaml'))?.problems.map(formatProblem) ?? [];

/** A good world, with room for one bad line in each part; the lines of the parts are numbered in the tests. */
const world = ({ segment = '', router = '', host = '', network = '', rest = '' } = {}) => `network:
  segments:
    left: { subnet: 10.0.1.0/24 }
    right: { subnet: 10.0.2.0/24 }
    ${segment}
  routers:
    gateway: { on: [left, right] }
    ${router}
  ${network}
hosts:
  a: { on: left, address: 10.0.1.10 }
  b: { on: right, address: 10.0.2.10 }
  ${host}
${rest}`;

test('the good world is good', () => {
  expect(problemsOf(world())).toEqual([]);
});

describe('bad segments', () => {
  test.each`
    segment                                                                            | problem
    ${'x: { subnet: 10.0.1.128/25 }'}                                                  | ${'w.yaml:5:18: network.segments.x.subnet: Subnet 10.0.1.128/25 overlaps 10.0.1.0/24 of segment left. Subnets must not share addresses.'}
    ${'x: { subnets: [10.0.3.0/24, 10.0.0.0/16] }'}                                    | ${'w.yaml:5:33: network.segments.x.subnets[1]: Subnet 10.0.0.0/16 overlaps 10.0.1.0/24 of segment left. Subnets must not share addresses.'}
    ${'x: { subnets: [10.0.3.0/24, 10.0.3.0/25] }'}                                    | ${'w.yaml:5:33: network.segments.x.subnets[1]: Subnet 10.0.3.0/25 overlaps 10.0.3.0/24 of the same segment. Subnets must not share addresses.'}
    ${'x: {}'}                                                                         | ${'w.yaml:5:5: network.segments.x: The segment has no subnet. Add one, as in subnet: 10.0.1.0/24.'}
    ${'x: { subnet: 10.0.3.0/24, subnets: [10.0.4.0/24] }'}                            | ${'w.yaml:5:31: network.segments.x.subnets: The segment has both subnet and subnets. Put all into subnets.'}
    ${'x: { subnet: 10.0.3.7/24 }'}                                                    | ${'w.yaml:5:18: network.segments.x.subnet: 10.0.3.7/24 has bits set after the first 24. Write 10.0.3.0/24.'}
    ${'x: { subnet: 10.0.3.0 }'}                                                       | ${'w.yaml:5:18: network.segments.x.subnet: The subnet 10.0.3.0 has no length. Write its number of network bits after it, as in 10.0.3.0/24.'}
    ${'x: { subnet: 10.0.3.1/32 }'}                                                    | ${'w.yaml:5:18: network.segments.x.subnet: 10.0.3.1/32 holds a single address, so it is no subnet of a segment. Write a shorter prefix, such as 10.0.3.1/24.'}
    ${'x: { subnet: 127.0.0.0/8 }'}                                                    | ${'w.yaml:5:18: network.segments.x.subnet: 127.0.0.0/8 is reserved and holds no hosts. Take one from 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.'}
    ${'x: { subnet: 0.0.0.0/0 }'}                                                      | ${'w.yaml:5:18: network.segments.x.subnet: 0.0.0.0/0 is too large for a subnet. Write a prefix of at least 8 bits.'}
    ${'x: { subnet: "fd00::/64" }'}                                                    | ${'w.yaml:5:18: network.segments.x.subnet: Expected an IPv4 subnet such as 10.0.1.0/24, got "fd00::/64". IPv6 is not simulated.'}
    ${'x: { subnet: 10.0.3.0/24, loss: 25 }'}                                          | ${'w.yaml:5:37: network.segments.x.loss: Expected a probability from 0 to 1, got 25. Write 0.25 for 25 %.'}
    ${'x: { subnet: 10.0.3.0/24, loss: 25% }'}                                         | ${'w.yaml:5:37: network.segments.x.loss: Expected a probability from 0 to 1, got "25%". Write 0.25 for 25 %.'}
    ${'x: { subnet: 10.0.3.0/24, loss: -1 }'}                                          | ${'w.yaml:5:37: network.segments.x.loss: Expected a probability from 0 to 1, got -1.'}
    ${'x: { subnet: 10.0.3.0/24, loss: 33.3 }'}                                        | ${'w.yaml:5:37: network.segments.x.loss: Expected a probability from 0 to 1, got 33.3. Write 0.333 for 33.3 %.'}
    ${'x: { subnet: 10.0.3.0/24, loss: "0.5" }'}                                       | ${'w.yaml:5:37: network.segments.x.loss: Expected a probability from 0 to 1, got "0.5". Write the number without quotes.'}
    ${'x: { subnet: 10.0.3.0/24, vlan: 0 }'}                                           | ${'w.yaml:5:37: network.segments.x.vlan: VLAN 0 is reserved: it marks frames without a VLAN. Take a number from 1 to 4094.'}
    ${'x: { subnet: 10.0.3.0/24, vlan: 4095 }'}                                        | ${'w.yaml:5:37: network.segments.x.vlan: VLAN 4095 is reserved by IEEE 802.1Q. Take a number from 1 to 4094.'}
    ${'x: { subnet: 10.0.3.0/24, vlan: 5000 }'}                                        | ${'w.yaml:5:37: network.segments.x.vlan: Expected a VLAN number from 1 to 4094, got 5000.'}
    ${'x: { subnet: 10.0.3.0/24, latency: 5 }'}                                        | ${'w.yaml:5:40: network.segments.x.latency: Expected a time with its unit, got 5. Write 5s for seconds or 5ms for milliseconds.'}
    ${'x: { subnet: 10.0.3.0/24, latency: 2ms..1ms }'}                                 | ${'w.yaml:5:40: network.segments.x.latency: The range 2ms..1ms runs backwards. Write 1ms..2ms.'}
    ${'x: { subnet: 10.0.3.0/24, latency: fast }'}                                     | ${'w.yaml:5:40: network.segments.x.latency: Expected a time such as 150us or a range such as 100us..200us, got "fast".'}
    ${'x: { subnet: 10.0.3.0/24, latency: { normall: {} } }'}                          | ${'w.yaml:5:42: network.segments.x.latency.normall: Unknown key normall. Did you mean normal?'}
    ${'x: { subnet: 10.0.3.0/24, latency: { exponential: { mean: 1ms, min: 2ms } } }'} | ${'w.yaml:5:73: network.segments.x.latency.exponential.min: The least time is longer than the mean. The mean includes it.'}
    ${'x: { subnet: 10.0.3.0/24, bandwidth: 100 }'}                                    | ${'w.yaml:5:42: network.segments.x.bandwidth: Expected a rate in bits per second such as 100Mbit or 1Gbit, got 100.'}
    ${'x: { subnet: 10.0.3.0/24, queue: many }'}                                       | ${'w.yaml:5:38: network.segments.x.queue: Expected a size such as 64KiB or a number of bytes, got "many".'}
    ${'x: { subnet: 10.0.3.0/24, mtu: 20 }'}                                           | ${'w.yaml:5:36: network.segments.x.mtu: Expected an MTU from 68 to 65535, got 20.'}
    ${'x: { subnet: 10.0.3.0/24, multicast: on }'}                                     | ${'w.yaml:5:42: network.segments.x.multicast: Expected one of flood, blocked, got "on".'}
    ${'x: { subnet: 10.0.3.0/24, mulitcast: flood }'}                                  | ${'w.yaml:5:31: network.segments.x.mulitcast: Unknown key mulitcast. Did you mean multicast?'}
    ${'x: { subnet: 10.0.3.0/24, burst: { enter: 1 } }'}                               | ${'w.yaml:5:31: network.segments.x.burst: The key leave is missing.'}
    ${'x: [10.0.3.0/24]'}                                                              | ${'w.yaml:5:5: network.segments.x: Expected a mapping, got a list.'}
    ${'"x y": { subnet: 10.0.3.0/24 }'}                                                | ${'w.yaml:5:5: network.segments["x y"]: "x y" cannot be a name. A name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and has at most 128 characters.'}
  `('$segment', ({ segment, problem }) => {
    expect(problemsOf(world({ segment }))).toEqual([problem]);
  });

  test('a VLAN used twice', () => {
    const network =
      'network:\n  segments:\n    red: { subnet: 10.0.1.0/24, vlan: 7 }\n    blue: { subnet: 10.0.2.0/24, vlan: 7 }\nhosts: { a: { on: red } }\n';
    expect(problemsOf(network)).toEqual([
      'w.yaml:4:40: network.segments.blue.vlan: VLAN 7 is segment red already. Give each segment a VLAN of its own.',
    ]);
  });
});

describe('bad routers and switches', () => {
  test.each`
    router                                                       | problem
    ${'r: { on: [left] }'}                                       | ${'w.yaml:8:10: network.routers.r.on: r is a router on one segment only. A router joins segments; name at least two.'}
    ${'r: { on: [left, left] }'}                                 | ${'w.yaml:8:10: network.routers.r.on: r is on segment left twice. Name each segment once.'}
    ${'r: { interfaces: { eth0: { on: left } } }'}               | ${'w.yaml:8:10: network.routers.r.interfaces: r is a router on one segment only. A router joins segments; give it an interface on another.'}
    ${'r: {}'}                                                   | ${'w.yaml:8:5: network.routers.r: r is on no segment. Add on, with the names of the segments that it joins.'}
    ${'r: { on: [left, rigth] }'}                                | ${'w.yaml:8:21: network.routers.r.on[1]: No segment is called rigth. Did you mean right?'}
    ${'r: { on: left }'}                                         | ${'w.yaml:8:14: network.routers.r.on: Expected a list, got "left".'}
    ${'a: { on: [left, right] }'}                                | ${'w.yaml:8:5: network.routers.a: a is the name of a host already. Names of hosts and routers must differ.'}
    ${'r: { on: [left, right], addresses: { up: 10.0.1.9 } }'}   | ${'w.yaml:8:42: network.routers.r.addresses.up: r is not on segment up. Add it to on, or take the address away.'}
    ${'r: { on: [left, right], addresses: { left: 10.0.9.9 } }'} | ${'w.yaml:8:48: network.routers.r.addresses.left: 10.0.9.9 is outside the subnet 10.0.1.0/24 of segment left. Take one from 10.0.1.1 to 10.0.1.254.'}
  `('$router', ({ router, problem }) => {
    // Two routers on a segment need a word about the gateway, which is not what is tested here.
    const hosts = world({ router }).replaceAll(/(address: 10.0.\d.10)/g, '$1, gateway: none');
    expect(problemsOf(hosts)).toEqual([problem]);
  });

  test('hosts that could go either way', () => {
    expect(problemsOf(world({ router: 'second: { on: [left, right] }' }))).toEqual([
      'w.yaml:11:3: hosts.a: Segment left has several routers, and a has no gateway. Add gateway: one of 10.0.1.1 (gateway), 10.0.1.2 (second), or none.',
      'w.yaml:12:3: hosts.b: Segment right has several routers, and b has no gateway. Add gateway: one of 10.0.2.1 (gateway), 10.0.2.2 (second), or none.',
    ]);
  });

  const switched = (trunks: string, hosts = '{ a: { on: red, switch: s1 } }') => `network:
  segments:
    red: { subnet: 10.0.1.0/24, vlan: 10 }
    blue: { subnet: 10.0.2.0/24, vlan: 20 }
  switches: [s1, s2, s3]
  trunks: ${trunks}
hosts: ${hosts}
`;

  test.each`
    trunks                                                                                  | problem
    ${'[{ between: [s1, s2] }, { between: [s2, s3] }, { between: [s3, s1], vlans: [20] }]'} | ${'w.yaml:6:58: network.trunks[2]: This trunk closes a loop for VLAN 20: s3 and s1 are joined already. Take the VLAN off one of the trunks; a loop would be a broadcast storm.'}
    ${'[{ between: [s1, s1] }]'}                                                            | ${'w.yaml:6:14: network.trunks[0].between: The trunk leads from s1 to itself. Name two switches.'}
    ${'[{ between: [s1, s4] }]'}                                                            | ${'w.yaml:6:28: network.trunks[0].between[1]: No switch is called s4. Did you mean s1?'}
    ${'[{ between: [s1, s2], vlans: [30] }]'}                                               | ${'w.yaml:6:41: network.trunks[0].vlans[0]: No segment is VLAN 30.'}
    ${'[{ between: [s1] }]'}                                                                | ${'w.yaml:6:14: network.trunks[0].between: Expected the names of two switches.'}
  `('trunks $trunks', ({ trunks, problem }) => {
    expect(problemsOf(switched(trunks))).toEqual([problem]);
  });

  test('different VLANs may take different ways round', () => {
    expect(
      problemsOf(
        switched('[{ between: [s1, s2], vlans: [10] }, { between: [s2, s3], vlans: [10] }, { between: [s3, s1], vlans: [20] }]'),
      ),
    ).toEqual([]);
  });

  test.each`
    host                                                                                           | problem
    ${'{ on: red }'}                                                                               | ${'w.yaml:7:10: hosts.a: eth0 of a is plugged into no switch. Add switch, one of s1, s2, s3.'}
    ${'{ on: red, switch: s9 }'}                                                                   | ${'w.yaml:7:32: hosts.a.switch: No switch is called s9. Did you mean s1?'}
    ${'{ switch: s1, interfaces: { eth0.20: { on: blue } } }'}                                     | ${'w.yaml:7:41: hosts.a.interfaces["eth0.20"]: eth0.20 needs eth0 to be a trunk. Add eth0 with trunk: { allowed: [20] }.'}
    ${'{ switch: s1, interfaces: { eth0: { trunk: { allowed: [20] } }, eth0.20: { on: red } } }'}  | ${'w.yaml:7:92: hosts.a.interfaces["eth0.20"].on: eth0.20 carries VLAN 20, and its segment is VLAN 10. The number after the dot is the VLAN of the segment.'}
    ${'{ switch: s1, interfaces: { eth0: { trunk: { allowed: [10] } }, eth0.20: { on: blue } } }'} | ${'w.yaml:7:77: hosts.a.interfaces["eth0.20"]: The trunk of eth0.20 does not carry VLAN 20 with a tag. Add 20 to its allowed VLANs.'}
    ${'{ switch: s1, interfaces: { eth0: { on: red, trunk: { allowed: [10] } } } }'}               | ${'w.yaml:7:53: hosts.a.interfaces.eth0.on: eth0 is a trunk, and without a tag it carries nothing. Set native to the VLAN of the segment, or put the segment on a sub-interface.'}
    ${'{ switch: s1, interfaces: { eth0: { on: red }, eth0.x: { on: blue } } }'}                   | ${'w.yaml:7:60: hosts.a.interfaces["eth0.x"]: eth0.x is no name of a sub-interface. Write the parent, a dot and a VLAN from 1 to 4094, as in eth0.20.'}
    ${'{ switch: s1, interfaces: { eth0: {} } }'}                                                  | ${'w.yaml:7:41: hosts.a.interfaces.eth0: eth0 of a is on no segment. Add on, with the name of a segment.'}
  `('a host $host among switches', ({ host, problem }) => {
    expect(problemsOf(switched('[]', `{ a: ${host} }`))).toEqual([problem]);
  });

  test('a segment without VLAN cannot be on a switch, and trunks need switches', () => {
    expect(
      problemsOf('network:\n  segments: { red: { subnet: 10.0.1.0/24 } }\n  switches: [s1]\nhosts: { a: { on: red } }'),
    ).toEqual(['w.yaml:4:19: hosts.a.on: Segment red has no VLAN, so no switch can carry it. Add vlan to the segment.']);
    expect(problemsOf('network:\n  segments: { red: { subnet: 10.0.1.0/24 } }\n  trunks: []\nhosts: { a: { on: red } }')).toEqual(
      ['w.yaml:3:3: network.trunks: There are trunks and no switches. Add switches, with the names of the switches.'],
    );
  });
});

describe('bad hosts', () => {
  test.each`
    host                                                               | problem
    ${'c: { on: lfet }'}                                               | ${'w.yaml:13:12: hosts.c.on: No segment is called lfet. Did you mean left?'}
    ${'c: { on: left, address: 10.0.9.1 }'}                            | ${'w.yaml:13:27: hosts.c.address: 10.0.9.1 is outside the subnet 10.0.1.0/24 of segment left. Take one from 10.0.1.1 to 10.0.1.254.'}
    ${'c: { on: left, address: 10.0.1.10 }'}                           | ${'w.yaml:13:27: hosts.c.address: 10.0.1.10 is the address of a already. Give each its own.'}
    ${'c: { on: left, addresses: [10.0.1.5, 10.0.1.5] }'}              | ${'w.yaml:13:40: hosts.c.addresses[1]: c has the address 10.0.1.5 twice. Give each its own.'}
    ${'c: { on: left, address: 10.0.1.0 }'}                            | ${'w.yaml:13:27: hosts.c.address: 10.0.1.0 is the network address of 10.0.1.0/24. Take one from 10.0.1.1 to 10.0.1.254.'}
    ${'c: { on: left, address: 10.0.1.255 }'}                          | ${'w.yaml:13:27: hosts.c.address: 10.0.1.255 is the broadcast address of 10.0.1.0/24. Take one from 10.0.1.1 to 10.0.1.254.'}
    ${'c: { on: left, address: 10.0.1.7/16 }'}                         | ${'w.yaml:13:27: hosts.c.address: 10.0.1.7/16 has another length than its subnet, 10.0.1.0/24 of segment left. Write 10.0.1.7/24.'}
    ${'c: { on: left, address: 10.0.1 }'}                              | ${'w.yaml:13:27: hosts.c.address: Expected an IPv4 address such as 10.0.1.10, got "10.0.1".'}
    ${'c: { on: left, address: "fe80::1" }'}                           | ${'w.yaml:13:27: hosts.c.address: Expected an IPv4 address such as 10.0.1.10, got "fe80::1". IPv6 is not simulated.'}
    ${'c: { count: 300, on: left }'}                                   | ${'w.yaml:13:3: hosts.c: Subnet 10.0.1.0/24 of segment left has no address left for c253. Make the subnet larger.'}
    ${'c: { count: 3, on: left, address: 10.0.1.253 }'}                | ${'w.yaml:13:37: hosts.c.address: 10.0.1.255 for c3 is the broadcast address of 10.0.1.0/24. Take one from 10.0.1.1 to 10.0.1.254.'}
    ${'c: {}'}                                                         | ${'w.yaml:13:3: hosts.c: c is on no segment. Add on, with the name of a segment.'}
    ${'c: { on: left, interfaces: { eth0: { on: left } } }'}           | ${'w.yaml:13:8: hosts.c.on: on and interfaces say the same thing twice. Move on into one of the interfaces.'}
    ${'c: { on: left, adress: 10.0.1.9 }'}                             | ${'w.yaml:13:18: hosts.c.adress: Unknown key adress. Did you mean address?'}
    ${'all: { on: left }'}                                             | ${'w.yaml:13:3: hosts.all: all stands for every host, so no machine can be called that. Choose another name.'}
    ${'c: { on: left, gateway: 10.0.2.1 }'}                            | ${'w.yaml:13:27: hosts.c.gateway: 10.0.2.1 is on no subnet of c, so it cannot be a next hop. A next hop shares a segment with the machine.'}
    ${'c: { on: left, gateway: 10.0.1.77 }'}                           | ${'w.yaml:13:27: hosts.c.gateway: No machine has the address 10.0.1.77.'}
    ${'c: { on: left, address: 10.0.1.7, gateway: 10.0.1.7 }'}         | ${'w.yaml:13:46: hosts.c.gateway: 10.0.1.7 is an address of c itself. A next hop is another machine.'}
    ${'c: { on: left, routes: [{ to: 10.9.0.0/16, via: 10.0.2.1 }] }'} | ${'w.yaml:13:51: hosts.c.routes[0].via: 10.0.2.1 is on no subnet of c, so it cannot be a next hop. A next hop shares a segment with the machine.'}
    ${'c: { on: 12 }'}                                                 | ${'w.yaml:13:12: hosts.c.on: Expected a name, got 12. Put it in quotes: "12".'}
    ${'c: { on: left, clock: { drift: fast } }'}                       | ${'w.yaml:13:34: hosts.c.clock.drift: Expected a drift from -500000ppm to 500000ppm, such as 50ppm, got "fast".'}
    ${'c: { on: left, clock: { offset: 3 } }'}                         | ${'w.yaml:13:35: hosts.c.clock.offset: Expected a time with its unit, got 3. Write 3s for seconds or 3ms for milliseconds.'}
    ${'c: { on: left, files: { x: a, /root/x: b } }'}                  | ${'w.yaml:13:33: hosts.c.files["/root/x"]: /root/x is the same file as x. Keep one of them.'}
    ${'c: left'}                                                       | ${'w.yaml:13:6: hosts.c: Expected a mapping, got "left".'}
  `('$host', ({ host, problem }) => {
    expect(problemsOf(world({ host }))).toEqual([problem]);
  });

  test('a row of hosts may meet another host', () => {
    expect(problemsOf(world({ host: 'n: { count: 2, on: left }\n  n2: { on: left }' }))).toEqual([
      'w.yaml:14:3: hosts.n2: n2 is the name of a host that n makes already. Names of hosts and routers must differ.',
    ]);
  });
});

describe('bad timelines', () => {
  test.each`
    entry                                     | problem
    ${'{ at: 0s, on: c, run: echo }'}         | ${'w.yaml:14:27: timeline[0].on: No host is called c. Known hosts: a, b.'}
    ${'{ at: 0s, on: [a, c], run: echo }'}    | ${'w.yaml:14:31: timeline[0].on[1]: No host is called c. Known hosts: a, b.'}
    ${'{ at: 0s, on: gateway, run: echo }'}   | ${'w.yaml:14:27: timeline[0].on: gateway is a router, and a host is needed here.'}
    ${'{ at: 0s, crash: gatewya }'}           | ${'w.yaml:14:30: timeline[0].crash: No host or router is called gatewya. Did you mean gateway?'}
    ${'{ at: 105d, on: a, run: echo }'}       | ${'w.yaml:14:19: timeline[0].at: 105d is beyond the 104 days that virtual time can count. Times are exact to the nanosecond, so a run ends after 104 days at the latest.'}
    ${'{ at: 90, on: a, run: echo }'}         | ${'w.yaml:14:19: timeline[0].at: Expected a time with its unit, got 90. Write 90s for seconds or 90ms for milliseconds.'}
    ${'{ at: "90", on: a, run: echo }'}       | ${'w.yaml:14:19: timeline[0].at: Expected a time with its unit, got "90". Write 90s for seconds or 90ms for milliseconds.'}
    ${'{ at: -1s, on: a, run: echo }'}        | ${'w.yaml:14:19: timeline[0].at: Expected a time such as 200ms, 1.5s or 10m, got "-1s".'}
    ${'{ on: a, run: echo }'}                 | ${'w.yaml:14:13: timeline[0]: The key at is missing.'}
    ${'{ at: 5s, on: a, rnu: echo }'}         | ${'w.yaml:14:30: timeline[0].rnu: Unknown key rnu. Did you mean run?'}
    ${'{ at: 5s, on: a }'}                    | ${'w.yaml:14:13: timeline[0]: Expected one of run, signal.'}
    ${'{ at: 5s, on: a, run: 5 }'}            | ${'w.yaml:14:35: timeline[0].run: Expected text, got 5. Put it in quotes: "5".'}
    ${'{ at: 5s, crash: a, until: 5s }'}      | ${'w.yaml:14:40: timeline[0].until: It ends at 5.000 s, and begins at 5.000 s. The end comes after the beginning.'}
    ${'{ at: 5s, crash: a, until: 4s }'}      | ${'w.yaml:14:40: timeline[0].until: It ends at 4.000 s, and begins at 5.000 s. The end comes after the beginning.'}
    ${'{ at: 5s, crash: a, on: b }'}          | ${'w.yaml:14:33: timeline[0].on: Unknown key on. Known keys: at, crash, torn, until.'}
    ${'{ at: 5s, on: a, signal: SIGTERM }'}   | ${'w.yaml:14:38: timeline[0].signal: Expected one of HUP, INT, QUIT, KILL, USR1, USR2, TERM, CONT, STOP, got "SIGTERM".'}
    ${'{ at: 5s, cut: { from: a } }'}         | ${'w.yaml:14:23: timeline[0].cut: The key to is missing.'}
    ${'{ at: 5s, cut: { between: [a, a] } }'} | ${'w.yaml:14:23: timeline[0].cut: It names one machine twice, and a machine always reaches itself. Name two.'}
    ${'{ at: 5s, cut: { trunk: [a, b] } }'}   | ${'w.yaml:14:30: timeline[0].cut.trunk: No trunk joins a and b. Trunks are listed under network.'}
    ${'{ at: 5s, partition: [[a], [b, a]] }'} | ${'w.yaml:14:40: timeline[0].partition[1]: a is in two groups. Each machine belongs to one group at most.'}
    ${'{ at: 5s, partition: [[a, b]] }'}      | ${'w.yaml:14:23: timeline[0].partition: Expected at least 2 entries.'}
    ${'crash'}                                | ${'w.yaml:14:13: timeline[0]: Expected a mapping, got "crash".'}
  `('$entry', ({ entry, problem }) => {
    expect(problemsOf(world({ rest: `timeline: [ ${entry} ]` }))).toEqual([problem]);
  });

  test('nothing happens after the end', () => {
    expect(
      problemsOf(
        world({ rest: 'until: 9s\ntimeline: [{ at: 10s, crash: a }]\nexpect: [{ by: 9s, members: { on: a, alive: [a] } }]' }),
      ),
    ).toEqual(['w.yaml:15:18: timeline[0].at: 10s is after the end of the run, at 9.000 s. Move the end with until at the top.']);
  });
});

describe('bad commands', () => {
  test('are told where the word stands, in a line and in a script', () => {
    const host = 'c:\n    on: left\n    files:\n      job.sh: |\n        echo fine\n        echo x | nonsense\n';
    const rest =
      'timeline:\n  - { at: 0s, on: [a, b], run: "echo ok && nonsense -x" }\n  - at: 1s\n    on: c\n    run: >\n      echo ok &&\n      /root/job.sh\n  - { at: 2s, on: c, run: sh job.sh; ./missing.sh }';
    expect(problemsOf(world({ host, rest })).map((problem) => problem.replace(/known are.*/, '…'))).toEqual([
      'w.yaml:18:18: hosts.c.files["job.sh"]: No command is called `nonsense` here; …',
      'w.yaml:21:44: timeline[0].run: No command is called `nonsense` here; …',
      'w.yaml:27:38: timeline[2].run: c has no file /root/missing.sh; give it under `files`.',
    ]);
  });
});

describe('bad expectations, measures and interventions', () => {
  test.each`
    rest                                                                                 | problem
    ${'expect: [{ at: 1s, members: { on: c, alive: [a] } }]'}                            | ${'w.yaml:14:35: expect[0].members.on: No host is called c. Known hosts: a, b.'}
    ${'expect: [{ at: 1s, members: { on: a, alive: [a, c] } }]'}                         | ${'w.yaml:14:49: expect[0].members.alive[1]: No host is called c. Known hosts: a, b.'}
    ${'expect: [{ at: 1s, members: { on: a, alive: a, failed: a } }]'}                   | ${'w.yaml:14:56: expect[0].members.failed: a cannot be alive and failed at once.'}
    ${'expect: [{ at: 1s, members: { on: a } }]'}                                        | ${'w.yaml:14:20: expect[0].members: It names no members. Add alive, failed, left or leaving. What is not named is not looked at.'}
    ${'expect: [{ members: { on: a, alive: a } }]'}                                      | ${'w.yaml:14:10: expect[0]: It says not when. Say when with one of: at (at that instant), by (at some instant up to it), from and until (all the time).'}
    ${'expect: [{ at: 1s, by: 2s, members: { on: a, alive: a } }]'}                      | ${'w.yaml:14:10: expect[0]: It says in several ways when. Say when with one of: at (at that instant), by (at some instant up to it), from and until (all the time).'}
    ${'expect: [{ from: 1s, members: { on: a, alive: a } }]'}                            | ${'w.yaml:14:18: expect[0].from: from has no until. Add until, the end of that time.'}
    ${'expect: [{ from: 2s, until: 1s, members: { on: a, alive: a } }]'}                 | ${'w.yaml:14:29: expect[0].until: It ends at 1.000 s, and begins at 2.000 s. The end comes after the beginning.'}
    ${'expect: [{ at: 1s }]'}                                                            | ${'w.yaml:14:10: expect[0]: Expected exactly one of members, output, raft, exit, violates.'}
    ${'expect: [{ at: 1s, violates: Safe }]'}                                            | ${'w.yaml:14:10: expect[0]: A violation may come at any time. Take at, by, from and until away.'}
    ${'expect: [{ at: 1s, output: { on: a, matches: "(" } }]'}                           | ${'w.yaml:14:46: expect[0].output.matches: "(" is no regular expression. Put a backslash before characters that stand for themselves.'}
    ${'expect: [{ at: 1s, output: { on: a } }]'}                                         | ${'w.yaml:14:20: expect[0].output: Expected exactly one of includes, matches, equals.'}
    ${'expect: [{ at: 1s, exit: { on: a, of: x, code: 256 } }]'}                         | ${'w.yaml:14:48: expect[0].exit.code: Expected an exit status from 0 to 255, got 256.'}
    ${'measure: { m: { from: { at: 1s }, to: {} } }'}                                    | ${'w.yaml:14:35: measure.m.to: Expected exactly one of at, command, members, output, raft, exit.'}
    ${'measure: { m: { from: { at: 1s, on: a }, to: { at: 2s } } }'}                     | ${'w.yaml:14:37: measure.m.from.on: on belongs to command here. Write it into members, output or exit.'}
    ${'interventions: [{ kind: packet-los }]'}                                           | ${'w.yaml:14:25: interventions[0].kind: Expected one of 53 words, got "packet-los". Did you mean packet-loss?'}
    ${'interventions: [{ kind: link-cut, from: a, to: a, at: 1s }]'}                     | ${'w.yaml:14:48: interventions[0].to: The link leads from a to itself. Name two machines.'}
    ${'interventions: [{ kind: link-loss, from: a, to: c, rate: 0.5, at: 1s }]'}         | ${'w.yaml:14:49: interventions[0].to: No host or router is called c. Known hosts and routers: a, b, gateway.'}
    ${'interventions: [{ kind: link-delay, from: a, to: b, min: 2s, max: 1s, at: 1s }]'} | ${'w.yaml:14:67: interventions[0].max: The most, 1s, is less than the least, 2s. Swap them.'}
    ${'interventions: [{ kind: host-crash, host: all, at: 1s }]'}                        | ${'w.yaml:14:43: interventions[0].host: all stands for several hosts, and one is needed here. Name one of them.'}
    ${'epoch: yesterday'}                                                                | ${'w.yaml:14:8: epoch: Expected a moment in UTC such as 2014-01-01T13:53:31Z, got "yesterday".'}
    ${'epoch: 2014-02-30T00:00:00Z'}                                                     | ${'w.yaml:14:8: epoch: Expected a moment in UTC such as 2014-01-01T13:53:31Z, got "2014-02-30T00:00:00Z".'}
    ${'seed: .inf'}                                                                      | ${'w.yaml:14:7: seed: Expected a number or text, got Infinity.'}
    ${'until: 0s'}                                                                       | ${'w.yaml:14:8: until: The run ends when it begins. Take a later time, or leave until out.'}
    ${'timelnie: []'}                                                                    | ${'w.yaml:14:1: timelnie: Unknown key timelnie. Did you mean timeline?'}
  `('$rest', ({ rest, problem }) => {
    expect(problemsOf(world({ rest }))).toEqual([problem]);
  });

  test('unknown properties, where it is known which there are', () => {
    const error = errorOf(() =>
      loadScenario(
        world({ rest: 'expect: [{ violates: ElectionSaftey }]\ncheck: { always: [Nothing] }' }),
        { ...surroundings, properties: new Map([['ElectionSafety', {}]]) },
        'w.yaml',
      ),
    );
    expect(error?.problems.map(formatProblem)).toEqual([
      'w.yaml:14:22: expect[0].violates: No property is called ElectionSaftey. Did you mean ElectionSafety?',
      'w.yaml:15:19: check.always[0]: No property is called Nothing. Known properties: ElectionSafety.',
    ]);
  });
});

describe('all mistakes at once', () => {
  const yaml = `network:
  segments:
    left: { subnet: 10.0.1.0/24, loss: 25 }
    right: { subnet: 10.0.1.128/25 }
  routers:
    gateway: { on: [left] }
hosts:
  a: { on: left, address: 10.0.9.10 }
  b: { on: lfet }
  c: { on: left, address: 10.0.1.10 }
  d: { on: left, address: 10.0.1.10 }
  e: &e { on: left, clock: *e }
timeline:
  - { at: 105d, on: nobody, run: nonsense }
  - { at: 1s, on: nobody, run: nonsense }
`;

  test('mistakes of form do not hide those of meaning', () => {
    expect(problemsOf(yaml)).toEqual([
      'w.yaml:3:40: network.segments.left.loss: Expected a probability from 0 to 1, got 25. Write 0.25 for 25 %.',
      'w.yaml:4:22: network.segments.right.subnet: Subnet 10.0.1.128/25 overlaps 10.0.1.0/24 of segment left. Subnets must not share addresses.',
      'w.yaml:6:16: network.routers.gateway.on: gateway is a router on one segment only. A router joins segments; name at least two.',
      'w.yaml:8:27: hosts.a.address: 10.0.9.10 is outside the subnet 10.0.1.0/24 of segment left. Take one from 10.0.1.1 to 10.0.1.254.',
      'w.yaml:9:12: hosts.b.on: No segment is called lfet. Did you mean left?',
      'w.yaml:11:27: hosts.d.address: 10.0.1.10 is the address of c already. Give each its own.',
      'w.yaml:12:28: hosts.e.clock: The alias *e stands inside the value that it repeats, without end. Write out what is meant here.',
      'w.yaml:14:11: timeline[0].at: 105d is beyond the 104 days that virtual time can count. Times are exact to the nanosecond, so a run ends after 104 days at the latest.',
      'w.yaml:14:21: timeline[0].on: No host is called nobody. Known hosts: a, b, c, d, e.',
      'w.yaml:15:19: timeline[1].on: No host is called nobody. Known hosts: a, b, c, d, e.',
    ]);
  });

  test('what refers to something broken is not called unknown', () => {
    expect(
      problemsOf(
        'network: { segments: { left: 5 } }\nhosts: { a: { on: left }, b: 7 }\ntimeline: [{ at: 1s, on: b, run: echo }]\nexpect: [{ at: 5, members: { on: b, alive: a } }]',
      ),
    ).toEqual([
      'w.yaml:1:30: network.segments.left: Expected a mapping, got 5.',
      'w.yaml:2:30: hosts.b: Expected a mapping, got 7.',
      'w.yaml:4:16: expect[0].at: Expected a time with its unit, got 5. Write 5s for seconds or 5ms for milliseconds.',
    ]);
  });

  test('the report shows the line with its neighbours and a mark under the mistake', () => {
    const error = errorOf(() => loadScenario(world({ segment: 'x: { subnet: 10.0.3.0/24, loss: 25 }' }), surroundings, 'w.yaml'));
    expect(formatReport(error as ScenarioError)).toBe(
      `w.yaml:5:37: network.segments.x.loss: Expected a probability from 0 to 1, got 25. Write 0.25 for 25 %.
  4 |     right: { subnet: 10.0.2.0/24 }
> 5 |     x: { subnet: 10.0.3.0/24, loss: 25 }
    |                                     ^^
  6 |   routers:`,
    );
  });

  test('a report steers no terminal, cuts long lines and long lists', () => {
    const error = errorOf(() =>
      loadScenario(
        `hosts: {}\n"\u001b[31m${'x'.repeat(500)}": 1\n${Array.from({ length: 60 }, (_, i) => `k${i}: 1`).join('\n')}`,
        surroundings,
      ),
    );
    const report = formatReport(error as ScenarioError);
    expect(report).not.toContain('\u001b');
    expect(report.split('\n').at(-1)).toBe('… and 13 more.');
    expect(formatReport(error as ScenarioError, true)).toContain('\u001b[1m');
  });
});

const sample = (): ScenarioInput => ({
  name: 'sample',
  seed: 2603,
  network: {
    segments: {
      left: { vlan: 10, subnet: '10.0.1.0/24', latency: '100us..200us', loss: 0.01, burst: { enter: 0.001, leave: 0.1 } },
      right: { vlan: 20, subnet: '10.0.2.0/24', latency: { normal: { mean: '1ms', deviation: '100us' } } },
    },
    routers: { gateway: { on: ['left', 'right'], deny: [{ from: '10.0.1.7' }] } },
  },
  hosts: {
    a: { on: 'left', address: '10.0.1.10', files: { 'x.sh': '#!/bin/sh\necho "a: b" # c\n' }, clock: { offset: '-1s' } },
    b: { interfaces: { eth0: { on: 'right', addresses: ['10.0.2.10', '10.0.2.11'] } }, gateway: '10.0.2.1' },
    n: { count: 3, on: 'left' },
  },
  timeline: [
    { at: '0s', on: 'all', run: 'echo yes' },
    { at: '1s', crash: ['a', 'gateway'], until: '2s' },
    { at: '3s', cut: { from: 'a', to: 'all' } },
    { at: '4s', partition: [['a'], ['b', 'n']], until: '5s' },
    { at: '6s', heal: 'all' },
  ],
  expect: [
    { at: '9s', members: { on: 'b', alive: ['a', 'b'] } },
    { from: '1s', until: '2s', output: { on: 'a', includes: 'yes' } },
  ],
  measure: { join: { from: { command: 'echo' }, to: { exit: { on: 'a', of: 'echo', code: 0 } }, unit: 'ms' } },
  check: { eventually: [{ name: 'Quiet', within: '5s' }] },
  interventions: [{ kind: 'packet-loss', packet: { sender: 'a', ordinal: 1, receiver: 'b', message: 'ping' } }],
});

describe('scenarios built in TypeScript', () => {
  test('are the same as those that were written', () => {
    const built = scenario(sample(), surroundings);
    const written = loadScenario(printScenario(sample()), surroundings);
    expect(written.data).toEqual(sample());
    expect(written.plan).toEqual({ ...built.plan, expectations: written.plan.expectations });
  });

  test('have paths instead of lines', () => {
    const bad = sample();
    (bad.network.segments.left as { loss: number }).loss = 25;
    expect(errorOf(() => scenario(bad, surroundings))?.message).toBe(
      'network.segments.left.loss: Expected a probability from 0 to 1, got 25. Write 0.25 for 25 %.',
    );
  });

  test.each`
    what            | value                               | problem
    ${'a function'} | ${() => 1}                          | ${'hosts: A function cannot be part of a scenario. Scenarios are data: text, numbers, true, false, lists, mappings.'}
    ${'a bigint'}   | ${1n}                               | ${'hosts: A bigint cannot be part of a scenario. Scenarios are data: text, numbers, true, false, lists, mappings.'}
    ${'a map'}      | ${new Map([['a', { on: 'left' }]])} | ${'hosts: An instance of a class cannot be part of a scenario. Scenarios are data: text, numbers, true, false, lists, mappings.'}
    ${'undefined'}  | ${undefined}                        | ${'The key hosts is missing.'}
  `('cannot hold $what', ({ value, problem }) => {
    expect(errorOf(() => scenario({ ...sample(), hosts: value }, surroundings))?.message.split('\n')).toContain(problem);
  });

  test('cannot contain themselves', () => {
    const bad = sample();
    (bad.hosts as Record<string, unknown>).loop = bad;
    expect(errorOf(() => scenario(bad, surroundings))?.problems.map(formatProblem)).toContain(
      'hosts.loop: This value contains itself. Scenarios are data that ends.',
    );
  });
});

describe('laws', () => {
  /** Every path of a value. */
  const pathsOf = (value: unknown, path: (string | number)[] = []): (string | number)[][] => [
    path,
    ...(typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, each]) => pathsOf(each, [...path, Array.isArray(value) ? Number(key) : key]))
      : []),
  ];
  const paths = pathsOf(sample());
  const words = fc.constantFrom<unknown>(
    'all',
    'a',
    'gateway',
    'left',
    '10.0.1.0/24',
    '10.0.1.10',
    '5s',
    '0',
    0,
    1,
    -1,
    4095,
    1e9,
    'x'.repeat(200),
    '',
    null,
    true,
    [],
    {},
    [[]],
    '1ms..2ms',
    '200d',
    '__proto__',
    'constructor',
  );

  const withValue = (path: readonly (string | number)[], value: unknown): unknown => {
    const copy = sample() as unknown as Record<string, unknown>;
    if (path.length === 0) return value;
    let at: Record<string | number, unknown> = copy;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
    at[path.at(-1) as string | number] = value;
    return copy;
  };

  test('whatever stands at any place of a scenario, it loads or it says what is wrong', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.oneof(words, fc.jsonValue()), (path, value) => {
        const data = withValue(path, value);
        const built = errorOf(() => scenario(data as ScenarioInput, surroundings));
        const written = errorOf(() => loadScenario(JSON.stringify(data), surroundings, 'w.json'));
        if (data !== null) expect(written === undefined).toBe(built === undefined);
        for (const problem of [...(built?.problems ?? []), ...(written?.problems ?? [])]) {
          expect(problem.message).toMatch(/^.+[.]$/su);
          expect(problem.message).not.toMatch(/Invalid|undefined|\[object/);
        }
        for (const { line, column } of written?.problems ?? []) expect(line !== undefined && column !== undefined).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test('a scenario with lines lost, doubled or garbled loads or says what is wrong', () => {
    const lines = printScenario(sample()).split('\n');
    const edit = fc.record({
      at: fc.nat(lines.length - 1),
      does: fc.constantFrom('drop', 'double', 'indent', 'garble'),
      text: fc.string({ maxLength: 5 }),
      column: fc.nat(40),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const copy = [...lines];
        for (const { at, does, text, column } of edits) {
          const line = copy[at] ?? '';
          if (does === 'drop') copy[at] = '';
          else if (does === 'double') copy[at] = `${line}\n${line}`;
          else if (does === 'indent') copy[at] = ` ${line}`;
          else copy[at] = line.slice(0, column) + text + line.slice(column);
        }
        const error = errorOf(() => loadScenario(copy.join('\n'), surroundings, 'w.yaml'));
        if (error !== undefined) expect(formatReport(error)).toContain('w.yaml');
      }),
      { numRuns: 300 },
    );
  });

  test('any JSON at all is refused with problems, and never with another error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(errorOf(() => scenario(value as unknown as ScenarioInput, surroundings))?.problems.length).toBeGreaterThan(0);
      }),
    );
  });
});
