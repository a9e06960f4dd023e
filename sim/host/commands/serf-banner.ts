import { ANY, formatAddress } from '../../../core/address.ts';
import type { SocketRefusal } from '../program.ts';
import { type AgentOptions, NO_MEMBERLIST, type Place, type Placement } from './serf-agent-options.ts';
import { RPC } from './serf-request.ts';

const written = ({ address, port }: Place): string => `'${formatAddress(address)}:${port}'`;

/** The columns before the colon. */
const WIDTH = 31;
const line = (title: string, value: string): string => `${title.padStart(WIDTH)}: ${value}`;

/** What an agent says of itself when it runs. */
export function banner(node: string, options: AgentOptions, { bind, advertise }: Placement): readonly string[] {
  return [
    line('Node name', `'${node}'`),
    line('Bind addr', written(bind)),
    // The real agent does not align this one.
    ...(options.advertise === undefined ? [] : [`    Advertise addr: ${written(advertise)}`]),
    line('RPC addr', written(RPC)),
    line('Encrypted', 'false'),
    line('Snapshot', 'false'),
    line('Profile', options.profile),
    line('Message Compression Enabled', 'true'),
    ...(options.discover === undefined ? [] : [line('mDNS cluster', options.discover)]),
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
  return `${NO_MEMBERLIST}: Could not set up network transport: failed to obtain an address: ${listener}`;
}
