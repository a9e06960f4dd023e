import { formatAddress } from '../../../core/address.ts';
import type { Endpoint } from '../../../core/names.ts';
import type { JoinReply } from '../../../core/serf/interface.ts';
import type { Duration } from '../../../core/time.ts';
import type { ProcessApi } from '../program.ts';
import { Timer } from './consul-leaving.ts';
import { SERF_PORT } from './consul-options.ts';
import type { ConsulAgent, Purpose } from './consul-program.ts';
import { goDuration } from './serf-duration.ts';
import { parseJoin } from './serf-place.ts';

/** Joins the members at these addresses, which are written as somebody typed them. */
export function join(agent: ConsulAgent, addresses: readonly string[], purpose: Purpose, process: ProcessApi): void {
  agent.say(`[INFO] agent: (LAN) joining: [${addresses.join(' ')}]`, process);
  const endpoints = addresses.flatMap((text) => endpointOf(agent, text) ?? []);
  agent.serf({ command: 'join', addresses: endpoints, ignoreOld: true }, purpose, process);
}

function endpointOf({ own }: ConsulAgent, text: string): Endpoint | undefined {
  const place = parseJoin(text, SERF_PORT);
  return place === undefined ? undefined : own.names.endpoint(place.address, place.port);
}

/** What a join came to. */
export interface JoinOutcome {
  readonly contacted: number;
  /** Absent when anybody was contacted. */
  readonly error: string | undefined;
}

/** What a join of these addresses came to, which the log is told. */
export function joined(agent: ConsulAgent, addresses: readonly string[], result: unknown, process: ProcessApi): JoinOutcome {
  const { contacted, problems, error } = result as JoinReply;
  const failed = addresses.flatMap((text) => {
    const endpoint = endpointOf(agent, text);
    if (endpoint === undefined) return [`Failed to resolve ${text}: lookup ${text}: no such host`];
    const problem = problems.find(({ address }) => address === endpoint);
    if (problem === undefined) return [];
    return [`Failed to join ${formatAddress(agent.own.names.address(endpoint))}: ${problem.problem}`];
  });
  const outcome: JoinOutcome = { contacted, error: contacted > 0 ? undefined : (error ?? listed(failed)) };
  const level = outcome.error === undefined ? 'INFO' : 'WARN';
  agent.say(`[${level}] agent: (LAN) joined: ${contacted} Err: ${outcome.error ?? '<nil>'}`, process);
  return outcome;
}

/** Errors as HashiCorp's multierror lists them. It ends with an empty line. */
function listed(errors: readonly string[]): string {
  const count = errors.length === 1 ? '1 error' : `${errors.length} errors`;
  return `${count} occurred:\n${errors.map((error) => `\t* ${error}\n`).join('')}\n`;
}

/** After `-join`: an agent that reached nobody does not start. */
export function joinedAtStart(agent: ConsulAgent, { error }: JoinOutcome, process: ProcessApi): void {
  if (error === undefined) return;
  process.print(`==> ${error}`);
  agent.shutDown(1, process);
}

/** An attempt of `-retry-join`. */
export function retry(agent: ConsulAgent, process: ProcessApi): void {
  const { retry_join: addresses = [] } = agent.setup.settings;
  agent.say('[INFO] agent: Joining LAN cluster...', process);
  join(agent, addresses, { for: 'retry', addresses }, process);
}

export function retried(agent: ConsulAgent, { contacted, error }: JoinOutcome, process: ProcessApi): void {
  const { retry_max: most, retry_interval: interval } = agent.setup.settings;
  if (error === undefined) return agent.say(`[INFO] agent: Join LAN completed. Synced with ${contacted} initial agents`, process);
  agent.state.attempts++;
  if (most > 0 && agent.state.attempts > most) {
    agent.say('[ERR] agent: max join LAN retry exhausted, exiting', process);
    return agent.shutDown(1, process);
  }
  agent.say(`[WARN] agent: Join LAN failed: ${error}, retrying in ${goDuration(interval)}`, process);
  process.setTimer(Timer.retry, interval as Duration);
}
