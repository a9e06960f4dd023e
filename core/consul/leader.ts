import { unreachable } from '../assert.ts';
import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { includes } from '../raft/configuration.ts';
import type { ChangeStep, RaftReply } from '../raft/interface.ts';
import { type Instant, milliseconds } from '../time.ts';
import { prune, startAutopilot, stopAutopilot } from './autopilot-loop.ts';
import type { Consul } from './consul.ts';
import type { ConsulMessage } from './message.ts';
import { settle, wordsFor } from './requests.ts';
import { type Job, type Leadership, Timer } from './state.ts';

/** Raft was busy with another change. */
const BUSY_PAUSE = milliseconds(50);

/** This server was elected: it acts as soon as everything before is applied. */
export function elected(consul: Consul, now: Instant, term: number, out: Out<ConsulMessage>): void {
  consul.state.leadership = {
    term,
    established: false,
    startedAt: now,
    health: new Map(),
    stats: new Map(),
    jobs: [],
    changing: false,
  };
  out.log('[INFO] consul: cluster leadership acquired');
  establish(consul, now, out);
}

/** Waits until its state is that of all leaders before. */
export function establish(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  if (consul.state.leadership?.established === false) consul.ask(now, { for: 'barrier' }, { command: 'barrier' }, out);
}

export function barrierPassed(consul: Consul, now: Instant, reply: RaftReply, out: Out<ConsulMessage>): void {
  const { state, config } = consul;
  const { leadership } = state;
  if (leadership === undefined || leadership.established) return;
  if (reply.outcome !== 'ok') {
    out.log(`[ERR] consul: failed to wait for barrier: ${reply.problem}`);
    return out.setTimer(Timer.establish, 0, config.retryInterval);
  }
  leadership.established = true;
  leadership.startedAt = now;
  if (config.autopilot.enabled) startAutopilot(consul, now, out);
  reconcileAll(consul, now, out);
}

export function deposed(consul: Consul, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  if (leadership === undefined) return;
  consul.state.leadership = undefined;
  out.log('[INFO] consul: cluster leadership lost');
  out.cancelTimer(Timer.reconcile, 0);
  out.cancelTimer(Timer.establish, 0);
  out.cancelTimer(Timer.jobs, 0);
  stopAutopilot(consul, out);
  for (const { origin } of leadership.jobs) {
    if (origin !== undefined) settle(consul, origin, { ok: false, error: 'leadership lost while committing log' }, true, out);
  }
}

/** Compares all members with the configuration. */
export function reconcileAll(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  out.setTimer(Timer.reconcile, 0, consul.config.reconcileInterval);
  for (const { name, status } of consul.servers()) {
    if (status === 'alive') enqueue(consul, now, { type: 'admit', name }, out);
    else if (status === 'left') enqueue(consul, now, { type: 'depart', name }, out);
  }
}

/** Puts something to be done about a server at the end of the queue, unless it waits there already. */
export function enqueue(consul: Consul, now: Instant, job: Job, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  if (leadership === undefined) return;
  const { jobs, changing } = leadership;
  const waiting = changing ? jobs.slice(1) : jobs;
  if (job.origin !== undefined || !waiting.some(({ type, name }) => type === job.type && name === job.name)) jobs.push(job);
  work(consul, now, out);
}

/** Does what is to be done, one change after another. */
export function work(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  if (leadership === undefined || !leadership.established) return;
  while (!leadership.changing) {
    const [job] = leadership.jobs;
    if (job === undefined) return;
    const step = nextStep(consul, job, out);
    if (step === undefined) {
      leadership.jobs.shift();
      continue;
    }
    leadership.changing = true;
    announce(consul, job, step, out);
    consul.ask(now, { for: 'job' }, { command: 'change', steps: [step] }, out);
    if (consul.state.leadership !== leadership) return;
  }
}

