// One of the threads that make the runs of a campaign. It loads the scenario by itself, and then does one job after another.
import { parentPort, workerData } from 'node:worker_threads';
import { forbidImpurity } from '../../core/laws/impure.ts';
import { digestState } from '../../core/state.ts';
import { explorationOf } from '../campaign/exploration.ts';
import type { Job, Message, ThreadData } from './jobs.ts';
import { memoryGuard } from './memory.ts';
import { Pulse } from './pulse.ts';
import { readScenario } from './scenario-file.ts';
import { work } from './work.ts';

const { path, seed, memory, pulse: shared } = workerData as ThreadData;
const pulse = new Pulse(shared);
const tell = (message: Message): void => parentPort?.postMessage(message);

const { plan, kit } = await readScenario(path);
const campaign = { plan, kit, exploration: explorationOf(plan), seed };
const guard = memoryGuard(memory);
// From here on nothing runs but worlds.
forbidImpurity();
tell({ type: 'ready', digest: digestState(plan).hex() });

parentPort?.on('message', (job: Job) => {
  pulse.clear();
  pulse.tick();
  tell({ type: 'done', result: work(job, campaign, { pulse, guard }) });
});
