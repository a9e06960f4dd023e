import { z } from 'zod';
import { mapping } from './field.ts';
import { drift, probability, whole } from './number.ts';
import { signal } from './signal.ts';
import { name, text, who } from './text.ts';
import { delay, signedTime, time } from './time.ts';

const at = time.describe('When, from the start of the run.');
const until = time.optional().describe('When it ends by itself.');
const on = who.describe('A host, a list of hosts, or `all`.');
const of = text.optional().describe('Only what was started by a command line that begins like this: `serf agent`.');

export const fault = z.union([
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

export const entry = z
  .union([
    mapping({ at, on, run: text.describe('A command line as an operator types it.') }),
    mapping({
      at,
      on,
      signal: signal.describe('A signal, sent to processes of the host.'),
      of,
    }),
    mapping({
      at,
      crash: who.describe('Machines that lose power: memory, connections and unsynced writes are gone.'),
      torn: z
        .boolean()
        .optional()
        .describe(
          'In the middle of their writes: a part of what was appended and not synced is left, the last record of it damaged.',
        ),
      until,
    }),
    mapping({ at, boot: who.describe('Machines that were crashed and come back.') }),
    mapping({ at, pause: who.describe('Hosts whose processes all stand still.'), until }),
    mapping({ at, resume: who.describe('Hosts whose processes go on.') }),
    mapping({ at, restart: who.describe('Hosts whose programs are killed and started again.'), of }),
    mapping({
      at,
      slow: who.describe('Hosts whose processes take what comes for them late, as on a busy CPU.'),
      by: delay.describe('How late: a time or a range such as 10ms..200ms.'),
      only: z.literal('network').optional().describe('Only what the network brings is late; timers are on time.'),
      until,
    }),
    mapping({
      at,
      disk: who.describe('Hosts whose disk does not do what it should.'),
      fault: z
        .enum(['stall', 'slow', 'full', 'error', 'lie', 'wipe', 'corrupt'])
        .describe(
          'Nothing comes back; everything takes longer, by `by`; nothing fits; operations fail; syncs make nothing durable; it is replaced by an empty one; a record is damaged.',
        ),
      by: delay.optional().describe('With `slow`: how much longer an operation takes, a time or a range such as 5ms..20ms.'),
      rate: probability.optional().describe('With `error` and `lie`: how many; all when absent.'),
      file: text.optional().describe('With `corrupt`: the path of a file.'),
      record: whole('the place of a record', -1_000_000, 1_000_000)
        .optional()
        .describe('With `corrupt`: its place in the file, from 0; from the end when negative. The last when absent.'),
      until,
    }),
    mapping({
      at,
      clock: who.describe('Hosts whose clock is changed.'),
      jump: signedTime.optional().describe('How far the wall clock is set forward; back when negative.'),
      drift: drift.optional().describe('How much faster than virtual time it runs from now on, such as 50ppm.'),
    }),
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
