import { type Address, parseAddress } from '../../../core/address.ts';
import type { Retries, Workload } from '../../../core/kv/interface.ts';
import type { Operation } from '../../../core/kv/operation.ts';
import { MIX } from '../../../core/kv/workload.ts';
import type { ReadMode } from '../../../core/raft/interface.ts';
import { type Duration, milliseconds, seconds } from '../../../core/time.ts';
import { choiceOf, durationOf } from './kv-flags.ts';
import type { Complain } from './options.ts';
import type { Argument } from './registry.ts';
import { type FlagTable, readFlags } from './serf-flags.ts';

/** What a client of a store was told. */
export interface KvOptions {
  readonly servers: readonly Address[];
  readonly clients: number;
  readonly retries: Retries;
  readonly reads: ReadMode;
  readonly patience: Duration;
  readonly deadline: Duration;
  readonly workload: Workload;
}

const COMMON = { servers: 'text', retries: 'text', reads: 'text', patience: 'text', timeout: 'text' } as const;
const LOAD: FlagTable = {
  command: 'kv load',
  flags: { ...COMMON, clients: 'count', keys: 'count', operations: 'count', think: 'text' },
};

/** The operands of each operation, as they are told to people. */
const OPERANDS: Readonly<Record<Operation['type'], readonly string[]>> = {
  get: ['KEY'],
  put: ['KEY', 'VALUE'],
  cas: ['KEY', 'EXPECTED', 'VALUE'],
  append: ['KEY', 'VALUE'],
  delete: ['KEY'],
};
const KNOWN = [...Object.keys(OPERANDS), 'load'];

/** Reads the words after `kv`, and says what is wrong with them; undefined when it cannot be told what is meant. */
export function readClient(args: readonly Argument[], complain: Complain): KvOptions | undefined {
  const [first, ...rest] = args;
  if (first === undefined || !KNOWN.includes(first.text)) {
    complain(first ?? NOWHERE, `\`kv\` needs one of ${KNOWN.join(', ')}${first === undefined ? '' : `, not \`${first.text}\``}`);
    return undefined;
  }
  const table = first.text === 'load' ? LOAD : { command: `kv ${first.text}`, flags: COMMON };
  const flags = readFlags(table, rest, complain);
  const list = flags.words('servers').at(-1);
  if (list === undefined) complain(first, `\`${table.command}\` needs servers: -servers=10.0.0.1,10.0.0.2`);
  const servers = (list?.exact === true ? list.text.split(',') : []).flatMap((text) => {
    const address = parseAddress(text);
    if (address === undefined) complain(list as Argument, `\`${text}\` is no address such as 10.0.0.1`);
    return address === undefined ? [] : [address];
  });
  const workload = first.text === 'load' ? loadOf() : scriptOf(first, flags.operands, complain);
  if (workload === undefined || servers.length === 0) return undefined;
  return {
    servers,
    clients: first.text === 'load' ? Math.max(1, flags.count('clients') ?? 3) : 1,
    retries: choiceOf(flags, 'retries', ['safe', 'none', 'blind'], complain) ?? 'safe',
    reads: choiceOf(flags, 'reads', ['index', 'lease', 'log', 'default', 'stale'], complain) ?? 'index',
    patience: durationOf(flags, 'patience', complain) ?? milliseconds(500),
    deadline: durationOf(flags, 'timeout', complain) ?? seconds(4),
    workload,
  };

  function loadOf(): Workload {
    for (const extra of flags.operands) complain(extra, `\`kv load\` takes flags only, not \`${extra.text}\``);
    return {
      type: 'random',
      keys: Math.max(1, flags.count('keys') ?? 3),
      operations: flags.count('operations') ?? 100,
      think: durationOf(flags, 'think', complain) ?? milliseconds(50),
      mix: MIX,
    };
  }
}

function scriptOf(first: Argument, operands: readonly Argument[], complain: Complain): Workload | undefined {
  const type = first.text as Operation['type'];
  const expected = OPERANDS[type];
  if (operands.length !== expected.length) {
    complain(operands[expected.length] ?? first, `\`kv ${type}\` takes ${expected.join(' ')}`);
    return undefined;
  }
  const [key = '', second = '', third = ''] = operands.map(({ text }) => text);
  const operation: Operation =
    type === 'cas'
      ? { type, key, expected: second === '' ? null : second, value: third }
      : type === 'put' || type === 'append'
        ? { type, key, value: second }
        : { type, key };
  return { type: 'script', operations: [operation] };
}

const NOWHERE: Argument = { text: '', exact: true, line: 1, column: 1 };
