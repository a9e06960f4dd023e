import { parseAddress } from '../../../core/address.ts';
import type { ConsulSettings } from './consul-config.ts';
import type { Complain } from './options.ts';
import type { Argument } from './registry.ts';
import { readGoDuration } from './serf-duration.ts';
import { type FlagTable, readFlags } from './serf-flags.ts';
import { parseJoin } from './serf-place.ts';

/** Where members of the LAN gossip, and where their Rafts talk. */
export const SERF_PORT = 8301;
export const RAFT_PORT = 8300;

const AGENT: FlagTable = {
  command: 'consul agent',
  flags: {
    advertise: 'text',
    bind: 'text',
    bootstrap: 'switch',
    'bootstrap-expect': 'text',
    client: 'text',
    'config-dir': 'text',
    'config-file': 'text',
    'data-dir': 'text',
    datacenter: 'text',
    dev: 'switch',
    encrypt: 'text',
    join: 'text',
    'log-level': 'text',
    node: 'text',
    'non-voting-server': 'switch',
    'raft-protocol': 'count',
    rejoin: 'switch',
    'retry-interval': 'text',
    'retry-join': 'text',
    'retry-max': 'count',
    server: 'switch',
    ui: 'switch',
  },
  same: { 'config-dir': 'config-file' },
};

/** What `consul agent` was told on its command line. */
export interface ConsulFlags {
  readonly settings: ConsulSettings;
  /** Configuration files and directories of them, in order. */
  readonly files: readonly string[];
  readonly dev: boolean;
}

const TEXTS = {
  advertise: 'advertise_addr',
  bind: 'bind_addr',
  'data-dir': 'data_dir',
  datacenter: 'datacenter',
  encrypt: 'encrypt',
  'log-level': 'log_level',
  node: 'node_name',
} as const;

const SWITCHES = {
  bootstrap: 'bootstrap',
  'non-voting-server': 'non_voting_server',
  rejoin: 'rejoin_after_leave',
  server: 'server',
} as const;

/** Reads the words after `consul agent`. @param complain is told what is wrong with them, as far as each tells it alone */
export function readConsulFlags(args: readonly Argument[], complain: Complain): ConsulFlags {
  const flags = readFlags(AGENT, args, complain);
  for (const operand of flags.operands) complain(operand, `\`consul agent\` takes flags only, not \`${operand.text}\``);
  const expect = (flag: string, isGood: (text: string) => boolean, expected: string): void => {
    for (const word of flags.words(flag)) {
      if (word.exact && !isGood(word.text)) complain(word, `\`-${flag}\` takes ${expected}, not \`${word.text}\``);
    }
  };
  const isAddress = (text: string) => parseAddress(text) !== undefined;
  const isJoin = (text: string) => parseJoin(text, SERF_PORT) !== undefined;
  expect('bootstrap-expect', (text) => /^-?\d{1,9}$/.test(text), 'a whole number');
  expect('bind', isAddress, 'an address such as 10.0.0.1');
  expect('advertise', isAddress, 'an address such as 10.0.0.1');
  expect('join', isJoin, 'an address such as 10.0.0.1 or 10.0.0.1:8301; names are not looked up here');
  expect('retry-join', isJoin, 'an address such as 10.0.0.1 or 10.0.0.1:8301; names are not looked up here');
  expect('retry-interval', (text) => typeof readGoDuration(text) === 'number', 'a duration such as 30s');
  const expected = flags.text('bootstrap-expect');
  const interval = readGoDuration(flags.text('retry-interval') ?? '');
  const most = flags.count('retry-max');
  return {
    settings: {
      ...Object.fromEntries(Object.entries(TEXTS).flatMap(([flag, key]) => given(key, flags.text(flag)))),
      ...Object.fromEntries(
        Object.entries(SWITCHES).flatMap(([flag, key]) =>
          given(key, flags.text(flag) === undefined ? undefined : flags.has(flag)),
        ),
      ),
      ...(expected === undefined ? {} : { bootstrap_expect: Number(expected) }),
      ...(flags.text('retry-interval') === undefined || typeof interval === 'string' ? {} : { retry_interval: interval }),
      ...(most === undefined ? {} : { retry_max: most }),
      start_join: flags.texts('join'),
      retry_join: flags.texts('retry-join'),
    },
    files: flags.texts('config-file'),
    dev: flags.has('dev'),
  };
}

const given = <T>(key: string, value: T | undefined): [string, T][] => (value === undefined ? [] : [[key, value]]);
