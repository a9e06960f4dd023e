import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadScenario, printScenario } from '../sim/scenario/load.ts';
import { formatReport, ScenarioError } from '../sim/scenario/problem.ts';
import { jsonSchema, type ScenarioInput } from '../sim/scenario/schema.ts';
import { surroundings } from '../sim/surroundings.ts';

/** The reference, and what it says elsewhere about interventions. */
const text = ['scenario.md', 'interventions.md'].map((page) => readFileSync(new URL(page, import.meta.url), 'utf8')).join('\n');
const examples = [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, yaml]) => yaml as string);

/** What examples that show a part of a scenario are to be completed with. */
const rest: ScenarioInput = {
  network: {
    segments: { left: { subnet: '10.0.1.0/24' }, right: { subnet: '10.0.2.0/24' } },
    routers: { gateway: { on: ['left', 'right'] } },
  },
  hosts: { a: { on: 'left', address: '10.0.1.10' }, b: { on: 'right', address: '10.0.2.10' }, c: { on: 'left' } },
};

function reportOn(yaml: string): string {
  try {
    const given = Object.keys((parse(yaml) as object | null) ?? {});
    const missing = Object.entries(rest).filter(([key]) => !given.includes(key));
    loadScenario(
      `${yaml}\n${missing.length === 0 ? '' : printScenario(Object.fromEntries(missing) as ScenarioInput)}`,
      surroundings,
    );
    return '';
  } catch (error) {
    if (error instanceof ScenarioError) return formatReport(error);
    throw error;
  }
}

describe('the reference of the scenario format', () => {
  test.each(examples.map((yaml, index) => [index + 1, yaml] as const))('example %i is valid', (_, yaml) => {
    expect(reportOn(yaml)).toBe('');
  });

  test('mentions every key', () => {
    const all = new Set<string>();
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      for (const [key, value] of Object.entries(node)) {
        if (key === 'properties') for (const name of Object.keys(value as object)) all.add(name);
        visit(value);
      }
    };
    visit(jsonSchema());
    expect(all.size).toBeGreaterThan(100);
    expect([...all].filter((key) => !new RegExp(`(?<![\\w-])${key.replace('$', '\\$')}(?![\\w-])`).test(text))).toEqual([]);
  });
});
