import type { Property } from '../check/property.ts';
import type { ChecksPlan, Plan } from '../scenario/plan.ts';

/**
 * What a campaign holds a plan to: what its `check` section names, and all that applies to what runs on its hosts. What holds only where
 * nobody interferes is left out, and so are expectations, which are about the nominal run.
 *
 * @param properties all there are, by name
 */
export function suiteOf(plan: Plan, properties: ReadonlyMap<string, Property>): ChecksPlan {
  const { always, eventually, sometimes } = plan.checks;
  const isNominal = (name: string): boolean => properties.get(name)?.applies === 'nominal';
  const more = (kind: Property['kind'], named: readonly string[]): string[] =>
    [...properties].flatMap(([name, property]) =>
      property.kind === kind && property.applies !== 'nominal' && property.applies(plan) && !named.includes(name) ? [name] : [],
    );
  const lasting = eventually.filter(({ name }) => !isNominal(name));
  const later = more(
    'eventually',
    lasting.map(({ name }) => name),
  );
  return {
    always: [...always.filter((name) => !isNominal(name)), ...more('always', always)],
    eventually: [...lasting, ...later.map((name) => ({ name, within: undefined }))],
    sometimes: [...sometimes.filter((name) => !isNominal(name)), ...more('sometimes', sometimes)],
  };
}
