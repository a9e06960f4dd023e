import { textBytes } from '../gossip/gossip.ts';
import { tagsSize } from './size.ts';

/** What a member says about itself, in the order in which it was given. */
export type Tags = readonly (readonly [key: string, value: string])[];

/** memberlist has room for so much. */
const MOST_BYTES = 512;

/** Before this version of Serf's protocol a member said nothing of itself but its role. */
const TAGS_FROM = 3;

/** Tags as a member describes itself with them, and their size on the wire. @param version of Serf's protocol */
export function describeTags(tags: Tags, version: number): { readonly text: string; readonly bytes: number } {
  if (version >= TAGS_FROM) return { text: writeTags(tags), bytes: tagsSize(tags) };
  const text = tags.find(([key]) => key === 'role')?.[1] ?? '';
  return { text, bytes: textBytes(text) };
}

/** What Serf says of tags that it does not take; undefined when it does. @param version of Serf's protocol */
export function tagsProblem(tags: Tags, version = TAGS_FROM): string | undefined {
  return describeTags(tags, version).bytes > MOST_BYTES
    ? `Encoded length of tags exceeds limit of ${MOST_BYTES} bytes`
    : undefined;
}

/** Tags as the text of a description: a JSON object. */
export function writeTags(tags: Tags): string {
  return `{${tags.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
}

/** Reads what `writeTags` wrote. Any other text is that of an old agent: its role. */
export function readTags(text: string): Tags {
  const value = parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [['role', text]];
  return Object.entries(value).map(([key, item]) => [key, String(item)]);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As `serf members` prints them: `role=web,dc=a`. */
export const formatTags = (tags: Tags): string => tags.map(([key, value]) => `${key}=${value}`).join(',');
