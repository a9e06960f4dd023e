import { type Expression, parseExpression } from '../../../core/serf/expression.ts';
import { formatTags, type Tags } from '../../../core/serf/tags.ts';

/** A member as `serf members` shows it. */
export interface MemberRow {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly status: string;
  /** In the order in which they are to be shown. */
  readonly tags: Tags;
  readonly protocol: { readonly min: number; readonly max: number; readonly version: number };
}

/** Which members `serf members` shows; each is the whole of what it is compared with. */
export interface MemberFilter {
  readonly status: Expression | undefined;
  readonly name: Expression | undefined;
  readonly tags: readonly (readonly [key: string, value: Expression])[];
}

/** Regular expressions for members, as they were typed; empty ones are none. */
export interface MemberPatterns {
  readonly status: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * As the real tool makes them: an alternation is held to the start on its left and to the end on its right only.
 *
 * @returns a text for what is wrong with one of them
 */
export function memberFilter({ status, name, tags }: MemberPatterns): MemberFilter | string {
  const entries = Object.entries(tags).map(([key, pattern]) => [key, wholeOf(pattern)] as const);
  const all = [...entries.map(([, expression]) => expression), wholeOf(status), wholeOf(name)];
  const problem = all.find((each) => typeof each === 'string');
  if (problem !== undefined) return problem as string;
  const given = (pattern: string) => (pattern === '' ? undefined : (wholeOf(pattern) as Expression));
  return { status: given(status), name: given(name), tags: entries as MemberFilter['tags'] };
}

const wholeOf = (pattern: string): Expression | string => parseExpression(`^${pattern}$`);

export function matches({ status, name, tags }: MemberFilter, row: MemberRow): boolean {
  if (status !== undefined && !status.found(row.status)) return false;
  if (name !== undefined && !name.found(row.name)) return false;
  return tags.every(([key, value]) => value.found(row.tags.find(([other]) => other === key)?.[1] ?? ''));
}

/** The rows of `serf members`: columns as wide as their widest cell, two blanks between them. Nobody at all is an empty line. */
export function memberTable(rows: readonly MemberRow[], detailed: boolean): string {
  const cells = rows.map(({ name, address, port, status, tags, protocol }) => {
    const row = [name, `${address}:${port}`, status, formatTags(tags)];
    if (!detailed) return row;
    return [...row, `Protocol Version: ${protocol.version}`, `Available Protocol Range: [${protocol.min}, ${protocol.max}]`];
  });
  const columns = cells[0]?.length ?? 0;
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...cells.map((row) => [...(row[i] ?? '')].length)));
  const lines = cells.map((row) => row.map((cell, i) => (i === columns - 1 ? cell : pad(cell, widths[i] ?? 0))).join('  '));
  return lines.join('\n').trim();
}

/** By characters, as a terminal shows them. */
const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - [...text].length));

/** By their keys, as Go prints maps. */
export const sortedTags = (tags: Tags): Tags => [...tags].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));

/** `serf members -format=json`. As Go writes JSON: what HTML would take for its own is escaped. */
export function memberJson(rows: readonly MemberRow[]): string {
  const members = rows.map(({ name, address, port, status, tags, protocol }) => ({
    name,
    addr: `${address}:${port}`,
    port,
    tags: Object.fromEntries(sortedTags(tags)),
    status,
    protocol: { max: protocol.max, min: protocol.min, version: protocol.version },
  }));
  const json = JSON.stringify({ members: members.length === 0 ? null : members }, undefined, 2);
  return json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** A line of the agent's log, in its own terminal. */
export const inTerminal = (line: string): string => `    ${line}`;

/** The levels of the log, the most talkative first. */
export const LEVELS: readonly string[] = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERR'];

/** What `serf members` prints. */
export function formattedMembers(
  rows: readonly MemberRow[],
  { json, detailed }: { readonly json: boolean; readonly detailed: boolean },
): string {
  return json ? memberJson(rows) : memberTable(rows, detailed);
}
