import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Describer } from '../viz/model/describe.ts';
import { parseFilter } from '../viz/model/filter.ts';
import { parsePlace } from '../viz/model/link.ts';
import { SHORTCUTS } from '../viz/model/shortcuts.ts';
import { sketchRun } from '../viz/model/sketch.ts';

const text = readFileSync(join(import.meta.dirname, 'viewer.md'), 'utf8');
const section = (title: string): string => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

test('the table of keys is the viewer’s own', () => {
  const rows = [...section('Keys').matchAll(/^\| `(.+?)` \| (.+?) \|$/gm)].map(([, key, does]) => [key, does]);
  expect(rows).toEqual(SHORTCUTS.map(({ shown, does }) => [shown, does.charAt(0).toLowerCase() + does.slice(1)]));
});

test('every filter that is shown is understood', () => {
  const run = sketchRun({ records: [] });
  const examples = [...section('Filter').matchAll(/^\| (.+?) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`(.+?)`/g)].map(([, filter]) => filter ?? ''),
  );
  expect(examples.length).toBeGreaterThan(6);
  for (const filter of examples) expect(parseFilter(filter, run, new Describer(run))).not.toHaveProperty('problem');
});

test('the link that is shown is one', () => {
  const [link] = /#v=\S+?(?=`)/.exec(text) ?? [''];
  expect(parsePlace(link)).toEqual({
    instant: 1_482_331_000,
    position: 88_213,
    host: 'n4',
    view: 'raft',
    focus: { from: 1_000_000_000, to: 2_000_000_000 },
    filter: 'kind:drop',
  });
});
