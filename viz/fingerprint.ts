import { run } from '../sim/run/run.ts';
import { loadScenario } from '../sim/scenario/load.ts';
import { surroundings } from '../sim/surroundings.ts';

/**
 * Runs a scenario here and now and says what it came to: for comparing this engine with others.
 *
 * @param text the scenario in YAML or JSON
 * @throws ScenarioError when it has mistakes
 */
export function fingerprint(text: string): string {
  const { plan } = loadScenario(text, surroundings);
  return run(plan, { registry: surroundings.registry }).fingerprint;
}
