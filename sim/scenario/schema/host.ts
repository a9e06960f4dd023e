import { z } from 'zod';
import { hostAddress } from './address.ts';
import { behaviourShape } from './behaviour.ts';
import { mapping } from './field.ts';
import { stackShape } from './network.ts';
import { drift, size, whole } from './number.ts';
import { name, text } from './text.ts';
import { signedTime, time } from './time.ts';

/** The text of a file on the disk of a host: that of a real file. */
const file = mapping({ from: text.describe('A file beside the scenario, or its path from there.') });

export const host = mapping({
  on: name.optional().describe('The segment that its one interface, eth0, is on.'),
  address: hostAddress.optional().describe('Its address there; the next free one when absent. With `count`: the first one.'),
  addresses: z.array(hostAddress).min(1).optional().describe('Several addresses, the primary one first.'),
  count: whole('a number of hosts', 1, 100_000)
    .optional()
    .describe('Makes so many of them, named with a number from 1 on: n1, n2, … . The bare name stands for all.'),
  ...stackShape,
  forwarding: z.boolean().optional().describe('Passes on what is not for itself, as a router does. Off when absent.'),
  files: z
    .record(text, z.union([z.string(), file]))
    .optional()
    .describe('Files on its disk: path, and text or where to take it from.'),
  ...behaviourShape,
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
