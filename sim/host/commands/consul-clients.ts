import { formatAddress } from '../../../core/address.ts';
import type { ConsulReply, RaftServers } from '../../../core/consul/interface.ts';
import type { Operation } from '../../../core/kv/operation.ts';
import type { Server } from '../../../core/raft/configuration.ts';
import { formatTags } from '../../../core/serf/tags.ts';
import { autopilotConfig, autopilotState } from './consul-autopilot.ts';
import { asks, type Client, NOWHERE, table, takesNone } from './consul-client.ts';
import { SERF_PORT } from './consul-options.ts';
import type { Sections } from './consul-request.ts';
import type { ToolApi } from './registry.ts';
import { columns } from './serf-client.ts';
import type { Flags } from './serf-flags.ts';

import { parseJoin, parsePlace } from './serf-place.ts';

/** `Unexpected response code: 500 (…)` is what the client library makes of a server's error. */
export const serverError = (error: string): string => `Unexpected response code: 500 (${error})`;

const members: Client = {
  name: 'members',
  table: table('members', { detailed: 'switch', wan: 'switch', status: 'text' }),
  check: takesNone('members'),
  request: () => ({ type: 'members' }),
  failure: { verb: 'Get', path: () => '/v1/agent/members?segment=_all', says: () => 'Error retrieving members' },
  heard(answer, flags, tool) {
    if (answer.type !== 'members') return 1;
    const pattern = flags.text('status') ?? '';
    const shown = answer.members
      .filter(({ status }) => pattern === '' || status === pattern)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const rows = shown.map(({ name, address, port, status, tags }) => {
      const tag = Object.fromEntries(tags);
      const [at, isServer] = [`${address}:${port}`, tag.role === 'consul'];
      if (flags.has('detailed')) return [name, at, status, formatTags([...tags].sort(([a], [b]) => (a < b ? -1 : 1)))];
      const rest = [tag.build ?? '', tag.vsn ?? '', tag.dc ?? '', isServer ? '<all>' : '<default>'];
      return [name, at, status, isServer ? 'server' : 'client', ...rest];
    });
    const heads = flags.has('detailed')
      ? ['Node', 'Address', 'Status', 'Tags']
      : ['Node', 'Address', 'Status', 'Type', 'Build', 'Protocol', 'DC', 'Segment'];
    tool.print(columns([heads, ...rows]));
    return 0;
  },
};

const join: Client = {
  name: 'join',
  table: table('join', { wan: 'switch' }),
  check({ operands }, complain) {
    if (operands.length === 0) complain(NOWHERE, '`consul join` needs an address: consul join 10.0.0.1');
    for (const operand of operands) {
      if (operand.exact && parseJoin(operand.text, SERF_PORT) === undefined)
        complain(operand, `\`${operand.text}\` is no address such as 10.0.0.1 or 10.0.0.1:8301; names are not looked up here`);
    }
  },
  request: ({ operands }) => ({ type: 'join', addresses: operands.map(({ text }) => text) }),
  failure: {
    verb: 'Put',
    path: ({ operands }) => `/v1/agent/join/${operands[0]?.text ?? ''}`,
    says: ({ operands }) => `Error joining address '${operands[0]?.text ?? ''}'`,
  },
  heard(answer, _flags, tool) {
    if (answer.type === 'joined') tool.print(`Successfully joined cluster by contacting ${answer.contacted} nodes.`);
    return 0;
  },
};

const leave: Client = {
  name: 'leave',
  table: table('leave'),
  check: takesNone('leave'),
  request: () => ({ type: 'leave' }),
  failure: { verb: 'Put', path: () => '/v1/agent/leave', says: () => 'Error leaving' },
  heard(_answer, _flags, tool) {
    tool.print('Graceful leave complete');
    return 0;
  },
};

const forceLeave: Client = {
  name: 'force-leave',
  table: table('force-leave', { prune: 'switch' }),
  check({ operands }, complain) {
    if (operands.length === 0) complain(NOWHERE, '`consul force-leave` needs the name of a member');
    for (const extra of operands.slice(1)) complain(extra, '`consul force-leave` takes one name, after its flags');
  },
  mentions: ({ operands }) => operands.slice(0, 1),
  request: (flags) => ({ type: 'force-leave', node: flags.operands[0]?.text ?? '', prune: flags.has('prune') }),
  failure: {
    verb: 'Put',
    path: ({ operands }) => `/v1/agent/force-leave/${operands[0]?.text ?? ''}`,
    says: () => 'Error force leaving',
  },
  heard: () => 0,
};

const info: Client = {
  name: 'info',
  table: table('info'),
  check: takesNone('info'),
  request: () => ({ type: 'info' }),
  failure: { verb: 'Get', path: () => '/v1/agent/self', says: () => 'Error querying agent' },
  heard(answer, _flags, tool) {
    if (answer.type === 'info') tool.print(sectionsText(answer.sections));
    return 0;
  },
};

const sectionsText = (sections: Sections): string =>
  sections.flatMap(([name, values]) => [`${name}:`, ...values.map(([key, value]) => `\t${key} = ${value}`)]).join('\n');

