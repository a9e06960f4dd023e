import { z } from 'zod';
import {
  address,
  delay,
  drift,
  hostAddress,
  mapping,
  moment,
  name,
  oneOrMore,
  pattern,
  prefix,
  probability,
  rate,
  signedTime,
  size,
  subnet,
  text,
  time,
  vlan,
  whole,
} from './field.ts';

// One schema for scenarios, in YAML, in JSON and in TypeScript. It checks shapes and single values; what depends on other values (does
// this host exist?) is checked when the world is built. Nothing is converted: a valid scenario is the data that was written.

const who = oneOrMore(name);

// ---- network

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

const link = mapping(linkShape).meta({ id: 'Link' });

const segment = mapping({
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

const interfaceSchema = mapping({
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

const stackShape = {
  interfaces: z.record(name, interfaceSchema).optional().describe('Its interfaces by name, in order, instead of `on`.'),
  gateway: z
    .union([z.literal('none'), address])
    .optional()
    .describe('The next hop of its default route; the one router of its segments when absent. `none`: no default route.'),
  routes: z.array(route).optional().describe('Static routes beside those that are worked out.'),
  switch: name.optional().describe('The switch it is plugged into, where there are several.'),
};

const router = mapping({
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

const network = mapping({
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

// ---- hosts

const host = mapping({
  on: name.optional().describe('The segment that its one interface, eth0, is on.'),
  address: hostAddress.optional().describe('Its address there; the next free one when absent. With `count`: the first one.'),
  addresses: z.array(hostAddress).min(1).optional().describe('Several addresses, the primary one first.'),
  count: whole('a number of hosts', 1, 100_000)
    .optional()
    .describe('Makes so many of them, named with a number from 1 on: n1, n2, … . The bare name stands for all.'),
  ...stackShape,
  forwarding: z.boolean().optional().describe('Passes on what is not for itself, as a router does. Off when absent.'),
  files: z.record(text, z.string()).optional().describe('Files on its disk: path and text.'),
  clock: mapping({
    offset: signedTime.optional().describe('How much its wall clock is ahead; behind when negative.'),
    drift: drift.optional().describe('How much faster than virtual time it runs, such as 50ppm; slower when negative.'),
  })
    .optional()
    .describe('A clock that is not right.'),
  disk: mapping({
    capacity: size.optional().describe('What fits; no limit when absent.'),
    write: time.optional().describe('How long a write takes to come back; 0 when absent, as the page cache takes it.'),
    sync: time.optional().describe('How long a sync takes; 0 when absent. 100us to 1ms on flash, about 10ms on a turning disk.'),
  })
    .optional()
    .describe('What its disk is like.'),
}).meta({ id: 'Host' });

// ---- timeline

const at = time.describe('When, from the start of the run.');
const until = time.optional().describe('When it ends by itself.');
const on = who.describe('A host, a list of hosts, or `all`.');
const of = text.optional().describe('Only what was started by a command line that begins like this: `serf agent`.');

const fault = z.union([
  mapping({
    from: who.describe('Where packets come from.'),
    to: who.describe('Where they go.'),
  }),
  mapping({
    between: z.tuple([name, name], { error: 'Expected the names of two machines.' }).describe('Both directions between two.'),
  }),
  mapping({
    trunk: z.tuple([name, name], { error: 'Expected the names of two switches.' }).describe('The cable between two switches.'),
  }),
]);

const entry = z
  .union([
    mapping({ at, on, run: text.describe('A command line as an operator types it.') }),
    mapping({
      at,
      on,
      signal: z
        .enum(['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'CONT', 'STOP'])
        .describe('A signal, sent to processes of the host.'),
      of,
    }),
    mapping({ at, crash: who.describe('Machines that lose power: memory, connections and unsynced writes are gone.'), until }),
    mapping({ at, boot: who.describe('Machines that were crashed and come back.') }),
    mapping({ at, pause: who.describe('Hosts whose processes all stand still.'), until }),
    mapping({ at, resume: who.describe('Hosts whose processes go on.') }),
    mapping({ at, cut: fault.describe('Nothing gets through from `from` to `to`, or both ways `between` two.'), until }),
    mapping({
      at,
      heal: z
        .union([z.literal('all'), ...fault.options])
        .describe('Ends cuts and partitions: those of `from` to `to`, `between` two, or `all`.'),
    }),
    mapping({
      at,
      partition: z
        .array(z.array(name).min(1))
        .min(2)
        .describe('Groups that do not hear each other. Who is in none of them keeps all links.'),
      until,
    }),
  ])
  .meta({ id: 'TimelineEntry' });

// ---- what is expected and measured

const names = z.union([name, z.array(name)]);

const members = mapping({
  on: who.describe('Who is asked: a host, a list, or `all`. Each of them must show it.'),
  alive: names.optional().describe('Exactly these are alive; `all` for all hosts.'),
  failed: names.optional().describe('Exactly these have failed.'),
  left: names.optional().describe('Exactly these have left.'),
  leaving: names.optional().describe('Exactly these are leaving.'),
})
  .refine(({ alive, failed, left, leaving }) => [alive, failed, left, leaving].some((each) => each !== undefined), {
    error: 'It names no members.\nAdd alive, failed, left or leaving. What is not named is not looked at.',
  })
  .meta({ id: 'Members' });

const output = mapping({
  on: who.describe('Whose terminal. Each of them must show it.'),
  of: of.describe('Only the output of command lines that begin like this.'),
  includes: oneOrMore(text).optional().describe('This text, or each of these, is in it.'),
  matches: pattern.optional().describe('This regular expression matches somewhere; ^ and $ are the ends of a line.'),
  equals: z.string().optional().describe('The whole output of one command is this, apart from line feeds at the end.'),
})
  .refine(({ includes, matches, equals }) => [includes, matches, equals].filter((each) => each !== undefined).length === 1, {
    error: 'Expected exactly one of includes, matches, equals.',
  })
  .meta({ id: 'Output' });

const exit = mapping({
  on: who.describe('On which host. Each of them must show it.'),
  of: text.describe('The command line, or its beginning.'),
  code: whole('an exit status', 0, 255).describe('The status it ended with.'),
}).meta({ id: 'Exit' });

const conditionShape = {
  members: members.optional().describe('What `serf members` would show.'),
  output: output.optional().describe('What a host has printed.'),
  exit: exit.optional().describe('What a command ended with.'),
};

const CONDITIONS = Object.keys(conditionShape) as (keyof typeof conditionShape)[];
const WINDOWS = 'Say when with one of: at (at that instant), by (at some instant up to it), from and until (all the time).';

const expectation = mapping({
  at: time.optional().describe('It holds at this instant.'),
  by: time.optional().describe('It holds at some instant, this one at the latest.'),
  from: time.optional().describe('With `until`: it holds at every instant from here on.'),
  until: time.optional().describe('The end of `from`.'),
  ...conditionShape,
  violates: name.optional().describe('The run breaks this property: the scenario shows a bug.'),
})
  .check((context) => {
    const { at, by, from, until, violates, ...conditions } = context.value;
    const say = (message: string, path: string[] = []) =>
      context.issues.push({ code: 'custom', input: context.value, path, message });
    const given = CONDITIONS.filter((key) => conditions[key] !== undefined);
    if (given.length + (violates === undefined ? 0 : 1) !== 1) say(`Expected exactly one of ${CONDITIONS.join(', ')}, violates.`);
    const windows = [at, by, from ?? until].filter((each) => each !== undefined).length;
    if (given.length === 0 && violates !== undefined && windows > 0)
      say('A violation may come at any time.\nTake at, by, from and until away.');
    else if (given.length > 0 && windows === 0) say(`It says not when.\n${WINDOWS}`);
    else if (windows > 1) say(`It says in several ways when.\n${WINDOWS}`);
    else if (from !== undefined && until === undefined) say('from has no until.\nAdd until, the end of that time.', ['from']);
    else if (from === undefined && until !== undefined)
      say('until has no from.\nAdd from, the beginning of that time.', ['until']);
  })
  .meta({ id: 'Expectation' });

const property = name.describe('Its name.');

const check = mapping({
  always: z.array(property).optional().describe('Invariants that hold at every step.'),
  eventually: z
    .array(
      z.union([property, mapping({ name: property, within: time.describe('How long it may take after faults have stopped.') })]),
    )
    .optional()
    .describe('What comes true once faults stop.'),
  sometimes: z.array(property).optional().describe('What the run must have reached at least once to have proved anything.'),
});

const mark = mapping({
  at: time.optional().describe('A fixed instant.'),
  command: text.optional().describe('The moment a command line that begins like this is typed.'),
  on: who.optional().describe('With `command`: where; anywhere when absent.'),
  ...conditionShape,
})
  .check((context) => {
    const { at, command, on, ...conditions } = context.value;
    const keys = ['at', 'command', ...CONDITIONS];
    const given = [at, command, ...CONDITIONS.map((key) => conditions[key])].filter((each) => each !== undefined);
    const say = (message: string, path: string[] = []) =>
      context.issues.push({ code: 'custom', input: context.value, path, message });
    if (given.length !== 1) say(`Expected exactly one of ${keys.join(', ')}.`);
    else if (on !== undefined && command === undefined)
      say('on belongs to command here.\nWrite it into members, output or exit.', ['on']);
  })
  .meta({ id: 'Mark' });

const measure = mapping({
  from: mark.describe('Where the clock starts: the first time this is so.'),
  to: mark.describe('Where it stops: the first time after that.'),
  unit: z.enum(['ns', 'us', 'ms', 's', 'm', 'h']).optional().describe('What it is shown in; s when absent.'),
  description: text.optional().describe('What it means.'),
});

// ---- interventions

const whole53 = (what: string) => whole(what, 0, Number.MAX_SAFE_INTEGER);

const packet = mapping({
  sender: name.describe('The machine that it came from.'),
  boot: whole53('a number of boots').optional().describe('How often the sender had booted before; 0 when absent.'),
  ordinal: whole53('an ordinal').describe('Its place among all packets of the sender since that boot, from 0.'),
  receiver: name.describe('The machine that it went to.'),
  hop: whole53('a number of links').optional().describe('How many links it had crossed before; 0 when absent.'),
  message: text.describe('The kind of message in it: a guard against a run that has changed.'),
}).meta({ id: 'Packet' });

const onLink = {
  from: name.describe('The machine that packets come from.'),
  to: name.describe('The machine that they go to.'),
  at,
  until: time.optional().describe('When it ends; the end of the run when absent.'),
};

const intervention = z
  .discriminatedUnion('kind', [
    mapping({ kind: z.literal('packet-loss').describe('One packet is lost.'), packet: packet.describe('Which one.') }),
    mapping({
      kind: z.literal('packet-delay').describe('One packet is late.'),
      packet: packet.describe('Which one.'),
      by: time.describe('By how much.'),
    }),
    mapping({
      kind: z.literal('link-loss').describe('A direction loses packets.'),
      ...onLink,
      rate: probability.describe('How many.'),
    }),
    mapping({
      kind: z.literal('link-delay').describe('A direction becomes slower.'),
      ...onLink,
      min: time.describe('At least by this.'),
      max: time.describe('At most by this.'),
    }),
    mapping({ kind: z.literal('link-cut').describe('A direction carries nothing.'), ...onLink }),
    mapping({
      kind: z.literal('host-crash').describe('A machine loses power.'),
      host: name.describe('Which one.'),
      at,
      until: time.optional().describe('When it boots again; never when absent.'),
    }),
  ])
  .meta({ id: 'Intervention' });

/** The schema of scenarios. */
export const schema = mapping({
  $schema: z.string().optional().describe('Where the JSON Schema is, for editors.'),
  name: text.optional().describe('What it is called.'),
  description: text.optional().describe('What it shows.'),
  seed: z
    .union([z.number(), z.string()])
    .optional()
    .describe('The seed of all randomness; 1 when absent. The same seed gives the same run.'),
  epoch: moment
    .optional()
    .describe('What a right wall clock shows at the start of the run, in UTC; 2000-01-01T00:00:00Z when absent.'),
  until: time.optional().describe('The end of the run; 10 s after the last instant that is named when absent.'),
  network: network.describe('What the hosts are connected by.'),
  hosts: z.record(name, host).describe('The hosts by name.'),
  timeline: z.array(entry).optional().describe('What happens when.'),
  expect: z.array(expectation).optional().describe('What the nominal run must show.'),
  check: check.optional().describe('Properties that must hold in every run.'),
  measure: z.record(name, measure).optional().describe('Times to report, from one moment to another.'),
  interventions: z
    .array(intervention)
    .optional()
    .describe('Faults on top of what the scenario describes: the plan of an adversary, or a recording.'),
}).describe('A scenario of Partita.');

/** A scenario as it is written. */
export type ScenarioInput = z.infer<typeof schema>;
export type SegmentInput = z.infer<typeof segment>;
export type LinkInput = z.infer<typeof link>;
export type RouterInput = z.infer<typeof router>;
export type HostInput = z.infer<typeof host>;
export type InterfaceInput = z.infer<typeof interfaceSchema>;
export type EntryInput = z.infer<typeof entry>;
export type FaultInput = z.infer<typeof fault>;
export type ExpectationInput = z.infer<typeof expectation>;
export type MembersInput = z.infer<typeof members>;
export type OutputInput = z.infer<typeof output>;
export type ExitInput = z.infer<typeof exit>;
export type MarkInput = z.infer<typeof mark>;
export type InterventionInput = z.infer<typeof intervention>;

/** The JSON Schema (draft 2020-12) of scenarios, for editors. */
export function jsonSchema(): object {
  return z.toJSONSchema(schema, { io: 'input' });
}
