import { z } from 'zod';
import { mapping } from './field.ts';
import { drift, probability, whole } from './number.ts';
import { signal } from './signal.ts';
import { name, text } from './text.ts';
import { signedTime, time } from './time.ts';

const at = time.describe('When, from the start of the run.');
const whole53 = (what: string) => whole(what, 0, Number.MAX_SAFE_INTEGER);

const packet = mapping({
  sender: name.describe('The machine that it came from.'),
  boot: whole53('a number of boots').optional().describe('How often the sender had booted before; 0 when absent.'),
  ordinal: whole53('an ordinal').describe('Its place among all packets of the sender since that boot, from 0.'),
  receiver: name.describe('The machine that it went to.'),
  hop: whole53('a number of links').optional().describe('How many links it had crossed before; 0 when absent.'),
  message: text.describe('The kind of message in it: a guard against a run that has changed.'),
}).meta({ id: 'Packet' });

const operation = mapping({
  host: name.describe('Whose disk.'),
  boot: whole53('a number of boots').optional().describe('How often the host had booted before; 0 when absent.'),
  ordinal: whole53('an ordinal').describe('Its place among all that the disk was asked for since that boot, from 0.'),
  does: text.describe('What it is, `sync /var/lib/store/log`: a guard against a run that has changed.'),
}).meta({ id: 'DiskOperation' });

const until = time.optional().describe('When it ends; the end of the run when absent.');
const onHost = { host: name.describe('Which host.'), at, until };
const range = { min: time.describe('At least by this.'), max: time.describe('At most by this.') };

const onLink = {
  from: name.describe('The machine that packets come from.'),
  to: name.describe('The machine that they go to.'),
  at,
  until: time.optional().describe('When it ends; the end of the run when absent.'),
};

export const intervention = z
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
      torn: z.boolean().optional().describe('In the middle of its writes, of which a part is left.'),
    }),
    mapping({ kind: z.literal('host-pause').describe('All processes of a host stand still.'), ...onHost }),
    mapping({
      kind: z.literal('cpu-delay').describe('Processes take late what comes for them.'),
      ...onHost,
      ...range,
      only: z.literal('network').optional().describe('Only what the network brings is late; timers are on time.'),
    }),
    mapping({
      kind: z.literal('process-restart').describe('Programs are killed and started again.'),
      host: onHost.host,
      at,
      of: text.optional().describe('Only what was started by a command line that begins like this.'),
    }),
    mapping({
      kind: z.literal('clock-jump').describe('The wall clock is set.'),
      host: onHost.host,
      at,
      by: signedTime.describe('How far forward; back when negative.'),
    }),
    mapping({
      kind: z.literal('clock-drift').describe('The clock runs at another speed from then on.'),
      host: onHost.host,
      at,
      drift: drift.describe('How much faster than virtual time.'),
    }),
    mapping({
      kind: z.literal('command').describe('Somebody types a command line.'),
      host: onHost.host,
      at,
      run: text.describe('The command line.'),
    }),
    mapping({
      kind: z.literal('signal').describe('Processes of a host get a signal.'),
      host: onHost.host,
      at,
      signal: signal.describe('Which one.'),
      of: text.optional().describe('Only what was started by a command line that begins like this.'),
    }),
    mapping({ kind: z.literal('disk-stall').describe('Nothing comes back from a disk.'), ...onHost }),
    mapping({ kind: z.literal('disk-delay').describe('What a disk does takes longer.'), ...onHost, ...range }),
    mapping({ kind: z.literal('disk-full').describe('Nothing fits on a disk.'), ...onHost }),
    mapping({
      kind: z.literal('disk-error').describe('Operations of a disk fail.'),
      ...onHost,
      rate: probability.describe('How many.'),
    }),
    mapping({
      kind: z.literal('disk-lie').describe('Syncs come back well and make nothing durable.'),
      ...onHost,
      rate: probability.describe('How many.'),
    }),
    mapping({ kind: z.literal('disk-wipe').describe('A host gets an empty disk.'), host: onHost.host, at }),
    mapping({
      kind: z.literal('corrupt-record').describe('A record of a file is damaged.'),
      host: onHost.host,
      at,
      file: text.describe('The path of the file.'),
      record: whole('the place of a record', -1_000_000, 1_000_000).describe('From 0, or from the end when negative.'),
    }),
    mapping({
      kind: z.literal('write-delay').describe('One operation of a disk is late.'),
      operation: operation.describe('Which one.'),
      by: time.describe('By how much.'),
    }),
    mapping({
      kind: z.literal('write-failure').describe('One operation of a disk fails.'),
      operation: operation.describe('Which one.'),
      outcome: z.enum(['full', 'error']).describe('How.'),
    }),
    mapping({
      kind: z.literal('sync-lie').describe('One sync makes nothing durable.'),
      operation: operation.describe('Which one.'),
    }),
    mapping({
      kind: z
        .literal('torn-write')
        .describe('One append, if a crash finds it unsynced, is left damaged, and those before it whole.'),
      operation: operation.describe('Which one.'),
    }),
    mapping({
      kind: z.literal('write-crash').describe('A host loses power when one operation is about to come back.'),
      operation: operation.describe('Which one.'),
      done: z.boolean().describe('Whether it has had its effect.'),
      for: time.optional().describe('How long until it boots again; never when absent.'),
    }),
  ])
  .meta({ id: 'Intervention' });
