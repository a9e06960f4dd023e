// One of the threads that make the runs of a campaign. It loads the scenario by itself, and then does one job after another.
import { parentPort, workerData } from 'node:worker_threads';
import { Hash } from '../../core/hash.ts';
import { forbidImpurity } from '../../core/laws/impure.ts';
import { digestState } from '../../core/state.ts';
import { attempt } from '../campaign/attempt.ts';
import { explorationOf } from '../campaign/exploration.ts';
import { judge } from '../campaign/judge.ts';
import { trialOf } from '../campaign/trial.ts';
import type { Job, Message, Results, ThreadData } from './jobs.ts';
import { Pulse } from './pulse.ts';
import { readScenario } from './scenario-file.ts';

const { path, seed, pulse: memory } = workerData as ThreadData;
const pulse = new Pulse(memory);
const tell = (message: Message): void => parentPort?.postMessage(message);

const { plan, kit } = await readScenario(path);
const exploration = explorationOf(plan);
// From here on nothing runs but worlds.
forbidImpurity();
const hash = new Hash();
digestState(plan, hash);
tell({ type: 'ready', digest: hash.hex() });

function work(job: Job): Results[keyof Results] {
  switch (job.type) {
    case 'trial':
      return judge(plan, trialOf(plan, exploration, seed, job.index), kit, { stretch: () => pulse.tick() });
    case 'watched':
      return judge(plan, trialOf(plan, exploration, seed, job.index), kit, {
        begun: ({ hosts, simulation }) => hosts.observers.push({ feeding: (part) => pulse.show(part, simulation.now) }),
      });
    case 'attempt':
      return attempt(plan, job.attempt, kit);
  }
}

parentPort?.on('message', (job: Job) => {
  pulse.clear();
  pulse.tick();
  tell({ type: 'done', result: work(job) });
});
