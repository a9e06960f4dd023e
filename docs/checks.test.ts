import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Watch } from '../core/gossip/watch/watch.ts';
import { propertyNames } from '../sim/check/properties.ts';

const textOf = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const page = textOf('checks.md');

test('the pages list every property, in the words of the code, and no other', () => {
  const pages = `${page}\n${textOf('checks-raft.md')}`;
  const rows = [...pages.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, name, says]) => [name as string, says as string]);
  const byName = ([one]: readonly string[], [other]: readonly string[]): number => (String(one) < String(other) ? -1 : 1);
  expect(rows.sort(byName)).toEqual([...propertyNames].map(([name, says]) => [name, says]).sort(byName));
});

test('the page names every property that memberlist nodes are watched for', () => {
  for (const name of new Watch(() => undefined).names) expect(page).toMatch(new RegExp(`[|·] ${name} [|·]`));
});
