import { closest } from '../../scenario/closest.ts';
import type { Complain } from './options.ts';
import type { Argument } from './registry.ts';
import type { AgentConfig } from './serf-config.ts';
import { readGoDuration } from './serf-duration.ts';
import { type Flags, type FlagTable, readFlags } from './serf-flags.ts';
import { handlerProblem } from './serf-handler.ts';
import { LEVELS } from './serf-output.ts';
import { DEFAULT_PORT, parseJoin, parsePlace } from './serf-place.ts';

export const TIMINGS = ['lan', 'wan', 'local'] as const;
export type Timing = (typeof TIMINGS)[number];

/** The flags of `serf agent`. */
export const AGENT: FlagTable = {
  command: 'serf agent',
  flags: {
    node: 'text',
    bind: 'text',
    advertise: 'text',
    iface: 'text',
    discover: 'text',
    'mdns-iface': 'text',
    'mdns-disable-ipv4': 'switch',
    'mdns-disable-ipv6': 'switch',
    join: 'text',
    'retry-join': 'text',
    'retry-interval': 'text',
    'retry-max': 'count',
    replay: 'switch',
    rejoin: 'switch',
    snapshot: 'text',
    profile: 'text',
    protocol: 'count',
    'event-handler': 'text',
    tag: 'text',
    role: 'text',
    'tags-file': 'text',
    encrypt: 'text',
    'keyring-file': 'text',
    'config-file': 'text',
    'config-dir': 'text',
    'broadcast-timeout': 'text',
    'disable-compression': 'switch',
    'rpc-addr': 'text',
    'log-level': 'text',
    syslog: 'switch',
  },
  // Either takes both files and directories.
  same: { 'config-dir': 'config-file' },
};

/** Oldest and newest version of Serf's protocol. */
export const PROTOCOLS = [2, 5] as const;

/** What `serf agent` was told on its command line. */
export interface AgentFlags {
  readonly config: AgentConfig;
  /** Configuration files and directories of them, in order. */
  readonly files: readonly string[];
}

/**
 * Reads the words after `serf agent`.
 *
 * @param complain is told of flags that nobody knows, and of values that no flag of their kind can have
 * @returns a text for what the agent itself says about a value
 */
export function readAgentFlags(args: readonly Argument[], complain: Complain): AgentFlags | string {
  const flags = readFlags(AGENT, args, complain);
  const tags = tagsOf(flags.texts('tag'));
  if (typeof tags === 'string') return tags;
  const durations = ['retry-interval', 'broadcast-timeout'].map((flag) => readGoDuration(flags.text(flag) || '0'));
  const invalid = durations.find((read) => typeof read === 'string');
  if (invalid !== undefined) return `Error: ${invalid}`;
  const [retryInterval = 0, broadcastTimeout = 0] = durations as readonly number[];
  const mdns = flags.text('mdns-iface');
  return {
    config: {
      ...texts(flags),
      ...switches(flags),
      ...(flags.has('disable-compression') ? { enable_compression: false } : {}),
      ...(retryInterval === 0 ? {} : { retry_interval: retryInterval }),
      ...(broadcastTimeout === 0 ? {} : { broadcast_timeout: broadcastTimeout }),
      protocol: flags.count('protocol') ?? 0,
      retry_max_attempts: flags.count('retry-max') ?? 0,
      start_join: flags.texts('join'),
      retry_join: flags.texts('retry-join'),
      event_handlers: flags.texts('event-handler'),
      tags,
      mdns: {
        ...(mdns === undefined ? {} : { interface: mdns }),
        disable_ipv4: flags.has('mdns-disable-ipv4'),
        disable_ipv6: flags.has('mdns-disable-ipv6'),
      },
    },
    files: flags.texts('config-file'),
  };
}

const TEXTS = {
  node: 'node_name',
  bind: 'bind',
  advertise: 'advertise',
  iface: 'interface',
  discover: 'discover',
  snapshot: 'snapshot_path',
  profile: 'profile',
  role: 'role',
  'tags-file': 'tags_file',
  encrypt: 'encrypt_key',
  'keyring-file': 'keyring_file',
  'rpc-addr': 'rpc_addr',
  'log-level': 'log_level',
} as const;

