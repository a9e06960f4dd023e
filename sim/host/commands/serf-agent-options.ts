import { type Address, ANY, formatAddress, isPrivate, parseAddress } from '../../../core/address.ts';
import { type Duration, seconds } from '../../../core/time.ts';
import { closest } from '../../scenario/closest.ts';
import type { HostInterface } from '../program.ts';
import type { Complain } from './options.ts';
import type { Argument, CheckContext } from './registry.ts';
import { type FlagTable, readFlags } from './serf-flags.ts';
import { type Handler, parseHandlers } from './serf-handler.ts';
import { LEVELS } from './serf-output.ts';

/** Where members listen unless told otherwise. */
export const DEFAULT_PORT = 7946;

/** An address as flags give it; without a port the default is meant. */
export interface Place {
  readonly address: Address;
  readonly port: number;
}

export const PROFILES = ['lan', 'wan', 'local'] as const;
export type Profile = (typeof PROFILES)[number];

/** What `serf agent` was told. */
export interface AgentOptions {
  readonly node: string | undefined;
  readonly bind: Place;
  readonly advertise: Place | undefined;
  readonly interface: string | undefined;
  readonly discover: string | undefined;
  readonly join: readonly string[];
  readonly retryJoin: readonly string[];
  readonly retryInterval: Duration;
  /** Attempts after the first; 0 for ever. */
  readonly retryMax: number;
  readonly replay: boolean;
  readonly profile: Profile;
  readonly handlers: readonly Handler[];
  readonly tags: readonly (readonly [key: string, value: string])[];
  readonly protocol: number;
  readonly level: string;
}

const AGENT: FlagTable = {
  command: 'serf agent',
  flags: {
    node: 'text',
    bind: 'text',
    advertise: 'text',
    iface: 'text',
    discover: 'text',
    join: 'text',
    'retry-join': 'text',
    'retry-interval': 'duration',
    'retry-max': 'count',
    replay: 'switch',
    profile: 'text',
    'event-handler': 'text',
    tag: 'text',
    role: 'text',
    protocol: 'count',
    'log-level': 'text',
  },
  absent: [
    'broadcast-timeout',
    'config-dir',
    'config-file',
    'disable-compression',
    'encrypt',
    'keyring-file',
    'mdns-disable-ipv4',
    'mdns-disable-ipv6',
    'mdns-iface',
    'rejoin',
    'rpc-addr',
    'rpc-auth',
    'snapshot',
    'syslog',
    'tags-file',
  ],
};

const LEAST_RETRY = seconds(1);
const OLDEST_PROTOCOL = 2;
const NEWEST_PROTOCOL = 5;

/** Reads the words after `serf agent`. What is wrong is told, and stands in the result as if it had not been given. */
export function readAgent(args: readonly Argument[], complain: Complain): AgentOptions {
  const flags = readFlags(AGENT, args, complain);
  for (const operand of flags.operands) complain(operand, `\`serf agent\` takes flags only, not \`${operand.text}\``);

  const good = <T>(flag: string, read: (text: string) => T | undefined, expected: string): T[] =>
    flags.words(flag).flatMap((word) => {
      if (!word.exact) return [];
      const value = read(word.text);
      if (value !== undefined) return [value];
      complain(word, `\`-${flag}\` takes ${expected}, not \`${word.text}\``);
      return [];
    });
  const oneOf = <T extends string>(flag: string, choices: readonly T[], read: (text: string) => string): T | undefined =>
    flags
      .words(flag)
      .flatMap((word) => {
        if (!word.exact) return [];
        const chosen = choices.find((choice) => choice === read(word.text));
        if (chosen !== undefined) return [chosen];
        const meant = closest(word.text, choices);
        const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
        complain(word, `\`-${flag}\` takes ${choices.join(', ')}, not \`${word.text}\`${hint}`);
        return [];
      })
      .at(-1);

  const where = 'an address such as 10.0.0.1 or 10.0.0.1:7946';
  const dialled = `${where}; names are not looked up here`;
  const place = (text: string) => parsePlace(text);
  const address = (text: string) => (parseJoin(text, DEFAULT_PORT) === undefined ? undefined : text);
  const role = flags.text('role');
  const tags = good('tag', parseTag, 'KEY=VALUE');
  return {
    node: good('node', (text) => (text === '' ? undefined : text), 'a name').at(-1),
    bind: good('bind', place, where).at(-1) ?? { address: ANY, port: DEFAULT_PORT },
    advertise: good('advertise', place, where).at(-1),
    interface: flags.text('iface'),
    discover: good('discover', (text) => (text === '' ? undefined : text), 'the name of a cluster').at(-1),
    join: good('join', address, dialled),
    retryJoin: good('retry-join', address, dialled),
    retryInterval: Math.max(flags.duration('retry-interval') ?? seconds(30), LEAST_RETRY) as Duration,
    retryMax: flags.count('retry-max') ?? 0,
    replay: flags.has('replay'),
    profile: oneOf('profile', PROFILES, (text) => text) ?? 'lan',
    handlers: flags.words('event-handler').flatMap((word) => handlersOf(word, complain)),
    tags: role === undefined ? tags : [...tags.filter(([key]) => key !== 'role'), ['role', role]],
    protocol: good('protocol', protocolOf, `a version from ${OLDEST_PROTOCOL} to ${NEWEST_PROTOCOL}`).at(-1) ?? NEWEST_PROTOCOL,
    level: oneOf('log-level', LEVELS, (text) => text.toUpperCase()) ?? 'INFO',
  };
}

