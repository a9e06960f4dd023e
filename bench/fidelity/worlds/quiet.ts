import { after, first, last, leaves } from '../seen.ts';
import { type Experiment, inOrder, type Machine, type Measure, machines, oneOf, type Seen, type Sent } from '../world.ts';

const LEAVING = '[INFO] agent.ipc: Graceful leave triggered';
const OVER = '[INFO] agent: shutdown complete';

/** Nothing happens to a cluster for half a minute; then an agent leaves gracefully. */
export const quiet: Experiment = {
  name: 'quiet',
  sizes: [3, 5, 10],
  sample(size, draw) {
    const all = machines(size);
    const leaver = oneOf(all, draw);
    const others = all.filter((each) => each !== leaver);
    const deeds = inOrder([
      ...all.map(({ name: host }) => ({ at: draw(), does: 'run', host, line: 'serf agent' }) as const),
      ...all.slice(1).map(({ name: host }) => ({ at: 2 + draw(), does: 'run', host, line: 'serf join 10.77.0.1' }) as const),
      { at: 12, does: 'count' },
      { at: 42, does: 'count' },
      { at: 44 + draw(), does: 'run', host: leaver.name, line: 'serf leave' },
    ]);
    const triggered = (seen: Seen) => first(seen, [leaver], LEAVING, 0);
    const measures: Measure[] = [
      { name: 'IP packets sent per node', unit: '1/s', of: (seen) => rate(seen, all, ({ ip }) => ip) },
      { name: 'ARP packets sent per node', unit: '1/s', differs: true, of: (seen) => rate(seen, all, ({ arp }) => arp) },
      { name: 'leave → left everywhere', of: (seen) => after(triggered(seen), last(seen, others, leaves(leaver), 0)) },
      { name: 'leave → its agent has ended', of: (seen) => after(triggered(seen), first(seen, [leaver], OVER, 0)) },
    ];
    return { world: { machines: all, deeds, end: 65 }, measures };
  },
};

/** What a host sent on average between the two counts. */
function rate({ done }: Seen, hosts: readonly Machine[], kind: (sent: Sent) => number): number | undefined {
  const [before, later] = done.filter(({ deed }) => deed.does === 'count');
  if (before?.sent === undefined || later?.sent === undefined) return undefined;
  const sum = (counts: ReadonlyMap<string, Sent>) => hosts.reduce((all, { name }) => all + kind(counts.get(name) ?? NONE), 0);
  return (sum(later.sent) - sum(before.sent)) / hosts.length / ((later.at - before.at) / 1000);
}

const NONE: Sent = { ip: 0, arp: 0 };
