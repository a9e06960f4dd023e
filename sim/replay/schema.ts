import { z } from 'zod';
import { mapping, quote } from '../scenario/schema/field.ts';
import { intervention } from '../scenario/schema/intervention.ts';
import { whole } from '../scenario/schema/number.ts';
import { name, text } from '../scenario/schema/text.ts';
import { time } from '../scenario/schema/time.ts';

/** The version of the format that is written, and the only one that is read. */
export const FORMAT = 1;

/** Hexadecimal digits, which YAML may take for a number when they are decimal ones only. */
const hex = (digits: number) => {
  const says = (value: unknown) => `Expected ${digits} hexadecimal digits in quotes, got ${quote(value)}.`;
  return z
    .string({ error: (issue) => says(issue.input) })
    .refine((value) => value.length === digits && /^[0-9a-f]+$/.test(value), { error: (issue) => says(issue.input) });
};

/** The schema of replay files. Interventions are those of scenarios. */
export const replaySchema = mapping({
  replay: z.literal(FORMAT).describe('The version of this format.'),
  partita: text.describe('The version of Partita that recorded it.'),
  cause: text.optional().describe('Why it happened, in a sentence.'),
  scenario: mapping({
    name: text.optional().describe('What it is called.'),
    file: text.optional().describe('Where it is, from this file.'),
    hash: hex(16).describe('The hash of what it says, without comments and layout.'),
    text: text.optional().describe('All of it. When it is absent, the file is read.'),
  }).describe('The world.'),
  rules: text.optional().describe('The bug that was put into the protocols, by its name.'),
  seed: z.union([z.number(), z.string()]).describe('The seed of all randomness.'),
  check: text.optional().describe('The one property or expectation that the run is held to; all of the scenario when absent.'),
  until: time.optional().describe('The end of the run, instead of that of the scenario.'),
  quiet: mapping({
    from: time.describe('Since when nothing is done to the world.'),
    hosts: z.array(name).describe('The hosts for which things must then come true.'),
  })
    .optional()
    .describe('Since when, and for whom, things must come true.'),
  nominal: z
    .array(z.enum(['loss', 'delay']))
    .optional()
    .describe('What of the network of the scenario does not happen: losses, or the spread of delays.'),
  without: z
    .array(
      mapping({
        step: whole('the place of a step', 0, 1_000_000).describe('Its place.'),
        was: text.describe('What it was: a guard against a scenario that has changed.'),
      }),
    )
    .optional()
    .describe('Steps of the timeline that are left out.'),
  instead: z
    .array(
      mapping({
        step: whole('the place of a step', 0, 1_000_000).describe('Its place.'),
        was: text.describe('What it was: a guard against a scenario that has changed.'),
        run: text.describe('The command line.'),
      }),
    )
    .optional()
    .describe('Steps of the timeline that type another command line.'),
  interventions: z.array(intervention).describe('What is done to the world.'),
  verdict: z.enum(['held', 'violated', 'inconclusive']).describe('What the run came to.'),
  failure: mapping({
    check: text.describe('What was violated.'),
    sort: text.describe('The kind of state that broke.'),
    at: time.describe('When.'),
    says: text.describe('What was wrong.'),
  })
    .optional()
    .describe('How it failed.'),
  fingerprint: hex(16).describe('The hash of all that happened.'),
  checkpoints: mapping({
    every: time.describe('How far they are from each other.'),
    marks: z
      .union([text, z.literal('')])
      .describe('The hash of all that had happened, at each of these times; = for that of the time before.'),
  }).describe('How the run went, so that it is known where another one leaves it.'),
}).describe('A run of Partita that can be repeated.');

export type ReplayInput = z.infer<typeof replaySchema>;
