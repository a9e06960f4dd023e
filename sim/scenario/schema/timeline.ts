import { z } from 'zod';
import { mapping } from './field.ts';
import { name, text, who } from './text.ts';
import { time } from './time.ts';

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
