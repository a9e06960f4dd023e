import fc from 'fast-check';
import type { HostInput, ScenarioInput } from '../scenario/schema.ts';

/** A network with hosts on it, as a scenario has them, and where each of them is. */
export interface Site {
  readonly network: ScenarioInput['network'];
  readonly hosts: Readonly<Record<string, HostInput>>;
  /** By the name of the host, in the order of their names: `n1`, `n2`, … */
  readonly addresses: Readonly<Record<string, string>>;
}

/** What generated networks may be like. */
export interface SiteSpace {
  /** Hosts, at least and at most; 2 to 5 unless said otherwise. */
  readonly hosts?: { readonly least: number; readonly most: number };
  /** Segments at most; 3 unless said otherwise. One router stands between them. */
  readonly segments?: number;
  /** Percent of packets that links may lose; 2 unless said otherwise. */
  readonly loss?: number;
}

/** Networks: a few hosts on one segment or several, each with its own delays and losses. Shrinks to two hosts on one perfect segment. */
export function sites({ hosts = { least: 2, most: 5 }, segments = 3, loss = 2 }: SiteSpace = {}): fc.Arbitrary<Site> {
  const segment = fc.record({
    least: fc.integer({ min: 0, max: 50 }),
    spread: fc.integer({ min: 0, max: 50 }),
    loss: fc.integer({ min: 0, max: loss }),
  });
  return fc
    .tuple(
      fc.array(segment, { minLength: 1, maxLength: segments }),
      fc.array(fc.nat({ max: segments - 1 }), { minLength: hosts.least, maxLength: hosts.most }),
    )
    .map(([links, places]) => {
      const names = links.map((_, index) => `lan${index + 1}`);
      const placed = places.map((place, index) => ({
        name: `n${index + 1}`,
        segment: place % links.length,
        address: `10.0.${(place % links.length) + 1}.${index + 11}`,
      }));
      return {
        network: {
          segments: Object.fromEntries(
            links.map(({ least, spread, loss: percent }, index) => [
              names[index] as string,
              {
                subnet: `10.0.${index + 1}.0/24`,
                latency: `${100 + least * 100}us..${101 + (least + spread) * 100}us`,
                ...(percent === 0 ? {} : { loss: percent / 100 }),
              },
            ]),
          ),
          ...(links.length < 2 ? {} : { routers: { gateway: { on: names } } }),
        },
        hosts: Object.fromEntries(placed.map(({ name, segment: on, address }) => [name, { on: names[on] as string, address }])),
        addresses: Object.fromEntries(placed.map(({ name, address }) => [name, address])),
      };
    });
}
