import { describe, expect, test } from 'vitest';
import { formatAddress } from '../../../core/address.ts';
import { microseconds, milliseconds } from '../../../core/time.ts';
import { Registry } from '../../host/commands/registry.ts';
import { loadScenario } from '../load.ts';

const planOf = (yaml: string) => loadScenario(yaml, { registry: new Registry([]) }).plan;
const topologyOf = (yaml: string) => planOf(yaml).topology;

/** `a eth0 10.0.1.2/24` for each interface. */
function addressesOf(yaml: string): string[] {
  return topologyOf(yaml).nodes.flatMap(({ name, interfaces }) =>
    interfaces.map((port) =>
      [name, port.name, ...port.addresses.map(({ address, length }) => `${formatAddress(address)}/${length}`)].join(' '),
    ),
  );
}

describe('addresses', () => {
  test('those of the scenario first, then routers take the lowest free ones, then hosts in their order', () => {
    expect(
      addressesOf(`
network:
  segments: { left: { subnet: 10.0.1.0/29 }, right: { subnet: 10.0.2.0/24 } }
  routers: { gateway: { on: [left, right], addresses: { right: 10.0.2.254 } } }
hosts:
  a: { on: left }
  b: { on: left, address: 10.0.1.2 }
  c: { on: left }
`),
    ).toEqual([
      'a eth0 10.0.1.3/29',
      'b eth0 10.0.1.2/29',
      'c eth0 10.0.1.4/29',
      'gateway eth0 10.0.1.1/29',
      'gateway eth1 10.0.2.254/24',
    ]);
  });

  test('a row of hosts counts on from its address', () => {
    const yaml = `
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts: { n: { count: 3, on: lan, address: 10.0.1.9/24 }, m: { count: 2, on: lan } }
`;
    expect(addressesOf(yaml)).toEqual([
      'n1 eth0 10.0.1.9/24',
      'n2 eth0 10.0.1.10/24',
      'n3 eth0 10.0.1.11/24',
      'm1 eth0 10.0.1.1/24',
      'm2 eth0 10.0.1.2/24',
    ]);
  });

  test('a /31 has no network address', () => {
    expect(
      addressesOf('network: { segments: { wire: { subnet: 10.0.1.0/31 } } }\nhosts: { a: { on: wire }, b: { on: wire } }'),
    ).toEqual(['a eth0 10.0.1.0/31', 'b eth0 10.0.1.1/31']);
  });

  test('a host may have several, on one interface or on several', () => {
    expect(
      addressesOf(`
network:
  segments: { lan: { subnets: [10.0.1.0/24, 10.0.2.0/24] }, other: { subnet: 10.0.3.0/24 } }
hosts:
  a: { on: lan, addresses: [10.0.2.9, 10.0.1.9] }
  b: { interfaces: { bond0: { on: lan }, eth2: { on: other, address: 10.0.3.3 } } }
`),
    ).toEqual(['a eth0 10.0.2.9/24 10.0.1.9/24', 'b bond0 10.0.1.1/24', 'b eth2 10.0.3.3/24']);
  });
});

describe('links', () => {
  test('everything that can happen to a frame', () => {
    const [segment] = topologyOf(`
network:
  segments:
    lan:
      subnet: 10.0.1.0/24
      latency: { normal: { mean: 1ms, deviation: 100us, min: 500us } }
      loss: 0.01
      burst: { enter: 0.001, leave: 0.1, slot: 20ms }
      duplicate: 0.002
      reorder: { probability: 0.1, by: 1ms..2ms }
      corrupt: 0.003
      bandwidth: 100Mbit
      queue: 64KiB
      mtu: 9000
      multicast: blocked
hosts: { a: { on: lan } }
`).segments;
    expect(segment).toMatchObject({
      multicast: 'blocked',
      broadcast: 'flood',
      link: {
        delay: { type: 'normal', mean: milliseconds(1), deviation: microseconds(100), min: microseconds(500) },
        loss: 0.01,
        burst: { enter: 0.001, leave: 0.1, lossGood: 0, lossBad: 1, slot: milliseconds(20) },
        duplicate: 0.002,
        reorder: { probability: 0.1, by: { type: 'uniform', min: milliseconds(1), max: milliseconds(2) } },
        corrupt: 0.003,
        bandwidth: 100_000_000,
        queue: 65_536,
        mtu: 9000,
      },
    });
  });

  test.each`
    latency                                          | delay
    ${'150us'}                                       | ${{ type: 'constant', value: 150_000 }}
    ${'0'}                                           | ${{ type: 'constant', value: 0 }}
    ${'1ms .. 2ms'}                                  | ${{ type: 'uniform', min: 1_000_000, max: 2_000_000 }}
    ${'{ exponential: { mean: 3ms } }'}              | ${{ type: 'exponential', min: 0, mean: 3_000_000 }}
    ${'{ lognormal: { median: 20ms, sigma: 0.5 } }'} | ${{ type: 'lognormal', median: 20_000_000, sigma: 0.5 }}
  `('latency $latency', ({ latency, delay }) => {
    const yaml = `network: { segments: { lan: { subnet: 10.0.1.0/24, latency: ${latency} } } }\nhosts: { a: { on: lan } }`;
    expect(topologyOf(yaml).segments[0]?.link.delay).toEqual(delay);
  });

  test('an interface may differ from its segment, each direction for itself', () => {
    const yaml = `
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts: { a: { interfaces: { eth0: { on: lan, mtu: 1400, out: { loss: 0.5 }, in: { latency: 5ms } } } } }
`;
    expect(topologyOf(yaml).nodes[0]?.interfaces[0]).toMatchObject({
      mtu: 1400,
      out: { loss: 0.5 },
      in: { delay: { type: 'constant', value: 5_000_000 } },
    });
  });
});

