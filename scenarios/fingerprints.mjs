// Writes scenarios/fingerprints.json: what each shipped scenario comes to, on every engine. Run by `npm run fingerprints` after a change that is
// meant to alter runs; the difference is to be understood, not just committed. With --check it compares instead.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const partita = join(folder, '..', 'sim', 'cli', 'partita.mjs');
const file = join(folder, 'fingerprints.json');

const fingerprints = {};
for (const name of readdirSync(folder).filter((each) => each.endsWith('.yaml'))) {
  const output = execFileSync(process.execPath, [partita, 'run', join(folder, name), '--json'], { encoding: 'utf8' });
  fingerprints[name] = JSON.parse(output).fingerprint;
}
const text = `${JSON.stringify(fingerprints, null, 2)}\n`;
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (text === readFileSync(file, 'utf8')) {
  process.stdout.write(`Node ${process.versions.node}: ${Object.keys(fingerprints).length} scenarios as committed\n`);
} else {
  process.stderr.write(`Node ${process.versions.node} comes to other runs than scenarios/fingerprints.json:\n${text}`);
  process.exitCode = 3;
}
