import { ANY } from '../../../core/address.ts';
import { assert } from '../../../core/assert.ts';
import { ConsulClient } from '../../../core/consul/client.ts';
import { Consul } from '../../../core/consul/consul.ts';
import { raftRules } from '../../../core/consul/raft-rules.ts';
import { CONSUL_RULES } from '../../../core/consul/rules.ts';
import { clientTags, rpcPort, serverTags } from '../../../core/consul/servers.ts';
import { Gossip, LAN } from '../../../core/gossip/gossip.ts';
import { RULES } from '../../../core/gossip/rules.ts';
import type { Boot, Out, Part, Protocol, SocketSpec } from '../../../core/protocol.ts';
import type { RaftConfig } from '../../../core/raft/config.ts';
import { type Configuration, configuration, type Server } from '../../../core/raft/configuration.ts';
import type { RaftMessage } from '../../../core/raft/message.ts';
import { consul as consulTimers } from '../../../core/raft/profiles.ts';
import { Raft } from '../../../core/raft/raft.ts';
import { SERF_DEFAULTS, type SerfConfig } from '../../../core/serf/config.ts';
import { SERF_RULES } from '../../../core/serf/rules.ts';
import { Serf } from '../../../core/serf/serf.ts';
import { type Duration, hours, type Instant, milliseconds, seconds } from '../../../core/time.ts';
import type { HostView } from '../program.ts';
import type { Rules } from '../rules.ts';
import { RAFT_PORT, SERF_PORT } from './consul-options.ts';
import { ConsulAgent } from './consul-program.ts';
import { type ConsulSetup, setUpConsul } from './consul-setup.ts';
import { behaviourOf } from './serf-quirks.ts';

const CLIENT_PARTS = { gossip: 0 as Part, serf: 1 as Part, consul: 2 as Part };
const PARTS = { gossip: 0 as Part, serf: 1 as Part, raft: 2 as Part, consul: 3 as Part };

/** Makes the agent that `consul agent` and these words start; it was found that it can start. */
export function makeConsul(words: readonly string[], host: HostView, rules: Rules): ConsulAgent {
  const setup = setUpConsul(words, host);
  assert(!('refused' in setup), 'an agent is made only when it can start');
  const { names } = host;
  const { settings, config, advertise, bind, dev, dataDirectory } = setup;
  const node = settings.node_name;
  const name = names.id(node);
  const quirks = behaviourOf(host.behaviour);
  const gossip = new Gossip({
    // memberlist's protocol versions and the one it speaks, then Serf's.
    self: { name, address: names.endpoint(advertise, SERF_PORT), addressBytes: 4, versions: [1, 5, 2, 2, 5, 4] },
    config: { ...LAN, deadNodeReclaimTime: seconds(30) },
    quirks: quirks.gossip,
    names,
    random: host.random('gossip'),
    keys: settings.encrypt === undefined ? [] : [settings.encrypt],
    rules: { ...RULES, ...rules.gossip },
  });
  const serf = new Serf({
    gossip,
    parts: setup.server ? PARTS : CLIENT_PARTS,
    config: serfConfig(setup),
    quirks: quirks.serf,
    tags: setup.server ? serverTags(node, RAFT_PORT, config) : clientTags(node, config),
    random: host.random('serf'),
    rules: { ...SERF_RULES, ...rules.serf },
  });
  const where = bind === ANY ? {} : { address: bind };
  const snapshot = serf.config.snapshot;
  const gossiping = [
    part('gossip', gossip, [
      { transport: 'udp', port: SERF_PORT, ...where },
      { transport: 'stream', port: SERF_PORT, ...where },
    ]),
    { ...part('serf', serf, []), files: snapshot === undefined ? [] : [snapshot] },
  ];
  const own = { directory: dataDirectory, serf, node, names };
  if (!setup.server) {
    const client = new ConsulClient({ self: name, config, serf, names, random: host.random('consul') });
    const parts = [...gossiping, part('consul', client, [{ transport: 'stream', port: 0 }])];
    return new ConsulAgent(setup, {
      ...own,
      parts,
      places: { ...CLIENT_PARTS, raft: undefined },
      consul: client,
      server: undefined,
    });
  }
  const self = { name, endpoint: names.endpoint(advertise, RAFT_PORT) };
  const first = firstOf(setup, self);
  const consul = new Consul({
    self,
    config,
    parts: PARTS,
    serf,
    names,
    random: host.random('consul'),
    ...(first === undefined ? {} : { first }),
    rules: { ...CONSUL_RULES, ...rules.consul },
  });
  const Kind = dev ? MemoryRaft : Raft;
  const raft = new Kind({
    self,
    config: raftConfig(setup),
    names,
    random: host.random('raft'),
    machine: consul,
    rules: { ...raftRules(config), ...rules.raft },
    ...(setup.recovery.servers === undefined ? {} : { recover: setup.recovery.servers }),
  });
  consul.raft = raft;
  const parts = [
    ...gossiping,
    part('raft', raft, [{ transport: 'stream', port: RAFT_PORT, ...where }]),
    part('consul', consul, [{ transport: 'stream', port: rpcPort(RAFT_PORT), ...where }]),
  ];
  return new ConsulAgent(setup, { ...own, parts, places: PARTS, consul, server: { consul, raft } });
}

/** A protocol of the agent, and its sockets. */
const part = (called: string, protocol: object, sockets: readonly SocketSpec[]) => ({
  name: called,
  protocol: protocol as Protocol<never, never>,
  sockets,
});

function serfConfig({ settings, dev, dataDirectory }: ConsulSetup): SerfConfig {
  const { reconnect_timeout: reconnect, rejoin_after_leave: rejoins } = settings;
  return {
    ...SERF_DEFAULTS,
    reconnectTimeout: (reconnect ?? hours(72)) as Duration,
    minQueueDepth: 4096,
    leavePropagateDelay: seconds(3),
    // A minority that lost a vote about its name would just stop.
    enableNameConflictResolution: false,
    snapshot: dev ? undefined : `${dataDirectory}/serf/local.snapshot`,
    rejoinAfterLeave: rejoins === true,
  };
}

function raftConfig({ dev, multiplier }: ConsulSetup): RaftConfig {
  const config = consulTimers(multiplier);
  if (!dev) return config;
  const [heartbeat, election] = [milliseconds(35), milliseconds(52)];
  return {
    ...config,
    electionTimeout: heartbeat,
    electionSpread: heartbeat,
    candidateTimeout: election,
    heartbeatInterval: Math.floor(heartbeat / 10) as Duration,
    leaderLease: milliseconds(20),
  };
}

/** What its Raft begins with when it has nothing: itself alone, or those that the peers.json of old lists. */
function firstOf({ config, recovery, behaviour }: ConsulSetup, self: Server): Configuration | undefined {
  if (behaviour.peersAlways && recovery.servers !== undefined) return recovery.servers;
  return config.bootstrap && !config.readReplica ? configuration({ voters: [self] }) : undefined;
}

const NOTHING: Boot['files'] = new Map();

/** Raft in development mode: it keeps nothing from one start to the next. */
class MemoryRaft extends Raft {
  override start(now: Instant, boot: Boot, out: Out<RaftMessage>): void {
    super.start(now, { ...boot, files: NOTHING }, out);
  }
}
