import { formatAddress } from '../../../core/address.ts';
import type { Endpoint } from '../../../core/names.ts';
import type { JoinReply } from '../../../core/serf/interface.ts';
import { type Duration, formatDuration, inSeconds, seconds } from '../../../core/time.ts';
import type { ProcessApi } from '../program.ts';
import { parseJoin } from './serf-agent-options.ts';
import { type Purpose, Timer } from './serf-agent-state.ts';
import { shutDown } from './serf-leaving.ts';
import { log, streamLog } from './serf-log.ts';
import type { SerfAgent } from './serf-program.ts';

/** Joins the members at these addresses, which are written as somebody typed them. */
export function join(
  agent: SerfAgent,
  addresses: readonly string[],
  purpose: Purpose,
  replay: boolean,
  process: ProcessApi,
): void {
  log(agent, `[INFO] agent: joining: [${addresses.join(' ')}] replay: ${replay}`, process);
  const endpoints = addresses.flatMap((text) => {
    const place = parseJoin(text, agent.placement.bind.port);
    return place === undefined ? [] : [agent.names.endpoint(place.address, place.port)];
  });
  agent.command({ command: 'join', addresses: endpoints }, purpose, process);
}

/** What a join came to. */
export interface JoinOutcome {
  readonly contacted: number;
  /** Absent when anybody was contacted. */
  readonly error: string | undefined;
}

/** What a join came to, which the log is told. */
export function joined(agent: SerfAgent, result: unknown, process: ProcessApi): JoinOutcome {
  const { contacted, problems, error } = result as JoinReply;
  const { names } = agent;
  const failed = problems.map(({ address, problem }) => `Failed to join ${formatAddress(names.address(address))}: ${problem}`);
  const outcome: JoinOutcome = { contacted, error: contacted > 0 ? undefined : (error ?? listed(failed)) };
  if (contacted > 0) log(agent, `[INFO] agent: joined: ${contacted} nodes`, process);
  if (outcome.error !== undefined) log(agent, `[WARN] agent: error joining: ${outcome.error}`, process);
  return outcome;
}

/** Errors as HashiCorp's multierror lists them. It ends with an empty line. */
export function listed(errors: readonly string[]): string {
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return `${count} occurred:\n${errors.map((error) => `\t* ${error}\n`).join('')}\n`;
}

/** After `-join`. */
export function joinedAtStart(agent: SerfAgent, { contacted, error }: JoinOutcome, process: ProcessApi): void {
  if (error !== undefined) {
    process.print(`==> ${error}`);
    return shutDown(agent, 1, process);
  }
  process.print(`    Join completed. Synced with ${contacted} initial agents`);
  streamLog(agent, process);
  agent.running(process);
}

/** Joins those that multicast DNS found; they are written with their ports. */
export function joinDiscovered(agent: SerfAgent, addresses: readonly Endpoint[], process: ProcessApi): void {
  const { names } = agent;
  const written = addresses.map((to) => `${formatAddress(names.address(to))}:${names.port(to)}`);
  join(agent, written, { for: 'discovery' }, agent.options.replay, process);
}

export function joinedDiscovered(agent: SerfAgent, { contacted, error }: JoinOutcome, process: ProcessApi): void {
  if (error !== undefined) log(agent, `[ERR] agent.mdns: Failed to join: ${error}`, process);
  if (contacted > 0) log(agent, `[INFO] agent.mdns: Joined ${contacted} hosts`, process);
}

/** An attempt of `-retry-join`. */
export function retry(agent: SerfAgent, process: ProcessApi): void {
  const { retryJoin, replay } = agent.options;
  log(agent, `[INFO] agent: Joining cluster...(replay: ${replay})`, process);
  join(agent, retryJoin, { for: 'retry' }, replay, process);
}

export function retried(agent: SerfAgent, { contacted, error }: JoinOutcome, process: ProcessApi): void {
  const { retryMax, retryInterval } = agent.options;
  if (error === undefined) {
    return log(agent, `[INFO] agent: Join completed. Synced with ${contacted} initial agents`, process);
  }
  agent.state.attempts++;
  if (retryMax > 0 && agent.state.attempts > retryMax) {
    log(agent, '[ERR] agent: maximum retry join attempts made, exiting', process);
    return shutDown(agent, 1, process);
  }
  log(agent, `[WARN] agent: Join failed: ${error}, retrying in ${goDuration(retryInterval)}`, process);
  process.setTimer(Timer.retry, retryInterval);
}

/** A duration as Go writes it: `30s`, `1m30s`, `1h0m0s`. */
function goDuration(duration: Duration): string {
  const all = Math.floor(inSeconds(duration));
  if (all < 60) return formatDuration(duration);
  const rest = formatDuration((duration % seconds(60)) as Duration);
  const hours = Math.floor(all / 3600);
  return `${hours > 0 ? `${hours}h` : ''}${Math.floor(all / 60) % 60}m${rest}`;
}
