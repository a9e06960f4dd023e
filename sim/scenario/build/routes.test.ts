import { describe, expect, test } from 'vitest';
import { formatAddress, formatPrefix } from '../../../core/address.ts';
import { Registry } from '../../host/commands/registry.ts';
import { loadScenario } from '../load.ts';

/** The routes of each machine as `ip route` would list those that are not connected. */
function routesOf(yaml: string): Record<string, string[]> {
  const { topology } = loadScenario(yaml, { registry: new Registry([]) }).plan;
  return Object.fromEntries(
    topology.nodes.map(({ name, routes }) => [
      name,
      routes.map(({ prefix, via }) => `${formatPrefix(prefix)} via ${formatAddress(via)}`),
    ]),
  );
}

describe('routes that nobody wrote down', () => {
  test('along a chain every router knows every subnet, and hosts know their router', () => {
    const routes = routesOf(`
network:
  segments:
    left: { subnet: 10.0.1.0/24 }
    one: { subnet: 10.9.0.0/30 }
    two: { subnet: 10.9.0.4/30 }
    right: { subnet: 10.0.2.0/24 }
  routers:
    near: { on: [left, one] }
    core: { on: [one, two] }
    far: { on: [two, right] }
hosts:
  a: { on: left }
  b: { on: right }
`);
    expect(routes).toEqual({
      a: ['0.0.0.0/0 via 10.0.1.1'],
      b: ['0.0.0.0/0 via 10.0.2.1'],
      near: ['10.9.0.4/30 via 10.9.0.2', '10.0.2.0/24 via 10.9.0.2'],
      core: ['10.0.1.0/24 via 10.9.0.1', '10.0.2.0/24 via 10.9.0.6'],
      far: ['10.0.1.0/24 via 10.9.0.5', '10.9.0.0/30 via 10.9.0.5'],
    });
  });

  test('the shorter way wins, whatever the order of the file', () => {
    const routes = routesOf(`
network:
  segments:
    left: { subnet: 10.0.1.0/24 }
    middle: { subnet: 10.0.5.0/24 }
    right: { subnet: 10.0.2.0/24 }
  routers:
    detour-a: { on: [left, middle] }
    detour-b: { on: [middle, right] }
    direct: { on: [right, left] }
hosts:
  a: { on: left, gateway: 10.0.1.2 }
`);
    expect(routes['detour-a']).toEqual(['10.0.2.0/24 via 10.0.1.2']);
    expect(routes.direct).toEqual(['10.0.5.0/24 via 10.0.2.1']);
  });

  test('of equally short ways the earlier interface and the earlier router win', () => {
    const ways = (order: string) => `
network:
  segments:
    left: { subnet: 10.0.1.0/24 }
    up: { subnet: 10.0.3.0/24 }
    down: { subnet: 10.0.4.0/24 }
    right: { subnet: 10.0.2.0/24 }
  routers:
    from: { on: [left, ${order}] }
    above: { on: [up, right] }
    below: { on: [down, right] }
    beside: { on: [up, right] }
hosts: { a: { on: left } }
`;
    expect(routesOf(ways('up, down')).from).toContain('10.0.2.0/24 via 10.0.3.2');
    expect(routesOf(ways('down, up')).from).toContain('10.0.2.0/24 via 10.0.4.2');
  });

  test('a route of the scenario replaces the one that would have been found', () => {
    const routes = routesOf(`
network:
  segments:
    left: { subnet: 10.0.1.0/24 }
    up: { subnet: 10.0.3.0/24 }
    right: { subnet: 10.0.2.0/24 }
  routers:
    from: { on: [left, up], routes: [{ to: 10.0.2.0/24, via: 10.0.3.3 }], gateway: 10.0.3.2 }
    above: { on: [up, right] }
    beside: { on: [up, right] }
hosts: { a: { on: left } }
`);
    expect(routes.from).toEqual(['10.0.2.0/24 via 10.0.3.3', '0.0.0.0/0 via 10.0.3.2']);
  });

  test('a host that forwards is the gateway of its bridge', () => {
    const routes = routesOf(`
network:
  segments:
    outside: { subnet: 10.0.2.0/24 }
    docker0: { subnet: 172.17.0.0/16 }
hosts:
  vm:
    forwarding: true
    interfaces:
      eth0: { on: outside, address: 10.0.2.15 }
      docker0: { on: docker0, address: 172.17.42.1 }
  container: { on: docker0, address: 172.17.0.14 }
`);
    expect(routes).toEqual({ vm: [], container: ['0.0.0.0/0 via 172.17.42.1'] });
  });

  test('a router goes before a host that forwards', () => {
    const routes = routesOf(`
network:
  segments: { left: { subnet: 10.0.1.0/24 }, right: { subnet: 10.0.2.0/24 }, inner: { subnet: 10.0.3.0/24 } }
  routers: { gateway: { on: [left, right] } }
hosts:
  vm: { forwarding: true, interfaces: { eth0: { on: left, address: 10.0.1.9 }, eth1: { on: inner } } }
  a: { on: left }
`);
    expect(routes).toEqual({
      vm: ['10.0.2.0/24 via 10.0.1.1'],
      a: ['0.0.0.0/0 via 10.0.1.1'],
      gateway: ['10.0.3.0/24 via 10.0.1.9'],
    });
  });

  test('two subnets of a segment meet at its router', () => {
    const routes = routesOf(`
network:
  segments:
    lan: { subnets: [10.0.1.0/24, 10.0.2.0/24] }
    up: { subnet: 10.0.9.0/24 }
  routers:
    gateway: { on: [lan, up] }
hosts:
  a: { on: lan, address: 10.0.1.9 }
  b: { on: lan, address: 10.0.2.9 }
`);
    expect(routes.a).toEqual(['0.0.0.0/0 via 10.0.1.1']);
    expect(routes.b).toEqual(['0.0.0.0/0 via 10.0.2.1']);
  });

  test.each`
    gateway       | routes
    ${'none'}     | ${[]}
    ${'10.0.1.2'} | ${['0.0.0.0/0 via 10.0.1.2']}
  `('where a segment has two routers, gateway: $gateway decides', ({ gateway, routes }) => {
    const yaml = `
network:
  segments: { left: { subnet: 10.0.1.0/24 }, right: { subnet: 10.0.2.0/24 } }
  routers: { one: { on: [left, right] }, two: { on: [left, right] } }
hosts: { a: { on: left, gateway: ${gateway} } }
`;
    expect(routesOf(yaml).a).toEqual(routes);
  });
});
