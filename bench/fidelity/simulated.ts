import { inSeconds } from '../../core/time.ts';
import { Kind, type Sink } from '../../sim/engine/journal.ts';
import type { Packet } from '../../sim/network/packet.ts';
import { Randomness } from '../../sim/rng.ts';
import { run } from '../../sim/run/run.ts';
import { scenario } from '../../sim/scenario/load.ts';
import type { EntryInput, ScenarioInput } from '../../sim/scenario/schema.ts';
import { surroundings } from '../../sim/surroundings.ts';
import { type Deed, type Done, type Line, type Seen, type Sent, type World, withoutTime } from './world.ts';

/** Half a round trip as real agents in namespaces estimate it: `serf rtt` says 0.3 to 0.6 ms. The wire has a tenth of it, the agents the rest. */
const LATENCY = '150us..300us';

/**
 * How long a real agent takes from its command line to its first tick, in seconds, when several start on one machine: as seen, with
 * programs that make its namespaces, the runtime of Go, and whatever else the machine does. Ticks of agents so lie anywhere in a round.
 */
const START = { least: 0.08, most: 0.28 };

/** The scenario of a world. */
function scenarioOf({ machines, deeds, end }: World, draw: () => number): ScenarioInput {
  const late = (deed: Deed) => (isStart(deed) ? START.least + draw() * (START.most - START.least) : 0);
  const timeline = deeds.flatMap((deed) => entriesOf({ ...deed, at: deed.at + late(deed) }));
  return {
    // What Debian has is of this version.
    profile: 'serf-0.9',
    network: {
      segments: { lan: { vlan: 1, subnet: '10.77.0.0/24', latency: LATENCY } },
      switches: ['left', 'right'],
      trunks: [{ between: ['left', 'right'], vlans: [1] }],
    },
    hosts: Object.fromEntries(
      machines.map(({ name, address, side, files = {} }) => [
        name,
        { on: 'lan', address, switch: side === 0 ? 'left' : 'right', files },
      ]),
    ),
    timeline,
    until: `${end}s`,
  };
}

const isStart = (deed: Deed): boolean => deed.does === 'run' && deed.line.startsWith('serf agent');

/** What a timeline says of a deed; nothing of counts, which change nothing. */
function entriesOf(deed: Deed): EntryInput[] {
  const at = `${Math.round(deed.at * 1e6)}us`;
  switch (deed.does) {
    case 'run':
      return [{ at, on: deed.host, run: deed.line }];
    case 'kill':
      return [{ at, on: deed.host, signal: 'KILL', of: 'serf agent' }];
    case 'cut':
      return [{ at, cut: { trunk: ['left', 'right'] } }];
    case 'heal':
      return [{ at, heal: { trunk: ['left', 'right'] } }];
    case 'count':
      return [];
  }
}

/** Runs a world in the simulator, and says what was seen of it. */
export function inSimulation(world: World, seed: string): Seen {
  const random = new Randomness(seed).stream('starts');
  const { plan } = scenario(
    scenarioOf(world, () => random.fraction()),
    surroundings,
  );
  const names = plan.topology.nodes.map(({ name }) => name);
  const commands = new Map<number, string>();
  const lines: Line[] = [];
  const tally = new Tally(names, world.deeds);
  run(plan, {
    registry: surroundings.registry,
    seed,
    listen: () => [tally],
    printed: ({ at, node, job, typed, text }) => {
      if (typed) commands.set(job, text);
      else
        lines.push({ at: inSeconds(at) * 1000, host: names[node] ?? '', of: commands.get(job) ?? '', text: withoutTime(text) });
    },
  });
  const done = world.deeds.map((deed): Done => {
    const sent = tally.counts.get(deed);
    return sent === undefined ? { at: deed.at * 1000, deed } : { at: deed.at * 1000, deed, sent };
  });
  return { lines, done };
}

/** Counts what each host sends, and keeps the counts of the instants that are asked for. */
class Tally implements Sink {
  readonly counts = new Map<Deed, ReadonlyMap<string, Sent>>();
  private readonly names: readonly string[];
  private readonly ip: number[];
  private readonly arp: number[];
  private readonly pending: Deed[];

  constructor(names: readonly string[], deeds: readonly Deed[]) {
    this.names = names;
    this.ip = names.map(() => 0);
    this.arp = names.map(() => 0);
    this.pending = deeds.filter(({ does }) => does === 'count');
  }

  record(
    _id: number,
    at: number,
    kind: number,
    node: number,
    _peer: number,
    _cause: number,
    _word: number,
    _size: number,
    payload: unknown,
  ): void {
    const [next] = this.pending;
    if (next !== undefined && at > next.at * 1e9) {
      this.counts.set(next, new Map(this.names.map((name, i) => [name, { ip: this.ip[i] ?? 0, arp: this.arp[i] ?? 0 }])));
      this.pending.shift();
    }
    if (kind !== Kind.send) return;
    const { transport, header } = payload as Packet;
    // What stands for a train of segments are so many packets.
    const packets = header?.flag === 'data' ? header.segments : 1;
    const count = transport === 'arp' ? this.arp : this.ip;
    count[node] = (count[node] ?? 0) + packets;
  }

  cell(): void {}
}