describe('VLANs', () => {
  const yaml = `
network:
  segments:
    red: { vlan: 10, subnet: 10.0.10.0/24 }
    blue: { vlan: 20, subnet: 10.0.20.0/24 }
  switches: [rack1, rack2]
  trunks: [{ between: [rack1, rack2] }]
  routers:
    stick:
      switch: rack1
      interfaces:
        eth0: { trunk: { allowed: [10, 20] } }
        eth0.10: { on: red }
        eth0.20: { on: blue }
hosts:
  a: { on: red, switch: rack1 }
  b: { on: blue, switch: rack2 }
  c:
    switch: rack2
    interfaces:
      eth0: { on: red, trunk: { allowed: [10, 20], native: 10 } }
      eth0.20: { on: blue }
`;

  test('trunks, tags and native VLANs', () => {
    const { nodes, trunks } = topologyOf(yaml);
    expect(trunks).toEqual([{ between: [0, 1], vlans: [10, 20] }]);
    expect(nodes.find(({ name }) => name === 'stick')?.interfaces).toMatchObject([
      { name: 'eth0.10', segment: 0, tag: 10, switch: 0, port: { mode: 'trunk', allowed: [10, 20] } },
      { name: 'eth0.20', segment: 1, tag: 20, switch: 0, port: { mode: 'trunk', allowed: [10, 20] } },
    ]);
    const [untagged, tagged] = nodes.find(({ name }) => name === 'c')?.interfaces ?? [];
    expect(untagged).toMatchObject({ name: 'eth0', segment: 0, switch: 1, port: { mode: 'trunk', native: 10 } });
    expect(untagged).not.toHaveProperty('tag');
    expect(tagged).toMatchObject({ name: 'eth0.20', segment: 1, tag: 20 });
    expect(nodes[0]?.interfaces[0]).toMatchObject({ port: { mode: 'access' }, switch: 0 });
  });

  test('a router with one cable is the gateway of both VLANs', () => {
    const { nodes } = topologyOf(yaml);
    expect(nodes.slice(0, 2).map(({ routes }) => routes.map(({ via }) => formatAddress(via)))).toEqual([
      ['10.0.10.1'],
      ['10.0.20.1'],
    ]);
  });
});

describe('hosts', () => {
  test('files by absolute path, a clock that is wrong, a slow disk', () => {
    const { hosts } = planOf(`
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts:
  a:
    on: lan
    files: { handler.sh: "echo hi\\n", /etc/motd: "" }
    clock: { offset: -200ms, drift: -50ppm }
    disk: { capacity: 1MB, write: 10us, sync: 5ms }
`);
    expect(hosts).toEqual([
      {
        node: 0,
        name: 'a',
        files: new Map([
          ['/root/handler.sh', 'echo hi\n'],
          ['/etc/motd', ''],
        ]),
        clock: { offset: -200_000_000, drift: -50 },
        disk: { capacity: 1_000_000, write: 10_000, sync: 5_000_000 },
        behaviour: { profile: undefined, quirks: {} },
      },
    ]);
  });

  test('behave as the scenario says, and over that as the host says', () => {
    const { hosts } = planOf(`
profile: serf-0.9
quirks: { lateNack: false, pruneBlocks: true }
network: { segments: { lan: { subnet: 10.0.1.0/24 } } }
hosts:
  a: { on: lan, profile: fixed, quirks: { pruneBlocks: false } }
  b: { on: lan }
`);
    expect(hosts.map(({ behaviour }) => behaviour)).toEqual([
      { profile: 'fixed', quirks: { lateNack: false, pruneBlocks: false } },
      { profile: 'serf-0.9', quirks: { lateNack: false, pruneBlocks: true } },
    ]);
  });
});
