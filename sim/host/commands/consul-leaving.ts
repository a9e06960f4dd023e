import type { DoneReply } from '../../../core/serf/interface.ts';
import { formatDuration, seconds } from '../../../core/time.ts';
import type { ProcessApi, Signal } from '../program.ts';
import type { ConsulAgent } from './consul-program.ts';

/** The timers of an agent: to join as it was told, to try that again, to serve what is under way, and to wait for its departure no longer. */
export const Timer = { join: 0, retry: 1, drain: 2, grace: 3 } as const;

/** A departure asked for by a signal may take so long. */
const GRACE = seconds(15);

/** A signal ends the agent: in order, or at once, as it was configured. */
export function signalled(agent: ConsulAgent, signal: Signal, word: string, process: ProcessApi): void {
  const { state, setup } = agent;
  if (state.leaving?.bySignal === true) {
    agent.say(`[INFO] agent: Caught second signal ${word}. Exiting`, process);
    return agent.shutDown(1, process);
  }
  agent.say(`[INFO] agent: Caught signal:  ${word}`, process);
  if (signal === 'HUP') return agent.say('[INFO] agent: Reloading configuration...', process);
  const isGraceful = signal === 'INT' ? setup.leavesOnInterrupt : setup.leavesOnTerminate;
  if (!isGraceful) {
    agent.say('[INFO] agent: Graceful shutdown disabled. Exiting', process);
    return agent.shutDown(1, process);
  }
  agent.say('[INFO] agent: Gracefully shutting down agent...', process);
  process.setTimer(Timer.grace, GRACE);
  begin(agent, undefined, process);
}

/** `consul leave` */
export function leave(agent: ConsulAgent, request: number, process: ProcessApi): void {
  agent.say('[INFO] agent: Graceful leave triggered', process);
  begin(agent, request, process);
}

function begin(agent: ConsulAgent, request: number | undefined, process: ProcessApi): void {
  const { state } = agent;
  const requests = [...(state.leaving?.requests ?? []), ...(request === undefined ? [] : [request])];
  const isUnderWay = state.leaving !== undefined;
  state.leaving = { requests, bySignal: request === undefined || state.leaving?.bySignal === true };
  if (!isUnderWay) agent.consul({ command: 'prepare-leave' }, process, { for: 'prepare' });
}

/** The next step: leave gossip, serve what is under way for a while, wait to be removed, stop. */
export function leaveGoesOn(
  agent: ConsulAgent,
  done: 'prepare' | 'serf-leave' | 'removal',
  result: unknown,
  process: ProcessApi,
): void {
  switch (done) {
    case 'prepare':
      return agent.serf({ command: 'leave' }, { for: 'serf-leave' }, process);
    case 'serf-leave': {
      const { error } = result as DoneReply;
      if (error !== undefined) agent.say(`[ERR] consul: failed to leave LAN Serf cluster: ${error}`, process);
      if (agent.own.server === undefined) return finish(agent, process);
      const { leaveDrainTime } = agent;
      agent.say(`[INFO] consul: Waiting ${formatDuration(leaveDrainTime)} to drain RPC traffic`, process);
      return process.setTimer(Timer.drain, leaveDrainTime);
    }
    case 'removal':
      return finish(agent, process);
  }
}

export function drained(agent: ConsulAgent, process: ProcessApi): void {
  agent.consul({ command: 'await-removal' }, process, { for: 'removal' });
}

function finish(agent: ConsulAgent, process: ProcessApi): void {
  const { leaving } = agent.state;
  process.cancelTimer(Timer.grace);
  for (const request of leaving?.requests ?? []) agent.answer(request, { type: 'done' }, process);
  if (leaving?.bySignal === true) agent.say('[INFO] agent: Graceful exit completed', process);
  agent.shutDown(0, process);
}
