import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import { layTripwires } from '../../core/laws/impure.ts';
import type { Kit } from '../campaign/judge.ts';
import { extended, isExtension } from '../own/own-protocol.ts';
import type { Beside } from '../scenario/build.ts';
import { loadScenario, type Scenario, scenario } from '../scenario/load.ts';
import { ScenarioError } from '../scenario/problem.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { readSource, SIZE_LIMIT, tooLarge } from '../scenario/source.ts';
import { surroundings } from '../surroundings.ts';

/** A file that is not there, or cannot be opened. */
export class MissingFile extends Error {}

/** A TypeScript or JavaScript scenario that cannot be bundled, throws, or exports no scenario. */
export class BadModule extends Error {}

/** Names of scenarios that are modules. */
export const MODULE = /\.[cm]?[jt]s$/;

/**
 * Takes hold of a file that is to be written in the end, so that a long job does not end with nothing.
 *
 * @returns what writes it; undefined without a path
 * @throws MissingFile when it cannot be written
 */
export function writable(path: string | undefined): ((text: string) => void) | undefined {
  if (path === undefined) return undefined;
  try {
    writeFileSync(path, '');
  } catch (error) {
    throw new MissingFile(`${path} cannot be written: ${reason(error)}`);
  }
  return (text) => writeFileSync(path, text);
}

/** The size of a file that a person named. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw new MissingFile(`${path}: ${reason(error)}`);
  }
}

/** The bytes of a file that a person named, unless it is too large. */
export function readInput(path: string): Uint8Array {
  // Refused unread, whatever it is.
  const size = sizeOf(path);
  if (size > SIZE_LIMIT) throw new ScenarioError([tooLarge(size, path)]);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new MissingFile(`${path}: ${reason(error)}`);
  }
}

/** A scenario, and what there is for it to use: with the protocols that it brings. */
export interface ReadScenario extends Scenario {
  readonly kit: Required<Kit>;
}

/**
 * Reads a scenario: YAML or JSON, or a module whose default export is the same data, bundled with what it imports.
 *
 * @throws ScenarioError with all mistakes, MissingFile, BadModule
 */
export async function readScenario(path: string): Promise<ReadScenario> {
  const beside = (name: string) => readBeside(path, name);
  if (MODULE.test(path)) {
    sizeOf(path);
    const data = (await importBundled(path, 'scenario. Write: export default { network: …, hosts: … };')) as ScenarioInput;
    const kit = await kitOf(data.protocols, dirname(path));
    return { ...scenario(data, { ...kit, beside }), kit };
  }
  const input = readInput(path);
  const kit = await kitOf(protocolsIn(input, path), dirname(path));
  return { ...loadScenario(input, { ...kit, beside }, path), kit };
}

/** The modules that a file names, as far as it can be read before it is judged. */
function protocolsIn(input: Uint8Array, path: string): unknown {
  const { value } = readSource(input, path);
  return typeof value === 'object' && value !== null && 'protocols' in value ? value.protocols : undefined;
}

/**
 * What scenarios have, and what these modules bring.
 *
 * @param modules what a scenario says in `protocols`
 * @param folder that they are named from
 * @throws MissingFile, BadModule
 */
export async function kitOf(modules: unknown, folder: string): Promise<Required<Kit>> {
  let kit = surroundings;
  // What is no list of texts is told with the other mistakes of the scenario.
  if (!Array.isArray(modules)) return kit;
  for (const name of modules) {
    if (typeof name !== 'string') continue;
    const path = resolve(folder, name);
    sizeOf(path);
    const exported = await importBundled(path, 'protocol. Write: export default ownProtocol({ … });');
    if (!isExtension(exported))
      throw new BadModule(`${path}: its default export is no protocol. Write: export default ownProtocol({ … });`);
    kit = extended(kit, exported);
  }
  return kit;
}

/** The text of a file that a scenario takes in, by its path from the scenario. */
function readBeside(scenario: string, name: string): Beside {
  const path = resolve(dirname(scenario), name);
  try {
    const { size } = statSync(path);
    if (size > SIZE_LIMIT) return { problem: `it has ${size} bytes, and may have ${SIZE_LIMIT}` };
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path)) };
  } catch (error) {
    return { problem: error instanceof TypeError ? 'it is not UTF-8 text' : reason(error) };
  }
}

/** Bundles the module beside itself, so that its imports of packages are found where it stands, and takes its default export. */
async function importBundled(path: string, wanted: string): Promise<object> {
  const folder = mkdtempSync(join(resolve(path, '..'), '.partita-'));
  try {
    const bundle = await rolldown({ input: resolve(path), platform: 'node', external: /^[^./]/, logLevel: 'silent' });
    const file = join(folder, 'module.mjs');
    await bundle.write({ file, format: 'esm' });
    const data = await defaultOf(file);
    if (typeof data !== 'object' || data === null) {
      throw new BadModule(`${path}: its default export is no ${wanted}`);
    }
    return data;
  } catch (error) {
    throw error instanceof BadModule ? error : new BadModule(`${path}: ${reason(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whatever impure it takes hold of while it is loaded will not serve it in a run. */
async function defaultOf(file: string): Promise<unknown> {
  const clear = layTripwires();
  try {
    return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } finally {
    clear();
  }
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'this is a folder';
    case 'EACCES':
      return 'it may not be read';
    default:
      return message;
  }
}
