import { z } from 'zod';
import { AIMS, MOMENTS } from '../../intervention/intervention.ts';
import { address } from './address.ts';
import { mapping } from './field.ts';
import { drift, probability, rate, size, whole } from './number.ts';
import { signal } from './signal.ts';
import { name, text } from './text.ts';
import { signedTime, time } from './time.ts';

const at = time.describe('When, from the start of the run.');
const until = time.optional().describe('When it ends; the end of the run when absent.');
const bootsAt = time.optional().describe('When it boots again; never when absent.');
const bootsAfter = time.optional().describe('How long until it boots again; never when absent.');
const whole53 = (what: string) => whole(what, 0, Number.MAX_SAFE_INTEGER);

const packet = mapping({
  sender: name.describe('The machine that it came from.'),
  boot: whole53('a number of boots').optional().describe('How often the sender had booted before; 0 when absent.'),
  ordinal: whole53('an ordinal').describe('Its place among all packets of the sender since that boot, from 0.'),
  receiver: name.describe('The machine that it went to.'),
  hop: whole53('a number of links').optional().describe('How many links it had crossed before; 0 when absent.'),
  message: text.describe('The kind of message in it: a guard against a run that has changed.'),
})
  .meta({ id: 'Packet' })
  .describe('Which one.');

const operation = mapping({
  host: name.describe('Whose disk.'),
  boot: whole53('a number of boots').optional().describe('How often the host had booted before; 0 when absent.'),
  ordinal: whole53('an ordinal').describe('Its place among all that the disk was asked for since that boot, from 0.'),
  does: text.describe('What it is, `sync /var/lib/store/log`: a guard against a run that has changed.'),
})
  .meta({ id: 'DiskOperation' })
  .describe('Which one.');

const by = time.describe('By how much.');
const range = { min: time.describe('At least by this.'), max: time.describe('At most by this.') };
const share = { rate: probability.describe('How many.') };
const host = name.describe('Which host.');
const onHost = { host, at, until };
const onLink = {
  from: name.describe('The machine that packets come from.'),
  to: name.describe('The machine that they go to.'),
  at,
  until,
};
const between = z.tuple([name, name]).describe('The two machines.');
const hosts = z.array(name).min(2).describe('The hosts, in an order.');
const of = text.optional().describe('Only what was started by a command line that begins like this.');

const kind = <const K extends string>(word: K, says: string) => z.literal(word).describe(says);

/** What is about a host during a time, apart from host and time: what may be aimed. */
const lasting = {
  'host-crash': {
    kind: kind('host-crash', 'A machine loses power.'),
    torn: z.boolean().optional().describe('In the middle of its writes, of which a part is left.'),
  },
  'crash-wipe': { kind: kind('crash-wipe', 'A host loses power, and boots with an empty disk.') },
  'crash-at-write': {
    kind: kind(
      'crash-at-write',
      'A host loses power when an operation of its disk is about to come back: the first of that time.',
    ),
    does: text.optional().describe('Only operations that begin like this: `sync`, `append /var/lib/kvd`.'),
    after: whole53('a number of operations').optional().describe('How many such operations come back before; 0 when absent.'),
    done: z.boolean().describe('Whether it has had its effect.'),
    for: bootsAfter,
  },
  'host-pause': { kind: kind('host-pause', 'All processes of a host stand still.') },
  'cpu-delay': {
    kind: kind('cpu-delay', 'Processes take late what comes for them.'),
    ...range,
    only: z.literal('network').optional().describe('Only what the network brings is late; timers are on time.'),
  },
  signal: {
    kind: kind('signal', 'Processes of a host get a signal. With an end the programs that it ended are started again then.'),
    signal: signal.describe('Which one.'),
    of,
  },
  'partition-alone': {
    kind: kind('partition-alone', 'One host is parted from others.'),
    hosts: z.array(name).min(1).describe('The others.'),
    only: z.enum(['in', 'out']).optional().describe('Only what it is sent, or only what it sends; both when absent.'),
  },
  'disk-stall': { kind: kind('disk-stall', 'Nothing comes back from a disk.') },
  'disk-delay': { kind: kind('disk-delay', 'What a disk does takes longer.'), ...range },
  'disk-full': { kind: kind('disk-full', 'Nothing fits on a disk.') },
  'disk-error': { kind: kind('disk-error', 'Operations of a disk fail.'), ...share },
  'disk-lie': { kind: kind('disk-lie', 'Syncs come back well and make nothing durable.'), ...share },
};

