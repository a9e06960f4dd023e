import { keyBytes, keyProblem } from '../../../core/gossip/gossip.ts';
import { configProblem } from '../../../core/serf/config.ts';
import { base64Problem } from '../../../core/serf/keys.ts';
import { type Tags, tagsProblem } from '../../../core/serf/tags.ts';
import { seconds } from '../../../core/time.ts';
import type { HostView } from '../program.ts';
import { exactly } from './options.ts';
import { PROTOCOLS, readAgentFlags, rpcPlace, TIMINGS } from './serf-agent-options.ts';
import { type AgentConfig, mergeConfig, readConfig } from './serf-config.ts';
import { goDuration } from './serf-duration.ts';
import { type Handler, parseHandlers, refusedHandler } from './serf-handler.ts';
import { readJson } from './serf-json.ts';
import { LEVELS } from './serf-output.ts';
import { NO_INTERFACE, type Placement, parsePlace, placementOf, placeProblem } from './serf-place.ts';
import { type AgentBehaviour, behaviourOf } from './serf-quirks.ts';

/** What an agent's configuration is when nobody says anything. */
const DEFAULTS = {
  bind: '0.0.0.0',
  advertise: '',
  log_level: 'INFO',
  rpc_addr: '127.0.0.1:7373',
  rpc_auth: '',
  protocol: 5,
  profile: 'lan',
  retry_interval: 30e9,
  retry_max_attempts: 0,
  broadcast_timeout: 5e9,
  query_response_size_limit: 1024,
  query_size_limit: 1024,
  user_event_size_limit: 512,
  enable_compression: true,
  tags: {},
} as const satisfies AgentConfig;

/** A configuration in which everything has a value that has one by default. */
export type FullConfig = AgentConfig & Required<Pick<AgentConfig, keyof typeof DEFAULTS | 'node_name'>>;

/** Periods that the agent raises to this. */
const LEAST = seconds(1);

/** What an agent says before it does anything, and whether it goes on. */
export type Configured = { readonly says: readonly string[] } & (
  | { readonly ok: true; readonly config: FullConfig }
  | { readonly ok: false }
);

/** Reads the configuration from the command line and the files that it names: at the start, and again at each reload. */
export function configure(words: readonly string[], host: HostView): Configured {
  const { profile, agent } = behaviourOf(host.behaviour);
  const refused = (...says: string[]): Configured => ({ ok: false, says });
  const complaints: string[] = [];
  const flags = readAgentFlags(exactly(words), (_, says) => complaints.push(says));
  if (complaints.length > 0) return refused(...complaints);
  if (typeof flags === 'string') return refused(flags);
  let files: AgentConfig = {};
  for (const path of flags.files) {
    for (const file of filesAt(path, host)) {
      const text = host.file(file);
      if (text === undefined) return refused(`Error reading '${file}': open ${file}: no such file or directory`);
      const read = readConfig(text, profile === 'serf-0.9');
      if (!read.ok) return refused(`Error decoding '${file}': ${read.error}`);
      files = mergeConfig(files, read.config);
    }
  }
  if (agent.configCompressionMerge) files = { ...files, enable_compression: true };
  const merged: FullConfig = { ...DEFAULTS, node_name: host.name, ...mergeConfig(mergeConfig(DEFAULTS, files), flags.config) };
  return refusal(merged, host) ?? settle(merged);
}

/** The files that a path of the configuration stands for: itself, or those of a directory. */
export function filesAt(path: string, host: Pick<HostView, 'list'>): readonly string[] {
  const names = host.list(path);
  if (names === undefined) return [path];
  return names.filter((name) => name.endsWith('.json')).map((name) => `${path.replace(/\/+$/, '')}/${name}`);
}

/** What an agent does not even begin with. */
function refusal(config: FullConfig, { interfaces }: HostView): Configured | undefined {
  const refused = (says: string): Configured => ({ ok: false, says: [says] });
  const isThere = (named: string) => interfaces.some(({ name }) => name === named);
  const handler = refusedHandler(handlersOf(config));
  if (handler !== undefined) return refused(handler);
  if (config.interface !== undefined && !isThere(config.interface)) return refused(NO_INTERFACE);
  const { interface: named = '', disable_ipv4, disable_ipv6 } = config.mdns ?? {};
  if (named === '') return undefined;
  if (config.discover === undefined) return refused('mDNS interface specified without enabling mDNS discovery');
  if (!isThere(named)) return refused('Invalid mDNS network interface: route ip+net: no such network interface');
  return disable_ipv4 && disable_ipv6 ? refused('Invalid mDNS configuration: both IPv4 and IPv6 are disabled') : undefined;
}

