import { type GossipConfig, LAN, LOCAL, WAN } from '../../core/gossip/gossip.ts';
import { detections } from './detection.ts';
import { type BehaviourTable, compared, mean, quantile, type Row } from './row.ts';

const MODEL = 'model of memberlist’s probe order, Monte Carlo';
const RUNS = 400;

/** By size: mean, median and 90 % of the first observer's first probe after a crash, in protocol periods. */
const FIRST = [
  [3, 0.7, 0.59, 1.5],
  [5, 0.82, 0.64, 1.8],
  [10, 0.91, 0.67, 2.1],
  [20, 0.96, 0.68, 2.2],
  [40, 0.97, 0.68, 2.2],
] as const;

/** By size: mean and 90 % of the third observer's. */
const THIRD = [
  [5, 2.7, 4.1],
  [10, 2.8, 4.6],
  [40, 2.9, 5.1],
] as const;

/** Means of the first declaration in seconds. */
const DECLARED: readonly (readonly [string, GossipConfig, number, number, number])[] = [
  ['LAN', LAN, 10, 6.0, 200],
  ['LAN', LAN, 20, 7.2, 200],
  ['LAN', LAN, 100, 10, 60],
  ['Local', LOCAL, 10, 5, 200],
  ['WAN', WAN, 10, 40, 200],
];

export const crashes: BehaviourTable = {
  name: 'crashes',
  title: 'How soon a crash is noticed',
  says: `One node of a cluster that has long been together is killed at some moment of its periods; nothing is lost. t₁ and t₃ are when the first and the third observer send it their first probe afterwards, in protocol periods, in ${RUNS} crashes for each size. Declarations are the first anywhere, in seconds after the crash.`,
  cheap: false,
  rows: () => [...probes(), ...DECLARED.map(declared)],
};

function probes(): Row[] {
  const sizes = FIRST.map(([nodes]) => nodes);
  const probed = new Map(sizes.map((nodes) => [nodes, detections(nodes, LAN, RUNS)]));
  const nth = (nodes: number, n: number): number[] =>
    (probed.get(nodes as (typeof sizes)[number]) ?? []).flatMap((each) => {
      const after = each.probed[n - 1];
      return after === undefined ? [] : [after / LAN.probeInterval];
    });
  return [
    ...FIRST.flatMap(([nodes, average, median, most]) => [
      compared(`n = ${nodes}: t₁, mean`, MODEL, average, mean(nth(nodes, 1)), 2),
      compared(`n = ${nodes}: t₁, median`, MODEL, median, quantile(nth(nodes, 1), 0.5), 2),
      compared(`n = ${nodes}: t₁, 90 %`, MODEL, most, quantile(nth(nodes, 1), 0.9), 2),
    ]),
    ...THIRD.flatMap(([nodes, average, most]) => [
      compared(`n = ${nodes}: t₃, mean`, MODEL, average, mean(nth(nodes, 3)), 2),
      compared(`n = ${nodes}: t₃, 90 %`, MODEL, most, quantile(nth(nodes, 3), 0.9), 2),
    ]),
  ];
}

function declared([name, config, nodes, published, runs]: (typeof DECLARED)[number]): Row {
  const times = detections(nodes, config, runs).map((each) => each.declared / 1e9);
  return compared(`${name}, n = ${nodes}: first declaration, mean, s`, MODEL, published, mean(times), 2);
}
