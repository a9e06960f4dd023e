import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../sim/run/run.ts';
import { tracing } from '../../sim/run/tracing.ts';
import { loadScenario } from '../../sim/scenario/load.ts';
import { surroundings } from '../../sim/surroundings.ts';
import { Memory } from '../../sim/trace/sink.ts';
import { readRun } from '../model/read.ts';
import type { Run } from '../model/run.ts';

/** The trace of a shipped scenario, simulated now. */
export function tracedScenario(name: string): Uint8Array {
  const text = readFileSync(join(import.meta.dirname, '..', '..', 'scenarios', `${name}.yaml`), 'utf8');
  const { plan } = loadScenario(text, surroundings);
  const sink = new Memory();
  const trace = tracing(plan, { sink, seed: plan.seed, name, text, version: '0', engine: 'test' });
  trace.close(run(plan, { registry: surroundings.registry, listen: trace.listen }));
  return sink.content();
}

/** A shipped scenario as the pictures see it. */
export async function simulated(name: string): Promise<Run> {
  const read = await readRun(new Memory(tracedScenario(name)));
  if ('problem' in read) throw new Error(read.problem);
  return read.run;
}
