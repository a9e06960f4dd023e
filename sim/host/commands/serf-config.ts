import { readGoDuration } from './serf-duration.ts';
import { type JsonNode, type JsonObject, type JsonValue, readJson } from './serf-json.ts';

/** What a key of an agent's configuration holds. */
type Kind = 'text' | 'number' | 'switch' | 'list' | 'tags' | 'duration' | 'mdns';

/** The keys of an agent's configuration, as files have them. */
const KEYS = {
  node_name: 'text',
  role: 'text',
  disable_coordinates: 'switch',
  tags: 'tags',
  tags_file: 'text',
  bind: 'text',
  advertise: 'text',
  encrypt_key: 'text',
  keyring_file: 'text',
  log_level: 'text',
  rpc_addr: 'text',
  rpc_auth: 'text',
  protocol: 'number',
  replay_on_join: 'switch',
  query_response_size_limit: 'number',
  query_size_limit: 'number',
  user_event_size_limit: 'number',
  start_join: 'list',
  event_handlers: 'list',
  profile: 'text',
  snapshot_path: 'text',
  leave_on_terminate: 'switch',
  skip_leave_on_interrupt: 'switch',
  discover: 'text',
  mdns: 'mdns',
  interface: 'text',
  reconnect_interval: 'duration',
  reconnect_timeout: 'duration',
  tombstone_timeout: 'duration',
  disable_name_resolution: 'switch',
  enable_syslog: 'switch',
  syslog_facility: 'text',
  retry_join: 'list',
  retry_max_attempts: 'number',
  retry_interval: 'duration',
  rejoin_after_leave: 'switch',
  enable_compression: 'switch',
  statsite_addr: 'text',
  statsd_addr: 'text',
  broadcast_timeout: 'duration',
  validate_node_names: 'switch',
} as const satisfies Readonly<Record<string, Kind>>;

/** What `mdns` holds. */
const MDNS_KEYS = { interface: 'text', disable_ipv4: 'switch', disable_ipv6: 'switch' } as const;

export interface MdnsConfig {
  readonly interface?: string;
  readonly disable_ipv4?: boolean;
  readonly disable_ipv6?: boolean;
}

type Key = keyof typeof KEYS;

/** By kind. Durations are nanoseconds and may be negative. */
interface Values {
  readonly text: string;
  readonly number: number;
  readonly switch: boolean;
  readonly list: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly duration: number;
  readonly mdns: MdnsConfig;
}

/**
 * An agent's configuration, or what one source says of it. What is absent was not given; an empty text, 0 and false in a file are the
 * same as that, because Go knows no difference.
 */
export type AgentConfig = { readonly [K in Key]?: Values[(typeof KEYS)[K]] };

export const CONFIG_KEYS = Object.keys(KEYS) as readonly Key[];

/** Keys that came with Serf 0.10. */
const NEW: readonly Key[] = ['mdns', 'validate_node_names'];

/** Parsed in this order, and the first that is none is the one that is told of. */
const DURATIONS = [
  'reconnect_interval',
  'reconnect_timeout',
  'tombstone_timeout',
  'retry_interval',
  'broadcast_timeout',
] as const;

export type ConfigResult =
  | { readonly ok: true; readonly config: AgentConfig }
  /** `error` is what the agent says; `mistakes` are its causes one by one, with their places in the text. */
  | { readonly ok: false; readonly error: string; readonly mistakes: readonly Mistake[] };

export interface Mistake {
  readonly at: number;
  readonly error: string;
  /** The key, when nobody knows it. */
  readonly unknown?: string;
}

/**
 * Reads a configuration file.
 *
 * @param old whether the keys are those of Serf before 0.10
 */
export function readConfig(text: string, old: boolean): ConfigResult {
  const json = readJson(text, 'first');
  if (!json.ok) return { ok: false, error: json.error, mistakes: [json] };
  const decoder = new Decoder();
  const known = old ? CONFIG_KEYS.filter((key) => !NEW.includes(key)) : CONFIG_KEYS;
  const config = decoder.struct(json.node, '', Object.fromEntries(known.map((key) => [key, KEYS[key]])));
  if (decoder.mistakes.length > 0) return { ok: false, error: decoder.error(), mistakes: decoder.mistakes };
  const durations: [string, number][] = [];
  for (const key of DURATIONS) {
    const { at, text: written } = decoder.durations.get(key) ?? { at: 0, text: '' };
    const read = written === '' ? 0 : readGoDuration(written);
    if (typeof read === 'string') return { ok: false, error: read, mistakes: [{ at, error: read }] };
    durations.push([key, read]);
  }
  const isGiven = ([, value]: [string, unknown]) => value !== '' && value !== 0;
  return { ok: true, config: Object.fromEntries([...Object.entries(config), ...durations].filter(isGiven)) };
}

/** Go's plain types. */
interface Plain {
  readonly string: string;
  readonly bool: boolean;
  readonly int: number;
}

/** Turns JSON into Go values as `mapstructure` does, and gathers what does not fit. */
class Decoder {
  readonly mistakes: Mistake[] = [];
  /** Durations as they are written. */
  readonly durations = new Map<string, { readonly at: number; readonly text: string }>();

