import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { markdown } from './row.ts';
import { TABLES } from './tables.ts';

const folder = dirname(fileURLToPath(import.meta.url));
const written = (name: string): string => readFileSync(join(folder, `${name}.md`), 'utf8');

describe.each(TABLES)('the table $name', (table) => {
  test('has no figure that is wrong, beyond its bound or not what is claimed', () => {
    expect(written(table.name)).not.toMatch(/WRONG|BEYOND|NOT MORE|NaN/);
  });

  test('says what it is about as its maker does', () => {
    expect(written(table.name)).toContain(`# ${table.title}\n\n${table.says}\n`);
  });
});

test.each(TABLES.filter(({ cheap }) => cheap))('the table $name stands as it comes out', (table) => {
  expect(written(table.name)).toBe(markdown(table));
});
