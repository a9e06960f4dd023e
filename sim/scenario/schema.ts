import { z } from 'zod';
import { behaviourShape } from './schema/behaviour.ts';
import { check, type exit, expectation, type mark, measure, type members, type output, type raft } from './schema/expectation.ts';
import { explore } from './schema/explore.ts';
import { mapping } from './schema/field.ts';
import { host } from './schema/host.ts';
import { intervention } from './schema/intervention.ts';
import { type interfaceSchema, type link, network, type router, type segment } from './schema/network.ts';
import { name, text } from './schema/text.ts';
import { moment, time } from './schema/time.ts';
import { entry, type fault } from './schema/timeline.ts';

// One schema for scenarios, in YAML, in JSON and in TypeScript. It checks shapes and single values; what depends on other values (does
// this host exist?) is checked when the world is built. Nothing is converted: a valid scenario is the data that was written.

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
  ...behaviourShape,
  start: z
    .enum(['cold', 'converged'])
    .optional()
    .describe('What members know that start at 0 s: nobody (cold, when absent), or all of them each other (converged).'),
  protocols: z
    .array(text)
    .optional()
    .describe('Modules beside the scenario, in TypeScript or JavaScript, with protocols of your own.'),
  network: network.describe('What the hosts are connected by.'),
  hosts: z.record(name, host).describe('The hosts by name.'),
  timeline: z.array(entry).optional().describe('What happens when.'),
  expect: z.array(expectation).optional().describe('What the nominal run must show.'),
  check: check.optional().describe('Properties that must hold in every run.'),
  measure: z.record(name, measure).optional().describe('Times to report, from one moment to another.'),
  explore: explore.optional().describe('What a campaign tries it with.'),
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
export type RaftInput = z.infer<typeof raft>;
export type ExitInput = z.infer<typeof exit>;
export type MarkInput = z.infer<typeof mark>;
export type ExploreInput = z.infer<typeof explore>;
export type InterventionInput = z.infer<typeof intervention>;

/** The JSON Schema (draft 2020-12) of scenarios, for editors. */
export function jsonSchema(): object {
  return z.toJSONSchema(schema, { io: 'input' });
}
