import { type Address, ANY, isPrivate, parseAddress } from '../../../core/address.ts';
import { AUTOPILOT_DEFAULTS, CONSUL_DEFAULTS, type ConsulConfig } from '../../../core/consul/config.ts';
import { keyBytes } from '../../../core/gossip/gossip.ts';
import type { Configuration } from '../../../core/raft/configuration.ts';
import type { Duration } from '../../../core/time.ts';
import { absolute } from '../path.ts';
import type { HostView } from '../program.ts';
import { type ConsulSettings, mergeSettings, readSettings } from './consul-config.ts';
import { readConsulFlags } from './consul-options.ts';
import { readPeers } from './consul-peers.ts';
import { type ConsulBehaviour, consulBehaviour } from './consul-profile.ts';
import { exactly } from './options.ts';
import { LEVELS } from './serf-output.ts';
import { filesAt } from './serf-setup.ts';

const DEFAULTS = {
  bind_addr: '0.0.0.0',
  datacenter: 'dc1',
  log_level: 'INFO',
  retry_interval: 30e9,
  retry_max: 0,
} as const satisfies ConsulSettings;

type Settings = ConsulSettings & Required<Pick<ConsulSettings, keyof typeof DEFAULTS | 'node_name'>>;

/** A Consul agent that can start. */
export interface ConsulSetup {
  readonly settings: Settings;
  readonly config: ConsulConfig;
  readonly behaviour: ConsulBehaviour;
  /** Whether it is a server; else it asks servers. */
  readonly server: boolean;
  readonly dev: boolean;
  readonly bind: Address;
  readonly advertise: Address;
  /** Absolute. */
  readonly dataDirectory: string;
  readonly multiplier: number;
  readonly leavesOnTerminate: boolean;
  readonly leavesOnInterrupt: boolean;
  readonly recovery: Recovery;
  /** What it says before it starts. */
  readonly says: readonly string[];
}

/** What peers.json comes to. */
export interface Recovery {
  readonly peersFile: string;
  readonly infoFile: string;
  /** The servers that are to go on, or on an empty disk of old to begin. */
  readonly servers: Configuration | undefined;
  /** It is the first start: peers.info is written, and what peers.json there is does not count. */
  readonly isFirst: boolean;
}

export interface NoConsul {
  /** What the agent says before it ends with status 1. */
  readonly refused: readonly string[];
}

/** Finds out whether a Consul agent can start on a host as it was told, and with what. */
export function setUpConsul(words: readonly string[], host: HostView): ConsulSetup | NoConsul {
  const flags = readConsulFlags(exactly(words), () => undefined);
  let files: ConsulSettings = {};
  for (const file of flags.files.flatMap((path) => filesAt(path, host))) {
    const text = host.file(file);
    if (text === undefined) return refused(`config: Open failed on ${file}. open ${file}: no such file or directory`);
    const read = readSettings(text);
    if (typeof read === 'string') return refused(`Error parsing ${file}: ${read}`);
    files = mergeSettings(files, read);
  }
  const usual = { ...DEFAULTS, ...(flags.dev ? { bind_addr: '127.0.0.1' } : {}), node_name: host.name };
  const settings: Settings = { ...usual, ...mergeSettings(files, flags.settings) };
  const server = settings.server === true || flags.dev;
  const says: string[] = [];
  const problem = settingsProblem({ ...settings, server }, flags.dev) ?? encryptProblem(settings);
  if (problem !== undefined) return refused(problem);
  const given = settings.bootstrap_expect ?? 0;
  const bootstrap = settings.bootstrap === true || given === 1;
  const expect = given === 1 ? 0 : given;
  if (given === 1) says.push('BootstrapExpect is set to 1; this is the same as Bootstrap mode.');
  if (given === 2) says.push(`bootstrap_expect = 2: A cluster with 2 servers will provide no failure tolerance. ${TABLE}`);
  if (given > 2 && given % 2 === 0) says.push(`bootstrap_expect is even number: ${EVEN}`);
  if (bootstrap) says.push('bootstrap = true: do not enable unless necessary');
  if (expect > 0) says.push(`bootstrap_expect > 0: expecting ${expect} servers`);
  const place = placeOf(settings, host, flags.dev);
  if (typeof place === 'string') return refused(...says, place);
  const behaviour = consulBehaviour(host.behaviour);
  const dataDirectory = absolute(settings.data_dir ?? '/dev/shm/consul');
  const recovery = recoveryOf(dataDirectory, flags.dev || !server, behaviour, host);
  if (typeof recovery === 'string') return refused(...says, startProblem(recovery));
  return {
    settings,
    config: consulConfig(settings, { bootstrap: bootstrap || flags.dev, expect }, behaviour),
    behaviour,
    server,
    dev: flags.dev,
    ...place,
    dataDirectory,
    multiplier: settings.performance?.raft_multiplier ?? 5,
    leavesOnTerminate: settings.leave_on_terminate ?? !server,
    leavesOnInterrupt: !(settings.skip_leave_on_interrupt ?? (server && behaviour.skipLeaveOnInterrupt)),
    recovery,
    says,
  };
}

const refused = (...says: string[]): NoConsul => ({ refused: says });

export const startProblem = (why: string): string =>
  `Error starting agent: Failed to start Consul server: Failed to start Raft: ${why}`;

