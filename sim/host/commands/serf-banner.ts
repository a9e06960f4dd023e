import { ANY, formatAddress } from '../../../core/address.ts';
import type { SocketRefusal } from '../program.ts';
import { writtenPlace } from './serf-place.ts';
import type { AgentSetup } from './serf-setup.ts';

/** The columns before the colon. */
const WIDTH = 31;
const line = (title: string, value: unknown): string => `${title.padStart(WIDTH)}: ${value}`;

/** What an agent says of itself when it runs. */
export function banner({ config, placement, keys }: AgentSetup): readonly string[] {
  const { bind, advertise } = placement;
  return [
    line('Node name', `'${config.node_name}'`),
    line('Bind addr', `'${writtenPlace(bind)}'`),
    // The real agent does not align this one.
    ...(config.advertise === '' ? [] : [`    Advertise addr: '${writtenPlace(advertise)}'`]),
    line('RPC addr', `'${config.rpc_addr}'`),
    line('Encrypted', keys.length > 0),
    line('Snapshot', config.snapshot_path !== undefined),
    line('Profile', config.profile),
    line('Message Compression Enabled', config.enable_compression),
    ...(config.discover === undefined ? [] : [line('mDNS cluster', config.discover)]),
  ];
}

/**
 * Why an agent that was refused a socket cannot start.
 *
 * memberlist asks for its TCP port first, and what holds the UDP port is another agent, which holds both: so of the two it is
 * the TCP port that is named.
 */
export function refusalText({ part, socket, problem }: SocketRefusal): string {
  const address = formatAddress(socket.address ?? ANY);
  const { port } = socket;
  const failure = (protocol: string) => `listen ${protocol} ${address}:${port}: bind: ${problem.toLowerCase()}`;
  if (part === 'discovery') return `Error starting mDNS listener: ${failure('udp4')}`;
  if (part !== 'gossip') return `Error starting RPC listener: ${failure('tcp')}`;
  const listener = `Failed to start TCP listener on "${address}" port ${port}: ${failure('tcp')}`;
  const transport = `Could not set up network transport: failed to obtain an address: ${listener}`;
  return `Failed to start the Serf agent: Error creating Serf: Failed to create memberlist: ${transport}`;
}
