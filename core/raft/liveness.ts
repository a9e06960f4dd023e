import { ln } from '../math.ts';
import type { Duration } from '../time.ts';
import type { RaftConfig } from './config.ts';
import type { Surroundings } from './profiles.ts';

/** What bears on how long a cluster may take when nothing more is done to it. */
export interface Circumstances extends Surroundings {
  readonly servers: number;
  /** Of each message, independent; from 0 to less than 1. */
  readonly loss: number;
  /** How unlikely a run is to be allowed to take longer; 10⁻⁹ unless said otherwise. */
  readonly risk?: number;
}

const RISK = 1e-9;

/** The longest that a follower takes to notice that its leader is gone. */
export function detectionBound({ electionTimer, electionTimeout, electionSpread }: RaftConfig): Duration {
  // HashiCorp's looks every T to 2T whether it heard anything for T; the others count from what they heard last.
  const most = electionTimer === 'polled' ? 2 * electionTimeout + electionSpread : electionTimeout + electionSpread;
  return most as Duration;
}

/** The longest that one attempt at an election takes before the next: two requests and answers, and the writes of two servers. */
const attempt = ({ candidateTimeout, electionSpread }: RaftConfig, { latency, write }: Surroundings): number =>
  candidateTimeout + electionSpread + 5 * latency + 2 * write;

/**
 * How likely one attempt is to reach a majority: each request and its answer must arrive, twice where it is asked before.
 *
 * @param electable servers whose logs can win, the candidate among them
 */
export function attemptSucceeds({ preVote }: RaftConfig, electable: number, servers: number, loss: number): number {
  const arrives = (1 - loss) * (1 - loss);
  const round = atLeast(electable - 1, Math.floor(servers / 2), arrives);
  return preVote ? round * round : round;
}

/** The probability that of so many trials at least so many succeed. */
function atLeast(trials: number, least: number, probability: number): number {
  // By one trial after the other: there are few, and no powers are needed.
  let chances = [1];
  for (let i = 0; i < trials; i++) {
    const next = [...chances, 0];
    for (let k = chances.length; k >= 0; k--) {
      next[k] = (chances[k] ?? 0) * (1 - probability) + (k > 0 ? (chances[k - 1] as number) : 0) * probability;
    }
    chances = next;
  }
  return chances.slice(least).reduce((sum, chance) => sum + chance, 0);
}

/** Split votes and candidates whose voters are still loyal cost attempts even where nothing is lost. */
const SPLIT = 0.5;

/** After how many failed attempts a further one is less likely than the risk. */
export function attempts(config: RaftConfig, { servers, loss, risk = RISK }: Circumstances): number {
  const success = attemptSucceeds(config, servers - Math.ceil(servers / 2) + 1, servers, loss) * SPLIT;
  return Math.ceil(ln(risk) / ln(1 - success));
}

/**
 * How long a cluster of which a majority is up and connected may be without a leader that has committed an entry of its term, from when nothing
 * more is done to it. Restarted servers stay out of elections for T where leases are read.
 */
export function leaderBound(config: RaftConfig, circumstances: Circumstances): Duration {
  const { electionTimeout, heartbeatInterval, leaseReads } = config;
  const quiet = leaseReads ? electionTimeout : 0;
  const stepDown = electionTimeout + heartbeatInterval; // of a leader that is heard by too few
  const commit = 3 * heartbeatInterval + 2 * circumstances.latency + 2 * circumstances.write;
  return Math.ceil(
    quiet + stepDown + detectionBound(config) + attempts(config, circumstances) * attempt(config, circumstances) + commit,
  ) as Duration;
}

/** From the last answer of a majority to when a leader steps down that is answered no more. */
export function stepDownBound({
  checkQuorum,
  electionTimeout,
  heartbeatInterval,
  leaderLease,
}: RaftConfig): Duration | undefined {
  switch (checkQuorum) {
    case 'sliding':
      return (electionTimeout + heartbeatInterval) as Duration;
    case 'windows':
      return (2 * electionTimeout + heartbeatInterval) as Duration;
    case 'lease':
      return (2 * leaderLease) as Duration;
    case 'off':
      return undefined;
  }
}

/** How long a server may take to hear the leader again when it is reachable again, in the same term. */
export const returnBound = ({ heartbeatInterval, heartbeat }: RaftConfig, { latency }: Surroundings): Duration =>
  ((heartbeat === 'per peer' ? 2 : 1) * heartbeatInterval + latency) as Duration;
