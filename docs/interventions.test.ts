import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { scenario } from '../sim/scenario/load.ts';
import { intervention } from '../sim/scenario/schema/intervention.ts';
import type { ScenarioInput } from '../sim/scenario/schema.ts';
import { surroundings } from '../sim/surroundings.ts';

const page = readFileSync(new URL('interventions.md', import.meta.url), 'utf8');
const kinds = intervention.options.map(({ shape }) => [shape.kind.value, shape.kind.description ?? ''] as const);
const [, example = ''] = /^```yaml\n(interventions:\n.*?)^```$/ms.exec(page) ?? [];
const { interventions } = parse(example) as Pick<ScenarioInput, 'interventions'>;

test('the page lists every kind, in the words of the schema, and no other', () => {
  expect([...page.matchAll(/^\| `([\w-]+)` \| (.+) \|$/gm)].map(([, kind, says]) => [kind, says])).toEqual(kinds);
});

describe('the examples', () => {
  test('show every kind, with all that an entry may say', () => {
    const shown = (interventions ?? []).map((entry) => entry.kind);
    expect(kinds.map(([kind]) => kind).filter((kind) => !shown.includes(kind) && !page.includes(`kind: ${kind},`))).toEqual([]);
  });

  test('are understood', () => {
    const { plan } = scenario(
      {
        network: {
          segments: { left: { subnet: '10.0.1.0/24' }, right: { subnet: '10.0.2.0/24' } },
          routers: { gateway: { on: ['left', 'right'] } },
        },
        hosts: { a: { on: 'left', address: '10.0.1.10' }, b: { on: 'right', address: '10.0.2.10' }, c: { on: 'left' } },
        interventions: interventions ?? [],
      },
      surroundings,
    );
    expect(plan.interventions).toHaveLength(interventions?.length ?? 0);
  });
});
