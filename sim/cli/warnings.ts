import type { Scenario } from '../scenario/load.ts';
import { formatProblem } from '../scenario/problem.ts';
import type { Terminal } from './terminal.ts';

/** Tells what in a scenario may not be meant so. */
export function tellWarnings({ warnings }: Scenario, { people, style }: Terminal): void {
  for (const warning of warnings) people(`${style('yellow', 'Warning:')} ${formatProblem(warning)}`);
}