const SWITCHES = { replay: 'replay_on_join', rejoin: 'rejoin_after_leave', syslog: 'enable_syslog' } as const;

const texts = (flags: Flags): AgentConfig =>
  Object.fromEntries(Object.entries(TEXTS).flatMap(([flag, key]) => (flags.text(flag) ? [[key, flags.text(flag)]] : [])));

const switches = (flags: Flags): AgentConfig =>
  Object.fromEntries(Object.entries(SWITCHES).flatMap(([flag, key]) => (flags.has(flag) ? [[key, true]] : [])));

/** Tags as flags give them: `key=value`. @returns a text for what Serf says about one that is none */
export function tagsOf(texts: readonly string[]): Readonly<Record<string, string>> | string {
  const tags: Record<string, string> = {};
  for (const text of texts) {
    const split = text.indexOf('=');
    if (split < 1) return `Error: Invalid tag: '${text}'`;
    tags[text.slice(0, split)] = text.slice(split + 1);
  }
  return tags;
}

/** What is wrong with the words after `serf agent`, as far as can be told from each of them alone. */
export function checkAgentFlags(args: readonly Argument[], complain: Complain): Flags {
  const flags = readFlags(AGENT, args, complain);
  for (const operand of flags.operands) complain(operand, `\`serf agent\` takes flags only, not \`${operand.text}\``);
  const expect = (flag: string, isGood: (text: string) => boolean, expected: string): void => {
    for (const word of flags.words(flag)) {
      if (word.exact && !isGood(word.text)) complain(word, `\`-${flag}\` takes ${expected}, not \`${word.text}\``);
    }
  };
  const expectOneOf = (flag: string, choices: readonly string[], read: (text: string) => string): void => {
    for (const word of flags.words(flag)) {
      if (!word.exact || choices.includes(read(word.text))) continue;
      const meant = closest(word.text, choices);
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      complain(word, `\`-${flag}\` takes ${choices.join(', ')}, not \`${word.text}\`${hint}`);
    }
  };
  const where = 'an address such as 10.0.0.1 or 10.0.0.1:7946';
  const dialled = `${where}; names are not looked up here`;
  const isPlace = (text: string) => parsePlace(text) !== undefined;
  const isJoin = (text: string) => parseJoin(text, DEFAULT_PORT) !== undefined;
  const isDuration = (text: string) => typeof readGoDuration(text) === 'number';
  expect('node', (text) => text !== '', 'a name');
  expect('discover', (text) => text !== '', 'the name of a cluster');
  expect('bind', isPlace, where);
  expect('advertise', isPlace, where);
  expect('join', isJoin, dialled);
  expect('retry-join', isJoin, dialled);
  expect('rpc-addr', (text) => rpcPlace(text) !== undefined, 'an address and a port such as 127.0.0.1:7373');
  expect('tag', (text) => text.indexOf('=') > 0, 'KEY=VALUE');
  expect('retry-interval', isDuration, 'a duration such as 30s');
  expect('broadcast-timeout', isDuration, 'a duration such as 30s');
  const [oldest, newest] = PROTOCOLS;
  const isVersion = (text: string) => Number(text) >= oldest && Number(text) <= newest;
  expect('protocol', isVersion, `a version from ${oldest} to ${newest}`);
  expectOneOf('profile', TIMINGS, (text) => text);
  expectOneOf('log-level', LEVELS, (text) => text.toUpperCase());
  for (const word of flags.words('event-handler')) {
    const problem = word.exact ? handlerProblem(word.text) : undefined;
    if (problem !== undefined) complain(word, problem);
  }
  return flags;
}

/** Where an agent listens for commands: the port must be given. */
export const rpcPlace = (text: string) => (/:\d+$/.test(text) ? parsePlace(text) : undefined);
