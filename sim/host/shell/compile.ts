import { assert, unreachable } from '../../../core/assert.ts';
import type { Problem } from '../commands/registry.ts';
import { parse } from './parser.ts';
import { type Assignment, exactText, type Node, type Redirect, type Word } from './syntax.ts';

/**
 * A script as a flat list, so that where it is can be saved as one number. What a `begin…` or `open…` puts on the frame's stack of
 * scopes, one later instruction takes off again.
 */
export type Instruction =
  | { readonly do: 'run'; readonly assignments: readonly Assignment[]; readonly words: readonly Word[]; readonly line: number }
  | { readonly do: 'jump'; readonly to: number }
  /** Jumps when the last status was zero, or when it was not. */
  | { readonly do: 'branch'; readonly when: 'zero' | 'non-zero'; readonly to: number }
  | { readonly do: 'status'; readonly status: number }
  | { readonly do: 'invert' }
  /** Opens files for what follows up to `close`; when that fails the status is 2 and the script goes on at `otherwise`. */
  | { readonly do: 'open'; readonly redirects: readonly Redirect[]; readonly otherwise: number }
  | { readonly do: 'close' }
  /** A stage of a pipeline, as a shell of its own: its variables do not outlive it. `exit` in it goes to `end`. */
  | { readonly do: 'begin-stage'; readonly last: boolean; readonly end: number }
  /** What the stage wrote is what the next one reads. */
  | { readonly do: 'end-stage' }
  | { readonly do: 'begin-words'; readonly words: readonly Word[] }
  /** Puts the next word into the variable, or takes the words off the stack and jumps. */
  | { readonly do: 'next-word'; readonly name: string; readonly otherwise: number }
  | { readonly do: 'match'; readonly word: Word; readonly patterns: readonly Word[]; readonly otherwise: number }
  | { readonly do: 'begin-loop' }
  /** The body has ended: its status is the loop's, unless another turn follows. */
  | { readonly do: 'keep-status' }
  | { readonly do: 'end-loop' }
  /** Takes scopes off until `depth` are left: `break` and `continue` leave what they are inside of. */
  | { readonly do: 'unwind'; readonly depth: number }
  /** Starts a job of its own with the instructions up to `end`, and goes on there. */
  | { readonly do: 'spawn'; readonly end: number };

export type Code = readonly Instruction[];

/** Texts that were compiled before: a few scripts run thousands of times. Nothing in it can change what a run does. */
const compiled = new Map<string, Code>();
const MOST_COMPILED = 1_000;

/** The instructions of a text, or what is wrong with it. */
export function translate(
  text: string,
): { readonly ok: true; readonly code: Code } | { readonly ok: false; readonly problem: Problem } {
  let code = compiled.get(text);
  if (code === undefined) {
    const parsed = parse(text);
    if (!parsed.ok) return parsed;
    if (compiled.size >= MOST_COMPILED) compiled.clear();
    code = compile(parsed.node);
    compiled.set(text, code);
  }
  return { ok: true, code };
}

/** The instructions of a text that is known to be right. */
export function codeOf(text: string): Code {
  const translated = translate(text);
  assert(translated.ok, () => `a script is run that nobody checked: ${text}`);
  return translated.code;
}

function compile(node: Node): Code {
  const compiler = new Compiler();
  compiler.node(node);
  return compiler.code;
}

/** Whether the word is `break` or `continue`, which are jumps and no commands. */
const isJump = (words: readonly Word[]): boolean => {
  const [name] = words;
  const text = name === undefined ? undefined : exactText(name);
  return text === 'break' || text === 'continue';
};

interface Loop {
  readonly type: 'while' | 'for';
  /** Scopes on the stack inside the loop. */
  readonly depth: number;
  readonly start: number;
  /** Jumps to its end, whose place is not known yet. */
  readonly leaves: number[];
}

class Compiler {
  readonly code: Instruction[] = [];
  #depth = 0;
  /** Innermost last. A stage of a pipeline hides those around it, because it is a shell of its own. */
  #loops: Loop[] = [];

  node(node: Node): void {
    switch (node.type) {
      case 'simple':
        return this.#redirected(node.redirects, () => this.#simple(node.assignments, node.words, node.line));
      case 'pipeline':
        return this.#pipeline(node.stages, node.negated);
      case 'and-or':
        this.node(node.first);
        for (const { when, node: next } of node.rest) {
          this.#forward({ do: 'branch', when: when === 'and' ? 'non-zero' : 'zero', to: 0 }, () => this.node(next));
        }
        return;
      case 'list':
        for (const { node: item, background } of node.items) {
          if (background) this.#spawn(item);
          else this.node(item);
        }
        return;
      case 'if':
        return this.#if(node.branches, node.otherwise);
      case 'while':
        return this.#while(node.until, node.condition, node.body);
      case 'for':
        return this.#for(node.name, node.words, node.body);
      case 'case':
        return this.#case(node.word, node.arms);
      case 'redirected':
        return this.#redirected(node.redirects, () => this.node(node.node));
      default:
        return unreachable(node);
    }
  }

