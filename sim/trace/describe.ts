import { type Address, formatAddress } from '../../core/address.ts';
import { type Duration, formatDuration, formatInstant, type Instant } from '../../core/time.ts';
import type { Meaning } from './header.ts';
import { Omitted } from './value.ts';

/** What numbers in messages and notices stand for, and how to find out. */
export interface Vocabulary {
  /** By field name, or by `type.field` where a field means another thing in that type. */
  readonly meanings: Readonly<Record<string, Meaning>>;
  name(id: number): string | undefined;
  node(node: number): string | undefined;
  endpoint(endpoint: number): { readonly address: Address; readonly port: number } | undefined;
}

/** Items of a list that are written out. */
const MOST_ITEMS = 24;
const DEEPEST = 8;
const BARE = /^[^\s"'{}[\]=,]+$/;

/**
 * Plain data as one line for people: the type first, then `field=value` in the order of the fields.
 *
 * The same data gives the same text everywhere. Numbers of names, nodes, endpoints and times are written as what they stand for, where the
 * vocabulary tells; long lists are cut and say by how much.
 */
export function describe(value: unknown, words: Vocabulary): string {
  return inList(value, undefined, words, -1);
}

/** The fields of an object without its type, as `describe` writes them. */
export function describeFields(value: object, words: Vocabulary, without: readonly string[] = ['type']): string {
  return fields(value as Record<string, unknown>, words, 0, without);
}

/** An endpoint as `10.0.1.10:7946`. */
export function describeEndpoint(endpoint: number, words: Vocabulary): string {
  const found = words.endpoint(endpoint);
  return found === undefined ? `endpoint ${endpoint}` : `${formatAddress(found.address)}:${found.port}`;
}

function any(value: unknown, meaning: Meaning | undefined, words: Vocabulary, depth: number): string {
  switch (typeof value) {
    case 'number':
      return number(value, meaning, words);
    case 'string':
      return BARE.test(value) ? value : JSON.stringify(value);
    case 'object':
      return value === null ? 'null' : object(value, meaning, words, depth);
    default:
      return String(value);
  }
}

function number(value: number, meaning: Meaning | undefined, words: Vocabulary): string {
  const whole = Number.isSafeInteger(value) && value >= 0;
  switch (whole ? meaning : undefined) {
    case 'name':
      return words.name(value) ?? String(value);
    case 'node':
      return words.node(value) ?? String(value);
    case 'endpoint':
      return describeEndpoint(value, words);
    case 'address':
      return value <= 0xff_ff_ff_ff ? formatAddress(value as Address) : String(value);
    case 'instant':
      return `${formatInstant(value as Instant)}s`;
    case 'duration':
      return formatDuration(value as Duration);
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function object(value: object, meaning: Meaning | undefined, words: Vocabulary, depth: number): string {
  if (value instanceof Omitted) return `<${value.reason}>`;
  if (depth >= DEEPEST) return '…';
  if (Array.isArray(value)) return `[${list(value, value.length, (item) => inList(item, meaning, words, depth))}]`;
  if (value instanceof Set) return `{${list(value, value.size, (item) => inList(item, meaning, words, depth))}}`;
  if (value instanceof Map) {
    const entry = ([key, item]: [unknown, unknown]) =>
      `${any(key, undefined, words, depth + 1)}: ${any(item, meaning, words, depth + 1)}`;
    return `{${list(value, value.size, entry)}}`;
  }
  if (ArrayBuffer.isView(value)) {
    const numbers = value as unknown as ArrayLike<unknown> & Iterable<unknown>;
    return `[${list(numbers, numbers.length, (item) => any(item, meaning, words, depth + 1))}]`;
  }
  return `{${plain(value as Record<string, unknown>, words, depth)}}`;
}

/** Objects that tell their type need no braces in a list, where commas hold them apart, nor by themselves. */
function inList(item: unknown, meaning: Meaning | undefined, words: Vocabulary, depth: number): string {
  if (
    typeof item !== 'object' ||
    item === null ||
    typeof (item as { type?: unknown }).type !== 'string' ||
    depth + 1 >= DEEPEST
  ) {
    return any(item, meaning, words, depth + 1);
  }
  return plain(item as Record<string, unknown>, words, depth + 1);
}

function plain(value: Record<string, unknown>, words: Vocabulary, depth: number): string {
  const { type } = value;
  if (typeof type !== 'string') return fields(value, words, depth, []);
  const rest = fields(value, words, depth, ['type']);
  return rest === '' ? type : `${type} ${rest}`;
}

function fields(value: Record<string, unknown>, words: Vocabulary, depth: number, without: readonly string[]): string {
  const { type } = value;
  const shown: string[] = [];
  for (const [key, field] of Object.entries(value)) {
    if (without.includes(key) || field === undefined) continue;
    const meaning = own(words.meanings, `${String(type)}.${key}`) ?? own(words.meanings, key);
    shown.push(`${key}=${any(field, meaning, words, depth + 1)}`);
  }
  return shown.join(' ');
}

const own = (meanings: Vocabulary['meanings'], key: string): Meaning | undefined =>
  Object.hasOwn(meanings, key) ? meanings[key] : undefined;

function list<T>(items: Iterable<T>, count: number, one: (item: T) => string): string {
  const shown: string[] = [];
  for (const item of items) {
    if (shown.length === MOST_ITEMS) break;
    shown.push(one(item));
  }
  if (count > shown.length) shown.push(`… ${count - shown.length} more`);
  return shown.join(', ');
}
