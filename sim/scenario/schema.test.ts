import { describe, expect, test } from 'vitest';
import { jsonSchema, schema } from './schema.ts';

interface Node {
  readonly [key: string]: unknown;
}

/** All properties of a JSON Schema, with their paths. */
function propertiesOf(node: unknown, path: string): { path: string; property: Node }[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap((each, index) => propertiesOf(each, `${path}[${index}]`));
  return Object.entries(node as Node).flatMap(([key, value]) => {
    const inside = propertiesOf(value, `${path}.${key}`);
    if (key !== 'properties') return inside;
    return [
      ...Object.entries(value as Node).map(([name, property]) => ({ path: `${path}.${name}`, property: property as Node })),
      ...inside,
    ];
  });
}

describe('the JSON Schema for editors', () => {
  const json = jsonSchema() as Node;

  test('describes every key', () => {
    const properties = propertiesOf(json, '');
    expect(properties.length).toBeGreaterThan(150);
    expect(properties.filter(({ property }) => typeof property.description !== 'string').map(({ path }) => path)).toEqual([]);
    expect(properties.filter(({ property }) => !/[.…]$/.test(property.description as string)).map(({ path }) => path)).toEqual(
      [],
    );
  });

  test('refuses unknown keys as the reader does', () => {
    const objects = JSON.stringify(json).match(/"properties":/g)?.length ?? 0;
    const closed = JSON.stringify(json).match(/"additionalProperties":false/g)?.length ?? 0;
    expect(closed).toBe(objects);
  });

  test('has the same keys at the top as the schema, and asks for network and hosts', () => {
    expect(Object.keys(json.properties as Node)).toEqual(Object.keys(schema.shape));
    expect(json.required).toEqual(['network', 'hosts']);
    expect(json.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  });

  test('stays small enough for an editor', () => {
    expect(JSON.stringify(json).length).toBeLessThan(90_000);
  });
});
