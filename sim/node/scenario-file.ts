import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';
import type { Beside } from '../scenario/build.ts';
import { loadScenario, type Scenario, scenario } from '../scenario/load.ts';
import { ScenarioError } from '../scenario/problem.ts';
import type { ScenarioInput } from '../scenario/schema.ts';
import { SIZE_LIMIT, tooLarge } from '../scenario/source.ts';
import { surroundings } from '../surroundings.ts';

/** A file that is not there, or cannot be opened. */
export class MissingFile extends Error {}

/** A TypeScript or JavaScript scenario that cannot be bundled, throws, or exports no scenario. */
export class BadModule extends Error {}

const MODULE = /\.[cm]?[jt]s$/;

/** The size of a file that a person named. */
function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch (error) {
    throw new MissingFile(`${path}: ${reason(error)}`);
  }
}

function readInput(path: string): Uint8Array {
  // Refused unread, whatever it is.
  const size = sizeOf(path);
  if (size > SIZE_LIMIT) throw new ScenarioError([tooLarge(size, path)]);
  try {
    return readFileSync(path);
  } catch (error) {
    throw new MissingFile(`${path}: ${reason(error)}`);
  }
}

/**
 * Reads a scenario: YAML or JSON, or a module whose default export is the same data, bundled with what it imports.
 *
 * @throws ScenarioError with all mistakes, MissingFile, BadModule
 */
export async function readScenario(path: string): Promise<Scenario> {
  const around = { ...surroundings, beside: (name: string) => readBeside(path, name) };
  if (!MODULE.test(path)) return loadScenario(readInput(path), around, path);
  sizeOf(path);
  return scenario(await importBundled(path), around);
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
async function importBundled(path: string): Promise<ScenarioInput> {
  const folder = mkdtempSync(join(resolve(path, '..'), '.partita-'));
  try {
    const bundle = await rolldown({ input: resolve(path), platform: 'node', external: /^[^./]/, logLevel: 'silent' });
    const file = join(folder, 'scenario.mjs');
    await bundle.write({ file, format: 'esm' });
    const { default: data } = (await import(pathToFileURL(file).href)) as { default?: unknown };
    if (typeof data !== 'object' || data === null) {
      throw new BadModule(`${path}: its default export is no scenario. Write: export default { network: …, hosts: … };`);
    }
    return data as ScenarioInput;
  } catch (error) {
    throw error instanceof BadModule ? error : new BadModule(`${path}: ${reason(error)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
