import { ANY } from '../../../core/address.ts';
import { assert } from '../../../core/assert.ts';
import { Gossip, type GossipConfig, LAN, LOCAL, QUIRKS, WAN } from '../../../core/gossip/gossip.ts';
import type { NameId } from '../../../core/names.ts';
import type { Part, Protocol, SocketSpec } from '../../../core/protocol.ts';
import { AGENT_DEFAULTS } from '../../../core/serf/config.ts';
import { Discovery, discoverySockets } from '../../../core/serf/discovery.ts';
import { statusOf } from '../../../core/serf/members.ts';
import { SERF_QUIRKS } from '../../../core/serf/quirks.ts';
import { Serf } from '../../../core/serf/serf.ts';
import type { HostView, ProgramPart } from '../program.ts';
import { exactly } from './options.ts';
import { type Profile, placementOf, readAgent } from './serf-agent-options.ts';
import type { Standing } from './serf-event-info.ts';
import { SerfAgent } from './serf-program.ts';
import { RPC } from './serf-request.ts';

const CONFIGS: Readonly<Record<Profile, GossipConfig>> = { lan: LAN, wan: WAN, local: LOCAL };

/** The version of Serf that agents behave as. */
const BEHAVIOUR = 'serf-0.10';

const PARTS = { gossip: 0 as Part, serf: 1 as Part };

/** Makes the agent that `serf agent` and these words start; they were found to be good. */
export function makeAgent(words: readonly string[], host: HostView): SerfAgent {
  const options = readAgent(exactly(words), () => undefined);
  const placement = placementOf(options, host.interfaces);
  assert(!('says' in placement), 'an agent is made only when it can start');
  const { names } = host;
  const { bind, advertise, addressBytes } = placement;
  const node = options.node ?? host.name;
  const advertised = names.endpoint(advertise.address, advertise.port);
  const gossip = new Gossip({
    // memberlist's protocol versions and the one it speaks, then Serf's.
    self: { name: names.id(node), address: advertised, addressBytes, versions: [1, 5, 2, 2, 5, options.protocol] },
    config: CONFIGS[options.profile],
    quirks: QUIRKS[BEHAVIOUR],
    names,
    random: host.random('gossip'),
  });
  const serf = new Serf({
    gossip,
    parts: PARTS,
    config: AGENT_DEFAULTS,
    quirks: SERF_QUIRKS[BEHAVIOUR],
    tags: options.tags,
    random: host.random('serf'),
  });
  const address = bind.address === ANY ? {} : { address: bind.address };
  const sockets: SocketSpec[] = [
    { transport: 'udp', port: bind.port, ...address },
    { transport: 'stream', port: bind.port, ...address },
  ];
  const parts: ProgramPart[] = [part('gossip', gossip, sockets), part('serf', serf, [{ transport: 'stream', ...RPC }])];
  if (options.discover !== undefined) {
    const discovery = new Discovery({ cluster: options.discover, node, host: host.name, advertised, names });
    parts.push(part('discovery', discovery, discoverySockets(options.interface)));
  }
  const standing = (member: NameId): Standing => ({
    // One that was erased is no member any more; the real agent still has it as it was, which is mostly this.
    status: statusOf(serf.state.members, member) ?? 'left',
    versions: gossip.describe(member).versions,
  });
  const acquaintance = () => gossip.acquaintance;
  return new SerfAgent(options, placement, { parts, ...PARTS, node, names, acquaintance, standing });
}

const part = (name: string, protocol: object, sockets: readonly SocketSpec[]): ProgramPart => ({
  name,
  protocol: protocol as Protocol<never, never>,
  sockets,
});