/** What is about a host at an instant, the same. */
const sudden = {
  'process-restart': { kind: kind('process-restart', 'Programs are killed and started again.'), of },
  revive: {
    kind: kind('revive', 'Programs that ran on a host and do not any more are started again, and so is the host itself.'),
  },
  command: { kind: kind('command', 'Somebody types a command line.'), run: text.describe('The command line.') },
  'clock-jump': {
    kind: kind('clock-jump', 'The wall clock is set.'),
    by: signedTime.describe('How far forward; back when negative.'),
  },
  'clock-drift': {
    kind: kind('clock-drift', 'The clock runs at another speed from then on.'),
    drift: drift.describe('How much faster than virtual time.'),
  },
  'disk-wipe': { kind: kind('disk-wipe', 'A host gets an empty disk.') },
  'corrupt-record': {
    kind: kind('corrupt-record', 'A record of a file is damaged.'),
    file: text.describe('The path of the file.'),
    record: whole('the place of a record', -1_000_000, 1_000_000).describe('From 0, or from the end when negative.'),
  },
};

const links = {
  hosts: z.array(name).min(1).describe('The machines at the other ends.'),
  only: z.enum(['in', 'out']).describe('What they send to it (in), or what it sends to them (out).'),
};

export const blow = z
  .discriminatedUnion('kind', [
    mapping(lasting['host-crash']),
    mapping(lasting['crash-wipe']),
    mapping(lasting['crash-at-write']),
    mapping(lasting['host-pause']),
    mapping(lasting['cpu-delay']),
    mapping(lasting.signal),
    mapping(lasting['partition-alone']),
    mapping(lasting['disk-stall']),
    mapping(lasting['disk-delay']),
    mapping(lasting['disk-full']),
    mapping(lasting['disk-error']),
    mapping(lasting['disk-lie']),
    mapping({ kind: kind('link-loss', 'Its links lose packets.'), ...links, ...share }),
    mapping({ kind: kind('link-delay', 'Its links become slower.'), ...links, ...range }),
    mapping({ kind: kind('link-reorder', 'Its links hold some packets up.'), ...links, ...share, ...range }),
    mapping({ kind: kind('link-duplicate', 'Of some packets on its links a copy comes later.'), ...links, ...share, ...range }),
    mapping({ kind: kind('link-corrupt', 'Its links damage packets.'), ...links, ...share }),
    mapping(sudden['process-restart']),
    mapping(sudden.revive),
    mapping(sudden.command),
    mapping(sudden['clock-jump']),
    mapping(sudden['clock-drift']),
    mapping(sudden['disk-wipe']),
    mapping(sudden['corrupt-record']),
  ])
  .meta({ id: 'Blow' })
  .describe('What is done to whoever it is.');

