import { z } from 'zod';
import { oneOrMore, quote } from './field.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

function nameSays(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean')
    return `Expected a name, got ${quote(value)}.\nPut it in quotes: "${value}".`;
  if (typeof value !== 'string') return `Expected a name, got ${quote(value)}.`;
  return `${quote(value)} cannot be a name.\nA name has letters, digits, dots, dashes and underscores, begins with a letter or digit, and has at most 128 characters.`;
}

/** The name of a host, router, segment or switch. */
export const name = z
  .string({ error: (issue) => nameSays(issue.input) })
  .refine((text) => NAME.test(text), { error: (issue) => nameSays(issue.input) })
  .meta({ pattern: NAME.source });

/** Text that is not empty. */
export const text = z
  .string({ error: (issue) => textSays(issue.input) })
  .refine((value) => value.trim() !== '', { error: () => 'Expected text, got nothing.' })
  .meta({ minLength: 1 });

const textSays = (value: unknown): string =>
  typeof value === 'number' || typeof value === 'boolean'
    ? `Expected text, got ${quote(value)}.\nPut it in quotes: "${value}".`
    : `Expected text, got ${quote(value)}.`;

function patternSays(value: unknown): string {
  if (typeof value !== 'string') return textSays(value);
  return `${quote(value)} is no regular expression.\nPut a backslash before characters that stand for themselves.`;
}

/** A regular expression that compiles. */
export const pattern = z
  .string({ error: (issue) => patternSays(issue.input) })
  .refine(compiles, { error: (issue) => patternSays(issue.input) })
  .meta({ format: 'regex' });

function compiles(source: string): boolean {
  try {
    return new RegExp(source, 'mu') instanceof RegExp;
  } catch {
    return false;
  }
}

/** Hosts: a name, a list of names, or `all`. */
export const who = oneOrMore(name);
