import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Cluster } from '../core/gossip/cluster.ts';
import { Watch } from '../core/gossip/watch/watch.ts';
import { propertyNames } from '../sim/check/properties.ts';

const page = readFileSync(new URL('checks.md', import.meta.url), 'utf8');

test('the page lists every property, in the words of the code, and no other', () => {
  const rows = [...page.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, name, says]) => [name, says]);
  expect(rows).toEqual([...propertyNames]);
});

test('the page names every property that memberlist nodes are watched for', () => {
  for (const name of new Watch(new Cluster()).names) expect(page).toContain(`| ${name} |`);
});
