import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { run } from '../run/run.ts';
import { surroundings } from '../surroundings.ts';
import { loadScenario, printScenario } from './load.ts';
import { jsonSchema } from './schema.ts';

const folder = new URL('../../scenarios/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
const load = (name: string) => loadScenario(readFileSync(new URL(name, folder)), surroundings, `scenarios/${name}`);

describe.each(files)('scenarios/%s', (name) => {
  test('loads without problems', () => {
    expect(load(name).plan.topology.nodes.length).toBeGreaterThan(1);
  });

  test('printed as YAML and loaded again is equal', () => {
    const { data, plan } = load(name);
    const again = loadScenario(printScenario(data), surroundings, `scenarios/${name}`);
    expect(again.data).toEqual(data);
    const lines = again.plan.expectations.map((expectation, index) => ({ ...expectation, line: plan.expectations[index]?.line }));
    expect({ ...again.plan, expectations: lines }).toEqual(plan);
  });

  test.each([undefined, 1, 2, 3, 4, 5])('shows what it expects, with its own seed and with others (%s)', (seed) => {
    const report = run(load(name).plan, { registry: surroundings.registry, ...(seed === undefined ? {} : { seed }) });
    expect(report.findings.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(report.measures.filter(({ duration }) => duration === undefined)).toEqual([]);
  });

  test('is what the JSON Schema asks for', () => {
    const checked = z.fromJSONSchema(jsonSchema() as Parameters<typeof z.fromJSONSchema>[0]).safeParse(load(name).data);
    expect(checked.error?.issues ?? []).toEqual([]);
  });
});

describe('the JSON Schema', () => {
  const accepts = (data: unknown) =>
    z.fromJSONSchema(jsonSchema() as Parameters<typeof z.fromJSONSchema>[0]).safeParse(data).success;
  const data = () =>
    structuredClone(load('softlayer-vlans.yaml').data) as unknown as {
      network: { segments: Record<string, Record<string, unknown>> };
      timeline: Record<string, unknown>[];
    };

  test('refuses what the reader refuses', () => {
    const loss = data();
    (loss.network.segments.vlan2603 as Record<string, unknown>).loss = 25;
    expect(accepts(loss)).toBe(false);
    const key = data();
    (key.network.segments.vlan2603 as Record<string, unknown>).mulitcast = 'flood';
    expect(accepts(key)).toBe(false);
    const time = data();
    (time.timeline[0] as Record<string, unknown>).at = '5 minutes';
    expect(accepts(time)).toBe(false);
  });
});