const listPeers: Client = {
  name: 'operator raft list-peers',
  table: table('operator raft list-peers', { stale: 'switch' }),
  check: takesNone('operator raft list-peers'),
  request: (flags) => asks({ type: 'configuration' }, flags.has('stale')),
  failure: {
    verb: 'Get',
    path: () => '/v1/operator/raft/configuration',
    says: () => 'Error getting peers: Failed to retrieve raft configuration',
  },
  heard(answer, _flags, tool) {
    if (answer.type !== 'consul' || !answer.reply.ok) return 1;
    const { config, leader } = answer.reply.result as RaftServers;
    const { names } = tool.host;
    const row = (isVoter: boolean) => (server: Server) => {
      const id = names.text(server.name);
      const at = `${formatAddress(names.address(server.endpoint))}:${names.port(server.endpoint)}`;
      const node = answer.members.includes(id) ? id : '(unknown)';
      return [node, id, at, server.name === leader ? 'leader' : 'follower', String(isVoter), node === id ? '3' : '<=1'];
    };
    const rows = [...config.voters.map(row(true)), ...config.learners.map(row(false))];
    tool.print(columns([['Node', 'ID', 'Address', 'State', 'Voter', 'RaftProtocol'], ...rows]));
    return 0;
  },
};

const transferLeader: Client = {
  name: 'operator raft transfer-leader',
  table: table('operator raft transfer-leader', { id: 'text', stale: 'switch' }),
  check: takesNone('operator raft transfer-leader'),
  request: (flags) => asks({ type: 'transfer', id: flags.text('id') }),
  failure: {
    verb: 'Post',
    path: (flags) => `/v1/operator/raft/transfer-leader${flags.text('id') === undefined ? '' : `?id=${flags.text('id')}`}`,
    says: () => 'Error transfering leadership: Failed to transfer leadership',
    // As it is written there: a word and no colon.
    joins: ' ',
  },
  heard(_answer, _flags, tool) {
    tool.print('Success');
    return 0;
  },
};

const removePeer: Client = {
  name: 'operator raft remove-peer',
  table: table('operator raft remove-peer', { address: 'text', id: 'text' }),
  check(flags, complain) {
    takesNone('operator raft remove-peer')(flags, complain);
    const [address, id] = [flags.words('address').at(-1), flags.words('id').at(-1)];
    if (address === undefined && id === undefined) complain(NOWHERE, 'an address or id is required for the peer to remove');
    if (address !== undefined && id !== undefined) complain(id, 'cannot give both an address and id');
    if (address?.exact && (!/:\d+$/.test(address.text) || parsePlace(address.text) === undefined))
      complain(address, `\`-address\` takes an address and a port such as 10.0.0.1:8300, not \`${address.text}\``);
  },
  request(flags, { names }) {
    const place = parsePlace(flags.text('address') ?? '');
    const address = place === undefined ? undefined : names.endpoint(place.address, place.port);
    return asks({ type: 'remove-peer', id: flags.text('id'), address });
  },
  failure: {
    verb: 'Delete',
    path: () => '/v1/operator/raft/peer',
    says: () => 'Error removing peer: Failed to remove raft peer',
  },
  heard(_answer, flags, tool) {
    const [what, text] = flags.text('id') === undefined ? ['address', flags.text('address')] : ['id', flags.text('id')];
    tool.print(`Removed peer with ${what} "${text}"`);
    return 0;
  },
};

const keyOf = ({ operands }: Flags): string => (operands[0]?.text ?? '').replace(/^\//, '');

interface KvClient {
  readonly verb: 'Get' | 'Put' | 'Delete';
  readonly operands: readonly [least: number, most: number];
  readonly operation: (key: string, value: string) => Operation;
  readonly says: (flags: Flags) => string;
  readonly print: (reply: Extract<ConsulReply, { ok: true }>, key: string, tool: ToolApi) => number;
}

const kv = (name: string, own: KvClient): Client => ({
  name: `kv ${name}`,
  table: table(`kv ${name}`, own.verb === 'Get' ? { stale: 'switch' } : {}),
  check({ operands }, complain) {
    const [least, most] = own.operands;
    if (operands.length < least) complain(NOWHERE, `\`consul kv ${name}\` needs a key`);
    for (const extra of operands.slice(most)) complain(extra, `\`consul kv ${name}\` takes no more than ${most} words`);
  },
  request: (flags) =>
    asks({ type: 'kv', operation: own.operation(keyOf(flags), flags.operands[1]?.text ?? '') }, flags.has('stale')),
  failure: { verb: own.verb, path: (flags) => `/v1/kv/${keyOf(flags)}`, says: own.says },
  heard: (answer, flags, tool) => (answer.type === 'consul' && answer.reply.ok ? own.print(answer.reply, keyOf(flags), tool) : 1),
});

const says =
  (text: string) =>
  (_reply: unknown, key: string, tool: ToolApi): number => {
    tool.print(`Success! ${text}: ${key}`);
    return 0;
  };

export const CLIENTS: readonly Client[] = [
  members,
  join,
  leave,
  forceLeave,
  info,
  listPeers,
  removePeer,
  transferLeader,
  autopilotConfig,
  autopilotState,
  kv('get', {
    verb: 'Get',
    operands: [1, 1],
    operation: (key) => ({ type: 'get', key }),
    says: () => 'Error querying Consul agent',
    print({ result }, key, tool) {
      if (typeof result === 'string') tool.print(result);
      else tool.complain(`Error! No key exists at: ${key}`);
      return typeof result === 'string' ? 0 : 1;
    },
  }),
  kv('put', {
    verb: 'Put',
    operands: [1, 2],
    operation: (key, value) => ({ type: 'put', key, value }),
    says: () => 'Error! Failed writing data',
    print: says('Data written to'),
  }),
  kv('delete', {
    verb: 'Delete',
    operands: [1, 1],
    operation: (key) => ({ type: 'delete', key }),
    says: (flags) => `Error! Did not delete key ${keyOf(flags)}`,
    print: says('Deleted key'),
  }),
];
