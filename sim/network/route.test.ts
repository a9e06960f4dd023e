import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Address, contains, formatAddress, type Prefix, prefixOf } from '../../core/address.ts';
import { address, host, port, segment } from './lab.ts';
import { Layout } from './layout.ts';
import { NO_ROUTE, Routes } from './route.ts';
import type { RouteSpec } from './topology.ts';

function routesOf(fixed: readonly RouteSpec[] | string, ...interfaces: string[]): Routes {
  const segments = interfaces.map((_, i) => segment(`s${i}`, '10.0.0.0/8'));
  const node = host(
    'n',
    interfaces.map((addresses, i) => port(i, addresses)),
    typeof fixed === 'string' ? fixed : '',
  );
  return new Routes(new Layout({ segments, nodes: [typeof fixed === 'string' ? node : { ...node, routes: fixed }] }));
}

const nextHop = (routes: Routes, text: string): string => {
  const to = address(text);
  const found = routes.lookup(0, to);
  return found === NO_ROUTE ? 'none' : `${formatAddress(routes.nextHop(found, to))} by ${routes.out(found)}`;
};

describe('which way a packet goes', () => {
  const routes = routesOf(
    'default via 10.0.1.254, 192.168.0.0/16 via 10.0.2.254, 192.168.7.0/24 via 10.0.1.253',
    '10.0.1.1/24',
    '10.0.2.1/24',
  );
  test.each`
    to               | way
    ${'10.0.1.9'}    | ${'10.0.1.9 by 0'}
    ${'10.0.2.9'}    | ${'10.0.2.9 by 1'}
    ${'192.168.1.1'} | ${'10.0.2.254 by 1'}
    ${'192.168.7.1'} | ${'10.0.1.253 by 0'}
    ${'8.8.8.8'}     | ${'10.0.1.254 by 0'}
  `('to $to: $way', ({ to, way }) => {
    expect(nextHop(routes, to)).toBe(way);
  });

  test('without a default route there is no way to elsewhere', () => {
    expect(nextHop(routesOf('', '10.0.1.1/24'), '10.0.2.1')).toBe('none');
  });

  test('a connected route wins over a static one of the same prefix, then the lower metric does', () => {
    const connected = routesOf('10.0.1.0/24 via 10.0.2.254', '10.0.1.1/24', '10.0.2.1/24');
    expect(nextHop(connected, '10.0.1.9')).toBe('10.0.1.9 by 0');
    const via = (text: string, metric: number): RouteSpec => ({
      prefix: prefixOf(address('9.0.0.0'), 8),
      via: address(text),
      metric,
    });
    expect(nextHop(routesOf([via('10.0.1.7', 20), via('10.0.1.8', 10)], '10.0.1.1/24'), '9.9.9.9')).toBe('10.0.1.8 by 0');
  });

  test('a gateway outside all connected subnets makes no route', () => {
    expect(nextHop(routesOf('default via 10.9.9.9', '10.0.1.1/24'), '8.8.8.8')).toBe('none');
  });

  test('the source address is the one on the subnet that the packet leaves into', () => {
    const several = routesOf('default via 10.0.2.254', '10.0.1.1/24 10.0.2.1/24');
    expect(several.source(several.lookup(0, address('10.0.2.9')))).toBe(address('10.0.2.1'));
    expect(several.source(several.lookup(0, address('8.8.8.8')))).toBe(address('10.0.2.1'));
    expect(several.source(several.lookup(0, address('10.0.1.9')))).toBe(address('10.0.1.1'));
  });

  test('the table shows the default route first and what each host itself would use', () => {
    const view = routesOf('default via 10.0.1.254', '10.0.1.1/24').view(0);
    expect(view).toEqual([
      {
        prefix: prefixOf(address('0.0.0.0'), 0),
        via: address('10.0.1.254'),
        interface: 'eth0',
        metric: 0,
        source: address('10.0.1.1'),
      },
      { prefix: prefixOf(address('10.0.1.0'), 24), via: undefined, interface: 'eth0', metric: 0, source: address('10.0.1.1') },
    ]);
  });

  test('the chosen prefix contains the address, and no longer one does', () => {
    const bits = fc.integer({ min: 0, max: 0xff_ff_ff_ff });
    // Few distinct high bits, so that prefixes nest.
    const nested = fc.tuple(fc.constantFrom(0x0b00_0000, 0x0b80_0000, 0xc0a8_0000), bits, fc.integer({ min: 0, max: 32 }));
    const prefix = nested.map(([high, low, length]) => prefixOf(((high | (low & 0x0003_ff03)) >>> 0) as Address, length));
    const anywhere = nested.map(([high, low]) => ((high | (low & 0x0003_ff03)) >>> 0) as Address);
    fc.assert(
      fc.property(fc.array(prefix, { maxLength: 12 }), anywhere, (prefixes: Prefix[], to) => {
        const via = prefixes.map((_, i) => address(`10.0.1.${i + 2}`));
        const routes = routesOf(
          prefixes.map((each, i) => ({ prefix: each, via: via[i] as Address })),
          '10.0.1.1/24',
        );
        let best: number | undefined;
        for (const [i, each] of prefixes.entries()) {
          if (contains(each, to) && (best === undefined || each.length > (prefixes[best] as Prefix).length)) best = i;
        }
        const found = routes.lookup(0, to);
        expect(found === NO_ROUTE ? undefined : routes.nextHop(found, to)).toBe(best === undefined ? undefined : via[best]);
      }),
    );
  });
});
