import type { z } from 'zod';
import { type Path, suggest } from './problem.ts';
import { KNOWN_KEYS, quote, splitSays } from './schema/field.ts';
import type { Part } from './yaml/places.ts';

/** A mistake against the schema. */
export interface Finding {
  /** What it is about: the wrong value, the unknown key, or the place of the missing one. */
  readonly path: Path;
  readonly part: Part;
  readonly message: string;
  readonly hint?: string;
  /** `missing`: keys of which one would make it whole. */
  readonly missing?: readonly string[];
}

type Issue = z.core.$ZodIssue;

/** What the schema's complaints mean to people, in the order of the file's keys as far as the schema has one. */
export function findingsOf(issues: readonly Issue[], value: unknown): readonly Finding[] {
  return issues.flatMap((issue) => findings(issue, [], value));
}

function findings(issue: Issue, base: Path, value: unknown): Finding[] {
  const path: Path = [...base, ...(issue.path as (string | number)[])];
  const here = valueAt(value, path);
  if (here === undefined && path.length > 0) return [missing(path.slice(0, -1), [String(path.at(-1))])];
  switch (issue.code) {
    case 'unrecognized_keys':
      return unknownKeys(path, issue.keys, issue.message.slice(KNOWN_KEYS.length).split(' '));
    case 'invalid_key': {
      const says = issue.issues[0]?.message ?? 'This cannot be a name.';
      return [{ path, part: 'key', ...splitSays(says) }];
    }
    case 'invalid_union':
      if (issue.errors.length > 0 && issue.message === 'Invalid input') return alternatives(issue.errors, path, value);
      if (issue.errors.length === 0) return [oneOf(path, here, optionsOf(issue))];
      return [{ path, part: 'value', ...splitSays(issue.message) }];
    case 'invalid_value':
      return [oneOf(path, here, issue.values.map(String))];
    case 'invalid_type':
      if (!issue.message.startsWith('Invalid')) return [{ path, part: 'value', ...splitSays(issue.message) }];
      return [{ path, part: 'value', message: `Expected ${KINDS[issue.expected] ?? issue.expected}, got ${quote(here)}.` }];
    case 'too_small':
      if (issue.message.startsWith('Expected')) return [{ path, part: 'value', ...splitSays(issue.message) }];
      return [
        { path, part: 'value', message: `Expected at least ${issue.minimum} ${issue.minimum === 1 ? 'entry' : 'entries'}.` },
      ];
    default:
      return [{ path, part: 'value', ...splitSays(issue.message) }];
  }
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
};

const optionsOf = (issue: Issue): readonly string[] =>
  'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];

const MANY = 20;

function oneOf(path: Path, value: unknown, options: readonly string[]): Finding {
  const expected = options.length === 1 ? `Expected ${options[0]}` : `Expected one of ${options.join(', ')}`;
  const near = typeof value === 'string' ? suggest(value, options, 'values') : undefined;
  const isNear = near?.startsWith('Did') === true;
  // Where there are many, what was probably meant says more than all of them.
  const brief = isNear && options.length > MANY ? `Expected one of ${options.length} words` : expected;
  return {
    path,
    part: 'value',
    message: `${brief}, got ${quote(value)}.`,
    ...(isNear ? { hint: near } : {}),
  };
}

function unknownKeys(path: Path, keys: readonly string[], known: readonly string[]): Finding[] {
  return keys.map((key) => {
    const hint = suggest(key, known, 'keys');
    return {
      path: [...path, key],
      part: 'key' as const,
      message: `Unknown key ${key}.`,
      ...(hint === undefined ? {} : { hint }),
    };
  });
}

function missing(path: Path, keys: readonly string[]): Finding {
  const message = keys.length === 1 ? `The key ${keys[0]} is missing.` : `Expected one of ${keys.join(', ')}.`;
  return { path, part: 'key', message, missing: keys };
}

/**
 * The complaints of the alternative that was most likely meant: the one with the fewest missing and unknown keys. Where several are
 * equally likely, what they have to say about keys is put together.
 */
function alternatives(errors: readonly (readonly Issue[])[], path: Path, value: unknown): Finding[] {
  const here = valueAt(value, path);
  const scores = errors.map((issues) => score(issues, here));
  const least = Math.min(...scores);
  const likely = errors.filter((_, branch) => scores[branch] === least);
  if (least >= MISMATCH) return [mismatch(likely, path, value)];
  const best = likely[0] as readonly Issue[];
  const known = [...new Set(likely.flatMap((issues) => issues.flatMap(knownKeys)))];
  const absent = [...new Set(likely.flatMap((issues) => issues.flatMap((issue) => absentKey(issue, here))))];
  const unknown = best.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? unknownKeys(path, issue.keys, known) : [],
  );
  const meant = new Set(unknown.map(({ hint }) => /^Did you mean (.*)\?$/.exec(hint ?? '')?.[1]));
  const others = best.filter(
    (issue) => absentKey(issue, here).length === 0 && !(issue.code === 'unrecognized_keys' && issue.path.length === 0),
  );
  return [
    ...others.flatMap((issue) => findings(issue, path, value)),
    ...unknown,
    // A key that was only mistyped is not missing besides.
    ...(absent.length === 0 || absent.some((key) => meant.has(key)) ? [] : [missing(path, absent)]),
  ];
}

const MISMATCH = 1_000;

const score = (issues: readonly Issue[], here: unknown): number => issues.reduce((sum, issue) => sum + weight(issue, here), 0);

function weight(issue: Issue, here: unknown): number {
  if (issue.path.length === 0) {
    if (issue.code === 'unrecognized_keys') return 10 * issue.keys.length;
    if (issue.code === 'invalid_type' || issue.code === 'invalid_value') return MISMATCH;
    if (issue.code === 'invalid_union') return Math.min(MISMATCH, ...issue.errors.map((each) => score(each, here)));
    return 5;
  }
  return absentKey(issue, here).length > 0 ? 10 : 1;
}

function knownKeys(issue: Issue): readonly string[] {
  return issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.message.slice(KNOWN_KEYS.length).split(' ') : [];
}

function absentKey(issue: Issue, here: unknown): readonly string[] {
  const key = issue.path[0];
  return issue.path.length === 1 && typeof key === 'string' && valueAt(here, [key]) === undefined ? [key] : [];
}

/** No alternative takes a value of this kind at all. */
function mismatch(branches: readonly (readonly Issue[])[], path: Path, value: unknown): Finding {
  const own = branches.flat().find((issue) => issue.path.length === 0 && !issue.message.startsWith('Invalid'));
  if (own !== undefined) return { path, part: 'value', ...splitSays(own.message) };
  const expected = branches.flat().flatMap((issue) => {
    if (issue.path.length > 0) return [];
    if (issue.code === 'invalid_value') return issue.values.map(String);
    return issue.code === 'invalid_type' ? [KINDS[issue.expected] ?? issue.expected] : [];
  });
  return { path, part: 'value', message: `Expected ${[...new Set(expected)].join(' or ')}, got ${quote(valueAt(value, path))}.` };
}

/** The value at a path; undefined where there is none. */
export function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<string | number, unknown>)[step];
  }
  return at;
}
