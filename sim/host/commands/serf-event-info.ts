import { parseAddress } from '../../../core/address.ts';
import type { Versions } from '../../../core/gossip/gossip.ts';
import type { MemberNotice, NoticedMember } from '../../../core/serf/events.ts';
import { sortedTags } from './serf-output.ts';

/** What `serf monitor` prints of a member beside what a notice says. */
export interface Standing {
  readonly status: string;
  readonly versions: Versions;
}

/** An event as `serf monitor` prints it: its fields as Go literals. Serf leaves their order open; here it is this one. */
export function eventInfo({ type, members }: MemberNotice, standing: (name: string) => Standing): readonly string[] {
  const list = members.map((member) => memberLiteral(member, standing(member.name))).join(', ');
  return ['Event Info:', `\tEvent: ${quoted(type)}`, `\tMembers: []interface {}{${list}}`];
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
