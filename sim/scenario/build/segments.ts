import { formatPrefix, overlap, type Prefix, parsePrefix } from '../../../core/address.ts';
import { type Duration, microseconds } from '../../../core/time.ts';
import type { Distribution } from '../../network/distribution.ts';
import type { LinkSpec, SegmentSpec } from '../../network/topology.ts';
import type { Path } from '../problem.ts';
import { type Delay, readDelay, readRate, readSize, readTime, type Time } from '../quantity.ts';
import type { LinkInput, ScenarioInput, SegmentInput } from '../schema.ts';
import type { Reporter } from './reporter.ts';

const DEFAULT_LINK: LinkSpec = {
  delay: { type: 'constant', value: microseconds(200) },
  loss: 0,
  duplicate: 0,
  corrupt: 0,
  mtu: 1500,
};

/** The segments, in the order of the file; one without a good subnet has none. */
export function buildSegments(network: ScenarioInput['network'], reporter: Reporter): readonly SegmentSpec[] {
  const taken: { readonly prefix: Prefix; readonly name: string }[] = [];
  const vlans = new Map<number, string>();
  return Object.entries(network.segments).map(([name, segment]) => {
    const path: Path = ['network', 'segments', name];
    const subnets: Prefix[] = [];
    for (const [place, text] of subnetsOf(segment, path, reporter)) {
      const prefix = parsePrefix(text) as Prefix;
      const other = taken.find((each) => overlap(each.prefix, prefix));
      if (other === undefined) subnets.push(prefix);
      else overlaps(place, prefix, other, name, reporter);
      taken.push({ prefix, name });
    }
    if (segment.vlan !== undefined) {
      const other = vlans.get(segment.vlan);
      if (other === undefined) vlans.set(segment.vlan, name);
      else
        reporter.say(
          [...path, 'vlan'],
          `VLAN ${segment.vlan} is segment ${other} already.`,
          'Give each segment a VLAN of its own.',
        );
    }
    return {
      name,
      ...(segment.vlan === undefined ? {} : { vlan: segment.vlan }),
      subnets,
      link: { ...DEFAULT_LINK, ...buildLink(segment) },
      multicast: segment.multicast ?? 'flood',
      broadcast: segment.broadcast ?? 'flood',
    };
  });
}

function* subnetsOf({ subnet, subnets }: SegmentInput, path: Path, reporter: Reporter): Generator<[Path, string]> {
  if (subnet !== undefined && subnets !== undefined) {
    reporter.say([...path, 'subnets'], 'The segment has both subnet and subnets.', 'Put all into subnets.', 'key');
  } else if (subnet === undefined && subnets === undefined) {
    reporter.say(path, 'The segment has no subnet.', 'Add one, as in subnet: 10.0.1.0/24.', 'key');
  }
  if (subnet !== undefined) yield [[...path, 'subnet'], subnet];
  for (const [index, each] of (subnets ?? []).entries()) yield [[...path, 'subnets', index], each];
}

function overlaps(path: Path, prefix: Prefix, other: { prefix: Prefix; name: string }, name: string, reporter: Reporter): void {
  const whose = other.name === name ? 'of the same segment' : `of segment ${other.name}`;
  reporter.say(
    path,
    `Subnet ${formatPrefix(prefix)} overlaps ${formatPrefix(other.prefix)} ${whose}.`,
    'Subnets must not share addresses.',
  );
}

/** What an entry says about its link; only what it says. */
export function buildLink(input: LinkInput | SegmentInput): Partial<LinkSpec> {
  const { latency, loss, burst, duplicate, reorder, corrupt, bandwidth, queue, mtu } = input;
  return {
    ...(latency === undefined ? {} : { delay: delayOf(latency) }),
    ...(loss === undefined ? {} : { loss }),
    ...(burst === undefined
      ? {}
      : {
          burst: {
            enter: burst.enter,
            leave: burst.leave,
            lossGood: burst.lossGood ?? 0,
            lossBad: burst.lossBad ?? 1,
            ...(burst.slot === undefined ? {} : { slot: durationOf(burst.slot) }),
          },
        }),
    ...(duplicate === undefined ? {} : { duplicate }),
    ...(reorder === undefined ? {} : { reorder: { probability: reorder.probability, by: delayOf(reorder.by) } }),
    ...(corrupt === undefined ? {} : { corrupt }),
    ...(bandwidth === undefined ? {} : { bandwidth: readRate(bandwidth) as number }),
    ...(queue === undefined ? {} : { queue: readSize(queue) as number }),
    ...(mtu === undefined ? {} : { mtu }),
  };
}

const delayOf = (delay: Delay): Distribution => readDelay(delay) as Distribution;

/** A time that the schema has accepted. */
export const durationOf = (time: Time): Duration => readTime(time) as Duration;
