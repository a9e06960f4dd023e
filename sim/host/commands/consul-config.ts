import { closest } from '../../scenario/closest.ts';
import { readGoDuration } from './serf-duration.ts';
import { readJson } from './serf-json.ts';

/** What Consul's configuration files may hold, as far as it means anything here. Times are in nanoseconds. */
export interface ConsulSettings {
  readonly advertise_addr?: string;
  readonly autopilot?: Readonly<{
    cleanup_dead_servers?: boolean;
    last_contact_threshold?: number;
    max_trailing_logs?: number;
    min_quorum?: number;
    server_stabilization_time?: number;
  }>;
  readonly bind_addr?: string;
  readonly bootstrap?: boolean;
  readonly bootstrap_expect?: number;
  readonly data_dir?: string;
  readonly datacenter?: string;
  readonly encrypt?: string;
  readonly leave_on_terminate?: boolean;
  readonly log_level?: string;
  readonly node_name?: string;
  readonly non_voting_server?: boolean;
  readonly performance?: Readonly<{ leave_drain_time?: number; raft_multiplier?: number; rpc_hold_timeout?: number }>;
  readonly reconnect_timeout?: number;
  readonly rejoin_after_leave?: boolean;
  readonly retry_interval?: number;
  readonly retry_join?: readonly string[];
  readonly retry_max?: number;
  readonly server?: boolean;
  readonly skip_leave_on_interrupt?: boolean;
  readonly start_join?: readonly string[];
}

type Kind = 'text' | 'texts' | 'whole' | 'switch' | 'time' | 'ignored';
type Shape = { readonly [key: string]: Kind | Shape };

const SHAPE: Shape = {
  advertise_addr: 'text',
  autopilot: {
    cleanup_dead_servers: 'switch',
    last_contact_threshold: 'time',
    max_trailing_logs: 'whole',
    min_quorum: 'whole',
    server_stabilization_time: 'time',
  },
  bind_addr: 'text',
  bootstrap: 'switch',
  bootstrap_expect: 'whole',
  client_addr: 'ignored',
  data_dir: 'text',
  datacenter: 'text',
  enable_script_checks: 'ignored',
  enable_syslog: 'ignored',
  encrypt: 'text',
  leave_on_terminate: 'switch',
  log_level: 'text',
  node_name: 'text',
  non_voting_server: 'switch',
  performance: { leave_drain_time: 'time', raft_multiplier: 'whole', rpc_hold_timeout: 'time' },
  raft_protocol: 'ignored',
  reconnect_timeout: 'time',
  rejoin_after_leave: 'switch',
  retry_interval: 'time',
  retry_join: 'texts',
  retry_max: 'whole',
  server: 'switch',
  skip_leave_on_interrupt: 'switch',
  start_join: 'texts',
  ui: 'ignored',
};

/** Reads a configuration file. @returns a text for what is wrong with it */
export function readSettings(text: string): ConsulSettings | string {
  const json = readJson(text, 'whole');
  if (!json.ok) return json.error;
  const value: unknown = JSON.parse(text);
  return isMapping(value) ? taken(value, SHAPE, '') : 'expected an object';
}

function taken(value: Readonly<Record<string, unknown>>, shape: Shape, inside: string): ConsulSettings | string {
  const found: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    const kind = Object.hasOwn(shape, key) ? shape[key] : undefined;
    const path = `${inside}${key}`;
    if (kind === undefined) {
      const meant = closest(key, Object.keys(shape));
      return `invalid config key ${path}${meant === undefined ? '' : `; did you mean ${inside}${meant}?`}`;
    }
    if (kind === 'ignored') continue;
    if (typeof kind === 'object') {
      const read = isMapping(item) ? taken(item, kind, `${path}.`) : `${path}: expected an object`;
      if (typeof read === 'string') return read;
      found[key] = read;
      continue;
    }
    const read = READERS[kind](item);
    if (read === undefined) return `${path}: expected ${EXPECTED[kind]}`;
    found[key] = read;
  }
  return found;
}

const READERS: Readonly<Record<Exclude<Kind, 'ignored'>, (item: unknown) => unknown>> = {
  text: (item) => (typeof item === 'string' ? item : undefined),
  texts: (item) => (Array.isArray(item) && item.every((each) => typeof each === 'string') ? item : undefined),
  whole: (item) => (Number.isSafeInteger(item) ? item : undefined),
  switch: (item) => (typeof item === 'boolean' ? item : undefined),
  time: (item) => {
    const read = typeof item === 'string' ? readGoDuration(item) : undefined;
    return typeof read === 'number' ? read : undefined;
  },
};

const EXPECTED = {
  text: 'a text',
  texts: 'a list of texts',
  whole: 'a whole number',
  switch: 'true or false',
  time: 'a duration such as "10s"',
} as const;

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Later settings go over earlier ones; lists are joined. */
export function mergeSettings(under: ConsulSettings, over: ConsulSettings): ConsulSettings {
  const joined = (key: 'start_join' | 'retry_join') => [...(under[key] ?? []), ...(over[key] ?? [])];
  return {
    ...under,
    ...over,
    autopilot: { ...under.autopilot, ...over.autopilot },
    performance: { ...under.performance, ...over.performance },
    start_join: joined('start_join'),
    retry_join: joined('retry_join'),
  };
}
