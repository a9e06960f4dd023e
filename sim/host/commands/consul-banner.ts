import { ANY, formatAddress } from '../../../core/address.ts';
import type { SocketRefusal } from '../program.ts';
import { SERF_PORT } from './consul-options.ts';
import { type ConsulSetup, startProblem } from './consul-setup.ts';

export const VERSIONS = { 'consul-0.6': '0.6.4', 'consul-1.6': '1.6.2' } as const;

const line = (title: string, value: unknown): string => `${title.padStart(18)}: ${value}`;

/** What an agent says of itself when it starts. */
export function consulBanner({ settings, config, advertise, behaviour, server }: ConsulSetup): readonly string[] {
  const isEncrypted = settings.encrypt !== undefined;
  return [
    line('Version', `'v${VERSIONS[behaviour.profile]}'`),
    line('Node ID', `'${settings.node_name}'`),
    line('Node name', `'${settings.node_name}'`),
    line('Datacenter', `'${config.datacenter}' (Segment: '${server ? '<all>' : ''}')`),
    line('Server', `${server} (Bootstrap: ${config.bootstrap})`),
    line('Client Addr', '[127.0.0.1] (HTTP: 8500, HTTPS: -1, gRPC: -1, DNS: 8600)'),
    line('Cluster Addr', `${formatAddress(advertise)} (LAN: ${SERF_PORT}, WAN: -1)`),
    line('Encrypt', `Gossip: ${isEncrypted}, TLS-Outgoing: false, TLS-Incoming: false`),
  ];
}

/** Why an agent that was refused a socket cannot start. */
export function refusalText({ part, socket, problem }: SocketRefusal, server: boolean): string {
  const address = formatAddress(socket.address ?? ANY);
  const failure = `listen tcp ${address}:${socket.port}: bind: ${problem.toLowerCase()}`;
  if (part !== 'gossip') return startProblem(failure);
  const listener = `Failed to start TCP listener on "${address}" port ${socket.port}: ${failure}`;
  const transport = `Could not set up network transport: failed to obtain an address: ${listener}`;
  const agent = server ? 'Consul server: Failed to start LAN Serf' : 'Consul client: Failed to start lan serf';
  return `Error starting agent: Failed to start ${agent}: Failed to create memberlist: ${transport}`;
}
