import type { Out } from '../protocol.ts';
import { type Instant, seconds } from '../time.ts';
import { MOST_ATTEMPTS, waitAfter } from './bootstrap.ts';
import type { Consul } from './consul.ts';
import type { ConsulNotice } from './interface.ts';
import type { ConsulMessage } from './message.ts';
import { callServer } from './rpc.ts';
import { Cell, Timer } from './state.ts';

/** A server has joined: perhaps enough of them know each other now to start a cluster (Consul's maybeBootstrap). */
export function maybeBootstrap(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { state, config, names } = consul;
  if (state.expect === 0 || state.survey !== undefined) return;
  if (consul.raft.status().lastIndex > 0) return stopExpecting(consul, out);
  const readiness = consul.rules.readinessOf(consul.servers(), state.expect, config.datacenter);
  if (readiness.type === 'wait') return;
  if (readiness.type === 'ask') {
    state.survey = { servers: readiness.servers, position: 0, attempt: 0 };
    return askNext(consul, now, out);
  }
  const name = names.text(readiness.with.name);
  out.log(
    readiness.over === 'expect'
      ? `[ERR] consul: Member ${name} has a conflicting expect value. All nodes should expect the same number.`
      : `[ERR] consul: Member ${name} has bootstrap mode. Expect disabled.`,
  );
}

/** From now on this server waits to be told of a cluster by its leader. */
function stopExpecting(consul: Consul, out: Out<ConsulMessage>): void {
  const { state } = consul;
  state.expect = 0;
  state.survey = undefined;
  out.cell(consul.self.name, Cell.expect, 0);
  const notice: ConsulNotice = { type: 'consul-expect-off' };
  out.announce(notice);
}

export function askNext(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { survey } = consul.state;
  const server = survey?.servers[survey.position];
  if (survey === undefined) return;
  if (server === undefined) return bootstrap(consul, now, out);
  if (server.name === consul.self.name) return peersReported(consul, now, consul.countPeers(), out);
  const { rpcTimeout } = consul.config;
  callServer(consul, { for: 'survey', to: server.rpc }, (call) => ({ type: 'peers-call', call }), rpcTimeout, out);
}

/** A server has said how many peers it has. @param count undefined when it could not be asked */
export function peersReported(consul: Consul, now: Instant, count: number | undefined, out: Out<ConsulMessage>): void {
  const { survey } = consul.state;
  const server = survey?.servers[survey.position];
  if (survey === undefined || server === undefined) return;
  const name = consul.names.text(server.name);
  if (count !== undefined && count > 0) {
    out.log(`[INFO] consul: Existing Raft peers reported by ${name}, disabling bootstrap mode`);
    return stopExpecting(consul, out);
  }
  if (count === undefined) {
    const wait = waitAfter(survey.attempt++);
    const problem = 'rpc error getting client: failed to get conn';
    out.log(`[ERR] consul: Failed to confirm peer status for ${name}: ${problem}. Retrying in ${wait}s...`);
    // After the last attempt it waits too, and then takes the server for one without peers.
    return out.setTimer(Timer.survey, 0, seconds(wait));
  }
  survey.position++;
  survey.attempt = 0;
  askNext(consul, now, out);
}

/** The time to wait after an attempt is over. */
export function surveyResumed(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { survey } = consul.state;
  if (survey === undefined) return;
  if (survey.attempt >= MOST_ATTEMPTS) {
    survey.position++;
    survey.attempt = 0;
  }
  askNext(consul, now, out);
}

/** Nobody knows of a cluster: every one of them starts it, by itself, with the same configuration. */
function bootstrap(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { survey } = consul.state;
  if (survey === undefined) return;
  const { voters, learners } = consul.rules.firstConfiguration(survey.servers);
  const addresses = survey.servers.map(({ endpoint }) => consul.where(endpoint));
  out.log(`[INFO] consul: Found expected number of peers, attempting bootstrap: ${addresses.join(',')}`);
  const servers = survey.servers.map(({ name }) => consul.names.text(name));
  stopExpecting(consul, out);
  const notice: ConsulNotice = { type: 'consul-bootstrap', servers };
  out.announce(notice);
  consul.ask(now, { for: 'bootstrap' }, { command: 'bootstrap', voters, learners }, out);
}
