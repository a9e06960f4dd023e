import type { Distribution } from '../network/distribution.ts';
import type { LinkSpec, Topology } from '../network/topology.ts';

/** The same network, with losses, bursts of them, duplicates, reordering and damage taken away. */
export const withoutLosses = (topology: Topology): Topology =>
  mapLinks(topology, (link) => {
    const { burst: _, reorder: __, ...rest } = link;
    return {
      ...rest,
      ...('loss' in link ? { loss: 0 } : {}),
      ...('duplicate' in link ? { duplicate: 0 } : {}),
      ...('corrupt' in link ? { corrupt: 0 } : {}),
    };
  });

/** The same network, in which every crossing takes the middle of what it took. */
export const withoutDelays = (topology: Topology): Topology =>
  mapLinks(topology, (link) => (link.delay === undefined ? link : { ...link, delay: middle(link.delay) }));

function mapLinks(topology: Topology, change: (link: Partial<LinkSpec>) => Partial<LinkSpec>): Topology {
  const { segments, nodes } = topology;
  return {
    ...topology,
    segments: segments.map((segment) => ({ ...segment, link: change(segment.link) as LinkSpec })),
    nodes: nodes.map((node) => ({
      ...node,
      interfaces: node.interfaces.map((each) => ({
        ...each,
        ...(each.out === undefined ? {} : { out: change(each.out) }),
        ...(each.in === undefined ? {} : { in: change(each.in) }),
      })),
    })),
  };
}

function middle(distribution: Distribution): Distribution {
  switch (distribution.type) {
    case 'constant':
      return distribution;
    case 'uniform':
      return constant((distribution.min + distribution.max) / 2);
    case 'normal':
    case 'exponential':
      return constant(distribution.mean);
    case 'lognormal':
      return constant(distribution.median);
  }
}

const constant = (value: number): Distribution => ({ type: 'constant', value: Math.floor(value) as never });
