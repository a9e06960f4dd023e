/** What a member says about itself, in the order in which it was given. */
export type Tags = readonly (readonly [key: string, value: string])[];

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