/** What is to be changed first; undefined when nothing is. Found out when it is its turn, as much may have changed. */
function nextStep(consul: Consul, { type, name }: Job, out: Out<ConsulMessage>): ChangeStep | undefined {
  const { config } = consul.raft.status();
  switch (type) {
    case 'admit':
      return admissionStep(consul, name, out);
    case 'depart':
      // It may have come back meanwhile.
      return consul.server(name)?.status === 'alive' ? undefined : consul.rules.departureOf(name, consul.self.name, config)[0];
    case 'remove':
      return includes([...config.voters, ...config.learners], name) ? { type: 'remove', name } : undefined;
    case 'promote': {
      const server = config.learners.find((each) => each.name === name);
      return server === undefined ? undefined : { type: 'voter', server };
    }
    default:
      return unreachable(type);
  }
}

function admissionStep(consul: Consul, name: NameId, out: Out<ConsulMessage>): ChangeStep | undefined {
  const { config, names, raft } = consul;
  const server = consul.server(name);
  if (server?.status !== 'alive' || server.datacenter !== config.datacenter) return undefined;
  const admission = consul.rules.admissionOf(server, consul.servers(), raft.status().config, !config.autopilot.enabled);
  switch (admission.type) {
    case 'change':
      return admission.steps[0];
    case 'two bootstraps': {
      const both = `'${names.text(name)}' and '${names.text(admission.other.name)}' are both in bootstrap mode.`;
      out.log(`[ERR] consul: ${both} Only one node should be in bootstrap mode, not adding Raft peer.`);
      return undefined;
    }
    case 'unsafe':
      out.log(`[ERR] consul: failed to add raft peer: removing the others at ${consul.where(server.endpoint)} is not safe`);
      return undefined;
    default:
      return undefined;
  }
}

function announce(consul: Consul, job: Job, step: ChangeStep, out: Out<ConsulMessage>): void {
  const { names } = consul;
  if (job.type === 'promote' && step.type === 'voter') {
    const { name, endpoint } = step.server;
    out.log(`[INFO] autopilot: Promoting server (ID: "${names.text(name)}" Address: "${consul.where(endpoint)}") to voter`);
    consul.announce({ type: 'autopilot', action: 'promote', server: names.text(name) }, out);
  } else if (step.type === 'remove') {
    out.log(`[INFO] consul: removing server by ID: "${names.text(step.name)}"`);
  }
}

/** Raft has done the first of what is to be done, or has not. What failed is tried again at the next comparison of all. */
export function jobAnswered(consul: Consul, now: Instant, reply: RaftReply, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  const [job] = leadership?.jobs ?? [];
  if (leadership === undefined || job === undefined || !leadership.changing) return;
  leadership.changing = false;
  if (reply.outcome === 'ok') return jobDone(consul, now, leadership, job, out);
  if (reply.problem === 'change in progress' || reply.problem === 'leader not ready') {
    leadership.changing = true;
    return out.setTimer(Timer.jobs, 0, BUSY_PAUSE);
  }
  leadership.jobs.shift();
  const { names } = consul;
  const what = job.type === 'admit' || job.type === 'promote' ? 'add raft peer' : 'remove raft peer';
  out.log(`[ERR] consul: failed to ${what} '${names.text(job.name)}': ${reply.problem}`);
  if (job.origin !== undefined) settle(consul, job.origin, { ok: false, error: wordsFor(reply.problem) }, true, out);
  work(consul, now, out);
}

function jobDone(consul: Consul, now: Instant, { jobs }: Leadership, job: Job, out: Out<ConsulMessage>): void {
  // A server is admitted in several steps when others have its address.
  if (job.type !== 'admit' || nextStep(consul, job, out) === undefined) {
    jobs.shift();
    if (job.origin !== undefined) settle(consul, job.origin, { ok: true, result: true }, true, out);
    if (job.type === 'admit') prune(consul, now, out);
  }
  work(consul, now, out);
}

/** Raft may be free again. */
export function jobsDue(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  if (leadership === undefined) return;
  leadership.changing = false;
  work(consul, now, out);
}
