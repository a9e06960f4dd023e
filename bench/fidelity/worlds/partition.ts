import { after, allAlive, doneAt, fails, first, last } from '../seen.ts';
import { type Experiment, inOrder, type Machine, type Measure, machines, type Seen } from '../world.ts';

/** How many are beyond the cable: 1 of 3, 2 of 5, 3 of 10. */
const beyond = (size: number): number => Math.round(size / 3);

/** The cable between two switches is pulled for a minute or more, then plugged in again: silence, not refusal. */
export const partition: Experiment = {
  name: 'partition',
  sizes: [3, 5, 10],
  sample(size, draw) {
    const all = machines(size, beyond(size));
    const [most, few] = [0, 1].map((side) => all.filter((each) => each.side === side)) as [Machine[], Machine[]];
    const cut = 10 + draw();
    const deeds = inOrder([
      ...all.map(({ name: host }) => ({ at: draw(), does: 'run', host, line: 'serf agent' }) as const),
      ...all.slice(1).map(({ name: host }) => ({ at: 2 + draw(), does: 'run', host, line: 'serf join 10.77.0.1' }) as const),
      { at: cut, does: 'cut' },
      { at: cut + 60 + 30 * draw(), does: 'heal' },
    ]);
    const healed = (seen: Seen) => doneAt(seen, 'heal');
    const measures: Measure[] = [
      { name: 'cut → first failed', of: (seen) => after(doneAt(seen, 'cut'), firstOf(seen, most, few)) },
      { name: 'cut → larger side: all beyond failed', of: (seen) => after(doneAt(seen, 'cut'), allFailed(seen, most, few)) },
      { name: 'cut → smaller side: all beyond failed', of: (seen) => after(doneAt(seen, 'cut'), allFailed(seen, few, most)) },
      {
        name: 'heal → all alive everywhere',
        of: (seen) => {
          const at = healed(seen);
          return at === undefined ? undefined : after(at, allAlive(seen, all, at));
        },
      },
    ];
    return { world: { machines: all, deeds, end: 330 }, measures };
  },
};

function firstOf(seen: Seen, one: readonly Machine[], other: readonly Machine[]): number | undefined {
  const times = [
    ...other.map((each) => first(seen, one, fails(each), 0)),
    ...one.map((each) => first(seen, other, fails(each), 0)),
  ];
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** When all of one side first had all of the other fail. */
function allFailed(seen: Seen, by: readonly Machine[], whom: readonly Machine[]): number | undefined {
  const times = whom.map((each) => last(seen, by, fails(each), 0));
  return times.includes(undefined) ? undefined : Math.max(...(times as number[]));
}
