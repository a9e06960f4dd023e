// Writes scenarios/fingerprints.json: what each shipped scenario comes to, on every engine. Run by `npm run fingerprints` after a change that is
// meant to alter runs; the difference is to be understood, not just committed.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const partita = join(folder, '..', 'sim', 'cli', 'partita.mjs');

const fingerprints = {};
for (const file of readdirSync(folder).filter((name) => /\.(yaml|json)$/.test(name) && name !== 'fingerprints.json')) {
  const output = execFileSync(process.execPath, [partita, 'run', join(folder, file), '--json'], { encoding: 'utf8' });
  fingerprints[file] = JSON.parse(output).fingerprint;
}
writeFileSync(join(folder, 'fingerprints.json'), `${JSON.stringify(fingerprints, null, 2)}\n`);
