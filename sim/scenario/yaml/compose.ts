import { Composer, type Document, isScalar, type Node, Parser } from 'yaml';
import { DEPTH_LIMIT } from './limits.ts';

/** Says that something is wrong between two offsets. */
export type Complain = (start: number, end: number, message: string, hint?: string) => void;

/**
 * The root of a text's one YAML document.
 *
 * @returns undefined, after complaints, when anything leaves its structure in doubt
 */
export function compose(text: string, complain: Complain): Node | undefined {
  const tokens = [...new Parser().parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) {
    complain(
      deep,
      deep + 1,
      `The file nests deeper than ${DEPTH_LIMIT} levels.`,
      'No scenario needs that; look for a bracket that is never closed.',
    );
    return undefined;
  }
  const options = { version: '1.2', schema: 'core', uniqueKeys: false, strict: true } as const;
  const [document, second] = new Composer(options).compose(tokens, true, text.length);
  if (document === undefined || isDamaged(document, second, complain)) return undefined;
  const root = document.contents;
  if (root === null || (isScalar(root) && root.value === null)) {
    complain(0, 1, 'The file is empty.', 'A scenario has at least `network` and `hosts`.');
    return undefined;
  }
  return root;
}

function isDamaged(
  document: Pick<Document.Parsed, 'errors' | 'directives'>,
  second: { readonly range: readonly number[] } | undefined,
  complain: Complain,
): boolean {
  let damaged = false;
  const say: Complain = (...complaint) => {
    damaged = true;
    complain(...complaint);
  };
  for (const { code, message, pos } of document.errors) {
    const [says, hint] = SYNTAX[code] ?? [`${message.replace(/\.$/, '')}.`, undefined];
    say(pos[0], pos[1], says, hint);
  }
  const start = second?.range[0];
  if (start !== undefined)
    say(start, start + 3, 'A second document begins here, and a scenario is one.', 'Put it into a file of its own.');
  const { explicit, version } = document.directives.yaml;
  if (explicit === true && version !== '1.2')
    say(0, 1, `Scenarios are YAML 1.2, and the file says %YAML ${version}.`, 'Take the directive away.');
  return damaged;
}

/** What the parser's complaints mean to people: the problem and the way out. */
const SYNTAX: Readonly<Record<string, readonly [string, string]>> = {
  TAB_AS_INDENT: ['A tab cannot indent YAML.', 'Use spaces.'],
  MULTILINE_IMPLICIT_KEY: ['This looks like a key, but no colon follows it on its line.', 'Write `key: value`.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'A second `key:` begins on this line.',
    'Put it on a line of its own, or the value in quotes if the colon belongs to it.',
  ],
  BAD_SCALAR_START: ['A plain value cannot begin with this character.', 'Put the value in quotes.'],
  BAD_ALIAS: [
    'An asterisk at the beginning of a value makes it an alias, and this one has no name.',
    'Put the value in quotes if the asterisk belongs to it.',
  ],
};

/**
 * The offset at which a file nests too deeply, found without recursion: composing it would overflow the stack, and the stack is not
 * all that breaks then.
 */
function tooDeep(tokens: Iterable<unknown>): number | undefined {
  const pending: { readonly token: Token; readonly depth: number; readonly offset: number }[] = [];
  const visit = (token: unknown, depth: number, above: number) => {
    if (typeof token === 'object' && token !== null) pending.push({ token, depth, offset: (token as Token).offset ?? above });
  };
  for (const token of tokens) visit(token, 0, 0);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { token, depth, offset } = next;
    if (depth > DEPTH_LIMIT) return offset;
    visit(token.key, depth, offset);
    visit(token.value, depth, offset);
    if (Array.isArray(token.items)) for (const item of token.items) visit(item, depth + 1, offset);
  }
  return undefined;
}

interface Token {
  readonly offset?: number;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly items?: unknown;
}