/** Sets right what the agent sets right itself, and says so. */
function settle(given: FullConfig): Configured {
  const says: string[] = [];
  let config = given;
  if (config.role !== undefined) {
    says.push("Deprecation warning: 'Role' has been replaced with 'Tags'");
    config = { ...config, tags: { ...config.tags, role: config.role } };
  }
  if (config.retry_interval < LEAST) {
    config = { ...config, retry_interval: LEAST };
    says.push(`Warning: 'RetryInterval' is too low. Setting to ${goDuration(LEAST)}`);
  }
  if (config.broadcast_timeout < LEAST) {
    config = { ...config, broadcast_timeout: LEAST };
    says.push(`Warning: 'BroadcastTimeout' is too low. Setting to ${goDuration(LEAST)}`);
  }
  if (config.rejoin_after_leave === true && config.snapshot_path === undefined) {
    says.push("Warning: 'RejoinAfterLeave' enabled without snapshot file");
  }
  return { ok: true, says, config };
}

export const handlersOf = (config: AgentConfig): readonly Handler[] => (config.event_handlers ?? []).flatMap(parseHandlers);

export const levelOf = ({ log_level }: FullConfig): string => log_level.toUpperCase();

export const isLevel = (level: string): boolean => LEVELS.includes(level);

export const levelProblem = (level: string): string => `Invalid log level: ${level}. Valid log levels are: [${LEVELS.join(' ')}]`;

/** An agent that can start. */
export interface AgentSetup {
  readonly config: FullConfig;
  readonly placement: Placement;
  readonly behaviour: AgentBehaviour;
  readonly tags: Tags;
  /** In base 64, the primary one first; empty without encryption. */
  readonly keys: readonly string[];
  /** What it says before it starts. */
  readonly says: readonly string[];
  /** What it logs before anything else. */
  readonly logs: readonly string[];
}

export interface NoSetup {
  /** What the agent says before it ends with status 1. */
  readonly refused: readonly string[];
}

/** Finds out whether an agent can start on a host as it was told, and with what. */
export function setUp(words: readonly string[], host: HostView): AgentSetup | NoSetup {
  const configured = configure(words, host);
  if (!configured.ok) return { refused: configured.says };
  const { config } = configured;
  const says = [...configured.says];
  const refused = (...more: string[]): NoSetup => ({ refused: [...says, ...more] });
  const level = levelOf(config);
  if (!isLevel(level)) return refused(levelProblem(level));
  const bind = parsePlace(config.bind);
  if (bind === undefined) return refused(`Invalid bind address: ${placeProblem(config.bind)}`);
  const advertise = config.advertise === '' ? undefined : parsePlace(config.advertise);
  const placement = placementOf({ bind, advertise, interface: config.interface }, host.interfaces);
  if ('says' in placement && !placement.late) return refused(placement.says);
  if ('picked' in placement && placement.picked !== undefined) says.push(placement.picked);
  if (config.advertise !== '' && advertise === undefined) {
    return refused(`Invalid advertise address: ${placeProblem(config.advertise)}`);
  }
  const key = config.encrypt_key ?? '';
  if (keyBytes(key) === undefined) return refused(`Invalid encryption key: ${base64Problem(key)}`);
  if (!TIMINGS.some((profile) => profile === config.profile)) return refused(`Unknown profile: ${config.profile}`);
  says.push('Starting Serf agent...');
  const logs: string[] = [];
  const tags = tagsFrom(config, host, logs);
  if (typeof tags === 'string') return refused(`Failed to setup the Serf agent: ${tags}`);
  const keys = keysFrom(config, host, logs);
  if (typeof keys === 'string') return refused(`Failed to setup the Serf agent: ${keys}`);
  const behaviour = behaviourOf(host.behaviour);
  const problem =
    serfProblem(config, tags, behaviour) ?? memberlistProblem(keys, 'says' in placement ? placement.says : undefined);
  if (problem !== undefined) return refused(`Failed to start the Serf agent: Error creating Serf: ${problem}`);
  const rpc = config.rpc_addr;
  if (rpcPlace(rpc) === undefined) {
    const missing = rpc.includes(':') ? placeProblem(rpc) : `address ${rpc}: missing port in address`;
    return refused(`Error starting RPC listener: listen tcp: ${missing}`);
  }
  return { config, placement: placement as Placement, behaviour, tags, keys, says, logs };
}