const TABLE = 'See https://www.consul.io/docs/internals/consensus.html#deployment-table';
const EVEN = `A cluster with an even number of servers does not achieve optimum fault tolerance. ${TABLE}`;

/** What Consul refuses. */
export function settingsProblem(settings: ConsulSettings, dev: boolean): string | undefined {
  const { data_dir, server, bootstrap, bootstrap_expect: expect = 0, performance: pace, log_level, datacenter } = settings;
  const multiplier = pace?.raft_multiplier ?? 5;
  if (datacenter !== undefined && !/^[a-z0-9_-]+$/.test(datacenter))
    return `datacenter cannot be "${datacenter}". Please use only [a-z0-9-_].`;
  if ((data_dir ?? '') === '' && !dev) return 'data_dir cannot be empty';
  if (bootstrap && !server) return "'bootstrap = true' requires 'server = true'";
  if (expect < 0) return `bootstrap_expect cannot be ${expect}. Must be greater than or equal to zero`;
  if (expect > 0 && !server) return "'bootstrap_expect > 0' requires 'server = true'";
  if (expect > 0 && dev) return "'bootstrap_expect > 0' not allowed in dev mode";
  if (expect > 0 && bootstrap) return "'bootstrap_expect > 0' and 'bootstrap = true' are mutually exclusive";
  if (multiplier < 1 || multiplier > 10) return `performance.raft_multiplier cannot be ${multiplier}. Must be between 1 and 10`;
  if (log_level !== undefined && !LEVELS.includes(log_level.toUpperCase()))
    return `Invalid log level: ${log_level.toUpperCase()}. Valid log levels are: [${LEVELS.join(' ')}]`;
  return undefined;
}

function encryptProblem({ encrypt }: ConsulSettings): string | undefined {
  const bytes = encrypt === undefined ? 16 : keyBytes(encrypt);
  return bytes === 16 || bytes === 24 || bytes === 32 ? undefined : `encrypt has invalid key: "${encrypt}"`;
}

/** Where it listens, and where the others are told to reach it. @returns a text for why it cannot tell */
function placeOf(
  { bind_addr, advertise_addr }: Settings,
  { interfaces }: HostView,
  dev: boolean,
): { readonly bind: Address; readonly advertise: Address } | string {
  const bind = parseAddress(bind_addr);
  const told = advertise_addr === undefined ? undefined : parseAddress(advertise_addr);
  if (bind === undefined) return `bind_addr: invalid ip address: ${bind_addr}`;
  if (advertise_addr !== undefined && told === undefined) return `advertise_addr: invalid ip address: ${advertise_addr}`;
  if (told !== undefined) return { bind, advertise: told };
  if (bind !== ANY) return { bind, advertise: bind };
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address)).filter(isPrivate);
  const [first, second] = own;
  if (first === undefined) return 'No private IPv4 address found';
  if (second !== undefined && !dev)
    return "Multiple private IPv4 addresses found. Please configure one with 'bind' and/or 'advertise'.";
  return { bind, advertise: first };
}

function consulConfig(
  { datacenter, autopilot = {}, performance: pace = {}, non_voting_server }: Settings,
  { bootstrap, expect }: { readonly bootstrap: boolean; readonly expect: number },
  behaviour: ConsulBehaviour,
): ConsulConfig {
  const { autopilot: enabled, loneServerLeads, transfersOnLeave } = behaviour;
  const time = (given: number | undefined, usual: Duration): Duration => Math.max(0, given ?? usual) as Duration;
  return {
    ...CONSUL_DEFAULTS,
    datacenter,
    bootstrap,
    expect,
    loneServerLeads,
    transfersOnLeave,
    readReplica: non_voting_server === true,
    rpcHoldTimeout: time(pace.rpc_hold_timeout, CONSUL_DEFAULTS.rpcHoldTimeout),
    autopilot: {
      ...AUTOPILOT_DEFAULTS,
      enabled,
      cleanupDeadServers: autopilot.cleanup_dead_servers ?? AUTOPILOT_DEFAULTS.cleanupDeadServers,
      lastContactThreshold: time(autopilot.last_contact_threshold, AUTOPILOT_DEFAULTS.lastContactThreshold),
      maxTrailingLogs: autopilot.max_trailing_logs ?? AUTOPILOT_DEFAULTS.maxTrailingLogs,
      minQuorum: autopilot.min_quorum ?? AUTOPILOT_DEFAULTS.minQuorum,
      serverStabilizationTime: time(autopilot.server_stabilization_time, AUTOPILOT_DEFAULTS.serverStabilizationTime),
    },
  };
}

/** What peers.json says. @returns a text for what is wrong with it */
function recoveryOf(dataDirectory: string, dev: boolean, { peersAlways }: ConsulBehaviour, host: HostView): Recovery | string {
  const peersFile = `${dataDirectory}/raft/peers.json`;
  const infoFile = `${dataDirectory}/raft/peers.info`;
  const nothing: Recovery = { peersFile, infoFile, servers: undefined, isFirst: false };
  if (dev) return nothing;
  if (!peersAlways && host.file(infoFile) === undefined) return { ...nothing, isFirst: true };
  const text = host.file(peersFile) ?? '';
  // A file that was done with is empty here.
  if (text.trim() === '') return nothing;
  const servers = readPeers(text, host.names);
  return typeof servers === 'string' ? `recovery failed to parse peers.json: ${servers}` : { ...nothing, servers };
}
