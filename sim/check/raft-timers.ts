import type { RaftConfig } from '../../core/raft/config.ts';
import { type Circumstances, leaderBound } from '../../core/raft/liveness.ts';
import { consul } from '../../core/raft/profiles.ts';
import { type Duration, nanoseconds } from '../../core/time.ts';
import { readServer } from '../host/commands/kvd-options.ts';
import { exactly } from '../host/commands/options.ts';
import { almostMost } from '../network/distribution.ts';
import type { Plan } from '../scenario/plan.ts';

/** What bears on how long the servers of Raft of a plan may take for something. */
export interface RaftTimers {
  /** Of each command line that starts one. */
  readonly configs: readonly RaftConfig[];
  readonly circumstances: Circumstances;
  /** Seconds in which the slowest clock counts one. */
  readonly slowness: number;
}

/** Linux retransmits after two minutes at the latest: so long a connection may take to notice that its way is whole again. */
const RETRANSMISSION = 120_000_000_000;

export function raftTimersOf(plan: Plan): RaftTimers {
  const { segments } = plan.topology;
  const links = segments.map(({ link }) => link);
  const latency = links.reduce(
    (sum, { delay, reorder }) => sum + almostMost(delay) + (reorder === undefined ? 0 : almostMost(reorder.by)),
    0,
  );
  const arrives = links.reduce((product, { loss, corrupt }) => product * (1 - loss) * (1 - corrupt), 1);
  const write = Math.max(0, ...plan.hosts.map(({ disk }) => (disk.sync ?? 0) + (disk.write ?? 0)));
  const lines = plan.timeline.flatMap((step) => (step.type === 'run' ? [step.line] : []));
  const texts = [...lines, ...plan.hosts.flatMap(({ files }) => [...files.values()])].join('\n');
  const servers = lines.filter((line) => /\bkvd\b|\bconsul +agent\b/.test(line));
  const multiplier = Number(/"raft_multiplier"\s*:\s*(\d+)/.exec(texts)?.[1] ?? 5);
  const drifts = [
    ...plan.hosts.map(({ clock }) => clock.drift),
    ...plan.timeline.flatMap((step) => (step.type === 'drift' ? [step.drift] : [])),
  ];
  return {
    configs: servers.map((line) => kvdConfig(line) ?? consul(multiplier)),
    circumstances: {
      servers: Math.max(1, servers.length),
      loss: 1 - arrives,
      latency: nanoseconds(latency),
      write: nanoseconds(write),
    },
    slowness: 1 / (1 + Math.min(0, ...drifts) / 1_000_000),
  };
}

/** The settings of a server of `kvd` that a command line starts. */
function kvdConfig(line: string): RaftConfig | undefined {
  const words = (line.match(/(?:[^\s"';]|"[^"]*"|'[^']*')+/g) ?? []).map((word) => word.replace(/["']/g, ''));
  const place = words.indexOf('kvd');
  return place < 0 ? undefined : readServer(exactly(words.slice(place + 1)), () => undefined).config;
}

/** The longest of something over all servers of a plan, by the slowest clock. */
export function longest({ configs, slowness }: RaftTimers, of: (config: RaftConfig) => number): Duration {
  return nanoseconds(Math.ceil(slowness * Math.max(0, ...configs.map(of))));
}

/** How long it may take until one leads whom all hear, from when nothing more is done to them. */
export const leadershipBound = (timers: RaftTimers): Duration =>
  longest(timers, (config) => leaderBound(config, timers.circumstances) + (config.transport === 'stream' ? RETRANSMISSION : 0));

/**
 * Whether messages and writes are so fast that elections can be expected to end: a round of them is over well before it is tried again. Where leaders fall silent
 * nobody may look for one that died.
 */
export const isFastEnough = ({ configs, circumstances: { latency, write, loss } }: RaftTimers): boolean =>
  loss <= 0.5 &&
  configs.every(
    ({ candidateTimeout, electionTimeout, quiescence }) =>
      !quiescence && 4 * latency + 2 * write < Math.min(candidateTimeout, electionTimeout),
  );