export const intervention = z
  .discriminatedUnion('kind', [
    // one packet
    mapping({ kind: kind('packet-loss', 'One packet is lost.'), packet }),
    mapping({ kind: kind('packet-delay', 'One packet is late.'), packet, by }),
    mapping({ kind: kind('packet-duplicate', 'A copy of one packet comes later.'), packet, by }),
    mapping({ kind: kind('packet-corrupt', 'One packet is damaged, and its receiver drops it.'), packet }),
    mapping({
      kind: kind('packet-misdelivery', 'One datagram or message comes to another machine, as if it had been sent there.'),
      packet,
      to: name.describe('The machine that it comes to.'),
    }),
    // one direction
    mapping({ kind: kind('link-loss', 'A direction loses packets.'), ...onLink, ...share }),
    mapping({
      kind: kind('link-burst', 'A direction loses packets in bad times, which come and go.'),
      ...onLink,
      enter: probability.describe('How likely a bad time begins in a slot of 10 ms.'),
      leave: probability.describe('How likely it ends in one.'),
      rate: probability.describe('How many packets are lost in a bad time.'),
    }),
    mapping({ kind: kind('link-delay', 'A direction becomes slower.'), ...onLink, ...range }),
    mapping({
      kind: kind('link-reorder', 'A direction holds some packets up, so that later ones overtake them.'),
      ...onLink,
      ...share,
      ...range,
    }),
    mapping({ kind: kind('link-duplicate', 'Of some packets a copy comes later.'), ...onLink, ...share, ...range }),
    mapping({ kind: kind('link-corrupt', 'A direction damages packets, and their receiver drops them.'), ...onLink, ...share }),
    mapping({
      kind: kind('link-misdelivery', 'Some datagrams and messages come to another machine, as if they had been sent there.'),
      ...onLink,
      ...share,
      instead: name.describe('The machine that they come to.'),
    }),
    mapping({
      kind: kind('link-bandwidth', 'The bandwidth of a direction collapses.'),
      ...onLink,
      bandwidth: rate.describe('What is left of it.'),
      queue: size.optional().describe('Bytes that may wait for it before others are dropped; 64KiB when absent.'),
    }),
    mapping({
      kind: kind('link-mtu', 'A direction swallows what is too large, and nobody is told.'),
      ...onLink,
      mtu: whole('a number of bytes', 28, 65_535).describe('The largest frame that gets through, and the largest whole message.'),
    }),
    mapping({ kind: kind('link-cut', 'A direction carries nothing.'), ...onLink }),
    // several
    mapping({ kind: kind('link-down', 'Nothing gets through between two machines.'), between, at, until }),
    mapping({
      kind: kind('link-flap', 'What is between two machines carries for a while, then not, and so on.'),
      between,
      at,
      until,
      up: time.describe('How long it carries; it begins with that.'),
      down: time.describe('How long it does not.'),
    }),
    mapping({
      kind: kind('partition', 'Groups do not hear each other; who is in none of them keeps all links.'),
      groups: z.array(z.array(name)).min(2).describe('The groups.'),
      at,
      until,
    }),
    mapping({ kind: kind('partition-halves', 'The first half of the hosts is parted from the others.'), hosts, at, until }),
    mapping({ kind: kind('partition-minority', 'The last hosts, a minority, are parted from the others.'), hosts, at, until }),
    mapping({
      kind: kind('partition-ring', 'Each host hears a majority, its neighbours in a ring, and no two the same one.'),
      hosts,
      at,
      until,
    }),
    mapping({
      kind: kind('partition-bridge', 'Two halves hear the host in the middle, and nobody of the other half.'),
      hosts,
      at,
      until,
    }),
    mapping({ ...lasting['partition-alone'], ...onHost }),
    mapping({
      kind: kind('partition-segment', 'The machines on a segment, a VLAN, are parted from those that are not on it.'),
      segment: name.describe('Which segment.'),
      at,
      until,
    }),
    // the network itself
    mapping({
      kind: kind('trunk-cut', 'The cable between two switches is cut.'),
      trunk: z.tuple([name, name]).describe('The two switches.'),
      at,
      until,
    }),
    mapping({ kind: kind('router-down', 'A router loses power.'), router: name.describe('Which router.'), at, until: bootsAt }),
    mapping({
      kind: kind('multicast-leak', 'Multicast and broadcast of one segment get to another one, too.'),
      segments: z.tuple([name, name]).describe('From which segment to which.'),
      at,
      until,
    }),
    // hosts
    mapping({ ...lasting['host-crash'], host: name.describe('Which machine.'), at, until: bootsAt }),
    mapping({ ...lasting['crash-wipe'], host, at, until: bootsAt }),
    mapping({ ...lasting['crash-at-write'], ...onHost }),
    mapping({
      kind: kind('new-address', 'A host loses power, and boots with another address in place of its first one.'),
      host,
      address: address.describe('The new address.'),
      at,
      until: bootsAt,
    }),
    mapping({ ...lasting['host-pause'], ...onHost }),
    mapping({ ...lasting['cpu-delay'], ...onHost }),
    mapping({ ...sudden['process-restart'], host, at }),
    mapping({
      kind: kind(
        'restart-storm',
        'Programs of some hosts are killed and started again, one host after another, again and again.',
      ),
      hosts: z.array(name).min(1).describe('The hosts, in their order.'),
      every: time.describe('From one to the next.'),
      at,
      until: time.optional().describe('When it ends; when each had its turn when absent.'),
      of,
    }),
    mapping({
      ...lasting.signal,
      host,
      at,
      until: time.optional().describe('When what it ended is started again; never when absent.'),
    }),
    mapping({ ...sudden.revive, host, at }),
    mapping({ ...sudden.command, host, at }),
    mapping({ ...sudden['clock-jump'], host, at }),
    mapping({ ...sudden['clock-drift'], host, at }),
    // disks
    mapping({ ...lasting['disk-stall'], ...onHost }),
    mapping({ ...lasting['disk-delay'], ...onHost }),
    mapping({ ...lasting['disk-full'], ...onHost }),
    mapping({ ...lasting['disk-error'], ...onHost }),
    mapping({ ...lasting['disk-lie'], ...onHost }),
    mapping({ ...sudden['disk-wipe'], host, at }),
    mapping({ ...sudden['corrupt-record'], host, at }),
    // one operation of a disk
    mapping({ kind: kind('write-delay', 'One operation of a disk is late.'), operation, by }),
    mapping({
      kind: kind('write-failure', 'One operation of a disk fails.'),
      operation,
      outcome: z.enum(['full', 'error']).describe('How.'),
    }),
    mapping({ kind: kind('sync-lie', 'One sync makes nothing durable.'), operation }),
    mapping({
      kind: kind('torn-write', 'One append, if a crash finds it unsynced, is left damaged, and those before it whole.'),
      operation,
    }),
    mapping({
      kind: kind('write-crash', 'A host loses power when one operation is about to come back.'),
      operation,
      done: z.boolean().describe('Whether it has had its effect.'),
      for: bootsAfter,
    }),
    // strategies
    mapping({
      kind: kind('aimed', 'Something is done to a host that has a part in what goes on, whichever that is.'),
      aim: z.enum(AIMS).describe('Whom: found out at that instant.'),
      does: blow,
      at,
      until,
      upon: z
        .enum(MOMENTS)
        .optional()
        .describe('Not at once, but when this next happens; the one to whom it happens is the subject.'),
      after: time.optional().describe('How long after that; at once when absent.'),
    }),
  ])
  .meta({ id: 'Intervention' });
