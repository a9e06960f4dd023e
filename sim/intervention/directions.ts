import type { PartitionIntervention } from './intervention.ts';

/** One direction between two machines by name. */
export type Way = readonly [from: string, to: string];

/**
 * The directions that an entry cuts, each once.
 *
 * @param onSegment whether a machine is on a segment
 * @param all all machines
 */
export function directionsOf(
  entry: PartitionIntervention,
  all: readonly string[],
  onSegment: (name: string, segment: string) => boolean,
): readonly Way[] {
  switch (entry.kind) {
    case 'link-down':
    case 'link-flap':
      return both(entry.between[0], entry.between[1]);
    case 'partition':
      return apart(entry.groups);
    case 'partition-halves':
      return apart(split(entry.hosts, Math.ceil(entry.hosts.length / 2)));
    case 'partition-minority':
      return apart(split(entry.hosts, entry.hosts.length - Math.floor((entry.hosts.length - 1) / 2)));
    case 'partition-ring':
      return ring(entry.hosts);
    case 'partition-bridge': {
      const middle = Math.floor(entry.hosts.length / 2);
      return apart([entry.hosts.slice(0, middle), entry.hosts.slice(middle + 1)]);
    }
    case 'partition-alone': {
      const { host, hosts, only } = entry;
      const others = hosts.filter((other) => other !== host);
      const out = only === 'in' ? [] : others.map((other): Way => [host, other]);
      const into = only === 'out' ? [] : others.map((other): Way => [other, host]);
      return [...out, ...into];
    }
    case 'partition-segment': {
      const here = all.filter((name) => onSegment(name, entry.segment));
      return apart([here, all.filter((name) => !here.includes(name))]);
    }
  }
}

const both = (a: string, b: string): Way[] => [
  [a, b],
  [b, a],
];

const split = (hosts: readonly string[], at: number) => [hosts.slice(0, at), hosts.slice(at)];

const apart = (groups: readonly (readonly string[])[]): Way[] =>
  groups.flatMap((group, index) =>
    groups.slice(index + 1).flatMap((other) => group.flatMap((a) => other.flatMap((b) => both(a, b)))),
  );

/** Everybody keeps the fewest neighbours to both sides that make a majority with itself; of three hosts the first and the last part. */
function ring(hosts: readonly string[]): Way[] {
  const { length } = hosts;
  if (length === 3) return both(hosts[0] as string, hosts[2] as string);
  const kept = Math.ceil(Math.floor(length / 2) / 2);
  return hosts.flatMap((a, i) =>
    hosts.slice(i + 1).flatMap((b, between) => {
      const distance = Math.min(between + 1, length - between - 1);
      return distance <= kept ? [] : both(a, b);
    }),
  );
}
