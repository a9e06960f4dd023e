import { formatAddress } from '../../../core/address.ts';
import type { Endpoint } from '../../../core/names.ts';
import type { JoinReply } from '../../../core/serf/interface.ts';
import type { Duration } from '../../../core/time.ts';
import type { ProcessApi } from '../program.ts';
import { type Purpose, Timer } from './serf-agent-state.ts';
import { goDuration } from './serf-duration.ts';
import { shutDown } from './serf-leaving.ts';
import { log, streamLog } from './serf-log.ts';
import { parseJoin } from './serf-place.ts';
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
  const endpoints: Endpoint[] = [];
  for (const text of addresses) {
    const endpoint = endpointOf(agent, text);
    if (endpoint === undefined) log(agent, `[WARN] memberlist: ${unresolved(text)}`, process);
    else endpoints.push(endpoint);
  }
  agent.command({ command: 'join', addresses: endpoints, ignoreOld: !replay }, purpose, process);
}

function endpointOf({ placement, names }: SerfAgent, text: string): Endpoint | undefined {
  const place = parseJoin(text, placement.bind.port);
  return place === undefined ? undefined : names.endpoint(place.address, place.port);
}

/** There are no names to look up. */
const unresolved = (text: string): string => `Failed to resolve ${text}: lookup ${text}: no such host`;

/** What a join came to. */
export interface JoinOutcome {
  readonly contacted: number;
  /** Absent when anybody was contacted. */
  readonly error: string | undefined;
}

/** What a join of these addresses came to, which the log is told. */
export function joined(agent: SerfAgent, addresses: readonly string[], result: unknown, process: ProcessApi): JoinOutcome {
  const { contacted, problems, error } = result as JoinReply;
  const failed = addresses.flatMap((text) => {
    const endpoint = endpointOf(agent, text);
    if (endpoint === undefined) return [unresolved(text)];
    const problem = problems.find(({ address }) => address === endpoint);
    return problem === undefined ? [] : [`Failed to join ${formatAddress(agent.names.address(endpoint))}: ${problem.problem}`];
  });
  const outcome: JoinOutcome = { contacted, error: contacted > 0 ? undefined : (error ?? listed(failed)) };
  if (contacted > 0) log(agent, `[INFO] agent: joined: ${contacted} nodes`, process);
  if (outcome.error !== undefined) log(agent, `[WARN] agent: error joining: ${outcome.error}`, process);
  return outcome;
}

/** Errors as HashiCorp's multierror lists them. It ends with an empty line. */
function listed(errors: readonly string[]): string {
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
export function joinDiscovered(agent: SerfAgent, found: readonly Endpoint[], process: ProcessApi): void {
  const { names } = agent;
  const addresses = found.map((to) => `${formatAddress(names.address(to))}:${names.port(to)}`);
  join(agent, addresses, { for: 'discovery', addresses }, agent.replays, process);
}

export function joinedDiscovered(
  agent: SerfAgent,
  { contacted, error }: JoinOutcome,
  result: unknown,
  process: ProcessApi,
): void {
  if (error !== undefined) log(agent, `[ERR] agent.mdns: Failed to join: ${error}`, process);
  if (contacted > 0) log(agent, `[INFO] agent.mdns: Joined ${contacted} hosts`, process);
  const { problems } = result as JoinReply;
  if (problems.length > 0)
    agent.undiscovered(
      problems.map(({ address }) => address),
      process,
    );
}

/** An attempt of `-retry-join`. */
export function retry(agent: SerfAgent, process: ProcessApi): void {
  const { retry_join: addresses = [] } = agent.setup.config;
  log(agent, `[INFO] agent: Joining cluster...(replay: ${agent.replays})`, process);
  join(agent, addresses, { for: 'retry', addresses }, agent.replays, process);
}

export function retried(agent: SerfAgent, { contacted, error }: JoinOutcome, process: ProcessApi): void {
  const { retry_max_attempts: most, retry_interval: interval } = agent.setup.config;
  if (error === undefined) {
    return log(agent, `[INFO] agent: Join completed. Synced with ${contacted} initial agents`, process);
  }
  agent.state.attempts++;
  if (most > 0 && agent.state.attempts > most) {
    log(agent, '[ERR] agent: maximum retry join attempts made, exiting', process);
    return shutDown(agent, 1, process);
  }
  log(agent, `[WARN] agent: Join failed: ${error}, retrying in ${goDuration(interval)}`, process);
  process.setTimer(Timer.retry, interval as Duration);
}
