import { after, allAlive, first, joins, last } from '../seen.ts';
import { type Experiment, inOrder, type Machine, type Measure, machines } from '../world.ts';

const RUNNING = '==> Serf agent running!';

/** Agents find each other by multicast DNS: all but one start within seconds, the last one later. */
export const discovery: Experiment = {
  name: 'discovery',
  sizes: [3, 5, 10],
  most: 16,
  sample(size, draw) {
    const all = machines(size);
    const newcomer = all.at(-1) as Machine;
    const old = all.slice(0, -1);
    const deeds = inOrder(
      all.map((machine) => ({
        at: machine === newcomer ? 8 + draw() : 3 * draw(),
        does: 'run',
        host: machine.name,
        line: 'serf agent -iface=eth0 -discover=blue',
      })),
    );
    const started = (seen: Parameters<Measure['of']>[0]) => first(seen, [newcomer], RUNNING, 0);
    const measures: Measure[] = [
      {
        name: 'mDNS: all but one started → they all know each other',
        of: (seen) => after(last(seen, old, RUNNING, 0), allAlive(seen, old, last(seen, old, RUNNING, 0) ?? 0)),
      },
      {
        name: 'mDNS: newcomer runs → it is known everywhere',
        of: (seen) => after(started(seen), last(seen, old, joins(newcomer), 0)),
      },
      { name: 'mDNS: newcomer runs → it knows all', of: (seen) => after(started(seen), allKnown(seen, newcomer, old)) },
    ];
    return { world: { machines: all, deeds, end: 75, ipv6: true }, measures };
  },
};

const allKnown = (seen: Parameters<Measure['of']>[0], by: Machine, whom: readonly Machine[]): number | undefined => {
  const times = whom.map((member) => first(seen, [by], joins(member), 0));
  return times.includes(undefined) ? undefined : Math.max(...(times as number[]));
};
