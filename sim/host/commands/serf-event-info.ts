import { parseAddress } from '../../../core/address.ts';
import type { MemberNotice, NoticedMember } from '../../../core/serf/events.ts';

/** An event as `serf monitor` prints it: its fields as Go literals. Serf leaves their order open; here it is this one. */
export function eventInfo({ type, members }: MemberNotice): readonly string[] {
  const list = members.map(memberLiteral).join(', ');
  return ['Event Info:', `\tEvent: ${quoted(type)}`, `\tMembers: []interface {}{${list}}`];
}

function memberLiteral({ name, address, port, tags }: NoticedMember): string {
  const fields: readonly (readonly [string, string])[] = [
    ['Name', quoted(name)],
    ['Addr', bytes(address)],
    ['Port', `0x${port.toString(16)}`],
    ['Tags', map(tags.map(([key, value]) => [key, quoted(value)]))],
  ];
  return map(fields);
}

const map = (entries: readonly (readonly [key: string, literal: string])[]): string =>
  `map[interface {}]interface {}{${entries.map(([key, literal]) => `${quoted(key)}:${literal}`).join(', ')}}`;

/** JSON's escapes are Go's, but for characters that nobody puts into names. */
const quoted = (text: string): string => JSON.stringify(text);

function bytes(address: string): string {
  const value = parseAddress(address) ?? 0;
  const parts = [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
  return `[]byte{${parts.map((part) => `0x${part.toString(16)}`).join(', ')}}`;
}
