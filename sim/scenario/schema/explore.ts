import { z } from 'zod';
import { FAULT_KINDS } from '../../campaign/kinds.ts';
import { mapping } from './field.ts';
import { whole } from './number.ts';
import { text, who } from './text.ts';
import { delay, time } from './time.ts';

const kind = z.enum(FAULT_KINDS);
const few = (what: string) => whole(what, 0, 1_000);
const weight = z.number().min(0).max(1_000).meta({ minimum: 0, maximum: 1_000 });

/** What a campaign tries a scenario with. */
export const explore = mapping({
  kinds: z
    .union([z.array(kind).min(1), z.partialRecord(kind, weight)])
    .optional()
    .describe(
      'The kinds of faults: a list, or how often each is to be drawn beside the others. What suits the protocols when absent.',
    ),
  also: z.array(kind).optional().describe('Kinds besides those that suit the protocols.'),
  without: z.array(kind).optional().describe('Kinds that are left out.'),
  hosts: who.optional().describe('The hosts that faults befall; those that servers and agents run on when absent.'),
  faults: z
    .union([
      few('a number of faults'),
      mapping({ min: few('a number').describe('At least.'), max: few('a number').describe('At most.') }),
    ])
    .optional()
    .describe('How many faults a run has, at most or within bounds; 1 to 16 when absent.'),
  from: time.optional().describe('No fault begins before; the start of the run when absent.'),
  until: time.optional().describe('When the faults are over; 30 s after `from` or the last step of the timeline when absent.'),
  quiet: time
    .optional()
    .describe('How long a run may go on after that for what must come true; by the timers of the protocols when absent.'),
  heals: z
    .enum(['all', 'majority', 'both'])
    .optional()
    .describe(
      'What is healed then: all, or only a majority that is connected, while the others stay as they are; by turns when absent.',
    ),
  workload: z
    .array(
      mapping({
        on: z.union([who, z.literal('leader')]).describe('Where it is typed: on one of these hosts, or on the one that leads.'),
        run: text.describe('The command line.'),
        at: delay.optional().describe('When, in a time or a range; at any time when absent.'),
        every: delay.optional().describe('Again and again, after a time or one from a range.'),
      }),
    )
    .optional()
    .describe('What is asked of the protocols in each run, beside the timeline; what suits them when absent.'),
});
