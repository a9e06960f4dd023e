import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { markdown } from './row.ts';
import { TABLES } from './tables.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '../../../bench/tables');

/** Makes the tables that are named, or all, and writes them; with `--check` compares them with what is there. */
function main(args: readonly string[]): number {
  const check = args.includes('--check');
  const named = args.filter((arg) => !arg.startsWith('--'));
  const unknown = named.filter((name) => !TABLES.some((table) => table.name === name));
  if (unknown.length > 0) {
    console.error(`There is no table ${unknown.join(', ')}. There are: ${TABLES.map(({ name }) => name).join(', ')}.`);
    return 64;
  }
  let differ = 0;
  for (const table of TABLES.filter(({ name }) => named.length === 0 || named.includes(name))) {
    const file = join(folder, `${table.name}.md`);
    const text = markdown(table);
    if (!check) writeFileSync(file, text);
    const same = !check || readFileSync(file, 'utf8') === text;
    if (!same) differ++;
    console.error(`${table.name}: ${check ? (same ? 'as it stands' : 'DIFFERS') : 'written'}`);
  }
  return differ === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
