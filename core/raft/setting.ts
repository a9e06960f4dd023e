import type { Xoshiro } from '../laws/xoshiro.ts';
import { type Duration, milliseconds, ZERO } from '../time.ts';
import type { RaftConfig } from './config.ts';
import { consul, PROFILES, problems } from './profiles.ts';

/** What a cluster of an ordeal is, drawn from a number. */
export interface Setting {
  readonly servers: number;
  /** The first so many are in the first configuration. */
  readonly voters: number;
  readonly config: RaftConfig;
  /** One way: at least, and so much more at most; and how long a sync takes. */
  readonly delay: Duration;
  readonly jitter: Duration;
  readonly sync: Duration;
  readonly syncJitter: Duration;
  /** Of each server: seconds of its clock in a second, and how much it is ahead. */
  readonly clocks: readonly { readonly rate: number; readonly ahead: Duration }[];
}

const MOST_SERVERS = 7;
const VOTERS = [1, 2, 2, 3, 3, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 7];

/** Between `least` and `most` times of a duration. */
const times = (random: Xoshiro, duration: number, least: number, most: number): Duration =>
  Math.floor(duration * (least + random.fraction() * (most - least))) as Duration;

export function drawSetting(random: Xoshiro): Setting {
  const voters = random.pick(VOTERS);
  const servers = Math.min(MOST_SERVERS, voters + random.pick([0, 0, 1, 2]));
  const config = drawConfig(random);
  const timeout = config.electionTimeout;
  const spread = config.leaseReads ? config.clockRatio - 1 : 0.03;
  const extreme = random.chance(0.3);
  const clocks = Array.from({ length: servers }, () => ({
    rate: 1 + spread * (extreme ? random.integer(2) : random.fraction()),
    ahead: random.chance(0.5) ? ZERO : times(random, timeout, 0, 20),
  }));
  return {
    servers,
    voters,
    config,
    delay: times(random, milliseconds(1), 0.2, 2),
    jitter: random.pick([ZERO, milliseconds(2), times(random, timeout, 0, 0.04)]),
    sync: random.pick([ZERO, milliseconds(1), milliseconds(5)]),
    syncJitter: random.pick([ZERO, milliseconds(3), times(random, timeout, 0, 0.04)]),
    clocks,
  };
}

/** A released profile, or one of the ways in between that are as safe. */
function drawConfig(random: Xoshiro): RaftConfig {
  const { paper, etcd, hashicorp, partita } = PROFILES;
  const base = random.pick([partita, partita, partita, partita, paper, etcd, hashicorp, consul(1)]);
  const timed = withTimers(random, { ...base, transport: 'message' });
  const config = base === partita ? withHabits(random, timed) : timed;
  const limited = withLimits(random, config);
  return problems(limited).length === 0 ? limited : timed;
}

/** Timers of other lengths, in the same proportions. */
function withTimers(random: Xoshiro, config: RaftConfig): RaftConfig {
  const electionTimeout = times(random, milliseconds(1), 150, 1000);
  const beat = config.checkQuorum === 'lease' || config.electionTimer === 'ticks' ? 10 : random.pick([5, 8, 10]);
  return {
    ...config,
    electionTimeout,
    electionSpread: times(random, electionTimeout, 0.6, 1),
    candidateTimeout: random.chance(0.7) ? electionTimeout : times(random, electionTimeout, 0.6, 1),
    heartbeatInterval: Math.floor(electionTimeout / beat) as Duration,
    leaderLease: Math.floor(electionTimeout / 2) as Duration,
    commitTimeout: Math.floor(electionTimeout / 20) as Duration,
    diskPatience: random.pick([ZERO, electionTimeout, times(random, electionTimeout, 0.5, 1)]),
  };
}

/** Whom a voter asks before, to whom it is loyal, and how a leader finds out that it is none: only together do they make sense. */
const LOYALTY: readonly Partial<RaftConfig>[] = [
  { preVote: true, stickiness: 'window', checkQuorum: 'sliding' },
  { preVote: true, stickiness: 'window', checkQuorum: 'sliding' },
  { preVote: true, stickiness: 'window', checkQuorum: 'windows' },
  { preVote: true, stickiness: 'window', checkQuorum: 'lease' },
  { preVote: true, stickiness: 'known', checkQuorum: 'windows' },
  { preVote: true, stickiness: 'named', checkQuorum: 'lease' },
  { preVote: true, stickiness: 'named', checkQuorum: 'sliding' },
  { preVote: false, stickiness: 'window', checkQuorum: 'sliding' },
  { preVote: false, stickiness: 'off', checkQuorum: 'off' },
  { preVote: false, stickiness: 'off', checkQuorum: 'off' },
];

function withHabits(random: Xoshiro, config: RaftConfig): RaftConfig {
  const loyalty = random.pick(LOYALTY);
  // Whoever looks now and then takes a vote that it gave for a sign of a leader, and is loyal to a name only; whoever counts in ticks counts loyalty in them, too.
  const timers = {
    named: ['restarted', 'polled'],
    known: ['restarted', 'ticks'],
    off: ['restarted', 'ticks'],
    window: ['restarted'],
  } as const;
  const electionTimer = random.pick<RaftConfig['electionTimer']>(timers[loyalty.stickiness ?? 'off']);
  const commitNews = random.pick(['immediate', 'immediate', 'piggyback', 'timeout'] as const);
  return {
    ...config,
    ...loyalty,
    electionTimer,
    commitNews,
    heartbeat: random.chance(0.8) ? 'together' : 'per peer',
    leaseReads: loyalty.stickiness === 'window' && random.chance(0.8),
    clockRatio: random.pick([1.001, 1.02, 1.1]),
    yieldsWhenRefused: random.chance(0.7),
    rejectHints: random.pick(['terms', 'terms', 'last index', 'none']),
    writesBeforeSending: random.chance(0.25),
    commitHint: random.chance(0.3),
    learnerKeepsVoter: random.chance(0.3),
    forwarding: random.pick(['none', 'none', 'repeatable']),
  };
}

function withLimits(random: Xoshiro, config: RaftConfig): RaftConfig {
  const { electionTimeout } = config;
  return {
    ...config,
    maxInflight: random.pick([1, 2, 4, 64]),
    maxEntries: random.pick([1, 2, 8, 64]),
    maxMessageBytes: random.pick([30, 1 << 20]),
    maxInflightBytes: random.pick([100, 1 << 20]),
    maxUncommittedBytes: random.pick([300, 64 << 20]),
    snapshotThreshold: random.pick([0, 4, 10, 30]),
    snapshotTrailing: random.pick([0, 1, 5, 15]),
    snapshotChunk: random.pick([50_000, 1 << 20]),
    sessionTimeToLive: random.chance(0.5) ? config.sessionTimeToLive : times(random, electionTimeout, 2, 20),
    maxSessions: random.pick([2, 10]),
  };
}

/** Whether servers that cannot win, or do not belong, disturb nobody: they ask before they campaign, and voters are loyal. */
export const isLoyal = ({ preVote, stickiness, checkQuorum }: RaftConfig): boolean =>
  preVote && stickiness !== 'off' && checkQuorum !== 'off';

/** Whether a change of the members always comes to an end, whoever leaves by it. */
export const canChange = (config: RaftConfig): boolean =>
  isLoyal(config) && config.leavingMayCampaign && config.activation === 'append' && !config.votesForVotersOnly;
