import { parseAddress } from '../address.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import type { MemberInfo } from '../serf/interface.ts';
import type { MemberStatus } from '../serf/members.ts';
import type { Tags } from '../serf/tags.ts';
import type { ConsulConfig } from './config.ts';

/** Where servers call each other, so many ports above the one for Raft. */
const RPC_OFFSET = 100;

/** A server as its tags describe it. */
export interface ServerMember {
  /** Its id in Raft's configuration. */
  readonly name: NameId;
  readonly status: MemberStatus;
  /** Where its Raft is reached. */
  readonly endpoint: Endpoint;
  readonly rpc: Endpoint;
  readonly datacenter: string;
  readonly expect: number;
  readonly bootstrap: boolean;
  readonly readReplica: boolean;
}

/** Where an agent belongs, its id, and the protocol versions that it speaks. */
const commonTags = (id: string, datacenter: string): Tags => [
  ['dc', datacenter],
  ['segment', ''],
  ['id', id],
  ['vsn', '2'],
  ['vsn_min', '2'],
  ['vsn_max', '3'],
];

/** What a server says of itself by Serf. @param raftPort where its Raft listens */
export function serverTags(id: string, raftPort: number, config: ConsulConfig): Tags {
  const { datacenter, expect, bootstrap, readReplica } = config;
  return [
    ['role', 'consul'],
    ...commonTags(id, datacenter),
    ['raft_vsn', '3'],
    ['build', BUILD],
    ['port', String(raftPort)],
    ...(bootstrap ? ([['bootstrap', '1']] as const) : []),
    ...(expect === 0 ? [] : ([['expect', String(expect)]] as const)),
    ...(readReplica ? ([['nonvoter', '1']] as const) : []),
  ];
}

/** What an agent that is no server says of itself by Serf. */
export const clientTags = (id: string, { datacenter }: Pick<ConsulConfig, 'datacenter'>): Tags => [
  ['role', 'node'],
  ...commonTags(id, datacenter),
  ['build', BUILD],
];

/** As Consul writes a server in its log: `c1 (Addr: tcp/10.0.0.1:8300) (DC: dc1)`. @param where its address and port */
export const describeServer = (member: string, where: string, { datacenter }: ServerMember): string =>
  `${member} (Addr: tcp/${where}) (DC: ${datacenter})`;

const BUILD = '1.6.2';

/** A member that is a server; undefined for one that is none, or whose tags say nothing sensible. */
export function readServer({ address, status, tags }: MemberInfo, names: Names): ServerMember | undefined {
  const tag = new Map(tags);
  const port = wholeOf(tag.get('port'));
  const expect = wholeOf(tag.get('expect') ?? '0');
  const host = parseAddress(address);
  const id = tag.get('id') ?? '';
  if (tag.get('role') !== 'consul' || host === undefined || id === '' || expect === undefined) return undefined;
  if (port === undefined || port === 0 || port + RPC_OFFSET > 0xff_ff) return undefined;
  return {
    name: names.id(id),
    status,
    endpoint: names.endpoint(host, port),
    rpc: names.endpoint(host, port + RPC_OFFSET),
    datacenter: tag.get('dc') ?? '',
    expect,
    bootstrap: tag.has('bootstrap'),
    readReplica: tag.has('nonvoter') || tag.has('read_replica'),
  };
}

export const rpcPort = (raftPort: number): number => raftPort + RPC_OFFSET;

const wholeOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
