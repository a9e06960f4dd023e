import { ByteReader } from './bytes.ts';
import { decodeValue } from './value.ts';

/** What a number in a message or notice stands for, so that it can be printed by someone who does not have the code. */
export type Meaning = 'name' | 'node' | 'endpoint' | 'address' | 'instant' | 'duration';

/** Where a run came from: enough to say what it was and to repeat it. */
export interface TraceHeader {
  /** Version of the package that simulated. */
  readonly version: string;
  /** The engine that ran it, as it names itself; the only part that may differ between equal runs. */
  readonly engine: string;
  /** The generator that randomness came from. */
  readonly random: string;
  readonly seed: number | string;
  readonly scenario: { readonly name: string; readonly text: string; readonly hash: string };
  /** Names of the nodes, by their numbers. */
  readonly nodes: readonly string[];
  /** The network, as plain data. */
  readonly topology: unknown;
  /** What the adversary added, as plain data. */
  readonly interventions: unknown;
  /** Field names of messages and notices, or `type.field`, and what the numbers in them stand for. */
  readonly meanings: Readonly<Record<string, Meaning>>;
}

const MEANINGS: readonly unknown[] = ['name', 'node', 'endpoint', 'address', 'instant', 'duration'] satisfies Meaning[];

/**
 * Reads the body of a header block; whatever is missing or of another type than it should be is empty.
 *
 * @throws Malformed when the bytes are no value
 */
export function decodeHeader(body: Uint8Array): TraceHeader {
  const fields = record(decodeValue(new ByteReader(body)));
  const scenario = record(fields.scenario);
  return {
    version: text(fields.version),
    engine: text(fields.engine),
    random: text(fields.random),
    seed: typeof fields.seed === 'number' ? fields.seed : text(fields.seed),
    scenario: { name: text(scenario.name), text: text(scenario.text), hash: text(scenario.hash) },
    nodes: Array.isArray(fields.nodes) ? fields.nodes.map(text) : [],
    topology: fields.topology,
    interventions: fields.interventions,
    meanings: Object.fromEntries(
      Object.entries(record(fields.meanings)).filter((entry): entry is [string, Meaning] => MEANINGS.includes(entry[1])),
    ),
  };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
