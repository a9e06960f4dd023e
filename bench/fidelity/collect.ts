import { Randomness } from '../../sim/rng.ts';
import { inReality } from './real.ts';
import { inSimulation } from './simulated.ts';
import type { Experiment, Sample, Seen } from './world.ts';

/** How many samples of an experiment with clusters of one size. */
export interface Wanted {
  readonly experiment: Experiment;
  readonly size: number;
  readonly samples: number;
}

/** What was measured in one world. */
export interface Measured {
  readonly experiment: string;
  readonly size: number;
  readonly values: Readonly<Record<string, number | null>>;
}

/** The worlds of an experiment, the same for real agents and for simulated ones. */
export function sampleOf({ experiment, size }: Wanted, ordinal: number): Sample {
  const random = new Randomness(`${experiment.name}/${size}/${ordinal}`).stream('world');
  return experiment.sample(size, () => random.fraction());
}

const measured = ({ experiment, size }: Wanted, { measures }: Sample, seen: Seen): Measured => ({
  experiment: experiment.name,
  size,
  values: Object.fromEntries(measures.map((measure) => [measure.name, measure.of(seen) ?? null])),
});

/** Simulates the worlds that real agents live in, each of them again and again with another seed. */
export function simulate(wanted: Wanted, runs: number): Measured[] {
  return Array.from({ length: runs }, (_, run) => {
    const sample = sampleOf(wanted, run % wanted.samples);
    return measured(wanted, sample, inSimulation(sample.world, `${wanted.experiment.name}/${wanted.size}/${run}`));
  });
}

/** Between the starts of two worlds, in milliseconds, so that not all processes start at once. */
const PAUSE = 400;

/** Worlds made of real agents, as many at a time as the machine bears. */
export class Reality {
  readonly measured: Measured[] = [];
  /** Why worlds could not be made, or did not last. */
  readonly problems: string[] = [];
  /** How often agents were put on a processor, and how long they had waited for it in all, in milliseconds. */
  times = 0;
  waited = 0;
  private readonly most: number;
  private readonly calm: boolean;
  private busy = 0;
  private ordinal = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * @param most how many agents may run at the same time
   * @param calm whether experiments that need a calm machine get one
   */
  constructor(most: number, calm: boolean) {
    this.most = most;
    this.calm = calm;
  }

  /** Runs all that is wanted, what needs a calm machine last, before that the longest first; tells of each world that is over. */
  async run(wanted: readonly Wanted[], told: (done: number, of: number) => void): Promise<void> {
    const all = wanted.flatMap((each) => Array.from({ length: each.samples }, (_, i) => ({ each, sample: sampleOf(each, i) })));
    const room = ({ each }: { each: Wanted }) => Math.min((this.calm ? each.experiment.most : undefined) ?? this.most, this.most);
    all.sort((a, b) => room(b) - room(a) || b.sample.world.end - a.sample.world.end || b.each.size - a.each.size);
    const runs: Promise<void>[] = [];
    let done = 0;
    for (const { each, sample } of all) {
      await this.room(each.size, room({ each }));
      const over = this.one(sample).then((seen) => {
        if (seen !== undefined) this.measured.push(measured(each, sample, seen));
        told(++done, all.length);
      });
      runs.push(over);
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
    await Promise.all(runs);
  }

  /** Runs one world; whoever calls it has found room for it. */
  async one(sample: Sample): Promise<Seen | undefined> {
    try {
      const seen = await inReality(sample, this.ordinal++);
      this.times += seen.waits.times;
      this.waited += seen.waits.waited;
      return seen;
    } catch (error) {
      this.problems.push((error as Error).message);
      return undefined;
    } finally {
      this.busy -= sample.world.machines.length;
      for (const wake of this.waiting.splice(0)) wake();
    }
  }

  /** Waits until so many agents more may run, and takes their room. One world may always run. */
  async room(size: number, most = this.most): Promise<void> {
    while (this.busy > 0 && this.busy + size > most) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy += size;
  }
}