  struct({ at, value }: JsonNode, path: string, kinds: Readonly<Record<string, Kind>>): object {
    if (value === null) return {};
    if (!(value instanceof Map)) {
      this.mistakes.push({ at, error: `'${path}' expected a map, got '${kindOf(value)}'` });
      return {};
    }
    const entries = value as JsonObject;
    const used = new Set<string>();
    const read: [string, unknown][] = [];
    for (const [field, kind] of Object.entries(kinds)) {
      // Case does not matter when no key is written exactly so.
      const key = entries.has(field) ? field : [...entries.keys()].find((other) => other.toLowerCase() === field);
      const entry = key === undefined ? undefined : entries.get(key);
      if (key === undefined || entry === undefined) continue;
      used.add(key);
      read.push([field, this.field(entry.node, path === '' ? field : `${path}.${field}`, kind)]);
    }
    const unknown = [...entries].filter(([key]) => !used.has(key));
    const names = unknown.map(([key]) => key).sort();
    for (const [key, entry] of unknown) {
      this.mistakes.push({ at: entry.at, error: `'${path}' has invalid keys: ${names.join(', ')}`, unknown: key });
    }
    return Object.fromEntries(read.filter(([, field]) => field !== undefined));
  }

  private field(node: JsonNode, path: string, kind: Kind): unknown {
    switch (kind) {
      case 'text':
        return this.plain(node, path, 'string');
      case 'duration': {
        const text = this.plain(node, path, 'string');
        if (text !== undefined) this.durations.set(path, { at: node.at, text });
        return undefined;
      }
      case 'switch':
        return this.plain(node, path, 'bool');
      case 'number': {
        const number = this.plain(node, path, 'int');
        return number === undefined ? undefined : Math.trunc(number);
      }
      case 'list':
        return this.list(node, path);
      case 'tags':
        return this.tags(node, path);
      case 'mdns':
        return this.struct(node, path, MDNS_KEYS);
    }
  }

  private plain<T extends keyof Plain>({ at, value }: JsonNode, path: string, type: T): Plain[T] | undefined {
    if (value === null) return undefined;
    if (typeof value === { string: 'string', bool: 'boolean', int: 'number' }[type]) return value as Plain[T];
    const got = `got unconvertible type '${typeOf(value)}', value: '${written(value)}'`;
    this.mistakes.push({ at, error: `'${path}' expected type '${type}', ${got}` });
    return undefined;
  }

  private list({ at, value }: JsonNode, path: string): readonly string[] | undefined {
    if (value === null) return undefined;
    if (Array.isArray(value)) {
      return (value as readonly JsonNode[]).map((item, i) => this.plain(item, `${path}[${i}]`, 'string') ?? '');
    }
    this.mistakes.push({ at, error: `'${path}': source data must be an array or slice, got ${kindOf(value)}` });
    return undefined;
  }

  private tags({ at, value }: JsonNode, path: string): Readonly<Record<string, string>> | undefined {
    if (value === null) return undefined;
    if (value instanceof Map) {
      const entries = [...(value as JsonObject)];
      return Object.fromEntries(entries.map(([key, { node }]) => [key, this.plain(node, `${path}[${key}]`, 'string') ?? '']));
    }
    this.mistakes.push({ at, error: `'${path}' expected a map, got '${kindOf(value)}'` });
    return undefined;
  }

  error(): string {
    const [first] = this.mistakes;
    // The value as a whole is told of alone.
    if (first?.error.startsWith("'' expected")) return first.error;
    const points = [...new Set(this.mistakes.map(({ error }) => `* ${error}`))].sort();
    return `${points.length} error(s) decoding:\n\n${points.join('\n')}`;
  }
}

/** The kind that Go's reflection tells. */
function kindOf(value: JsonValue): string {
  if (value instanceof Map) return 'map';
  return Array.isArray(value) ? 'slice' : typeOf(value);
}

/** The type that Go decodes JSON to. */
function typeOf(value: JsonValue): string {
  if (value instanceof Map) return 'map[string]interface {}';
  if (Array.isArray(value)) return '[]interface {}';
  return { string: 'string', boolean: 'bool', number: 'float64' }[typeof value as string] ?? '<nil>';
}

/** A value as Go prints it. */
function written(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (value instanceof Map) {
    const entries = [...(value as JsonObject)].sort(([a], [b]) => (a < b ? -1 : 1));
    return `map[${entries.map(([key, { node }]) => `${key}:${written(node.value)}`).join(' ')}]`;
  }
  if (Array.isArray(value)) return `[${(value as readonly JsonNode[]).map((item) => written(item.value)).join(' ')}]`;
  return String(value);
}

/**
 * Puts a later configuration over an earlier one. Texts, numbers and switches of the later one count where it has them; lists are
 * joined, and so are tags.
 */
export function mergeConfig(earlier: AgentConfig, later: AgentConfig): AgentConfig {
  const merged: Record<string, unknown> = { ...earlier };
  for (const key of CONFIG_KEYS) {
    const value = later[key];
    if (value === undefined) continue;
    switch (KEYS[key]) {
      case 'switch':
        // Only compression can be switched off by a false.
        if (value === true || key === 'enable_compression') merged[key] = value;
        break;
      case 'list':
        merged[key] = [...((earlier[key] as readonly string[] | undefined) ?? []), ...(value as readonly string[])];
        break;
      case 'tags':
        merged[key] = { ...(earlier.tags ?? {}), ...(value as object) };
        break;
      case 'mdns':
        merged[key] = mergeMdns(earlier.mdns ?? {}, value as MdnsConfig);
        break;
      default:
        if (key !== 'protocol' || (value as number) > 0) merged[key] = value;
    }
  }
  return merged;
}

function mergeMdns(earlier: MdnsConfig, later: MdnsConfig): MdnsConfig {
  const name = later.interface === undefined || later.interface === '' ? earlier.interface : later.interface;
  return {
    ...(name === undefined ? {} : { interface: name }),
    disable_ipv4: (earlier.disable_ipv4 ?? false) || (later.disable_ipv4 ?? false),
    disable_ipv6: (earlier.disable_ipv6 ?? false) || (later.disable_ipv6 ?? false),
  };
}
