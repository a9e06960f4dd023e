import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type Course, type Figures, type Mode, measure } from './cluster.ts';
import { spread, table } from './table.ts';

/** What is to be reached at a size: at least, and as an aim, in virtual seconds per second of CPU time. */
interface Goal {
  readonly least: number;
  readonly aim: number;
}

const GOALS: Readonly<Record<Mode, Readonly<Record<number, Goal>>>> = {
  busy: { 100: { least: 700, aim: 2_500 }, 1000: { least: 80, aim: 250 }, 10000: { least: 4, aim: 10 } },
  quiet: { 100: { least: 2_000, aim: 8_000 }, 1000: { least: 200, aim: 800 }, 10000: { least: 8, aim: 25 } },
};

const SIZES = [100, 300, 1_000, 3_000, 10_000];

/** Rounds that take a second or so each on a quiet machine, after a warm-up in which everything was compiled. */
function courseOf(nodes: number, mode: Mode): Course {
  const span = (mode === 'busy' ? 12_000 : 60_000) / nodes;
  return { nodes, mode, warmUp: Math.max(3, 3 * span), round: Math.max(1, span), rounds: 7 };
}

/** Runs a course in this process and sends what was measured. */
export function serveCourse(course: string): void {
  process.send?.(measure(JSON.parse(course)));
}

async function measured(program: string, course: Course): Promise<Figures> {
  const child = fork(program, ['--course', JSON.stringify(course)]);
  const [figures] = (await once(child, 'message')) as [Figures];
  return figures;
}

const short = (rate: number): string => rate.toFixed(rate < 100 ? 1 : 0);

function judged(median: number, { least, aim }: Goal): string {
  const verdict = median >= aim ? 'aim reached' : median >= least ? 'reached' : 'missed';
  return `≥ ${least} (aim ${aim}): ${verdict}`;
}

/** How fast clusters of all sizes run, and what they weigh. */
export async function gossip(program: string, only: readonly number[] = SIZES): Promise<void> {
  console.log(`
## gossip
Serf agents on one segment that know each other from the start, through the whole network and host, with fingerprint. Busy: every half
second one describes itself anew, which all pass on, so that each sends 3 packets of gossip per 200 ms all the time. Quiet: probes, acks and
exchanges of state only. Virtual seconds per second of CPU time; cost is microseconds of CPU per node and virtual second.
`);
  const body: string[][] = [];
  for (const mode of ['busy', 'quiet'] as const) {
    for (const nodes of only) {
      if (process.stderr.isTTY) process.stderr.write(`gossip: ${nodes} ${mode} …\u001b[K\r`);
      const { rates, packets, resident, view, serfView } = await measured(program, courseOf(nodes, mode));
      const { median, min, max } = spread(rates);
      const goal = GOALS[mode][nodes];
      body.push([
        `${nodes} ${mode}`,
        short(median),
        `${short(min)}–${short(max)}`,
        (1e6 / median / nodes).toFixed(1),
        packets.toFixed(1),
        view.toFixed(1),
        serfView.toFixed(1),
        String(Math.round(resident / 2 ** 20)),
        goal === undefined ? '' : judged(median, goal),
      ]);
    }
  }
  if (process.stderr.isTTY) process.stderr.write('\u001b[K');
  const head = ['nodes', 's per s, median', 'least–most', 'cost', 'packets', 'bytes per view', 'of Serf', 'MiB', 'to be'];
  console.log(table(head, body));
}
