import { LAN, QUIRKS } from '../../core/gossip/gossip.ts';
import { exp } from '../../core/math.ts';
import { seconds } from '../../core/time.ts';
import { phaseOf } from './detection.ts';
import { at, Lab } from './lab.ts';
import { type BehaviourTable, bounded, decimal, exact, quantile, type Row } from './row.ts';

const CALCULATOR = 'convergence simulator on serf.io';

/** Rounds until 99.99 % have heard, by size and loss. */
const PUBLISHED = [
  [10, [8, 9, 12, 16]],
  [30, [9, 10, 13, 17]],
  [100, [10, 11, 14, 19]],
  [1000, [11, 12, 16, 22]],
] as const;
const TO_99 = [
  [30, [6, 6, 8, 11]],
  [100, [7, 7, 9, 13]],
  [1000, [8, 9, 11, 16]],
] as const;
const LOSSES = [0, 0.1, 0.3, 0.5] as const;

/** Bits per second that a node may send and receive at most by the calculator: two full packets to each target of a round. */
const BANDWIDTH = [
  ['LAN', 3, 0.2, 328.1],
  ['WAN', 4, 0.5, 175],
  ['Local', 3, 0.1, 656.3],
] as const;

export const spread: BehaviourTable = {
  name: 'spread',
  title: 'How fast news spreads',
  says:
    'The calculator’s rounds of gossip until nearly all have heard, by its formula, and the median of ours (LAN, news of a departure, the rounds of those who hear it by gossip; packets are lost as said). ' +
    'The formula is an upper bound: it knows neither that each round of a newly infected node goes to three at once nor that copies are limited. ' +
    'What gossip misses, push/pull brings later; the share of runs in which gossip alone reached everybody stands behind.',
  cheap: false,
  rows: () => [...formula(), ...BANDWIDTH.map(bandwidth), ...PUBLISHED.flatMap(measured)],
};

/** The calculator's rounds, from its formula. */
function roundsTo(share: number, nodes: number, loss: number): number {
  const infected = (x: number): number => 1 / (1 + (nodes + 1) * exp(-0.5 * LAN.gossipNodes * (1 - loss) * x));
  for (let x = 0; x < 100; x++) if (infected(x) >= share) return x;
  return 100;
}

function formula(): Row[] {
  const rows = (share: number, table: readonly (readonly [number, readonly number[]])[]): Row[] =>
    table.flatMap(([nodes, rounds]) =>
      LOSSES.map((loss, i) =>
        exact(
          `formula: n = ${nodes}, ${loss * 100} % lost, rounds to ${decimal(share * 100, 2)} %`,
          CALCULATOR,
          rounds[i] as number,
          roundsTo(share, nodes, loss),
        ),
      ),
    );
  return [...rows(0.9999, PUBLISHED), ...rows(0.99, TO_99)];
}

const bandwidth = ([name, nodes, interval, published]: (typeof BANDWIDTH)[number]): Row =>
  exact(`formula: ${name}, kbit/s per node at most`, CALCULATOR, published, decimal((2 * 1400 * nodes * 8) / interval / 1024, 1));

function measured([nodes, rounds]: (typeof PUBLISHED)[number]): Row[] {
  const runs = nodes >= 1000 ? 10 : nodes >= 100 ? 40 : 100;
  return LOSSES.map((loss, i) => {
    const all = Array.from({ length: runs }, (_, seed) => roundsUntilHeard(nodes, loss, seed + 1));
    const by = all.filter(({ complete }) => complete).length;
    const row = bounded(
      `n = ${nodes}, ${loss * 100} % lost, rounds, median of ${runs}`,
      CALCULATOR,
      rounds[i] as number,
      quantile(
        all.map(({ last }) => last),
        0.5,
      ),
    );
    return { ...row, deviation: `${row.deviation}; all by gossip in ${Math.round((100 * by) / runs)} %` };
  });
}

/** How long gossip goes on at most; what is heard later came by an exchange of states. */
const GOSSIPS = seconds(8);

/** Rounds of gossip from a departure until the last heard of it that heard by gossip. */
function roundsUntilHeard(nodes: number, loss: number, seed: number): { last: number; complete: boolean } {
  const left = Math.round(seconds(1) * (1 + phaseOf(seed)));
  let leaver = -1;
  let last = 0;
  let heard = 0;
  const lab = new Lab({
    nodes,
    // Nobody hears of it in any other way, nor is suspected meanwhile.
    config: { ...LAN, pushPullInterval: seconds(0), probeInterval: seconds(0) },
    quirks: QUIRKS['serf-0.10'],
    seed,
    loss,
    timeline: [{ at: at(left), on: 'n1', signal: 'INT', of: 'memberlist' }],
    listen: [
      {
        cell: (_id, now, node, subject, _field, value) => {
          if (subject !== leaver || value !== 'left' || node === 0) return;
          heard++;
          last = now - left;
        },
      },
    ],
  });
  leaver = lab.name(0);
  lab.runTo(() => heard === nodes - 1, (left + GOSSIPS) as never);
  return { last: Math.ceil(last / LAN.gossipInterval), complete: heard === nodes - 1 };
}