/** What is wrong with the words after `serf agent`, on this host. */
export function checkAgent(args: readonly Argument[], { host, problem, script }: CheckContext): void {
  readAgent(args, problem);
  const flags = readFlags(AGENT, args, () => undefined);
  for (const word of flags.words('iface')) {
    const known = host.interfaces.map(({ name }) => name);
    if (!word.exact || known.includes(word.text)) continue;
    problem(word, `${host.name} has no interface \`${word.text}\`; it has ${known.length === 0 ? 'none' : known.join(', ')}`);
  }
  for (const word of flags.words('event-handler')) {
    const handlers = word.exact ? parseHandlers(word.text) : [];
    const scripts = typeof handlers === 'string' ? [] : handlers.map((handler) => handler.script);
    for (const text of new Set(scripts)) script(text, word);
  }
}

function handlersOf(word: Argument, complain: Complain): readonly Handler[] {
  if (!word.exact) return [];
  const handlers = parseHandlers(word.text);
  if (typeof handlers !== 'string') return handlers;
  complain(word, handlers);
  return [];
}

function protocolOf(text: string): number | undefined {
  const version = Number(text);
  return version >= OLDEST_PROTOCOL && version <= NEWEST_PROTOCOL ? version : undefined;
}

function parseTag(text: string): readonly [string, string] | undefined {
  const split = text.indexOf('=');
  return split > 0 ? [text.slice(0, split), text.slice(split + 1)] : undefined;
}

/** `10.0.0.1`, `10.0.0.1:7946` or `:7946`. */
function parsePlace(text: string, port = DEFAULT_PORT): Place | undefined {
  const [, host = '', given] = /^([^:]*)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === '' && given === undefined) return undefined;
  const address = host === '' ? ANY : parseAddress(host);
  const number = given === undefined ? port : Number(given);
  return address === undefined || number < 1 || number > 0xff_ff ? undefined : { address, port: number };
}

/** An address to join: as above, and before it the member's name and a slash, or nothing. */
export const parseJoin = (text: string, port: number): Place | undefined => parsePlace(text.replace(/^[^/]*\//, ''), port);

/** Where an agent binds, and where it tells the others to reach it. */
export interface Placement {
  readonly bind: Place;
  readonly advertise: Place;
  /** Bytes of the advertised address on the wire. */
  readonly addressBytes: 4 | 16;
  /** Said when the address was picked from an interface. */
  readonly picked: string | undefined;
}

/** An agent has no addresses to run at. */
export interface NoPlacement {
  /** What the real agent says, line by line. */
  readonly says: readonly string[];
}

/**
 * Finds an agent's addresses as the real one does. Bound to no address in particular it takes that of `-iface`; else it advertises the
 * first private address (RFC 1918), in the order of the interfaces.
 */
export function placementOf(options: AgentOptions, interfaces: readonly HostInterface[]): Placement | NoPlacement {
  let { bind } = options;
  let picked: string | undefined;
  if (options.interface !== undefined) {
    const found = interfaces.find(({ name }) => name === options.interface);
    if (found === undefined) return nowhere('Invalid network interface: route ip+net: no such network interface');
    const [first] = found.addresses;
    if (first === undefined) return nowhere(`Interface '${found.name}' has no addresses`);
    if (bind.address === ANY) {
      bind = { ...bind, address: first.address };
      picked = `Using interface '${found.name}' address '${formatAddress(first.address)}'`;
    } else if (!found.addresses.some(({ address }) => address === bind.address)) {
      return nowhere(`Interface '${found.name}' has no '${formatAddress(bind.address)}' address`);
    }
  }
  const { advertise } = options;
  if (advertise !== undefined && advertise.address !== ANY) return { bind, advertise, addressBytes: 4, picked };
  if (bind.address !== ANY) return { bind, advertise: bind, addressBytes: 4, picked };
  const all = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  const address = all.find(isPrivate);
  if (address === undefined) return nowhere('Starting Serf agent...', `${NO_MEMBERLIST}: ${NO_PRIVATE}`);
  return { bind, advertise: { address, port: bind.port }, addressBytes: 16, picked };
}

/** What stands before the reason when memberlist does not start. */
export const NO_MEMBERLIST = 'Failed to start the Serf agent: Error creating Serf: Failed to create memberlist';
const NO_PRIVATE = 'Failed to get final advertise address: No private IP address found, and explicit IP not provided';

const nowhere = (...says: readonly string[]): NoPlacement => ({ says: says.map((line) => `==> ${line}`) });
