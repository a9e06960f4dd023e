import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { packRecipe, type Recipe, unpackRecipe } from './recipe.ts';

const recipes: fc.Arbitrary<Recipe> = fc.record(
  {
    text: fc.string({ unit: 'binary', maxLength: 300 }),
    seed: fc.oneof(fc.integer(), fc.string()),
    interventions: fc.array(fc.record({ kind: fc.constant('host-crash'), host: fc.string(), at: fc.constant('1.5s') })),
    until: fc.integer({ min: 1 }),
    version: fc.string(),
  },
  { requiredKeys: ['text'] },
);

describe('a run in a link', () => {
  test('comes out as it went in, whatever letters its scenario has', async () => {
    await fc.assert(
      fc.asyncProperty(recipes, async (recipe) => {
        const packed = await packRecipe(recipe);
        expect(packed).toMatch(/^[\w-]*$/);
        expect(await unpackRecipe(packed)).toEqual(JSON.parse(JSON.stringify(recipe)));
      }),
      { numRuns: 50 },
    );
  });

  test('that was cut off or made up is refused with a sentence', async () => {
    const packed = await packRecipe({ text: 'hosts: {}'.repeat(40), seed: 7 });
    for (const bad of ['', '!', 'AAAA', packed.slice(0, -9), await packed_('[]'), await packed_('{"shipped":"a","text":"b"}')]) {
      expect(await unpackRecipe(bad)).toHaveProperty('problem');
    }
  });

  test('does not fill the memory when it expands to more than any scenario has', async () => {
    expect(await unpackRecipe(await packRecipe({ text: 'x'.repeat(5_000_000) }))).toHaveProperty('problem');
  });
});

const packed_ = (json: string): Promise<string> => packRecipe(JSON.parse(json) as Recipe);
