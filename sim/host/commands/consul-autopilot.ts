import { formatAddress } from '../../../core/address.ts';
import type { AutopilotConfig } from '../../../core/consul/config.ts';
import type { AutopilotReport, ServerReport } from '../../../core/consul/interface.ts';
import type { HostView } from '../program.ts';
import { VERSIONS } from './consul-banner.ts';
import { asks, type Client, table, takesNone } from './consul-client.ts';
import { consulBehaviour } from './consul-profile.ts';
import { goDuration } from './serf-duration.ts';

export const autopilotConfig: Client = {
  name: 'operator autopilot get-config',
  table: table('operator autopilot get-config', { stale: 'switch' }),
  check: takesNone('operator autopilot get-config'),
  request: () => asks({ type: 'autopilot-config' }),
  failure: {
    verb: 'Get',
    path: () => '/v1/operator/autopilot/configuration',
    says: () => 'Error querying Autopilot configuration',
  },
  heard(answer, _flags, tool) {
    if (answer.type !== 'consul' || !answer.reply.ok) return 1;
    const config = answer.reply.result as AutopilotConfig;
    tool.print(`CleanupDeadServers = ${config.cleanupDeadServers}
LastContactThreshold = ${goTime(config.lastContactThreshold)}
MaxTrailingLogs = ${config.maxTrailingLogs}
MinQuorum = ${config.minQuorum}
ServerStabilizationTime = ${goTime(config.serverStabilizationTime)}
RedundancyZoneTag = ""
DisableUpgradeMigration = false
UpgradeVersionTag = ""`);
    return 0;
  },
};

export const autopilotState: Client = {
  name: 'operator autopilot state',
  table: table('operator autopilot state', { format: 'text', stale: 'switch' }),
  check(flags, complain) {
    takesNone('operator autopilot state')(flags, complain);
    const format = flags.words('format').at(-1);
    if (format?.exact && format.text !== 'pretty')
      complain(format, `Unknown format: ${format.text}; only \`pretty\` is written here`);
  },
  request: () => asks({ type: 'autopilot-state' }),
  failure: { verb: 'Get', path: () => '/v1/operator/autopilot/state', says: () => 'Error querying Autopilot state' },
  heard(answer, _flags, tool) {
    if (answer.type !== 'consul' || !answer.reply.ok) return 1;
    tool.print(stateText(answer.reply.result as AutopilotReport, tool.host));
    return 0;
  },
};

function stateText({ healthy, tolerance, leader, voters, servers }: AutopilotReport, host: HostView): string {
  const text = (name: AutopilotReport['leader']) => host.names.text(name);
  const replicas = servers.filter(({ readReplica }) => readReplica);
  const byId = [...servers].sort((one, other) => (text(one.name) < text(other.name) ? -1 : 1));
  return [
    `Healthy:                      ${healthy}`,
    `Failure Tolerance:            ${tolerance}`,
    `Optimistic Failure Tolerance: ${tolerance}`,
    `Leader:                       ${text(leader)}`,
    'Voters:',
    ...voters.map((name) => `   ${text(name)}`),
    ...(replicas.length === 0 ? [] : ['Read Replicas:', ...replicas.map(({ name }) => `   ${text(name)}`)]),
    'Servers:',
    ...byId.flatMap((server) => serverLines(server, host)),
  ].join('\n');
}

function serverLines(server: ServerReport, { names, behaviour }: HostView): readonly string[] {
  const { name, endpoint, status, member, readReplica, healthy, lastContact, lastTerm, lastIndex } = server;
  const line = (title: string, value: unknown) => `      ${`${title}:`.padEnd(16)} ${value}`;
  return [
    `   ${names.text(name)}`,
    line('Name', names.text(name)),
    line('Address', `${formatAddress(names.address(endpoint))}:${names.port(endpoint)}`),
    line('Version', VERSIONS[consulBehaviour(behaviour).profile]),
    line('Status', status),
    line('Node Type', readReplica ? 'read-replica' : 'voter'),
    line('Node Status', member),
    line('Healthy', healthy),
    line('Last Contact', goTime(Math.max(0, lastContact))),
    line('Last Term', lastTerm),
    line('Last Index', lastIndex),
    ...(readReplica ? [line('Read Replica', true)] : []),
  ];
}

/** A duration as Go writes it, below a second too: `0s`, `23.5ms`, `10s`. */
function goTime(nanoseconds: number): string {
  if (nanoseconds === 0 || nanoseconds >= 1e9) return goDuration(nanoseconds);
  if (nanoseconds >= 1e6) return `${nanoseconds / 1e6}ms`;
  return nanoseconds >= 1e3 ? `${nanoseconds / 1e3}µs` : `${nanoseconds}ns`;
}
