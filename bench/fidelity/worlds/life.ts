import { after, doneAt, fails, first, joins, last, suspects } from '../seen.ts';
import { type Experiment, inOrder, type Machine, type Measure, machines, oneOf } from '../world.ts';

const JOINING = '[INFO] agent: joining: [10.77.0.1] replay: false';
const EVENT = '[INFO] agent: Received event: user-event: deploy';

/** A newcomer joins a cluster, somebody sends a user event, and an agent dies of SIGKILL. */
export const life: Experiment = {
  name: 'life',
  sizes: [3, 5, 10],
  sample(size, draw) {
    const all = machines(size);
    const newcomer = all.at(-1) as Machine;
    const old = all.slice(0, -1);
    const sender = oneOf(all, draw);
    const victim = oneOf(all, draw);
    const survivors = all.filter((each) => each !== victim);
    const deeds = inOrder([
      ...all.map(({ name: host }) => ({ at: draw(), does: 'run', host, line: 'serf agent' }) as const),
      ...old.slice(1).map(({ name: host }) => ({ at: 2 + draw(), does: 'run', host, line: 'serf join 10.77.0.1' }) as const),
      { at: 8 + draw(), does: 'run', host: newcomer.name, line: 'serf join 10.77.0.1' },
      { at: 14 + draw(), does: 'run', host: sender.name, line: 'serf event -coalesce=false deploy v1' },
      { at: 20 + draw(), does: 'kill', host: victim.name },
    ]);
    const killed: Measure[] = [
      { name: 'kill -9 → first suspect', of: (seen) => after(doneAt(seen, 'kill'), first(seen, survivors, suspects(victim), 0)) },
      { name: 'kill -9 → first failed', of: (seen) => after(doneAt(seen, 'kill'), first(seen, survivors, fails(victim), 0)) },
      { name: 'kill -9 → failed everywhere', of: (seen) => after(doneAt(seen, 'kill'), last(seen, survivors, fails(victim), 0)) },
    ];
    const measures: Measure[] = [
      {
        name: 'join → newcomer known everywhere',
        of: (seen) => {
          const from = first(seen, [newcomer], JOINING, 0);
          return after(from, last(seen, old, joins(newcomer), from ?? 0));
        },
      },
      {
        name: 'user event → delivered to all',
        of: (seen) => after(first(seen, [sender], EVENT, 0), last(seen, all, EVENT, 0)),
      },
      ...killed,
    ];
    return { world: { machines: all, deeds, end: 80 }, measures };
  },
};