/** The tags of the configuration, or those that a file keeps. @returns a text for what the agent says when it cannot have them */
function tagsFrom({ tags, tags_file }: FullConfig, host: HostView, logs: string[]): Tags | string {
  if (tags_file === undefined) return Object.entries(tags);
  if (Object.keys(tags).length > 0) return 'Tags config not allowed while using tag files';
  const text = host.file(tags_file);
  if (text === undefined) return [];
  const json = readJson(text, 'whole');
  if (!json.ok) return `Failed to decode tags file: ${json.error}`;
  const { value } = json.node;
  if (value !== null && !(value instanceof Map)) return decodeFailure('tags file', value, 'map[string]string');
  const kept: [string, string][] = [];
  for (const [key, { node }] of value ?? []) {
    if (node.value !== null && typeof node.value !== 'string') return decodeFailure('tags file', node.value, 'string');
    kept.push([key, node.value ?? '']);
  }
  logs.push(`[INFO] agent: Restored ${kept.length} tag(s) from ${tags_file}`);
  return kept;
}

/** The key of the configuration, or those that a file keeps. @returns a text for what the agent says when it cannot have them */
function keysFrom({ encrypt_key, keyring_file }: FullConfig, host: HostView, logs: string[]): readonly string[] | string {
  if (keyring_file === undefined) return encrypt_key === undefined ? [] : [encrypt_key];
  if (encrypt_key !== undefined) return 'Encryption key not allowed while using a keyring';
  const text = host.file(keyring_file);
  if (text === undefined) return `stat ${keyring_file}: no such file or directory`;
  const json = readJson(text, 'whole');
  if (!json.ok) return `Failed to decode keyring file: ${json.error}`;
  const { value } = json.node;
  if (value !== null && !Array.isArray(value)) return decodeFailure('keyring file', value, '[]string');
  const keys: string[] = [];
  for (const { value: key } of value ?? []) {
    if (typeof key !== 'string') return decodeFailure('keyring file', key, 'string');
    if (keyBytes(key) === undefined) return `Failed to decode key from keyring: ${base64Problem(key)}`;
    keys.push(key);
  }
  if (keys.length === 0) return 'Keyring file contains no keys';
  const problem = keys.map(keyProblem).find((each) => each !== undefined);
  if (problem !== undefined) return `Failed to restore keyring: ${problem}`;
  logs.push(`[INFO] agent: Restored keyring with ${keys.length} keys from ${keyring_file}`);
  // One key is in the ring once.
  return [...new Set(keys)];
}

function decodeFailure(what: string, value: unknown, type: string): string {
  const kind = Array.isArray(value) ? 'array' : value instanceof Map ? 'object' : { boolean: 'bool' }[typeof value as string];
  return `Failed to decode ${what}: json: cannot unmarshal ${kind ?? typeof value} into Go value of type ${type}`;
}

/** Why Serf does not start. */
function serfProblem(config: FullConfig, tags: Tags, { agent }: AgentBehaviour): string | undefined {
  const { protocol, node_name: name } = config;
  const [oldest, newest] = PROTOCOLS;
  const range = `Must be in range: [${oldest}, ${newest}]`;
  if (protocol < oldest) return `Protocol version '${protocol}' too low. ${range}`;
  if (protocol > newest) return `Protocol version '${protocol}' too high. ${range}`;
  const limits = configProblem({ userEventSizeLimit: config.user_event_size_limit });
  if (limits !== undefined) return limits;
  if (config.validate_node_names === true && !agent.configCompressionMerge) {
    if (/[^A-Za-z0-9.-]/.test(name)) {
      return `Node name contains invalid characters ${name} , Valid characters include all alpha-numerics and dashes and '.' `;
    }
    if (name.length > MOST_NAME)
      return `Node name is ${name.length} characters. Valid length is between 1 and ${MOST_NAME} characters`;
  }
  return tagsProblem(tags, protocol);
}

const MOST_NAME = 128;

function memberlistProblem([key]: readonly string[], placement: string | undefined): string | undefined {
  const problem = (key === undefined ? undefined : keyProblem(key)) ?? placement;
  return problem === undefined ? undefined : `Failed to create memberlist: ${problem}`;
}