  #simple(assignments: readonly Assignment[], words: readonly Word[], line: number): void {
    const loop = this.#loops.at(-1);
    if (!isJump(words) || loop === undefined) {
      this.code.push({ do: 'run', assignments, words, line });
      return;
    }
    this.code.push({ do: 'status', status: 0 }, { do: 'unwind', depth: loop.depth });
    if (exactText(words[0] as Word) === 'continue') {
      if (loop.type === 'while') this.code.push({ do: 'keep-status' });
      this.code.push({ do: 'jump', to: loop.start });
    } else {
      if (loop.type === 'while') this.code.push({ do: 'keep-status' });
      loop.leaves.push(this.code.length);
      this.code.push({ do: 'jump', to: 0 });
    }
  }

  #redirected(redirects: readonly Redirect[], inner: () => void): void {
    if (redirects.length === 0) return inner();
    this.#forward({ do: 'open', redirects, otherwise: 0 }, () => {
      this.#depth++;
      inner();
      this.#depth--;
      this.code.push({ do: 'close' });
    });
  }

  #pipeline(stages: readonly Node[], negated: boolean): void {
    const outer = this.#loops;
    if (stages.length === 1) {
      this.node(stages[0] as Node);
    } else {
      this.#loops = [];
      stages.forEach((stage, i) => {
        const start = this.code.length;
        this.code.push({ do: 'begin-stage', last: i === stages.length - 1, end: 0 });
        this.#depth++;
        this.node(stage);
        this.#depth--;
        this.code[start] = { do: 'begin-stage', last: i === stages.length - 1, end: this.code.length };
        this.code.push({ do: 'end-stage' });
      });
      this.#loops = outer;
    }
    if (negated) this.code.push({ do: 'invert' });
  }

  #spawn(node: Node): void {
    const outer = this.#loops;
    const depth = this.#depth;
    this.#loops = [];
    this.#depth = 0;
    const start = this.code.length;
    this.code.push({ do: 'spawn', end: 0 });
    this.node(node);
    this.code[start] = { do: 'spawn', end: this.code.length };
    this.#loops = outer;
    this.#depth = depth;
  }

  #if(branches: readonly { readonly condition: Node; readonly body: Node }[], otherwise: Node | undefined): void {
    const leaves: number[] = [];
    for (const { condition, body } of branches) {
      this.node(condition);
      this.#forward({ do: 'branch', when: 'non-zero', to: 0 }, () => {
        this.node(body);
        leaves.push(this.code.length);
        this.code.push({ do: 'jump', to: 0 });
      });
    }
    // The status of an `if` that chose nothing is zero.
    if (otherwise === undefined) this.code.push({ do: 'status', status: 0 });
    else this.node(otherwise);
    this.#land(leaves);
  }

  #while(until: boolean, condition: Node, body: Node): void {
    this.code.push({ do: 'begin-loop' });
    this.#depth++;
    const loop: Loop = { type: 'while', depth: this.#depth, start: this.code.length, leaves: [] };
    this.#loops.push(loop);
    this.node(condition);
    this.#forward({ do: 'branch', when: until ? 'zero' : 'non-zero', to: 0 }, () => {
      this.node(body);
      this.code.push({ do: 'keep-status' }, { do: 'jump', to: loop.start });
    });
    this.#loops.pop();
    this.#depth--;
    this.#land(loop.leaves);
    this.code.push({ do: 'end-loop' });
  }

  #for(name: string, words: readonly Word[], body: Node): void {
    this.code.push({ do: 'begin-words', words });
    const loop: Loop = { type: 'for', depth: this.#depth + 1, start: this.code.length, leaves: [] };
    this.#depth++;
    this.#loops.push(loop);
    const next = this.code.length;
    this.code.push({ do: 'next-word', name, otherwise: 0 });
    this.node(body);
    this.code.push({ do: 'jump', to: loop.start });
    this.#loops.pop();
    this.#depth--;
    this.#land(loop.leaves);
    // Left by `break`: the words are still on the stack.
    if (loop.leaves.length > 0) this.code.push({ do: 'unwind', depth: this.#depth });
    this.code[next] = { do: 'next-word', name, otherwise: this.code.length };
  }

  #case(word: Word, arms: readonly { readonly patterns: readonly Word[]; readonly body: Node }[]): void {
    const leaves: number[] = [];
    for (const { patterns, body } of arms) {
      this.#forward({ do: 'match', word, patterns, otherwise: 0 }, () => {
        if (body.type === 'list' && body.items.length === 0) this.code.push({ do: 'status', status: 0 });
        this.node(body);
        leaves.push(this.code.length);
        this.code.push({ do: 'jump', to: 0 });
      });
    }
    this.code.push({ do: 'status', status: 0 });
    this.#land(leaves);
  }

  /** An instruction that may jump over what follows it. */
  #forward(instruction: Extract<Instruction, { do: 'branch' | 'open' | 'match' }>, inner: () => void): void {
    const place = this.code.length;
    this.code.push(instruction);
    inner();
    const end = this.code.length;
    this.code[place] = instruction.do === 'branch' ? { ...instruction, to: end } : { ...instruction, otherwise: end };
  }

  #land(jumps: readonly number[]): void {
    for (const jump of jumps) this.code[jump] = { do: 'jump', to: this.code.length };
  }
}
