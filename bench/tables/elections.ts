import type { RaftConfig } from '../../core/raft/config.ts';
import { failovers, splitShare } from '../../core/raft/failover.ts';
import { consul, PROFILES } from '../../core/raft/profiles.ts';
import { microseconds, milliseconds } from '../../core/time.ts';
import { type BehaviourTable, compared, mean, quantile, type Row } from './row.ts';

const CRASHES = 2000;
const ELECTIONS = 1000;

const MODEL = 'simulation of the documented timers, 20 000 crashes';
const PAPER = 'Raft §9.3, Figure 16, and the thesis';
const THEORY = 'thesis §9.2';

/** Profile, servers, loss; mean, median, 95 % and 99 % in seconds, as far as they were published. */
const FAILOVERS: readonly (readonly [string, RaftConfig, number, number, ...(number | undefined)[]])[] = [
  ['etcd', PROFILES.etcd, 3, 0, 1.24, 1.2, 1.69, 1.81],
  ['etcd', PROFILES.etcd, 5, 0, 1.1, 1.06, 1.44, 1.61],
  ['etcd', PROFILES.etcd, 3, 0.1, 1.68, 1.37, 3.51, 5.1],
  ['etcd', PROFILES.etcd, 5, 0.1, 1.28, 1.12, 2.37, 3.22],
  ['etcd', PROFILES.etcd, 3, 0.3, 4.03, 2.89, 11.1, 16.7],
  ['etcd', PROFILES.etcd, 5, 0.3, 2.99, 2.28, 7.83, 11.6],
  ['HashiCorp', PROFILES.hashicorp, 3, 0, 1.99, 2, 2.67, 2.83],
  ['HashiCorp', PROFILES.hashicorp, 5, 0, 1.85, 1.85, 2.41, 2.62],
  ['HashiCorp', PROFILES.hashicorp, 3, 0.1, 2.54, 2.27, 4.65, 6.35],
  ['HashiCorp', PROFILES.hashicorp, 5, 0.1, 2.36, 2.19, 3.71, 4.7],
  ['Consul, multiplier 5', consul(5), 3, 0, 9.88, 9.9, 13.2, 14],
  ['Consul, multiplier 5', consul(5), 5, 0, 9.2, 9.2, 11.9, 12.9],
  ['the paper', PROFILES.paper, 3, 0, 0.17, 0.163, 0.247, 0.378],
  ['the paper', PROFILES.paper, 5, 0, 0.148, 0.145, 0.208, 0.257],
  ['the paper', PROFILES.paper, 3, 0.1, 0.205, 0.168, 0.453, 0.674],
  ['the paper', PROFILES.paper, 5, 0.1, 0.153, 0.139, 0.332, 0.465],
];

/** Messages of 0.1 to 3.1 ms, and LogCabin's writes. */
const LOGCABIN = { delay: [microseconds(100), milliseconds(3)], write: microseconds(700) } as const;

/** Timeouts from and to in ms; mean, median and 95 % in ms. */
const TIMEOUTS = [
  [150, 155, 346, 287, 764],
  [150, 175, 164, 141, 314],
  [150, 200, 156, 146, 296],
  [150, 300, 181, 171, 244],
  [12, 24, 35, 30, 67],
  [25, 50, 48, 43, 83],
  [50, 100, 71, 67, 120],
  [100, 200, 126, 120, 182],
] as const;

/** Servers, of them down, latency as part of the random range; per cent of elections split. */
const SPLITS = [
  [3, 1, 0.01, 1.99],
  [3, 1, 0.05, 9.75],
  [3, 1, 0.1, 19],
  [5, 1, 0.05, 1.4],
  [5, 1, 0.1, 5.23],
  [5, 2, 0.05, 14.3],
  [5, 2, 0.1, 27.1],
  [7, 3, 0.05, 18.6],
  [9, 4, 0.05, 22.6],
] as const;

/** How long clusters are without a leader, and how often votes are split. */
export const elections: BehaviourTable = {
  name: 'elections',
  title: 'How soon a new leader is elected',
  says: `A leader crashes at some moment of its heartbeats; the time to the next election won, ${CRASHES} times for each row. Messages take 0.5 to 2 ms and writes none, and messages are lost independently of each other. In the paper's experiment a heartbeat goes out just before the crash; here messages take 0.1 to 3.1 ms and writes 0.7 ms then, as LogCabin's did, and all logs are equal, where some servers could not win there. HashiCorp's appends without entries count as signs of the leader here, and were left out there. Splits: ${ELECTIONS} elections for each row.`,
  cheap: false,
  rows: () => [...FAILOVERS.flatMap(ofProfile), ...TIMEOUTS.flatMap(ofTimeouts), ...SPLITS.map(ofSplit)],
};

function ofProfile([name, config, servers, loss, ...published]: (typeof FAILOVERS)[number]): Row[] {
  const times = failovers({ config, servers, crashes: CRASHES, loss });
  const here = [mean(times), quantile(times, 0.5), quantile(times, 0.95), quantile(times, 0.99)];
  return ['mean', 'median', '95 %', '99 %'].flatMap((figure, i) => {
    const there = published[i];
    const what = `${name}, n = ${servers}, loss ${loss}: without a leader, ${figure}, s`;
    return there === undefined ? [] : [compared(what, MODEL, there, here[i] as number)];
  });
}

function ofTimeouts([from, to, ...published]: (typeof TIMEOUTS)[number]): Row[] {
  const config = {
    ...PROFILES.paper,
    electionTimeout: milliseconds(from),
    candidateTimeout: milliseconds(from),
    electionSpread: milliseconds(to - from),
    heartbeatInterval: milliseconds(from / 2),
  };
  const times = failovers({ config, servers: 5, crashes: 1000, afterBeat: true, ...LOGCABIN });
  const here = [mean(times), quantile(times, 0.5), quantile(times, 0.95)];
  return ['mean', 'median', '95 %'].map((figure, i) =>
    compared(
      `timeouts of ${from}–${to} ms: without a leader, ${figure}, ms`,
      PAPER,
      published[i] as number,
      1000 * (here[i] as number),
      0,
    ),
  );
}

function ofSplit([servers, failed, latency, published]: (typeof SPLITS)[number]): Row {
  const here = 100 * splitShare({ servers, failed, latency, elections: ELECTIONS });
  return compared(
    `n = ${servers}, ${failed} down, messages of ${latency} of the range: votes split, %`,
    THEORY,
    published,
    here,
    1,
  );
}
