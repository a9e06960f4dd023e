import { existsSync, readFileSync } from 'node:fs';

/** From the built file, and from the source when tests run it. */
const manifest = ['../../../package.json', '../../package.json']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));

/** The version of this package. */
export const version =
  manifest === undefined ? 'unknown' : (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
