import { ANY } from '../../../core/address.ts';
import { assert } from '../../../core/assert.ts';
import { Gossip, type GossipConfig, LAN, LOCAL, WAN } from '../../../core/gossip/gossip.ts';
import { RULES } from '../../../core/gossip/rules.ts';
import type { NameId } from '../../../core/names.ts';
import type { Part, Protocol, SocketSpec } from '../../../core/protocol.ts';
import { AGENT_DEFAULTS, type SerfConfig } from '../../../core/serf/config.ts';
import { Discovery, discoverySockets } from '../../../core/serf/discovery.ts';
import { statusOf } from '../../../core/serf/members.ts';
import { SERF_RULES } from '../../../core/serf/rules.ts';
import { Serf } from '../../../core/serf/serf.ts';
import { type Duration, milliseconds } from '../../../core/time.ts';
import { absolute } from '../path.ts';
import type { HostView, ProgramPart } from '../program.ts';
import type { Rules } from '../rules.ts';
import { rpcPlace, type Timing } from './serf-agent-options.ts';
import type { Standing } from './serf-event-info.ts';
import { SerfAgent } from './serf-program.ts';
import { type AgentSetup, type FullConfig, setUp } from './serf-setup.ts';

const TIMED: Readonly<Record<Timing, GossipConfig>> = { lan: LAN, wan: WAN, local: LOCAL };

const PARTS = { gossip: 0 as Part, serf: 1 as Part };

/** Intervals that the original would keep a processor busy with are taken to be so long. */
const LEAST_INTERVAL = milliseconds(1);

/** Makes the agent that `serf agent` and these words start; it was found that it can start. */
export function makeAgent(words: readonly string[], host: HostView, rules: Rules): SerfAgent {
  const setup = setUp(words, host);
  assert(!('refused' in setup), 'an agent is made only when it can start');
  const { names } = host;
  const { config, behaviour, placement, tags, keys } = setup;
  const { bind, advertise, addressBytes } = placement;
  const node = config.node_name;
  const advertised = names.endpoint(advertise.address, advertise.port);
  const gossip = new Gossip({
    // memberlist's protocol versions and the one it speaks, then Serf's.
    self: { name: names.id(node), address: advertised, addressBytes, versions: [1, 5, 2, 2, 5, config.protocol] },
    config: TIMED[config.profile as Timing],
    quirks: behaviour.gossip,
    names,
    random: host.random('gossip'),
    dialect: behaviour.profile === 'serf-0.9' ? 'old' : 'new',
    keys,
    rules: { ...RULES, ...rules.gossip },
  });
  const serf = new Serf({
    gossip,
    parts: PARTS,
    config: serfConfig(setup),
    quirks: behaviour.serf,
    tags,
    random: host.random('serf'),
    rules: { ...SERF_RULES, ...rules.serf },
  });
  const address = bind.address === ANY ? {} : { address: bind.address };
  const sockets: SocketSpec[] = [
    { transport: 'udp', port: bind.port, ...address },
    { transport: 'stream', port: bind.port, ...address },
  ];
  const snapshot = config.snapshot_path === undefined ? [] : [absolute(config.snapshot_path)];
  const parts: ProgramPart[] = [
    { name: 'gossip', protocol: gossip as Protocol<never, never>, sockets },
    { name: 'serf', protocol: serf as Protocol<never, never>, sockets: rpcSockets(config), files: snapshot },
  ];
  if (config.discover !== undefined) {
    const { discover: cluster, mdns } = config;
    const asks = mdns?.disable_ipv4 !== true;
    const discovery = new Discovery({ cluster, node, host: host.name, advertised, names, quirks: behaviour.serf, asks });
    const sockets = discoverySockets(mdns?.interface || config.interface);
    parts.push({ name: 'discovery', protocol: discovery as Protocol<never, never>, sockets });
  }
  const standing = (member: NameId): Standing => ({
    // One that was erased is no member any more; the real agent still has it as it was, which is mostly this.
    status: statusOf(serf.state.members, member) ?? 'left',
    versions: gossip.describe(member).versions,
  });
  const acquaintance = () => gossip.acquaintance;
  return new SerfAgent(words, setup, { parts, ...PARTS, node, names, acquaintance, standing });
}

function serfConfig({ config, behaviour }: AgentSetup): SerfConfig {
  const { reconnect_interval: interval, reconnect_timeout: reconnect, tombstone_timeout: tombstone } = config;
  return {
    ...AGENT_DEFAULTS,
    broadcastTimeout: config.broadcast_timeout as Duration,
    // A time-out that is negative is over at once.
    ...(interval === undefined ? {} : { reconnectInterval: Math.max(interval, LEAST_INTERVAL) as Duration }),
    ...(reconnect === undefined ? {} : { reconnectTimeout: Math.max(reconnect, 0) as Duration }),
    ...(tombstone === undefined ? {} : { tombstoneTimeout: Math.max(tombstone, 0) as Duration }),
    userEventSizeLimit: config.user_event_size_limit,
    querySizeLimit: config.query_size_limit,
    queryResponseSizeLimit: config.query_response_size_limit,
    enableNameConflictResolution: config.disable_name_resolution !== true,
    disableCoordinates: config.disable_coordinates === true && !behaviour.agent.configCompressionMerge,
    snapshot: config.snapshot_path === undefined ? undefined : absolute(config.snapshot_path),
    rejoinAfterLeave: config.rejoin_after_leave === true,
    keyringFile: config.keyring_file === undefined ? undefined : absolute(config.keyring_file),
  };
}

/** Where it listens for the commands of its host. Nothing is sent there, but two agents cannot have the same. */
function rpcSockets({ rpc_addr }: FullConfig): readonly SocketSpec[] {
  const place = rpcPlace(rpc_addr);
  if (place === undefined) return [];
  return [{ transport: 'stream', port: place.port, ...(place.address === ANY ? {} : { address: place.address }) }];
}
