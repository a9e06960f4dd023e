import { z } from 'zod';
import { mapping } from './field.ts';
import { probability, whole } from './number.ts';
import { name, text } from './text.ts';
import { time } from './time.ts';

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
    }),
  ])
  .meta({ id: 'Intervention' });
