import { attempt } from '../campaign/attempt.ts';
import { OutOfMemory } from '../campaign/breakdown.ts';
import type { Exploration } from '../campaign/exploration.ts';
import { judge, type Kit } from '../campaign/judge.ts';
import { trialOf } from '../campaign/trial.ts';
import { answer } from '../engine/difference.ts';
import type { Plan } from '../scenario/plan.ts';
import type { Job, Results } from './jobs.ts';
import type { Pulse } from './pulse.ts';

/** The thread that a job is done on, for those who look after it. */
export interface Tended {
  readonly pulse: Pulse;
  /** Throws when the thread holds too much in memory. */
  readonly guard: () => void;
}

/** What jobs are about. */
export interface Explored {
  readonly plan: Plan;
  readonly kit: Kit;
  readonly exploration: Exploration;
  /** Of the campaign. */
  readonly seed: number | string;
}

/**
 * Does a job on this thread.
 *
 * @param thread absent where nobody looks after it
 */
export function work(job: Job, { plan, kit, exploration, seed }: Explored, thread?: Tended): Results[keyof Results] {
  const stretch = (): void => {
    thread?.pulse.tick();
    thread?.guard();
  };
  if (job.type === 'attempt') return attempt(plan, job.attempt, kit, stretch);
  const trial = trialOf(plan, exploration, seed, job.index);
  switch (job.type) {
    case 'trial':
      return judge(plan, trial, kit, { stretch, fingerprint: job.fingerprint });
    case 'watched':
      return judge(plan, trial, kit, {
        stretch,
        fingerprint: false,
        begun: ({ hosts, simulation }) =>
          hosts.observers.push({
            feeding: (part) => {
              if (thread === undefined) return;
              try {
                thread.guard();
              } catch (error) {
                if (!(error instanceof OutOfMemory)) throw error;
                const who = `${part.program} on ${plan.topology.nodes[part.node]?.name}`;
                throw new OutOfMemory(`${error.message}, while ${who} is at work,`, simulation.now);
              }
              thread.pulse.show(part, simulation.now);
            },
          }),
      });
    case 'question':
      return answer((listen) => judge(plan, trial, kit, { stretch, listen: (world) => [listen(world)] }), job.question);
  }
}
