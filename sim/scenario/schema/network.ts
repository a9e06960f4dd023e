import { z } from 'zod';
import { address, hostAddress, prefix, subnet, vlan } from './address.ts';
import { mapping, oneOrMore } from './field.ts';
import { probability, rate, size, whole } from './number.ts';
import { name } from './text.ts';
import { delay, time } from './time.ts';

const linkShape = {
  latency: delay
    .optional()
    .describe(
      'How long a crossing takes: a time, a range such as 100us..200us, or a mapping that names a distribution. 200us when absent.',
    ),
  loss: probability.optional().describe('Probability that a frame is lost, each for itself; 0 when absent.'),
  burst: mapping({
    enter: probability.describe('Probability per slot that a good time ends.'),
    leave: probability.describe('Probability per slot that a bad time ends; a bad time lasts slot / leave on average.'),
    lossGood: probability.optional().describe('Loss in good times; 0 when absent.'),
    lossBad: probability.optional().describe('Loss in bad times; 1 when absent.'),
    slot: time.optional().describe('Length of a slot; 10ms when absent.'),
  })
    .optional()
    .describe('Losses that come together, in addition to `loss` (Gilbert–Elliott).'),
  duplicate: probability.optional().describe('Probability that a frame arrives twice; 0 when absent.'),
  reorder: mapping({
    probability: probability.describe('How many frames are held up.'),
    by: delay.describe('For how long, on top of the latency.'),
  })
    .optional()
    .describe('Holds some frames up, so that later ones overtake them.'),
  corrupt: probability
    .optional()
    .describe('Probability that a frame arrives damaged and its checksum gives it away; 0 when absent.'),
  bandwidth: rate.optional().describe('What each direction of each attachment carries; no limit when absent.'),
  queue: size
    .optional()
    .describe('Bytes that may wait for the bandwidth before the tail is dropped; 100 full frames when absent.'),
  mtu: whole('an MTU', 68, 65_535).optional().describe('The largest IP packet in bytes; 1500 when absent.'),
};

export const link = mapping(linkShape).meta({ id: 'Link' });

export const segment = mapping({
  vlan: vlan.optional().describe('The 802.1Q number, 1 to 4094; absent on a bridge that knows no tags.'),
  subnet: subnet.optional().describe('The subnet of its addresses. Every segment has one, or several under `subnets`.'),
  subnets: z
    .array(subnet)
    .min(1)
    .optional()
    .describe('Several subnets on one segment: multicast reaches all, unicast between them goes by a router.'),
  ...linkShape,
  multicast: z
    .enum(['flood', 'blocked'])
    .optional()
    .describe('`blocked`: multicast is swallowed, as by a cloud. `flood` when absent.'),
  broadcast: z
    .enum(['flood', 'blocked'])
    .optional()
    .describe('`blocked`: broadcast datagrams are swallowed; ARP still works. `flood` when absent.'),
}).meta({ id: 'Segment' });

export const interfaceSchema = mapping({
  on: name.optional().describe('The segment it is on. Only the parent of sub-interfaces may have none.'),
  address: hostAddress.optional().describe('Its address, such as 10.0.1.10. The next free one of the segment when absent.'),
  addresses: z.array(hostAddress).min(1).optional().describe('Several addresses, the primary one first.'),
  trunk: mapping({
    allowed: z.array(vlan).min(1).describe('The VLANs whose tagged frames it takes.'),
    native: vlan.optional().describe('The VLAN of untagged frames; without one they are dropped.'),
  })
    .optional()
    .describe('Makes its switch port a trunk. Sub-interfaces such as eth0.20 then carry VLAN 20.'),
  switch: name.optional().describe('The switch it is plugged into, where there are several.'),
  mtu: whole('an MTU', 68, 65_535)
    .optional()
    .describe("The largest IP packet that it sends or takes; the segment's when absent."),
  out: link.optional().describe("Replaces the segment's link for what leaves by it."),
  in: link.optional().describe("Replaces the segment's link for what arrives at it."),
}).meta({ id: 'Interface' });

const route = mapping({
  to: prefix.describe('Destinations: a prefix such as 10.0.0.0/8, or one address.'),
  via: address.describe('The next hop, on a subnet of this machine.'),
  metric: whole('a metric', 0, 4_294_967_295).optional().describe('Of equal prefixes the lower one wins; 0 when absent.'),
}).meta({ id: 'Route' });

/** What hosts and routers have in common. */
export const stackShape = {
  interfaces: z.record(name, interfaceSchema).optional().describe('Its interfaces by name, in order, instead of `on`.'),
  gateway: z
    .union([z.literal('none'), address])
    .optional()
    .describe('The next hop of its default route; the one router of its segments when absent. `none`: no default route.'),
  routes: z.array(route).optional().describe('Static routes beside those that are worked out.'),
  switch: name.optional().describe('The switch it is plugged into, where there are several.'),
};

export const router = mapping({
  on: z.array(name).optional().describe('The segments that it joins, an interface each: eth0, eth1 and so on.'),
  addresses: z
    .record(name, oneOrMore(hostAddress))
    .optional()
    .describe('Its address on a segment; the first free one of each subnet when absent.'),
  ...stackShape,
  deny: z
    .array(
      mapping({
        from: prefix.optional().describe('Sources; all when absent.'),
        to: prefix.optional().describe('Destinations; all when absent.'),
      }),
    )
    .optional()
    .describe('What it drops instead of passing it on.'),
}).meta({ id: 'Router' });

export const network = mapping({
  segments: z.record(name, segment).describe('Broadcast domains by name: VLANs, bridges.'),
  routers: z
    .record(name, router)
    .optional()
    .describe(
      'Machines that pass packets between segments. They know the way to every subnet, as after a routing protocol has converged.',
    ),
  switches: z
    .array(name)
    .optional()
    .describe('Switches by name, where it matters who is plugged in where. Otherwise each segment is one bridge.'),
  trunks: z
    .array(
      mapping({
        between: z.tuple([name, name], { error: 'Expected the names of two switches.' }).describe('The two switches.'),
        vlans: z.array(vlan).min(1).optional().describe('The VLANs it carries; all when absent.'),
      }),
    )
    .optional()
    .describe('Cables between switches. For each VLAN they must not form a loop.'),
}).meta({ id: 'Network' });
