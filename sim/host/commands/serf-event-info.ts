import { parseAddress } from '../../../core/address.ts';
import type { Versions } from '../../../core/gossip/gossip.ts';
import type { NoticedMember } from '../../../core/serf/events.ts';
import type { AgentEvent } from './serf-handler.ts';
import { sortedTags } from './serf-output.ts';

/** What `serf monitor` prints of a member beside what a notice says. */
export interface Standing {
  readonly status: string;
  readonly versions: Versions;
}

/**
 * An event as `serf monitor` prints it: its fields as Go literals. Serf leaves their order open; here it is that of their names.
 *
 * @param query the number of a query among those that this monitor was told of
 */
export function eventInfo(event: AgentEvent, query: number, standing: (name: string) => Standing): readonly string[] {
  const fields = Object.entries(fieldsOf(event, query, standing)).map(([name, literal]) => `\t${name}: ${literal}`);
  return ['Event Info:', ...fields];
}

function fieldsOf(event: AgentEvent, query: number, standing: (name: string) => Standing): Readonly<Record<string, string>> {
  const Event = quoted(event.type);
  switch (event.type) {
    case 'user':
      return {
        Coalesce: String(event.coalesce),
        Event,
        LTime: String(event.time),
        Name: quoted(event.name),
        Payload: bytesOf(event.payload),
      };
    case 'query':
      return { Event, ID: String(query), LTime: String(event.time), Name: quoted(event.name), Payload: bytesOf(event.payload) };
    default: {
      const list = event.members.map((member) => memberLiteral(member, standing(member.name))).join(', ');
      return { Event, Members: `[]interface {}{${list}}` };
    }
  }
}

/** A payload as the bytes of its UTF-8. */
function bytesOf(payload: string): string {
  if (payload === '') return '<nil>';
  return `[]byte{${[...new TextEncoder().encode(payload)].map((byte) => `0x${byte.toString(16)}`).join(', ')}}`;
}

/** Go prints the keys of a map in their order. */
function memberLiteral({ name, address, port, tags }: NoticedMember, { status, versions }: Standing): string {
  const [least, most, spoken, leastDelegate, mostDelegate, spokenDelegate] = versions.map(String);
  return map([
    ['Addr', bytes(address)],
    ['DelegateCur', spokenDelegate],
    ['DelegateMax', mostDelegate],
    ['DelegateMin', leastDelegate],
    ['Name', quoted(name)],
    ['Port', `0x${port.toString(16)}`],
    ['ProtocolCur', spoken],
    ['ProtocolMax', most],
    ['ProtocolMin', least],
    ['Status', quoted(status)],
    ['Tags', map(sortedTags(tags).map(([key, value]) => [key, quoted(value)]))],
  ]);
}

const map = (entries: readonly (readonly [key: string, literal: string | undefined])[]): string =>
  `map[interface {}]interface {}{${entries.map(([key, literal]) => `${quoted(key)}:${literal}`).join(', ')}}`;

/** JSON's escapes are Go's, but for characters that nobody puts into names. */
const quoted = (text: string): string => JSON.stringify(text);

function bytes(address: string): string {
  const value = parseAddress(address) ?? 0;
  const parts = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  return `[]uint8{${parts.map((part) => `0x${part.toString(16)}`).join(', ')}}`;
}
