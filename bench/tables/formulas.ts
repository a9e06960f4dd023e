import { type GossipConfig, LAN, LOCAL, WAN } from '../../core/gossip/config.ts';
import { pushPullScale } from '../../core/gossip/pushpull.ts';
import { transmitLimit } from '../../core/gossip/queue.ts';
import { expectedConfirmations, suspicionMinimum, suspicionTimeout } from '../../core/gossip/suspicion.ts';
import { type Duration, inSeconds } from '../../core/time.ts';
import { type BehaviourTable, decimal, exact, type Row } from './row.ts';

const SOURCE = 'formulas of memberlist 0.6, worked out by hand';

/** For n members: transmit limit LAN and WAN, Local; least and longest suspicion LAN, WAN, Local in seconds; scale of push/pull; query timeout LAN in ms. */
const BY_SIZE = [
  [2, 4, 2, '4 / 4', '30 / 30', '3 / 3', 1, 3200],
  [3, 4, 2, '4 / 4', '30 / 30', '3 / 18', 1, 3200],
  [5, 4, 2, '4 / 24', '30 / 30', '3 / 18', 1, 3200],
  [9, 4, 2, '4 / 24', '30 / 180', '3 / 18', 1, 3200],
  [10, 8, 4, '4 / 24', '30 / 180', '3 / 18', 1, 6400],
  [20, 8, 4, '5.204 / 31.224', '39.03 / 234.18', '3.903 / 23.418', 1, 6400],
  [30, 8, 4, '5.908 / 35.448', '44.31 / 265.86', '4.431 / 26.586', 1, 6400],
  [33, 8, 4, '6.072 / 36.432', '45.54 / 273.24', '4.554 / 27.324', 2, 6400],
  [50, 8, 4, '6.792 / 40.752', '50.94 / 305.64', '5.094 / 30.564', 2, 6400],
  [100, 12, 6, '8 / 48', '60 / 360', '6 / 36', 3, 9600],
  [128, 12, 6, '8.428 / 50.568', '63.21 / 379.26', '6.321 / 37.926', 3, 9600],
  [500, 12, 6, '10.792 / 64.752', '80.94 / 485.64', '8.094 / 48.564', 5, 9600],
  [1000, 16, 8, '12 / 72', '90 / 540', '9 / 54', 6, 12800],
  [10000, 20, 10, '16 / 96', '120 / 720', '12 / 72', 10, 16000],
] as const;

/** How long one whose suspicion got c confirmations has, in seconds. */
const BY_CONFIRMATIONS = [
  [LAN, 'LAN', 10, 1, 11.381],
  [LAN, 'LAN', 20, 1, 14.807],
  [LAN, 'LAN', 100, 1, 22.762],
  [WAN, 'WAN', 10, 1, 115.398],
  [WAN, 'WAN', 10, 2, 77.609],
  [WAN, 'WAN', 10, 3, 50.797],
] as const;

/** Serf's default for the time that a query is open, in gossip rounds per digit of the members. */
const QUERY_ROUNDS = 16;

export const formulas: BehaviourTable = {
  name: 'formulas',
  title: 'Limits and timeouts by size',
  says: 'What the rules of memberlist come to for clusters of various sizes. There is nothing to measure: a figure is the same or it is wrong.',
  cheap: true,
  rows: () => [...BY_SIZE.flatMap(ofSize), ...BY_CONFIRMATIONS.map(ofConfirmations)],
};

function ofSize([n, wide, local, lan, wan, loopback, scale, query]: (typeof BY_SIZE)[number]): Row[] {
  const digits = transmitLimit(1, n);
  return [
    exact(`n = ${n}: packets per rumour, LAN and WAN`, SOURCE, wide, transmitLimit(LAN.retransmitMult, n)),
    exact(`n = ${n}: packets per rumour, Local`, SOURCE, local, transmitLimit(LOCAL.retransmitMult, n)),
    exact(`n = ${n}: suspicion, s, LAN`, SOURCE, lan, windowOf(LAN, n)),
    exact(`n = ${n}: suspicion, s, WAN`, SOURCE, wan, windowOf(WAN, n)),
    exact(`n = ${n}: suspicion, s, Local`, SOURCE, loopback, windowOf(LOCAL, n)),
    exact(`n = ${n}: push/pull interval ×`, SOURCE, scale, pushPullScale(n)),
    exact(`n = ${n}: query timeout, ms, LAN`, SOURCE, query, (LAN.gossipInterval * QUERY_ROUNDS * digits) / 1e6),
  ];
}

function ofConfirmations([config, name, n, confirmations, published]: (typeof BY_CONFIRMATIONS)[number]): Row {
  const here = decimal(inSeconds(suspicionTimeout(confirmations, rangeOf(config, n))));
  return exact(`n = ${n}: suspicion with ${confirmations} confirmed, s, ${name}`, SOURCE, String(published), here);
}

function windowOf(config: GossipConfig, n: number): string {
  const range = rangeOf(config, n);
  return [range.expected, 0].map((confirmed) => decimal(inSeconds(suspicionTimeout(confirmed, range)))).join(' / ');
}

function rangeOf({ suspicionMult, suspicionMaxTimeoutMult, probeInterval }: GossipConfig, n: number) {
  const min = suspicionMinimum(suspicionMult, n, probeInterval);
  return { expected: expectedConfirmations(suspicionMult, n), min, max: (min * suspicionMaxTimeoutMult) as Duration };
}
