import { dirname, join } from 'node:path';
import type { Kit } from '../campaign/judge.ts';
import { type Loaded, loadReplay } from '../replay/load.ts';
import { scenarioHash } from '../replay/replay.ts';
import type { ReplayInput } from '../replay/schema.ts';
import { readSource } from '../scenario/source.ts';
import { kitOf, MODULE, type ReadScenario, readInput, readScenario } from './scenario-file.ts';

/** A replay file with its scenario, and what there is for that to use. */
export interface ReadReplay extends Loaded {
  readonly kit: Required<Kit>;
  /** Whether the scenario's file, which the replay file was made from and holds, is another one by now. */
  readonly hasChanged: boolean;
}

/**
 * Reads a replay file and the scenario that it holds or names.
 *
 * @param instead the path of another scenario to repeat it with
 * @throws ScenarioError with all mistakes, MissingFile, BadModule
 */
export async function readReplay(path: string, instead?: string): Promise<ReadReplay> {
  const input = readInput(path);
  const { value } = readSource(input, path);
  const { file, text } = ((value ?? {}) as Partial<ReplayInput>).scenario ?? {};
  const own = typeof file === 'string' ? join(dirname(path), file) : undefined;
  const named = instead ?? (own !== undefined && (typeof text !== 'string' || MODULE.test(own)) ? own : undefined);
  if (named !== undefined) {
    const scenario = await readScenario(named);
    return { ...loadReplay(input, { ...scenario.kit, scenario }, path), kit: scenario.kit, hasChanged: false };
  }
  const kit = await kitOf(protocolsOf(text), own === undefined ? dirname(path) : dirname(own));
  const loaded = loadReplay(input, kit, path);
  const now = own === undefined ? undefined : await asItIs(own);
  return { ...loaded, kit, hasChanged: now !== undefined && scenarioHash(now.data) !== scenarioHash(loaded.scenario.data) };
}

function protocolsOf(text: unknown): unknown {
  const { value } = typeof text === 'string' ? readSource(text) : {};
  return typeof value === 'object' && value !== null && 'protocols' in value ? value.protocols : undefined;
}

/** The scenario's file; undefined when it is no longer there, or no longer one. */
async function asItIs(path: string): Promise<ReadScenario | undefined> {
  try {
    return await readScenario(path);
  } catch {
    return undefined;
  }
}
