import type { NameId } from '../names.ts';
import type { Out } from '../protocol.ts';
import { membersOf } from '../raft/configuration.ts';
import type { Instant } from '../time.ts';
import { failureTolerance, healthAfter, isHealthy, type Stats } from './autopilot.ts';
import type { Consul } from './consul.ts';
import { enqueue } from './leader.ts';
import type { ConsulMessage } from './message.ts';
import { callServer } from './rpc.ts';
import { Cell, Timer } from './state.ts';

export function startAutopilot(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  out.setTimer(Timer.autopilot, 0, consul.config.autopilot.reconcileInterval);
  askHealth(consul, now, out);
}

export function stopAutopilot(consul: Consul, out: Out<ConsulMessage>): void {
  for (const timer of [Timer.autopilot, Timer.stats, Timer.health]) out.cancelTimer(timer, 0);
  showHealth(consul, out);
}

/** Shows how many servers are healthy, and how many voters may yet die. */
function showHealth(consul: Consul, out: Out<ConsulMessage>): void {
  visitHealth(consul, (field, value) => out.cell(consul.self.name, field, value));
}

export function visitHealth({ state, raft }: Consul, visit: (field: number, value: number | string) => void): void {
  const { health } = state.leadership ?? {};
  if (health === undefined || health.size === 0) {
    visit(Cell.healthy, '');
    return visit(Cell.tolerance, '');
  }
  const healthy = [...health].filter(([, each]) => each.healthy).map(([name]) => name);
  const { voters } = raft.status().config;
  visit(Cell.healthy, healthy.length);
  visit(Cell.tolerance, failureTolerance(voters.length, voters.filter(({ name }) => healthy.includes(name)).length));
}

/** Asks everybody how they are. */
export function askHealth(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { state, config, self, raft } = consul;
  const { leadership } = state;
  if (leadership === undefined) return;
  const { updateInterval, statsDeadline } = config.autopilot;
  out.setTimer(Timer.stats, 0, updateInterval);
  out.setTimer(Timer.health, 0, statsDeadline);
  leadership.stats.clear();
  for (const { name } of membersOf(raft.status().config)) {
    if (name === self.name) leadership.stats.set(name, consul.stats(now));
    const server = consul.server(name);
    if (name === self.name || server?.status !== 'alive') continue;
    const call = { for: 'stats', server: name, to: server.rpc } as const;
    callServer(consul, call, (number) => ({ type: 'stats-call', call: number }), statsDeadline, out);
  }
}

export function healthReported({ state }: Consul, server: NameId, stats: Stats): void {
  state.leadership?.stats.set(server, stats);
}

/** The time for telling is over. */
export function judgeHealth(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  if (leadership === undefined) return;
  const { health, stats } = leadership;
  const servers = membersOf(consul.raft.status().config);
  const own = consul.stats(now);
  for (const { name } of servers) {
    const healthy = isHealthy(consul.server(name), stats.get(name), own, consul.config.autopilot);
    health.set(name, healthAfter(health.get(name), healthy, now));
  }
  for (const name of health.keys()) if (!servers.some((server) => server.name === name)) health.delete(name);
  showHealth(consul, out);
}

/** Makes voters of those that are healthy for long enough, and removes the dead. */
export function autopilotTick(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { leadership } = consul.state;
  const { autopilot } = consul.config;
  if (leadership === undefined) return;
  out.setTimer(Timer.autopilot, 0, autopilot.reconcileInterval);
  const { health, startedAt } = leadership;
  const { config } = consul.raft.status();
  const ready = consul.rules.promotable(config, consul.serversByName(), health, startedAt, now, autopilot);
  for (const { name } of ready) enqueue(consul, now, { type: 'promote', name }, out);
  prune(consul, now, out);
}

/** Removes the dead, as far as that is no risk. */
export function prune(consul: Consul, now: Instant, out: Out<ConsulMessage>): void {
  const { config, names, raft } = consul;
  const { enabled, cleanupDeadServers, minQuorum } = config.autopilot;
  if (!enabled || !cleanupDeadServers) return;
  const { remove, forceLeave } = consul.rules.prunable(raft.status().config, consul.serversByName(), minQuorum);
  for (const name of remove) {
    out.log(`[INFO] autopilot: Attempting removal of stale server: ${names.text(name)}`);
    consul.announce({ type: 'autopilot', action: 'remove', server: names.text(name) }, out);
    enqueue(consul, now, { type: 'remove', name }, out);
  }
  for (const name of forceLeave) {
    out.log(`[INFO] autopilot: Attempting removal of failed server node: ${names.text(name)}`);
    consul.announce({ type: 'autopilot', action: 'force-leave', server: names.text(name) }, out);
    consul.forceLeave(now, name, out);
  }
}
