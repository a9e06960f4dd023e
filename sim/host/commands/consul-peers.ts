import type { Names } from '../../../core/names.ts';
import { type Configuration, configuration, type Server } from '../../../core/raft/configuration.ts';
import { readJson } from './serf-json.ts';
import { parsePlace } from './serf-place.ts';

/** What is written beside Raft's files at the first start, so that a peers.json from before an upgrade is not taken for an order. */
export const PEERS_INFO = `peers.json is read when this server starts, and recovers a cluster that lost its majority for good.
It lists the servers that are to go on: [ { "id": "NODE", "address": "10.1.0.1:8300", "non_voter": false } ]
Stop all servers, put the same file beside this one on each that is left, and start them.
`;

/** Reads peers.json of Raft protocol 3: an array of servers. @returns a text for what is wrong with it */
export function readPeers(text: string, names: Names): Configuration | string {
  const json = readJson(text, 'whole');
  if (!json.ok) return json.error;
  const list: unknown = JSON.parse(text);
  if (!Array.isArray(list)) return 'expected an array of servers';
  const voters: Server[] = [];
  const learners: Server[] = [];
  const ids = new Set<string>();
  const addresses = new Set<string>();
  for (const item of list as readonly unknown[]) {
    const { id, address, non_voter = false } = (typeof item === 'object' && item !== null ? item : {}) as Entry;
    if (typeof id !== 'string' || id === '') return `empty ID in configuration: ${JSON.stringify(item)}`;
    if (typeof address !== 'string' || address === '') return `empty address in configuration: ${JSON.stringify(item)}`;
    const place = /:\d+$/.test(address) ? parsePlace(address) : undefined;
    if (place === undefined) return `${address} is no address such as 10.1.0.1:8300`;
    if (ids.has(id)) return `found duplicate ID in configuration: ${id}`;
    if (addresses.has(address)) return `found duplicate address in configuration: ${address}`;
    ids.add(id);
    addresses.add(address);
    const server: Server = { name: names.id(id), endpoint: names.endpoint(place.address, place.port) };
    (non_voter === true ? learners : voters).push(server);
  }
  return voters.length === 0 ? 'need at least one voter in configuration' : configuration({ voters, learners });
}

interface Entry {
  readonly id?: unknown;
  readonly address?: unknown;
  readonly non_voter?: unknown;
}
