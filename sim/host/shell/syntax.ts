import type { Problem } from '../commands/registry.ts';

/*
 * The part of the POSIX shell language that hosts understand (IEEE Std 1003.1, Shell Command Language): simple commands with
 * quoting, variables, assignments and redirections; pipelines; `;`, `&`, `&&`, `||`, `!`; `if`, `while`, `until`, `for`, `case`,
 * `{ … }`; comments. Substitutions, arithmetic, functions, here-documents, file name patterns and subshells are refused with
 * their place.
 */

/** Where something begins in a text, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A piece of a word; a quoted one is neither split into fields nor read as a pattern. */
export type Piece =
  | { readonly type: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly type: 'variable'; readonly name: string; readonly quoted: boolean };

export interface Word extends Place {
  readonly pieces: readonly Piece[];
}

export interface Assignment {
  readonly name: string;
  readonly value: Word;
}

/** `>`, `>>`, `<` with a file; `>&` with another descriptor. */
export type Redirect = Place &
  (
    | { readonly type: 'read' | 'write' | 'append'; readonly descriptor: 0 | 1 | 2; readonly file: Word }
    | { readonly type: 'duplicate'; readonly descriptor: 1 | 2; readonly of: 1 | 2 }
  );

export type Node =
  | (Place & {
      readonly type: 'simple';
      readonly assignments: readonly Assignment[];
      readonly words: readonly Word[];
      readonly redirects: readonly Redirect[];
    })
  | { readonly type: 'pipeline'; readonly stages: readonly Node[]; readonly negated: boolean }
  | {
      readonly type: 'and-or';
      readonly first: Node;
      readonly rest: readonly { readonly when: 'and' | 'or'; readonly node: Node }[];
    }
  | { readonly type: 'list'; readonly items: readonly { readonly node: Node; readonly background: boolean }[] }
  | {
      readonly type: 'if';
      readonly branches: readonly { readonly condition: Node; readonly body: Node }[];
      readonly otherwise: Node | undefined;
    }
  | { readonly type: 'while'; readonly until: boolean; readonly condition: Node; readonly body: Node }
  | { readonly type: 'for'; readonly name: string; readonly words: readonly Word[]; readonly body: Node }
  | {
      readonly type: 'case';
      readonly word: Word;
      readonly arms: readonly { readonly patterns: readonly Word[]; readonly body: Node }[];
    }
  /** A compound command with redirections. */
  | { readonly type: 'redirected'; readonly node: Node; readonly redirects: readonly Redirect[] };

export type Parsed = { readonly ok: true; readonly node: Node } | { readonly ok: false; readonly problem: Problem };

/** The text of a word in which nothing is to be expanded; undefined when it holds variables. */
export function exactText(word: Word): string | undefined {
  let text = '';
  for (const piece of word.pieces) {
    if (piece.type === 'variable') return undefined;
    text += piece.text;
  }
  return text;
}

/** A word as it was written, near enough for a message. */
export function written(word: Word): string {
  return word.pieces.map((piece) => (piece.type === 'text' ? piece.text : `$${piece.name}`)).join('');
}
